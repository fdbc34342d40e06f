//! What every page keeps: headers, cookies, anti-forgery values, and whose sign-in it is.

use crate::browser::Browser;
use crate::harness::Op;
use crate::page::Page;
use crate::relying_party::{ALWAYS, BASIC, EPCS, MFA};
use crate::workspace::{LEE, LEES_MOBILE, PAT, RIVERA, Second};

#[track_caller]
pub fn check_page(page: &Page) {
    let what = format!("{} ({})", page.id(), page.url);
    let csp = page.header("content-security-policy");
    let rules: Vec<&str> = csp.split(';').map(str::trim).collect();
    for rule in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "style-src 'self'",
    ] {
        assert!(rules.contains(&rule), "{what}: {csp}");
    }
    assert!(!csp.contains("unsafe"), "{what}: {csp}");
    assert_eq!(page.header("cache-control"), "no-store", "{what}");
    assert_eq!(page.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(page.header("x-frame-options"), "DENY", "{what}");
    assert_eq!(page.header("referrer-policy"), "no-referrer", "{what}");
    assert!(page.header("content-type").starts_with("text/html"), "{what}");
    assert!(
        page.header("access-control-allow-origin").is_empty(),
        "RFC 9700 §4.18: {what}"
    );
    // Nothing inline that the policy would block.
    assert!(
        !page.html.contains(" style=") && !page.html.contains("<style") && !page.html.contains(" onclick="),
        "{what}"
    );
    assert!(!page.html.contains("<script>"), "{what}");
    assert!(!page.language().is_empty(), "{what}");
    assert!(
        page.text().contains("localhost"),
        "S56: the official host is shown on {what}"
    );
    if page.html.contains("<form") {
        assert!(page.csrf().len() >= 20, "{what}");
    }
}

#[tokio::test]
async fn s56_every_page_has_the_headers_that_keep_it_safe() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let mut seen = Vec::new();
    let mut check = |page: &Page| {
        check_page(page);
        seen.push(page.id());
    };
    let page = browser.open(&ALWAYS.ask()).await;
    check(&page);
    let named = browser.submit(&page, &[("username", "pat"), ("password", "")]).await;
    check(&named);
    check(&browser.submit(&named, &[("password", "wrong")]).await);
    check(&browser.walk_to(&named, &PAT, "consent").await);
    let mut browser = Browser::new(&op);
    let page = browser.open(&EPCS.ask()).await;
    let page = browser.step(&page, &RIVERA).await;
    check(&page);
    check(&browser.press(&page, "method", "sms").await);
    let page = browser.step(&page, &RIVERA).await;
    check(&page);
    check(&browser.step(&page, &RIVERA).await);
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask().acr(MFA)).await;
    check(
        &browser
            .walk_to(&page, &LEE.with(Second::Sms(LEES_MOBILE)), "verify-phone")
            .await,
    );
    check(&browser.get(&op.url("/logout")).await);
    check(&browser.get(&op.url("/authorize")).await);
    check(&Browser::new(&op).get(&op.url("/logout")).await);
    seen.sort();
    seen.dedup();
    let all = [
        "choose-authenticator",
        "choose-method",
        "consent",
        "error",
        "refused",
        "sign-in",
        "signed-out",
        "verify-password",
        "verify-phone",
        "verify-totp",
    ];
    assert_eq!(seen, all);
}

#[tokio::test]
async fn cookies_are_for_http_and_this_site_only() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask()).await;
    let mut lines = page.cookies_set.clone();
    lines.extend(browser.get(&format!("{}?ui_locales=es", page.url)).await.cookies_set);
    let page = browser.walk(page, &PAT).await;
    lines.extend(page.cookies_set);
    let mut names: Vec<&str> = lines.iter().map(|l| l.split('=').next().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "countersign",
            "countersign-browser",
            "countersign-known",
            "countersign-language",
            "countersign-state"
        ]
    );
    for line in &lines {
        // Session Management 1.0 §3.3: a script of ours has to read this one. It opens nothing.
        let readable = line.starts_with("countersign-state=");
        assert!(
            line.contains("HttpOnly") != readable && line.contains("SameSite=Lax") && line.contains("Path=/"),
            "{line}"
        );
        assert!(!line.contains("Domain"), "{line}");
    }
    let session = &browser.cookies["countersign"];
    assert!(session.len() >= 43, "256 bits: {session}");
}

