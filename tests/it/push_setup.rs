//! Pairing a phone in every way (S3, S7, S11, S12, S21, S22), and what the operator switches (S63-S67, S70).

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::enrolment::{KIM, OPEN, PARTNERS, names, start};
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::push::{asked, paired, pairing};
use crate::relying_party::{AAL2, BASIC};
use crate::software_phone::{Phone, approve, number_of, secret_of};
use crate::workspace::{LEE, LEES_MOBILE, Persona, SAM, SAMS_MOBILE};

/// The page of a set-up, for whoever has nothing but a password.
async fn enrol_push(browser: &mut Browser, who: &Persona) -> Page {
    let page = browser.open(&OPEN.ask().essential(&[AAL2])).await;
    let page = browser.walk_to(&page, who, "enrol").await;
    browser.press(&page, "method", "push").await
}

/// Confirms what has redeemed a secret; the page after it.
async fn confirm(browser: &mut Browser, page: &Page, phone: &Phone) -> Page {
    let page = browser.get(page.url.as_str()).await;
    let heard = phone.answer_the_one(approve(&number_of(&page))).await;
    assert_eq!(heard.status, 200, "{heard:?}");
    browser.get(page.url.as_str()).await
}

#[tokio::test]
async fn s3_s21_the_link_goes_by_text_message_to_a_typed_number_and_by_e_mail_to_a_known_address() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = enrol_push(&mut browser, &KIM).await;
    assert!(page.text().contains("smartphone rather than a tablet"), "S21: help");
    let with_extension = [("action", "link-sms"), ("number", "415 555 0131 ext. 2")];
    let refused = browser.submit(&page, &with_extension).await;
    assert_eq!(
        (refused.id().as_str(), refused.error().as_str()),
        ("enrol-push", "MFA-103")
    );
    let page = browser
        .submit(&page, &[("action", "link-sms"), ("number", "415 555 0131")])
        .await;
    assert_eq!(page.id(), "enrol-push");
    let sent = op.outbox("+14155550131").await;
    let link = sent[0]["link"].as_str().unwrap();
    let (at, first) = link.split_once("#pair=").unwrap();
    op.secret("the secret of a pairing", first);
    assert_eq!(at, op.url("/authenticator"));
    // S87: another way makes the first worthless.
    let page = browser.press(&page, "action", "link-email").await;
    assert_eq!(
        Phone::new(&op).redeem(first, &json!({})).await.error(),
        (404, "pairing_unknown")
    );
    let sent = op.outbox("kim@mail.example").await;
    let second = sent.last().unwrap()["link"]
        .as_str()
        .unwrap()
        .split_once("#pair=")
        .unwrap()
        .1
        .to_owned();
    op.secret("the secret of a pairing", &second);
    let mut phone = Phone::new(&op);
    assert_eq!(phone.redeem(&second, &json!({})).await.status, 201);
    let page = confirm(&mut browser, &page, &phone).await;
    assert_eq!(page.inner("[data-nickname]"), "Test phone");
}

#[tokio::test]
async fn s11_a_call_speaks_digits_that_pair_as_the_link_does() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = enrol_push(&mut browser, &SAM).await;
    // The number in the account, where none is typed.
    let page = browser.press(&page, "action", "link-voice").await;
    let sent = op.outbox(SAMS_MOBILE).await;
    let call = sent.last().unwrap();
    assert_eq!((call["channel"].as_str(), call["link"].as_str()), (Some("voice"), None));
    let digits = call["code"].as_str().unwrap();
    assert_eq!(digits.len(), 12);
    let spoken = digits.chars().map(String::from).collect::<Vec<_>>().join(", ");
    assert_eq!(call["body"].as_str().unwrap().matches(&spoken).count(), 2, "twice");
    let mut phone = Phone::new(&op);
    assert_eq!(phone.redeem(digits, &json!({})).await.status, 201);
    let page = confirm(&mut browser, &page, &phone).await;
    assert_eq!(page.inner("[data-nickname]"), "Test phone");
}

