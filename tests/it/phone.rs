//! Codes by text message and call (800-63B-4 §3.1.3.3).

use crate::browser::Browser;
use crate::enrolment::wrong;
use crate::harness::Op;
use crate::page::Page;
use crate::relying_party::{BASIC, MFA};
use crate::workspace::{LEE, LEES_DESK, LEES_MOBILE, Persona, SAM, SAMS_MOBILE, Second};

const BY_TEXT: Persona = LEE.with(Second::Sms(LEES_MOBILE));

/// The page that waits for the code, and one message in the outbox.
async fn waiting(browser: &mut Browser, who: &Persona) -> Page {
    let page = browser.open(&BASIC.ask().acr(MFA)).await;
    let page = browser.step(&page, who).await;
    let page = browser.step(&page, who).await;
    assert_eq!(
        (page.id().as_str(), page.error().as_str()),
        ("verify-phone", ""),
        "{}",
        page.text()
    );
    page
}

#[tokio::test]
async fn s27_text_message_with_six_digits_and_a_masked_number() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = waiting(&mut browser, &BY_TEXT).await;
    assert!(page.text().contains("(***) ***-*102"), "S79: {}", page.text());
    assert!(
        !page.html.contains("4155550102") && !page.html.contains("5550"),
        "the number is nowhere in the page"
    );
    assert_eq!(page.input("code", "autocomplete"), "one-time-code");
    assert_eq!(page.input("code", "inputmode"), "numeric");
    let sent = op.outbox(LEES_MOBILE).await;
    assert_eq!(sent.len(), 1);
    let (code, body) = (sent[0]["code"].as_str().unwrap(), sent[0]["body"].as_str().unwrap());
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
    assert!(
        body.contains(code) && body.contains("Cedar Health ID") && body.contains("5 minutes"),
        "{body}"
    );
    // The last line binds the code to our host.
    let host = op.issuer.trim_start_matches("http://").split(':').next().unwrap();
    assert!(body.lines().last().unwrap().starts_with(&format!("@{host}")), "{body}");
    // Spaces that a person types are forgiven.
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    assert!(browser.submit(&page, &[("code", &spaced)]).await.left);
}

#[tokio::test]
async fn s28_a_call_speaks_the_digits_twice() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let who = LEE.with(Second::Voice(LEES_DESK));
    let page = waiting(&mut browser, &who).await;
    let sent = op.outbox(LEES_DESK).await;
    let code = sent[0]["code"].as_str().unwrap();
    let spoken = code.chars().map(String::from).collect::<Vec<_>>().join(", ");
    assert_eq!(
        sent[0]["body"].as_str().unwrap().matches(&spoken).count(),
        2,
        "{}",
        sent[0]
    );
    assert!(browser.submit(&page, &[("code", code)]).await.left);
    assert!(op.outbox(LEES_MOBILE).await.is_empty());
}

#[tokio::test]
async fn s35_a_new_code_kills_the_old_one_and_keeps_the_count() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = waiting(&mut browser, &BY_TEXT).await;
    let first = op.last_code(LEES_MOBILE).await;
    let page = browser.submit(&page, &[("code", &wrong(&first))]).await;
    assert_eq!(page.error(), "MFA-110");
    let page = browser.press(&page, "action", "resend").await;
    assert_eq!((page.id().as_str(), page.error().as_str()), ("verify-phone", ""));
    assert_eq!(op.outbox(LEES_MOBILE).await.len(), 2);
    let page = browser.submit(&page, &[("code", &first)]).await;
    assert_eq!(page.error(), "MFA-110", "the old code is dead");
    assert!(
        page.text().contains('8'),
        "two of ten tries are gone, whatever was sent again: {}",
        page.text()
    );
    let second = op.last_code(LEES_MOBILE).await;
    assert!(browser.submit(&page, &[("code", &second)]).await.left);
    assert_eq!(op.audit("auth.challenge.resent").await.len(), 1);
}

#[tokio::test]
async fn s36_a_code_older_than_five_minutes_is_refused() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = waiting(&mut browser, &BY_TEXT).await;
    let old = op.last_code(LEES_MOBILE).await;
    op.advance(301).await;
    let page = browser.submit(&page, &[("code", &old)]).await;
    assert_eq!((page.id().as_str(), page.error().as_str()), ("verify-phone", "MFA-111"));
    assert!(
        page.buttons("action").contains(&"resend".into()),
        "a button for a new one"
    );
    let page = browser.press(&page, "action", "resend").await;
    op.advance(299).await;
    let code = op.last_code(LEES_MOBILE).await;
    assert!(browser.submit(&page, &[("code", &code)]).await.left);
}

