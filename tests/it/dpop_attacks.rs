//! Stolen tokens, borrowed proofs and forged ones (RFC 9449 §11).

use aws_lc_rs::hmac;
use countersign::base::encoding::base64url;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::dpop::{answer, bound_tokens, more, push};
use crate::harness::{Database, Op};
use crate::key_holder::{Holder, ath, claims, look, message};
use crate::races::{DATABASES, RACERS, race};
use crate::relying_party::{BASIC, POST, Reply, SPA, userinfo};
use crate::workspace::PAT;

/// What is wrong, and the headers that have it.
type Spoilt = Vec<(&'static str, Vec<String>)>;

/// Every way to spoil a proof for one request. `right`: the claims of a good one beside the usual.
async fn spoilt(op: &Op, holder: &Holder, method: &str, path: &str, right: &Value) -> Spoilt {
    let good = claims(op, method, path, right).await;
    let mut all = forged(holder, &good);
    all.extend(mislabelled(holder, &good));
    let now = op.now().await.secs();
    for (what, changed) in [
        ("another method", json!({"htm": "PUT"})),
        ("no method", json!({"htm": null})),
        ("another address", json!({"htu": op.url("/elsewhere")})),
        ("another host", json!({"htu": format!("https://evil.example{path}")})),
        ("no address", json!({"htu": null})),
        ("from the past", json!({"iat": now - 62})),
        ("from the future", json!({"iat": now + 25})),
        ("of no time", json!({"iat": null})),
        ("expired", json!({"exp": now - 1})),
        ("not yet valid", json!({"nbf": now + 300})),
        ("no jti", json!({"jti": null})),
    ] {
        let mut other = right.clone();
        for (name, value) in changed.as_object().unwrap() {
            other[name] = value.clone();
        }
        all.push((what, vec![holder.proof_with(op, method, path, &other).await]));
    }
    all
}

/// Not signed by the key, or not one proof.
fn forged(holder: &Holder, good: &Value) -> Spoilt {
    let with_alg = |alg: &str| {
        let mut header = holder.header();
        header["alg"] = alg.into();
        message(&header, good)
    };
    let (unsigned, maced) = (with_alg("none"), with_alg("HS256"));
    let secret = holder.jwk["x"].as_str().unwrap().as_bytes();
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), maced.as_bytes());
    let sound = holder.sign(&holder.header(), good);
    let (start, _) = sound.rsplit_once('.').unwrap();
    vec![
        ("two of them", vec![sound.clone(), sound.clone()]),
        ("an empty one", vec![String::new()]),
        ("no JWS", vec!["nonsense".to_owned()]),
        ("two in one header", vec![format!("{sound}, {sound}")]),
        ("no signature", vec![format!("{start}.")]),
        ("alg none", vec![format!("{unsigned}.")]),
        ("a MAC", vec![format!("{maced}.{}", base64url(mac.as_ref()))]),
        ("another's signature", vec![Holder::new().sign(&holder.header(), good)]),
    ]
}

/// Signed by the key, with a header that must not be believed.
fn mislabelled(holder: &Holder, good: &Value) -> Spoilt {
    let mut private = holder.jwk.clone();
    private["d"] = "AAAA".into();
    let oct = json!({"kty": "oct", "k": base64url(&[7; 32])});
    let cases = [
        ("a symmetric key", "jwk", oct),
        ("a private key", "jwk", private),
        ("no key", "jwk", Value::Null),
        ("another type", "typ", json!("JWT")),
        ("no type", "typ", Value::Null),
        ("an extension", "crit", json!(["exp"])),
    ];
    let spoil = |(what, name, value): (&'static str, &str, Value)| {
        let mut header = holder.header();
        header[name] = value;
        header.as_object_mut().unwrap().retain(|_, v| !v.is_null());
        (what, vec![holder.sign(&header, good)])
    };
    cases.into_iter().map(spoil).collect()
}

#[tokio::test]
async fn a_spoilt_proof_buys_nothing_and_costs_nothing() {
    let op = Op::start().await;
    let holder = Holder::new();
    let ask = BASIC.ask();
    let answer = answer(&op, &ask).await;
    for (what, proofs) in spoilt(&op, &holder, "POST", "/token", &json!({})).await {
        let reply = ask.redeem_with(&op, answer.code(), &proofs).await;
        assert_eq!(
            (reply.status, reply.error()),
            (400, "invalid_dpop_proof"),
            "{what}: {}",
            reply.json
        );
    }
    for (what, proofs) in spoilt(&op, &holder, "POST", "/par", &json!({})).await {
        let reply = push(&op, &BASIC.ask(), &proofs).await;
        assert_eq!((reply.status, reply.error()), (400, "invalid_dpop_proof"), "{what}");
    }
    let proof = holder.proof(&op, "/token").await;
    let reply = ask.redeem_with(&op, answer.code(), &[proof]).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
}

