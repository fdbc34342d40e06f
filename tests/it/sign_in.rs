//! Signing in, and what the tokens then say of it.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::relying_party::{
    AAL2, ALWAYS, ASKING, BASIC, EDDSA, HYBRID, KEY, MFA, ONE, POST, PS256, RESTRICTED, RS256, SPA, alg_of,
    assertion_claims, sign_assertion, verify,
};
use crate::workspace::{LEE, LEES_DESK, LEES_MOBILE, PAT, RIVERA, SAM, Second};

#[tokio::test]
async fn a_password_alone_is_one_factor() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::on(database).await;
        let before = op.now().await.secs();
        let tokens = Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
        assert_eq!((tokens.acr(), tokens.amr()), (ONE, vec!["pwd"]));
        let at = tokens.id["auth_time"].as_i64().unwrap();
        assert!((before..=op.now().await.secs()).contains(&at), "{at}");
        assert_eq!(tokens.json["token_type"], "Bearer");
        assert_eq!(tokens.json["expires_in"], 600);
        assert_eq!(tokens.json["scope"], "openid");
        assert!(
            tokens.json.get("refresh_token").is_none(),
            "offline_access was not asked for"
        );
    }
}

#[tokio::test]
async fn a_name_and_then_a_password_work_as_well() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let ask = BASIC.ask();
    let page = browser.open(&ask).await;
    assert_eq!(page.id(), "sign-in");
    assert_eq!(page.input("username", "autocomplete"), "username webauthn");
    assert_eq!(page.input("password", "autocomplete"), "current-password");
    let page = browser.submit(&page, &[("username", "PAT"), ("password", "")]).await;
    assert_eq!(page.id(), "verify-password");
    let page = browser.submit(&page, &[("password", PAT.password)]).await;
    ask.redeem(&op, &page.answer()).await;
    // The e-mail address is a name, too.
    let ask = BASIC.ask();
    let mut browser = Browser::new(&op);
    let page = browser.open(&ask).await;
    let page = browser
        .submit(&page, &[("username", "pat@mail.example"), ("password", PAT.password)])
        .await;
    assert!(page.left);
}

#[tokio::test]
async fn password_and_code_generator_are_aal2() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let tokens = browser.tokens(&BASIC.ask().acr(AAL2), &LEE).await;
    assert_eq!((tokens.acr(), tokens.amr()), (AAL2, vec!["mfa", "otp", "pwd"]));
    // The first of the partner's own list that holds.
    let tokens = browser
        .tokens(&BASIC.ask().acr(&format!("phr {MFA} {AAL2}")), &LEE)
        .await;
    assert_eq!(tokens.acr(), MFA);
}

#[tokio::test]
async fn s32_text_message_completes_sign_in_as_sms_and_never_as_otp() {
    let op = Op::start().await;
    let who = LEE.with(Second::Sms(LEES_MOBILE));
    let tokens = Browser::new(&op).tokens(&BASIC.ask().acr(MFA), &who).await;
    assert_eq!((tokens.acr(), tokens.amr()), (MFA, vec!["mca", "mfa", "pwd", "sms"]));
    let sent = op.outbox(LEES_MOBILE).await;
    assert_eq!((sent.len(), &sent[0]["channel"]), (1, &json!("sms")));
}

#[tokio::test]
async fn s32_voice_call_completes_sign_in_as_tel() {
    let op = Op::start().await;
    let who = LEE.with(Second::Voice(LEES_DESK));
    let tokens = Browser::new(&op).tokens(&BASIC.ask().acr(MFA), &who).await;
    assert_eq!((tokens.acr(), tokens.amr()), (MFA, vec!["mca", "mfa", "pwd", "tel"]));
    assert_eq!(op.outbox(LEES_DESK).await[0]["channel"], "voice");
}

/// 800-63B-4 §3.2.9: the telephone network counts for AAL2 only where the partner has accepted the risk.
#[tokio::test]
async fn text_message_is_aal2_only_where_the_risk_was_accepted() {
    let op = Op::start().await;
    let tokens = Browser::new(&op)
        .tokens(&RESTRICTED.ask().essential(&[AAL2]), &SAM)
        .await;
    assert_eq!((tokens.acr(), tokens.amr()), (AAL2, vec!["mca", "mfa", "pwd", "sms"]));
    let answer = Browser::new(&op).sign_in(&BASIC.ask().essential(&[AAL2]), &SAM).await;
    assert_eq!(answer.error(), "unmet_authentication_requirements");
}

