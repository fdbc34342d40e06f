//! Request objects that are encrypted to us (RFC 9101 §6.1): what is within is checked like one that came in the open.

use countersign::base::SystemEntropy;
use countersign::keys::jwe::encrypt;
use countersign::keys::{EncryptionKey, Kind};
use countersign::protocol::encryption::Encryption;
use countersign::protocol::words::{ContentEncryption, EncryptionAlg};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::encryption::with_header;
use crate::harness::{Database, Op};
use crate::par::{FAPI, link};
use crate::partner_site::Site;
use crate::recipient::{Recipient, header, our_key, to_us};
use crate::relying_party::{Ask, KEY, jwks as published};
use crate::request_objects::{
    BY_REFERENCE, SIGNING, UNSIGNED, claims, client, jwks, outside, partners, refusal, sign, unsecured,
};
use crate::workspace::PAT;

const EC: EncryptionAlg = EncryptionAlg::EcdhEs;
const GCM: ContentEncryption = ContentEncryption::A256Gcm;

async fn signed(op: &Op, ask: &Ask) -> String {
    sign(&claims(op, ask).await, None)
}

async fn answered(op: &Op, ask: &Ask, object: &str) {
    let answer = Browser::new(op)
        .through(&outside(ask, "request", object), &PAT)
        .await
        .answer();
    ask.check_answer(op, &answer);
    ask.redeem(op, &answer).await;
}

async fn refused(op: &Op, ask: &Ask, object: &str, what: &str) {
    let page = Browser::new(op).open(&outside(ask, "request", object)).await;
    assert_eq!(refusal(&page), "invalid_request_object", "{what}");
}

#[tokio::test]
async fn an_encrypted_request_is_answered_as_it_was_signed() {
    let op = Op::with(Database::Sqlite, &partners()).await;
    for alg in EncryptionAlg::ALL {
        let enc = match alg {
            EncryptionAlg::RsaOaep256 => ContentEncryption::A256CbcHs512,
            EncryptionAlg::EcdhEs => ContentEncryption::A128CbcHs256,
            EncryptionAlg::EcdhEsA128Kw => ContentEncryption::A128Gcm,
            EncryptionAlg::EcdhEsA256Kw => ContentEncryption::A256Gcm,
        };
        let ask = KEY.ask();
        let object = to_us(&op, *alg, enc, &signed(&op, &ask).await).await;
        answered(&op, &ask, &object).await;
    }
    // Also for who must sign, and at the endpoint of pushed requests.
    let ask = SIGNING.ask();
    let object = to_us(&op, EC, GCM, &signed(&op, &ask).await).await;
    answered(&op, &ask, &object).await;
    let ask = FAPI.ask();
    let object = to_us(&op, EC, GCM, &signed(&op, &ask).await).await;
    let reply = FAPI.call(&op, "/par", &[("request", &object)]).await;
    assert_eq!(reply.status, 201, "{}", reply.json);
    let reference = reply.json["request_uri"].as_str().unwrap();
    let mut browser = Browser::new(&op);
    let page = browser.get(&link(&op, "fapi", reference)).await;
    let answer = browser.walk(page, &PAT).await.answer();
    ask.redeem(&op, &answer).await;
}

#[tokio::test]
async fn an_encrypted_request_is_fetched_as_well() {
    let site = Site::start().await;
    let more = format!("request_uris = [\"{}\"]\n{}", site.url("/request"), jwks());
    let op = site.provider(&client(&BY_REFERENCE, &more)).await;
    let ask = BY_REFERENCE.ask();
    site.publish(&to_us(&op, EC, GCM, &signed(&op, &ask).await).await);
    let sent = outside(&ask, "request_uri", &site.url("/request"));
    let answer = Browser::new(&op).through(&sent, &PAT).await.answer();
    ask.check_answer(&op, &answer);
    ask.redeem(&op, &answer).await;
}

/// Everybody has our public keys: to encrypt is to sign nothing.
#[tokio::test]
async fn encryption_stands_for_no_signature() {
    let op = Op::with(Database::Sqlite, &partners()).await;
    let ask = UNSIGNED.ask();
    let bare = claims(&op, &ask).await;
    for plain in [unsecured(&bare), bare.to_string()] {
        answered(&op, &ask, &to_us(&op, EC, GCM, &plain).await).await;
    }
    for rp in [&KEY, &SIGNING] {
        let ask = rp.ask();
        let bare = claims(&op, &ask).await;
        for plain in [
            unsecured(&bare),
            bare.to_string(),
            "{}".to_owned(),
            "\u{0}".to_owned(),
            String::new(),
        ] {
            refused(&op, &ask, &to_us(&op, EC, GCM, &plain).await, &plain).await;
        }
    }
    // What is said twice, and what is not encrypted once but twice.
    let twice = r#"{"client_id":"unsigned","client_id":"key"}"#;
    refused(&op, &ask, &to_us(&op, EC, GCM, twice).await, "twice").await;
    let ask = KEY.ask();
    let inner = to_us(&op, EC, GCM, &signed(&op, &ask).await).await;
    refused(&op, &ask, &to_us(&op, EC, GCM, &inner).await, "nested twice").await;
}

