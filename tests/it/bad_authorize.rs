//! `/authorize` with every parameter missing, doubled, oversized and wrongly encoded: what is shown to the person,
//! what goes to the partner, and never a crash.

use crate::browser::Browser;
use crate::harness::Op;
use crate::page::Page;
use crate::relying_party::{Ask, BASIC, HYBRID, SPA};

/// What comes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The person is asked to sign in.
    Goes,
    /// A page with this code; the partner learns nothing.
    Page(&'static str),
    /// The partner gets this error.
    Partner(&'static str),
}

use Outcome::{Goes, Page as Shown, Partner};

fn outcome(page: &Page) -> (u16, String) {
    if page.left {
        (303, page.answer().error().to_owned())
    } else if page.id() == "form-post" {
        (200, page.answer().error().to_owned())
    } else {
        (page.status, page.error())
    }
}

async fn check(op: &Op, raw: &str, expected: Outcome, what: &str) -> Page {
    let page = Browser::new(op).get(&op.url(&format!("/authorize?{raw}"))).await;
    let got = outcome(&page);
    match expected {
        Goes => assert_eq!((page.status, page.id().as_str()), (200, "sign-in"), "{what}: {got:?}"),
        Shown(code) => {
            assert_eq!((got.0, got.1.as_str()), (400, code), "{what}");
            assert_eq!(page.id(), "error", "{what}");
            assert!(!page.reference().is_empty(), "{what}: no reference to tell support");
        }
        Partner(code) => {
            assert_eq!((got.0, got.1.as_str()), (303, code), "{what}");
            assert_eq!(page.answer().get("iss"), op.issuer, "{what}");
        }
    }
    page
}

/// Parameter, and what comes of it: missing, doubled, oversized (20,000 characters), bad UTF-8, a bad escape.
const EACH: [(&str, [Outcome; 3]); 19] = [
    (
        "client_id",
        [
            Shown("invalid_request"),
            Shown("invalid_request"),
            Shown("invalid_request"),
        ],
    ),
    (
        "redirect_uri",
        [
            Shown("invalid_request"),
            Shown("invalid_request"),
            Shown("invalid_request"),
        ],
    ),
    (
        "response_type",
        [
            Partner("invalid_request"),
            Partner("invalid_request"),
            Shown("invalid_request"),
        ],
    ),
    (
        "scope",
        [
            Partner("invalid_scope"),
            Partner("invalid_request"),
            Shown("invalid_request"),
        ],
    ),
    ("state", [Goes, Partner("invalid_request"), Shown("invalid_request")]),
    ("nonce", [Goes, Partner("invalid_request"), Shown("invalid_request")]),
    // The rest of the pair is there and makes no sense alone.
    (
        "code_challenge",
        [
            Partner("invalid_request"),
            Partner("invalid_request"),
            Shown("invalid_request"),
        ],
    ),
    (
        "code_challenge_method",
        [
            Partner("invalid_request"),
            Partner("invalid_request"),
            Shown("invalid_request"),
        ],
    ),
    (
        "response_mode",
        [Goes, Partner("invalid_request"), Shown("invalid_request")],
    ),
    ("prompt", [Goes, Partner("invalid_request"), Shown("invalid_request")]),
    ("max_age", [Goes, Partner("invalid_request"), Shown("invalid_request")]),
    (
        "acr_values",
        [Goes, Partner("invalid_request"), Shown("invalid_request")],
    ),
    ("claims", [Goes, Partner("invalid_request"), Shown("invalid_request")]),
    (
        "login_hint",
        [Goes, Partner("invalid_request"), Shown("invalid_request")],
    ),
    (
        "id_token_hint",
        [Goes, Partner("invalid_request"), Shown("invalid_request")],
    ),
    (
        "ui_locales",
        [Goes, Partner("invalid_request"), Shown("invalid_request")],
    ),
    (
        "claims_locales",
        [Goes, Partner("invalid_request"), Shown("invalid_request")],
    ),
    ("display", [Goes, Partner("invalid_request"), Shown("invalid_request")]),
    ("unheard_of", [Goes, Goes, Shown("invalid_request")]),
];

/// A request with every parameter there is.
fn full() -> Ask {
    BASIC
        .ask()
        .set("response_mode", "query")
        .set("prompt", "login")
        .set("max_age", "100")
        .set("acr_values", "urn:countersign:acr:1fa")
        .set("claims", r#"{"userinfo":{"email":null}}"#)
        .set("login_hint", "pat")
        .set("ui_locales", "en")
        .set("claims_locales", "en")
        .set("display", "page")
        .set("unheard_of", "x")
}

#[tokio::test]
async fn every_parameter_missing_doubled_oversized_and_wrongly_encoded() {
    let op = Op::start().await;
    for (name, [missing, doubled, oversized]) in EACH {
        let without = full().without(name);
        check(&op, &without.query(), missing, &format!("{name} missing")).await;
        check(
            &op,
            &format!("{}&{name}=", without.query()),
            missing,
            &format!("{name} empty"),
        )
        .await;
        let value = full().get(name).unwrap_or("x").to_owned();
        let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let twice = format!("{}&{name}={value}&{name}={value}", without.query());
        check(&op, &twice, doubled, &format!("{name} doubled")).await;
        let long = format!("{}&{name}={}", without.query(), "x".repeat(20_000));
        check(&op, &long, oversized, &format!("{name} oversized")).await;
        for (what, bad) in [
            ("not UTF-8", "%ff%fe"),
            ("cut escape", "%4"),
            ("no escape", "%zz"),
            ("NUL", "a%00b"),
        ] {
            let broken = format!("{}&{name}={bad}", without.query());
            check(&op, &broken, Shown("invalid_request"), &format!("{name} {what}")).await;
        }
    }
}

/// Nobody is sent where the partner has not registered (RFC 9700 §4.1).
#[tokio::test]
async fn partners_and_addresses_that_are_not_registered() {
    let op = Op::start().await;
    for (name, value, expected) in [
        ("client_id", "nobody", Shown("invalid_client")),
        ("redirect_uri", "https://rp.example/cb?x=1", Shown("invalid_request")),
        ("redirect_uri", "https://rp.example/CB", Shown("invalid_request")),
        (
            "redirect_uri",
            "https://rp.example.evil.example/cb",
            Shown("invalid_request"),
        ),
        ("redirect_uri", "http://rp.example/cb", Shown("invalid_request")),
        ("redirect_uri", "https://rp.example/cb#x", Shown("invalid_request")),
        ("redirect_uri", "https://rp.example/cb/../cb", Shown("invalid_request")),
        ("redirect_uri", "javascript:alert(1)", Shown("invalid_request")),
    ] {
        check(
            &op,
            &full().set(name, value).query(),
            expected,
            &format!("{name}={value}"),
        )
        .await;
    }
}

#[tokio::test]
async fn values_that_make_no_sense() {
    let op = Op::start().await;
    let long = |n: usize| "x".repeat(n);
    for (name, value, expected) in [
        ("response_type", "nonsense".into(), Partner("unsupported_response_type")),
        ("response_type", "code id_token".into(), Partner("unauthorized_client")),
        ("response_mode", "nonsense".into(), Partner("invalid_request")),
        ("scope", "nothing known".into(), Partner("invalid_scope")),
        ("scope", "open\"id".into(), Partner("invalid_scope")),
        ("state", long(5_000), Partner("invalid_request")),
        ("nonce", long(2_000), Partner("invalid_request")),
        ("login_hint", long(2_000), Partner("invalid_request")),
        ("code_challenge", "short".into(), Partner("invalid_request")),
        ("code_challenge", long(200), Partner("invalid_request")),
        ("code_challenge_method", "plain".into(), Partner("invalid_request")),
        ("code_challenge_method", "S512".into(), Partner("invalid_request")),
        ("acr_values", "a b c d e f g ".repeat(10), Goes),
        (
            "acr_values",
            (0..60).map(|n| format!("a{n} ")).collect(),
            Partner("invalid_request"),
        ),
        ("claims", "{".into(), Partner("invalid_request")),
        ("claims", "[]".into(), Partner("invalid_request")),
        ("claims", r#"{"id_token":7}"#.into(), Partner("invalid_request")),
        (
            "claims",
            r#"{"id_token":{"acr":{"values":[7]}}}"#.into(),
            Partner("invalid_request"),
        ),
        (
            "claims",
            format!("{}{}", "{\"a\":".repeat(200), "}".repeat(200)),
            Partner("invalid_request"),
        ),
        ("ui_locales", "!! ../.. en".into(), Goes),
        ("prompt", "dance".into(), Goes),
        ("request", "e30.e30.".into(), Partner("invalid_request_object")),
        ("request_uri", "urn:x:y".into(), Partner("invalid_request_uri")),
        ("registration", "{}".into(), Partner("registration_not_supported")),
        (
            "authorization_details",
            "[]".into(),
            Partner("invalid_authorization_details"),
        ),
    ] {
        let what = format!("{name}={}", &value[..value.len().min(60)]);
        check(&op, &full().set(name, &value).query(), expected, &what).await;
    }
}

/// Response types with a token lie in the fragment, and so do their errors; implicit is not there (RFC 9700 §2.1.2).
#[tokio::test]
async fn errors_travel_as_the_answer_would_have() {
    let op = Op::start().await;
    for (response_type, error) in [
        ("token", "unsupported_response_type"),
        ("id_token", "unsupported_response_type"),
        ("code token", "unsupported_response_type"),
        ("code id_token token", "unsupported_response_type"),
        ("none", "unsupported_response_type"),
    ] {
        let ask = HYBRID.ask().set("response_type", response_type);
        let page = check(&op, &ask.query(), Partner(error), response_type).await;
        let in_fragment = page.url.fragment().is_some();
        assert_eq!(
            in_fragment,
            response_type.contains("token"),
            "{response_type}: {}",
            page.url
        );
    }
    let hybrid = HYBRID.ask().set("response_type", "id_token code").without("nonce");
    check(&op, &hybrid.query(), Partner("invalid_request"), "hybrid without nonce").await;
    let query = HYBRID
        .ask()
        .set("response_type", "code id_token")
        .set("response_mode", "query");
    check(&op, &query.query(), Partner("invalid_request"), "a token in the query").await;
}

#[tokio::test]
async fn public_clients_need_pkce() {
    let op = Op::start().await;
    let bare = SPA.ask().without("code_challenge").without("code_challenge_method");
    check(&op, &bare.query(), Partner("invalid_request"), "without a challenge").await;
}

#[tokio::test]
async fn whole_requests_that_are_too_much() {
    let op = Op::start().await;
    let base = full().query();
    for (what, more) in [
        ("many parameters", "&a=1".repeat(200)),
        ("a long name", format!("&{}=1", "n".repeat(200))),
        ("a long query", format!("&x={}", "y".repeat(15_000)).repeat(3)),
    ] {
        let expected = if what == "a long query" {
            Goes
        } else {
            Shown("invalid_request")
        };
        check(&op, &format!("{base}{more}"), expected, what).await;
    }
    check(&op, "", Shown("invalid_request"), "nothing").await;
    check(&op, "&&=&=x&", Shown("invalid_request"), "only joints").await;
    // By form the same holds.
    for (raw, code) in [
        ("client_id=%ff", "invalid_request"),
        ("", "invalid_request"),
        ("client_id=nobody", "invalid_client"),
    ] {
        let request = op.http.post(op.url("/authorize")).body(raw);
        let sent = request
            .header("content-type", "application/x-www-form-urlencoded")
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status(), 400, "{raw}");
        assert!(
            sent.text().await.unwrap().contains(&format!("data-error=\"{code}\"")),
            "{raw}"
        );
    }
}
