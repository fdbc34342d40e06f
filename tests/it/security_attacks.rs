//! What must not work at "Sign in & Security": other people's devices, stale forms, two tabs, a stolen password.

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::relying_party::{BASIC, MFA};
use crate::security::{below, letters, open, remove};
use crate::workspace::{LEE, LEES_MOBILE, OFFICE, RIVERA, SAM, Second};

fn held(op: &Op, username: &str) -> String {
    op.files.run_ok(&["user", "show", username])
}

#[tokio::test]
async fn another_persons_device_cannot_be_named_in_a_form() {
    let op = Op::start().await;
    let before = held(&op, "rivera");
    let foreign = op.authenticator("rivera", OFFICE.nickname);
    let mut browser = Browser::new(&op);
    let list = open(&mut browser, &LEE).await;
    for field in ["primary", "reactivate"] {
        let page = browser.press(&list, field, &foreign).await;
        assert_eq!(
            (page.status, page.error().as_str()),
            (400, "invalid_request"),
            "{field}"
        );
    }
    let lost = browser.get(&op.url("/account/lost")).await;
    assert_eq!(browser.press(&lost, "authenticator", &foreign).await.status, 400);
    for (what, field, value) in [("remove", "action", "remove"), ("rename", "nickname", "Mine")] {
        let url = op.url(&format!("/account/security/{foreign}/{what}"));
        assert_eq!(browser.get(&url).await.status, 404);
        let csrf = list.csrf();
        let page = browser.post(&url, &[("csrf", &csrf), (field, value)]).await;
        assert_eq!(page.status, 400, "{what}");
    }
    assert_eq!(held(&op, "rivera"), before);
    // Their own password is no device of this page either.
    let shown = op.files.run_ok(&["user", "show", "lee", "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let all = shown["authenticators"].as_array().unwrap();
    let password = all.iter().find(|a| a["method"] == "password").unwrap()["id"]
        .as_str()
        .unwrap();
    assert_eq!(browser.press(&lost, "authenticator", password).await.status, 400);
    assert_eq!(
        browser
            .get(&op.url(&format!("/account/security/{password}/remove")))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn forms_of_the_account_need_their_anti_forgery_value() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let old = open(&mut browser, &LEE).await;
    let foreign = open(&mut Browser::new(&op), &SAM).await.csrf();
    let id = op.authenticator("lee", "Desk");
    let url = op.url(&format!("/account/security/{id}/remove"));
    for csrf in ["", "nonsense", foreign.as_str()] {
        let page = browser.post(&url, &[("csrf", csrf), ("action", "remove")]).await;
        assert_eq!((page.status, page.error().as_str()), (400, "invalid_request"));
    }
    // A proof turns the session's cookie, and with it the value: the page from before is stale.
    op.advance(16 * 60).await;
    open(&mut browser, &LEE).await;
    assert_ne!(browser.get(&op.url("/account/security")).await.csrf(), old.csrf());
    let page = browser.post(&url, &[("csrf", &old.csrf()), ("action", "remove")]).await;
    assert_eq!(page.status, 400);
    assert!(held(&op, "lee").contains("Desk"));
}

#[tokio::test]
async fn s82_the_last_method_cannot_be_removed_by_skipping_the_page() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let list = open(&mut browser, &SAM).await;
    let id = op.authenticator("sam", "Phone");
    let url = op.url(&format!("/account/security/{id}/remove"));
    let page = browser
        .post(&url, &[("csrf", &list.csrf()), ("action", "remove")])
        .await;
    assert_eq!(
        (page.id().as_str(), page.error().as_str()),
        ("account-remove", "MFA-180")
    );
    assert!(!page.reference().is_empty());
    assert!(held(&op, "sam").contains("Phone"));
    let refused = op.audit("authenticator.removed").await;
    assert_eq!(
        (&refused[0]["outcome"], &refused[0]["reason"]),
        (&"refused".into(), &"MFA-180".into())
    );
    assert_eq!(refused[0]["reference"], page.reference());
    // What is put aside does not count as a method that is left.
    let mut browser = Browser::new(&op);
    let by_text = LEE.with(Second::Sms(LEES_MOBILE));
    open(&mut browser, &by_text).await;
    assert!(remove(&mut browser, &by_text, "Desk").await.error().is_empty());
    let lost = browser.get(&op.url("/account/lost")).await;
    let totp = op.authenticator("lee", "Lee's phone");
    browser.press(&lost, "authenticator", &totp).await;
    let page = below(&mut browser, &by_text, "Mobile", "remove").await;
    assert!(page.html.contains("data-last"), "{}", page.text());
}

/// Of two tabs that remove the last two at the same moment, one finds that it is the last.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tabs_cannot_remove_the_last_two() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::on(database).await;
        let mut browser = Browser::new(&op);
        open(&mut browser, &LEE).await;
        remove(&mut browser, &LEE, "Desk").await;
        let pages: Vec<Page> = [
            below(&mut browser, &LEE, "Lee's phone", "remove").await,
            below(&mut browser, &LEE, "Mobile", "remove").await,
        ]
        .into();
        let (mut one, mut two) = (browser.clone(), browser.clone());
        let (first, second) = tokio::join!(
            one.press(&pages[0], "action", "remove"),
            two.press(&pages[1], "action", "remove"),
        );
        let left = held(&op, "lee");
        let kept = ["Lee's phone", "Mobile"]
            .iter()
            .filter(|name| left.contains(**name))
            .count();
        assert_eq!(kept, 1, "{database:?}: {left}\n{}\n{}", first.text(), second.text());
    }
}

