//! Values printed in the RFCs.

use serde_json::{Value, json};

use crate::base::encoding::base64url;
use crate::keys::{Alg, Jwk, JwkError, JwkSet, Kind, PublicKey};

fn key(jwk: Value) -> PublicKey {
    Jwk::from_value(&jwk).unwrap().public
}

fn rfc7638_key() -> Value {
    json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"
    })
}

fn ec_a3() -> Value {
    json!({ "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" })
}

#[test]
fn thumbprints_are_those_of_rfc_7638_and_rfc_8037() {
    assert!(rfc7638_key()["n"].as_str().unwrap().len() > 300);
    assert_eq!(
        key(rfc7638_key()).thumbprint(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
    // RFC 8037 appendix A.3
    let ed = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    assert_eq!(key(ed).thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn rfc_7515_appendix_a3_verifies_with_es256() {
    let message = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let public = key(ec_a3());
    assert!(public.verifies(Alg::Es256, message.as_bytes(), signature));
    assert!(!public.verifies(Alg::Es384, message.as_bytes(), signature));
    assert!(!public.verifies(Alg::Es256, &message.as_bytes()[1..], signature));
}

#[test]
fn rfc_8037_appendix_a4_verifies_with_eddsa() {
    let public = key(json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }));
    let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert!(public.verifies(Alg::EdDsa, message.as_bytes(), signature));
}

/// RFC 9864 §2.2.
#[test]
fn eddsa_may_be_called_by_its_curve() {
    assert_eq!(Alg::parse("Ed25519"), Some(Alg::EdDsa));
    assert_eq!(Alg::EdDsa.name(), "EdDSA");
    for other in ["ed25519", "Ed448", "ESP256", "HS256", "none", ""] {
        assert_eq!(Alg::parse(other), None, "{other}");
    }
    let named =
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    assert!(Jwk::from_value(&named).unwrap().fits(Alg::EdDsa));
}

#[test]
fn a_set_keeps_what_it_understands_and_refuses_private_keys() {
    let encryption = json!({ "kty": "EC", "crv": "P-256", "use": "enc", "x": ec_a3()["x"], "y": ec_a3()["y"] });
    let set = json!({ "keys": [rfc7638_key(), ec_a3(), { "kty": "oct", "k": "AAAA" }, encryption,
        { "kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA" }, { "kty": "RSA", "n": "AQAB", "e": "AQAB" }, 7] });
    let parsed = JwkSet::from_value(&set).unwrap();
    assert_eq!(parsed.keys.len(), 2);
    assert_eq!(parsed.keys[0].kid.as_deref(), Some("2011-04-29"));

    let mut leaked = ec_a3();
    leaked["d"] = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI".into();
    assert_eq!(
        JwkSet::from_value(&json!({ "keys": [leaked] })).unwrap_err(),
        JwkError::Private
    );
    assert_eq!(JwkSet::parse(b"{}").unwrap_err(), JwkError::NotASet);
    let many: Vec<Value> = (0..33).map(|_| ec_a3()).collect();
    assert_eq!(
        JwkSet::from_value(&json!({ "keys": many })).unwrap_err(),
        JwkError::TooManyKeys
    );
}

#[test]
fn malformed_keys_are_refused_when_they_are_registered() {
    let mut off = [4u8; 65];
    off[64] = 5;
    assert!(PublicKey::ec(Kind::P256, &off).is_err(), "off the curve");
    assert!(PublicKey::ec(Kind::P256, &[4; 64]).is_err());
    assert!(PublicKey::ed25519(&[1; 31]).is_err());
    assert!(PublicKey::rsa(&[0xff; 128], &[1, 0, 1]).is_err(), "1024 bits");
    assert!(PublicKey::rsa(&[0xff; 256], &[1]).is_err(), "exponent 1");
    assert!(PublicKey::rsa(&[0xfe; 256], &[1, 0, 1]).is_err(), "even modulus");
    // x one byte short, y one byte long: the same 64 bytes, another split.
    let shifted = json!({ "kty": "EC", "crv": "P-256", "x": base64url(&[1; 31]), "y": base64url(&[1; 33]) });
    assert!(matches!(Jwk::from_value(&shifted), Err(JwkError::Malformed(_))));
    // An algorithm that the key cannot have.
    let mut wrong = ec_a3();
    wrong["alg"] = "RS256".into();
    assert_eq!(Jwk::from_value(&wrong).unwrap_err(), JwkError::Unsupported("alg"));
}
