//! Code generators as they are in people's hands (RFC 6238), and the small roads of a sign-in.

use countersign::base::Timestamp;
use countersign::factors::totp::Seed;

use crate::browser::Browser;
use crate::files::{Database, Files};
use crate::harness::Op;
use crate::page::Page;
use crate::relying_party::{AAL2, BASIC, MFA, ONE};
use crate::workspace::{LEE, LEES, PAT, SAM};

const STEP: i64 = 30;

async fn waiting(browser: &mut Browser) -> Page {
    let page = browser.open(&BASIC.ask().acr(AAL2).set("prompt", "login")).await;
    browser.walk_to(&page, &LEE, "verify-totp").await
}

fn code_of(step: i64) -> String {
    let seed = Seed::parse(LEES.secret).unwrap();
    seed.code_at(Timestamp::from_secs(step * STEP)).unwrap()
}

/// One step early or late is forgiven; two are not; and a step is never taken that lies before the last one.
#[tokio::test]
async fn a_code_may_be_one_step_off() {
    let op = Op::start().await;
    for (off, expected) in [(-2, "MFA-110"), (2, "MFA-110"), (-1, ""), (0, ""), (1, "")] {
        // Into the middle of a step, and far from the last one.
        let now = op.now().await.secs();
        let now = op.advance(5 * STEP + STEP / 2 - now % STEP).await.secs();
        let mut browser = Browser::new(&op);
        let page = waiting(&mut browser).await;
        let code = code_of(now / STEP + off);
        op.secret("a one-time code", &code);
        let page = browser.submit(&page, &[("code", &code)]).await;
        assert_eq!(
            (page.left, page.error().as_str()),
            (expected.is_empty(), expected),
            "{off} steps off"
        );
    }
    // The step after now has been used: now and the one before are gone.
    let now = op.now().await.secs() / STEP;
    let mut browser = Browser::new(&op);
    let page = waiting(&mut browser).await;
    for step in [now + 1, now, now - 1] {
        let page = browser.submit(&page, &[("code", &code_of(step))]).await;
        assert!(
            !page.left && page.error() == "MFA-112",
            "{}: {}",
            step - now,
            page.error()
        );
    }
}

#[tokio::test]
async fn codes_that_are_none() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = waiting(&mut browser).await;
    for code in [
        "12345",
        "1234567",
        "abcdef",
        "１２３４５６",
        "-12345",
        "0x1234",
        "' OR 1",
    ] {
        let again = browser.submit(&page, &[("code", code)]).await;
        assert_eq!(
            (again.id().as_str(), again.error().as_str()),
            ("verify-totp", "MFA-110"),
            "{code}"
        );
    }
    let page = browser.walk_on(&page, &LEE).await;
    assert!(page.left);
}

/// S43, S65: what the operator unticks is refused everywhere at once.
#[tokio::test]
async fn s65_a_method_that_is_switched_off_is_refused_in_the_middle_of_a_sign_in() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = waiting(&mut browser).await;
    op.files.write(
        "tight.toml",
        "[workspace]\nname = \"Cedar Health ID\"\nmethods = [\"password\", \"sms\"]\n",
    );
    op.files.run_ok(&["apply", "tight.toml"]);
    let code = op.totp(LEES).await;
    let refused = browser.submit(&page, &[("code", &code)]).await;
    assert!(
        (400..500).contains(&refused.status) && !refused.left,
        "{} {}",
        refused.status,
        refused.text()
    );
    assert_eq!(refused.error(), "MFA-150");
    let denied = op.audit("policy.method_denied").await;
    assert!(
        denied[0]["reason"].as_str().unwrap().contains("workspace"),
        "{}",
        denied[0]
    );
}

/// "Another account" leads back to the first page, unless the partner has said who it must be.
#[tokio::test]
async fn another_account_can_be_taken_before_anything_is_proved() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let tokens = browser.tokens(&BASIC.ask(), &PAT).await;
    let ask = BASIC.ask().set("prompt", "login");
    let page = browser.open(&ask).await;
    let page = browser.press(&page, "action", "switch").await;
    assert_eq!(page.id(), "sign-in");
    let page = browser.walk(page, &SAM).await;
    assert_ne!(ask.redeem(&op, &page.answer()).await.id["sub"], tokens.id["sub"]);
    let mut browser = Browser::new(&op);
    browser.tokens(&BASIC.ask(), &PAT).await;
    let hinted = BASIC
        .ask()
        .set("prompt", "login")
        .set("id_token_hint", tokens.id_token());
    let page = browser.open(&hinted).await;
    let page = browser.press(&page, "action", "switch").await;
    assert_eq!(
        (page.id().as_str(), page.input("username", "value").as_str()),
        ("verify-password", "pat")
    );
}

/// OIDC Registration §2: what a partner has registered as its default.
#[tokio::test]
async fn registered_defaults_count_where_a_request_says_nothing() {
    let client = "[[clients]]\nclient_id = \"basic\"\nclient_secret = \"secret-of-the-basic-client-0123456789\"\n\
        redirect_uris = [\"https://rp.example/cb\"]\nconsent = \"implicit\"\n\
        default_acr_values = [\"urn:countersign:acr:mfa\"]\ndefault_max_age = 100\n";
    let op = Op::with(Database::Sqlite, client).await;
    let mut browser = Browser::new(&op);
    assert_eq!(browser.tokens(&BASIC.ask(), &LEE).await.acr(), MFA);
    assert_eq!(browser.tokens(&BASIC.ask().acr(ONE), &LEE).await.acr(), ONE);
    op.advance(200).await;
    assert!(!browser.open(&BASIC.ask()).await.left, "older than the default");
    assert!(
        browser.open(&BASIC.ask().set("max_age", "1000").acr(ONE)).await.left,
        "the request's own counts"
    );
}

/// An operator's own page stands in for ours of the same name.
#[tokio::test]
async fn operators_may_bring_their_own_pages() {
    let mut files = Files::with_workspace(Database::Sqlite);
    files.more = "[pages]\ntemplates = \"mine\"\n";
    files.write(
        "mine/sign-in.hbs",
        "<!doctype html><html lang=\"en\"><body data-page=\"sign-in\"><h1>Ours</h1><form method=\"post\" action=\"{{frame.action}}\">\
         {{> parts/csrf}}<input name=\"username\"><input name=\"password\"></form></body></html>",
    );
    let op = Op::serve(files).await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask()).await;
    assert!(page.text().contains("Ours"));
    assert!(browser.walk(page, &PAT).await.left);
}

#[test]
fn a_page_that_cannot_be_drawn_is_said_at_start() {
    let mut files = Files::with_workspace(Database::Sqlite);
    files.more = "[pages]\ntemplates = \"mine\"\n";
    files.configure(0);
    for broken in ["{{#if", "{{frame.nothing_of_ours}}", "{{> no/such/part}}"] {
        files.write("mine/sign-in.hbs", broken);
        let said = files.run_fails(&["serve"]);
        assert!(said.contains("sign-in"), "{broken}: {said}");
    }
    std::fs::remove_dir_all(files.path("mine")).unwrap();
    let said = files.run_fails(&["serve"]);
    assert!(said.contains("mine"), "{said}");
}