#[tokio::test]
async fn one_session_serves_several_partners_and_steps_up() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let first = browser.tokens(&BASIC.ask(), &LEE).await;
    op.advance(60).await;
    // Nothing is asked, and auth_time stays that of the proof.
    let ask = POST.ask();
    let page = browser.open(&ask).await;
    assert!(page.left, "a page although there is a session: {}", page.id());
    let second = ask.redeem(&op, &page.answer()).await;
    assert_eq!(second.id["auth_time"], first.id["auth_time"]);
    assert_eq!(
        (&second.id["sub"], &second.id["sid"]),
        (&first.id["sub"], &first.id["sid"])
    );
    // The step-up asks only for what is missing, keeps sub and sid, and turns the cookie.
    let cookie = browser.cookies["countersign"].clone();
    let ask = BASIC.ask().acr(AAL2);
    let page = browser.open(&ask).await;
    assert_eq!(page.id(), "choose-method");
    let page = browser.walk(page, &LEE).await;
    let stepped = ask.redeem(&op, &page.answer()).await;
    assert_eq!((stepped.acr(), stepped.amr()), (AAL2, vec!["mfa", "otp", "pwd"]));
    assert_eq!(
        (&stepped.id["sub"], &stepped.id["sid"]),
        (&first.id["sub"], &first.id["sid"])
    );
    assert_eq!(
        stepped.id["auth_time"], first.id["auth_time"],
        "the oldest event behind the acr"
    );
    assert_ne!(
        browser.cookies["countersign"], cookie,
        "a step-up turns the cookie (800-63B-4 §5.1.1)"
    );
    // Who kept the old cookie has no session any more.
    browser.cookies.insert("countersign".into(), cookie);
    assert_eq!(browser.open(&BASIC.ask()).await.id(), "sign-in");
}

#[tokio::test]
async fn second_factors_count_for_a_day_and_an_idle_hour() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    browser.tokens(&BASIC.ask().acr(AAL2), &LEE).await;
    op.advance(59 * 60).await;
    assert!(browser.open(&BASIC.ask().acr(AAL2)).await.left, "within the idle hour");
    op.advance(61 * 60).await;
    let page = browser.open(&BASIC.ask().acr(AAL2)).await;
    assert!(!page.left, "after an idle hour something has to be proved");
    assert!(
        browser.open(&BASIC.ask()).await.left,
        "one factor holds as long as the session"
    );
    op.advance(31 * 24 * 3600).await;
    assert_eq!(
        browser.open(&BASIC.ask()).await.id(),
        "sign-in",
        "no session lives longer than 30 days"
    );
}

#[tokio::test]
async fn every_way_of_client_authentication_works() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    for rp in [&BASIC, &POST, &KEY, &SPA] {
        let tokens = browser.tokens(&rp.ask().scope("openid offline_access"), &PAT).await;
        assert_eq!(tokens.id["aud"], rp.id);
        tokens.refresh_token();
    }
    // An assertion for one endpoint is good for it, whatever name of ours it says.
    let ask = KEY.ask();
    let answer = browser.sign_in(&ask, &PAT).await;
    let mut claims = assertion_claims(&op, "key").await;
    claims["aud"] = json!(op.url("/token"));
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", answer.code()),
        ("redirect_uri", KEY.redirect_uri),
        ("code_verifier", &ask.verifier),
        ("client_assertion_type", crate::relying_party::JWT_BEARER),
        ("client_assertion", &sign_assertion(&claims)),
    ];
    let reply = op.http.post(op.url("/token")).form(&fields).send().await.unwrap();
    assert_eq!(reply.status(), 200);
}

#[tokio::test]
async fn each_partner_gets_the_algorithm_that_it_registered() {
    use jsonwebtoken::Algorithm;
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    for (rp, alg) in [
        (&BASIC, Algorithm::ES256),
        (&RS256, Algorithm::RS256),
        (&PS256, Algorithm::PS256),
        (&EDDSA, Algorithm::EdDSA),
    ] {
        let tokens = browser.tokens(&rp.ask(), &PAT).await;
        assert_eq!(alg_of(tokens.id_token()), alg, "{}", rp.id);
    }
}

