//! Setting up a method inside a sign-in (S1, S2, S30, S31, S91); each method and what must not work have files of their own.

use countersign::factors::totp::Seed;

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::relying_party::{AAL2, Ask, MFA, ONE, Rp, basic};
use crate::workspace::{PAT, Persona, SAM};

/// Lets people set something up on the way.
pub static OPEN: Rp = basic("open", "https://open.example/cb");
/// The same, and takes no text messages or calls.
static STRICT: Rp = basic("strict", "https://strict.example/cb");
/// Lets nobody.
static SHUT: Rp = basic("shut", "https://shut.example/cb");

pub const PARTNERS: &str = r#"
[[policies]]
name = "set-up-here"
allow_enrolment = true

[[policies]]
name = "no-telephone"
allow_enrolment = true
deny_methods = ["sms", "voice"]
description = "Cedar Clinic takes no telephones"

[[policies]]
name = "set-up-elsewhere"
allow_enrolment = false

[[clients]]
client_id = "open"
client_name = "Open Partner"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://open.example/cb"]
policies = ["set-up-here"]
consent = "implicit"

[[clients]]
client_id = "strict"
client_name = "Strict Partner"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://strict.example/cb"]
policies = ["no-telephone"]
consent = "implicit"

[[clients]]
client_id = "shut"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://shut.example/cb"]
policies = ["set-up-elsewhere"]
consent = "implicit"

[[users]]
username = "kim"
email = "kim@mail.example"
password = "correct-horse-kim-0"
[[users]]
username = "noor"
email = "noor@mail.example"
password = "correct-horse-noor-0"
"#;

pub const KIM: Persona = Persona {
    username: "kim",
    password: "correct-horse-kim-0",
    ..PAT
};
pub const KIMS_ADDRESS: &str = "kim@mail.example";
pub const NOOR: Persona = Persona {
    username: "noor",
    password: "correct-horse-noor-0",
    ..PAT
};
pub const KIMS_NUMBER: &str = "+14155550131";

pub async fn start() -> Op {
    Op::with(Database::Sqlite, PARTNERS).await
}

/// The chooser of what can be set up, where the partner asks for more than a password.
pub async fn chooser(browser: &mut Browser, ask: &Ask, who: &Persona) -> Page {
    let page = browser.open(ask).await;
    let page = browser.step(&page, who).await;
    assert_eq!(
        (page.id().as_str(), page.error().as_str()),
        ("enrol", ""),
        "{}",
        page.text()
    );
    page
}

/// The page of the code generator, and its secret.
pub async fn generator(browser: &mut Browser, ask: &Ask, who: &Persona) -> (Page, String) {
    let page = chooser(browser, ask, who).await;
    let page = browser.press(&page, "method", "totp").await;
    assert_eq!(page.id(), "enrol-totp", "{}", page.text());
    let secret = secret(browser, &page);
    (page, secret)
}

pub fn secret(browser: &Browser, page: &Page) -> String {
    let secret = page.inner("[data-secret]").replace(' ', "");
    assert_eq!(secret.len(), 32, "{}", page.text());
    browser.op.secret("a code generator's secret", &secret);
    secret
}

/// What a generator with this secret shows now.
pub async fn shown(op: &Op, secret: &str) -> String {
    let code = Seed::parse(secret).unwrap().code_at(op.now().await).unwrap();
    op.secret("a one-time code", &code);
    code
}

/// Six digits that are not these.
pub fn wrong(code: &str) -> String {
    let n: u32 = code.parse().unwrap();
    format!("{:06}", (n + 1) % 1_000_000)
}

/// The page where the code of a text message is typed.
pub async fn texted(browser: &mut Browser, page: &Page, number: &str) -> Page {
    let page = browser.press(page, "method", "sms").await;
    assert_eq!(page.id(), "enrol-phone", "{}", page.text());
    let page = browser.submit(&page, &[("number", number), ("method", "sms")]).await;
    assert_eq!(page.error(), "", "{}", page.text());
    browser.submit(&page, &[("method", "sms")]).await
}