#[tokio::test]
async fn forms_without_their_anti_forgery_value_do_nothing() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask()).await;
    let other = Browser::new(&op).open(&BASIC.ask()).await.csrf();
    let elsewhere = browser.open(&BASIC.ask()).await.csrf();
    assert_ne!(elsewhere, page.csrf(), "each sign-in has its own");
    let good = [("username", "pat"), ("password", PAT.password)];
    for (what, csrf) in [
        ("another browser's", other.as_str()),
        ("another sign-in's", &elsewhere),
        ("none", ""),
        ("nonsense", "xyz"),
    ] {
        let mut fields = good.to_vec();
        fields.push(("csrf", csrf));
        let refused = browser.submit(&page, &fields).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (400, "invalid_request"),
            "{what}"
        );
        assert!(!browser.cookies.contains_key("countersign"), "{what}");
    }
    let bare = browser.post(page.url.as_str(), &good).await;
    assert_eq!(bare.status, 400, "no value at all");
    assert!(browser.submit(&page, &good).await.left);
}

/// The address of a sign-in is no key to it: else a stranger lets somebody sign in for him.
#[tokio::test]
async fn another_browser_cannot_go_on_with_a_sign_in() {
    let op = Op::start().await;
    let mut mine = Browser::new(&op);
    let page = mine.open(&BASIC.ask().acr(MFA)).await;
    let page = mine.step(&page, &LEE).await;
    let mut theirs = Browser::new(&op);
    theirs.open(&BASIC.ask()).await;
    for mut stranger in [theirs, Browser::new(&op)] {
        let shown = stranger.get(page.url.as_str()).await;
        assert_eq!((shown.status, shown.id().as_str()), (400, "error"));
        let pressed = stranger.press(&page, "method", "totp").await;
        assert_eq!(pressed.status, 400);
        assert!(!shown.text().contains("lee"), "nor learn about whom it is");
    }
    assert!(mine.walk(page, &LEE).await.left);
}

#[tokio::test]
async fn a_finished_sign_in_is_over() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask()).await;
    assert!(browser.walk(page.clone(), &PAT).await.left);
    for again in [
        browser.get(page.url.as_str()).await,
        browser
            .submit(&page, &[("username", "pat"), ("password", PAT.password)])
            .await,
    ] {
        assert_eq!((again.status, again.id().as_str()), (400, "error"));
    }
    // One that took too long tells the partner.
    let ask = BASIC.ask().set("prompt", "login");
    let page = browser.open(&ask).await;
    op.advance(31 * 60).await;
    let late = browser.get(page.url.as_str()).await;
    let answer = late.answer();
    assert_eq!(
        (answer.error(), answer.get("error_description")),
        ("access_denied", "expired")
    );
    ask.check_answer(&op, &answer);
}

/// An expired sign-in is over for forms as well as for pages.
#[tokio::test]
async fn a_form_that_comes_too_late_signs_nobody_in() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let ask = BASIC.ask();
    let page = browser.open(&ask).await;
    op.advance(31 * 60).await;
    let late = browser
        .submit(&page, &[("username", "pat"), ("password", PAT.password)])
        .await;
    assert!(late.left, "{}", late.text());
    assert_eq!(late.answer().error(), "access_denied");
}

/// Two tabs of one browser do not disturb each other.
#[tokio::test]
async fn two_tabs_sign_in_side_by_side() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let (one, two) = (BASIC.ask(), BASIC.ask().acr(MFA));
    let (first, second) = (browser.open(&one).await, browser.open(&two).await);
    let first = browser.walk(first, &LEE).await;
    one.redeem(&op, &first.answer()).await;
    let second = browser.walk(second, &LEE).await;
    assert_eq!(two.redeem(&op, &second.answer()).await.acr(), MFA);
}

/// Whoever signs in as somebody else ends the session that was there.
#[tokio::test]
async fn a_second_person_in_the_browser_ends_the_firsts_session() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    browser.tokens(&BASIC.ask(), &PAT).await;
    let pats = browser.cookies["countersign"].clone();
    browser.tokens(&BASIC.ask().set("prompt", "select_account"), &LEE).await;
    browser.cookies.insert("countersign".into(), pats);
    assert_eq!(browser.open(&BASIC.ask()).await.id(), "sign-in");
}
