//! `/token` with every parameter missing, doubled, oversized and wrongly encoded.

use crate::browser::Browser;
use crate::harness::Op;
use crate::relying_party::{BASIC, JWT_BEARER, Reply};
use crate::workspace::{BASIC_SECRET, PAT, POST_SECRET};

const FORM: &str = "application/x-www-form-urlencoded";

/// A raw body, as the partner `basic` sends it.
async fn send(op: &Op, raw: String) -> Reply {
    let request = op.http.post(op.url("/token")).basic_auth("basic", Some(BASIC_SECRET));
    Reply::of(op, request.header("content-type", FORM).body(raw).send().await.unwrap()).await
}

fn join(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// Name, and the error when it is missing; anything else that is wrong with a parameter is invalid_request.
const OF_CODE: [(&str, &str); 4] = [
    ("grant_type", "invalid_request"),
    ("code", "invalid_request"),
    ("redirect_uri", "invalid_grant"),
    ("code_verifier", "invalid_grant"),
];

#[tokio::test]
async fn every_parameter_of_a_code_exchange() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    for (name, error) in OF_CODE {
        for case in ["missing", "empty", "doubled", "oversized", "%ff", "%4", "%zz", "%00"] {
            let ask = BASIC.ask();
            let answer = browser.sign_in(&ask, &PAT).await;
            let all = [
                ("grant_type", "authorization_code"),
                ("code", answer.code()),
                ("redirect_uri", BASIC.redirect_uri),
                ("code_verifier", ask.verifier.as_str()),
            ];
            let others: Vec<(&str, &str)> = all.iter().copied().filter(|(n, _)| *n != name).collect();
            let value = all.iter().find(|(n, _)| *n == name).unwrap().1;
            let (body, error) = match case {
                "missing" => (join(&others), error),
                "empty" => (format!("{}&{name}=", join(&others)), error),
                "doubled" => (
                    format!(
                        "{}&{}&{}",
                        join(&others),
                        join(&[(name, value)]),
                        join(&[(name, value)])
                    ),
                    "invalid_request",
                ),
                "oversized" => (
                    format!("{}&{name}={}", join(&others), "x".repeat(20_000)),
                    "invalid_request",
                ),
                bad => (format!("{}&{name}={bad}", join(&others)), "invalid_request"),
            };
            let reply = send(&op, body).await;
            assert_eq!(
                (reply.status, reply.error()),
                (400, error),
                "{name} {case}: {}",
                reply.json
            );
            assert_eq!(reply.headers["cache-control"], "no-store");
        }
    }
}

#[tokio::test]
async fn every_parameter_of_a_renewal() {
    let op = Op::start().await;
    for (body, error) in [
        ("grant_type=refresh_token".to_owned(), "invalid_request"),
        ("grant_type=refresh_token&refresh_token=".into(), "invalid_request"),
        (
            "grant_type=refresh_token&refresh_token=a&refresh_token=a".into(),
            "invalid_request",
        ),
        (
            format!("grant_type=refresh_token&refresh_token={}", "x".repeat(5_000)),
            "invalid_grant",
        ),
        (
            format!("grant_type=refresh_token&refresh_token={}", "x".repeat(20_000)),
            "invalid_request",
        ),
        ("grant_type=refresh_token&refresh_token=%ff".into(), "invalid_request"),
        ("grant_type=refresh_token&refresh_token=%C3%A9".into(), "invalid_grant"),
        (
            "grant_type=refresh_token&refresh_token=a&scope=openid&scope=openid".into(),
            "invalid_request",
        ),
        (
            "grant_type=refresh_token&refresh_token=a&scope=%22".into(),
            "invalid_scope",
        ),
        (
            "grant_type=refresh_token&grant_type=authorization_code&refresh_token=a".into(),
            "invalid_request",
        ),
        ("".into(), "invalid_request"),
        ("grant_type".into(), "invalid_request"),
        ("&a=1".repeat(200), "invalid_request"),
        (format!("{}=1", "n".repeat(200)), "invalid_request"),
    ] {
        let what: String = body.chars().take(80).collect();
        let reply = send(&op, body).await;
        assert_eq!((reply.status, reply.error()), (400, error), "{what}: {}", reply.json);
    }
}

