//! What partners learn about people: claims and userinfo (OIDC Core §5).

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::Op;
use crate::relying_party::{BASIC, POST, Reply, Tokens, userinfo};
use crate::workspace::PAT;

const PROFILE: [&str; 14] = [
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];

async fn tokens(op: &Op, scope: &str) -> Tokens {
    Browser::new(op).tokens(&BASIC.ask().scope(scope), &PAT).await
}

fn names(claims: &Value) -> Vec<&str> {
    claims
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .filter(|name| *name != "sub")
        .collect()
}

#[tokio::test]
async fn each_scope_brings_its_claims_and_no_others() {
    let op = Op::start().await;
    for (scope, expected) in [
        ("openid", vec![]),
        ("openid profile", PROFILE.to_vec()),
        ("openid email", vec!["email", "email_verified"]),
        ("openid phone", vec!["phone_number", "phone_number_verified"]),
        ("openid address", vec!["address"]),
    ] {
        let tokens = tokens(&op, scope).await;
        let info = userinfo(&op, tokens.access_token()).await.json;
        let mut expected = expected;
        expected.sort_unstable();
        let mut got = names(&info);
        got.sort_unstable();
        assert_eq!(got, expected, "{scope}");
        assert_eq!(info["sub"], tokens.id["sub"]);
        // OIDC Core §5.4: with an access token they are at userinfo, not in the ID token.
        assert!(
            PROFILE.iter().all(|name| tokens.id.get(*name).is_none()),
            "{}",
            tokens.id
        );
    }
}

#[tokio::test]
async fn every_claim_has_its_value_and_type() {
    let op = Op::start().await;
    let tokens = tokens(&op, "openid profile email phone address").await;
    let info = userinfo(&op, tokens.access_token()).await.json;
    for (name, value) in [
        ("name", json!("Pat Q. Doe")),
        ("middle_name", json!("Q.")),
        ("preferred_username", json!("pat")),
        ("email", json!("pat@mail.example")),
        ("email_verified", json!(false)),
        ("phone_number", json!("+14155550104")),
        ("phone_number_verified", json!(true)),
        ("birthdate", json!("1990-02-28")),
    ] {
        assert_eq!(info[name], value, "{name}");
    }
    assert_eq!(info["address"]["postal_code"], "50000");
    assert!(info["updated_at"].is_i64(), "{}", info["updated_at"]);
}

#[tokio::test]
async fn claims_are_asked_for_by_name_and_put_where_they_were_asked() {
    let op = Op::start().await;
    let claims = json!({
        "id_token": {"email": {"essential": true}, "auth_time": null, "shoe_size": null},
        "userinfo": {"given_name": null, "birthdate": {"value": "1990-02-28"}},
        "somewhere_else": {"x": null}
    });
    let ask = BASIC.ask().set("claims", &claims.to_string());
    let tokens = Browser::new(&op).tokens(&ask, &PAT).await;
    assert_eq!(tokens.id["email"], "pat@mail.example");
    assert!(tokens.id.get("given_name").is_none() && tokens.id.get("shoe_size").is_none());
    let info = userinfo(&op, tokens.access_token()).await.json;
    assert_eq!(names(&info), ["birthdate", "given_name"]);
    // Nobody gets by name what they are not registered for.
    let ask = POST.ask().set(
        "claims",
        r#"{"userinfo":{"phone_number":{"essential":true},"email":null}}"#,
    );
    let tokens = Browser::new(&op).tokens(&ask, &PAT).await;
    assert_eq!(names(&userinfo(&op, tokens.access_token()).await.json), ["email"]);
}

