//! What a request can ask of the sign-in itself: prompt, max_age, hints, language (OIDC Core §3.1.2.1).

use serde_json::json;

use crate::browser::Browser;
use crate::harness::Op;
use crate::relying_party::{AAL2, ASKING, BASIC, MFA, RESTRICTED, userinfo};
use crate::workspace::{LEE, PAT, SAM};

/// A browser with a session of Pat's, and her ID token.
async fn signed_in(op: &Op) -> (Browser, String, i64) {
    let mut browser = Browser::new(op);
    let tokens = browser.tokens(&BASIC.ask(), &PAT).await;
    (
        browser,
        tokens.id_token().to_owned(),
        tokens.id["auth_time"].as_i64().unwrap(),
    )
}

#[tokio::test]
async fn prompt_none_says_what_would_have_been_asked() {
    let op = Op::start().await;
    let none = |ask: crate::relying_party::Ask| ask.set("prompt", "none");
    let answer = Browser::new(&op).sign_in(&none(BASIC.ask()), &PAT).await;
    assert_eq!(answer.error(), "login_required");
    let (mut browser, _, first) = signed_in(&op).await;
    let tokens = browser.tokens(&none(BASIC.ask()), &PAT).await;
    assert_eq!(tokens.id["auth_time"], first, "nothing was proved anew");
    assert_eq!(
        browser.sign_in(&none(ASKING.ask()), &PAT).await.error(),
        "consent_required"
    );
    op.advance(100).await;
    let stale = none(BASIC.ask().set("max_age", "60"));
    assert_eq!(browser.sign_in(&stale, &PAT).await.error(), "login_required");
    // Pat has nothing else to prove; Lee has.
    let answer = browser.sign_in(&none(RESTRICTED.ask().essential(&[AAL2])), &PAT).await;
    assert_eq!(answer.error(), "unmet_authentication_requirements");
    let mut browser = Browser::new(&op);
    browser.tokens(&BASIC.ask(), &LEE).await;
    let answer = browser.sign_in(&none(BASIC.ask().essential(&[AAL2])), &LEE).await;
    assert_eq!(answer.error(), "interaction_required");
    let answer = browser.sign_in(&none(BASIC.ask().essential(&["phrh"])), &LEE).await;
    assert_eq!(answer.error(), "unmet_authentication_requirements");
}

#[tokio::test]
async fn prompt_none_goes_with_nothing_else() {
    let op = Op::start().await;
    let (mut browser, ..) = signed_in(&op).await;
    for words in ["none login", "consent none", "none select_account"] {
        let answer = browser.sign_in(&BASIC.ask().set("prompt", words), &PAT).await;
        assert_eq!(answer.error(), "invalid_request", "{words}");
    }
}

#[tokio::test]
async fn prompt_login_asks_again_whoever_is_there() {
    let op = Op::start().await;
    let (mut browser, _, first) = signed_in(&op).await;
    op.advance(100).await;
    let ask = BASIC.ask().set("prompt", "login");
    let page = browser.open(&ask).await;
    assert_eq!(page.id(), "verify-password");
    assert_eq!(page.input("username", "value"), "pat");
    op.advance(100).await;
    let page = browser.walk(page, &PAT).await;
    let tokens = ask.redeem(&op, &page.answer()).await;
    assert!(tokens.id["auth_time"].as_i64().unwrap() >= first + 200);
}

#[tokio::test]
async fn a_sign_in_older_than_max_age_is_asked_again() {
    let op = Op::start().await;
    let (mut browser, _, first) = signed_in(&op).await;
    op.advance(100).await;
    assert!(browser.open(&BASIC.ask().set("max_age", "1000")).await.left);
    let ask = BASIC.ask().set("max_age", "50");
    let page = browser.open(&ask).await;
    assert_eq!(page.id(), "verify-password");
    let page = browser.walk(page, &PAT).await;
    let tokens = ask.redeem(&op, &page.answer()).await;
    assert!(tokens.id["auth_time"].as_i64().unwrap() >= first + 100);
    // OIDC Core §3.1.2.1: max_age=0 is prompt=login.
    assert_eq!(
        browser.open(&BASIC.ask().set("max_age", "0")).await.id(),
        "verify-password"
    );
    for wrong in ["-1", "1.5", "ten", "99999999999999999999"] {
        let answer = browser.sign_in(&BASIC.ask().set("max_age", wrong), &PAT).await;
        assert_eq!(answer.error(), "invalid_request", "{wrong}");
    }
}

#[tokio::test]
async fn select_account_lets_somebody_else_sign_in() {
    let op = Op::start().await;
    let (mut browser, ..) = signed_in(&op).await;
    let ask = BASIC.ask().set("prompt", "select_account");
    let page = browser.open(&ask).await;
    assert_eq!(page.id(), "sign-in");
    let page = browser.walk(page, &SAM).await;
    let tokens = ask.redeem(&op, &page.answer()).await;
    let info = userinfo(&op, tokens.access_token()).await.json;
    assert_eq!(info["sub"], tokens.id["sub"]);
    // From now on the browser is Sam's.
    let again = BASIC.ask();
    let page = browser.open(&again).await;
    assert_eq!(again.redeem(&op, &page.answer()).await.id["sub"], tokens.id["sub"]);
}