#[tokio::test]
async fn s7_s22_a_phone_without_notifications_or_with_an_old_app_is_told_and_spends_nothing() {
    let more =
        format!("{PARTNERS}\n[workspace]\nname = \"Cedar Health ID\"\npush = {{ minimum_app_version = \"1.5.0\" }}\n");
    let op = Op::with(Database::Sqlite, &more).await;
    let mut browser = Browser::new(&op);
    let page = enrol_push(&mut browser, &KIM).await;
    let page = browser.press(&page, "action", "reveal").await;
    let secret = secret_of(&page);
    let mut phone = Phone::new(&op);
    let off = phone.redeem(&secret, &json!({ "notifications": "denied" })).await;
    assert_eq!(
        (off.error(), &off.body["mfa"]),
        ((403, "notifications_off"), &json!("MFA-134")),
        "S7"
    );
    let app = |version: &str| json!({ "app": { "name": "Test", "version": version, "platform": "test", "os": "" } });
    let old = phone.redeem(&secret, &app("1.4.9")).await;
    assert_eq!(
        (old.error(), &old.body["mfa"]),
        ((403, "app_too_old"), &json!("MFA-135")),
        "S22"
    );
    assert_eq!(old.body["minimum_app_version"], "1.5.0");
    assert_eq!(
        phone.redeem(&secret, &app("1.5.0")).await.status,
        201,
        "the same secret, once it is mended"
    );
}

#[tokio::test]
async fn s12_s13_a_second_phone_leaves_the_first_and_both_are_listed() {
    let op = start().await;
    let first = paired(&op, &LEE).await;
    let mut browser = Browser::new(&op);
    let page = pairing(&mut browser, &LEE).await;
    let mut second = Phone::new(&op);
    second.pair(&mut browser, &page).await;
    let listed = names(&op, "lee").await;
    assert!(
        ["Test phone", "Test phone (2)"]
            .iter()
            .all(|n| listed.contains(&(*n).to_owned())),
        "{listed:?}"
    );
    let letters = op.outbox(LEES_MOBILE).await;
    assert!(
        letters
            .iter()
            .any(|l| l["body"].as_str().unwrap().contains("Test phone (2)")),
        "S13"
    );
    // Of several phones the person says which.
    let mut browser = Browser::new(&op);
    let ask = BASIC.ask().essential(&[AAL2]);
    let page = browser.open(&ask).await;
    let page = browser.walk_to(&page, &LEE, "choose-authenticator").await;
    assert_eq!(page.buttons("authenticator").len(), 2);
    let page = browser.press(&page, "authenticator", &second.id).await;
    assert_eq!(page.inner("[data-nickname]"), "Test phone (2)");
    let (_, elsewhere) = first.look(&first.waiting().await[0]).await;
    assert_eq!(
        elsewhere["partner"],
        json!(null),
        "what the first one was asked before, on the account's pages"
    );
    second.answer_the_one(approve(&number_of(&page))).await;
    assert!(browser.get(page.url.as_str()).await.left);
}

#[tokio::test]
async fn s64_who_has_no_phone_is_not_offered_one_and_finds_where_to_pair_it() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask().essential(&[AAL2])).await;
    let page = browser.walk_to(&page, &LEE, "choose-method").await;
    assert!(!page.buttons("method").contains(&"push".to_owned()));
    assert!(
        page.link_to("/account/security").ends_with("/account/security"),
        "{}",
        page.text()
    );
}

/// The workspace with other methods, pools or preferences.
fn change(op: &Op, toml: &str) {
    op.files.write("change.toml", toml);
    op.files.run_ok(&["apply", "change.toml"]);
}

#[tokio::test]
async fn s63_s65_push_switched_off_is_refused_everywhere_at_once_and_works_again_when_on() {
    let op = start().await;
    let phone = paired(&op, &LEE).await;
    let mut browser = Browser::new(&op);
    let ask = BASIC.ask().essential(&[AAL2]);
    let page = asked(&mut browser, &ask, &LEE).await;
    let number = number_of(&page);
    change(
        &op,
        "[workspace]\nname = \"Cedar Health ID\"\nmethods = [\"password\", \"totp\", \"sms\", \"voice\"]\n",
    );
    phone.answer_the_one(approve(&number)).await;
    let page = browser.get(page.url.as_str()).await;
    assert_eq!(
        (page.status, page.error().as_str()),
        (403, "MFA-150"),
        "what is off counts no more: {}",
        page.text()
    );
    let mut other = Browser::new(&op);
    let chooser = other.open(&ask).await;
    let chooser = other.walk_to(&chooser, &LEE, "choose-method").await;
    assert!(!chooser.buttons("method").contains(&"push".to_owned()));
    assert_eq!(other.press(&chooser, "method", "push").await.error(), "MFA-150");
    change(&op, "[workspace]\nname = \"Cedar Health ID\"\n");
    let page = other.press(&chooser, "method", "push").await;
    phone.answer_the_one(approve(&number_of(&page))).await;
    assert!(other.get(page.url.as_str()).await.left, "S63: as it was");
    assert_eq!(
        op.audit("config.changed").await.len(),
        4,
        "S70: each change is in the log"
    );
}

