//! Tests of the floor: vectors of the RFCs, what attackers try, turns of the ring, seals.

mod attacks;
mod encryption;
mod fuzzed;
mod rings;
mod seals;
mod vectors;

use serde_json::{Value, json};

use super::{Alg, Expected, Expiry, Jwk, JwkSet, KeyPair, TypRule};
use crate::base::Timestamp;

pub const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
pub const ISSUER: &str = "https://client.example";

/// What a test that has nothing else in mind expects.
pub fn expected(algs: &[Alg]) -> Expected<'_> {
    Expected {
        algs,
        typ: TypRule::AbsentOr(&["JWT"]),
        issuer: Some(ISSUER),
        audience: Some(&["https://op.example"]),
        expiry: Expiry::Required,
        now: NOW,
    }
}

pub fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": "https://op.example", "iat": NOW.secs(), "exp": NOW.secs() + 60, "sub": "c" })
}

/// A set with one key, as its owner would publish it.
pub fn set_of(pair: &KeyPair, kid: Option<&str>, alg: Option<Alg>) -> JwkSet {
    let mut jwk = pair.public().to_members();
    if let Some(kid) = kid {
        jwk.insert("kid".into(), kid.into());
    }
    if let Some(alg) = alg {
        jwk.insert("alg".into(), alg.name().into());
    }
    JwkSet {
        keys: vec![Jwk::from_value(&Value::Object(jwk)).unwrap()],
        ..JwkSet::default()
    }
}

/// One RSA pair for all tests: they take long to make.
pub fn rsa() -> &'static KeyPair {
    static PAIR: std::sync::OnceLock<KeyPair> = std::sync::OnceLock::new();
    PAIR.get_or_init(|| KeyPair::generate(super::Kind::Rsa).unwrap())
}

pub fn pair_for(alg: Alg) -> KeyPair {
    match alg.kind() {
        super::Kind::Rsa => KeyPair::from_pkcs8(super::Kind::Rsa, rsa().to_pkcs8().unwrap().expose()).unwrap(),
        kind => KeyPair::generate(kind).unwrap(),
    }
}
