//! A forgotten password, a lost phone (S45, S48, S49), and what must not work.

use serde_json::Value;

use crate::browser::Browser;
use crate::enrolment::wrong;
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::relying_party::{BASIC, EPCS, EPCS_ACR, MFA};
use crate::workspace::{LEE, LEES_MOBILE, PAT, Persona, RIVERA, SAM};

const NEW: &str = "four new words, no secret";
const LEES_ADDRESS: &str = "lee@cedar.example";

/// Somebody with nothing but a password, and a verified address.
const JO: Persona = Persona {
    username: "jo",
    password: "correct-horse-jo-00",
    ..PAT
};
const JOS_ADDRESS: &str = "jo@mail.example";
const MORE: &str = r#"
[workspace]
name = "Cedar Health ID"
methods = ["password", "totp", "push", "webauthn", "sms", "voice", "recovery_code"]
support_url = "https://help.cedar.example/"

[[users]]
username = "jo"
email = "jo@mail.example"
password = "correct-horse-jo-00"
"#;

async fn start() -> Op {
    let op = Op::with(Database::Sqlite, MORE).await;
    op.secret("a new password", NEW);
    op
}

/// The page that asks for the code of the letter.
async fn asked(browser: &mut Browser, address: &str) -> Page {
    let url = browser.op.url("/recover");
    let page = browser.get(&url).await;
    assert_eq!(
        (page.id().as_str(), page.input("email", "autocomplete").as_str()),
        ("recover", "email")
    );
    browser.submit(&page, &[("email", address)]).await
}

/// The last letter to an address; its link may not be in the log.
pub async fn letter(op: &Op, to: &str) -> Value {
    let sent = op.outbox(to).await;
    let last = sent.last().unwrap_or_else(|| panic!("no letter to {to}")).clone();
    if let Some(link) = last["link"].as_str() {
        op.secret("the proof of a letter", link.rsplit('/').next().unwrap());
    }
    last
}

/// The messages that are about the password.
fn of_resets(sent: Vec<Value>, member: &str) -> Vec<Value> {
    let about = |m: &Value| m[member].as_str().is_some_and(|t| t.to_lowercase().contains("reset"));
    sent.into_iter().filter(about).collect()
}

/// What follows the right code of the letter.
pub async fn confirmed(browser: &mut Browser, address: &str) -> Page {
    let page = asked(browser, address).await;
    let code = letter(&browser.op, address).await["code"].as_str().unwrap().to_owned();
    browser.submit(&page, &[("code", &code)]).await
}

fn asks_for_a_new_password(page: &Page) -> bool {
    page.id() == "recover" && page.input("password", "autocomplete") == "new-password"
}

#[tokio::test]
async fn s49_a_password_alone_is_reset_by_the_letter() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, MORE).await;
        let mut before = Browser::new(&op);
        before.tokens(&BASIC.ask(), &JO).await;
        let mut browser = Browser::new(&op);
        let page = confirmed(&mut browser, JOS_ADDRESS).await;
        assert!(asks_for_a_new_password(&page), "{}", page.text());
        assert_eq!(page.input("username", "value"), "jo");
        let page = browser.submit(&page, &[("password", NEW)]).await;
        assert_eq!(
            (page.id().as_str(), page.input("username", "value").as_str()),
            ("sign-in", "jo")
        );
        // What the old one had opened is over, and it opens nothing any more.
        assert_eq!(before.open(&BASIC.ask()).await.id(), "sign-in");
        let old = Browser::new(&op).through(&BASIC.ask(), &JO).await;
        assert_eq!(old.error(), "MFA-110");
        Browser::new(&op)
            .tokens(&BASIC.ask(), &Persona { password: NEW, ..JO })
            .await;
        for event in ["recovery.started", "recovery.completed", "password.set"] {
            let records = op.audit(event).await;
            assert_eq!(records.len(), 1, "{event}");
            assert!(records[0]["subject"].is_string());
        }
        // The letter with the code, and the one that says what has happened.
        let sent = of_resets(op.outbox(JOS_ADDRESS).await, "subject");
        assert_eq!(sent.len(), 2, "{sent:?}");
        assert!(sent[1]["link"].as_str().unwrap().contains("/account/undo/"));
    }
}