#[tokio::test]
async fn the_token_is_taken_from_the_header_or_the_body_and_not_from_the_query() {
    let op = Op::start().await;
    let tokens = tokens(&op, "openid email").await;
    let (url, token) = (op.url("/userinfo"), tokens.access_token());
    let ask = |request: reqwest::RequestBuilder| {
        let op = op.clone();
        async move { Reply::of(&op, request.send().await.unwrap()).await }
    };
    let by_header = ask(op.http.get(&url).bearer_auth(token)).await;
    let by_post = ask(op.http.post(&url).bearer_auth(token)).await;
    let by_body = ask(op.http.post(&url).form(&[("access_token", token)])).await;
    for reply in [&by_header, &by_post, &by_body] {
        assert_eq!((reply.status, &reply.json["email"]), (200, &json!("pat@mail.example")));
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert_eq!(reply.headers["content-type"], "application/json");
    }
    let by_query = ask(op.http.get(format!("{url}?access_token=x"))).await;
    assert_eq!(by_query.status, 401);
    let twice = ask(op.http.post(&url).bearer_auth(token).form(&[("access_token", token)])).await;
    assert_eq!((twice.status, twice.error()), (400, "invalid_request"));
    let bare = ask(op.http.get(&url)).await;
    assert_eq!(bare.status, 401);
    let challenge = bare.headers["www-authenticate"].to_str().unwrap();
    assert!(
        challenge.starts_with("Bearer") && !challenge.contains("error"),
        "RFC 6750 §3.1: {challenge}"
    );
}

#[tokio::test]
async fn what_is_no_access_token_opens_nothing() {
    let op = Op::start().await;
    let tokens = tokens(&op, "openid email").await;
    let broken = tokens.access_token().trim_end_matches(char::is_alphanumeric).to_owned() + "AAAA";
    for (what, token) in [
        ("a broken one", broken.as_str()),
        ("an ID token", tokens.id_token()),
        ("nonsense", "nonsense"),
    ] {
        let reply = userinfo(&op, token).await;
        assert_eq!((reply.status, reply.error()), (401, "invalid_token"), "{what}");
        let challenge = reply.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    }
    op.advance(601).await;
    let reply = userinfo(&op, tokens.access_token()).await;
    assert_eq!((reply.status, reply.error()), (401, "invalid_token"), "an expired one");
}

#[tokio::test]
async fn a_suspended_person_has_no_access_any_more() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let tokens = browser.tokens(&BASIC.ask().scope("openid offline_access"), &PAT).await;
    // Seen before, so that its signature need not be checked again.
    assert_eq!(userinfo(&op, tokens.access_token()).await.status, 200);
    op.files.run_ok(&["user", "suspend", "pat"]);
    assert_eq!(userinfo(&op, tokens.access_token()).await.status, 401);
    BASIC
        .refresh(&op, tokens.refresh_token())
        .await
        .refused(400, "invalid_grant");
    let page = browser.through(&BASIC.ask(), &PAT).await;
    assert!(!page.left, "a suspended person signs in");
    op.files.run_ok(&["user", "activate", "pat"]);
    Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
}

#[tokio::test]
async fn discovery_says_what_there_is() {
    let op = Op::start().await;
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        let doc: Value = op.http.get(op.url(path)).send().await.unwrap().json().await.unwrap();
        assert_eq!(doc["issuer"], op.issuer);
        for name in [
            "authorization_endpoint",
            "token_endpoint",
            "userinfo_endpoint",
            "jwks_uri",
            "end_session_endpoint",
        ] {
            assert!(doc[name].as_str().unwrap().starts_with(&op.issuer), "{name}");
        }
        let has = |name: &str, value: &str| doc[name].as_array().unwrap().iter().any(|v| v == value);
        for acr in ["1fa", "mfa", "aal2", "aal2-phr", "aal3", "epcs", "epcs-phr"] {
            assert!(
                has("acr_values_supported", &format!("urn:countersign:acr:{acr}")),
                "{acr}"
            );
        }
        assert!(has("acr_values_supported", "phr") && has("acr_values_supported", "phrh"));
        for alg in ["ES256", "RS256", "PS256", "EdDSA"] {
            assert!(has("id_token_signing_alg_values_supported", alg), "{alg}");
        }
        for method in ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"] {
            assert!(has("token_endpoint_auth_methods_supported", method), "{method}");
        }
        assert_eq!(doc["authorization_response_iss_parameter_supported"], true);
        assert_eq!(doc["claims_parameter_supported"], true);
        assert!(
            has("claims_supported", "acr") && has("claims_supported", "amr") && has("claims_supported", "auth_time")
        );
    }
}
