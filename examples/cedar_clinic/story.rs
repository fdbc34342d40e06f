//! Sign-in and step-up from end to end against a provider that can lie: every lie must be caught.

use std::{
    sync::{Arc, atomic::Ordering},
    time::UNIX_EPOCH,
};

use actix_web::{cookie::Cookie, http::StatusCode, test, web};
use serde_json::{Value, json};

use crate::clinic::{Clinic, Settings};
use crate::fake_provider::{CLIENT_ID, CLIENT_SECRET, parameters};
use crate::scene::{EPCS, NOW, Scene};

#[actix_web::test]
async fn a_prescriber_signs_in_and_signs() {
    let mut scene = Scene::new();
    let welcome = scene.get("/").await;
    assert_eq!(
        (
            welcome.id().as_str(),
            welcome.attribute("[data-action=sign-in]", "href").as_str()
        ),
        ("clinic-home", "/login")
    );

    let login = scene.get("/login").await;
    let asked = parameters(&login.location);
    assert_eq!(asked["scope"], "openid profile email evidence");
    assert_eq!(
        (asked["response_type"].as_str(), asked["code_challenge_method"].as_str()),
        ("code", "S256")
    );
    assert_eq!(
        (asked["redirect_uri"].as_str(), asked.get("acr_values")),
        ("http://localhost:8081/callback", None)
    );

    let list = scene.sign_in().await;
    assert_eq!(
        (list.id().as_str(), list.find("[data-user]").as_deref()),
        ("clinic-prescriptions", Some("Dr. Mateo Rivera"))
    );
    assert_eq!(list.text.matches("data-state=\"ready\"").count(), 3);

    let asked = parameters(&scene.press_sign().await);
    assert_eq!(asked["acr_values"], EPCS);
    let claims: Value = serde_json::from_str(&asked["claims"]).unwrap();
    assert_eq!(
        claims["id_token"],
        json!({"acr": {"essential": true, "values": [EPCS]}, "sub": {"value": "rivera"}})
    );

    let done = scene.sign_with(|_| ()).await;
    assert_eq!(
        (done.status, done.location.as_str()),
        (StatusCode::SEE_OTHER, "/signed"),
        "{}",
        done.text
    );
    let signed = scene.get("/signed").await;
    assert_eq!(signed.id(), "clinic-signed");
    let claim = |name: &str| signed.find(&format!("[data-claim={name}]")).unwrap();
    assert_eq!(
        (claim("acr"), claim("amr"), claim("sub")),
        (EPCS.into(), "pwd otp mfa".into(), "rivera".into())
    );
    assert_eq!(claim("auth_time"), (NOW - 20).to_string());
    assert_eq!(
        signed.find("[data-evidence=totp] [data-nickname]").as_deref(),
        Some("Office <iPhone>")
    );
    assert_eq!(scene.get("/").await.text.matches("data-state=\"signed\"").count(), 3);

    let claims: Value = serde_json::from_str(&scene.get("/claims").await.text).unwrap();
    assert_eq!(
        (&claims["sign_in"]["amr"], &claims["signing"]["acr"]),
        (&json!(["pwd"]), &json!(EPCS))
    );
    assert_eq!(claims["signing"]["auth_time"], json!(NOW - 20));
    assert_eq!(claims["signing"]["urn:countersign:evidence"][1]["amr"], json!(["otp"]));
    assert_eq!(scene.op.discoveries(), 1);
}

#[actix_web::test]
async fn a_token_that_proves_too_little_signs_nothing() {
    for (code, change) in [
        (
            "acr_mismatch",
            (|c| c["acr"] = json!("urn:countersign:acr:mfa")) as fn(&mut Value),
        ),
        ("subject_mismatch", |c| c["sub"] = json!("okafor")),
        ("amr_telephone", |c| c["amr"] = json!(["pwd", "sms", "mca", "mfa"])),
        ("amr_without_password", |c| c["amr"] = json!(["otp"])),
        ("auth_time_too_old", |c| c["auth_time"] = json!(NOW - 121)),
    ] {
        let mut scene = Scene::new();
        let refused = scene.sign_with(change).await;
        assert_eq!(
            (refused.status, refused.id().as_str()),
            (StatusCode::FORBIDDEN, "clinic-refused")
        );
        assert_eq!(refused.error(), code);
        scene.assert_unsigned().await;
    }
}