#[tokio::test]
async fn a_spoilt_proof_opens_no_userinfo() {
    let op = Op::start().await;
    let holder = Holder::new();
    let tokens = bound_tokens(&op, &BASIC.ask(), &holder).await;
    let token = tokens.access_token();
    let right = json!({"ath": ath(token)});
    let mut all = spoilt(&op, &holder, "GET", "/userinfo", &right).await;
    for (what, other) in [
        ("no token", json!({})),
        ("another token", json!({"ath": ath("another")})),
        ("the token itself", json!({"ath": token})),
    ] {
        all.push((what, vec![holder.proof_with(&op, "GET", "/userinfo", &other).await]));
    }
    all.push(("none at all", Vec::new()));
    all.push(("of the token endpoint", vec![holder.proof(&op, "/token").await]));
    for (what, proofs) in all {
        let reply = look(&op, "DPoP", token, &proofs).await;
        assert_eq!(
            (reply.status, reply.error()),
            (401, "invalid_dpop_proof"),
            "{what}: {}",
            reply.json
        );
        is_asked_for_a_key(&reply, "invalid_dpop_proof");
    }
    let proof = holder.with_token(&op, token).await;
    assert_eq!(look(&op, "DPoP", token, &[proof]).await.status, 200);
}

#[track_caller]
fn is_asked_for_a_key(reply: &Reply, error: &str) {
    let challenge = reply.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("DPoP "), "{challenge}");
    assert!(challenge.contains("algs=\"ES256 PS256 EdDSA RS256\""), "{challenge}");
    assert!(challenge.contains(&format!("error=\"{error}\"")), "{challenge}");
}

/// RFC 9449 §7.2.
#[tokio::test]
async fn a_stolen_token_is_of_no_use() {
    let op = Op::with(Database::Sqlite, &more()).await;
    let (holder, thief) = (Holder::new(), Holder::new());
    let tokens = bound_tokens(&op, &BASIC.ask(), &holder).await;
    let token = tokens.access_token();
    let as_bearer = userinfo(&op, token).await;
    as_bearer.refused(401, "invalid_token");
    is_asked_for_a_key(&as_bearer, "invalid_token");
    let proof = holder.with_token(&op, token).await;
    look(&op, "Bearer", token, &[proof]).await.refused(401, "invalid_token");
    let in_form = op.http.post(op.url("/userinfo")).form(&[("access_token", token)]);
    Reply::of(&op, in_form.send().await.unwrap())
        .await
        .refused(401, "invalid_token");
    let partners = op.url("/account/api/v1/authenticators");
    let listed = op.http.get(partners).bearer_auth(token).send().await.unwrap();
    Reply::of(&op, listed).await.refused(401, "invalid_token");
    let proof = thief.with_token(&op, token).await;
    let stolen = look(&op, "DPoP", token, &[proof]).await;
    stolen.refused(401, "invalid_token");
    is_asked_for_a_key(&stolen, "invalid_token");
    // And one that is bound to nothing does not become bound by being called so.
    let plain = Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    let proof = holder.with_token(&op, plain.access_token()).await;
    let reply = look(&op, "DPoP", plain.access_token(), &[proof]).await;
    reply.refused(401, "invalid_token");
    is_asked_for_a_key(&reply, "invalid_token");
    // RFC 9449 §7.1: who brings nothing is told of both ways.
    let nothing = op.http.get(op.url("/userinfo")).send().await.unwrap();
    let challenge = nothing.headers()["www-authenticate"].to_str().unwrap();
    assert!(
        challenge.contains("Bearer ") && challenge.contains("DPoP "),
        "{challenge}"
    );
}

