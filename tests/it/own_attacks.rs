//! What strangers, and owners of other accounts, try at the account's pages.

use crate::browser::Browser;
use crate::enrolment::wrong;
use crate::harness::Op;
use crate::own_profile::{EDIT, NEW, ask_for, at, link};
use crate::relying_party::{ASKING, BASIC};
use crate::workspace::{LEE, PAT, SAM};

#[tokio::test]
async fn nobody_ends_somebody_elses_session_or_access() {
    let op = Op::start().await;
    let mut lees = Browser::new(&op);
    let tokens = lees.tokens(&ASKING.ask().scope("openid profile"), &LEE).await;
    let sid = tokens.id["sid"].as_str().unwrap();
    let mut sams = Browser::new(&op);
    let csrf = at(&mut sams, "/account/profile", &SAM).await.csrf();
    for (path, name, value) in [
        ("/account/sessions", "session", sid),
        ("/account/sessions", "session", "nonsense"),
        ("/account/sessions", "session", "a\u{1}b"),
        ("/account/privacy", "client", "asking"),
        ("/account/privacy", "client", "a\u{1}b"),
        ("/account/privacy", "client", ""),
        ("/account/profile", "replace", &op.authenticator("lee", "Mobile")),
    ] {
        let answer = sams.post(&op.url(path), &[("csrf", &csrf), (name, value)]).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (200, "invalid_request"),
            "{name} {value}: {}",
            answer.text()
        );
        assert!(
            !answer.reference().is_empty() && answer.text().contains("as it is now"),
            "{}",
            answer.text()
        );
    }
    let page = at(&mut lees, "/account/privacy", &LEE).await;
    assert_eq!(page.buttons("client"), ["asking"]);
    assert!(op.audit("consent.revoked").await.is_empty() && op.audit("auth.session.ended").await.is_empty());
}

#[tokio::test]
async fn a_form_of_another_session_or_another_site_is_worth_nothing() {
    let op = Op::start().await;
    let mut lees = Browser::new(&op);
    let page = at(&mut lees, EDIT, &LEE).await;
    let mut sams = Browser::new(&op);
    let foreign = at(&mut sams, EDIT, &SAM).await.csrf();
    for path in ["/account/profile", "/account/password", "/account/close"] {
        for csrf in ["", "nonsense", &foreign] {
            let fields = [
                ("csrf", csrf),
                ("action", "close"),
                ("confirm", "yes"),
                ("name", "Mallory"),
                ("new_password", "a window full of rain"),
            ];
            let answer = lees.post(&op.url(path), &fields).await;
            assert_eq!((answer.status, answer.id().as_str()), (400, "error"), "{path} {csrf}");
        }
    }
    // SameSite=Lax cookies do not come with another site's form: a sign-in, and nothing is done.
    let csrf = page.csrf();
    let fields = [("csrf", csrf.as_str()), ("action", "save"), ("name", "Mallory")];
    let answer = lees.post_from_elsewhere(&op.url("/account/profile"), &fields).await;
    assert_eq!(answer.id(), "sign-in", "{}", answer.text());
    for event in ["profile.changed", "password.changed", "account.closed"] {
        assert!(op.audit(event).await.is_empty(), "{event}");
    }
}

/// A password in the wrong hands, of an account that has more: it opens the list, and changes nothing.
#[tokio::test]
async fn a_password_alone_changes_nothing_where_there_is_a_second_factor() {
    let op = Op::start().await;
    let mut thief = Browser::new(&op);
    thief.tokens(&BASIC.ask(), &SAM).await;
    for path in [
        EDIT,
        "/account/password",
        "/account/close",
        "/account/profile?show=numbers",
    ] {
        let page = thief.get(&op.url(path)).await;
        assert!(page.url.path().starts_with("/sign-in/"), "{path}: {}", page.text());
    }
    let csrf = thief.get(&op.url("/account/profile")).await;
    let csrf = csrf.csrf();
    for fields in [
        &[("action", "email"), ("email", "thief@mail.example")][..],
        &[("action", "save"), ("name", "Mallory")],
    ] {
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        let page = thief.post(&op.url("/account/profile"), &all).await;
        assert!(page.url.path().starts_with("/sign-in/"), "{fields:?}: {}", page.text());
    }
    let fields = [("csrf", csrf.as_str()), ("new_password", "a window full of rain")];
    let page = thief.post(&op.url("/account/password"), &fields).await;
    assert!(page.url.path().starts_with("/sign-in/"), "{}", page.text());
    assert!(op.outbox("thief@mail.example").await.is_empty());
    assert!(op.audit("profile.changed").await.is_empty() && op.audit("password.changed").await.is_empty());
}