#[tokio::test]
async fn s66_s67_s70_a_pool_says_where_push_is_offered_and_what_comes_first() {
    let op = start().await;
    let phone = paired(&op, &LEE).await;
    let pool = |first: &str, second: &str, preferred: &str| {
        format!(
            "[[pools]]\nname = \"default\"\nfirst_factor = [{first}]\nsecond_factor = [{second}]\npreferred = {{ first = \"password\", second = \"{preferred}\" }}\n"
        )
    };
    let ask = BASIC.ask().essential(&[AAL2]);
    // S67: the preferred one is what people start with.
    let mut browser = Browser::new(&op);
    let page = asked(&mut browser, &ask, &LEE).await;
    assert_eq!(phone.answer_the_one(approve(&number_of(&page))).await.status, 200);
    change(&op, &pool("\"password\"", "\"totp\", \"push\"", "totp"));
    let mut browser = Browser::new(&op);
    let page = browser.open(&ask).await;
    let page = browser.step(&page, &LEE).await;
    assert_eq!(page.id(), "verify-totp");
    // S66: second only. Nobody begins with it.
    let mut nobody = Browser::new(&op);
    let page = nobody.open(&BASIC.ask()).await;
    let page = nobody.submit(&page, &[("username", "lee"), ("password", "")]).await;
    assert!(page.buttons("method").is_empty(), "{}", page.text());
    let page = nobody.press(&page, "method", "push").await;
    assert_eq!(page.id(), "verify-password", "and its endpoint does not ask");
    assert!(phone.waiting().await.is_empty());
    // S70: a change that is only looked at changes nothing.
    op.files
        .write("looked-at.toml", &pool("\"password\", \"push\"", "\"totp\"", "totp"));
    op.files.run_ok(&["apply", "--dry-run", "looked-at.toml"]);
    let page = nobody.press(&page, "method", "push").await;
    assert_eq!(page.id(), "verify-password");
    op.files.run_ok(&["apply", "looked-at.toml"]);
    let page = nobody.open(&BASIC.ask()).await;
    let page = nobody.submit(&page, &[("username", "lee"), ("password", "")]).await;
    let page = nobody.press(&page, "method", "push").await;
    assert_eq!(page.id(), "verify-push", "first only, now");
    phone.answer_the_one(approve(&number_of(&page))).await;
    assert!(nobody.get(page.url.as_str()).await.left);
}

#[tokio::test]
async fn a_device_tells_its_new_address_and_leaves() {
    let op = start().await;
    let phone = paired(&op, &LEE).await;
    let device = "/authenticator/v1/device";
    let told = phone.call(Method::GET, device, "").await.body;
    assert_eq!((&told["status"], &told["push"]), (&json!("active"), &json!(false)));
    let address = json!({ "app": { "name": "Test", "version": "1.2.0", "platform": "test", "os": "" },
        "push": { "kind": "fcm", "token": "a-registration-token-of-fcm" } });
    let told = phone.call(Method::PUT, device, &address.to_string()).await;
    assert_eq!((told.status, &told.body["push"]), (200, &json!(true)), "{told:?}");
    let none: Value = json!({ "push": null });
    let told = phone.call(Method::PUT, device, &none.to_string()).await;
    assert_eq!(told.body["push"], false);
    assert_eq!(phone.call(Method::DELETE, device, "").await.status, 204);
    assert!(!names(&op, "lee").await.contains(&"Test phone".to_owned()));
    let gone = phone.call(Method::GET, device, "").await;
    assert_eq!(
        (gone.error(), &gone.body["mfa"]),
        ((401, "unregistered"), &json!("MFA-136"))
    );
    let letters = op.outbox(LEES_MOBILE).await;
    assert!(
        letters
            .iter()
            .any(|l| l["body"].as_str().unwrap().contains("was removed"))
    );
}
