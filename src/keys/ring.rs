//! The ring: our keys, parsed once, and their public halves as the bytes of the JWKS.
//! A snapshot: after a turn (`turn.rs`) the caller opens a new one and swaps it in.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::claims::{Expected, Verified};
use super::jose::{Compact, JoseError};
use super::jwe::{Encrypted, JweError};
use super::jwk::{EncryptionKey, takes};
use super::turn::{self, KeyRecord, Private, Stage};
use super::{Alg, KeyError, Kind, PublicKey, SealError, Sealer, Usage};
use crate::base::encoding::{base64url, sha256};
use crate::base::{KeyId, Timestamp};
use crate::protocol::words::EncryptionAlg;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    #[error("there is no current key that signs with {0}")]
    NoKey(Alg),
    #[error("there is no next {0} key to rotate to; create one first")]
    NoNext(Kind),
    #[error("there are two current {0} keys; retire one of them")]
    TwoCurrent(Kind),
    #[error("no key of ours is called {0}")]
    UnknownKid(KeyId),
    #[error("the replacement must be a {0} key")]
    WrongReplacement(Kind),
    #[error("key {0}: {1}")]
    Seal(KeyId, SealError),
    #[error("key {0} is corrupt: {1}")]
    Corrupt(KeyId, &'static str),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Encrypt(#[from] JweError),
}

/// The JSON Web Key Set as it is served.
#[derive(Clone, Debug)]
pub struct Jwks {
    pub body: Arc<[u8]>,
    /// A strong validator with its quotes (RFC 9110 §8.8.3).
    pub etag: String,
    /// When a retired key leaves the set: open the ring again then.
    pub changes_at: Option<Timestamp>,
}

#[derive(Debug)]
pub struct KeyRing {
    keys: Vec<Held>,
    jwks: Jwks,
}

struct Held {
    kid: KeyId,
    usage: Usage,
    stage: Stage,
    public: PublicKey,
    private: Private,
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.usage.name(), self.kid, self.stage.name())
    }
}

#[derive(Serialize)]
struct JoseHeader<'a> {
    alg: &'static str,
    typ: &'a str,
    kid: &'a str,
}

impl KeyRing {
    /// Unseals and parses every row that is still of use. An empty ring is fine: it signs nothing and says so.
    pub fn open(records: &[KeyRecord], sealer: &Sealer, now: Timestamp) -> Result<Self, RingError> {
        let mut keys: Vec<Held> = Vec::with_capacity(records.len());
        for record in records {
            if matches!(record.stage, Stage::Retired { verify_until, .. } if verify_until <= now) {
                continue;
            }
            let is_current = |stage: &Stage| matches!(stage, Stage::Current { .. });
            if is_current(&record.stage)
                && keys
                    .iter()
                    .any(|k| is_current(&k.stage) && k.usage == record.usage && k.public.kind() == record.kind)
            {
                return Err(RingError::TwoCurrent(record.kind));
            }
            let (public, private) = turn::parse(sealer, record)?;
            keys.push(Held {
                kid: record.kid.clone(),
                usage: record.usage,
                stage: record.stage,
                public,
                private,
            });
        }
        // Current keys first: relying parties that take the first that fits take the right one. Those that sign before
        // those that are encrypted to: not everybody looks at `use`.
        keys.sort_by_key(|k| {
            let stage = match k.stage {
                Stage::Current { .. } => 0,
                Stage::Next => 1,
                Stage::Retired { .. } => 2,
            };
            (k.usage == Usage::Enc, stage)
        });
        let jwks = publish(&keys);
        Ok(Self { keys, jwks })
    }

    pub const fn jwks(&self) -> &Jwks {
        &self.jwks
    }

    /// What we can sign with right now: the metadata's `*_signing_alg_values_supported`.
    pub fn algs(&self) -> Vec<Alg> {
        let kinds = Kind::OURS
            .into_iter()
            .filter(|kind| self.current(Usage::Sig, *kind).is_some());
        kinds.flat_map(|kind| kind.algs().iter().copied()).collect()
    }

    /// A compact JWS by the current key. `typ` is `JWT`, `at+jwt` (RFC 9068 §2.1), `logout+jwt`, …
    pub fn sign(&self, alg: Alg, typ: &str, claims: &impl Serialize) -> Result<String, RingError> {
        let held = self.current(Usage::Sig, alg.kind()).ok_or(RingError::NoKey(alg))?;
        let Private::Signs(pair) = &held.private else {
            return Err(RingError::NoKey(alg));
        };
        let kid = published_kid(&held.kid, alg);
        let header = JoseHeader {
            alg: alg.name(),
            typ,
            kid: &kid,
        };
        Ok(pair.sign_compact(alg, &header, claims)?)
    }