#[tokio::test]
async fn an_address_of_somebody_else_is_told_to_nobody_but_its_owner() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let taken = "sam@mail.example";
    let free = ask_for(&mut browser, &LEE, NEW).await;
    let page = ask_for(&mut browser, &LEE, taken).await;
    assert_eq!(page.text().replace(taken, NEW), free.text(), "one answer for both");
    let sent = op.outbox(taken).await;
    assert_eq!(sent.len(), 1);
    assert!(sent[0]["code"].is_null() && sent[0]["link"].is_null(), "{}", sent[0]);
    let answer = browser
        .submit(&page, &[("action", "confirm"), ("code", "000000")])
        .await;
    assert_eq!(answer.error(), "MFA-110", "{}", answer.text());
    // Names count as addresses, and case does not matter.
    let page = ask_for(&mut browser, &LEE, "SAM@Mail.Example").await;
    assert!(page.error().is_empty());
    assert!(op.outbox("SAM@Mail.Example").await.iter().all(|m| m["code"].is_null()));
}

/// Of two tabs the later one counts; the code of the first is worth nothing.
#[tokio::test]
async fn two_tabs_ask_for_two_addresses() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let first = ask_for(&mut browser, &LEE, NEW).await;
    let code = op.last_code(NEW).await;
    let old_link = link(&op, NEW, "/account/profile/email/").await.unwrap();
    ask_for(&mut browser, &LEE, "second@new.example").await;
    let newer = op.last_code("second@new.example").await;
    if code != newer {
        let page = browser.submit(&first, &[("action", "confirm"), ("code", &code)]).await;
        assert_eq!(page.error(), "MFA-110", "{}", page.text());
    }
    assert!(!browser.get(&old_link).await.html.contains("<form"));
    let page = browser.submit(&first, &[("action", "confirm"), ("code", &newer)]).await;
    assert!(
        page.error().is_empty() && page.text().contains("second@new.example"),
        "{}",
        page.text()
    );
    assert!(!page.text().contains(NEW), "{}", page.text());
}

#[tokio::test]
async fn guessing_a_code_is_paused_and_a_new_code_does_not_start_anew() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let mut page = ask_for(&mut browser, &LEE, NEW).await;
    let code = op.last_code(NEW).await;
    for n in 1..10 {
        page = browser
            .submit(&page, &[("action", "confirm"), ("code", &wrong(&code))])
            .await;
        assert_eq!(page.error(), "MFA-110", "try {n}: {}", page.text());
    }
    assert!(page.text().contains("one try left"), "{}", page.text());
    page = browser
        .submit(&page, &[("action", "confirm"), ("code", &wrong(&code))])
        .await;
    assert_eq!(page.error(), "MFA-113", "{}", page.text());
    let right = browser.submit(&page, &[("action", "confirm"), ("code", &code)]).await;
    assert_eq!(right.error(), "MFA-113", "not even the right one");
    let page = ask_for(&mut browser, &LEE, NEW).await;
    let newer = op.last_code(NEW).await;
    let page = browser.submit(&page, &[("action", "confirm"), ("code", &newer)]).await;
    assert_eq!(page.error(), "MFA-113", "{}", page.text());
    // The letter's link cannot be guessed, and is not paused.
    let link = link(&op, NEW, "/account/profile/email/").await.unwrap();
    let page = browser.get(&link).await;
    let page = browser.press(&page, "action", "confirm").await;
    assert!(page.error().is_empty() && page.text().contains(NEW), "{}", page.text());
    assert!(!op.audit("auth.factor.throttled").await.is_empty());
}

#[tokio::test]
async fn letters_to_strangers_are_few() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    for n in 0..5 {
        let page = ask_for(&mut browser, &PAT, &format!("victim{n}@mail.example")).await;
        assert!(page.error().is_empty(), "{n}: {}", page.text());
    }
    let page = ask_for(&mut browser, &PAT, "victim5@mail.example").await;
    assert_eq!(page.error(), "MFA-113", "{}", page.text());
    assert!(op.outbox("victim5@mail.example").await.is_empty());
    for bad in [
        "",
        "a",
        "a@b",
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example,c@d.example",
    ] {
        let page = ask_for(&mut browser, &PAT, bad).await;
        assert_eq!(page.error(), "invalid_request", "{bad}: {}", page.text());
    }
}
