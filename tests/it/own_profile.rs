//! What people see of themselves and change: name, addresses, numbers (S41 to S44, S53, S54, S96, S97).

use countersign::model::User;
use countersign::storage::Store;

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::relying_party::{BASIC, userinfo};
use crate::workspace::{LEE, LEES_MOBILE, PAT, Persona, RIVERA, SAM};

pub const NEW: &str = "lee.park@new.example";
const OLD: &str = "lee@cedar.example";
pub const EDIT: &str = "/account/profile?edit=yes";

/// A page of the account, signed in as this person.
pub async fn at(browser: &mut Browser, path: &str, who: &Persona) -> Page {
    let page = browser.get(&browser.op.url(path)).await;
    let page = browser.walk(page, who).await;
    assert!(page.id().starts_with("account"), "{} {}", page.url, page.text());
    assert_eq!(page.error(), "", "{}", page.text());
    page
}

/// Asks for another address; the page that waits for its code.
pub async fn ask_for(browser: &mut Browser, who: &Persona, email: &str) -> Page {
    let page = at(browser, EDIT, who).await;
    browser.submit(&page, &[("action", "email"), ("email", email)]).await
}

/// The last link of this kind that went to an address.
pub async fn link(op: &Op, to: &str, kind: &str) -> Option<String> {
    let sent = op.outbox(to).await;
    let links = sent.iter().rev().filter_map(|m| m["link"].as_str());
    links.into_iter().find(|l| l.contains(kind)).map(str::to_owned)
}

async fn confirm(browser: &mut Browser, page: &Page, code: &str) -> Page {
    browser.submit(page, &[("action", "confirm"), ("code", code)]).await
}

#[tokio::test]
async fn s41_numbers_are_masked_until_a_current_factor_is_proved() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    browser.tokens(&BASIC.ask(), &SAM).await;
    let page = browser.get(&op.url("/account/profile")).await;
    assert_eq!(page.id(), "account-profile");
    assert!(page.text().contains("(***) ***-*105"), "{}", page.text());
    assert!(!page.html.contains("4155550105"), "the number is nowhere in the page");
    // Signed in is not enough: the message to the number itself has to be answered.
    let page = browser.get(&op.url("/account/profile?show=numbers")).await;
    assert_ne!(page.id(), "account-profile", "{}", page.text());
    let page = browser.walk(page, &SAM).await;
    assert_eq!(page.id(), "account-profile");
    assert!(page.text().contains("+14155550105"), "{}", page.text());
}

