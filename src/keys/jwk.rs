//! Public keys as JWK (RFC 7517, RFC 7518 §6, RFC 8037 §2): parsed and checked once, then ready to verify.

use std::sync::Once;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey};
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use super::{Alg, Kind};
use crate::base::encoding::{base64url, from_base64url, sha256};
use crate::protocol::words::EncryptionAlg;

/// More keys than any client needs; it bounds what one assertion without a `kid` can cost.
pub const MAX_KEYS_IN_SET: usize = 32;
/// RFC 7518 §3.3 and FAPI 2.0 §5.4.1 ask for 2048 bits; above 8192 a verification is a denial of service.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// RFC 7518 §6.2.2, §6.3.2: what only the owner of a key may know. Symmetric keys (`k`) are of no kind that we know.
const SECRET_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    #[error("this is not JSON: {0}")]
    NotJson(String),
    #[error("a JWK set is an object with an array `keys` (RFC 7517 section 5)")]
    NotASet,
    #[error("the JWK set has more than {MAX_KEYS_IN_SET} keys")]
    TooManyKeys,
    #[error("a private key was sent where only public keys belong; it is compromised now: make a new one")]
    Private,
    #[error("the JWK is of a kind that is not used here: {0}")]
    Unsupported(&'static str),
    #[error("the JWK is malformed: {0}")]
    Malformed(&'static str),
}

/// A public key that is known to be well-formed.
#[derive(Clone, Debug)]
pub struct PublicKey {
    kind: Kind,
    /// The required members after `kty` and `crv`, in the order of RFC 7638 §3.2.
    members: Vec<(&'static str, String)>,
    decoding: DecodingKey,
}

impl PublicKey {
    /// An uncompressed point: 0x04, x, y.
    pub fn ec(kind: Kind, point: &[u8]) -> Result<Self, JwkError> {
        let algorithm = match kind {
            Kind::P256 => &ECDSA_P256_SHA256_FIXED,
            Kind::P384 => &ECDSA_P384_SHA384_FIXED,
            Kind::Rsa | Kind::Ed25519 => return Err(JwkError::Unsupported("curve")),
        };
        let field = if kind == Kind::P256 { 32 } else { 48 };
        if point.len() != 1 + 2 * field || point.first() != Some(&4) {
            return Err(JwkError::Malformed("x and y must be as long as the curve's field"));
        }
        // SP 800-56A §5.6.2.3.3: a point off the curve is refused when it is registered, not when it is used.
        ParsedPublicKey::new(algorithm, point).map_err(|_| JwkError::Malformed("the point is not on the curve"))?;
        let (x, y) = point[1..].split_at(field);
        Ok(Self {
            kind,
            members: vec![("x", base64url(x)), ("y", base64url(y))],
            decoding: DecodingKey::from_ec_der(point),
        })
    }

    /// Modulus and exponent, big-endian.
    pub fn rsa(n: &[u8], e: &[u8]) -> Result<Self, JwkError> {
        // RFC 7518 §6.3.1.1: some libraries prefix a zero octet; the value is the same.
        let (n, e) = (trimmed(n), trimmed(e));
        let bits = n.first().map_or(0, |top| n.len() * 8 - top.leading_zeros() as usize);
        if !RSA_BITS.contains(&bits) {
            return Err(JwkError::Malformed("an RSA modulus must have 2048 to 8192 bits"));
        }
        let odd = |number: &[u8]| number.last().is_some_and(|low| low & 1 == 1);
        // FIPS 186-5 §A.1.1 wants e > 2^16; 3 is still seen in the field and is safe to verify with.
        if !odd(n) || !odd(e) || e == [1] || e.len() > 4 {
            return Err(JwkError::Malformed(
                "an RSA modulus and exponent must be odd, the exponent 3 to 2^32",
            ));
        }
        Ok(Self {
            kind: Kind::Rsa,
            members: vec![("e", base64url(e)), ("n", base64url(n))],
            decoding: DecodingKey::from_rsa_raw_components(n, e),
        })
    }

    pub fn ed25519(x: &[u8]) -> Result<Self, JwkError> {
        ParsedPublicKey::new(&ED25519, x).map_err(|_| JwkError::Malformed("an Ed25519 key has 32 bytes"))?;
        Ok(Self {
            kind: Kind::Ed25519,
            members: vec![("x", base64url(x))],
            decoding: DecodingKey::from_ed_der(x),
        })
    }

    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// RFC 7638: SHA-256 over the required members in lexicographic order, base64url.
    pub fn thumbprint(&self) -> String {
        let kty = match self.kind {
            Kind::P256 => r#""crv":"P-256","kty":"EC","#,
            Kind::P384 => r#""crv":"P-384","kty":"EC","#,
            Kind::Ed25519 => r#""crv":"Ed25519","kty":"OKP","#,
            // `e` sorts before `kty`, which sorts before `n`.
            Kind::Rsa => return self.rsa_thumbprint(),
        };
        let rest: Vec<String> = self.members.iter().map(|(k, v)| format!(r#""{k}":"{v}""#)).collect();
        base64url(&sha256(format!("{{{kty}{}}}", rest.join(",")).as_bytes()))
    }

    fn rsa_thumbprint(&self) -> String {
        let member = |name| {
            let found = self.members.iter().find(|(k, _)| *k == name);
            found.map_or("", |(_, v)| v.as_str())
        };
        base64url(&sha256(
            format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, member("e"), member("n")).as_bytes(),
        ))
    }

    /// The members of the bare JWK: what it is, without `kid`, `use` or `alg`.
    pub fn to_members(&self) -> Map<String, Value> {
        let (kty, crv) = match self.kind {
            Kind::P256 => ("EC", Some("P-256")),
            Kind::P384 => ("EC", Some("P-384")),
            Kind::Ed25519 => ("OKP", Some("Ed25519")),
            Kind::Rsa => ("RSA", None),
        };
        let mut map = Map::new();
        map.insert("kty".into(), kty.into());
        if let Some(crv) = crv {
            map.insert("crv".into(), crv.into());
        }
        for (name, value) in &self.members {
            map.insert((*name).into(), value.clone().into());
        }
        map
    }

    /// The uncompressed point of an EC key (SEC 1 §2.3.3).
    pub fn point(&self) -> Option<Vec<u8>> {
        let mut point = vec![4u8];
        for (_, value) in &self.members {
            point.extend(from_base64url(value)?);
        }
        matches!(self.kind, Kind::P256 | Kind::P384).then_some(point)
    }

    /// The numbers of an RSA key, big-endian.
    pub fn modulus_and_exponent(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let member = |name| {
            let found = self.members.iter().find(|(k, _)| *k == name);
            found.and_then(|(_, value)| from_base64url(value))
        };
        (self.kind == Kind::Rsa).then_some((member("n")?, member("e")?))
    }

    /// Is `signature` (base64url) by this key over `message`? An algorithm for another kind of key is a plain no.
    pub fn verifies(&self, alg: Alg, message: &[u8], signature: &str) -> bool {
        install_provider();
        alg.kind() == self.kind
            && jsonwebtoken::crypto::verify(signature, message, &self.decoding, alg.for_jsonwebtoken()).unwrap_or(false)
    }
}

fn trimmed(number: &[u8]) -> &[u8] {
    let zeroes = number.iter().take_while(|b| **b == 0).count();
    &number[zeroes..]
}

/// jsonwebtoken picks its backend by Cargo features and panics when a dependency switches on a second one.
/// Naming ours first, once, makes that impossible; whoever comes second (a test in parallel) finds the same backend.
pub fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that somebody installed one before us: it is used then.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    });
}

