//! Checking compact JWS that others signed: client assertions, request objects, DPoP proofs (RFC 7515, 7519, 8725).
//! Strict on purpose: one serialisation, known algorithms, no header parameter that says where to fetch a key.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::claims::{Expected, Verified};
use super::{Alg, Jwk, JwkError, JwkSet, PublicKey};
use crate::base::encoding::from_base64url;

/// Bytes of a compact JWS. Request objects with rich authorization details stay far below.
pub const MAX_JWS: usize = 32 * 1024;

/// Why a token is not believed. For the log; the wire says `invalid_client`, `invalid_token`, … without a reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoseError {
    #[error("the token is longer than {MAX_JWS} bytes")]
    TooLong,
    #[error("the token is not a compact JWS")]
    NotCompact,
    #[error("the token's header is malformed: {0}")]
    BadHeader(String),
    #[error("the token's header demands extensions that are not understood")]
    Critical,
    #[error("the token's algorithm is not accepted here: {0}")]
    AlgorithmRefused(String),
    #[error("no key with this `kid` is known")]
    UnknownKey,
    #[error("the key that the token names is not for its algorithm")]
    KeyMismatch,
    #[error("the key inside the token is refused: {0}")]
    EmbeddedKey(#[from] JwkError),
    #[error("the signature is wrong")]
    BadSignature,
    #[error("the token is of another type than expected")]
    WrongType,
    #[error("the token's claims are malformed: {0}")]
    BadClaims(String),
    #[error("the token lacks the claim `{0}`")]
    MissingClaim(&'static str),
    #[error("the token is from another issuer")]
    WrongIssuer,
    #[error("the token is for somebody else")]
    WrongAudience,
    #[error("the token has expired")]
    Expired,
    #[error("the token is from the future")]
    NotYetValid,
}

/// The protected header.
#[derive(Clone, Debug)]
pub struct Header {
    pub alg: Alg,
    pub typ: Option<String>,
    pub kid: Option<String>,
    pub all: Map<String, Value>,
}

/// Verifies a token with the keys of the party that it claims to be from.
pub fn verify(token: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<Verified, JoseError> {
    let jws = Compact::parse(token, expected.algs)?;
    let alg = jws.header.alg;
    let fitting: Vec<&Jwk> = match &jws.header.kid {
        // A name that nobody bears is an unknown key (the caller may fetch the set again), never "try them all".
        Some(kid) => {
            let named: Vec<&Jwk> = keys.keys.iter().filter(|k| k.kid.as_ref() == Some(kid)).collect();
            if named.is_empty() {
                return Err(JoseError::UnknownKey);
            }
            named.into_iter().filter(|k| k.fits(alg)).collect()
        }
        None => keys.keys.iter().filter(|k| k.fits(alg)).collect(),
    };
    if fitting.is_empty() {
        return Err(JoseError::KeyMismatch);
    }
    if !fitting.iter().any(|k| jws.signed_by(&k.public)) {
        return Err(JoseError::BadSignature);
    }
    jws.believe(expected)
}

/// Verifies a token with the key that it carries itself (`jwk`): proves possession of that key and nothing else
/// (RFC 9449 §4.3). The key's thumbprint is `public.thumbprint()`.
pub fn verify_embedded(token: &str, expected: &Expected<'_>) -> Result<(Verified, Jwk), JoseError> {
    let jws = Compact::parse(token, expected.algs)?;
    let member = jws
        .header
        .all
        .get("jwk")
        .ok_or_else(|| JoseError::BadHeader("`jwk` is missing".into()))?;
    let jwk = Jwk::from_value(member)?;
    if !jwk.fits(jws.header.alg) {
        return Err(JoseError::KeyMismatch);
    }
    if !jws.signed_by(&jwk.public) {
        return Err(JoseError::BadSignature);
    }
    Ok((jws.believe(expected)?, jwk))
}

/// What a token says before anybody checked it: only to find out whose keys to check it with (RFC 7523 §3, `sub`).
pub fn unverified_claims(token: &str) -> Result<Map<String, Value>, JoseError> {
    Compact::parse(token, &Alg::ALL)?.claims()
}

/// What an unsigned token says (RFC 7519 §6), for the few places where that is agreed on. The header says `none`, and there
/// is no signature.
pub fn unsecured_claims(token: &str) -> Result<Map<String, Value>, JoseError> {
    if token.len() > MAX_JWS {
        return Err(JoseError::TooLong);
    }
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(""), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(JoseError::NotCompact);
    };
    let header = object(header).map_err(JoseError::BadHeader)?;
    refuse_extensions(&header)?;
    match header.get("alg").and_then(Value::as_str) {
        Some("none") => object(payload).map_err(JoseError::BadClaims),
        _ => Err(JoseError::AlgorithmRefused("only none is agreed on".to_owned())),
    }
}

/// Claims that stand in a JWE by themselves (RFC 7519 §3): nobody has signed them either.
pub fn bare_claims(json: &[u8]) -> Result<Map<String, Value>, JoseError> {
    unique(json).map_err(JoseError::BadClaims)
}

/// Whose key a token claims to be signed with: only to find that key.
pub fn unverified_kid(token: &str) -> Result<Option<String>, JoseError> {
    Ok(Compact::parse(token, &Alg::ALL)?.header.kid)
}

/// A token taken apart, nothing understood.
pub(super) struct Parts<'a> {
    /// What is signed.
    pub message: &'a str,
    pub header: &'a str,
    pub payload: &'a str,
    pub signature: &'a str,
}