/// 800-63B-4 §4.2.2: an account with more than a password is not given back for a letter alone.
#[tokio::test]
async fn s49_an_account_with_more_asks_for_one_of_it_as_well() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = confirmed(&mut browser, LEES_ADDRESS).await;
    assert_eq!(page.id(), "choose-method", "{}", page.text());
    assert!(
        !page.buttons("method").contains(&"password".into()),
        "{:?}",
        page.buttons("method")
    );
    // The new password is not taken before.
    let url = format!("{}/new-password", page.url.as_str().split('?').next().unwrap());
    let csrf = page.csrf();
    let early = browser.post(&url, &[("csrf", &csrf), ("password", NEW)]).await;
    assert_eq!(early.id(), "choose-method", "{}", early.text());
    assert!(op.audit("password.set").await.is_empty());
    let page = browser.walk_to(&early, &LEE, "recover").await;
    assert!(asks_for_a_new_password(&page));
    let page = browser.submit(&page, &[("password", NEW)]).await;
    assert_eq!(page.id(), "sign-in");
    assert!(
        !browser.cookies.contains_key("countersign"),
        "nobody is signed in by it"
    );
    // Told at every address: the letter, and the phone.
    assert_eq!(of_resets(op.outbox(LEES_ADDRESS).await, "subject").len(), 2);
    assert_eq!(of_resets(op.outbox(LEES_MOBILE).await, "body").len(), 1);
    let tokens = Browser::new(&op)
        .tokens(&BASIC.ask().acr(MFA), &Persona { password: NEW, ..LEE })
        .await;
    assert_eq!(tokens.acr(), MFA, "the code generator is as it was");
}

#[tokio::test]
async fn s49_a_text_message_is_a_second_proof() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = confirmed(&mut browser, "sam@mail.example").await;
    assert!(
        op.outbox(crate::workspace::SAMS_MOBILE).await.is_empty(),
        "nothing is sent unasked"
    );
    let page = browser.walk_to(&page, &SAM, "recover").await;
    let page = browser.submit(&page, &[("password", NEW)]).await;
    assert_eq!(page.id(), "sign-in");
    Browser::new(&op)
        .tokens(&BASIC.ask(), &Persona { password: NEW, ..SAM })
        .await;
}

/// What is proved while recovering is no sign-in: with an e-mailed code and a device, and no password, nobody gets in.
#[tokio::test]
async fn a_recovery_that_is_broken_off_signs_nobody_in() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = confirmed(&mut browser, LEES_ADDRESS).await;
    let page = browser.walk_to(&page, &LEE, "recover").await;
    for url in ["/account", "/account/security"] {
        let page = browser.get(&op.url(url)).await;
        assert!(page.id() != "account", "{url}: {}", page.text());
    }
    let page_of_partner = browser.open(&BASIC.ask()).await;
    assert!(
        !page_of_partner.left && ["sign-in", "verify-password"].contains(&page_of_partner.id().as_str()),
        "{}",
        page_of_partner.text()
    );
    let cancelled = browser.press(&page, "action", "cancel").await;
    assert!(!cancelled.left);
    assert!(op.audit("password.set").await.is_empty());
    Browser::new(&op).tokens(&BASIC.ask(), &LEE).await;
}

/// A recovery never leaves the power to sign (21 CFR 1311.105).
#[tokio::test]
async fn after_a_recovery_prescriptions_cannot_be_signed() {
    let op = start().await;
    let ask = EPCS.ask().acr(EPCS_ACR);
    Browser::new(&op).tokens(&ask, &RIVERA).await;
    let mut browser = Browser::new(&op);
    let page = confirmed(&mut browser, "rivera@cedar.example").await;
    let page = browser.walk_to(&page, &RIVERA, "recover").await;
    browser.submit(&page, &[("password", NEW)]).await;
    let who = Persona {
        password: NEW,
        ..RIVERA
    };
    let answer = Browser::new(&op).sign_in(&EPCS.ask().acr(EPCS_ACR), &who).await;
    assert_eq!(answer.error(), "unmet_authentication_requirements", "{answer:?}");
    Browser::new(&op).tokens(&BASIC.ask().acr(MFA), &who).await;
}

