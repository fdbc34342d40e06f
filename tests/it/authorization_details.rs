//! What exactly is allowed (RFC 9396): pushed, read by the person, and told in the tokens.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::Op;
use crate::par::{link, more as pushing};
use crate::races::DATABASES;
use crate::relying_party::{AAL2, Ask, BASIC, POST, Rp, basic};
use crate::workspace::{BASIC_SECRET, LEE, PAT};

const PAYMENT: &str = "https://pay.example/initiation";

fn more() -> String {
    format!(
        r#"
[[policies]]
name = "strong"
required_acr = "{AAL2}"

[[authorization_details]]
type = "{PAYMENT}"
description = "Pay from your account"
required = ["actions", "instructedAmount"]
optional = ["locations", "creditorName"]

[[authorization_details]]
type = "urn:example:transfer"
optional = ["identifier"]
policies = ["strong"]

[[clients]]
client_id = "payer"
client_secret = "{BASIC_SECRET}"
redirect_uris = ["https://payer.example/cb"]
authorization_details_types = ["{PAYMENT}", "urn:example:transfer"]
scope = "openid offline_access"
grant_types = ["authorization_code", "refresh_token"]
{}"#,
        pushing()
    )
}

static PAYER: Rp = basic("payer", "https://payer.example/cb");

fn payment() -> Value {
    json!([{"type": PAYMENT, "actions": ["initiate", "<b>cancel</b>"], "creditorName": "Merchant \"A\"",
            "instructedAmount": {"currency": "EUR", "amount": "123.50"}}])
}

fn asking(details: &Value) -> Ask {
    PAYER.ask().set("authorization_details", &details.to_string())
}

async fn open(browser: &mut Browser, op: &Op, ask: &Ask) -> crate::page::Page {
    let reference = ask.push(op).await;
    browser.get(&link(op, ask.rp.id, &reference)).await
}

#[tokio::test]
async fn what_the_person_has_read_is_what_the_tokens_say() {
    for database in DATABASES {
        let op = Op::with(database, &more()).await;
        let ask = asking(&payment())
            .scope("openid offline_access")
            .set("prompt", "consent");
        let mut browser = Browser::new(&op);
        let page = open(&mut browser, &op, &ask).await;
        let page = browser.walk_to(&page, &PAT, "consent").await;
        let shown = page.text_of("section.allowed");
        for text in [
            "Pay from your account",
            "initiate",
            "<b>cancel</b>",
            "Merchant \"A\"",
            "instructedAmount",
            "123.50",
            "EUR",
        ] {
            assert!(shown.contains(text), "{text}: {shown}");
        }
        let answer = browser.walk(page, &PAT).await.answer();
        let tokens = ask.redeem(&op, &answer).await;
        // RFC 9396 §7, §9.1, §9.2.
        assert_eq!(tokens.json["authorization_details"], payment());
        assert_eq!(tokens.access["authorization_details"], payment());
        let told = PAYER
            .call(&op, "/introspect", &[("token", tokens.access_token())])
            .await;
        assert_eq!(told.json["authorization_details"], payment());
        let renewed = PAYER.refresh(&op, tokens.refresh_token()).await;
        assert_eq!(renewed.json["authorization_details"], payment());
        // The ID token says who somebody is, not what was allowed.
        assert!(tokens.id.get("authorization_details").is_none());
    }
}

#[tokio::test]
async fn each_time_is_asked_for_anew() {
    let op = Op::with(crate::harness::Database::Sqlite, &more()).await;
    let mut browser = Browser::new(&op);
    for _ in 0..2 {
        let ask = asking(&payment());
        let page = open(&mut browser, &op, &ask).await;
        let page = browser.walk_to(&page, &PAT, "consent").await;
        assert_eq!(page.id(), "consent");
        let answer = browser.walk(page, &PAT).await.answer();
        ask.redeem(&op, &answer).await;
    }
    let ask = asking(&payment());
    let page = open(&mut browser, &op, &ask).await;
    let page = browser.walk_to(&page, &PAT, "consent").await;
    let denied = browser.press(&page, "action", "deny").await.answer();
    assert_eq!(denied.error(), "access_denied");
}