#[tokio::test]
async fn every_parameter_of_client_authentication() {
    let op = Op::start().await;
    let base = "grant_type=refresh_token&refresh_token=x";
    let jwt = format!("client_assertion_type={JWT_BEARER}");
    for (more, status, error) in [
        ("".to_owned(), 401, "invalid_client"),
        ("&client_id=".into(), 401, "invalid_client"),
        ("&client_id=nobody".into(), 401, "invalid_client"),
        ("&client_id=post&client_id=post".into(), 400, "invalid_request"),
        (
            format!("&client_id=post&client_secret={POST_SECRET}&client_secret={POST_SECRET}"),
            400,
            "invalid_request",
        ),
        ("&client_id=post&client_secret=wrong".into(), 401, "invalid_client"),
        ("&client_secret=wrong".into(), 401, "invalid_client"),
        (
            format!("&client_id=post&client_secret={}", "x".repeat(10_000)),
            401,
            "invalid_client",
        ),
        (
            format!("&client_id=post&client_secret={}", "x".repeat(20_000)),
            400,
            "invalid_request",
        ),
        (format!("&client_id={}", "x".repeat(10_000)), 401, "invalid_client"),
        ("&client_id=%ff".into(), 400, "invalid_request"),
        (format!("&{jwt}"), 400, "invalid_request"),
        ("&client_assertion=a.b.c".into(), 400, "invalid_request"),
        (
            format!("&{jwt}&client_assertion=a.b.c&client_assertion=a.b.c"),
            400,
            "invalid_request",
        ),
        (format!("&{jwt}&{jwt}&client_assertion=a.b.c"), 400, "invalid_request"),
        (
            format!("&{jwt}&client_assertion={}", "x".repeat(10_000)),
            401,
            "invalid_client",
        ),
        (
            format!("&{jwt}&client_assertion=a.b.c&client_id=post&client_secret=x"),
            400,
            "invalid_request",
        ),
    ] {
        let request = op.http.post(op.url("/token")).header("content-type", FORM);
        let reply = Reply::of(&op, request.body(format!("{base}{more}")).send().await.unwrap()).await;
        let what: String = more.chars().take(80).collect();
        assert_eq!((reply.status, reply.error()), (status, error), "{what}: {}", reply.json);
    }
}

#[tokio::test]
async fn every_way_to_get_the_authorization_header_wrong() {
    let op = Op::start().await;
    let base = "grant_type=refresh_token&refresh_token=x";
    for header in [
        "Basic",
        "Basic ",
        "Basic %%%",
        "Basic Og==",
        "Basic YmFzaWM=",
        "Basic YmFzaWM6",
        "Digest x",
        "x",
    ] {
        let request = op.http.post(op.url("/token")).header("authorization", header);
        let reply = Reply::of(
            &op,
            request.header("content-type", FORM).body(base).send().await.unwrap(),
        )
        .await;
        assert_eq!(
            (reply.status, reply.error()),
            (401, "invalid_client"),
            "{header}: {}",
            reply.json
        );
    }
    let twice = op
        .http
        .post(op.url("/token"))
        .basic_auth("basic", Some(BASIC_SECRET))
        .basic_auth("basic", Some(BASIC_SECRET));
    let reply = Reply::of(&op, twice.header("content-type", FORM).body(base).send().await.unwrap()).await;
    assert_eq!(
        (reply.status, reply.error()),
        (400, "invalid_request"),
        "two headers: {}",
        reply.json
    );
}

#[tokio::test]
async fn bodies_that_are_no_form() {
    let op = Op::start().await;
    let form = "grant_type=refresh_token&refresh_token=x";
    for (kind, body) in [
        (
            "application/json",
            r#"{"grant_type":"refresh_token","refresh_token":"x"}"#,
        ),
        ("text/plain", form),
        ("multipart/form-data; boundary=x", "--x--"),
        ("", form),
    ] {
        let mut request = op
            .http
            .post(op.url("/token"))
            .basic_auth("basic", Some(BASIC_SECRET))
            .body(body);
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let reply = Reply::of(&op, request.send().await.unwrap()).await;
        assert_eq!((reply.status, reply.error()), (400, "invalid_request"), "{kind}");
    }
    let request = op
        .http
        .post(op.url("/token"))
        .basic_auth("basic", Some(BASIC_SECRET))
        .body(form);
    let sent = request.header("content-type", "Application/X-WWW-Form-Urlencoded; charset=utf-8");
    let reply = Reply::of(&op, sent.send().await.unwrap()).await;
    reply.refused(400, "invalid_grant");
}
