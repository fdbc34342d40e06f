//! The token endpoint: a code is worth tokens once, to its client, with its verifier (RFC 6749 §4.1.3, RFC 9700).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::browser::Browser;
use crate::harness::Op;
use crate::page::Answer;
use crate::relying_party::{Ask, BASIC, KEY, POST, Rp, SPA, Tokens, userinfo};
use crate::workspace::PAT;

async fn answer(op: &Op, ask: &Ask) -> Answer {
    Browser::new(op).sign_in(ask, &PAT).await
}

/// A token request for a code, with other fields in place of the right ones; an empty one is left out.
async fn redeem_with(op: &Op, rp: &Rp, ask: &Ask, code: &str, other: &[(&str, &str)]) -> crate::relying_party::Reply {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", ask.rp.redirect_uri),
        ("code_verifier", ask.verifier.as_str()),
    ];
    for (name, value) in other {
        fields.retain(|(n, _)| n != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    rp.token(op, &fields).await
}

#[tokio::test]
async fn a_code_is_good_once_and_its_reuse_ends_the_family() {
    let op = Op::start().await;
    for rp in [&BASIC, &POST, &KEY, &SPA] {
        let ask = rp.ask().scope("openid offline_access");
        let answer = answer(&op, &ask).await;
        let tokens = ask.redeem(&op, &answer).await;
        assert_eq!(userinfo(&op, tokens.access_token()).await.status, 200);
        ask.redeem_raw(&op, answer.code()).await.refused(400, "invalid_grant");
        // RFC 6749 §4.1.2, RFC 9700 §4.5: everything that came of it is revoked.
        let reply = userinfo(&op, tokens.access_token()).await;
        assert_eq!((reply.status, reply.error()), (401, "invalid_token"), "{}", rp.id);
        rp.refresh(&op, tokens.refresh_token())
            .await
            .refused(400, "invalid_grant");
    }
    assert_eq!(op.audit("code.reuse_detected").await.len(), 4);
}

#[tokio::test]
async fn a_wrong_verifier_buys_nothing_and_is_no_free_try() {
    let op = Op::start().await;
    let wrong = countersign::base::encoding::base64url(&[7; 32]);
    for (given, error) in [
        (wrong.as_str(), "invalid_grant"),
        ("", "invalid_grant"),
        ("short", "invalid_request"),
        ("has spaces in it, which no verifier may have at all", "invalid_request"),
    ] {
        let ask = BASIC.ask();
        let answer = answer(&op, &ask).await;
        let reply = redeem_with(&op, &BASIC, &ask, answer.code(), &[("code_verifier", given)]).await;
        reply.refused(400, error);
        if error == "invalid_grant" {
            ask.redeem_raw(&op, answer.code()).await.refused(400, "invalid_grant");
        }
    }
    // RFC 9700 §2.1.1: a verifier for a request that had no challenge is a downgrade.
    let ask = BASIC.ask().without("code_challenge").without("code_challenge_method");
    let answer = answer(&op, &ask).await;
    redeem_with(&op, &BASIC, &ask, answer.code(), &[])
        .await
        .refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_code_comes_back_with_its_redirect_uri_and_its_client() {
    let op = Op::start().await;
    for other in ["https://rp.example/other", "https://rp.example/cb/", ""] {
        let ask = BASIC.ask();
        let answer = answer(&op, &ask).await;
        let reply = redeem_with(&op, &BASIC, &ask, answer.code(), &[("redirect_uri", other)]).await;
        reply.refused(400, "invalid_grant");
    }
    let ask = BASIC.ask();
    let answer = answer(&op, &ask).await;
    for thief in [&POST, &KEY, &SPA] {
        redeem_with(&op, thief, &ask, answer.code(), &[])
            .await
            .refused(400, "invalid_grant");
    }
    // The thieves have spoilt nothing for the owner.
    ask.redeem(&op, &answer).await;
}

#[tokio::test]
async fn an_expired_code_buys_nothing() {
    let op = Op::start().await;
    let ask = BASIC.ask();
    let old = answer(&op, &ask).await;
    op.advance(61).await;
    ask.redeem_raw(&op, old.code()).await.refused(400, "invalid_grant");
    let ask = BASIC.ask();
    let fresh = answer(&op, &ask).await;
    op.advance(58).await;
    ask.redeem(&op, &fresh).await;
}

#[tokio::test]
async fn wrong_client_authentication_is_401_and_spends_nothing() {
    let op = Op::start().await;
    let ask = BASIC.ask();
    let answer = answer(&op, &ask).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", answer.code()),
        ("redirect_uri", BASIC.redirect_uri),
        ("code_verifier", ask.verifier.as_str()),
    ];
    let send = |request: reqwest::RequestBuilder| {
        let op = op.clone();
        async move { crate::relying_party::Reply::of(&op, request.send().await.unwrap()).await }
    };
    let post = || op.http.post(op.url("/token"));
    let with = |more: &[(&str, &str)]| {
        let mut all: Vec<(String, String)> = fields.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
        all.extend(more.iter().map(|(n, v)| ((*n).into(), (*v).into())));
        post().form(&all)
    };
    let secret = crate::workspace::BASIC_SECRET;
    for request in [
        post().form(&fields),
        post().form(&fields).basic_auth("basic", Some("wrong")),
        post().form(&fields).basic_auth("nobody", Some(secret)),
        post().form(&fields).header("Authorization", "Basic ???"),
        post().form(&fields).header("Authorization", "Bearer abc"),
        // The registered method, and no other (OIDC Registration §2).
        with(&[("client_id", "basic"), ("client_secret", secret)]),
        with(&[("client_id", "basic")]),
    ] {
        let reply = send(request).await;
        reply.refused(401, "invalid_client");
        let challenge = reply.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("Basic"), "RFC 6749 §5.2: {challenge}");
    }
    let twice = with(&[("client_id", "basic"), ("client_secret", secret)]).basic_auth("basic", Some(secret));
    send(twice).await.refused(400, "invalid_request");
    let other_name = with(&[("client_id", "post")]).basic_auth("basic", Some(secret));
    send(other_name).await.refused(400, "invalid_request");
    ask.redeem(&op, &answer).await;
}

