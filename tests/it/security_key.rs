//! A security key or passkey in software, and the browser around it: it takes the options of a page and answers with
//! what `toJSON()` gives. Every property can be set, also to what no honest key would say.

use countersign::base::encoding::{base64url, from_base64url, sha256};
use countersign::base::{Entropy, SystemEntropy};
use rcgen::{KeyPair, SigningKey};
use serde_cbor_2::Value as Cbor;
use serde_json::{Value, json};

use crate::key_maker::Batch;

/// What a new key shows of its model.
#[derive(Clone, Debug)]
pub enum Attestation {
    None,
    /// `packed`, signed with the new key itself.
    OwnKey,
    /// `packed`, signed with a batch's key, with its certificates.
    Packed(Batch),
    /// The same with a signature over something else.
    Broken(Batch),
    /// A format that nobody here can check, with whatever inside.
    Unknown(&'static str),
}

/// A public key of another kind than was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Es256,
    /// Says ES256, and lies on P-384.
    Es256OnP384,
    Es384,
    Rs256,
    /// PS256 (-37), which is not asked for.
    Ps256,
}

#[derive(Debug)]
pub struct SecurityKey {
    pub aaguid: [u8; 16],
    pub user_present: bool,
    pub user_verified: bool,
    pub backup_eligible: bool,
    pub backup_state: bool,
    /// Does it store keys so that they are found without a name?
    pub resident: bool,
    /// What it will say next; it grows by `step`.
    pub counter: u32,
    pub step: u32,
    pub attestation: Attestation,
    pub kind: Kind,
    pub transports: Vec<&'static str>,
    /// What it says instead of the truth.
    pub lies: Lies,
    pub credentials: Vec<Credential>,
}

#[derive(Clone, Debug, Default)]
pub struct Lies {
    /// The client data's `type`.
    pub kind: Option<&'static str>,
    pub challenge: Option<String>,
    /// The RP ID that is signed for.
    pub rp_id: Option<&'static str>,
    pub user_handle: Option<String>,
    /// It leaves the user handle out.
    pub no_user_handle: bool,
    /// The page lies in a frame of this site.
    pub framed_by: Option<&'static str>,
    /// One bit of the signature is turned.
    pub signature: bool,
}

/// One key pair, for one account at one site.
#[derive(Debug)]
pub struct Credential {
    pub id: Vec<u8>,
    pub rp_id: String,
    pub user_handle: String,
    pub key: KeyPair,
}

const UP: u8 = 0x01;
const UV: u8 = 0x04;
const BE: u8 = 0x08;
const BS: u8 = 0x10;
const AT: u8 = 0x40;

impl SecurityKey {
    /// A roaming key with a PIN that is typed, which stores nothing and shows no attestation.
    pub fn new() -> Self {
        Self {
            aaguid: [0; 16],
            user_present: true,
            user_verified: true,
            backup_eligible: false,
            backup_state: false,
            resident: false,
            counter: 1,
            step: 1,
            attestation: Attestation::None,
            kind: Kind::Es256,
            transports: vec!["usb", "nfc"],
            lies: Lies::default(),
            credentials: Vec::new(),
        }
    }

    /// A passkey that a password manager carries to all of a person's devices.
    pub fn synced() -> Self {
        Self {
            transports: vec!["internal", "hybrid"],
            ..Self::new()
                .resident(true)
                .backup_eligible(true)
                .backup_state(true)
                .counter(0, 0)
        }
    }

    pub fn uv(mut self, verified: bool) -> Self {
        self.user_verified = verified;
        self
    }

    pub fn resident(mut self, resident: bool) -> Self {
        self.resident = resident;
        self
    }

    pub fn backup_eligible(mut self, eligible: bool) -> Self {
        self.backup_eligible = eligible;
        self
    }

    pub fn backup_state(mut self, synced: bool) -> Self {
        self.backup_state = synced;
        self
    }

    pub fn counter(mut self, next: u32, step: u32) -> Self {
        (self.counter, self.step) = (next, step);
        self
    }

    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    pub fn attestation(mut self, attestation: Attestation) -> Self {
        self.attestation = attestation;
        self
    }

    /// A key of this model, which can prove it.
    pub fn of(self, batch: &Batch) -> Self {
        Self {
            aaguid: batch.aaguid,
            ..self.attestation(Attestation::Packed(batch.clone()))
        }
    }