/// RFC 9449 §10 and §5.
#[tokio::test]
async fn stolen_codes_and_refresh_tokens_are_of_no_use() {
    let op = Op::start().await;
    let (holder, thief) = (Holder::new(), Holder::new());
    for with_a_key in [true, false] {
        let ask = SPA.ask().set("dpop_jkt", &holder.jkt());
        let stolen = answer(&op, &ask).await;
        let proof = thief.proof(&op, "/token").await;
        let proofs: &[String] = if with_a_key { &[proof] } else { &[] };
        ask.redeem_with(&op, stolen.code(), proofs)
            .await
            .refused(400, "invalid_grant");
    }
    let tokens = bound_tokens(&op, &SPA.ask().scope("openid offline_access"), &holder).await;
    let token = tokens.refresh_token();
    let (bare, _) = token.split_once('.').unwrap();
    let renamed = format!("{bare}.{}", thief.jkt());
    for stolen in [token, bare, &renamed] {
        SPA.refresh(&op, stolen).await.refused(400, "invalid_grant");
        let proof = thief.proof(&op, "/token").await;
        SPA.refresh_with(&op, stolen, &[proof])
            .await
            .refused(400, "invalid_grant");
    }
    // The thief has ended nothing for the owner.
    let proof = holder.proof(&op, "/token").await;
    assert_eq!(SPA.refresh_with(&op, token, &[proof]).await.status, 200);
}

/// RFC 9449 §10.1.
#[tokio::test]
async fn a_push_names_no_other_key_than_it_shows() {
    let op = Op::start().await;
    let (holder, other) = (Holder::new(), Holder::new());
    let ask = BASIC.ask().set("dpop_jkt", &other.jkt());
    let proof = holder.proof(&op, "/par").await;
    push(&op, &ask, &[proof]).await.refused(400, "invalid_request");
}

/// RFC 9449 §11.1.
#[tokio::test]
async fn a_proof_is_good_once_wherever_it_is_shown() {
    let op = Op::start().await;
    let (holder, other) = (Holder::new(), Holder::new());
    let again = json!({"jti": "the same every time"});
    let tokens = bound_tokens(&op, &BASIC.ask(), &holder).await;
    let ask = BASIC.ask();
    let proof = holder.proof_with(&op, "POST", "/par", &again).await;
    assert_eq!(push(&op, &ask, std::slice::from_ref(&proof)).await.status, 201);
    push(&op, &ask, &[proof]).await.refused(400, "invalid_dpop_proof");
    let proof = holder.proof_with(&op, "POST", "/token", &again).await;
    POST.redeem_code(&op, "x", &[proof])
        .await
        .refused(400, "invalid_dpop_proof");
    let seen = json!({"jti": "the same every time", "ath": ath(tokens.access_token())});
    let proof = holder.proof_with(&op, "GET", "/userinfo", &seen).await;
    look(&op, "DPoP", tokens.access_token(), &[proof])
        .await
        .refused(401, "invalid_dpop_proof");
    // Another's key has names of its own.
    let proof = other.proof_with(&op, "POST", "/par", &again).await;
    assert_eq!(push(&op, &ask, &[proof]).await.status, 201);
    // It is remembered until the proof is too old anyway.
    let late = json!({"jti": "late", "iat": op.now().await.secs() + 14});
    let proof = holder.proof_with(&op, "POST", "/par", &late).await;
    assert_eq!(push(&op, &ask, std::slice::from_ref(&proof)).await.status, 201);
    op.advance(70).await;
    push(&op, &ask, std::slice::from_ref(&proof))
        .await
        .refused(400, "invalid_dpop_proof");
    op.advance(10).await;
    push(&op, &ask, &[proof]).await.refused(400, "invalid_dpop_proof");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_that_show_one_proof_at_once_one_is_served() {
    for database in DATABASES {
        let op = Op::on(database).await;
        let holder = Holder::new();
        // Its refresh tokens do not turn, so nothing but the proof stands in the way.
        let tokens = bound_tokens(&op, &POST.ask().scope("openid offline_access"), &holder).await;
        let proof = holder.with_token(&op, tokens.access_token()).await;
        let looking = (0..RACERS).map(|_| {
            let (op, token, proof) = (op.clone(), tokens.access_token().to_owned(), proof.clone());
            async move { look(&op, "DPoP", &token, &[proof]).await }
        });
        one_of_all(&race(looking).await, 401);
        let proof = holder.proof(&op, "/token").await;
        let renewing = (0..RACERS).map(|_| {
            let (op, token, proof) = (op.clone(), tokens.refresh_token().to_owned(), proof.clone());
            async move { POST.refresh_with(&op, &token, &[proof]).await }
        });
        one_of_all(&race(renewing).await, 400);
    }
}

#[track_caller]
fn one_of_all(replies: &[Reply], refused: u16) {
    let (served, others): (Vec<&Reply>, Vec<&Reply>) = replies.iter().partition(|r| r.status == 200);
    assert_eq!(served.len(), 1);
    for reply in others {
        reply.refused(refused, "invalid_dpop_proof");
    }
}