#[tokio::test]
async fn s42_whoever_misses_a_number_is_led_to_support() {
    let more = "[workspace]\nname = \"Cedar Health ID\"\nsupport_url = \"https://cedar.example/help\"\n";
    let op = Op::with(Database::Sqlite, more).await;
    let page = at(&mut Browser::new(&op), "/account/profile", &PAT).await;
    assert!(page.text().contains("another account"), "{}", page.text());
    assert!(
        page.html.contains("href=\"https://cedar.example/help\""),
        "{}",
        page.html
    );
    let op = Op::start().await;
    let page = at(&mut Browser::new(&op), "/account/profile", &PAT).await;
    assert!(
        page.text().contains("Ask the support of your organization"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn s53_an_address_counts_once_its_code_is_typed_and_the_old_one_is_told() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = ask_for(&mut browser, &LEE, NEW).await;
    assert_eq!(
        (page.id().as_str(), page.error().as_str()),
        ("account-profile", ""),
        "{}",
        page.text()
    );
    assert!(
        page.text().contains(NEW) && page.text().contains(OLD),
        "{}",
        page.text()
    );
    assert_eq!(page.input("code", "autocomplete"), "one-time-code");
    let code = op.last_code(NEW).await;
    assert!(op.outbox(OLD).await.is_empty(), "nothing has changed yet");
    let tokens = browser.tokens(&BASIC.ask().scope("openid email"), &LEE).await;
    assert_eq!(userinfo(&op, tokens.access_token()).await.json["email"], OLD);
    let page = browser.get(&op.url("/account/profile")).await;
    let page = confirm(&mut browser, &page, &format!(" {} {} ", &code[..3], &code[3..])).await;
    assert_eq!(page.error(), "", "{}", page.text());
    let info = userinfo(&op, tokens.access_token()).await.json;
    assert_eq!(
        (info["email"].as_str(), info["email_verified"].as_bool()),
        (Some(NEW), Some(true))
    );
    // The old address and the number can take it back; the new one only reads that it is in use.
    assert!(link(&op, OLD, "/account/undo/").await.is_some());
    assert!(link(&op, LEES_MOBILE, "/account/undo/").await.is_some());
    assert!(link(&op, NEW, "/account/undo/").await.is_none());
    assert_eq!(op.outbox(NEW).await.len(), 2);
    assert_eq!(op.audit("email.changed").await.len(), 1);
    // Once.
    let again = confirm(&mut browser, &page, &code).await;
    assert_eq!(again.error(), "MFA-111", "{}", again.text());
}

#[tokio::test]
async fn s44_an_address_that_is_not_confirmed_changes_nothing() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    ask_for(&mut browser, &LEE, NEW).await;
    let code = op.last_code(NEW).await;
    op.advance(24 * 3600 + 1).await;
    let page = at(&mut browser, "/account/profile", &LEE).await;
    assert!(
        page.text().contains(OLD) && !page.text().contains(NEW),
        "{}",
        page.text()
    );
    let page = confirm(&mut browser, &page, &code).await;
    assert_eq!(page.error(), "MFA-111", "{}", page.text());
    assert!(!page.reference().is_empty());
    // Withdrawn by its owner: the same.
    let page = ask_for(&mut browser, &LEE, NEW).await;
    let code = op.last_code(NEW).await;
    let page = browser.press(&page, "action", "withdraw").await;
    assert!(!page.text().contains(NEW), "{}", page.text());
    assert_eq!(confirm(&mut browser, &page, &code).await.error(), "MFA-111");
    assert!(op.audit("email.changed").await.is_empty());
}

#[tokio::test]
async fn s53_the_link_is_for_its_owner_and_for_a_press_of_a_button() {
    let op = Op::start().await;
    ask_for(&mut Browser::new(&op), &LEE, NEW).await;
    let link = link(&op, NEW, "/account/profile/email/").await.unwrap();
    op.secret("a link", link.rsplit('/').next().unwrap());
    // Another person finds nothing in it, and cannot press what is not there.
    let mut sams = Browser::new(&op);
    let page = sams.get(&link).await;
    let page = sams.walk(page, &SAM).await;
    assert_eq!(page.id(), "account-email");
    assert!(
        !page.html.contains(NEW) && !page.html.contains("<form"),
        "{}",
        page.html
    );
    let csrf = sams.get(&op.url("/account/profile")).await.csrf();
    let page = sams.post(&link, &[("csrf", &csrf), ("action", "confirm")]).await;
    assert_eq!(page.error(), "MFA-111", "{}", page.text());
    // A browser where nobody is signed in is led through a sign-in first; looking changes nothing.
    let mut browser = Browser::new(&op);
    let page = browser.get(&link).await;
    assert_eq!(page.id(), "sign-in");
    let page = browser.walk(page, &LEE).await;
    assert_eq!(page.id(), "account-email");
    assert!(page.text().contains(NEW) && op.audit("email.changed").await.is_empty());
    let page = browser.press(&page, "action", "confirm").await;
    assert_eq!(
        (page.id().as_str(), page.error().as_str()),
        ("account-profile", ""),
        "{}",
        page.text()
    );
    assert!(
        page.text().contains(NEW) && !page.text().contains(OLD),
        "{}",
        page.text()
    );
    let page = browser.get(&link).await;
    assert!(!page.html.contains("<form"), "a used link has nothing to press");
}

#[tokio::test]
async fn s43_s44_a_number_is_replaced_once_the_new_one_is_confirmed() {
    const NEW_NUMBER: &str = "+14155550177";
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = at(&mut browser, "/account/profile", &LEE).await;
    let old = op.authenticator("lee", "Mobile");
    let to_code = async |browser: &mut Browser, page: &Page| {
        let page = browser.press(page, "replace", &old).await;
        let page = browser.walk(page, &LEE).await;
        assert_eq!(page.id(), "enrol", "{}", page.text());
        assert_eq!(page.buttons("method"), ["sms"]);
        let page = browser.press(&page, "method", "sms").await;
        let page = browser
            .submit(&page, &[("number", NEW_NUMBER), ("method", "sms")])
            .await;
        browser.press(&page, "method", "sms").await
    };
    // Left alone: the old number stays, and still gets codes.
    to_code(&mut browser, &page).await;
    let page = browser.get(&op.url("/account/profile")).await;
    assert!(
        page.text().contains("***-*102") && !page.text().contains("***-*177"),
        "{}",
        page.text()
    );
    assert!(op.outbox(LEES_MOBILE).await.is_empty());
    let page = to_code(&mut browser, &page).await;
    let code = op.last_code(NEW_NUMBER).await;
    let page = browser.submit(&page, &[("code", &code)]).await;
    let page = browser.press(&page, "action", "continue").await;
    assert_eq!(page.id(), "account-profile", "{}", page.text());
    assert!(
        page.text().contains("***-*177") && !page.text().contains("***-*102"),
        "{}",
        page.text()
    );
    // Told at the number that it was, and at the address.
    assert!(link(&op, LEES_MOBILE, "/account/undo/").await.is_some());
    assert!(link(&op, OLD, "/account/undo/").await.is_some());
    let record = op.audit("phone.changed").await.remove(0);
    assert_eq!(record["detail"]["replaced"], old.as_str(), "{record}");
}

#[tokio::test]
async fn s54_a_name_is_stored_on_save_and_recorded() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let tokens = browser.tokens(&BASIC.ask().scope("openid profile"), &LEE).await;
    let page = at(&mut browser, EDIT, &LEE).await;
    assert_eq!(page.input("name", "value"), "Lee Park");
    let fields = [
        ("name", " Lee Park-Rossi "),
        ("family_name", "Park-Rossi"),
        ("language", "es"),
        ("action", "save"),
    ];
    let page = browser.submit(&page, &fields).await;
    assert_eq!(
        (page.error().as_str(), page.language().as_str()),
        ("", "es"),
        "{}",
        page.text()
    );
    let info = userinfo(&op, tokens.access_token()).await.json;
    assert_eq!(
        (info["name"].as_str(), info["locale"].as_str()),
        (Some("Lee Park-Rossi"), Some("es"))
    );
    let record = op.audit("profile.changed").await.remove(0);
    assert_eq!(
        record["detail"]["changed"],
        serde_json::json!(["name", "family_name", "locale"])
    );
    assert!(link(&op, OLD, "/account/undo/").await.is_some(), "S50");
    for bad in ["a\u{202e}b", &"x".repeat(129)] {
        let page = at(&mut browser, EDIT, &LEE).await;
        let page = browser.submit(&page, &[("name", bad), ("action", "save")]).await;
        assert_eq!(page.error(), "invalid_request", "{}", page.text());
        assert!(!page.reference().is_empty());
    }
    assert_eq!(op.audit("profile.changed").await.len(), 1);
}