    /// Answers `navigator.credentials.create()`.
    pub fn create(&mut self, options: &str, origin: &str) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        let algorithm = match self.kind {
            Kind::Es384 => -35,
            Kind::Rs256 => -257,
            Kind::Es256 | Kind::Es256OnP384 | Kind::Ps256 => -7,
        };
        let offered = options["pubKeyCredParams"].as_array().unwrap();
        assert!(offered.iter().any(|p| p["alg"] == algorithm), "{options}");
        let rp_id = text(&options["rp"]["id"]);
        assert!(!self.is_excluded(&options), "a key that is held already");
        let handle = String::from_utf8(bytes(&options["user"]["id"])).unwrap();
        let (key, cose) = self.key_pair();
        let mut id = vec![0u8; 32];
        SystemEntropy.fill(&mut id);
        let mut attested = self.aaguid.to_vec();
        attested.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
        attested.extend(&id);
        attested.extend(cose);
        let data = self.authenticator_data(&rp_id, &attested);
        let client = self.client_data("webauthn.create", &options, origin);
        let (format, statement) = self.statement(&key, &[data.as_slice(), &sha256(&client)].concat());
        let object = Cbor::Map(
            [
                ("fmt", Cbor::Text(format)),
                ("attStmt", statement),
                ("authData", Cbor::Bytes(data)),
            ]
            .map(|(k, v)| (Cbor::Text(k.to_owned()), v))
            .into(),
        );
        self.credentials.push(Credential {
            id: id.clone(),
            rp_id,
            user_handle: handle,
            key,
        });
        json!({
            "id": base64url(&id), "rawId": base64url(&id), "type": "public-key",
            "authenticatorAttachment": "cross-platform",
            "response": {
                "clientDataJSON": base64url(&client),
                "attestationObject": base64url(&serde_cbor_2::to_vec(&object).unwrap()),
                "transports": self.transports,
            },
            "clientExtensionResults": { "credProps": { "rk": self.resident } },
        })
        .to_string()
    }

    /// Would an honest key refuse, for it is in the list already?
    pub fn is_excluded(&self, options: &Value) -> bool {
        let list = options["excludeCredentials"].as_array().cloned().unwrap_or_default();
        list.iter()
            .any(|c| self.credentials.iter().any(|own| own.id == bytes(&c["id"])))
    }

    /// Answers `navigator.credentials.get()` with the first key that fits; `None` if it has none.
    pub fn try_get(&mut self, options: &str, origin: &str) -> Option<String> {
        let options: Value = serde_json::from_str(options).unwrap();
        let asked = options["allowCredentials"].as_array().cloned().unwrap_or_default();
        let rp_id = text(&options["rpId"]);
        let fits = |c: &Credential| {
            let listed = asked.iter().any(|a| bytes(&a["id"]) == c.id);
            c.rp_id == rp_id && (listed || (asked.is_empty() && self.resident))
        };
        let at = self.credentials.iter().position(fits)?;
        Some(self.sign(at, &options, origin))
    }

    pub fn get(&mut self, options: &str, origin: &str) -> String {
        self.try_get(options, origin).expect("it has no key for this")
    }

    /// Signs with a key of its own, whether or not it was asked.
    pub fn sign(&mut self, at: usize, options: &Value, origin: &str) -> String {
        let data = self.authenticator_data(&text(&options["rpId"]), &[]);
        let client = self.client_data("webauthn.get", options, origin);
        let credential = &self.credentials[at];
        let mut signature = credential
            .key
            .sign(&[data.as_slice(), &sha256(&client)].concat())
            .unwrap();
        if self.lies.signature {
            *signature.last_mut().unwrap() ^= 1;
        }
        let handle = self.lies.user_handle.as_ref().unwrap_or(&credential.user_handle);
        let known = self.resident && !self.lies.no_user_handle || self.lies.user_handle.is_some();
        json!({
            "id": base64url(&credential.id), "rawId": base64url(&credential.id), "type": "public-key",
            "authenticatorAttachment": "cross-platform",
            "response": {
                "clientDataJSON": base64url(&client),
                "authenticatorData": base64url(&data),
                "signature": base64url(&signature),
                "userHandle": known.then(|| base64url(handle.as_bytes())),
            },
            "clientExtensionResults": {},
        })
        .to_string()
    }

    /// WebAuthn §6.1: RP ID hash, flags, counter, and what is given of a new key.
    fn authenticator_data(&mut self, rp_id: &str, attested: &[u8]) -> Vec<u8> {
        let flags = [
            (self.user_present, UP),
            (self.user_verified, UV),
            (self.backup_eligible, BE),
            (self.backup_state, BS),
            (!attested.is_empty(), AT),
        ];
        let mut data = sha256(self.lies.rp_id.unwrap_or(rp_id).as_bytes()).to_vec();
        data.push(flags.iter().filter(|(set, _)| *set).map(|(_, bit)| bit).sum());
        data.extend(self.counter.to_be_bytes());
        data.extend(attested);
        self.counter += self.step;
        data
    }

    /// WebAuthn §5.8.1.
    fn client_data(&self, kind: &str, options: &Value, origin: &str) -> Vec<u8> {
        let challenge = self
            .lies
            .challenge
            .clone()
            .unwrap_or_else(|| text(&options["challenge"]));
        let mut data = json!({
            "type": self.lies.kind.unwrap_or(kind),
            "challenge": challenge,
            "origin": origin,
            "crossOrigin": self.lies.framed_by.is_some(),
        });
        if let Some(site) = self.lies.framed_by {
            data["topOrigin"] = json!(site);
        }
        data.to_string().into_bytes()
    }

    /// The key, and its public half as COSE writes it (RFC 9053 §7.1, RFC 8230 §4).
    fn key_pair(&self) -> (KeyPair, Vec<u8>) {
        let (algorithm, curve, size) = match self.kind {
            Kind::Es256 => (-7, 1, 32),
            Kind::Ps256 => (-37, 1, 32),
            Kind::Es256OnP384 => (-7, 2, 48),
            Kind::Es384 => (-35, 2, 48),
            Kind::Rs256 => (-257, 0, 0),
        };
        let made = match self.kind {
            Kind::Es256 | Kind::Ps256 => KeyPair::generate(),
            Kind::Es256OnP384 | Kind::Es384 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
            Kind::Rs256 => KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256),
        };
        let pair = made.unwrap();
        let public = pair.public_key_raw();
        let fields = if self.kind == Kind::Rs256 {
            // RFC 8017 A.1.1: a sequence of n (257 bytes, the first is zero) and e (3 bytes).
            let (n, e) = (&public[9..265], &public[267..]);
            vec![(1, 3), (3, algorithm), (-1, 0), (-2, 1)]
                .into_iter()
                .zip([None, None, Some(n), Some(e)])
                .collect()
        } else {
            // SEC 1 §2.3.3: 0x04, x, y.
            let (x, y) = public[1..].split_at(size);
            let known = [(1, 2), (3, algorithm), (-1, curve), (-2, 0), (-3, 0)];
            known
                .into_iter()
                .zip([None, None, None, Some(x), Some(y)])
                .collect::<Vec<_>>()
        };
        let entry = |((key, number), bytes): ((i128, i128), Option<&[u8]>)| {
            let value = bytes.map_or(Cbor::Integer(number), |b| Cbor::Bytes(b.to_vec()));
            (Cbor::Integer(key), value)
        };
        let cose = Cbor::Map(fields.into_iter().map(entry).collect());
        let cose = serde_cbor_2::to_vec(&cose).unwrap();
        (pair, cose)
    }

    fn statement(&self, key: &KeyPair, signed: &[u8]) -> (String, Cbor) {
        let map = |fields: Vec<(&str, Cbor)>| {
            Cbor::Map(fields.into_iter().map(|(k, v)| (Cbor::Text(k.to_owned()), v)).collect())
        };
        let packed = |signature: Vec<u8>, chain: Option<&[Vec<u8>]>| {
            let mut fields = vec![("alg", Cbor::Integer(-7)), ("sig", Cbor::Bytes(signature))];
            fields.extend(chain.map(|c| ("x5c", Cbor::Array(c.iter().cloned().map(Cbor::Bytes).collect()))));
            ("packed".to_owned(), map(fields))
        };
        match &self.attestation {
            Attestation::None => ("none".to_owned(), map(vec![])),
            Attestation::OwnKey => packed(key.sign(signed).unwrap(), None),
            Attestation::Packed(batch) => packed(batch.key.sign(signed).unwrap(), Some(&batch.chain)),
            Attestation::Broken(batch) => packed(batch.key.sign(b"another key").unwrap(), Some(&batch.chain)),
            Attestation::Unknown(format) => ((*format).to_owned(), map(vec![("sig", Cbor::Bytes(vec![1]))])),
        }
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a text: {value}"))
        .to_owned()
}

fn bytes(value: &Value) -> Vec<u8> {
    from_base64url(&text(value)).unwrap()
}
