//! Codes that are guessed, stolen or talked out of people, and what a device must not get.

use crate::browser::Browser;
use crate::device::{DEVICE_CODE, PRINTER, SIGNING_PAD, TELEVISION, asks, provider, typed};
use crate::harness::Database;
use crate::races::{DATABASES, RACERS, race};
use crate::relying_party::{AAL2, BASIC, EPCS_ACR, Tokens};
use crate::workspace::LEE;

/// Codes that nobody was shown.
fn guess(n: usize) -> String {
    let letter = |i: usize| char::from(b"BCDFGHJKLMNPQRSTVWXZ"[i % 20]);
    format!("BBBB-BB{}{}", letter(n / 20), letter(n))
}

#[tokio::test]
async fn guessing_codes_ends_after_a_few_by_each_browser_and_by_each_place() {
    let op = provider(Database::Sqlite).await;
    let shown = TELEVISION.shows_a_code(&op, &[("scope", "openid")]).await;
    let mut guesser = Browser::new(&op);
    for n in 0..10 {
        let page = typed(&mut guesser, &guess(n)).await;
        assert_eq!((page.status, page.error().as_str()), (200, "invalid_request"), "{n}");
    }
    // The right one too: else it would be worth going on.
    let page = typed(&mut guesser, shown.code()).await;
    assert_eq!((page.status, page.error().as_str()), (429, "MFA-113"));
    assert!(!asks(&page) && !page.header("retry-after").is_empty());
    // A fresh cookie does not help for long.
    let mut another = Browser::new(&op);
    for n in 10..20 {
        assert_eq!(typed(&mut another, &guess(n)).await.status, 200, "{n}");
    }
    let page = typed(&mut Browser::new(&op), shown.code()).await;
    assert_eq!(page.status, 429, "twenty from one address");
    assert!(!op.audit("device.throttled").await.is_empty());
    op.advance(601).await;
    assert!(asks(&typed(&mut guesser, shown.code()).await));
}

#[tokio::test]
async fn what_cannot_be_a_code_is_told_what_a_wrong_one_is_told() {
    let op = provider(Database::Sqlite).await;
    let mut browser = Browser::new(&op);
    for odd in [
        "x",
        "\u{0}\u{0}",
        "'; DROP TABLE users; --",
        "BCDF-GHJA",
        "<script>alert(1)</script>",
    ] {
        let page = typed(&mut browser, odd).await;
        assert!(!page.html.contains("<script>alert"), "{odd}");
        assert!(!asks(&page) && !page.error().is_empty(), "{odd}: {}", page.text());
    }
}

