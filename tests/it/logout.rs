//! RP-Initiated Logout 1.0.

use crate::browser::Browser;
use crate::harness::Op;
use crate::relying_party::{BASIC, POST, Tokens, userinfo};
use crate::workspace::{LEE, PAT};

const OUT: &str = "https://rp.example/out";

fn logout(op: &Op, params: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params)
        .finish();
    op.url(&format!("/logout?{query}"))
}

async fn signed_in(op: &Op) -> (Browser, Tokens) {
    let mut browser = Browser::new(op);
    let tokens = browser.tokens(&BASIC.ask().scope("openid offline_access"), &PAT).await;
    (browser, tokens)
}

async fn has_session(browser: &mut Browser) -> bool {
    browser.open(&BASIC.ask()).await.left
}

#[tokio::test]
async fn a_partner_with_a_hint_ends_the_session_and_gets_the_browser_back() {
    let op = Op::start().await;
    let (mut browser, tokens) = signed_in(&op).await;
    let online = browser.tokens(&BASIC.ask(), &PAT).await;
    let old = browser.cookies["countersign"].clone();
    let state = "s&t=1 é";
    let url = logout(
        &op,
        &[
            ("id_token_hint", tokens.id_token()),
            ("post_logout_redirect_uri", OUT),
            ("state", state),
        ],
    );
    let page = browser.get(&url).await;
    assert!(
        page.left && page.url.as_str().starts_with(OUT),
        "{} {}",
        page.url,
        page.text()
    );
    assert_eq!(page.answer().get("state"), state);
    assert!(!browser.cookies.contains_key("countersign"), "the cookie is taken away");
    assert!(!has_session(&mut browser).await);
    // The session itself is over, not only its cookie; so is what lived of it.
    browser.cookies.insert("countersign".into(), old);
    assert!(!has_session(&mut browser).await);
    assert_eq!(userinfo(&op, online.access_token()).await.status, 401);
    // OIDC Core §11: offline access is what outlives a session.
    assert_eq!(BASIC.refresh(&op, tokens.refresh_token()).await.status, 200);
    assert_eq!(op.audit("logout.rp").await.len(), 1);
}

#[tokio::test]
async fn without_a_hint_the_person_is_asked() {
    let op = Op::start().await;
    let (mut browser, _) = signed_in(&op).await;
    for stay in [true, false] {
        let page = browser
            .get(&logout(
                &op,
                &[
                    ("client_id", "basic"),
                    ("post_logout_redirect_uri", OUT),
                    ("state", "s"),
                ],
            ))
            .await;
        assert_eq!((page.status, page.buttons("action").len()), (200, 2), "{}", page.text());
        assert!(has_session(&mut browser).await, "asking ends nothing");
        if stay {
            browser.press(&page, "action", "stay").await;
            assert!(has_session(&mut browser).await);
        } else {
            let page = browser.press(&page, "action", "logout").await;
            assert!(page.left, "{}", page.text());
            assert_eq!(
                (page.url.as_str(), page.answer().get("state")),
                ("https://rp.example/out?state=s", "s")
            );
            assert!(!has_session(&mut browser).await);
        }
    }
    // Nobody is signed in: nothing to ask.
    let page = browser.get(&op.url("/logout")).await;
    assert_eq!((page.id().as_str(), page.buttons("action").len()), ("signed-out", 0));
}

#[tokio::test]
async fn the_confirmation_cannot_be_forged() {
    let op = Op::start().await;
    let (mut browser, _) = signed_in(&op).await;
    let url = op.url("/logout");
    let (mut other, _) = signed_in(&op).await;
    let foreign = other.get(&url).await.csrf();
    for csrf in ["", "nonsense", &foreign] {
        let page = browser.post(&url, &[("action", "logout"), ("csrf", csrf)]).await;
        assert_eq!(page.status, 400, "{csrf}");
        assert!(has_session(&mut browser).await, "{csrf}");
    }
    // By link the button cannot be pressed.
    let page = browser.get(&logout(&op, &[("action", "logout")])).await;
    assert_eq!(page.buttons("action").len(), 2);
    assert!(has_session(&mut browser).await);
}

#[tokio::test]
async fn hints_that_do_not_fit() {
    let op = Op::start().await;
    let (mut browser, tokens) = signed_in(&op).await;
    let broken = format!("{}AAAA", &tokens.id_token()[..tokens.id_token().len() - 4]);
    for params in [
        &[("id_token_hint", "nonsense")][..],
        &[("id_token_hint", &broken)],
        &[("id_token_hint", tokens.access_token())],
        &[("id_token_hint", tokens.id_token()), ("client_id", "post")],
        &[("client_id", "nobody")],
        // Addresses that are not this partner's, or nobody's.
        &[("post_logout_redirect_uri", OUT)],
        &[
            ("id_token_hint", tokens.id_token()),
            ("post_logout_redirect_uri", "https://evil.example/"),
        ],
        &[
            ("id_token_hint", tokens.id_token()),
            ("post_logout_redirect_uri", "https://rp.example/out?x=1"),
        ],
        &[("client_id", "post"), ("post_logout_redirect_uri", OUT)],
        &[("client_id", "basic"), ("client_id", "basic")],
    ] {
        let page = browser.get(&logout(&op, params)).await;
        assert_eq!((page.status, page.id().as_str()), (400, "error"), "{params:?}");
        assert!(!page.reference().is_empty());
        assert!(has_session(&mut browser).await, "{params:?}");
    }
    // Somebody else's hint is right in itself, and needs the person's word.
    let lees = Browser::new(&op).tokens(&POST.ask(), &LEE).await;
    let page = browser.get(&logout(&op, &[("id_token_hint", lees.id_token())])).await;
    assert_eq!(page.buttons("action").len(), 2, "{}", page.text());
    assert!(has_session(&mut browser).await);
}

#[tokio::test]
async fn an_expired_hint_is_still_one_and_a_form_does_as_well() {
    let op = Op::start().await;
    let (mut browser, tokens) = signed_in(&op).await;
    op.advance(3600).await;
    let fields = [("id_token_hint", tokens.id_token()), ("post_logout_redirect_uri", OUT)];
    let page = browser.post(&op.url("/logout"), &fields).await;
    assert!(page.left, "{}", page.text());
    assert!(!has_session(&mut browser).await);
}

/// A partner's form is cross-site: SameSite=Lax cookies stay at home, and the session has to end all the same.
#[tokio::test]
async fn a_cross_site_form_ends_the_session_too() {
    let op = Op::start().await;
    let (mut browser, tokens) = signed_in(&op).await;
    let fields = [("id_token_hint", tokens.id_token()), ("post_logout_redirect_uri", OUT)];
    let page = browser.post_from_elsewhere(&op.url("/logout"), &fields).await;
    // Either it is over at once (the hint names the session), or a page of ours, reached same-site, ends it.
    if !page.left {
        browser.walk_logout(page).await;
    }
    assert!(
        !has_session(&mut browser).await,
        "the partner believes that the person is signed out"
    );
}