pub(super) fn take_apart(token: &str) -> Result<Parts<'_>, JoseError> {
    if token.len() > MAX_JWS {
        return Err(JoseError::TooLong);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(JoseError::NotCompact)?;
    let (header, payload) = message.split_once('.').ok_or(JoseError::NotCompact)?;
    if payload.contains('.') {
        return Err(JoseError::NotCompact);
    }
    Ok(Parts {
        message,
        header,
        payload,
        signature,
    })
}

/// A token taken apart, its header understood, nothing verified.
pub(super) struct Compact<'a> {
    pub header: Header,
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Compact<'a> {
    pub fn parse(token: &'a str, accepted: &[Alg]) -> Result<Self, JoseError> {
        let Parts {
            message,
            header,
            payload,
            signature,
        } = take_apart(token)?;
        let all = object(header).map_err(JoseError::BadHeader)?;
        let header = read_header(all, accepted)?;
        Ok(Self {
            header,
            message,
            payload,
            signature,
        })
    }

    pub fn signed_by(&self, key: &PublicKey) -> bool {
        key.verifies(self.header.alg, self.message.as_bytes(), self.signature)
    }

    /// Type and claims, after the signature.
    pub fn believe(self, expected: &Expected<'_>) -> Result<Verified, JoseError> {
        expected.check_typ(&self.header)?;
        let claims = self.claims()?;
        expected.check_claims(&claims)?;
        Ok(Verified {
            header: self.header,
            claims,
        })
    }

    fn claims(&self) -> Result<Map<String, Value>, JoseError> {
        object(self.payload).map_err(JoseError::BadClaims)
    }
}

/// RFC 7515 §4.1.11: an extension that must be understood and is not makes the JWS invalid. We know none.
/// RFC 7797 §6: `b64` means nothing outside `crit`; who sends it signs something else than we would check.
pub(super) fn refuse_extensions(header: &Map<String, Value>) -> Result<(), JoseError> {
    if header.contains_key("crit") || header.contains_key("b64") {
        return Err(JoseError::Critical);
    }
    Ok(())
}

fn read_header(all: Map<String, Value>, accepted: &[Alg]) -> Result<Header, JoseError> {
    refuse_extensions(&all)?;
    let text = |name: &str| match all.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(JoseError::BadHeader(format!("`{name}` must be a text"))),
    };
    let name = text("alg")?.ok_or_else(|| JoseError::BadHeader("`alg` is missing".into()))?;
    // RFC 8725 §3.1, §3.2: `none` and HMAC have no variant, so no list can let them in.
    let alg = match Alg::parse(&name) {
        Some(alg) if accepted.contains(&alg) => alg,
        _ => return Err(JoseError::AlgorithmRefused(name.chars().take(32).collect())),
    };
    let (typ, kid) = (text("typ")?, text("kid")?);
    Ok(Header { alg, typ, kid, all })
}

/// A base64url JSON object in which no name appears twice (RFC 7515 §4, RFC 7519 §4): two readers could otherwise
/// see two different values.
pub(super) fn object(encoded: &str) -> Result<Map<String, Value>, String> {
    unique(&from_base64url(encoded).ok_or("not base64url")?)
}

fn unique(json: &[u8]) -> Result<Map<String, Value>, String> {
    let Unique(map) = serde_json::from_slice(json).map_err(|e| e.to_string())?;
    Ok(map)
}

struct Unique(Map<String, Value>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Unique;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Unique, A::Error> {
                let mut map = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if map.contains_key(&name) {
                        return Err(A::Error::custom("a name appears twice"));
                    }
                    map.insert(name, value);
                }
                Ok(Unique(map))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