/// A stolen password must not become a second factor of the thief's: not on the page, not at the endpoints.
#[tokio::test]
async fn s10_a_password_alone_binds_nothing() {
    let op = Op::start().await;
    let before = held(&op, "lee");
    let mut thief = Browser::new(&op);
    thief.tokens(&BASIC.ask(), &LEE).await;
    // A value that is right for the account's forms, from a page that one factor opens.
    let csrf = thief.get(&op.url("/account/lost")).await.csrf();
    for (field, value) in [("method", "totp"), ("preferred", "sms")] {
        let page = thief
            .post(&op.url("/account/security"), &[("csrf", &csrf), (field, value)])
            .await;
        assert!(page.url.path().starts_with("/sign-in/"), "{field}: {}", page.url);
        assert!(!["enrol", "enrol-totp"].contains(&page.id().as_str()), "{field}");
        // The endpoint of the set-up, in that very sign-in.
        let url = op.url(page.url.path());
        let denied = thief.submit(&page, &[]).await;
        let enrol = format!("{}/enrol", url.split("/verify/").next().unwrap());
        let denied = thief
            .post(&enrol, &[("csrf", &denied.csrf()), ("method", "totp")])
            .await;
        assert_eq!(
            (denied.status, denied.error().as_str()),
            (403, "MFA-150"),
            "{}",
            denied.text()
        );
    }
    let id = op.authenticator("lee", "Desk");
    let url = op.url(&format!("/account/security/{id}/remove"));
    let page = thief.post(&url, &[("csrf", &csrf), ("action", "remove")]).await;
    assert!(page.url.path().starts_with("/sign-in/"));
    assert_eq!(held(&op, "lee"), before);
}

/// Reporting everything lost takes one factor. It must not make what stands before a new device any lower.
#[tokio::test]
async fn a_thief_who_reports_everything_lost_cannot_bind_a_device() {
    let op = Op::start().await;
    let mut thief = Browser::new(&op);
    thief.tokens(&BASIC.ask(), &LEE).await;
    let page = thief.get(&op.url("/account/lost")).await;
    let all = page.buttons("authenticator");
    assert_eq!(all.len(), 3);
    for id in &all {
        let page = thief.get(&op.url("/account/lost")).await;
        thief.press(&page, "authenticator", id).await;
    }
    assert_eq!(
        letters(&op, "lee@cedar.example").await.len(),
        3,
        "the owner learns of each"
    );
    let csrf = thief.get(&op.url("/account/lost")).await.csrf();
    let password = LEE.with(Second::Nothing);
    for (method, url) in [("GET", "/account/security"), ("POST", "/account/security")] {
        let url = op.url(url);
        let page = match method {
            "GET" => thief.get(&url).await,
            _ => thief.post(&url, &[("csrf", &csrf), ("method", "totp")]).await,
        };
        let page = thief.walk(page, &password).await;
        assert_eq!(
            (page.status, page.error().as_str()),
            (403, "MFA-151"),
            "{} {}",
            page.url,
            page.text()
        );
    }
    // Nor by way of a partner that asks for two factors.
    let ask = BASIC.ask().acr(MFA).scope("openid profile");
    let page = thief.open(&ask).await;
    let page = thief.walk(page, &password).await;
    assert_eq!(
        page.answer().error(),
        "unmet_authentication_requirements",
        "{}",
        page.text()
    );
}

/// A rename and a removal at the endpoint need what their pages need, also for somebody who was there a while ago.
#[tokio::test]
async fn an_old_proof_changes_nothing() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let list = open(&mut browser, &RIVERA).await;
    op.advance(16 * 60).await;
    let id = op.authenticator("rivera", OFFICE.nickname);
    let url = op.url(&format!("/account/security/{id}/rename"));
    let page = browser
        .post(&url, &[("csrf", &list.csrf()), ("nickname", "Stale")])
        .await;
    assert!(page.url.path().starts_with("/sign-in/"), "{}", page.url);
    assert!(!held(&op, "rivera").contains("Stale"));
}