pub async fn names(op: &Op, username: &str) -> Vec<String> {
    let shown = op.files.run_ok(&["user", "show", username, "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let all = shown["authenticators"].as_array().unwrap().iter();
    all.filter_map(|a| a["nickname"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn s1_a_new_user_finds_every_way_with_a_line_of_its_own() {
    let op = start().await;
    let page = chooser(&mut Browser::new(&op), &OPEN.ask().essential(&[MFA]), &KIM).await;
    let offered = page.buttons("method");
    for method in ["totp", "webauthn", "sms", "voice"] {
        assert!(offered.iter().any(|m| m == method), "{method}: {offered:?}");
    }
    let text = page.text();
    for line in ["6-digit codes", "fingerprint", "text a code", "call you"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!page.buttons("action").contains(&"skip".into()), "it is demanded");
}

#[tokio::test]
async fn s2_what_is_only_recommended_can_be_skipped_and_is_not_asked_again() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&OPEN.ask()).await;
    let page = browser.step(&page, &KIM).await;
    assert_eq!(page.id(), "enrol");
    let page = browser.press(&page, "action", "skip").await;
    assert!(page.left, "{}", page.text());
    assert!(!page.answer().code().is_empty());
    let ask = OPEN.ask();
    let page = Browser::new(&op).through(&ask, &KIM).await;
    assert_eq!(ask.redeem(&op, &page.answer()).await.acr(), ONE);
    // Straight through this time: no page of ours stood between.
    let mut other = Browser::new(&op);
    let page = other.open(&OPEN.ask()).await;
    assert!(other.step(&page, &KIM).await.left);
    op.advance(31 * 24 * 3600).await;
    let mut later = Browser::new(&op);
    let page = later.open(&OPEN.ask()).await;
    assert_eq!(later.step(&page, &KIM).await.id(), "enrol", "a month later");
}

#[tokio::test]
async fn s30_where_more_is_demanded_the_chooser_is_no_choice() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = chooser(&mut browser, &OPEN.ask().essential(&[MFA]), &KIM).await;
    let page = browser.press(&page, "action", "skip").await;
    assert_eq!((page.left, page.id().as_str()), (false, "enrol"));
    let page = browser.press(&page, "action", "cancel").await;
    assert_eq!(page.answer().error(), "access_denied");
    assert!(names(&op, "kim").await.is_empty());
}

/// Point 4 of the requirements: what is missing from the chooser says why.
#[tokio::test]
async fn the_chooser_explains_what_a_partner_refuses() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = chooser(&mut browser, &STRICT.ask().essential(&[MFA]), &KIM).await;
    assert!(page.refused().contains(&"sms".into()), "{}", page.text());
    assert!(
        page.text().contains("Cedar Clinic takes no telephones"),
        "{}",
        page.text()
    );
    assert!(!page.buttons("method").contains(&"sms".into()));
    let denied = browser.press(&page, "method", "sms").await;
    assert_eq!((denied.status, denied.error().as_str()), (403, "MFA-150"));
    let records = op.audit("policy.method_denied").await;
    assert!(
        records[0]["reason"].as_str().unwrap().contains("no-telephone"),
        "{records:?}"
    );
    // A partner that lets nobody set up anything on the way gets its error.
    let ask = SHUT.ask().scope("openid").essential(&[MFA]);
    let page = Browser::new(&op).through(&ask, &KIM).await;
    assert_eq!(page.answer().error(), "unmet_authentication_requirements");
}

/// S31: with a method set up, adding another begins with proving that one, and takes nothing away.
#[tokio::test]
async fn s31_what_is_there_is_proved_first_and_stays() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let ask = OPEN.ask().essential(&[AAL2]);
    let page = browser.open(&ask).await;
    let page = browser.step(&page, &SAM).await;
    assert_ne!(page.id(), "enrol", "the password alone must not do: {}", page.text());
    // Whoever posts to the set-up all the same is refused, and it is written down.
    let enrol = format!("{}/enrol", page.url.as_str().split('?').next().unwrap());
    let csrf = page.csrf();
    let denied = browser.post(&enrol, &[("csrf", &csrf), ("method", "totp")]).await;
    assert_eq!(denied.status, 403, "{}", denied.text());
    let records = op.audit("policy.method_denied").await;
    assert!(
        records[0]["reason"].as_str().unwrap().contains("binding"),
        "{records:?}"
    );
    let page = browser.walk_to(&page, &SAM, "enrol").await;
    let page = browser.press(&page, "method", "totp").await;
    let secret = secret(&browser, &page);
    let code = shown(&op, &secret).await;
    let page = browser.submit(&page, &[("code", &code), ("nickname", "App")]).await;
    let page = browser.press(&page, "action", "continue").await;
    assert_eq!(ask.redeem(&op, &page.answer()).await.acr(), AAL2);
    assert_eq!(names(&op, "sam").await, ["Phone", "App"]);
}

#[tokio::test]
async fn s91_a_name_that_is_taken_gets_a_number() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&OPEN.ask().essential(&[AAL2])).await;
    let page = browser.walk_to(&page, &SAM, "enrol").await;
    let page = browser.press(&page, "method", "totp").await;
    let secret = secret(&browser, &page);
    let code = shown(&op, &secret).await;
    let page = browser.submit(&page, &[("code", &code), ("nickname", "Phone")]).await;
    assert_eq!(page.inner("[data-nickname]"), "Phone (2)");
    assert_eq!(names(&op, "sam").await, ["Phone", "Phone (2)"]);
}
