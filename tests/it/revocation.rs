//! Partners give tokens back (RFC 7009).

use serde_json::Value;

use crate::browser::Browser;
use crate::harness::Op;
use crate::races::DATABASES;
use crate::relying_party::{
    Auth, BASIC, JWT_BEARER, KEY, POST, Reply, Rp, SPA, Tokens, assertion_claims, rp_of, sign_assertion, userinfo,
};
use crate::workspace::PAT;

async fn offline(op: &Op, rp: &'static Rp) -> Tokens {
    Browser::new(op)
        .tokens(&rp.ask().scope("openid profile offline_access"), &PAT)
        .await
}

async fn revoke(op: &Op, rp: &Rp, token: &str) -> Reply {
    rp.call(op, "/revoke", &[("token", token)]).await
}

/// RFC 7009 §2.2: 200, and nothing more is said.
#[track_caller]
fn ended(reply: &Reply) {
    assert_eq!((reply.status, &reply.json), (200, &Value::Null), "{}", reply.json);
    assert_eq!(reply.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_refresh_token_ends_everything_that_came_of_it() {
    let op = Op::start().await;
    for rp in [&BASIC, &POST, &KEY, &SPA] {
        let first = offline(&op, rp).await;
        let second = Tokens::of(&op, rp, rp.refresh(&op, first.refresh_token()).await).await;
        let last = second.json["refresh_token"].as_str().unwrap_or(first.refresh_token());
        assert_eq!(userinfo(&op, second.access_token()).await.status, 200);
        ended(&revoke(&op, rp, last).await);
        for token in [first.access_token(), second.access_token()] {
            let reply = userinfo(&op, token).await;
            assert_eq!((reply.status, reply.error()), (401, "invalid_token"), "{}", rp.id);
        }
        rp.refresh(&op, last).await.refused(400, "invalid_grant");
        // Again: the same answer, and nothing to write down.
        ended(&revoke(&op, rp, last).await);
    }
    let records = op.audit("token.revoked").await;
    assert_eq!(records.len(), 4);
    assert!(
        records
            .iter()
            .all(|r| r["outcome"] == "success" && r["detail"]["kind"] == "refresh_token")
    );
}

/// RFC 7009 §2.1: the grant of an access token may stay, and here it does.
#[tokio::test]
async fn an_access_token_ends_alone() {
    for database in DATABASES {
        let op = Op::on(database).await;
        let first = offline(&op, &BASIC).await;
        // Seen before, so that its signature need not be checked again.
        assert_eq!(userinfo(&op, first.access_token()).await.status, 200);
        ended(&revoke(&op, &BASIC, first.access_token()).await);
        let reply = userinfo(&op, first.access_token()).await;
        assert_eq!((reply.status, reply.error()), (401, "invalid_token"), "{database:?}");
        let second = Tokens::of(&op, &BASIC, BASIC.refresh(&op, first.refresh_token()).await).await;
        assert_eq!(userinfo(&op, second.access_token()).await.status, 200);
        ended(&revoke(&op, &BASIC, first.access_token()).await);
        let records = op.audit("token.revoked").await;
        assert_eq!(
            (records.len(), &records[0]["detail"]["kind"]),
            (1, &"access_token".into())
        );
        assert_eq!(records[0]["client"], "basic");
    }
}

#[tokio::test]
async fn another_partners_token_stays_and_nobody_is_told() {
    let op = Op::start().await;
    let tokens = offline(&op, &BASIC).await;
    for thief in [&POST, &KEY, &SPA] {
        for token in [
            tokens.access_token(),
            tokens.refresh_token(),
            tokens.id_token(),
            "unknown",
            "a.b.c",
        ] {
            ended(&revoke(&op, thief, token).await);
        }
    }
    assert_eq!(userinfo(&op, tokens.access_token()).await.status, 200);
    assert_eq!(BASIC.refresh(&op, tokens.refresh_token()).await.status, 200);
    assert_eq!(op.audit("token.revocation_refused").await.len(), 6);
    assert!(op.audit("token.revoked").await.is_empty());
}

/// RFC 7009 §2.1: the hint helps to look, and changes nothing.
#[tokio::test]
async fn a_wrong_hint_misleads_nobody() {
    let op = Op::start().await;
    for hint in ["access_token", "refresh_token", "urn:x", ""] {
        let tokens = offline(&op, &BASIC).await;
        let fields = [("token", tokens.refresh_token()), ("token_type_hint", hint)];
        ended(&BASIC.call(&op, "/revoke", &fields).await);
        BASIC
            .refresh(&op, tokens.refresh_token())
            .await
            .refused(400, "invalid_grant");
    }
}

#[tokio::test]
async fn an_id_token_cannot_be_called_back() {
    let op = Op::start().await;
    let tokens = offline(&op, &BASIC).await;
    revoke(&op, &BASIC, tokens.id_token())
        .await
        .refused(400, "unsupported_token_type");
    assert_eq!(userinfo(&op, tokens.access_token()).await.status, 200);
}

#[tokio::test]
async fn whoever_does_not_show_who_they_are_ends_nothing() {
    let op = Op::start().await;
    let tokens = offline(&op, &BASIC).await;
    let wrong = rp_of("basic", BASIC.redirect_uri, Auth::Basic("wrong"));
    let named_only = rp_of("basic", BASIC.redirect_uri, Auth::Public);
    for caller in [&wrong, &named_only] {
        revoke(&op, caller, tokens.refresh_token())
            .await
            .refused(401, "invalid_client");
    }
    BASIC.call(&op, "/revoke", &[]).await.refused(400, "invalid_request");
    let twice = [("token", "a"), ("token", "a")];
    BASIC.call(&op, "/revoke", &twice).await.refused(400, "invalid_request");
    // An assertion for this very endpoint is taken, and opens it once.
    let mut claims = assertion_claims(&op, "key").await;
    claims["aud"] = op.url("/revoke").into();
    let assertion = sign_assertion(&claims);
    let fields = [
        ("token", "unknown"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion.as_str()),
    ];
    let send = || async { Reply::of(&op, op.http.post(op.url("/revoke")).form(&fields).send().await.unwrap()).await };
    ended(&send().await);
    send().await.refused(401, "invalid_client");
    assert_eq!(BASIC.refresh(&op, tokens.refresh_token()).await.status, 200);
    let reply = Reply::of(&op, op.http.get(op.url("/revoke")).send().await.unwrap()).await;
    assert_eq!((reply.status, &reply.headers["allow"]), (405, &"POST".parse().unwrap()));
}

#[tokio::test]
async fn the_metadata_says_where_to_revoke() {
    let op = Op::start().await;
    let url = op.url("/.well-known/openid-configuration");
    let found: Value = op.http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(found["revocation_endpoint"], op.url("/revoke"));
    assert_eq!(
        found["revocation_endpoint_auth_methods_supported"],
        found["token_endpoint_auth_methods_supported"]
    );
}
