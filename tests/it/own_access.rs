//! Password, sessions, activity, partners with access, and the end of an account (S47, S50 to S52, S55).

use crate::browser::Browser;
use crate::harness::Op;
use crate::own_profile::{at, link};
use crate::relying_party::{ASKING, BASIC, EPCS, Tokens, userinfo};
use crate::workspace::{LEE, LEES_MOBILE, PAT, Persona, RIVERA, SAM};

const LONG: &str = "a window full of quiet rain";

/// Another browser with offline access.
async fn elsewhere(op: &Op, who: &Persona) -> (Browser, Tokens) {
    let mut browser = Browser::new(op);
    let tokens = browser.tokens(&BASIC.ask().scope("openid offline_access"), who).await;
    (browser, tokens)
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.get(&browser.op.url("/account")).await.id() == "account"
}

#[tokio::test]
async fn s52_a_weak_password_is_refused_with_the_reason() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = at(&mut browser, "/account/password", &PAT).await;
    assert_eq!(page.input("new_password", "autocomplete"), "new-password");
    assert_eq!(page.input("username", "value"), "pat");
    for weak in ["", "short", "fourteen-chars"] {
        let page = browser.submit(&page, &[("new_password", weak)]).await;
        assert_eq!(
            (page.id().as_str(), page.error().as_str()),
            ("account-password", "invalid_request")
        );
        assert!(
            !page.reference().is_empty() && !page.text().contains("in force"),
            "{}",
            page.text()
        );
    }
    assert!(op.audit("password.changed").await.is_empty());
    let mut other = Browser::new(&op);
    other.tokens(&BASIC.ask(), &PAT).await;
}

#[tokio::test]
async fn s50_a_new_password_ends_what_the_old_one_opened_elsewhere() {
    let op = Op::start().await;
    op.secret("a new password", LONG);
    let (mut thief, tokens) = elsewhere(&op, &LEE).await;
    let mut browser = Browser::new(&op);
    let page = at(&mut browser, "/account/password", &LEE).await;
    let page = browser.submit(&page, &[("new_password", LONG)]).await;
    assert!(
        page.error().is_empty() && page.text().contains("in force"),
        "{}",
        page.text()
    );
    assert!(is_signed_in(&mut browser).await, "this session goes on");
    assert!(!is_signed_in(&mut thief).await);
    // Offline access as well: it would else outlive the password that it was got with.
    BASIC
        .refresh(&op, tokens.refresh_token())
        .await
        .refused(400, "invalid_grant");
    assert_eq!(userinfo(&op, tokens.access_token()).await.status, 401);
    assert!(link(&op, "lee@cedar.example", "/account/undo/").await.is_some());
    assert!(link(&op, LEES_MOBILE, "/account/undo/").await.is_some());
    assert_eq!(op.audit("password.changed").await.len(), 1);
    let refused = Browser::new(&op).through(&BASIC.ask(), &LEE).await;
    assert_eq!(
        (refused.id().as_str(), refused.error().as_str()),
        ("sign-in", "MFA-110")
    );
    Browser::new(&op)
        .tokens(&BASIC.ask(), &Persona { password: LONG, ..LEE })
        .await;
}

/// What was proved in the morning does not change a password in the evening.
#[tokio::test]
async fn a_password_is_changed_only_right_after_a_current_factor_was_proved() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = at(&mut browser, "/account/password", &LEE).await;
    op.advance(15 * 60 + 1).await;
    let page = browser.submit(&page, &[("new_password", LONG)]).await;
    assert!(page.url.path().starts_with("/sign-in/"), "{} {}", page.url, page.text());
    assert!(op.audit("password.changed").await.is_empty());
}

#[tokio::test]
async fn sessions_are_listed_and_each_can_be_ended() {
    let op = Op::start().await;
    let (mut other, _) = elsewhere(&op, &LEE).await;
    let online = other.tokens(&BASIC.ask(), &LEE).await;
    let (mut third, offline) = elsewhere(&op, &LEE).await;
    let mut browser = Browser::new(&op);
    let page = at(&mut browser, "/account/sessions", &LEE).await;
    assert!(
        page.text().contains("127.0.0.1") && page.text().contains("Password"),
        "{}",
        page.text()
    );
    let listed = page.buttons("session");
    assert_eq!(listed.len(), 2, "this one is not among them");
    let sid = online.id["sid"].as_str().unwrap();
    assert!(listed.iter().any(|id| id == sid), "{listed:?}");
    let page = browser.press(&page, "session", sid).await;
    assert_eq!(
        (page.error().as_str(), page.buttons("session").len()),
        ("", 1),
        "{}",
        page.text()
    );
    assert!(!is_signed_in(&mut other).await && is_signed_in(&mut third).await);
    assert_eq!(userinfo(&op, online.access_token()).await.status, 401);
    // Twice is once, and says so.
    let again = browser.press(&page, "session", sid).await;
    assert_eq!(again.error(), "invalid_request", "{}", again.text());
    let page = browser.press(&again, "action", "others").await;
    assert_eq!(
        (page.error().as_str(), page.buttons("session").len()),
        ("", 0),
        "{}",
        page.text()
    );
    assert!(!is_signed_in(&mut third).await && is_signed_in(&mut browser).await);
    // Back-Channel Logout 1.0 §2.7: offline access outlives a session that is ended.
    assert_eq!(BASIC.refresh(&op, offline.refresh_token()).await.status, 200);
    assert_eq!(op.audit("auth.session.ended").await.len(), 2);
}

