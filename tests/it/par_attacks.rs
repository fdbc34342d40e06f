//! What cannot be pushed, and references in the wrong hands.

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::par::{FAPI, STRICT, is_no_reference, link, more};
use crate::relying_party::{BASIC, JWT_BEARER, KEY, POST, Reply, SPA, assertion_claims, sign_assertion};

#[tokio::test]
async fn a_reference_of_another_partner_is_none() {
    let op = Op::start().await;
    let reference = BASIC.ask().push(&op).await;
    let mut browser = Browser::new(&op);
    is_no_reference(&browser.get(&link(&op, "post", &reference)).await);
    is_no_reference(&browser.get(&link(&op, "basic", &format!("{reference}x"))).await);
    is_no_reference(
        &browser
            .get(&link(&op, "basic", "urn:ietf:params:oauth:request_uri:"))
            .await,
    );
    let page = browser.get(&link(&op, "nobody", &reference)).await;
    assert_eq!((page.status, page.error().as_str()), (400, "invalid_client"));
    let twice = format!("{}&request_uri={reference}", link(&op, "basic", &reference));
    assert_eq!(browser.get(&twice).await.answer().error(), "invalid_request");
    // None of it has used it up.
    assert_eq!(browser.get(&link(&op, "basic", &reference)).await.id(), "sign-in");
}

#[tokio::test]
async fn whoever_cannot_show_who_they_are_pushes_nothing() {
    let op = Op::start().await;
    let ask = BASIC.ask();
    let fields: Vec<(&str, &str)> = ask.params.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let plain = op.http.post(op.url("/par")).form(&fields).send().await.unwrap();
    let plain = Reply::of(&op, plain).await;
    plain.refused(401, "invalid_client");
    let wrong = op
        .http
        .post(op.url("/par"))
        .basic_auth("basic", Some("wrong"))
        .form(&fields);
    Reply::of(&op, wrong.send().await.unwrap())
        .await
        .refused(401, "invalid_client");
    // In the name of another.
    POST.call(&op, "/par", &[("client_id", "basic")])
        .await
        .refused(400, "invalid_request");
}

#[tokio::test]
async fn everything_that_authorize_refuses_is_refused_at_once() {
    let op = Op::with(Database::Sqlite, &more()).await;
    for (name, value, error) in [
        ("redirect_uri", "https://evil.example/", "invalid_request"),
        ("redirect_uri", "", "invalid_request"),
        ("response_type", "", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "code id_token", "unauthorized_client"),
        ("response_mode", "nonsense", "invalid_request"),
        ("scope", "nothing known", "invalid_scope"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("claims", "{", "invalid_request"),
        ("id_token_hint", "nonsense", "invalid_request"),
        ("authorization_details", "[]", "invalid_authorization_details"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:x", "invalid_request"),
        ("request_uri", "https://rp.example/request", "invalid_request"),
    ] {
        let reply = BASIC.ask().set(name, value).push_raw(&op).await;
        assert_eq!(
            (reply.status, reply.error()),
            (400, error),
            "{name}={value}: {}",
            reply.json
        );
        assert!(!reply.json.to_string().contains("evil.example"));
    }
    let mut doubled = BASIC.ask();
    doubled.params.push(("state".into(), "twice".into()));
    doubled.push_raw(&op).await.refused(400, "invalid_request");
    for rp in [&SPA, &FAPI] {
        let bare = rp.ask().without("code_challenge").without("code_challenge_method");
        bare.push_raw(&op).await.refused(400, "invalid_request");
    }
    // FAPI 2.0 §5.3.2.2: the address is part of the request, also where only one is registered.
    let unsaid = FAPI.ask().scope("profile").without("redirect_uri");
    unsaid.push_raw(&op).await.refused(400, "invalid_request");
}

/// RFC 9126 §2: the assertion may be for the issuer, the token endpoint or this one; once, also if the push is refused.
#[tokio::test]
async fn an_assertion_pushes_once() {
    let op = Op::start().await;
    let ask = KEY.ask();
    for audience in [op.issuer.clone(), op.url("/token"), op.url("/par")] {
        let mut claims = assertion_claims(&op, "key").await;
        claims["aud"] = audience.into();
        let assertion = sign_assertion(&claims);
        let push = |scope: &'static str| {
            let (op, ask, assertion) = (op.clone(), ask.clone().scope(scope), assertion.clone());
            async move {
                let mut fields = ask.params.clone();
                fields.push(("client_assertion".into(), assertion));
                fields.push(("client_assertion_type".into(), JWT_BEARER.into()));
                Reply::of(&op, op.http.post(op.url("/par")).form(&fields).send().await.unwrap()).await
            }
        };
        push("nothing").await.refused(400, "invalid_scope");
        push("openid").await.refused(401, "invalid_client");
    }
}

#[tokio::test]
async fn whoever_must_push_is_refused_without() {
    let op = Op::with(Database::Sqlite, &more()).await;
    for rp in [&STRICT, &FAPI] {
        let mut browser = Browser::new(&op);
        let page = browser.open(&rp.ask()).await;
        assert_eq!(page.answer().error(), "invalid_request", "{}", rp.id);
    }
}

/// RFC 9126 §2.3.
#[tokio::test]
async fn the_endpoint_takes_forms_by_post_only() {
    let op = Op::start().await;
    let got = Reply::of(&op, op.http.get(op.url("/par")).send().await.unwrap()).await;
    assert_eq!((got.status, got.error()), (405, "invalid_request"));
    assert_eq!(
        (&got.headers["allow"], &got.headers["cache-control"]),
        (&"POST".parse().unwrap(), &"no-store".parse().unwrap())
    );
    let huge = op.http.post(op.url("/par")).form(&[("state", "x".repeat(100_000))]);
    assert_eq!(huge.send().await.unwrap().status(), 413);
    let json = op
        .http
        .post(op.url("/par"))
        .basic_auth("basic", Some("x"))
        .json(&serde_json::json!({}));
    Reply::of(&op, json.send().await.unwrap())
        .await
        .refused(400, "invalid_request");
    for raw in ["state=%ff", "state=%00", "state=%4"] {
        let request = op.http.post(op.url("/par")).body(raw);
        let sent = request.header("content-type", "application/x-www-form-urlencoded");
        Reply::of(&op, sent.send().await.unwrap())
            .await
            .refused(400, "invalid_request");
    }
}