#[tokio::test]
async fn what_was_typed_into_a_form_that_is_refused_is_still_there() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = ask_for(&mut browser, &LEE, "lee park@new").await;
    assert_eq!(page.error(), "invalid_request", "{}", page.text());
    assert_eq!(page.input("email", "value"), "lee park@new");
    assert_eq!(page.input("name", "value"), "Lee Park", "the other form is as it was");
    let fields = [
        ("name", "Lee\u{202e}Park"),
        ("family_name", "Park-Rossi"),
        ("language", "es"),
        ("action", "save"),
    ];
    let page = browser.submit(&page, &fields).await;
    assert_eq!(page.error(), "invalid_request", "{}", page.text());
    for (field, typed) in &fields[..2] {
        assert_eq!(page.input(field, "value"), *typed);
    }
    assert_eq!(page.texts_of("option[selected]"), ["Español"]);
}

/// Whoever signs prescriptions must not do it under a name of their choice.
#[tokio::test]
async fn s96_a_confirmed_identity_shows_its_date_and_keeps_its_name() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = at(&mut browser, "/account/profile", &RIVERA).await;
    for part in [
        "Member since",
        "rivera",
        "rivera@cedar.example Verified",
        "Identity Not confirmed",
    ] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    let store = Store::open(&op.files.database).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let mut user: User = tx.user_by_name("rivera").await.unwrap().unwrap();
    user.standing.identity_confirmed_at = Some(countersign::base::Timestamp::from_secs(1_741_781_000));
    assert!(tx.save_user(&user).await.unwrap());
    tx.commit().await.unwrap();
    let page = at(&mut browser, EDIT, &RIVERA).await;
    assert!(page.text().contains("Confirmed on March 12, 2025"), "{}", page.text());
    assert_eq!(page.input("name", "name"), "", "no field for it");
    let page = browser
        .submit(&page, &[("name", "Dr. Mallory"), ("action", "save")])
        .await;
    assert_eq!(page.error(), "invalid_request", "{}", page.text());
    assert!(page.text().contains("Ask your organization"), "{}", page.text());
    assert!(op.audit("profile.changed").await.is_empty());
}

#[tokio::test]
async fn s97_the_menu_leads_to_every_page() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = at(&mut browser, "/account", &PAT).await;
    for (words, path, id) in [
        ("Profile", "/account/profile", "account-profile"),
        ("Password", "/account/password", "account-password"),
        ("Privacy", "/account/privacy", "account-privacy"),
        ("Sessions", "/account/sessions", "account-sessions"),
        ("Activity", "/account/activity", "account-activity"),
        ("Close account", "/account/close", "account-close"),
    ] {
        assert!(
            page.text().contains(words) && page.html.contains(&format!("href=\"{path}\"")),
            "{words}"
        );
        assert_eq!(at(&mut browser, path, &PAT).await.id(), id);
    }
    assert!(page.text().contains("Sign in & Security"), "{}", page.text());
}
