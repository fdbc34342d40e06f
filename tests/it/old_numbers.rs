//! Numbers that people no longer have (S43, S58), and numbers that they only try.

use countersign::base::Seconds;
use countersign::model::authenticator::UNDELIVERED;
use countersign::storage::Store;

use crate::browser::Browser;
use crate::enrolment::{KIM, OPEN, PARTNERS, chooser};
use crate::harness::{Database, Op};
use crate::own_profile::at;
use crate::relying_party::{BASIC, MFA, userinfo};
use crate::workspace::{LEE, LEES_MOBILE, Second};

const LEES_ADDRESS: &str = "lee@cedar.example";

/// What is counted by the hour or the month begins anew now: no test straddles two counts.
async fn at_the_start_of(op: &Op, window: Seconds) {
    let left = window.0 - op.now().await.secs() % window.0;
    op.advance(left).await;
}

/// So many messages in a row that the carrier would not take to Lee's mobile.
async fn refused_by_the_carrier(op: &Op, times: u32) {
    let store = Store::open(&op.files.database).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let lee = tx.user_by_name("lee").await.unwrap().unwrap();
    let held = tx.authenticators(&lee.id).await.unwrap();
    let mut mobile = held
        .into_iter()
        .find(|a| a.nickname.as_deref() == Some("Mobile"))
        .unwrap();
    mobile.facts.undelivered = times;
    tx.save_authenticator(&mobile).await.unwrap();
    tx.commit().await.unwrap();
}

/// Letters about a number that messages do not reach.
async fn asked_to_update(op: &Op) -> Vec<serde_json::Value> {
    let mut sent = op.outbox(LEES_ADDRESS).await;
    sent.retain(|m| m["subject"] == "Our messages do not reach your phone");
    sent
}

#[tokio::test]
async fn s58_whoever_signs_in_another_way_is_asked_once_to_update_a_dead_number() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::on(database).await;
        at_the_start_of(&op, Seconds::days(30)).await;
        refused_by_the_carrier(&op, UNDELIVERED - 1).await;
        Browser::new(&op).tokens(&BASIC.ask(), &LEE).await;
        assert!(asked_to_update(&op).await.is_empty(), "it may have been bad luck");
        refused_by_the_carrier(&op, UNDELIVERED).await;
        Browser::new(&op).tokens(&BASIC.ask(), &LEE).await;
        let letters = asked_to_update(&op).await;
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0]["link"], op.url("/account/profile"));
        Browser::new(&op).tokens(&BASIC.ask(), &LEE).await;
        assert_eq!(asked_to_update(&op).await.len(), 1, "not with every sign-in");
        assert!(
            op.outbox(LEES_MOBILE).await.is_empty(),
            "nobody is told at the dead number"
        );
        // The page says it until it is put right.
        let page = at(&mut Browser::new(&op), "/account/profile", &LEE).await;
        assert!(page.text_of(".warn").contains("no longer arrive"), "{}", page.text());
        let rows = page.texts_of(".rows li");
        let dead: Vec<&String> = rows.iter().filter(|r| r.contains("Does not arrive")).collect();
        assert!(dead.len() == 1 && dead[0].contains("***-*102"), "{rows:?}");
        refused_by_the_carrier(&op, 0).await;
        let page = at(&mut Browser::new(&op), "/account/profile", &LEE).await;
        assert_eq!(page.text_of(".warn"), "");
    }
}

#[tokio::test]
async fn s58_somebody_without_a_confirmed_address_finds_it_on_the_page() {
    let more = "[[users]]\nusername = \"lee\"\nemail = \"lee@cedar.example\"\nemail_verified = false\n";
    let op = Op::with(Database::Sqlite, more).await;
    refused_by_the_carrier(&op, UNDELIVERED).await;
    let page = at(&mut Browser::new(&op), "/account/profile", &LEE).await;
    assert!(page.text_of(".warn").contains("no longer arrive"), "{}", page.text());
    assert!(asked_to_update(&op).await.is_empty());
}