#[tokio::test]
async fn s48_the_page_of_a_lost_phone_names_every_way() {
    let op = start().await;
    let page = Browser::new(&op).get(&op.url("/recover")).await;
    let text = page.text();
    for way in [
        "recovery code",
        "Another method",
        "support, with documents",
        "reference",
    ] {
        assert!(text.contains(way), "{way}: {text}");
    }
    assert_eq!(page.link_to("https://help"), "https://help.cedar.example/");
    assert_eq!(page.link_to("/account/security"), "/account/security");
}

/// The way from a telephone's page to another method, and from the first page to this one.
#[tokio::test]
async fn s45_a_changed_phone_or_carrier_leads_to_the_update() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask().acr(MFA)).await;
    assert_eq!(page.link_to("/recover"), "/recover");
    let page = browser.walk_to(&page, &SAM, "verify-phone").await;
    assert_eq!(page.link_to("/account/security"), "/account/security");
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let known = asked(&mut browser, LEES_ADDRESS).await;
    let unknown = asked(&mut browser, "lea@cedar.example").await;
    let told = |page: &Page| page.text().replace("lee@", "lea@");
    assert_eq!((known.status, told(&known)), (unknown.status, told(&unknown)));
    let to_nobody = letter(&op, "lea@cedar.example").await;
    assert!(
        to_nobody["code"].is_null() && to_nobody["link"].is_null(),
        "{to_nobody}"
    );
    // An address that was never confirmed, and an account that is suspended, get no code either.
    asked(&mut browser, "pat@mail.example").await;
    op.files.run_ok(&["user", "suspend", "sam"]);
    asked(&mut browser, "sam@mail.example").await;
    for address in ["pat@mail.example", "sam@mail.example"] {
        assert!(letter(&op, address).await["code"].is_null(), "{address}");
    }
    // The username is no address.
    let page = asked(&mut browser, "lee").await;
    assert!(page.text().contains("not an e-mail address"));
}

#[tokio::test]
async fn the_link_is_good_in_another_browser_once_and_for_an_hour() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let waiting = asked(&mut browser, JOS_ADDRESS).await;
    let link = letter(&op, JOS_ADDRESS).await["link"].as_str().unwrap().to_owned();
    let mut phone = Browser::new(&op);
    let page = phone.get(&link).await;
    assert!(
        page.buttons("action").contains(&"continue".into()),
        "opening it does nothing yet"
    );
    let page = phone.press(&page, "action", "continue").await;
    assert!(asks_for_a_new_password(&page), "{}", page.text());
    // The browser that asked has only the letter's name: it gets no further by what the phone has done.
    let behind = browser.get(waiting.url.as_str()).await;
    assert!(!asks_for_a_new_password(&behind));
    let stranger = browser.get(page.url.as_str()).await;
    assert_eq!(stranger.status, 400);
    let twin = phone.clone();
    assert_eq!(phone.submit(&page, &[("password", NEW)]).await.id(), "sign-in");
    // Neither the page nor the link sets another one.
    let again = twin
        .clone()
        .submit(&page, &[("password", "another one, too long")])
        .await;
    assert_eq!((again.status, again.id().as_str()), (400, "error"));
    let over = twin.clone().get(&link).await;
    assert!(over.text().contains("no longer of use"), "{}", over.text());
    let late = asked(&mut browser, LEES_ADDRESS).await;
    let code = letter(&op, LEES_ADDRESS).await["code"].as_str().unwrap().to_owned();
    op.advance(3601).await;
    let late = browser.submit(&late, &[("code", &code)]).await;
    assert!(late.text().contains("no longer of use"), "{}", late.text());
}

