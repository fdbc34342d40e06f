//! Guessing is slowed down and at last stopped, and tells nobody which names exist (800-63B-4 §3.2.2).

use crate::browser::Browser;
use crate::harness::Op;
use crate::relying_party::{AAL2, BASIC};
use crate::workspace::{LEE, LEES, OFFICE, PAT, RIVERA};

/// One guess in a fresh browser, as a guesser would: status, page, complaint, and what the page says.
async fn guess(op: &Op, username: &str, password: &str) -> (u16, String, String, String) {
    let mut browser = Browser::new(op);
    let page = browser.open(&BASIC.ask()).await;
    let page = browser
        .submit(&page, &[("username", username), ("password", password)])
        .await;
    let words = page.text().replace(&page.reference(), "REFERENCE");
    (page.status, page.id(), page.error(), words)
}

#[tokio::test]
async fn unknown_and_known_names_are_told_the_same() {
    let op = Op::start().await;
    for n in 1..=12 {
        let (known, unknown) = (guess(&op, "pat", "wrong").await, guess(&op, "nobody", "wrong").await);
        assert_eq!(known, unknown, "guess {n}");
        let expected = if n < 10 { "MFA-110" } else { "MFA-113" };
        assert_eq!(known.2, expected, "guess {n}");
    }
    // Another name is not slowed down by it.
    assert_eq!(guess(&op, "sam", "wrong").await.2, "MFA-110");
    // The right password waits as well, and then works.
    assert_eq!(guess(&op, "pat", PAT.password).await.2, "MFA-113");
    op.advance(31).await;
    Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    assert_eq!(guess(&op, "pat", "wrong").await.2, "MFA-110", "success forgives");
}

/// A name and an e-mail address are one account.
#[tokio::test]
async fn failures_by_name_and_by_address_are_one_count() {
    let op = Op::start().await;
    for n in 0..10 {
        guess(&op, ["pat", "pat@mail.example", "PAT", " Pat "][n % 4], "wrong").await;
    }
    assert_eq!(guess(&op, "pat", PAT.password).await.2, "MFA-113");
    assert_eq!(guess(&op, "pat@mail.example", PAT.password).await.2, "MFA-113");
}

/// Up to the last: whether a name exists must not show when its password is disabled either.
#[tokio::test]
async fn a_hundred_failures_disable_the_password_and_nobody_sees_which_name_had_one() {
    let op = Op::start().await;
    for n in 1..=102 {
        let (known, unknown) = (guess(&op, "pat", "wrong").await, guess(&op, "nobody", "wrong").await);
        assert_eq!(known, unknown, "guess {n}");
        if n >= 10 {
            op.advance(3601).await;
        }
    }
    assert_eq!(op.audit("auth.factor.disabled").await.len(), 1);
    let page = Browser::new(&op).through(&BASIC.ask(), &PAT).await;
    assert!(!page.left, "the right password does not work any more either");
}

#[tokio::test]
async fn pauses_grow() {
    let op = Op::start().await;
    for _ in 0..10 {
        guess(&op, "pat", "wrong").await;
    }
    for pause in [30, 60, 120, 240] {
        op.advance(pause - 5).await;
        assert_eq!(guess(&op, "pat", PAT.password).await.2, "MFA-113", "{pause}");
        op.advance(6).await;
        assert_eq!(
            guess(&op, "pat", "wrong").await.2,
            "MFA-113",
            "the guess counts, and the next pause begins"
        );
    }
    op.advance(481).await;
    Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
}

#[tokio::test]
async fn a_hundred_wrong_codes_disable_the_generator() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    for n in 1..=100 {
        let page = browser.open(&BASIC.ask().acr(AAL2).set("prompt", "login")).await;
        let mut page = browser.step(&page, &LEE).await;
        while page.id() != "verify-totp" {
            page = browser.step(&page, &LEE).await;
        }
        let right = op.shown(LEES).await;
        let wrong = if right == "000000" { "000001" } else { "000000" };
        let page = browser.submit(&page, &[("code", wrong)]).await;
        let expected = match n {
            ..10 => "MFA-110",
            10..100 => "MFA-113",
            _ => "MFA-114",
        };
        assert_eq!(page.error(), expected, "wrong code {n}");
        if n >= 10 {
            op.advance(3601).await;
        }
    }
    assert_eq!(op.audit("auth.factor.disabled").await.len(), 1);
    let page = browser.open(&BASIC.ask().acr(crate::relying_party::MFA)).await;
    let page = if page.id() == "choose-method" {
        page
    } else {
        browser.step(&page, &LEE).await
    };
    assert_eq!(page.id(), "choose-method");
    assert!(!page.buttons("method").iter().any(|m| m == "totp"), "{}", page.text());
}

/// A replayed code and one of another device are failures, too.
#[tokio::test]
async fn replays_count_as_failures() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    browser.tokens(&BASIC.ask().acr(AAL2), &RIVERA).await;
    let used = op.shown(OFFICE).await;
    let page = browser.open(&BASIC.ask().acr(AAL2).set("prompt", "login")).await;
    let mut page = browser.step(&page, &RIVERA).await;
    while page.id() != "verify-totp" {
        page = browser.step(&page, &RIVERA).await;
    }
    for n in 1..=10 {
        page = browser.submit(&page, &[("code", &used)]).await;
        let expected = if n < 10 { "MFA-112" } else { "MFA-113" };
        assert_eq!(page.error(), expected, "replay {n}");
    }
}