/// A public key with what its owner says about it.
#[derive(Clone, Debug)]
pub struct Jwk {
    pub kid: Option<String>,
    /// The one algorithm it is meant for (RFC 7517 §4.4), when its owner says so.
    pub alg: Option<Alg>,
    pub public: PublicKey,
}

impl Jwk {
    pub fn from_value(value: &Value) -> Result<Self, JwkError> {
        let map = value.as_object().ok_or(JwkError::Malformed("not an object"))?;
        let public = public_key(map)?;
        // RFC 7517 §4.2, §4.3: a key that is there to encrypt verifies nothing.
        let verifies = |ops: &Vec<Value>| ops.iter().any(|op| op == "verify");
        if map.get("use").is_some_and(|u| u != "sig") {
            return Err(JwkError::Unsupported("use"));
        }
        if map
            .get("key_ops")
            .is_some_and(|ops| !ops.as_array().is_some_and(verifies))
        {
            return Err(JwkError::Unsupported("key_ops"));
        }
        let alg = match map.get("alg") {
            None => None,
            Some(name) => match name.as_str().and_then(Alg::parse) {
                Some(alg) if alg.kind() == public.kind() => Some(alg),
                _ => return Err(JwkError::Unsupported("alg")),
            },
        };
        let kid = kid(map)?;
        Ok(Self { kid, alg, public })
    }

    /// Can this key have made a signature with `alg`?
    pub fn fits(&self, alg: Alg) -> bool {
        self.public.kind() == alg.kind() && self.alg.is_none_or(|own| own == alg)
    }
}

/// A public key that its owner is written to with.
#[derive(Clone, Debug)]
pub struct EncryptionKey {
    pub kid: Option<String>,
    /// The one algorithm it is meant for, when its owner says so.
    pub alg: Option<EncryptionAlg>,
    /// Does its owner say that it is for this (`use`)?
    pub named: bool,
    pub public: PublicKey,
}

impl EncryptionKey {
    pub fn from_value(value: &Value) -> Result<Self, JwkError> {
        let map = value.as_object().ok_or(JwkError::Malformed("not an object"))?;
        let public = public_key(map)?;
        let named = map.get("use").is_some_and(|u| u == "enc");
        // RFC 7517 §4.2, §4.3: a key that is there to verify opens nothing.
        if map.contains_key("use") && !named {
            return Err(JwkError::Unsupported("use"));
        }
        let encrypts = |op: &Value| {
            ["encrypt", "wrapKey", "deriveKey", "deriveBits"]
                .iter()
                .any(|e| op == e)
        };
        if map
            .get("key_ops")
            .is_some_and(|ops| !ops.as_array().is_some_and(|all| all.iter().any(encrypts)))
        {
            return Err(JwkError::Unsupported("key_ops"));
        }
        let alg = match map.get("alg") {
            None => None,
            Some(name) => match name.as_str().and_then(EncryptionAlg::from_word) {
                Some(alg) if takes(alg, public.kind()) => Some(alg),
                _ => return Err(JwkError::Unsupported("alg")),
            },
        };
        let kid = kid(map)?;
        Ok(Self {
            kid,
            alg,
            named,
            public,
        })
    }