#[actix_web::test]
async fn a_token_that_is_not_for_this_request_signs_nothing() {
    for change in [
        (|c| c["nonce"] = json!("another")) as fn(&mut Value),
        |c| c["iss"] = json!("https://elsewhere.example"),
        |c| c["aud"] = json!("another-client"),
        |c| c["aud"] = json!([CLIENT_ID, "another-client"]),
        |c| c["exp"] = json!(NOW - 1),
        |c| c["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        let mut scene = Scene::new();
        let refused = scene.sign_with(change).await;
        assert_eq!(
            (refused.status, refused.error().as_str()),
            (StatusCode::BAD_GATEWAY, "provider_failure")
        );
        scene.assert_unsigned().await;
    }
}

#[actix_web::test]
async fn an_answer_counts_once_and_only_in_its_browser() {
    let mut scene = Scene::new();
    let login = scene.get("/login").await;
    let way_back = scene.op.approve(&login.location, NOW, scene.good_sign_in());

    let own = scene.cookie.take();
    assert_eq!(scene.back(&way_back).await.error(), "state_unknown", "another browser");
    scene.cookie = own;
    assert_eq!(scene.back(&way_back).await.status, StatusCode::SEE_OTHER);
    assert_eq!(scene.back(&way_back).await.error(), "state_unknown", "replayed");

    let login = scene.get("/login").await;
    let way_back = scene.op.approve(&login.location, NOW, scene.good_sign_in());
    scene.now.fetch_add(600, Ordering::SeqCst);
    assert_eq!(
        scene.back(&way_back).await.error(),
        "state_unknown",
        "ten minutes later"
    );
}

#[actix_web::test]
async fn an_answer_must_name_our_issuer_even_when_it_is_an_error() {
    let mut scene = Scene::new();
    for kind in ["code", "error"] {
        for replacement in ["", "&iss=https%3A%2F%2Felsewhere.example"] {
            let login = scene.get("/login").await;
            let query = match kind {
                "code" => scene.op.approve(&login.location, NOW, scene.good_sign_in()),
                _ => scene.op.refuse(&login.location, "access_denied", "no"),
            };
            let (before, _) = query.split_once("&iss=").unwrap();
            let refused = scene.back(&format!("{before}{replacement}")).await;
            assert_eq!(
                (refused.error().as_str(), refused.status),
                ("issuer_mismatch", StatusCode::BAD_REQUEST)
            );
        }
    }
    let login = scene.get("/login").await;
    let query = scene.op.approve(&login.location, NOW, scene.good_sign_in());
    assert_eq!(
        scene.back(&format!("{query}&code=second")).await.error(),
        "answer_malformed"
    );
}

#[actix_web::test]
async fn the_providers_refusal_is_shown_as_text() {
    let mut scene = Scene::new();
    scene.sign_in().await;
    let location = scene.press_sign().await;
    let query = scene.op.refuse(
        &location,
        "unmet_authentication_requirements",
        "<script>alert(1)</script> no token",
    );
    let refused = scene.back(&query).await;
    assert_eq!(
        (refused.id().as_str(), refused.error().as_str()),
        ("clinic-refused", "unmet_authentication_requirements")
    );
    assert_eq!(
        refused.find("[data-error-description]").as_deref(),
        Some("<script>alert(1)</script> no token")
    );
    assert!(!refused.text.contains("<script"));
    scene.assert_unsigned().await;

    // Without a request of ours behind it, nobody's words appear on our page.
    let stray = scene.back("error=access_denied&error_description=Call+555-0100").await;
    assert_eq!(stray.error(), "state_unknown");
    assert!(!stray.text.contains("555-0100"));
}

#[actix_web::test]
async fn a_name_cannot_become_markup() {
    let mut scene = Scene::new();
    scene.op.rename("<img src=x onerror='alert(1)'>\"&");
    let page = scene.sign_in().await;
    assert_eq!(
        page.find("[data-user]").as_deref(),
        Some("<img src=x onerror='alert(1)'>\"&")
    );
    assert!(!page.text.contains("<img src=x"));
}

#[actix_web::test]
async fn several_tabs_sign_in_and_sign_side_by_side() {
    let mut scene = Scene::new();
    let (first, second) = (scene.get("/login").await, scene.get("/login").await);
    for login in [second, first] {
        let way_back = scene.op.approve(&login.location, NOW, scene.good_sign_in());
        assert_eq!(scene.back(&way_back).await.location, "/");
    }
    let (first, second) = (scene.press_sign().await, scene.press_sign().await);
    for location in [second, first] {
        let way_back = scene.op.approve(&location, NOW, scene.good_signing());
        assert_eq!(scene.back(&way_back).await.location, "/signed");
    }
}

#[actix_web::test]
async fn signing_in_changes_the_cookie_and_the_old_one_is_dead() {
    let mut scene = Scene::new();
    let login = scene.get("/login").await;
    let planted = scene.cookie.clone();
    let way_back = scene.op.approve(&login.location, NOW, scene.good_sign_in());
    scene.back(&way_back).await;
    assert_ne!(
        planted.as_ref().map(Cookie::value),
        scene.cookie.as_ref().map(Cookie::value)
    );
    let first = scene.cookie.replace(planted.unwrap());
    assert_eq!(scene.get("/").await.id(), "clinic-home");

    scene.cookie = first.clone();
    assert_eq!(scene.sign_in().await.id(), "clinic-prescriptions");
    scene.cookie = first;
    assert_eq!(
        scene.get("/").await.id(),
        "clinic-home",
        "a second sign-in ends the first session"
    );
}

#[actix_web::test]
async fn a_form_from_elsewhere_starts_no_signing() {
    let mut scene = Scene::new();
    let post = || test::TestRequest::post().uri("/sign");
    assert_eq!(scene.send(post()).await.error(), "signed_out");
    scene.sign_in().await;
    assert_eq!(scene.send(post()).await.error(), "form_token");
    assert_eq!(
        scene.send(post().set_form([("csrf", "guess")])).await.error(),
        "form_token"
    );
}

#[actix_web::test]
async fn whoever_signed_in_meanwhile_does_not_inherit_the_signing() {
    let mut scene = Scene::new();
    scene.sign_in().await;
    let location = scene.press_sign().await;
    let signing = scene.op.approve(&location, NOW, scene.good_signing());
    scene.get("/logout").await;
    scene.sign_in().await;
    assert_eq!(scene.back(&signing).await.error(), "state_unknown");
    scene.assert_unsigned().await;
}

#[actix_web::test]
async fn turned_keys_are_fetched_again() {
    let mut scene = Scene::new();
    scene.sign_in().await;
    scene.op.turn_keys();
    assert_eq!(scene.sign_with(|_| ()).await.location, "/signed");
    assert_eq!(scene.op.discoveries(), 2);
}

#[actix_web::test]
async fn signing_out_ends_both_sessions() {
    let mut scene = Scene::new();
    scene.sign_in().await;
    let out = scene.get("/logout").await;
    let asked = parameters(&out.location);
    assert!(out.location.starts_with(&format!("{}/logout?", scene.op.issuer)));
    assert_eq!(asked["post_logout_redirect_uri"], "http://localhost:8081/");
    assert_eq!(asked["id_token_hint"].split('.').count(), 3);
    let notice = "[data-notice=signed-out]";
    assert_eq!(scene.get("/?state=guess").await.find(notice), None);
    assert_eq!(scene.get("/claims").await.status, StatusCode::UNAUTHORIZED);

    scene.sign_in().await;
    let out = scene.get("/logout").await;
    let home = scene
        .get(&format!("/?state={}", parameters(&out.location)["state"]))
        .await;
    assert_eq!(
        (home.id().as_str(), home.find(notice).as_deref()),
        ("clinic-home", Some("You are signed out."))
    );
}

#[actix_web::test]
async fn a_session_ends_after_eight_hours_and_an_absent_provider_is_one_sentence() {
    let mut scene = Scene::new();
    scene.sign_in().await;
    scene.now.fetch_add(8 * 3600, Ordering::SeqCst);
    assert_eq!(scene.get("/").await.id(), "clinic-home");
    assert_eq!(scene.get("/nowhere").await.error(), "not_found");

    let mut alone = Scene::new();
    alone.op.issuer = "http://127.0.0.1:1".into();
    let settings = Settings {
        issuer: alone.op.issuer.clone(),
        client_id: CLIENT_ID.into(),
        client_secret: CLIENT_SECRET.into(),
        public_url: "https://ehr.example/".into(),
        registry_url: "http://127.0.0.1:1".into(),
        trust_anchor: None,
        clock: Arc::new(|| UNIX_EPOCH),
    };
    alone.clinic = web::Data::new(Clinic::new(settings).unwrap());
    let refused = alone.get("/login").await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::BAD_GATEWAY, "provider_failure")
    );
}
