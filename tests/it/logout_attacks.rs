//! What somebody could try with logouts: sign strangers out, send them elsewhere, pass a logout token off as another token,
//! make us post into our own network, or keep everybody waiting.

use crate::browser::Browser;
use crate::harness::{Database, Files, Op};
use crate::logout_partners::{CHART, LAB, QUIET, client, heard, recorded, silent, told_at};
use crate::partner_site::Site;
use crate::relying_party::{BASIC, Tokens, userinfo};
use crate::workspace::{LEE, PAT};

fn logout(op: &Op, params: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    op.url(&format!("/logout?{}", query.extend_pairs(params).finish()))
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.open(&silent(&QUIET)).await.answer().params.contains_key("code")
}

async fn end(op: &Op, browser: &mut Browser, tokens: &Tokens) {
    let page = browser.get(&logout(op, &[("id_token_hint", tokens.id_token())])).await;
    assert_eq!(page.id(), "signed-out", "{}", page.text());
}

#[tokio::test]
async fn a_strangers_hint_signs_nobody_out_unasked() {
    let site = Site::start().await;
    let more = [told_at(&CHART, &site.url("/chart"), ""), client(&QUIET, "")].concat();
    let op = site.provider(&more).await;
    let strangers = Browser::new(&op).tokens(&CHART.ask(), &PAT).await;
    let mut browser = Browser::new(&op);
    let own = browser.tokens(&CHART.ask(), &LEE).await;
    for params in [
        &[("id_token_hint", strangers.id_token())][..],
        &[("client_id", "chart")],
        &[("logout_hint", "lee")],
        // Their own hint, and somebody else's name.
        &[("id_token_hint", own.id_token()), ("logout_hint", "pat")],
    ] {
        let page = browser.get(&logout(&op, params)).await;
        assert_eq!(page.buttons("action"), ["logout", "stay"], "{params:?}");
        assert!(page.text().contains("lee"), "who would be signed out: {}", page.text());
        assert!(is_signed_in(&mut browser).await, "{params:?}");
    }
    assert!(site.posted("/chart").is_empty() && op.audit("logout.rp").await.is_empty());
    let params = [("id_token_hint", own.id_token()), ("logout_hint", "lee@cedar.example")];
    browser.get(&logout(&op, &params)).await;
    assert!(!is_signed_in(&mut browser).await);
}

/// The words of the partner's wish, on the page that asks as on the one that says it is done.
#[tokio::test]
async fn the_pages_speak_the_language_that_the_partner_asks_for() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    browser.tokens(&BASIC.ask(), &LEE).await;
    let page = browser.get(&logout(&op, &[("ui_locales", "es")])).await;
    assert_eq!((page.language().as_str(), page.buttons("action").len()), ("es", 2));
    let page = browser.press(&page, "action", "logout").await;
    assert_eq!((page.language().as_str(), page.id().as_str()), ("es", "signed-out"));
}

#[tokio::test]
async fn a_logout_token_is_no_other_token() {
    let site = Site::start().await;
    let more = [told_at(&CHART, &site.url("/chart"), ""), client(&QUIET, "")].concat();
    let op = site.provider(&more).await;
    let mut browser = Browser::new(&op);
    let tokens = browser.tokens(&CHART.ask(), &LEE).await;
    end(&op, &mut browser, &tokens).await;
    let posted = heard(&site, "/chart", 1).await;
    let token = posted[0].strip_prefix("logout_token=").unwrap();
    op.secret("a logout token", token);
    browser.tokens(&CHART.ask(), &LEE).await;
    let page = browser.get(&logout(&op, &[("id_token_hint", token)])).await;
    assert_eq!((page.status, page.id().as_str()), (400, "error"));
    assert!(is_signed_in(&mut browser).await);
    let hinted = browser.open(&silent(&CHART).set("id_token_hint", token)).await;
    assert_eq!(hinted.answer().error(), "invalid_request");
    assert_eq!(userinfo(&op, token).await.status, 401);
    let inspected = CHART.call(&op, "/introspect", &[("token", token)]).await;
    assert_eq!((inspected.status, &inspected.json["active"]), (200, &false.into()));
    CHART.refresh(&op, token).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn notices_go_neither_inside_nor_where_a_redirect_points() {
    let site = Site::start().await;
    site.order("/chart", &[307]);
    let inside = "https://127.0.0.1:9/logout";
    let more = [
        told_at(&CHART, &site.url("/chart"), ""),
        told_at(&LAB, inside, ""),
        client(&QUIET, ""),
    ];
    let op = site.provider(&more.concat()).await;
    let mut browser = Browser::new(&op);
    let tokens = browser.tokens(&CHART.ask(), &LEE).await;
    browser.tokens(&LAB.ask(), &LEE).await;
    end(&op, &mut browser, &tokens).await;
    let failed = recorded(&op, "logout.backchannel_failed", 2).await;
    let of = |id: &str| {
        let found = failed.iter().find(|r| r["client"] == id).unwrap();
        found["reason"].as_str().unwrap().to_owned()
    };
    assert!(of("chart").contains("redirect"), "{failed:?}");
    assert!(of("lab").contains("not public"), "{failed:?}");
    assert!(!site.asked().iter().any(|path| path == "/elsewhere"));
}

/// More sessions end at once than notices may be under way, all of them at a partner that does not answer.
#[tokio::test]
async fn a_partner_that_keeps_us_waiting_keeps_nobody_else_waiting() {
    const SESSIONS: usize = 20;
    let site = Site::start().await;
    let more = [
        told_at(&CHART, &site.url("/slow"), ""),
        told_at(&LAB, &site.url("/lab"), ""),
        client(&QUIET, ""),
    ];
    let op = site.provider(&more.concat()).await;
    for _ in 0..SESSIONS {
        let mut browser = Browser::new(&op);
        let tokens = browser.tokens(&CHART.ask(), &PAT).await;
        end(&op, &mut browser, &tokens).await;
        assert!(!is_signed_in(&mut browser).await, "nobody waits for partners");
    }
    let mut browser = Browser::new(&op);
    let tokens = browser.tokens(&LAB.ask(), &LEE).await;
    end(&op, &mut browser, &tokens).await;
    heard(&site, "/lab", 1).await;
    assert!(
        site.posted("/slow").len() < SESSIONS,
        "most of the slow partner's notices are still to come"
    );
}

#[tokio::test]
async fn addresses_that_could_be_misused_are_not_registered() {
    let files = Files::with_workspace(Database::Sqlite);
    for (member, uri) in [
        ("backchannel_logout_uri", "http://localhost:1/out"),
        ("backchannel_logout_uri", "https://chart.example/out#x"),
        ("frontchannel_logout_uri", "https://elsewhere.example/out"),
        ("frontchannel_logout_uri", "http://chart.example/out"),
        ("frontchannel_logout_uri", "https://chart.example:8443/out"),
        ("frontchannel_logout_uri", "javascript:alert(1)"),
        ("frontchannel_logout_uri", "data:text/html,x"),
    ] {
        files.write("more.toml", &client(&CHART, &format!("{member} = \"{uri}\"")));
        let said = files.run_fails(&["apply", "more.toml"]);
        assert!(said.contains(member), "{uri}: {said}");
    }
}
