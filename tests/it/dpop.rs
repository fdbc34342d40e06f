//! Tokens that are of use only to who holds a key (RFC 9449).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use countersign::base::encoding::base64url;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::key_holder::{Holder, ath, claims, look, message, nonce};
use crate::page::Answer;
use crate::par::link;
use crate::relying_party::{Ask, BASIC, KEY, POST, Reply, Rp, SPA, Tokens, basic, rp_of};
use crate::workspace::PAT;

/// Partners of these stories alone.
pub fn more() -> String {
    let secret = crate::workspace::BASIC_SECRET;
    let keys = crate::par::more();
    format!(
        r#"{keys}
[[clients]]
client_id = "bound"
client_secret = "{secret}"
redirect_uris = ["https://bound.example/cb"]
dpop_bound_access_tokens = true
consent = "implicit"

[[clients]]
client_id = "nonce"
client_secret = "{secret}"
redirect_uris = ["https://nonce.example/cb"]
scope = "openid authenticators"
dpop_require_nonce = true
consent = "implicit"
"#
    )
}

pub static BOUND: Rp = basic("bound", "https://bound.example/cb");
const DEVICES: &str = "/account/api/v1/authenticators";
static NONCE: Rp = basic("nonce", "https://nonce.example/cb");
/// FAPI 2.0, and does for itself what a careful client would do.
pub static FAPI_BARE: Rp = rp_of("fapi", "https://fapi.example/cb", crate::relying_party::Auth::Key);

pub async fn answer(op: &Op, ask: &Ask) -> Answer {
    Browser::new(op).sign_in(ask, &PAT).await
}

/// A person signs in, and the partner shows its key.
pub async fn bound_tokens(op: &Op, ask: &Ask, holder: &Holder) -> Tokens {
    let answer = answer(op, ask).await;
    let proof = holder.proof(op, "/token").await;
    let reply = ask.redeem_with(op, answer.code(), &[proof]).await;
    Tokens::of(op, ask.rp, reply).await
}

#[tokio::test]
async fn a_token_is_bound_to_the_key_that_is_shown() {
    let op = Op::start().await;
    let holder = Holder::new();
    for rp in [&BASIC, &POST, &KEY, &SPA] {
        let tokens = bound_tokens(&op, &rp.ask(), &holder).await;
        assert_eq!(tokens.json["token_type"], "DPoP", "{}", rp.id);
        assert_eq!(tokens.access["cnf"], json!({"jkt": holder.jkt()}));
        assert!(tokens.id.get("cnf").is_none());
        if rp.id != SPA.id {
            // RFC 9449 §6.2.
            let told = rp
                .call(&op, "/introspect", &[("token", tokens.access_token())])
                .await
                .json;
            assert_eq!(
                (&told["token_type"], &told["cnf"]),
                (&json!("DPoP"), &tokens.access["cnf"])
            );
        }
        // RFC 9110 §11.1: the name of a scheme knows no case.
        for scheme in ["DPoP", "dpop"] {
            let proof = holder.with_token(&op, tokens.access_token()).await;
            let reply = look(&op, scheme, tokens.access_token(), &[proof]).await;
            assert_eq!((reply.status, &reply.json["sub"]), (200, &tokens.access["sub"]));
        }
        let same =
            json!({"ath": ath(tokens.access_token()), "htu": op.url("/userinfo?a=b#c").replace("http:", "HTTP:")});
        let proof = holder.proof_with(&op, "GET", "/userinfo", &same).await;
        assert_eq!(look(&op, "DPoP", tokens.access_token(), &[proof]).await.status, 200);
    }
    // Who shows none gets a token for whoever has it.
    let tokens = Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    assert_eq!(tokens.json["token_type"], "Bearer");
    assert!(tokens.access.get("cnf").is_none());
}

/// A public key, and what signs with the other half.
type Signer = (Value, Box<dyn Fn(&[u8]) -> Vec<u8>>);

fn ed25519() -> Signer {
    let pair = Ed25519KeyPair::generate().unwrap();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key().as_ref())});
    (jwk, Box::new(move |message| pair.sign(message).as_ref().to_vec()))
}

#[expect(clippy::disallowed_methods, reason = "aws-lc asks for it and does not use it")]
fn rsa(padding: &'static dyn RsaEncoding) -> Signer {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
    let jwk = json!({"kty": "RSA", "n": base64url(n.big_endian_without_leading_zero()),
                     "e": base64url(e.big_endian_without_leading_zero())});
    let sign = move |message: &[u8]| {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(padding, &SystemRandom::new(), message, &mut signature)
            .unwrap();
        signature
    };
    (jwk, Box::new(sign))
}