/// Of two tabs with the same letter one sets the password.
#[tokio::test]
async fn a_letter_sets_one_password() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, MORE).await;
        let mut browser = Browser::new(&op);
        asked(&mut browser, JOS_ADDRESS).await;
        let link = letter(&op, JOS_ADDRESS).await["link"].as_str().unwrap().to_owned();
        let mut pages = Vec::new();
        for _ in 0..2 {
            let page = browser.get(&link).await;
            pages.push(browser.press(&page, "action", "continue").await);
        }
        let mut setting = tokio::task::JoinSet::new();
        for page in pages.iter().cloned().chain(pages.iter().cloned()) {
            let mut twin = browser.clone();
            setting.spawn(async move { twin.submit(&page, &[("password", NEW)]).await.id() });
        }
        let ends = setting.join_all().await;
        assert_eq!(ends.iter().filter(|id| *id == "sign-in").count(), 1, "{ends:?}");
        assert_eq!(op.audit("recovery.completed").await.len(), 1);
    }
}

#[tokio::test]
async fn ten_wrong_codes_end_the_letter_and_are_written_down() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let mut page = asked(&mut browser, LEES_ADDRESS).await;
    let code = letter(&op, LEES_ADDRESS).await["code"].as_str().unwrap().to_owned();
    let wrong = wrong(&code);
    for _ in 0..9 {
        page = browser.submit(&page, &[("code", &wrong)]).await;
        assert_eq!(page.error(), "MFA-110");
    }
    let over = browser.submit(&page, &[("code", &wrong)]).await;
    assert!(over.text().contains("no longer of use"), "{}", over.text());
    assert_eq!(op.audit("recovery.refused").await.len(), 1);
    let dead = browser.submit(&page, &[("code", &code)]).await;
    assert!(dead.text().contains("no longer of use"));
    // The sixth letter in an hour does not leave.
    for _ in 0..4 {
        asked(&mut browser, LEES_ADDRESS).await;
    }
    let refused = asked(&mut browser, LEES_ADDRESS).await;
    assert_eq!((refused.status, refused.error().as_str()), (429, "MFA-113"));
    assert_eq!(op.outbox(LEES_ADDRESS).await.len(), 5);
}

/// Somebody with the mailbox cannot end the recovery as somebody else, nor with the old password as the second proof.
#[tokio::test]
async fn the_second_proof_is_the_owners_and_not_the_password() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = confirmed(&mut browser, LEES_ADDRESS).await;
    let home = page.url.as_str().split('?').next().unwrap().to_owned();
    let csrf = page.csrf();
    for fields in [
        [("action", "switch"), ("username", "")],
        [("username", "sam"), ("password", SAM.password)],
        [("username", "lee"), ("password", LEE.password)],
    ] {
        let mut fields = fields.to_vec();
        fields.push(("csrf", &csrf));
        let answered = browser.post(&home, &fields).await;
        assert!(!asks_for_a_new_password(&answered), "{fields:?}: {}", answered.text());
        let still = browser.get(&home).await;
        assert_eq!(still.id(), "choose-method", "{fields:?}: {}", still.text());
    }
    // A code of somebody else's device is a wrong one.
    let page = browser.press(&page, "method", "totp").await;
    let rivera = op.shown(crate::workspace::OFFICE).await;
    let refused = browser.submit(&page, &[("code", &rivera)]).await;
    assert_eq!(refused.error(), "MFA-110");
}

/// Nothing that could be proved is left: the letter alone does not do, and support has to look at it.
#[tokio::test]
async fn where_no_second_proof_is_left_the_account_stays_closed() {
    let op = start().await;
    op.files.write(
        "no-sms.toml",
        "[workspace]\nname = \"Cedar Health ID\"\nmethods = [\"password\", \"totp\"]\n",
    );
    op.files.run_ok(&["apply", "no-sms.toml"]);
    let mut browser = Browser::new(&op);
    let page = confirmed(&mut browser, "sam@mail.example").await;
    assert!(!asks_for_a_new_password(&page));
    assert_eq!(
        (page.status, page.error().as_str()),
        (403, "MFA-151"),
        "{}",
        page.text()
    );
    assert_eq!(op.audit("recovery.refused").await.len(), 1);
}
