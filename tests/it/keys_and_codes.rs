//! Security keys and recovery codes through the pages, over HTTP, with a key in software that can also lie.

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::relying_party::{BASIC, EPCS, MFA};
use crate::security::open;
use crate::security_key::SecurityKey;
use crate::workspace::{LEE, PAT, Persona, RIVERA};

/// The attribute of the form that hands over to the browser.
fn options(page: &Page) -> String {
    let html = scraper::Html::parse_document(&page.html);
    let form = scraper::Selector::parse("form[data-webauthn]").unwrap();
    let form = html.select(&form).next();
    let form = form.unwrap_or_else(|| panic!("no form for a key on {}: {}", page.id(), page.text()));
    form.attr("data-options").unwrap().to_owned()
}

/// From the list to a key that is set up, and back to the list.
async fn add_key(browser: &mut Browser, list: &Page, key: &mut SecurityKey, nickname: &str) -> Page {
    let page = browser.press(list, "method", "webauthn").await;
    let page = browser.press(&page, "method", "webauthn").await;
    assert_eq!(page.id(), "enrol-webauthn", "{}", page.text());
    let answer = key.create(&options(&page), &browser.op.issuer);
    let page = browser
        .submit(&page, &[("credential", &answer), ("nickname", nickname)])
        .await;
    assert_eq!(page.buttons("action"), ["continue"], "{}", page.text());
    browser.press(&page, "action", "continue").await
}

/// To the page that asks for the key, at a partner that wants this acr.
async fn asked_for_key(browser: &mut Browser, acr: &str, who: &Persona) -> Page {
    let page = browser.open(&BASIC.ask().essential(&[acr])).await;
    let mut page = browser.step(&page, who).await;
    if page.id() == "choose-method" {
        page = browser.press(&page, "method", "webauthn").await;
    }
    assert_eq!(page.id(), "verify-webauthn", "{}", page.text());
    page
}

async fn answered(browser: &mut Browser, page: &Page, key: &mut SecurityKey) -> Page {
    let answer = key.get(&options(page), &browser.op.issuer);
    browser.submit(page, &[("credential", &answer)]).await
}

#[tokio::test]
async fn a_key_signs_in_and_its_claims_say_no_more_than_it_showed() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::on(database).await;
        let mut browser = Browser::new(&op);
        let list = open(&mut browser, &LEE).await;
        let mut key = SecurityKey::new();
        let list = add_key(&mut browser, &list, &mut key, "Blue key").await;
        assert!(list.nicknames().contains(&"Blue key".to_owned()), "{}", list.text());
        let mut other = Browser::new(&op);
        let ask = BASIC.ask().essential(&["phr"]);
        let page = other.open(&ask).await;
        let mut page = other.step(&page, &LEE).await;
        if page.id() == "choose-method" {
            page = other.press(&page, "method", "webauthn").await;
        }
        let page = answered(&mut other, &page, &mut key).await;
        let tokens = ask.redeem(&op, &page.answer()).await;
        assert_eq!(tokens.acr(), "phr");
        assert!(
            tokens.amr().contains(&"swk") && !tokens.amr().contains(&"hwk"),
            "{:?}",
            tokens.amr()
        );
        // Nobody vouches for its hardware, so it signs nothing and is no hardware-protected key.
        let answer = Browser::new(&op).sign_in(&BASIC.ask().essential(&["phrh"]), &LEE).await;
        assert_eq!(answer.error(), "unmet_authentication_requirements");
    }
}

#[tokio::test]
async fn a_synced_passkey_never_signs_prescriptions() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let list = open(&mut browser, &RIVERA).await;
    add_key(&mut browser, &list, &mut SecurityKey::synced(), "Cloud passkey").await;
    let mut signing = Browser::new(&op);
    let page = signing.open(&EPCS.ask()).await;
    let page = signing.step(&page, &RIVERA).await;
    let chooser = match page.id().as_str() {
        "choose-method" => page,
        _ => signing.press(&page, "action", "choose").await,
    };
    assert!(
        !chooser.buttons("method").contains(&"webauthn".to_owned()),
        "{}",
        chooser.text()
    );
    let refused = signing.press(&chooser, "method", "webauthn").await;
    assert!(refused.id() != "verify-webauthn", "{}", refused.text());
    let id = op.authenticator("rivera", "Cloud passkey");
    let home = chooser.url.as_str().split('?').next().unwrap().to_owned();
    let page = signing.get(&format!("{home}/verify/{id}")).await;
    assert_ne!(page.id(), "verify-webauthn", "the address is no way around the chooser");
}

#[tokio::test]
async fn an_answer_is_good_once_and_for_its_own_page() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let list = open(&mut browser, &LEE).await;
    let mut key = SecurityKey::new();
    add_key(&mut browser, &list, &mut key, "Blue key").await;
    let mut thief = Browser::new(&op);
    let page = asked_for_key(&mut thief, "phr", &LEE).await;
    let answer = key.get(&options(&page), "https://evil.example");
    let refused = thief.submit(&page, &[("credential", &answer)]).await;
    assert_eq!(refused.error(), "MFA-161", "{}", refused.text());
    assert_eq!(op.audit("auth.webauthn.origin_mismatch").await.len(), 1);
    // What was kept in the page is used up with it.
    let answer = key.get(&options(&page), &op.issuer);
    let again = thief.submit(&page, &[("credential", &answer)]).await;
    assert!(
        !again.left && again.error() == "MFA-111",
        "{} {}",
        again.error(),
        again.text()
    );
    // An answer to another page's question.
    let fresh = asked_for_key(&mut Browser::new(&op), "phr", &LEE).await;
    let foreign = key.get(&options(&fresh), &op.issuer);
    let mut other = Browser::new(&op);
    let page = asked_for_key(&mut other, "phr", &LEE).await;
    let refused = other.submit(&page, &[("credential", &foreign)]).await;
    assert!(!refused.left && !refused.error().is_empty(), "{}", refused.text());
}

