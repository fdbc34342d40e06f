//! Signing prescriptions for controlled substances (21 CFR 1311.115): both factors, anew, every time.

use serde_json::json;

use crate::browser::Browser;
use crate::harness::Op;
use crate::page::Page;
use crate::relying_party::{Ask, BASIC, EPCS, EPCS_ACR, EPCS_SLOW, MFA};
use crate::workspace::{HOME, LEE, LEES_MOBILE, OFFICE, RIVERA, Second};

/// The EPCS partner's chooser: the password is proved, the second factor is not.
async fn at_the_chooser(browser: &mut Browser, ask: &Ask) -> Page {
    let page = browser.open(ask).await;
    let page = browser.step(&page, &RIVERA).await;
    assert_eq!(page.id(), "choose-method");
    page
}

#[tokio::test]
async fn password_and_code_generator_sign_a_prescription() {
    let op = Op::start().await;
    let before = op.now().await.secs();
    let ask = EPCS.ask().scope("openid profile evidence offline_access");
    let tokens = Browser::new(&op).tokens(&ask, &RIVERA).await;
    assert_eq!((tokens.acr(), tokens.amr()), (EPCS_ACR, vec!["mfa", "otp", "pwd"]));
    assert!(tokens.id["auth_time"].as_i64().unwrap() >= before);
    assert!(
        tokens.json.get("refresh_token").is_none(),
        "what stands for one act is not renewed"
    );
    for claims in [&tokens.id, &tokens.access] {
        let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        assert!(life <= 120, "{life} s, though the partner asked for an hour");
    }
    assert!(tokens.json["expires_in"].as_i64().unwrap() <= 120);
    let evidence = tokens.id["urn:countersign:evidence"].as_array().unwrap();
    assert!(evidence.iter().all(|e| e["same_ceremony"] == true), "{evidence:?}");
}

/// Whatever the session holds, each signing is proved anew.
#[tokio::test]
async fn s94_every_signing_asks_for_both_factors_again() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    browser.tokens(&EPCS.ask(), &RIVERA).await;
    let ask = EPCS.ask();
    let page = browser.open(&ask).await;
    assert_eq!(page.id(), "verify-password");
    let mut page = browser.step(&page, &RIVERA).await;
    while page.id() != "verify-totp" {
        page = browser.step(&page, &RIVERA).await;
    }
    assert!(
        page.text().contains("Office iPhone"),
        "the device is named: {}",
        page.text()
    );
    let page = browser.step(&page, &RIVERA).await;
    assert_eq!(ask.redeem(&op, &page.answer()).await.acr(), EPCS_ACR);
    // An epcs proof is not an epcs acr for those who did not ask for one.
    let tokens = browser.tokens(&BASIC.ask(), &RIVERA).await;
    assert_ne!(tokens.acr(), EPCS_ACR);
}

#[tokio::test]
async fn a_session_built_on_sms_has_to_prove_again() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let by_sms = LEE.with(Second::Sms(LEES_MOBILE));
    let first = browser.tokens(&BASIC.ask().acr(MFA), &by_sms).await;
    assert!(first.amr().contains(&"sms"));
    let none = browser.sign_in(&EPCS.ask().set("prompt", "none"), &LEE).await;
    assert_eq!(none.error(), "interaction_required");
    let ask = EPCS.ask().scope("openid evidence");
    let page = browser.open(&ask).await;
    assert_eq!(page.id(), "verify-password");
    let page = browser.step(&page, &LEE).await;
    assert_eq!(page.buttons("method"), ["totp"]);
    let page = browser.walk(page, &LEE).await;
    let tokens = ask.redeem(&op, &page.answer()).await;
    assert_eq!((tokens.acr(), tokens.amr()), (EPCS_ACR, vec!["mfa", "otp", "pwd"]));
    let evidence = &tokens.id["urn:countersign:evidence"];
    assert!(
        evidence.as_array().unwrap().iter().all(|e| e["method"] != "sms"),
        "{evidence}"
    );
    assert_eq!(tokens.id["sid"], first.id["sid"]);
    assert_eq!(
        op.outbox(LEES_MOBILE).await.len(),
        1,
        "nothing was sent for the signing"
    );
}