#[tokio::test]
async fn grants_that_are_not_registered_or_unknown_are_refused() {
    let op = Op::start().await;
    let unregistered = &crate::relying_party::RS256;
    let reply = unregistered
        .token(&op, &[("grant_type", "refresh_token"), ("refresh_token", "x")])
        .await;
    reply.refused(400, "unauthorized_client");
    BASIC
        .token(&op, &[("grant_type", "client_credentials")])
        .await
        .refused(400, "unauthorized_client");
    for grant in ["password", "implicit", "urn:x"] {
        BASIC
            .token(&op, &[("grant_type", grant)])
            .await
            .refused(400, "unsupported_grant_type");
    }
}

/// RFC 9068 §2.2.
#[tokio::test]
async fn access_tokens_say_what_the_rfc_asks() {
    let op = Op::start().await;
    let ask = BASIC.ask().scope("openid email");
    let a: Tokens = Browser::new(&op).tokens(&ask, &PAT).await;
    for name in [
        "iss",
        "exp",
        "aud",
        "sub",
        "client_id",
        "iat",
        "jti",
        "auth_time",
        "acr",
        "amr",
    ] {
        assert!(a.access.get(name).is_some_and(|v| !v.is_null()), "{name}: {}", a.access);
    }
    let mut scope: Vec<&str> = a.access["scope"].as_str().unwrap().split(' ').collect();
    scope.sort_unstable();
    assert_eq!(scope, ["email", "openid"]);
    for name in ["email", "name", "nonce"] {
        assert!(a.access.get(name).is_none(), "{name} is nothing for resource servers");
    }
    let at_hash =
        countersign::protocol::claims::half_hash(countersign::protocol::words::SigningAlg::Es256, a.access_token());
    assert_eq!(a.id["at_hash"], Value::from(at_hash));
    let b = Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    assert_ne!(a.access["jti"], b.access["jti"]);
    assert_eq!(a.access["sub"], b.access["sub"]);
}

/// Without openid it is plain OAuth: no ID token, and userinfo says what is missing.
#[tokio::test]
async fn without_openid_there_is_no_id_token() {
    let op = Op::start().await;
    let ask = BASIC.ask().scope("profile").without("nonce");
    let answer = answer(&op, &ask).await;
    let reply = ask.redeem_raw(&op, answer.code()).await;
    assert_eq!(reply.status, 200);
    assert!(reply.json.get("id_token").is_none());
    let reply = userinfo(&op, reply.json["access_token"].as_str().unwrap()).await;
    assert_eq!((reply.status, reply.error()), (403, "insufficient_scope"));
}

/// FAPI 1.0 Baseline §6.2.1.
#[tokio::test]
async fn userinfo_gives_back_what_the_client_calls_its_request_and_else_names_it_itself() {
    const NAME: &str = "x-fapi-interaction-id";
    let op = Op::start().await;
    let tokens = Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    let mut ours = BTreeSet::new();
    for (id, given_back) in [
        (Some("c770aef3-6784-41f7-8e0e-ff5f97bddb3a"), true),
        (Some("c770aef3-6784-41f7-8e0e-ff5f97bddb3a<b>"), false),
        (Some("<script>alert(1)</script>00000000000"), false),
        (None, false),
    ] {
        let mut request = op.http.get(op.url("/userinfo")).bearer_auth(tokens.access_token());
        if let Some(id) = id {
            request = request.header(NAME, id);
        }
        let reply = request.send().await.unwrap();
        assert_eq!(reply.status(), 200);
        let said = reply.headers()[NAME].to_str().unwrap();
        if given_back {
            assert_eq!(Some(said), id);
        } else {
            let lengths: Vec<usize> = said.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{said}");
            assert!(ours.insert(said.to_owned()), "{said} twice");
        }
    }
}
