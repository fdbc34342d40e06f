//! Pushed authorization requests (RFC 9126): the partner leaves its request, and sends the browser with a reference.

use serde_json::json;

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::races::{DATABASES, RACERS, race};
use crate::relying_party::{AAL2, Ask, BASIC, KEY, POST, Reply, Rp, SPA, rp_of};
use crate::workspace::{LEE, PAT, partner_key};

/// Partners of these stories alone.
pub fn more() -> String {
    let key = partner_key();
    format!(
        r#"
[[clients]]
client_id = "strict"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://strict.example/cb"]
require_pushed_authorization_requests = true
consent = "implicit"

[[clients]]
client_id = "fapi"
profile = "fapi2"
token_endpoint_auth_method = "private_key_jwt"
jwks = {{ keys = [{{ kty = "EC", crv = "P-256", x = "{}", y = "{}", kid = "partner-1" }}] }}
redirect_uris = ["https://fapi.example/cb"]
scope = "openid profile"
consent = "implicit"
"#,
        key.x, key.y
    )
}

pub static STRICT: Rp = crate::relying_party::basic("strict", "https://strict.example/cb");
pub static FAPI: Rp = rp_of("fapi", "https://fapi.example/cb", crate::relying_party::Auth::Bound);

impl Ask {
    pub async fn push_raw(&self, op: &Op) -> Reply {
        let fields: Vec<(&str, &str)> = self
            .params
            .iter()
            .filter(|(n, _)| n != "client_id")
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        self.rp.call(op, "/par", &fields).await
    }

    /// Pushes it; answers the reference.
    pub async fn push(&self, op: &Op) -> String {
        let reply = self.push_raw(op).await;
        assert_eq!(reply.status, 201, "{}", reply.json);
        reply.json["request_uri"].as_str().unwrap().to_owned()
    }
}

/// What the browser is sent with.
pub fn link(op: &Op, client: &str, request_uri: &str) -> String {
    let pairs = [("client_id", client), ("request_uri", request_uri)];
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    op.url(&format!("/authorize?{query}"))
}

