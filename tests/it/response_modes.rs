//! How answers travel (OAuth 2.0 Multiple Response Types, Form Post Response Mode, JARM): codes, ID tokens and refusals,
//! plain and signed.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::page::{Answer, Page};
use crate::relying_party::{Ask, BASIC, EDDSA, HYBRID, PS256, RS256, Rp, alg_of, basic, verify_claims};
use crate::workspace::PAT;

static SIGNED: Rp = basic("signed", "https://signed.example/cb?x=1");

const MORE: &str = r#"
[[clients]]
client_id = "signed"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://signed.example/cb?x=1"]
authorization_signed_response_alg = "PS256"
consent = "implicit"
"#;

/// Where the answer came, read as a careful partner reads it.
fn road(page: &Page) -> &'static str {
    match (page.id() == "form-post", page.url.fragment()) {
        (true, _) => "form_post",
        (false, Some(_)) => "fragment",
        (false, None) => "query",
    }
}

/// The answer inside a signed response (JARM §2.4): ours, for this partner, fresh, and nothing beside it.
async fn opened(op: &Op, ask: &Ask, page: &Page) -> (Answer, Value) {
    let sent = page.answer().params;
    let beside: Vec<&String> = sent.keys().filter(|n| *n != "response" && *n != "x").collect();
    assert!(beside.is_empty(), "{beside:?} beside the response");
    let response = &sent["response"];
    op.secret("a signed response", response);
    let claims = verify_claims(op, response, ask.rp.id, "JWT").await;
    let now = op.now().await.secs();
    let exp = claims["exp"].as_i64().unwrap();
    assert!(exp > now && exp <= now + 600, "{claims}");
    let params = claims.as_object().unwrap().iter();
    let params = params.filter(|(n, _)| !["aud", "exp"].contains(&n.as_str()));
    let params = params
        .map(|(n, v)| (n.clone(), v.as_str().unwrap().to_owned()))
        .collect();
    let answer = Answer { params };
    for (name, what) in [("code", "an authorization code"), ("id_token", "an ID token")] {
        if let Some(value) = answer.params.get(name) {
            op.secret(what, value);
        }
    }
    ask.check_answer(op, &answer);
    (answer, claims)
}

const PLAIN: [(&str, &str); 3] = [("query", "query"), ("fragment", "fragment"), ("form_post", "form_post")];
const JWT: [(&str, &str); 4] = [
    ("query.jwt", "query"),
    ("fragment.jwt", "fragment"),
    ("form_post.jwt", "form_post"),
    ("jwt", "query"),
];

#[tokio::test]
async fn a_code_travels_by_every_mode() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    for (mode, expected) in PLAIN {
        let ask = BASIC.ask().set("response_mode", mode);
        let page = browser.through(&ask, &PAT).await;
        assert_eq!(road(&page), expected, "{mode}");
        ask.check_answer(&op, &page.answer());
        ask.redeem(&op, &page.answer()).await;
    }
    for (mode, expected) in JWT {
        let ask = BASIC.ask().set("response_mode", mode);
        let page = browser.through(&ask, &PAT).await;
        assert_eq!(road(&page), expected, "{mode}");
        let (answer, _) = opened(&op, &ask, &page).await;
        ask.redeem(&op, &answer).await;
    }
}

#[tokio::test]
async fn an_id_token_travels_by_every_mode_but_the_query() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let hybrid = || HYBRID.ask().set("response_type", "code id_token");
    for (mode, expected) in [("fragment", "fragment"), ("form_post", "form_post")] {
        let ask = hybrid().set("response_mode", mode);
        let page = browser.through(&ask, &PAT).await;
        assert_eq!(road(&page), expected, "{mode}");
        let answer = page.answer();
        assert!(!answer.get("id_token").is_empty());
        ask.redeem(&op, &answer).await;
    }
    for (mode, expected) in [
        ("fragment.jwt", "fragment"),
        ("form_post.jwt", "form_post"),
        ("jwt", "fragment"),
    ] {
        let ask = hybrid().set("response_mode", mode);
        let page = browser.through(&ask, &PAT).await;
        assert_eq!(road(&page), expected, "{mode}");
        let (answer, _) = opened(&op, &ask, &page).await;
        assert!(!answer.get("id_token").is_empty());
        ask.redeem(&op, &answer).await;
    }
    let page = browser.open(&hybrid().set("response_mode", "query")).await;
    assert_eq!((road(&page), page.answer().error()), ("fragment", "invalid_request"));
    let ask = hybrid().set("response_mode", "query.jwt");
    let page = browser.open(&ask).await;
    assert_eq!(road(&page), "fragment");
    assert_eq!(opened(&op, &ask, &page).await.0.error(), "invalid_request");
}