    /// Checks a token of our own: an access token, an `id_token_hint`. Ours always name their key.
    pub fn verify(&self, token: &str, expected: &Expected<'_>) -> Result<Verified, JoseError> {
        let jws = Compact::parse(token, expected.algs)?;
        let alg = jws.header.alg;
        let kid = jws.header.kid.as_deref().ok_or(JoseError::UnknownKey)?;
        let named = |k: &&Held| {
            if k.usage != Usage::Sig {
                return false;
            }
            let mut names = k.public.kind().algs().iter().map(|a| published_kid(&k.kid, *a));
            names.any(|name| name == kid)
        };
        let held = self.keys.iter().find(named).ok_or(JoseError::UnknownKey)?;
        // Each algorithm of a shared key has its own name: the name decides, not the header.
        if alg.kind() != held.public.kind() || published_kid(&held.kid, alg) != kid {
            return Err(JoseError::KeyMismatch);
        }
        if matches!(held.stage, Stage::Retired { verify_until, .. } if verify_until <= expected.now) {
            return Err(JoseError::UnknownKey);
        }
        if !jws.signed_by(&held.public) {
            return Err(JoseError::BadSignature);
        }
        jws.believe(expected)
    }

    /// What others can encrypt to us with right now: the metadata's `*_encryption_alg_values_supported`.
    pub fn encryption_algs(&self) -> Vec<EncryptionAlg> {
        let usable = |alg: &EncryptionAlg| {
            let mut kinds = Kind::OPENING.into_iter().filter(|kind| takes(*alg, *kind));
            kinds.any(|kind| self.current(Usage::Enc, kind).is_some())
        };
        EncryptionAlg::ALL.iter().copied().filter(usable).collect()
    }

    /// Opens what was encrypted to a key of ours, also to one that has been replaced for a while.
    pub fn decrypt(&self, token: &str, now: Timestamp) -> Result<Vec<u8>, JweError> {
        let jwe = Encrypted::parse(token)?;
        let over = |k: &Held| matches!(k.stage, Stage::Retired { verify_until, .. } if verify_until <= now);
        let named = |k: &Held| jwe.kid.as_deref().is_none_or(|kid| kid == k.kid.as_str());
        let mut why = JweError::UnknownKey;
        for held in self
            .keys
            .iter()
            .filter(|k| !over(k) && named(k) && jwe.fits(k.public.kind()))
        {
            if let Private::Opens(opener) = &held.private {
                match jwe.open(opener) {
                    Ok(plain) => return Ok(plain),
                    Err(e) => why = e,
                }
            }
        }
        Err(why)
    }

    fn current(&self, usage: Usage, kind: Kind) -> Option<&Held> {
        let fits = |k: &&Held| k.usage == usage && k.public.kind() == kind && matches!(k.stage, Stage::Current { .. });
        self.keys.iter().find(fits)
    }
}

/// RSA keys sign with RS256 and PS256. A JWK names one algorithm (RFC 7517 §4.4) and a `kid` one JWK (§4.5), so the key
/// is listed twice: its default algorithm under the thumbprint, the other with a suffix.
fn published_kid(kid: &KeyId, alg: Alg) -> String {
    if alg.kind().algs().first() == Some(&alg) {
        kid.to_string()
    } else {
        format!("{kid}-{alg}")
    }
}

/// An RSA key is for one algorithm; a curve serves three, and names none.
fn encrypted_to(key: &Held) -> Value {
    let alg = (key.public.kind() == Kind::Rsa).then_some(EncryptionAlg::RsaOaep256);
    let jwk = EncryptionKey {
        kid: Some(key.kid.to_string()),
        alg,
        named: true,
        public: key.public.clone(),
    };
    jwk.to_value()
}

fn publish(keys: &[Held]) -> Jwks {
    let mut listed = Vec::new();
    for key in keys {
        if key.usage == Usage::Enc {
            // OIDC Core §10.2.1: an old one is taken out of the set, and still opens.
            if let Stage::Current { .. } = key.stage {
                listed.push(encrypted_to(key));
            }
            continue;
        }
        for alg in key.public.kind().algs() {
            let mut jwk = key.public.to_members();
            jwk.insert("use".into(), "sig".into());
            jwk.insert("alg".into(), alg.name().into());
            jwk.insert("kid".into(), published_kid(&key.kid, *alg).into());
            listed.push(Value::Object(jwk));
        }
    }
    let body: Arc<[u8]> = json!({ "keys": listed }).to_string().into_bytes().into();
    let etag = format!("\"{}\"", base64url(&sha256(&body)));
    let until = |k: &Held| match k.stage {
        Stage::Retired { verify_until, .. } => Some(verify_until),
        Stage::Next | Stage::Current { .. } => None,
    };
    Jwks {
        body,
        etag,
        changes_at: keys.iter().filter_map(until).min(),
    }
}