/// Redirect by 303, fragment, a form that posts itself; hybrid with c_hash (OIDC Core §3.3.2.11).
#[tokio::test]
async fn the_answer_travels_as_it_was_asked() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    for (mode, separator) in [("query", '?'), ("fragment", '#')] {
        let ask = BASIC.ask().set("response_mode", mode);
        let page = browser.through(&ask, &PAT).await;
        assert!(
            page.url
                .as_str()
                .starts_with(&format!("{}{separator}", BASIC.redirect_uri)),
            "{}",
            page.url
        );
        ask.check_answer(&op, &page.answer());
        ask.redeem(&op, &page.answer()).await;
    }
    let ask = BASIC.ask().set("response_mode", "form_post");
    let page = browser.open(&ask).await;
    assert_eq!(
        (page.id().as_str(), page.form().action.as_str()),
        ("form-post", BASIC.redirect_uri)
    );
    ask.check_answer(&op, &page.answer());
    ask.redeem(&op, &page.answer()).await;
    let ask = HYBRID.ask().set("response_type", "code id_token");
    let answer = browser.sign_in(&ask, &PAT).await;
    let front = verify(&op, answer.get("id_token"), "hybrid", "JWT").await;
    op.secret("an ID token", answer.get("id_token"));
    let half = countersign::protocol::claims::half_hash(countersign::protocol::words::SigningAlg::Es256, answer.code());
    assert_eq!(front["c_hash"], half);
    assert_eq!(front["nonce"].as_str(), ask.get("nonce"));
    let tokens = ask.redeem(&op, &answer).await;
    assert_eq!(tokens.id["sub"], front["sub"]);
}

#[tokio::test]
async fn a_request_by_post_is_answered_like_one_by_get() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let ask = BASIC.ask();
    let page = browser.open_by_post(&ask).await;
    assert_eq!(page.id(), "sign-in");
    let page = browser.walk(page, &PAT).await;
    ask.redeem(&op, &page.answer()).await;
    // The second time the session answers, although the form came without cookies.
    let ask = BASIC.ask();
    let page = browser.open_by_post(&ask).await;
    assert!(page.left, "{}", page.id());
    ask.redeem(&op, &page.answer()).await;
    let ask = BASIC.ask().set("prompt", "none");
    let page = Browser::new(&op).open_by_post(&ask).await;
    assert_eq!(page.answer().error(), "login_required");
}

#[tokio::test]
async fn a_long_state_comes_back_letter_by_letter() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let state: String = "aZ09-._~ !\"#$%&'()*+,/:;<=>?@[\\]^`{|}é€😀"
        .chars()
        .cycle()
        .take(128)
        .collect();
    for ask in [
        BASIC.ask(),
        BASIC.ask().set("response_mode", "form_post"),
        BASIC.ask().set("prompt", "none"),
    ] {
        let answer = browser.sign_in(&ask.set("state", &state), &PAT).await;
        assert_eq!(answer.get("state"), state);
    }
    let answer = browser.sign_in(&BASIC.ask().without("state"), &PAT).await;
    assert!(!answer.params.contains_key("state"));
}

#[tokio::test]
async fn consent_is_asked_and_remembered_until_more_is_wanted() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&ASKING.ask()).await;
    let page = browser.step(&page, &PAT).await;
    assert_eq!(page.id(), "consent");
    assert!(page.text().contains("Asking Partner"));
    assert_eq!(
        browser.press(&page, "action", "deny").await.answer().error(),
        "access_denied"
    );
    browser.tokens(&ASKING.ask(), &PAT).await;
    assert!(browser.open(&ASKING.ask()).await.left, "the same again is not asked");
    let page = browser.open(&ASKING.ask().scope("openid email")).await;
    assert_eq!(page.id(), "consent", "more is asked");
    browser.press(&page, "action", "allow").await;
    assert!(browser.open(&ASKING.ask()).await.left);
    let page = browser.open(&ASKING.ask().set("prompt", "consent")).await;
    assert_eq!(page.id(), "consent", "because the partner says so");
    browser.tokens(&ALWAYS.ask(), &PAT).await;
    assert_eq!(
        browser.open(&ALWAYS.ask()).await.id(),
        "consent",
        "because the operator says so"
    );
}

#[tokio::test]
async fn evidence_is_in_the_tokens_of_who_asks_for_it() {
    let op = Op::start().await;
    let ask = BASIC.ask().scope("openid evidence").acr(AAL2);
    let tokens = Browser::new(&op).tokens(&ask, &RIVERA).await;
    let evidence = tokens.id["urn:countersign:evidence"].as_array().unwrap();
    let methods: Vec<&Value> = evidence.iter().map(|e| &e["method"]).collect();
    assert_eq!(methods, [&json!("password"), &json!("totp")]);
    assert_eq!(evidence[1]["nickname"], "Office iPhone");
    assert!(
        evidence
            .iter()
            .all(|e| e["same_ceremony"] == true && e["at"].is_number())
    );
    let named = BASIC
        .ask()
        .set("claims", r#"{"userinfo":{"urn:countersign:evidence":null}}"#);
    let tokens = Browser::new(&op).tokens(&named, &PAT).await;
    let info = crate::relying_party::userinfo(&op, tokens.access_token()).await.json;
    assert_eq!(info["urn:countersign:evidence"][0]["method"], "password");
}