#[tokio::test]
async fn s37_wrong_codes_count_down_and_then_one_waits() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let mut page = waiting(&mut browser, &BY_TEXT).await;
    let right = op.last_code(LEES_MOBILE).await;
    for left in (1..=9).rev() {
        page = browser.submit(&page, &[("code", &wrong(&right))]).await;
        assert_eq!(page.error(), "MFA-110");
        assert!(
            page.text().contains(&left.to_string()),
            "{left} tries are left: {}",
            page.text()
        );
    }
    page = browser.submit(&page, &[("code", &wrong(&right))]).await;
    assert_eq!(page.error(), "MFA-113", "the tenth");
    page = browser.submit(&page, &[("code", &right)]).await;
    assert_eq!(
        page.error(),
        "MFA-113",
        "not even the right one, until the pause is over"
    );
    op.advance(31).await;
    assert!(browser.submit(&page, &[("code", &right)]).await.left);
    // Success forgives: the next failure is the first again.
    let page = waiting(&mut Browser::new(&op), &BY_TEXT).await;
    assert_eq!(page.error(), "");
}

/// Spreading guesses over the devices of one account wins nothing.
#[tokio::test]
async fn failures_are_counted_for_the_account_too() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let mut page = waiting(&mut browser, &BY_TEXT).await;
    let right = op.last_code(LEES_MOBILE).await;
    for _ in 0..10 {
        page = browser.submit(&page, &[("code", &wrong(&right))]).await;
    }
    let mut other = Browser::new(&op);
    let page = waiting(&mut other, &LEE.with(Second::Voice(LEES_DESK))).await;
    let code = op.last_code(LEES_DESK).await;
    assert_eq!(other.submit(&page, &[("code", &code)]).await.error(), "MFA-113");
}

#[tokio::test]
async fn messages_to_one_number_are_limited() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let mut page = waiting(&mut browser, &BY_TEXT).await;
    for _ in 0..4 {
        page = browser.press(&page, "action", "resend").await;
        assert_eq!(page.error(), "");
    }
    for _ in 0..2 {
        page = browser.press(&page, "action", "resend").await;
        assert_eq!(page.error(), "MFA-113");
    }
    assert_eq!(op.outbox(LEES_MOBILE).await.len(), 5);
    // Another sign-in is no way around it.
    let mut other = Browser::new(&op);
    let start = other.open(&BASIC.ask().acr(MFA)).await;
    let chooser = other.step(&start, &BY_TEXT).await;
    let refused = other.press(&chooser, "method", "sms").await;
    assert_eq!(refused.error(), "MFA-113", "{}", refused.text());
    assert_eq!(op.outbox(LEES_MOBILE).await.len(), 5);
    op.advance(601).await;
    page = browser.press(&page, "action", "resend").await;
    assert_eq!((page.error().as_str(), op.outbox(LEES_MOBILE).await.len()), ("", 6));
}

/// A code belongs to the sign-in that it was sent for.
#[tokio::test]
async fn a_code_of_another_sign_in_is_refused() {
    let op = Op::start().await;
    let (mut here, mut there) = (Browser::new(&op), Browser::new(&op));
    let mine = waiting(&mut here, &BY_TEXT).await;
    let my_code = op.last_code(LEES_MOBILE).await;
    let theirs = waiting(&mut there, &BY_TEXT).await;
    let page = there.submit(&theirs, &[("code", &my_code)]).await;
    assert_eq!(page.error(), "MFA-110");
    assert!(here.submit(&mine, &[("code", &my_code)]).await.left);
}

#[tokio::test]
async fn a_code_is_good_once() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = waiting(&mut browser, &BY_TEXT).await;
    let code = op.last_code(LEES_MOBILE).await;
    assert!(browser.submit(&page, &[("code", &code)]).await.left);
    let again = browser.submit(&page, &[("code", &code)]).await;
    assert!(
        !again.left && again.status == 400,
        "the sign-in is over: {} {}",
        again.status,
        again.text()
    );
}

/// Nothing is sent because a page was opened: somebody has to press a button.
#[tokio::test]
async fn opening_pages_sends_nothing() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask().acr(MFA)).await;
    let page = browser.step(&page, &SAM).await;
    assert!(op.outbox(SAMS_MOBILE).await.is_empty());
    let home = page.url.as_str().split('?').next().unwrap().to_owned();
    for query in ["", "?choose=1", "?method=sms"] {
        browser.get(&format!("{home}{query}")).await;
    }
    assert!(op.outbox(SAMS_MOBILE).await.is_empty());
    let page = browser.step(&page, &SAM).await;
    assert_eq!(
        (page.id().as_str(), op.outbox(SAMS_MOBILE).await.len()),
        ("verify-phone", 1)
    );
    browser.get(page.url.as_str()).await;
    assert_eq!(op.outbox(SAMS_MOBILE).await.len(), 1, "reloading sends nothing either");
}

#[tokio::test]
async fn s34_help_for_what_did_not_arrive() {
    let op = Op::start().await;
    let page = waiting(&mut Browser::new(&op), &BY_TEXT).await;
    let text = page.text().to_lowercase();
    for word in ["signal", "update", "switch the phone off", "carrier", "send it again"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[tokio::test]
async fn another_method_can_be_taken_instead() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = waiting(&mut browser, &BY_TEXT).await;
    let page = browser.press(&page, "action", "choose").await;
    assert_eq!(page.id(), "choose-method");
    let page = browser.walk(page, &LEE).await;
    assert!(page.left);
}