#[tokio::test]
async fn s72_only_accepted_kinds_appear_at_the_epcs_partner() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = at_the_chooser(&mut browser, &EPCS.ask()).await;
    assert_eq!(page.buttons("method"), ["totp"]);
    let refused = page.refused();
    assert!(
        refused.contains(&"sms".into()) && refused.contains(&"voice".into()),
        "{refused:?}"
    );
}

#[tokio::test]
async fn s33_text_is_refused_for_prescribers() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = at_the_chooser(&mut browser, &EPCS.ask()).await;
    assert!(!page.buttons("method").iter().any(|m| m == "sms" || m == "voice"));
    assert!(
        page.refused().contains(&"sms".into()),
        "the chooser says why it is missing"
    );
    let mobile = op.authenticator("rivera", "Mobile");
    let home = page.form().action.trim_end_matches("/choose").to_owned();
    let verify = op.url(&format!("{home}/verify/{mobile}"));
    let csrf = page.csrf();
    let tries = [
        (op.url(&format!("{home}/choose")), vec![("method", "sms")]),
        (op.url(&format!("{home}/choose")), vec![("method", "voice")]),
        (
            op.url(&format!("{home}/choose")),
            vec![("authenticator", mobile.as_str())],
        ),
        (verify.clone(), vec![("action", "resend")]),
        (verify, vec![("code", "123456")]),
    ];
    for (url, mut fields) in tries {
        let what = format!("{url} {fields:?}");
        fields.push(("csrf", &csrf));
        let page = browser.post(&url, &fields).await;
        assert!((400..500).contains(&page.status), "{what}: {}", page.status);
        assert_eq!(
            (page.id().as_str(), page.error().as_str()),
            ("refused", "MFA-150"),
            "{what}"
        );
        assert!(!page.reference().is_empty());
    }
    assert!(op.outbox("").await.is_empty() && op.outbox(crate::workspace::RIVERAS_NUMBER).await.is_empty());
    let denied = op.audit("policy.method_denied").await;
    assert_eq!(denied.len(), 5);
    for record in &denied {
        let reason = record["reason"].as_str().unwrap();
        assert!(
            reason.contains("policy epcs") && reason.contains("deny_methods"),
            "{reason}"
        );
        assert_eq!(
            (&record["client"], &record["outcome"]),
            (&json!("epcs"), &json!("refused"))
        );
    }
    assert!(
        denied.iter().any(|r| r["detail"]["method"] == "sms")
            && denied.iter().any(|r| r["detail"]["method"] == "voice")
    );
}

/// Her group forbids it everywhere, not only at the EPCS partner.
#[tokio::test]
async fn s33_text_is_refused_for_prescribers_at_every_partner() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask().acr(MFA)).await;
    let page = browser.step(&page, &RIVERA).await;
    assert_eq!(page.buttons("method"), ["totp"]);
    let refused = browser.press(&page, "method", "sms").await;
    assert_eq!((refused.status, refused.error().as_str()), (403, "MFA-150"));
    let denied = op.audit("policy.method_denied").await;
    assert!(
        denied[0]["reason"].as_str().unwrap().contains("policy epcs-user"),
        "{}",
        denied[0]
    );
}

/// Code pages of a method that was never offered do not show.
#[tokio::test]
async fn the_page_of_a_refused_authenticator_does_not_ask_for_its_code() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = at_the_chooser(&mut browser, &EPCS.ask()).await;
    let mobile = op.authenticator("rivera", "Mobile");
    let home = page.form().action.trim_end_matches("/choose").to_owned();
    let shown = browser.get(&op.url(&format!("{home}/verify/{mobile}"))).await;
    assert_ne!(shown.id(), "verify-phone", "{}", shown.text());
}

#[tokio::test]
async fn s90_which_of_two_generators_is_asked_by_nickname() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = at_the_chooser(&mut browser, &EPCS.ask()).await;
    let page = browser.press(&page, "method", "totp").await;
    assert_eq!(page.id(), "choose-authenticator");
    let first = &page.buttons("authenticator")[0];
    assert_eq!(
        Some(first),
        page.button_with("authenticator", "Office iPhone").as_ref(),
        "the primary one stands first"
    );
    let page = browser
        .press(
            &page,
            "authenticator",
            &page.button_with("authenticator", "Home tablet").unwrap(),
        )
        .await;
    let page = browser.walk(page, &RIVERA.with(Second::Totp(HOME))).await;
    assert!(page.left);
}