#[tokio::test]
async fn refusals_travel_as_the_answer_would_have() {
    let op = Op::start().await;
    for (name, value, error) in [
        ("prompt", "none", "login_required"),
        ("scope", "nothing", "invalid_scope"),
        ("response_type", "code id_token", "unauthorized_client"),
        ("id_token_hint", "nonsense", "invalid_request"),
    ] {
        for (mode, _) in PLAIN.into_iter().chain(JWT) {
            let ask = BASIC.ask().set("response_mode", mode).set(name, value);
            let page = Browser::new(&op).open(&ask).await;
            let answer = if mode.contains("jwt") {
                opened(&op, &ask, &page).await.0
            } else {
                page.answer()
            };
            assert_eq!(answer.error(), error, "{mode} {name}");
            ask.check_answer(&op, &answer);
        }
    }
    // And what a person refuses on a page.
    let ask = BASIC.ask().set("response_mode", "form_post.jwt");
    let mut browser = Browser::new(&op);
    let page = browser.open(&ask).await;
    let page = browser.press(&page, "action", "cancel").await;
    assert_eq!(opened(&op, &ask, &page).await.0.error(), "access_denied");
}

#[tokio::test]
async fn responses_are_signed_as_the_partner_registered() {
    use jsonwebtoken::Algorithm::{self, EdDSA as Ed};
    let op = Op::with(Database::Sqlite, MORE).await;
    let mut browser = Browser::new(&op);
    let expected: [(&'static Rp, Algorithm); 5] = [
        (&BASIC, Algorithm::ES256),
        (&RS256, Algorithm::RS256),
        (&PS256, Algorithm::PS256),
        (&EDDSA, Ed),
        (&SIGNED, Algorithm::PS256),
    ];
    for (rp, alg) in expected {
        let ask = rp.ask().set("response_mode", "jwt");
        let page = browser.through(&ask, &PAT).await;
        assert!(page.url.as_str().starts_with(rp.redirect_uri), "{}", page.url);
        assert_eq!(alg_of(&page.answer().params["response"]), alg, "{}", rp.id);
        let (answer, _) = opened(&op, &ask, &page).await;
        let reply = ask.redeem_raw(&op, answer.code()).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
    }
}

/// A signed response is no ID token: nobody can hint at a person with it.
#[tokio::test]
async fn a_signed_response_is_no_hint() {
    let op = Op::start().await;
    let ask = BASIC.ask().set("response_mode", "jwt");
    let page = Browser::new(&op).through(&ask, &PAT).await;
    opened(&op, &ask, &page).await;
    let hint = page.answer().params["response"].clone();
    let again = Browser::new(&op).open(&BASIC.ask().set("id_token_hint", &hint)).await;
    assert_eq!(again.answer().error(), "invalid_request");
}

#[tokio::test]
async fn the_page_that_posts_an_answer_runs_one_script_and_works_without() {
    let op = Op::start().await;
    let ask = BASIC
        .ask()
        .set("response_mode", "form_post")
        .set("state", "\"><script>alert(1)</script>");
    let mut browser = Browser::new(&op);
    let page = browser.through(&ask, &PAT).await;
    let policy = page.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'sha256-",
        "form-action https:;",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{part} is not in {policy}");
    }
    assert!(
        !policy.contains("unsafe-inline") && !policy.contains("'self'"),
        "{policy}"
    );
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(page.html.contains("<noscript><button"), "{}", page.html);
    assert!(!page.html.contains("<script>alert"), "{}", page.html);
    assert_eq!(page.form().action, BASIC.redirect_uri);
    ask.check_answer(&op, &page.answer());
}

#[tokio::test]
async fn the_metadata_lists_what_there_is() {
    let op = Op::start().await;
    let url = op.url("/.well-known/openid-configuration");
    let found: Value = op.http.get(url).send().await.unwrap().json().await.unwrap();
    let modes = [
        "query",
        "fragment",
        "form_post",
        "query.jwt",
        "fragment.jwt",
        "form_post.jwt",
        "jwt",
    ];
    assert_eq!(found["response_modes_supported"], json!(modes));
    assert_eq!(
        found["authorization_signing_alg_values_supported"],
        found["id_token_signing_alg_values_supported"]
    );
}