#[track_caller]
pub fn is_no_reference(page: &Page) {
    assert_eq!(
        (page.status, page.id().as_str(), page.error().as_str()),
        (400, "error", "invalid_request_uri"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn every_kind_of_partner_pushes_and_gets_its_tokens() {
    let op = Op::with(Database::Sqlite, &more()).await;
    for rp in [&BASIC, &POST, &KEY, &SPA, &STRICT, &FAPI] {
        let ask = rp.ask();
        let reply = ask.push_raw(&op).await;
        assert_eq!(reply.status, 201, "{}: {}", rp.id, reply.json);
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert_eq!(reply.json["expires_in"], 90);
        let reference = reply.json["request_uri"].as_str().unwrap();
        assert!(
            reference.starts_with("urn:ietf:params:oauth:request_uri:"),
            "{reference}"
        );
        assert!(
            reference.len() > "urn:ietf:params:oauth:request_uri:".len() + 40,
            "too easy to guess"
        );
        let mut browser = Browser::new(&op);
        let page = browser.get(&link(&op, rp.id, reference)).await;
        let answer = browser.walk(page, &PAT).await.answer();
        ask.check_answer(&op, &answer);
        ask.redeem(&op, &answer).await;
    }
}

#[tokio::test]
async fn the_metadata_says_where_to_push() {
    let op = Op::start().await;
    let url = op.url("/.well-known/openid-configuration");
    let found: serde_json::Value = op.http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(found["pushed_authorization_request_endpoint"], op.url("/par"));
    assert_eq!(found["require_pushed_authorization_requests"], false);
}

/// RFC 9126 §4, RFC 9101 §6.3.
#[tokio::test]
async fn what_the_browser_adds_to_a_reference_is_ignored() {
    let op = Op::start().await;
    let ask = BASIC.ask().acr(AAL2);
    let reference = ask.push(&op).await;
    let more = "&acr_values=urn:countersign:acr:1fa&scope=email&state=forged&nonce=forged&prompt=none\
                &redirect_uri=https%3A%2F%2Fevil.example%2F&response_mode=fragment&state=twice&response_type=nonsense";
    let mut browser = Browser::new(&op);
    let page = browser.get(&format!("{}{more}", link(&op, "basic", &reference))).await;
    let page = browser.walk(page, &LEE).await;
    let answer = page.answer();
    assert!(page.url.as_str().starts_with(BASIC.redirect_uri) && page.url.fragment().is_none());
    ask.check_answer(&op, &answer);
    let tokens = ask.redeem(&op, &answer).await;
    assert_eq!((tokens.acr(), &tokens.json["scope"]), (AAL2, &json!("openid")));
}

/// FAPI 2.0 §5.3.2.2 note 3: a page may be loaded again; what is answered is answered.
#[tokio::test]
async fn a_reference_is_used_up_by_its_end_and_not_by_its_first_page() {
    let op = Op::start().await;
    let ask = BASIC.ask();
    let reference = ask.push(&op).await;
    let mut browser = Browser::new(&op);
    let first = browser.get(&link(&op, "basic", &reference)).await;
    assert_eq!(first.id(), "sign-in");
    let again = browser.get(&link(&op, "basic", &reference)).await;
    let answer = browser.walk(again, &PAT).await.answer();
    ask.redeem(&op, &answer).await;
    // Now there is a session, which would answer at once.
    is_no_reference(&browser.get(&link(&op, "basic", &reference)).await);
    is_no_reference(&Browser::new(&op).get(&link(&op, "basic", &reference)).await);
    // And the page that was opened first is over: it takes no password any more, right or wrong.
    assert_eq!(browser.get(first.url.as_str()).await.status, 400);
    for password in [PAT.password, "wrong"] {
        let fields = [("username", PAT.username), ("password", password)];
        let late = browser.submit(&first, &fields).await;
        assert_eq!((late.left, late.status, late.id().as_str()), (false, 400, "error"));
    }
}

#[tokio::test]
async fn a_reference_is_used_up_by_a_refusal_as_well() {
    let op = Op::start().await;
    let ask = BASIC.ask().set("prompt", "none");
    let reference = ask.push(&op).await;
    let mut browser = Browser::new(&op);
    let page = browser.get(&link(&op, "basic", &reference)).await;
    assert_eq!(page.answer().error(), "login_required");
    is_no_reference(&browser.get(&link(&op, "basic", &reference)).await);
    let ask = BASIC.ask();
    let reference = ask.push(&op).await;
    let page = browser.get(&link(&op, "basic", &reference)).await;
    let page = browser.press(&page, "action", "cancel").await;
    assert_eq!(page.answer().error(), "access_denied");
    is_no_reference(&browser.get(&link(&op, "basic", &reference)).await);
}

#[tokio::test]
async fn a_reference_expires_but_who_is_signing_in_goes_on() {
    let op = Op::start().await;
    let (ask, late) = (BASIC.ask(), BASIC.ask());
    let (reference, unused) = (ask.push(&op).await, late.push(&op).await);
    let mut browser = Browser::new(&op);
    let page = browser.get(&link(&op, "basic", &reference)).await;
    op.advance(91).await;
    is_no_reference(&browser.get(&link(&op, "basic", &unused)).await);
    let answer = browser.walk(page, &PAT).await.answer();
    ask.redeem(&op, &answer).await;
}

#[tokio::test]
async fn a_form_of_the_partner_may_carry_the_reference() {
    let op = Op::start().await;
    let ask = BASIC.ask();
    let reference = ask.push(&op).await;
    let mut browser = Browser::new(&op);
    let fields = [("client_id", "basic"), ("request_uri", reference.as_str())];
    let page = browser.post_from_elsewhere(&op.url("/authorize"), &fields).await;
    let answer = browser.walk(page, &PAT).await.answer();
    ask.redeem(&op, &answer).await;
    is_no_reference(&browser.get(&link(&op, "basic", &reference)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_browsers_with_one_reference_one_gets_the_answer() {
    for database in DATABASES {
        let op = Op::on(database).await;
        let ask = BASIC.ask();
        let reference = ask.push(&op).await;
        let mut racers = Vec::new();
        for _ in 0..RACERS {
            let mut browser = Browser::new(&op);
            let page = browser.get(&link(&op, "basic", &reference)).await;
            racers.push(async move {
                let fields = [("username", PAT.username), ("password", PAT.password)];
                browser.submit(&page, &fields).await
            });
        }
        let pages = race(racers).await;
        let left: Vec<&Page> = pages.iter().filter(|p| p.left).collect();
        assert_eq!(left.len(), 1, "{database:?}");
        ask.redeem(&op, &left[0].answer()).await;
        for page in pages.iter().filter(|p| !p.left) {
            assert_eq!(
                (page.status, page.id().as_str()),
                (400, "error"),
                "{database:?}: {}",
                page.text()
            );
        }
    }
}