#[tokio::test]
async fn s92_code_of_another_device_is_refused_by_name() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = at_the_chooser(&mut browser, &EPCS.ask()).await;
    let page = browser.press(&page, "method", "totp").await;
    let office = page.button_with("authenticator", "Office iPhone").unwrap();
    let page = browser.press(&page, "authenticator", &office).await;
    let wrong = browser.submit(&page, &[("code", "000000")]).await;
    assert!(
        !wrong.text().contains("Home tablet"),
        "only a right code of the other device names it"
    );
    let code = op.totp(HOME).await;
    let page = browser.submit(&page, &[("code", &code)]).await;
    assert_eq!((page.id().as_str(), page.error().as_str()), ("verify-totp", "MFA-141"));
    assert!(page.text().contains("Home tablet"), "{}", page.text());
    let page = browser.walk_on(&page, &RIVERA).await;
    assert!(page.left, "the right device goes on");
}

#[tokio::test]
async fn s93_the_same_code_twice_is_refused() {
    let op = Op::start().await;
    let code = op.totp(OFFICE).await;
    let ask = EPCS.ask();
    let mut first = Browser::new(&op);
    let mut second = Browser::new(&op);
    for (n, browser) in [&mut first, &mut second].into_iter().enumerate() {
        let page = at_the_chooser(browser, &ask).await;
        let page = browser.press(&page, "method", "totp").await;
        let office = page.button_with("authenticator", "Office iPhone").unwrap();
        let page = browser.press(&page, "authenticator", &office).await;
        let page = browser.submit(&page, &[("code", &code)]).await;
        if n == 0 {
            assert!(page.left);
        } else {
            assert_eq!((page.id().as_str(), page.error().as_str()), ("verify-totp", "MFA-112"));
            // The next step's code is new.
            assert!(browser.walk_on(&page, &RIVERA).await.left);
        }
    }
    assert_eq!(op.audit("auth.otp.replayed").await.len(), 1);
}

#[tokio::test]
async fn proofs_older_than_two_minutes_buy_no_token() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    // At the token endpoint: the code is still good, the evidence is not.
    let ask = EPCS_SLOW.ask();
    let answer = browser.sign_in(&ask, &RIVERA).await;
    op.advance(121).await;
    ask.redeem_raw(&op, answer.code()).await.refused(400, "invalid_grant");
    let ask = EPCS_SLOW.ask();
    let answer = browser.sign_in(&ask, &RIVERA).await;
    op.advance(100).await;
    ask.redeem(&op, &answer).await;
    // On our pages: the password has grown old while the code was looked for, and is asked again.
    let ask = EPCS.ask();
    let page = browser.open(&ask).await;
    let page = browser.step(&page, &RIVERA).await;
    let late = op.advance(121).await.secs();
    let page = browser.walk(page, &RIVERA).await;
    let tokens = ask.redeem(&op, &page.answer()).await;
    assert!(tokens.id["auth_time"].as_i64().unwrap() >= late, "{}", tokens.id);
}

#[tokio::test]
async fn nobody_signs_with_a_colleagues_session() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let rivera = browser.tokens(&BASIC.ask(), &RIVERA).await;
    // The step-up is about Rivera: another name typed into the form changes nothing.
    let ask = EPCS.ask().set("id_token_hint", rivera.id_token());
    let page = browser.open(&ask).await;
    assert_eq!(
        (page.id().as_str(), page.input("username", "value").as_str()),
        ("verify-password", "rivera")
    );
    let page = browser
        .submit(&page, &[("username", "lee"), ("password", LEE.password)])
        .await;
    assert_eq!(
        (page.id().as_str(), page.error().as_str()),
        ("verify-password", "MFA-110")
    );
    // And in a fresh browser a colleague proves everything, and gets an error for it.
    let answer = Browser::new(&op).sign_in(&ask, &LEE).await;
    assert_eq!(
        (answer.error(), answer.get("error_description")),
        ("login_required", "subject_mismatch")
    );
}

#[tokio::test]
async fn cancel_is_access_denied_on_every_page() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    for steps in 0..4 {
        let ask = EPCS.ask();
        let mut page = browser.open(&ask).await;
        for _ in 0..steps {
            page = browser.step(&page, &RIVERA).await;
        }
        let on = page.id();
        let page = browser.press(&page, "action", "cancel").await;
        assert_eq!(page.answer().error(), "access_denied", "{on}");
        ask.check_answer(&op, &page.answer());
    }
}