#[tokio::test]
async fn s43_what_a_number_opened_ends_when_it_is_replaced() {
    const NEW_NUMBER: &str = "+14155550177";
    let op = Op::start().await;
    let ask = BASIC.ask().acr(MFA).scope("openid offline_access profile");
    let by_text = LEE.with(Second::Sms(LEES_MOBILE));
    let mut other = Browser::new(&op);
    let texted = other.tokens(&ask, &by_text).await;
    let generated = Browser::new(&op).tokens(&ask, &LEE).await;
    let mut browser = Browser::new(&op);
    let page = at(&mut browser, "/account/profile", &LEE).await;
    let page = browser
        .press(&page, "replace", &op.authenticator("lee", "Mobile"))
        .await;
    let page = browser.walk(page, &LEE).await;
    let page = browser.press(&page, "method", "sms").await;
    let fields = [("number", NEW_NUMBER), ("method", "sms"), ("confirmed", "yes")];
    let page = browser.submit(&page, &fields).await;
    assert_eq!(userinfo(&op, texted.access_token()).await.status, 200, "not before");
    let code = op.last_code(NEW_NUMBER).await;
    let page = browser.submit(&page, &[("code", &code)]).await;
    assert_eq!(
        (page.error().as_str(), page.buttons("action")),
        ("", vec!["continue".into()])
    );
    // Whoever holds the old number keeps nothing that it opened: neither tokens nor the level of a session.
    assert_eq!(userinfo(&op, texted.access_token()).await.status, 401);
    BASIC
        .refresh(&op, texted.refresh_token())
        .await
        .refused(400, "invalid_grant");
    assert!(!other.open(&ask).await.left, "the session has proved one factor only");
    assert_eq!(userinfo(&op, generated.access_token()).await.status, 200);
}

/// Sends one number as its owner has confirmed it; what the page complains of.
async fn try_number(browser: &mut Browser, number: &str) -> String {
    let page = chooser(browser, &OPEN.ask().essential(&[MFA]), &KIM).await;
    let page = browser.press(&page, "method", "sms").await;
    let page = browser
        .submit(&page, &[("number", number), ("method", "sms"), ("confirmed", "yes")])
        .await;
    page.error()
}

/// Looking numbers up costs the operator money, and "another account has it" tells what is nobody's business.
#[tokio::test]
async fn the_eleventh_number_in_an_hour_has_to_wait_where_somebody_is_asked_about_numbers() {
    for database in [Database::Sqlite, Database::Postgres] {
        let rules = "\n[workspace]\nname = \"Cedar Health ID\"\n[workspace.phone]\nunique_numbers = true\n";
        let op = Op::with(database, &format!("{PARTNERS}{rules}")).await;
        at_the_start_of(&op, Seconds::hours(1)).await;
        for n in 0..10 {
            let error = try_number(&mut Browser::new(&op), LEES_MOBILE).await;
            assert_eq!(error, "MFA-102", "number {n}");
        }
        for number in [LEES_MOBILE, "+14155550199"] {
            assert_eq!(try_number(&mut Browser::new(&op), number).await, "MFA-113");
        }
        op.advance(3600).await;
        assert_eq!(try_number(&mut Browser::new(&op), "+14155550199").await, "");
    }
}

#[tokio::test]
async fn where_nobody_is_asked_about_numbers_only_the_messages_are_limited() {
    let op = Op::with(Database::Sqlite, PARTNERS).await;
    at_the_start_of(&op, Seconds::hours(1)).await;
    for n in 0..12 {
        // Five messages in ten minutes.
        if n % 5 == 0 {
            op.advance(601).await;
        }
        let number = format!("+141555502{n:02}");
        assert_eq!(try_number(&mut Browser::new(&op), &number).await, "", "number {n}");
    }
}