#[tokio::test]
async fn a_copied_key_raises_an_alarm() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let list = open(&mut browser, &LEE).await;
    let mut key = SecurityKey::new().counter(10, 1);
    add_key(&mut browser, &list, &mut key, "Blue key").await;
    let mut good = Browser::new(&op);
    let page = asked_for_key(&mut good, "phr", &LEE).await;
    assert!(answered(&mut good, &page, &mut key).await.left);
    key.counter = 3;
    let mut copy = Browser::new(&op);
    let page = asked_for_key(&mut copy, "phr", &LEE).await;
    let refused = answered(&mut copy, &page, &mut key).await;
    assert_eq!(refused.error(), "MFA-160", "{}", refused.text());
    assert_eq!(op.audit("auth.webauthn.counter_regress").await.len(), 1);
    // A key that may suddenly be synced is another key.
    key.counter = 50;
    key.backup_eligible = true;
    let mut turned = Browser::new(&op);
    let page = asked_for_key(&mut turned, "phr", &LEE).await;
    assert!(!answered(&mut turned, &page, &mut key).await.left);
    assert_eq!(op.audit("auth.webauthn.be_changed").await.len(), 1);
}

#[tokio::test]
async fn recovery_codes_are_shown_once_and_each_works_once() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let list = open(&mut browser, &LEE).await;
    let page = browser.press(&list, "method", "recovery_code").await;
    let page = browser.press(&page, "method", "recovery_code").await;
    assert_eq!(page.id(), "recovery-codes", "{}", page.text());
    let html = scraper::Html::parse_document(&page.html);
    let selector = scraper::Selector::parse("[data-recovery-code]").unwrap();
    let codes: Vec<String> = html.select(&selector).map(|e| e.text().collect()).collect();
    drop(html);
    assert_eq!(codes.len(), 10);
    for code in &codes {
        op.secret("a recovery code", code);
    }
    let file = browser.get(&format!("{}/codes.txt", page.url)).await;
    assert!(codes.iter().all(|code| file.html.contains(code.as_str())));
    let url = page.url.to_string();
    let done = browser.press(&page, "action", "saved").await;
    assert_eq!(done.buttons("action"), ["continue"], "{}", done.text());
    browser.press(&done, "action", "continue").await;
    let again = browser.get(&url).await;
    assert!(
        codes.iter().all(|code| !again.html.contains(code.as_str())),
        "never shown again"
    );
    for (code, error) in [(&codes[3], ""), (&codes[3], "MFA-170"), (&codes[4], "")] {
        let mut lost = Browser::new(&op);
        let ask = BASIC.ask().essential(&[MFA]);
        let page = lost.open(&ask).await;
        let page = lost.step(&page, &LEE).await;
        let page = lost.press(&page, "method", "recovery_code").await;
        assert_eq!(page.id(), "verify-recovery-code", "{}", page.text());
        let typed = code.to_lowercase().replace('-', " ");
        let page = lost.submit(&page, &[("code", &typed)]).await;
        assert_eq!(
            (page.error().as_str(), page.left),
            (error, error.is_empty()),
            "{}",
            page.text()
        );
        if page.left {
            let tokens = ask.redeem(&op, &page.answer()).await;
            assert_eq!(tokens.amr(), ["mfa", "pwd", "urn:countersign:amr:recovery"]);
        }
    }
    assert_eq!(op.audit("recovery_code.used").await.len(), 2);
}

/// S26, S38, S39: what is no number of one's own gets no code, and nothing is said of whose it is.
#[tokio::test]
async fn s26_s38_s39_numbers_that_are_not_taken() {
    const RULES: &str = "[workspace]\nname = \"Cedar Health ID\"\n[workspace.phone]\nunique_numbers = true\n";
    let op = Op::with(Database::Sqlite, RULES).await;
    let mut browser = Browser::new(&op);
    let list = open(&mut browser, &PAT).await;
    let page = browser.press(&list, "method", "sms").await;
    let page = match page.id().as_str() {
        "enrol" => browser.press(&page, "method", "sms").await,
        _ => page,
    };
    assert_eq!(page.id(), "enrol-phone", "{}", page.text());
    for (typed, error) in [
        ("(415) 555-0177 ext. 2", "MFA-103"),
        ("415 555 0177 x2", "MFA-103"),
        ("+14155550177,2", "MFA-103"),
        ("12", "MFA-104"),
        ("not a number", "MFA-104"),
        ("+1 900 555 0177", "MFA-101"),
    ] {
        let refused = browser.submit(&page, &[("number", typed), ("method", "sms")]).await;
        assert_eq!(
            (refused.id().as_str(), refused.error().as_str()),
            ("enrol-phone", error),
            "{typed}"
        );
        assert_eq!(refused.input("number", "value"), typed, "what was typed is not lost");
    }
    // Lee has it.
    let confirm = browser
        .submit(&page, &[("number", "(415) 555-0102"), ("method", "sms")])
        .await;
    let refused = browser.submit(&confirm, &[("method", "sms")]).await;
    assert_eq!(refused.error(), "MFA-102", "{}", refused.text());
    assert!(!refused.text().to_lowercase().contains("lee"), "{}", refused.text());
    assert!(op.outbox("+14155550102").await.is_empty() && op.outbox("+14155550177").await.is_empty());
}