#[tokio::test]
async fn s51_activity_says_what_when_where_how_and_at_which_partner() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    browser.sign_in(&EPCS.ask(), &RIVERA).await;
    Browser::new(&op).tokens(&BASIC.ask(), &SAM).await;
    let page = at(&mut browser, "/account/activity", &RIVERA).await;
    let text = page.text();
    for part in ["Signed in to an application At Cedar Clinic EHR", "127.0.0.1", "UTC"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("Basic Partner"), "nobody else's: {text}");
    assert!(!text.contains("Older"), "{text}");
    for _ in 0..30 {
        op.advance(1).await;
        browser.sign_in(&BASIC.ask(), &RIVERA).await;
    }
    let page = browser.get(&op.url("/account/activity")).await;
    let entries = |html: &str| html.matches("data-event=").count();
    assert_eq!(entries(&page.html), 25);
    assert!(!page.text().contains("Cedar Clinic EHR"), "the latest first");
    let html = scraper::Html::parse_document(&page.html);
    let next = scraper::Selector::parse("a[rel=next]").unwrap();
    let next = html.select(&next).next().unwrap().attr("href").unwrap().to_owned();
    let older = browser.get(&op.url(&next)).await;
    assert!(older.text().contains("Cedar Clinic EHR"), "{}", older.text());
    for odd in ["x", "-1", "99999999999999999999", "1&before=2"] {
        let page = browser.get(&op.url(&format!("/account/activity?before={odd}"))).await;
        assert_eq!(page.status, 200, "{odd}");
    }
}

#[tokio::test]
async fn access_is_listed_by_partner_and_can_be_taken_back() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    browser.sign_in(&ASKING.ask().scope("openid profile"), &LEE).await;
    let (_, tokens) = elsewhere(&op, &LEE).await;
    let page = at(&mut browser, "/account/privacy", &LEE).await;
    assert_eq!(page.buttons("client"), ["asking", "basic"], "{}", page.text());
    for part in ["Asking Partner", "Basic Partner", "See your profile", "Stay connected"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    let page = browser.press(&page, "client", "basic").await;
    assert_eq!(page.buttons("client"), ["asking"], "{}", page.text());
    BASIC
        .refresh(&op, tokens.refresh_token())
        .await
        .refused(400, "invalid_grant");
    let page = browser.press(&page, "client", "asking").await;
    assert!(
        page.buttons("client").is_empty() && page.error().is_empty(),
        "{}",
        page.text()
    );
    // Asked again.
    let asked = browser.open(&ASKING.ask().scope("openid profile")).await;
    assert_eq!(asked.id(), "consent");
    let page = browser.get(&op.url("/account/privacy")).await;
    assert!(page.text().contains("No application"), "{}", page.text());
    assert_eq!(op.audit("consent.revoked").await.len(), 2);
}

#[tokio::test]
async fn s55_a_closed_account_opens_nothing_and_looks_like_none() {
    let op = Op::start().await;
    let (mut other, tokens) = elsewhere(&op, &LEE).await;
    let mut browser = Browser::new(&op);
    let page = at(&mut browser, "/account/close", &LEE).await;
    assert!(page.text().contains("Basic Partner"), "{}", page.text());
    let refused = browser.submit(&page, &[("confirm", ""), ("action", "close")]).await;
    assert_eq!(
        (refused.id().as_str(), refused.error().as_str()),
        ("account-close", "invalid_request")
    );
    assert!(op.audit("account.closed").await.is_empty());
    let page = browser.submit(&page, &[("confirm", "yes"), ("action", "close")]).await;
    assert_eq!(page.id(), "account-closed", "{}", page.text());
    assert!(!browser.cookies.contains_key("countersign"));
    assert!(!is_signed_in(&mut other).await && !is_signed_in(&mut browser).await);
    BASIC
        .refresh(&op, tokens.refresh_token())
        .await
        .refused(400, "invalid_grant");
    assert_eq!(userinfo(&op, tokens.access_token()).await.status, 401);
    assert!(!op.outbox("lee@cedar.example").await.is_empty() && !op.outbox(LEES_MOBILE).await.is_empty());
    assert_eq!(op.audit("account.closed").await.len(), 1);
    // Signing in answers as it does for a name that nobody has, by name and by address.
    let nobody = Persona {
        username: "nobody",
        ..LEE
    };
    let unknown = Browser::new(&op).through(&BASIC.ask(), &nobody).await;
    for username in ["lee", "lee@cedar.example"] {
        let page = Browser::new(&op)
            .through(&BASIC.ask(), &Persona { username, ..LEE })
            .await;
        assert_eq!((page.id(), page.error()), (unknown.id(), unknown.error()), "{username}");
    }
    // And nobody gets the address of somebody who was here.
    let page = crate::own_profile::ask_for(&mut browser, &SAM, "lee@cedar.example").await;
    assert!(page.error().is_empty(), "{}", page.text());
    assert!(op.outbox("lee@cedar.example").await.iter().all(|m| m["code"].is_null()));
}

#[tokio::test]
async fn s47_a_sign_in_in_a_new_browser_is_told_by_letter() {
    let op = Op::start().await;
    let address = "sam@mail.example";
    let mut browser = Browser::new(&op);
    browser.tokens(&BASIC.ask(), &SAM).await;
    assert!(
        op.outbox(address).await.is_empty(),
        "the first sign-in of all is new to nobody"
    );
    browser.cookies.remove("countersign");
    browser.tokens(&BASIC.ask(), &SAM).await;
    assert!(op.outbox(address).await.is_empty(), "a browser that is known");
    Browser::new(&op).tokens(&BASIC.ask(), &SAM).await;
    assert_eq!(op.outbox(address).await.len(), 1);
    assert!(link(&op, address, "/account/undo/").await.is_some());
    assert!(op.outbox("+14155550105").await.is_empty(), "no text message");
    // Nobody is written to at an address that was never shown to be theirs.
    for _ in 0..2 {
        Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    }
    assert!(op.outbox("pat@mail.example").await.is_empty());
}