#[tokio::test]
async fn every_algorithm_that_is_offered_will_do() {
    let op = Op::with(Database::Sqlite, &more()).await;
    let url = op.url("/.well-known/openid-configuration");
    let found: Value = op.http.get(url).send().await.unwrap().json().await.unwrap();
    let offered = json!(["ES256", "PS256", "EdDSA", "RS256"]);
    assert_eq!(found["dpop_signing_alg_values_supported"], offered);
    for (alg, (jwk, sign)) in [
        ("EdDSA", ed25519()),
        // RFC 9864 §2.2: the same by its newer name, which newer libraries write whatever is offered.
        ("Ed25519", ed25519()),
        ("PS256", rsa(&RSA_PSS_SHA256)),
        ("RS256", rsa(&RSA_PKCS1_SHA256)),
    ] {
        let header = json!({"typ": "dpop+jwt", "alg": alg, "jwk": jwk});
        let ask = BASIC.ask();
        let answer = answer(&op, &ask).await;
        let message = message(&header, &claims(&op, "POST", "/token", &json!({})).await);
        let proof = [format!("{message}.{}", base64url(&sign(message.as_bytes())))];
        // FAPI 2.0 §5.4.1: all but RS256.
        let judged = FAPI_BARE.redeem_code(&op, "x", &proof).await;
        let expected = if alg == "RS256" {
            "invalid_dpop_proof"
        } else {
            "use_dpop_nonce"
        };
        judged.refused(400, expected);
        let reply = ask.redeem_with(&op, answer.code(), &proof).await;
        assert_eq!(
            (reply.status, &reply.json["token_type"]),
            (200, &json!("DPoP")),
            "{alg}"
        );
    }
}

#[tokio::test]
async fn a_partner_that_says_so_gets_no_token_without_a_key() {
    let op = Op::with(Database::Sqlite, &more()).await;
    let ask = BOUND.ask();
    let answer = answer(&op, &ask).await;
    ask.redeem_with(&op, answer.code(), &[])
        .await
        .refused(400, "invalid_dpop_proof");
    // It has cost nothing.
    let holder = Holder::new();
    let proof = holder.proof(&op, "/token").await;
    assert_eq!(ask.redeem_with(&op, answer.code(), &[proof]).await.status, 200);
    // FAPI 2.0 §5.3.2.1.
    let ask = FAPI_BARE.ask();
    let reference = ask.push(&op).await;
    let mut browser = Browser::new(&op);
    let page = browser.get(&link(&op, "fapi", &reference)).await;
    let answer = browser.walk(page, &PAT).await.answer();
    ask.redeem_with(&op, answer.code(), &[])
        .await
        .refused(400, "invalid_dpop_proof");
}

/// RFC 9449 §8, §8.2 and §9.
#[tokio::test]
async fn nonces_are_demanded_renewed_and_grow_old() {
    let op = Op::with(Database::Sqlite, &more()).await;
    let holder = Holder::new();
    let ask = NONCE.ask().scope("openid authenticators");
    let answer = answer(&op, &ask).await;
    let redeem = async |other: &Value| {
        let proof = holder.proof_with(&op, "POST", "/token", other).await;
        ask.redeem_with(&op, answer.code(), &[proof]).await
    };
    let first = redeem(&json!({})).await;
    first.refused(400, "use_dpop_nonce");
    let good = nonce(&first).to_owned();
    for other in [json!("made up"), json!(""), json!(format!("{good}A"))] {
        let refused = redeem(&json!({"nonce": other})).await;
        refused.refused(400, "use_dpop_nonce");
        assert_ne!(nonce(&refused), good);
    }
    let reply = redeem(&json!({"nonce": good})).await;
    assert!(reply.headers.get("dpop-nonce").is_none(), "it is still fresh");
    let tokens = Tokens::of(&op, &NONCE, reply).await;
    let ath = ath(tokens.access_token());
    let see = async |nonce: &str| {
        let proof = holder
            .proof_with(&op, "GET", "/userinfo", &json!({"ath": ath, "nonce": nonce}))
            .await;
        look(&op, "DPoP", tokens.access_token(), &[proof]).await
    };
    assert_eq!(see(&good).await.status, 200, "one nonce serves for many proofs");
    let right = json!({"ath": ath, "nonce": good});
    let proof = holder.proof_with(&op, "GET", DEVICES, &right).await;
    let listed = op.http.get(op.url(DEVICES)).header("DPoP", proof);
    let listed = listed.header("Authorization", format!("DPoP {}", tokens.access_token()));
    assert_eq!(listed.send().await.unwrap().status(), 200);
    op.advance(121).await;
    let reply = see(&good).await;
    assert_eq!(reply.status, 200);
    let next = nonce(&reply).to_owned();
    op.advance(180).await;
    let reply = see(&good).await;
    reply.refused(401, "use_dpop_nonce");
    let challenge = reply.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("DPoP ") && challenge.contains("error=\"use_dpop_nonce\""));
    assert_eq!(see(nonce(&reply)).await.status, 200);
    assert_eq!(see(&next).await.status, 200);
    // One that is shown has to be good, even where none is demanded.
    let proof = holder.proof_with(&op, "POST", "/token", &json!({"nonce": "x"})).await;
    let reply = BASIC.refresh_with(&op, "x", &[proof]).await;
    reply.refused(400, "use_dpop_nonce");
}

