//! A partner that is written to, and writes to us, in JWE (RFC 7516).

use std::collections::BTreeMap;

use countersign::base::encoding::from_base64url;
use countersign::base::{SystemEntropy, Timestamp};
use countersign::keys::{
    EncryptionKey, KeyPair, KeyRing, Kind, MasterKey, Sealer, Turning, Usage,
    jwe::{encrypt, looks_encrypted},
};
use countersign::protocol::encryption::Encryption;
use countersign::protocol::words::{ContentEncryption, EncryptionAlg};
use serde_json::Value;

use crate::harness::Op;
use crate::relying_party::jwks;

pub struct Recipient {
    ring: KeyRing,
    /// Its public key, as it is registered.
    pub jwk: Value,
}

impl Recipient {
    pub fn new(kind: Kind) -> Self {
        let sealer = Sealer::new(vec![MasterKey::generate(&SystemEntropy)]).unwrap();
        let now = Timestamp::from_secs(0);
        let turning = Turning {
            sealer: &sealer,
            entropy: &SystemEntropy,
            now,
            usage: Usage::Enc,
        };
        let record = turning.first(&KeyPair::generate(kind).unwrap()).unwrap();
        let ring = KeyRing::open(&[record], &sealer, now).unwrap();
        let set: Value = serde_json::from_slice(&ring.jwks().body).unwrap();
        let jwk = set["keys"][0].clone();
        Self { ring, jwk }
    }

    /// As it stands in a workspace file.
    pub fn toml(&self) -> String {
        let members = self.jwk.as_object().unwrap().iter();
        let members: Vec<String> = members.map(|(name, value)| format!("{name} = {value}")).collect();
        format!("{{ {} }}", members.join(", "))
    }

    /// What is in it, if it was encrypted to this key in this way.
    pub fn open(&self, token: &str, alg: &str, enc: &str) -> String {
        assert!(looks_encrypted(token), "it is not encrypted: {token}");
        let header = header(token);
        assert_eq!((&header["alg"], &header["enc"]), (&alg.into(), &enc.into()));
        assert_eq!(header["kid"], self.jwk["kid"]);
        let plain = self.ring.decrypt(token, Timestamp::from_secs(0)).unwrap();
        let text = String::from_utf8(plain).unwrap();
        // RFC 7519 §5.2: what is nested is named.
        assert_eq!(header.contains_key("cty"), !text.starts_with('{'), "{header:?}");
        text
    }

    pub fn opens(&self, token: &str) -> bool {
        self.ring.decrypt(token, Timestamp::from_secs(0)).is_ok()
    }
}

pub fn header(token: &str) -> BTreeMap<String, Value> {
    let part = token.split('.').next().unwrap();
    serde_json::from_slice(&from_base64url(part).unwrap()).unwrap()
}

/// Our published key for this algorithm; it may take a moment to be made.
pub async fn our_key(op: &Op, alg: EncryptionAlg) -> EncryptionKey {
    const LOOKS: u32 = 400;
    for _ in 0..LOOKS {
        let set = jwks(op).await;
        let found = set["keys"].as_array().unwrap().iter().filter(|k| k["use"] == "enc");
        let mut found = found.filter_map(|jwk| EncryptionKey::from_value(jwk).ok());
        if let Some(key) = found.find(|key| key.fits(alg)) {
            return key;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("no key for {alg} is published");
}

/// Encrypted to us.
pub async fn to_us(op: &Op, alg: EncryptionAlg, enc: ContentEncryption, plain: &str) -> String {
    let key = our_key(op, alg).await;
    encrypt(&key, Encryption { alg, enc }, true, plain.as_bytes(), &SystemEntropy).unwrap()
}
