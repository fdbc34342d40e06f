//! Signing keys turn without anybody noticing: old tokens verify, new ones have a new key.

use std::time::Duration;

use serde_json::Value;

use crate::browser::Browser;
use crate::harness::Op;
use crate::relying_party::{BASIC, RS256, jwks, userinfo, verify};
use crate::workspace::PAT;

fn kid(jws: &str) -> String {
    jsonwebtoken::decode_header(jws).unwrap().kid.unwrap()
}

/// A running server sees within moments what a command has changed.
async fn until_published(op: &Op, holds: impl Fn(&Value) -> bool) {
    const LOOKS: u32 = 200;
    for _ in 0..LOOKS {
        if holds(&jwks(op).await) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the published keys have not changed");
}

fn kids(set: &Value) -> Vec<String> {
    let keys = set["keys"].as_array().unwrap();
    keys.iter().map(|k| k["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn after_a_rotation_old_tokens_verify_and_new_ones_have_a_new_key() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let old = browser.tokens(&BASIC.ask().scope("openid offline_access"), &PAT).await;
    let old_rsa = browser.tokens(&RS256.ask(), &PAT).await;
    op.files.run_ok(&["keys", "rotate"]);
    let new = browser.tokens(&BASIC.ask(), &PAT).await;
    let new_rsa = browser.tokens(&RS256.ask(), &PAT).await;
    assert_ne!(kid(old.id_token()), kid(new.id_token()));
    assert_ne!(kid(old.access_token()), kid(new.access_token()));
    assert_ne!(kid(old_rsa.id_token()), kid(new_rsa.id_token()));
    until_published(&op, |set| kids(set).contains(&kid(new.id_token()))).await;
    verify(&op, old.id_token(), "basic", "JWT").await;
    verify(&op, old_rsa.id_token(), "rs256", "JWT").await;
    assert_eq!(userinfo(&op, old.access_token()).await.status, 200);
    assert!(
        browser
            .open(&BASIC.ask().set("id_token_hint", old.id_token()))
            .await
            .left,
        "and are hints"
    );
    // One kind alone.
    op.files.run_ok(&["keys", "rotate", "--kind", "P-256"]);
    let newer = browser.tokens(&BASIC.ask(), &PAT).await;
    let same_rsa = browser.tokens(&RS256.ask(), &PAT).await;
    assert_ne!(kid(newer.id_token()), kid(new.id_token()));
    assert_eq!(kid(same_rsa.id_token()), kid(new_rsa.id_token()));
}

#[tokio::test]
async fn a_key_that_is_retired_at_once_verifies_nothing_any_more() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let old = browser.tokens(&BASIC.ask(), &PAT).await;
    op.files.run_ok(&["keys", "rotate"]);
    let listed: Vec<Value> = serde_json::from_str(&op.files.run_ok(&["keys", "list", "--json"])).unwrap();
    let retired = listed
        .iter()
        .find(|k| k["state"] == "retired" && k["kind"] == "P-256" && k["use"] == "sig")
        .unwrap();
    op.files
        .run_ok(&["keys", "retire", retired["kid"].as_str().unwrap(), "--at-once"]);
    assert_eq!(userinfo(&op, old.access_token()).await.status, 401);
    until_published(&op, |set| !kids(set).contains(&kid(old.access_token()))).await;
    browser.tokens(&BASIC.ask(), &PAT).await;
}

#[tokio::test]
async fn keys_list_shows_each_state_and_no_secret() {
    let op = Op::start().await;
    until_published(&op, |set| kids(set).len() >= 6).await;
    let text = op.files.run_ok(&["keys", "list", "--json"]);
    let listed: Vec<Value> = serde_json::from_str(&text).unwrap();
    for kind in ["P-256", "RSA", "Ed25519"] {
        for state in ["current", "next"] {
            let of = listed
                .iter()
                .filter(|k| k["kind"] == kind && k["state"] == state && k["use"] == "sig")
                .count();
            assert_eq!(of, 1, "{kind} {state}: {text}");
        }
    }
    let encrypted_to = listed.iter().filter(|k| k["use"] == "enc");
    assert!(
        encrypted_to.clone().any(|k| k["kind"] == "P-256") && encrypted_to.clone().all(|k| k["state"] == "current")
    );
    assert!(!text.contains("PRIVATE") && !text.contains("\"d\""));
    let said = op.files.run_fails(&["keys", "retire", "no-such-key"]);
    assert!(said.contains("no-such-key"), "{said}");
    let said = op.files.run_fails(&["keys", "rotate", "--kind", "P-521"]);
    assert!(said.contains("P-521") && said.contains("Ed25519"), "{said}");
}

#[tokio::test]
async fn published_keys_are_public_and_may_be_cached() {
    let op = Op::start().await;
    // The last keys that a new server makes.
    let complete = |set: &Value| {
        let mut keys = set["keys"].as_array().unwrap().iter();
        keys.any(|k| k["use"] == "enc" && k["kty"] == "RSA")
    };
    until_published(&op, complete).await;
    let get = |etag: Option<&str>| {
        let request = op.http.get(op.url("/jwks"));
        match etag {
            Some(etag) => request.header("If-None-Match", etag),
            None => request,
        }
    };
    let answer = get(None).send().await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let (etag, cache) = (header("etag"), header("cache-control"));
    assert!(cache.contains("public") && cache.contains("max-age="), "{cache}");
    assert!(
        etag.starts_with('"') && etag.ends_with('"'),
        "a strong entity tag: {etag}"
    );
    assert_eq!(header("content-type"), "application/jwk-set+json");
    assert_eq!(header("access-control-allow-origin"), "*");
    let set: Value = answer.json().await.unwrap();
    for key in set["keys"].as_array().unwrap() {
        for secret in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(secret).is_none(), "{secret} is published");
        }
        // A curve that is encrypted to serves more than one algorithm.
        let many = key["use"] == "enc" && key["kty"] == "EC";
        assert!(many || (["sig", "enc"].contains(&key["use"].as_str().unwrap()) && key["alg"].is_string()));
        assert!(key["kid"].is_string());
    }
    // RFC 9110 §13.1.2: a list, a weak tag and a star match as well; §15.4.5: 304 repeats the caching headers.
    for known in [
        etag.clone(),
        format!("\"other\", {etag}"),
        format!("W/{etag}"),
        "*".to_owned(),
    ] {
        let answer = get(Some(&known)).send().await.unwrap();
        assert_eq!(answer.status(), 304, "If-None-Match: {known}");
        assert_eq!(answer.headers()["etag"].to_str().unwrap(), etag);
        assert_eq!(answer.headers()["cache-control"].to_str().unwrap(), cache);
    }
    assert_eq!(get(Some("\"other\"")).send().await.unwrap().status(), 200);
    op.files.run_ok(&["keys", "rotate"]);
    until_published(&op, |new| *new != set).await;
    assert_eq!(
        get(Some(&etag)).send().await.unwrap().status(),
        200,
        "after a rotation the tag is another"
    );
}