    /// Can it be encrypted to with `alg`?
    pub fn fits(&self, alg: EncryptionAlg) -> bool {
        takes(alg, self.public.kind()) && self.alg.is_none_or(|own| own == alg)
    }

    pub fn to_value(&self) -> Value {
        let mut map = self.public.to_members();
        map.insert("use".into(), "enc".into());
        map.extend(self.alg.map(|alg| ("alg".to_owned(), alg.as_str().into())));
        map.extend(self.kid.clone().map(|kid| ("kid".to_owned(), kid.into())));
        map.into()
    }
}

/// RFC 7518 §4.3, §4.6.
pub(super) const fn takes(alg: EncryptionAlg, kind: Kind) -> bool {
    match alg {
        EncryptionAlg::RsaOaep256 => matches!(kind, Kind::Rsa),
        EncryptionAlg::EcdhEs | EncryptionAlg::EcdhEsA128Kw | EncryptionAlg::EcdhEsA256Kw => {
            matches!(kind, Kind::P256 | Kind::P384)
        }
    }
}

/// What a JWK is, whatever it is for.
pub(super) fn public_key(map: &Map<String, Value>) -> Result<PublicKey, JwkError> {
    let text = |name: &str| map.get(name).and_then(Value::as_str);
    if SECRET_MEMBERS.iter().any(|name| map.contains_key(*name)) {
        return Err(JwkError::Private);
    }
    match (text("kty"), text("crv")) {
        (Some("EC"), Some("P-256")) => PublicKey::ec(Kind::P256, &point(map, 32)?),
        (Some("EC"), Some("P-384")) => PublicKey::ec(Kind::P384, &point(map, 48)?),
        (Some("OKP"), Some("Ed25519")) => PublicKey::ed25519(&bytes(map, "x")?),
        (Some("RSA"), _) => PublicKey::rsa(&bytes(map, "n")?, &bytes(map, "e")?),
        _ => Err(JwkError::Unsupported("kty or crv")),
    }
}

fn kid(map: &Map<String, Value>) -> Result<Option<String>, JwkError> {
    match map.get("kid") {
        None => Ok(None),
        Some(Value::String(kid)) => Ok(Some(kid.clone())),
        Some(_) => Err(JwkError::Malformed("kid must be a text")),
    }
}

fn bytes(map: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkError> {
    map.get(name)
        .and_then(Value::as_str)
        .and_then(from_base64url)
        .ok_or(JwkError::Malformed(name))
}

fn point(map: &Map<String, Value>, field: usize) -> Result<Vec<u8>, JwkError> {
    let (x, y) = (bytes(map, "x")?, bytes(map, "y")?);
    // RFC 7518 §6.2.1.2: exactly the field's length; otherwise bytes could move from x to y.
    if x.len() != field || y.len() != field {
        return Err(JwkError::Malformed("x and y must be as long as the curve's field"));
    }
    Ok([&[4u8][..], &x, &y].concat())
}

/// The public keys of one party.
#[derive(Clone, Debug, Default)]
pub struct JwkSet {
    /// Those that verify.
    pub keys: Vec<Jwk>,
    /// Those that are encrypted to. A key that is for nothing in particular is among both.
    pub encryption: Vec<EncryptionKey>,
}

impl JwkSet {
    pub fn parse(json: &[u8]) -> Result<Self, JwkError> {
        let value: Value = serde_json::from_slice(json).map_err(|e| JwkError::NotJson(e.to_string()))?;
        Self::from_value(&value)
    }

    /// Keys that are not understood are left out (RFC 7517 §5); a private key fails the whole set.
    pub fn from_value(value: &Value) -> Result<Self, JwkError> {
        let listed = value.get("keys").and_then(Value::as_array).ok_or(JwkError::NotASet)?;
        if listed.len() > MAX_KEYS_IN_SET {
            return Err(JwkError::TooManyKeys);
        }
        let mut set = Self::default();
        for jwk in listed {
            match Jwk::from_value(jwk) {
                Ok(key) => set.keys.push(key),
                Err(JwkError::Private) => return Err(JwkError::Private),
                Err(_) => {}
            }
            set.encryption.extend(EncryptionKey::from_value(jwk));
        }
        Ok(set)
    }

    /// The key to encrypt to with `alg`: one that says it is for that before one that is for anything.
    pub fn recipient(&self, alg: EncryptionAlg) -> Option<&EncryptionKey> {
        let fitting = self.encryption.iter().filter(|key| key.fits(alg));
        fitting.min_by_key(|key| (!key.named, key.alg.is_none()))
    }
}