#[tokio::test]
async fn login_hint_fills_in_the_name() {
    let op = Op::start().await;
    let page = Browser::new(&op)
        .open(&BASIC.ask().set("login_hint", "pat@mail.example"))
        .await;
    assert_eq!(
        (page.id().as_str(), page.input("username", "value").as_str()),
        ("sign-in", "pat@mail.example")
    );
    let page = Browser::new(&op)
        .open(&BASIC.ask().set("login_hint", "\"><script>alert(1)</script>"))
        .await;
    assert!(!page.html.contains("<script>alert"), "{}", page.html);
}

/// OIDC Core §3.1.2.2: a positive answer only for the person whom the partner means.
#[tokio::test]
async fn a_hinted_person_and_nobody_else() {
    let op = Op::start().await;
    let (mut browser, pats_token, _) = signed_in(&op).await;
    let hinted = BASIC.ask().set("id_token_hint", &pats_token);
    assert!(browser.open(&hinted).await.left);
    // Expired ones are still hints.
    op.advance(3600).await;
    assert!(
        browser
            .open(&BASIC.ask().set("id_token_hint", &pats_token).set("prompt", "none"))
            .await
            .left
    );
    // In another browser somebody else signs in.
    let answer = Browser::new(&op).sign_in(&hinted, &SAM).await;
    assert_eq!(
        (answer.error(), answer.get("error_description")),
        ("login_required", "subject_mismatch")
    );
    assert!(!answer.params.contains_key("code"));
    // Another's session does not answer either.
    let mut other = Browser::new(&op);
    other.tokens(&BASIC.ask(), &SAM).await;
    let answer = other.sign_in(&hinted.clone().set("prompt", "none"), &SAM).await;
    assert_eq!(answer.error(), "login_required");
    for wrong in [
        "nonsense",
        "e30.e30.e30",
        pats_token.trim_end_matches(char::is_alphanumeric),
    ] {
        let answer = Browser::new(&op)
            .sign_in(&BASIC.ask().set("id_token_hint", wrong), &PAT)
            .await;
        assert_eq!(answer.error(), "invalid_request", "{wrong}");
    }
}

#[tokio::test]
async fn a_demanded_sub_is_that_person_or_an_error() {
    let op = Op::start().await;
    let (mut browser, ..) = signed_in(&op).await;
    let ask = BASIC.ask();
    let page = browser.open(&ask).await;
    let sub = ask.redeem(&op, &page.answer()).await.id["sub"]
        .as_str()
        .unwrap()
        .to_owned();
    let demand = json!({"id_token": {"sub": {"value": sub}}}).to_string();
    assert!(browser.open(&BASIC.ask().set("claims", &demand)).await.left);
    let answer = Browser::new(&op)
        .sign_in(&BASIC.ask().set("claims", &demand), &SAM)
        .await;
    assert_eq!(answer.error(), "login_required");
}

#[tokio::test]
async fn pages_speak_the_language_that_was_asked_for() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask().set("ui_locales", "xx es en")).await;
    assert_eq!(page.language(), "es");
    assert_eq!(
        browser.open(&BASIC.ask().set("ui_locales", "xx yy")).await.language(),
        "en"
    );
    browser.languages = "es-MX,es;q=0.9,en;q=0.5";
    assert_eq!(browser.open(&BASIC.ask()).await.language(), "es");
    // The person's own choice on the page wins, and stays.
    let page = browser.open(&BASIC.ask()).await;
    let chosen = browser.get(&format!("{}?ui_locales=en", page.url)).await;
    assert_eq!(chosen.language(), "en");
    assert_eq!(
        browser.open(&BASIC.ask().set("ui_locales", "es")).await.language(),
        "en"
    );
    for display in ["page", "popup", "touch", "wap", "hologram"] {
        let page = browser.open(&BASIC.ask().set("display", display)).await;
        assert_eq!((page.status, page.id().as_str()), (200, "sign-in"), "{display}");
    }
}

/// OIDC Core §5.5.1.1: what is voluntary is never reported as met when it was not.
#[tokio::test]
async fn a_voluntary_acr_that_cannot_be_met_gets_the_real_one() {
    let op = Op::start().await;
    let tokens = Browser::new(&op).tokens(&BASIC.ask().acr("phrh"), &PAT).await;
    assert_eq!((tokens.acr(), tokens.amr()), (crate::relying_party::ONE, vec!["pwd"]));
    // RFC 9470 §5: whoever asks for access is told no.
    let ask = BASIC.ask().acr("phrh").scope("openid profile");
    assert_eq!(
        Browser::new(&op).sign_in(&ask, &PAT).await.error(),
        "unmet_authentication_requirements"
    );
    // A value that nobody knows is no reason to ask for more than the rest of the list.
    let tokens = Browser::new(&op)
        .tokens(&BASIC.ask().acr(&format!("https://x.example/acr {MFA}")), &SAM)
        .await;
    assert_eq!(tokens.acr(), MFA);
}