/// RFC 9449 §5.
#[tokio::test]
async fn a_public_client_renews_with_its_key_and_a_confidential_one_with_any() {
    let op = Op::start().await;
    let (holder, other) = (Holder::new(), Holder::new());
    let offline = |rp: &'static Rp| rp.ask().scope("openid offline_access");
    let mut tokens = bound_tokens(&op, &offline(&SPA), &holder).await;
    for _ in 0..2 {
        let proof = holder.proof(&op, "/token").await;
        let reply = SPA.refresh_with(&op, tokens.refresh_token(), &[proof]).await;
        tokens = Tokens::of(&op, &SPA, reply).await;
        assert_eq!(tokens.access["cnf"]["jkt"], holder.jkt());
    }
    let tokens = bound_tokens(&op, &offline(&BASIC), &holder).await;
    let proof = other.proof(&op, "/token").await;
    let reply = BASIC.refresh_with(&op, tokens.refresh_token(), &[proof]).await;
    let renewed = Tokens::of(&op, &BASIC, reply).await;
    assert_eq!(renewed.access["cnf"]["jkt"], other.jkt());
    // A public client that begins to show a key is held to it from then on.
    let plain = Browser::new(&op).tokens(&offline(&SPA), &PAT).await;
    let proof = holder.proof(&op, "/token").await;
    let reply = SPA.refresh_with(&op, plain.refresh_token(), &[proof]).await;
    let tokens = Tokens::of(&op, &SPA, reply).await;
    SPA.refresh_with(&op, tokens.refresh_token(), &[])
        .await
        .refused(400, "invalid_grant");
}

/// RFC 9449 §10 and §10.1.
#[tokio::test]
async fn a_code_is_bound_to_the_key_that_the_request_names() {
    let op = Op::with(Database::Sqlite, &more()).await;
    let holder = Holder::new();
    let redeem = async |ask: &Ask, answer: &Answer| {
        let proof = holder.proof(&op, "/token").await;
        ask.redeem_with(&op, answer.code(), &[proof]).await
    };
    let ask = BASIC.ask().set("dpop_jkt", &holder.jkt());
    let answered = answer(&op, &ask).await;
    assert_eq!(redeem(&ask, &answered).await.status, 200);
    // Pushed: by the parameter, by a proof, by both.
    let plain = BASIC.ask();
    for (named, shown) in [(true, false), (false, true), (true, true)] {
        let ask = if named { &ask } else { &plain };
        let proofs = if shown {
            vec![holder.proof(&op, "/par").await]
        } else {
            Vec::new()
        };
        let reply = push(&op, ask, &proofs).await;
        assert_eq!(reply.status, 201, "{}", reply.json);
        let reference = reply.json["request_uri"].as_str().unwrap();
        let mut browser = Browser::new(&op);
        let page = browser.get(&link(&op, "basic", reference)).await;
        let page = browser.walk(page, &PAT).await;
        assert_eq!(redeem(ask, &page.answer()).await.status, 200);
        // And to no other.
        let page = browser
            .get(&link(&op, "basic", &ask_again(&op, ask, &holder).await))
            .await;
        let thief = Holder::new().proof(&op, "/token").await;
        let stolen = ask.redeem_with(&op, page.answer().code(), &[thief]).await;
        stolen.refused(400, "invalid_grant");
    }
    for bad in ["x", &format!("{}=", holder.jkt())] {
        let page = Browser::new(&op).open(&BASIC.ask().set("dpop_jkt", bad)).await;
        assert_eq!(page.answer().error(), "invalid_request", "{bad}");
    }
}

async fn ask_again(op: &Op, ask: &Ask, holder: &Holder) -> String {
    let proof = holder.proof(op, "/par").await;
    let reply = push(op, ask, &[proof]).await;
    reply.json["request_uri"].as_str().unwrap().to_owned()
}

pub async fn push(op: &Op, ask: &Ask, proofs: &[String]) -> Reply {
    let all = ask.params.iter().filter(|(n, _)| n != "client_id");
    let fields: Vec<(&str, &str)> = all.map(|(n, v)| (n.as_str(), v.as_str())).collect();
    ask.rp.call_with(op, "/par", &fields, proofs).await
}

/// RFC 7009: a public client gives back what is bound to its key.
#[tokio::test]
async fn a_refresh_token_that_is_bound_can_be_given_back() {
    let op = Op::start().await;
    let holder = Holder::new();
    let tokens = bound_tokens(&op, &SPA.ask().scope("openid offline_access"), &holder).await;
    let given = SPA.call(&op, "/revoke", &[("token", tokens.refresh_token())]).await;
    assert_eq!(given.status, 200, "{}", given.json);
    assert_eq!(op.audit("token.revoked").await.len(), 1);
    let proof = holder.proof(&op, "/token").await;
    SPA.refresh_with(&op, tokens.refresh_token(), &[proof])
        .await
        .refused(400, "invalid_grant");
}