#[tokio::test]
async fn a_device_code_is_of_use_to_its_client_alone_and_as_nothing_else() {
    let op = provider(Database::Sqlite).await;
    let shown = TELEVISION.shows_a_code(&op, &[("scope", "openid")]).await;
    let other = [("grant_type", DEVICE_CODE), ("device_code", shown.secret())];
    for _ in 0..3 {
        // Neither state nor pace is told to anybody else, nor changed.
        PRINTER.token(&op, &other).await.refused(400, "invalid_grant");
    }
    BASIC.token(&op, &other).await.refused(400, "unauthorized_client");
    shown.poll(&op).await.refused(400, "authorization_pending");
    let mut browser = Browser::new(&op);
    let page = typed(&mut browser, shown.code()).await;
    let page = browser.press(&page, "action", "allow").await;
    browser.walk(page, &LEE).await;
    PRINTER.token(&op, &other).await.refused(400, "invalid_grant");
    for (grant, name) in [
        ("authorization_code", "code"),
        ("refresh_token", "refresh_token"),
        ("urn:openid:params:grant-type:ciba", "auth_req_id"),
    ] {
        let reply = TELEVISION
            .token(&op, &[("grant_type", grant), (name, shown.secret())])
            .await;
        assert_eq!(reply.status, 400, "{grant}: {}", reply.json);
    }
    for wrong in ["", "x", shown.code()] {
        let reply = TELEVISION
            .token(&op, &[("grant_type", DEVICE_CODE), ("device_code", wrong)])
            .await;
        assert_eq!(reply.status, 400, "{wrong}: {}", reply.json);
    }
    Tokens::of(&op, &TELEVISION, shown.poll(&op).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_device_code_redeemed_by_many_at_once_yields_one_set_of_tokens() {
    for database in DATABASES {
        let op = provider(database).await;
        let shown = TELEVISION.shows_a_code(&op, &[("scope", "openid")]).await;
        let mut browser = Browser::new(&op);
        let page = typed(&mut browser, shown.code()).await;
        let page = browser.press(&page, "action", "allow").await;
        browser.walk(page, &LEE).await;
        let racers = (0..RACERS).map(|_| {
            let (op, secret) = (op.clone(), shown.secret().to_owned());
            async move {
                let fields = [("grant_type", DEVICE_CODE), ("device_code", secret.as_str())];
                TELEVISION.token(&op, &fields).await
            }
        });
        let replies = race(racers).await;
        let won: Vec<_> = replies.iter().filter(|r| r.status == 200).collect();
        assert_eq!(won.len(), 1, "{database:?}");
        for lost in replies.iter().filter(|r| r.status != 200) {
            assert_eq!((lost.status, lost.error()), (400, "invalid_grant"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_polls_at_the_same_moment_are_one_in_its_time() {
    for database in DATABASES {
        let op = provider(database).await;
        let shown = TELEVISION.shows_a_code(&op, &[("scope", "openid")]).await;
        let racers = (0..8).map(|_| {
            let (op, secret) = (op.clone(), shown.secret().to_owned());
            async move {
                let fields = [("grant_type", DEVICE_CODE), ("device_code", secret.as_str())];
                TELEVISION.token(&op, &fields).await.error().to_owned()
            }
        });
        let replies = race(racers).await;
        let pending = replies.iter().filter(|e| *e == "authorization_pending").count();
        assert_eq!((pending, replies.len()), (1, 8), "{database:?} {replies:?}");
        assert!(replies.iter().all(|e| e == "authorization_pending" || e == "slow_down"));
    }
}

#[tokio::test]
async fn of_two_browsers_with_one_code_the_first_to_finish_has_it() {
    let op = provider(Database::Sqlite).await;
    let shown = TELEVISION.shows_a_code(&op, &[("scope", "openid")]).await;
    let (mut first, mut second) = (Browser::new(&op), Browser::new(&op));
    let mut pages = Vec::new();
    for browser in [&mut first, &mut second] {
        let page = typed(browser, shown.code()).await;
        pages.push(browser.press(&page, "action", "allow").await);
    }
    let page = second.walk(pages.remove(1), &crate::workspace::PAT).await;
    assert_eq!(page.url.path(), "/device/done", "{}", page.text());
    let page = first.walk(pages.remove(0), &LEE).await;
    assert_eq!(page.url.path(), "/device/refused", "{}", page.text());
    let tokens = Tokens::of(&op, &TELEVISION, shown.poll(&op).await).await;
    assert_eq!(tokens.id["preferred_username"].as_str(), None);
    shown.poll(&op).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn nothing_that_stands_for_one_act_is_given_to_a_device() {
    let op = provider(Database::Sqlite).await;
    for (rp, fields) in [
        (&TELEVISION, &[("scope", "openid"), ("acr_values", EPCS_ACR)][..]),
        (
            &TELEVISION,
            &[
                ("scope", "openid"),
                ("acr_values", "urn:countersign:acr:aal2 urn:countersign:acr:epcs"),
            ],
        ),
        (
            &TELEVISION,
            &[
                ("scope", "openid"),
                (
                    "claims",
                    r#"{"id_token":{"acr":{"essential":true,"values":["urn:countersign:acr:epcs"]}}}"#,
                ),
            ],
        ),
        (&SIGNING_PAD, &[("scope", "openid")]),
    ] {
        let reply = rp.call(&op, "/device_authorization", fields).await;
        reply.refused(400, "invalid_request");
        let why = reply.json["error_description"].as_str().unwrap();
        assert!(why.contains("epcs") && why.contains("device"), "{why}");
    }
    assert!(
        op.audit("device.refused")
            .await
            .iter()
            .all(|r| r["outcome"] == "refused")
    );
    // Nor where it is demanded only after the device was given its code.
    let shown = TELEVISION
        .shows_a_code(&op, &[("scope", "openid profile"), ("acr_values", AAL2)])
        .await;
    let tightened = crate::device::PARTNERS.replace(
        "client_name = \"Television <b>\"",
        "client_name = \"Television <b>\"\npolicies = [\"epcs\"]",
    );
    op.files.write("more.toml", &tightened);
    op.files.run_ok(&["apply", "more.toml"]);
    let mut browser = Browser::new(&op);
    let page = typed(&mut browser, shown.code()).await;
    let page = browser.press(&page, "action", "allow").await;
    let page = browser.walk(page, &LEE).await;
    assert_eq!(page.url.path(), "/device/refused", "{}", page.text());
    shown.poll(&op).await.refused(400, "access_denied");
}

#[tokio::test]
async fn another_site_confirms_nothing() {
    let op = provider(Database::Sqlite).await;
    let shown = TELEVISION.shows_a_code(&op, &[("scope", "openid")]).await;
    let mut browser = Browser::new(&op);
    browser.tokens(&BASIC.ask(), &LEE).await;
    browser.get(&op.url("/device")).await;
    for action in ["allow", "deny"] {
        let fields = [("user_code", shown.code()), ("action", action)];
        let page = browser.post_from_elsewhere(&op.url("/device"), &fields).await;
        assert_eq!(page.status, 400, "{action}: {}", page.text());
        let page = browser.post(&op.url("/device"), &fields).await;
        assert_eq!(page.status, 400, "{action}: {}", page.text());
    }
    shown.poll(&op).await.refused(400, "authorization_pending");
}

#[tokio::test]
async fn strangers_and_clients_without_the_grant_begin_nothing() {
    let op = provider(Database::Sqlite).await;
    BASIC
        .call(&op, "/device_authorization", &[("scope", "openid")])
        .await
        .refused(400, "unauthorized_client");
    let nobody = op
        .http
        .post(op.url("/device_authorization"))
        .form(&[("scope", "openid")]);
    let nobody = crate::relying_party::Reply::of(&op, nobody.send().await.unwrap()).await;
    nobody.refused(401, "invalid_client");
    for (name, value, error) in [
        ("scope", "", "invalid_scope"),
        ("scope", "unknown", "invalid_scope"),
        ("authorization_details", "[]", "invalid_authorization_details"),
        ("max_age", "-1", "invalid_request"),
        ("claims", "{", "invalid_request"),
    ] {
        let fields = [("scope", "openid"), (name, value)];
        let fields = if name == "scope" { &fields[1..] } else { &fields[..] };
        TELEVISION
            .call(&op, "/device_authorization", fields)
            .await
            .refused(400, error);
    }
    let get = op.http.get(op.url("/device_authorization")).send().await.unwrap();
    assert_eq!(get.status().as_u16(), 405);
}