#[tokio::test]
async fn what_is_tampered_with_weak_or_for_others_is_refused() {
    let op = Op::with(Database::Sqlite, &partners()).await;
    let ask = KEY.ask();
    let plain = signed(&op, &ask).await;
    let good = to_us(&op, EC, GCM, &plain).await;
    let parts: Vec<&str> = good.split('.').collect();
    for touched in 0..5 {
        let mut forged: Vec<String> = parts.iter().map(ToString::to_string).collect();
        let part = &mut forged[touched];
        let other = if part.starts_with('A') { "B" } else { "A" };
        part.replace_range(..usize::from(!part.is_empty()), other);
        refused(&op, &ask, &forged.join("."), &format!("part {touched}")).await;
    }
    let short = good
        .rsplit_once('.')
        .map(|(rest, tag)| format!("{rest}.{}", &tag[..6]))
        .unwrap();
    refused(&op, &ask, &short, "a tag of four bytes").await;
    let point = header(&good)["epk"].clone();
    let off = json!({"kty": "EC", "crv": "P-256", "x": point["x"], "y": point["x"]});
    for (name, value) in [
        ("alg", json!("RSA1_5")),
        ("alg", json!("dir")),
        ("alg", json!("none")),
        ("alg", json!("ECDH-ES+A192KW")),
        ("enc", json!("A192GCM")),
        ("zip", json!("DEF")),
        ("crit", json!(["exp"])),
        ("epk", off),
        ("kid", json!("nobody's")),
        ("cty", json!("JWT2")),
    ] {
        refused(&op, &ask, &with_header(&good, name, value), name).await;
    }
    // To a key of the same kind that is not ours, under the name of ours.
    let ours = our_key(&op, EC).await;
    let mut substituted = Recipient::new(Kind::P256).jwk;
    substituted["kid"] = json!(ours.kid);
    let substituted = EncryptionKey::from_value(&substituted).unwrap();
    let how = Encryption { alg: EC, enc: GCM };
    let object = encrypt(&substituted, how, true, plain.as_bytes(), &SystemEntropy).unwrap();
    refused(&op, &ask, &object, "another's key").await;
    // A key that signs opens nothing.
    let signing = published(&op).await["keys"].as_array().unwrap().clone();
    let signing = signing
        .into_iter()
        .find(|k| k["use"] == "sig" && k["crv"] == "P-256")
        .unwrap();
    let mut signing: Value = signing;
    signing["use"] = "enc".into();
    signing.as_object_mut().unwrap().remove("alg");
    let signing = EncryptionKey::from_value(&signing).unwrap();
    let object = encrypt(&signing, how, true, plain.as_bytes(), &SystemEntropy).unwrap();
    refused(&op, &ask, &object, "a key that signs").await;
    let long = to_us(&op, EC, GCM, &"x".repeat(37_000)).await;
    let reply = FAPI.call(&op, "/par", &[("request", &long)]).await;
    assert_eq!(reply.status, 400, "{}", reply.json);
}

#[tokio::test]
async fn after_a_rotation_old_requests_are_opened_for_a_day() {
    let op = Op::with(Database::Sqlite, &partners()).await;
    let ask = KEY.ask();
    let before = our_key(&op, EC).await;
    let how = Encryption { alg: EC, enc: GCM };
    let seal = |plain: String| encrypt(&before, how, true, plain.as_bytes(), &SystemEntropy).unwrap();
    op.files.run_ok(&["keys", "rotate", "--use", "enc"]);
    // The server notices by the next request that decides.
    answered(&op, &ask, &seal(signed(&op, &ask).await)).await;
    let after = our_key(&op, EC).await;
    assert_ne!(before.kid, after.kid, "the old one is no longer published");
    let object = encrypt(&after, how, true, signed(&op, &ask).await.as_bytes(), &SystemEntropy).unwrap();
    answered(&op, &ask, &object).await;
    op.advance(25 * 3600).await;
    refused(&op, &ask, &seal(signed(&op, &ask).await), "a day later").await;
    // Compromised: at once.
    let kid = after.kid.clone().unwrap();
    op.files.run_ok(&["keys", "retire", &kid, "--at-once"]);
    let object = encrypt(&after, how, true, signed(&op, &ask).await.as_bytes(), &SystemEntropy).unwrap();
    refused(&op, &ask, &object, "retired").await;
    let object = to_us(&op, EC, GCM, &signed(&op, &ask).await).await;
    answered(&op, &ask, &object).await;
    let said = op.files.run_fails(&["keys", "rotate", "--use", "both"]);
    assert!(said.contains("--use"), "{said}");
}
