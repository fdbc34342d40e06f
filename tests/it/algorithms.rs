//! Every place that takes a JWT of a client's, and every wrong way of signing one (RFC 8725 §2.1, §3.1).

use countersign::base::encoding::base64url;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::harness::{Database, Op};
use crate::key_holder::{Holder, claims, message};
use crate::relying_party::{BASIC, assertion_claims, sign_assertion};
use crate::secret_assertions::{SECRET, introspect, sign, signing};
use crate::workspace::partner_key;

/// With the claims in a different shape: what no place takes.
fn unfit(right: &Value) -> Vec<(&'static str, Value)> {
    let now = right["iat"].as_i64().unwrap();
    let with = |changes: Value| {
        let mut all = right.clone();
        all.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        all
    };
    vec![
        ("expired", with(json!({"iat": now - 7200, "exp": now - 3600}))),
        ("of the future", with(json!({"iat": now + 3600, "exp": now + 3660}))),
        (
            "for somebody else",
            with(json!({"aud": "https://other.example", "htu": "https://other.example/token"})),
        ),
        ("for nobody", with(json!({"aud": null, "htu": null}))),
        ("nameless", with(json!({"jti": null}))),
    ]
}

/// A message without a signature, and with nonsense for one.
fn unsigned(header: &Value, claims: &Value) -> Vec<(String, String)> {
    let with = |alg: &str| {
        let mut header = header.clone();
        header["alg"] = alg.into();
        message(&header, claims)
    };
    let names = ["none", "None", "NONE", "", "HS256", "ES256", "ES256K", "RSA1_5"];
    let mut all: Vec<(String, String)> = names
        .iter()
        .map(|alg| (format!("{alg:?} empty"), with(alg) + "."))
        .collect();
    all.push((
        "zeroes".to_owned(),
        format!("{}.{}", with("ES256"), base64url(&[0; 64])),
    ));
    all
}

/// Whatever a public key could be taken for as a secret.
fn public_as_secrets(jwk: &Value) -> Vec<Vec<u8>> {
    let bytes = |name: &str| countersign::base::encoding::from_base64url(jwk[name].as_str().unwrap()).unwrap();
    let (x, y) = (bytes("x"), bytes("y"));
    let jwk_text = jwk.to_string().into_bytes();
    vec![[&[4][..], &x, &y].concat(), [x.clone(), y].concat(), x, jwk_text]
}

const MACS: [Algorithm; 3] = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

async fn assertion_is_refused(op: &Op, what: &str, assertion: &str) {
    let reply = introspect(op, assertion).await;
    assert_eq!(
        (reply.status, reply.error()),
        (401, "invalid_client"),
        "{what}: {}",
        reply.json
    );
}

#[tokio::test]
async fn assertions_of_who_signs_with_a_key() {
    let op = Op::start().await;
    let key = partner_key();
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": key.x, "y": key.y});
    let right = assertion_claims(&op, "key").await;
    for (what, claims) in unfit(&right) {
        assertion_is_refused(&op, what, &sign_assertion(&claims)).await;
    }
    for (what, assertion) in unsigned(&json!({"kid": "partner-1"}), &right) {
        assertion_is_refused(&op, &what, &assertion).await;
    }
    let mut secrets = public_as_secrets(&jwk);
    secrets.extend([vec![], b"null".to_vec(), SECRET.into()]);
    for secret in secrets {
        for alg in MACS {
            assertion_is_refused(&op, "a MAC", &sign(alg, &right, &secret)).await;
        }
    }
    let stranger = Holder::new();
    for header in [
        json!({"alg": "ES256"}),
        json!({"alg": "ES256", "kid": "partner-1"}),
        stranger.header(),
    ] {
        assertion_is_refused(&op, "another's key", &stranger.sign(&header, &right)).await;
    }
    assert_eq!(introspect(&op, &sign_assertion(&right)).await.status, 200);
}

#[tokio::test]
async fn assertions_of_who_signs_with_a_secret() {
    let key = partner_key();
    // It publishes a key as well, for its request objects: that key proves nothing here.
    let jwks = format!(
        "jwks = {{ keys = [{{ kty = \"EC\", crv = \"P-256\", x = \"{}\", y = \"{}\", kid = \"partner-1\" }}] }}",
        key.x, key.y
    );
    let op = Op::with(Database::Sqlite, &signing("mac", &jwks)).await;
    let right = assertion_claims(&op, "mac").await;
    let mac = |claims: &Value| sign(Algorithm::HS256, claims, SECRET.as_bytes());
    for (what, claims) in unfit(&right) {
        assertion_is_refused(&op, what, &mac(&claims)).await;
    }
    for (what, assertion) in unsigned(&json!({}), &right) {
        assertion_is_refused(&op, &what, &assertion).await;
    }
    assertion_is_refused(&op, "its own key", &sign_assertion(&right)).await;
    for alg in [Algorithm::HS384, Algorithm::HS512] {
        assertion_is_refused(&op, "another MAC", &sign(alg, &right, SECRET.as_bytes())).await;
    }
    let hash = countersign::base::encoding::hash_token(SECRET);
    for secret in ["", "x", &SECRET[1..], &hash, "secret-of-the-basic-client-0123456789"] {
        let assertion = sign(Algorithm::HS256, &right, secret.as_bytes());
        assertion_is_refused(&op, "another secret", &assertion).await;
    }
    let other = assertion_claims(&op, "basic").await;
    assertion_is_refused(&op, "another client's name", &mac(&other)).await;
    assert_eq!(introspect(&op, &mac(&right)).await.status, 200);
}

#[tokio::test]
async fn proofs_of_possession() {
    let op = Op::start().await;
    let holder = Holder::new();
    let right = claims(&op, "POST", "/token", &json!({})).await;
    let mut bad: Vec<(String, String)> = unsigned(&holder.header(), &right);
    for (what, claims) in unfit(&right) {
        bad.push((what.to_owned(), holder.sign(&holder.header(), &claims)));
    }
    for typ in [json!("JWT"), json!("at+jwt"), json!(null), json!(7)] {
        let mut header = holder.header();
        header["typ"] = typ;
        bad.push((format!("typ {}", header["typ"]), holder.sign(&header, &right)));
    }
    for secret in public_as_secrets(&holder.jwk) {
        for alg in MACS {
            let mut header = jsonwebtoken::Header::new(alg);
            header.typ = Some("dpop+jwt".to_owned());
            header.jwk = Some(serde_json::from_value(holder.jwk.clone()).unwrap());
            let proof = jsonwebtoken::encode(&header, &right, &EncodingKey::from_secret(&secret)).unwrap();
            bad.push(("a MAC with the public key".to_owned(), proof));
        }
    }
    let mut another = holder.header();
    another["jwk"] = Holder::new().jwk;
    bad.push(("another's key".to_owned(), holder.sign(&another, &right)));
    let mut secret = holder.header();
    secret["jwk"] = json!({"kty": "oct", "k": base64url(SECRET.as_bytes())});
    bad.push(("a secret as key".to_owned(), holder.sign(&secret, &right)));
    for (what, proof) in bad {
        let reply = BASIC.redeem_code(&op, "whatever", &[proof]).await;
        assert_eq!(
            (reply.status, reply.error()),
            (400, "invalid_dpop_proof"),
            "{what}: {}",
            reply.json
        );
    }
    let good = holder.sign(&holder.header(), &right);
    BASIC
        .redeem_code(&op, "whatever", &[good])
        .await
        .refused(400, "invalid_grant");
}