/// Contract: a type demands what its policies demand, whatever else is asked.
#[tokio::test]
async fn a_type_tightens_what_must_be_proved() {
    let op = Op::with(crate::harness::Database::Sqlite, &more()).await;
    let transfer = json!([{"type": "urn:example:transfer", "identifier": "42"}]);
    let ask = asking(&transfer);
    let mut browser = Browser::new(&op);
    let page = open(&mut browser, &op, &ask).await;
    let answer = browser.walk(page, &LEE).await.answer();
    assert_eq!(ask.redeem(&op, &answer).await.acr(), AAL2);
    // Who cannot prove so much is given nothing weaker.
    let ask = asking(&transfer);
    let mut browser = Browser::new(&op);
    let page = open(&mut browser, &op, &ask).await;
    let answer = browser.walk(page, &PAT).await.answer();
    assert_eq!(answer.error(), "unmet_authentication_requirements");
}

#[tokio::test]
async fn what_is_not_known_complete_or_permitted_is_refused_when_it_is_pushed() {
    let op = Op::with(crate::harness::Database::Sqlite, &more()).await;
    let with = |name: &str, value: Value| {
        let mut all = payment();
        all[0][name] = value;
        all
    };
    for details in [
        json!("text"),
        json!([]),
        json!([{"type": "unheard"}]),
        json!([{"type": PAYMENT, "actions": ["initiate"]}]),
        with("iban", json!("DE00")),
        with("actions", json!("initiate")),
        with("creditorName", json!("A\u{202e}B")),
        with("creditorName", json!("A\nB")),
    ] {
        asking(&details)
            .push_raw(&op)
            .await
            .refused(400, "invalid_authorization_details");
    }
    let whole = payment().to_string();
    PAYER
        .ask()
        .set("authorization_details", &whole[1..])
        .push_raw(&op)
        .await
        .refused(400, "invalid_authorization_details");
    // Another partner may not ask for it: what it may ask for is registered.
    for rp in [&BASIC, &POST] {
        let ask = rp.ask().set("authorization_details", &whole);
        ask.push_raw(&op).await.refused(400, "invalid_authorization_details");
    }
}

/// Through the browser anybody could change them, and they would stand in histories and logs.
#[tokio::test]
async fn they_never_come_through_the_browser() {
    let op = Op::with(crate::harness::Database::Sqlite, &more()).await;
    let ask = asking(&payment());
    let answer = Browser::new(&op).open(&ask).await.answer();
    assert_eq!(answer.error(), "invalid_authorization_details");
    // Nor do they join a pushed request on the way.
    let ask = PAYER.ask();
    let reference = ask.push(&op).await;
    let more = format!(
        "&authorization_details={}",
        url::form_urlencoded::byte_serialize(payment().to_string().as_bytes()).collect::<String>()
    );
    let mut browser = Browser::new(&op);
    let page = browser.get(&format!("{}{more}", link(&op, "payer", &reference))).await;
    let answer = browser.walk(page, &PAT).await.answer();
    let tokens = ask.redeem(&op, &answer).await;
    assert!(tokens.json.get("authorization_details").is_none() && tokens.access.get("authorization_details").is_none());
}

/// What an operator takes away is gone for requests that are under way.
#[tokio::test]
async fn a_type_that_is_gone_is_granted_to_nobody() {
    let op = Op::with(crate::harness::Database::Sqlite, &more()).await;
    let ask = asking(&payment());
    let reference = ask.push(&op).await;
    let changed = format!("[[authorization_details]]\ntype = \"{PAYMENT}\"\nrequired = [\"account\"]\n");
    op.files.write("changed.toml", &changed);
    op.files.run_ok(&["apply", "changed.toml"]);
    let answer = Browser::new(&op).get(&link(&op, "payer", &reference)).await.answer();
    assert_eq!(answer.error(), "invalid_authorization_details");
}

#[tokio::test]
async fn the_metadata_names_the_types() {
    let op = Op::with(crate::harness::Database::Sqlite, &more()).await;
    let url = op.url("/.well-known/openid-configuration");
    let found: Value = op.http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(
        found["authorization_details_types_supported"],
        json!([PAYMENT, "urn:example:transfer"])
    );
}
