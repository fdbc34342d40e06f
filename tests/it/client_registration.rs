//! Dynamic client registration: a partner that nobody has written down signs people in (RFC 7591), and looks after its own
//! registration (RFC 7592).

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::Op;
use crate::newcomer::{Newcomer, REDIRECT, open, register, register_raw, rules, token, usual, with};
use crate::races::DATABASES;
use crate::relying_party::{MFA, Reply, alg_of, userinfo};
use crate::workspace::PAT;

async fn discovery(op: &Op) -> Value {
    let url = op.url("/.well-known/openid-configuration");
    op.http.get(url).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_stranger_registers_and_signs_people_in() {
    for database in DATABASES {
        let op = Op::with(database, &rules("open", "")).await;
        assert_eq!(discovery(&op).await["registration_endpoint"], op.url("/register"));
        let newcomer = register(&op, &usual()).await;
        let told = &newcomer.told;
        assert_eq!(told["client_secret_expires_at"], 0);
        assert_eq!(told["grant_types"], json!(["authorization_code"]));
        assert_eq!(told["response_types"], json!(["code"]));
        assert_eq!(told["token_endpoint_auth_method"], "client_secret_basic");
        assert_eq!(told["scope"], "address email offline_access openid phone profile");
        let now = op.now().await.secs();
        assert!((now - 60..=now).contains(&told["client_id_issued_at"].as_i64().unwrap()));
        // People are asked, and told that nobody here knows this partner.
        let ask = newcomer.rp().ask();
        let mut browser = Browser::new(&op);
        let page = browser.open(&ask).await;
        let page = browser.walk_to(&page, &PAT, "consent").await;
        assert!(!page.text_of("[data-registered]").is_empty(), "{}", page.text());
        let answer = browser.walk(page, &PAT).await.answer();
        let tokens = ask.redeem(&op, &answer).await;
        // OIDC Registration §2: the default that a client expects which does not say.
        assert_eq!(alg_of(tokens.id_token()), Algorithm::RS256);
        let made = op.audit("client.registered").await;
        assert_eq!(
            (&made[0]["client"], &made[0]["actor"]),
            (&json!(newcomer.id()), &json!("client"))
        );
        assert_eq!(made[0]["detail"]["redirect_uris"], json!([REDIRECT]));
    }
}

#[tokio::test]
async fn registration_is_off_until_the_operator_opens_it() {
    let op = Op::start().await;
    assert!(discovery(&op).await.get("registration_endpoint").is_none());
    let (_, token) = token(&op, 5);
    for token in [None, Some(token.as_str())] {
        register_raw(&op, token, &usual()).await.refused(403, "access_denied");
    }
    assert!(op.audit("client.registered").await.is_empty());
}

/// RFC 7591 §1.2.
#[tokio::test]
async fn an_initial_access_token_lets_in_as_many_as_it_has_uses() {
    for database in DATABASES {
        let op = Op::with(database, &rules("initial_access_token", "")).await;
        let bare = register_raw(&op, None, &usual()).await;
        assert_eq!((bare.status, &bare.json), (401, &Value::Null));
        assert_eq!(bare.headers["www-authenticate"], "Bearer realm=\"registration\"");
        register_raw(&op, Some("nonsense"), &usual())
            .await
            .refused(401, "invalid_token");
        let (id, token) = token(&op, 2);
        // What is refused uses nothing up.
        let wrong = with(&json!({"redirect_uris": ["http://newcomer.example/"]}));
        register_raw(&op, Some(&token), &wrong)
            .await
            .refused(400, "invalid_redirect_uri");
        for _ in 0..2 {
            Newcomer::of(register_raw(&op, Some(&token), &usual()).await);
        }
        register_raw(&op, Some(&token), &usual())
            .await
            .refused(401, "invalid_token");
        assert_eq!(op.audit("client.registered").await[1]["detail"]["initial_token"], id);
        assert_eq!(op.audit("client.registration_refused").await.len(), 1);
    }
}

/// RFC 7592 §2.1 and §2.2.
#[tokio::test]
async fn a_client_reads_and_changes_what_it_is() {
    for database in DATABASES {
        let op = Op::with(database, &rules("open", "")).await;
        let newcomer = register(
            &op,
            &with(&json!({"initiate_login_uri": "https://newcomer.example/go"})),
        )
        .await;
        let read = newcomer.read(&op).await;
        assert_eq!(read.status, 200, "{}", read.json);
        assert_eq!(read.json["initiate_login_uri"], "https://newcomer.example/go");
        // What is kept of the secret is a hash.
        assert!(read.json.get("client_secret").is_none());
        let secretless = |told: &Value| {
            let mut told = told.clone();
            told.as_object_mut().unwrap().remove("client_secret");
            told
        };
        assert_eq!(secretless(&read.json), secretless(&newcomer.told));
        // A change is whole: what is left out is gone.
        let other = json!({"client_name": "Newcomer II", "initiate_login_uri": null});
        let changed = newcomer.update(&op, &other).await;
        assert_eq!(changed.status, 200, "{}", changed.json);
        assert_eq!(changed.json["client_name"], "Newcomer II");
        assert!(changed.json.get("initiate_login_uri").is_none() && changed.json.get("client_secret").is_none());
        // The token turns, the secret stays.
        newcomer.read(&op).await.refused(401, "invalid_token");
        let turned = Newcomer { told: changed.json };
        assert_eq!(turned.read(&op).await.status, 200);
        Browser::new(&op).tokens(&newcomer.rp().ask(), &PAT).await;
        assert_eq!(op.audit("client.updated").await.len(), 1);
    }
}

#[tokio::test]
async fn a_client_that_becomes_confidential_gets_a_secret_and_one_that_goes_public_loses_it() {
    let op = open("").await;
    let spa = register(&op, &with(&json!({"token_endpoint_auth_method": "none"}))).await;
    assert!(spa.told.get("client_secret").is_none() && spa.told.get("client_secret_expires_at").is_none());
    Browser::new(&op).tokens(&spa.rp().ask(), &PAT).await;
    let changed = spa
        .update(&op, &json!({"token_endpoint_auth_method": "client_secret_basic"}))
        .await;
    let confidential = Newcomer { told: changed.json };
    op.secret("a client's secret", confidential.text("client_secret"));
    Browser::new(&op).tokens(&confidential.rp().ask(), &PAT).await;
    let ask = spa.rp().ask();
    let answer = Browser::new(&op).sign_in(&ask, &PAT).await;
    ask.redeem_raw(&op, answer.code()).await.refused(401, "invalid_client");
    let public = json!({"token_endpoint_auth_method": "none", "client_secret": null});
    let public = Newcomer {
        told: confidential.update(&op, &public).await.json,
    };
    assert!(public.told.get("client_secret_expires_at").is_none(), "{}", public.told);
    Browser::new(&op).tokens(&public.rp().ask(), &PAT).await;
}

/// OIDC Core §9: a secret that is signed with has to be known as it is, and long enough for each algorithm.
#[tokio::test]
async fn a_client_that_signs_with_its_secret_gets_one_that_it_can_sign_with() {
    let op = open("").await;
    let signing =
        json!({"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "HS512"});
    let newcomer = register(&op, &with(&signing)).await;
    // It stays through an update, and one that was only shown before is replaced.
    let updated = newcomer.update(&op, &json!({"client_name": "Signer"})).await;
    assert!(updated.json.get("client_secret").is_none(), "{}", updated.json);
    let shown = register(&op, &usual()).await;
    let replaced = Newcomer {
        told: shown.update(&op, &signing).await.json,
    };
    op.secret("a client's secret", replaced.text("client_secret"));
    for client in [newcomer, replaced] {
        let claims = crate::relying_party::assertion_claims(&op, client.id()).await;
        let key = jsonwebtoken::EncodingKey::from_secret(client.text("client_secret").as_bytes());
        let header = jsonwebtoken::Header::new(Algorithm::HS512);
        let assertion = jsonwebtoken::encode(&header, &claims, &key).unwrap();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", "x"),
            ("client_assertion_type", crate::relying_party::JWT_BEARER),
            ("client_assertion", &assertion),
        ];
        let reply = op.http.post(op.url("/token")).form(&fields).send().await.unwrap();
        Reply::of(&op, reply).await.refused(400, "invalid_grant");
    }
}

/// RFC 7592 §2.3.
#[tokio::test]
async fn a_client_that_goes_takes_all_that_it_was_granted_along() {
    for database in DATABASES {
        let op = Op::with(database, &rules("open", "")).await;
        let both = json!({"grant_types": ["authorization_code", "refresh_token"]});
        let newcomer = register(&op, &with(&both)).await;
        let rp = newcomer.rp();
        let mut browser = Browser::new(&op);
        let tokens = browser
            .tokens(
                &rp.ask().scope("openid profile offline_access").set("prompt", "consent"),
                &PAT,
            )
            .await;
        let ask = rp.ask();
        let answer = browser.sign_in(&ask, &PAT).await;
        assert_eq!(userinfo(&op, tokens.access_token()).await.status, 200);
        let gone = newcomer.remove(&op).await;
        assert_eq!((gone.status, &gone.json), (204, &Value::Null));
        assert_eq!(userinfo(&op, tokens.access_token()).await.status, 401);
        ask.redeem_raw(&op, answer.code()).await.refused(401, "invalid_client");
        rp.refresh(&op, tokens.refresh_token())
            .await
            .refused(401, "invalid_client");
        let page = browser.open(&rp.ask()).await;
        assert_eq!((page.status, page.id().as_str()), (400, "error"));
        for again in [newcomer.read(&op).await, newcomer.remove(&op).await] {
            again.refused(401, "invalid_token");
        }
        // Nor does it come back to what it had under the same name.
        let again = format!(
            "[[clients]]\nclient_id = \"{}\"\nclient_secret = \"{}\"\nredirect_uris = [\"{REDIRECT}\"]\n\
             grant_types = [\"authorization_code\", \"refresh_token\"]\n",
            newcomer.id(),
            newcomer.text("client_secret")
        );
        op.files.write("again.toml", &again);
        op.files.run_ok(&["apply", "again.toml"]);
        ask.redeem_raw(&op, answer.code()).await.refused(400, "invalid_grant");
        rp.refresh(&op, tokens.refresh_token())
            .await
            .refused(400, "invalid_grant");
        assert_eq!(userinfo(&op, tokens.access_token()).await.status, 401);
        assert_eq!(op.audit("client.deleted").await.len(), 1);
    }
}

/// What people agreed to was another name.
#[tokio::test]
async fn who_changes_its_looks_is_asked_for_anew() {
    let op = open("").await;
    let newcomer = register(&op, &usual()).await;
    let mut browser = Browser::new(&op);
    browser.tokens(&newcomer.rp().ask(), &PAT).await;
    assert!(browser.open(&newcomer.rp().ask()).await.left, "consent is remembered");
    let same = newcomer.update(&op, &json!({"default_max_age": 3600})).await;
    assert!(browser.open(&newcomer.rp().ask()).await.left, "{}", same.json);
    let turned = Newcomer { told: same.json };
    let changed = turned.update(&op, &json!({"client_name": "Another"})).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    assert_eq!(browser.open(&newcomer.rp().ask()).await.id(), "consent");
}

/// What the official suite's plan `dynamic` expects of registration (OIDC Registration §2, §3.3).
#[tokio::test]
async fn what_relying_parties_register_is_taken_or_refused_as_they_expect() {
    let op = open("response_types = [\"code\", \"code id_token\"]\ngrant_types = [\"authorization_code\", \"implicit\", \"refresh_token\"]").await;
    for good in [
        json!({"id_token_signed_response_alg": "RS256", "userinfo_signed_response_alg": "RS256"}),
        json!({"request_uris": ["https://rp.example/request#Sx2hKc"], "request_object_signing_alg": "RS256"}),
        json!({"request_uris": ["https://rp.example/request"], "request_object_signing_alg": "none"}),
        json!({"redirect_uris": ["https://rp.example/cb?foo=bar"]}),
        json!({"response_types": ["id_token code"], "grant_types": ["authorization_code", "implicit"]}),
        json!({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://rp.example/jwks"}),
        json!({"logo_uri": "https://rp.example/l.png", "policy_uri": "https://rp.example/p", "tos_uri": "https://rp.example/t"}),
        json!({"contacts": ["a@rp.example"], "post_logout_redirect_uris": ["https://rp.example/out"]}),
        json!({"subject_type": "public", "default_acr_values": [MFA], "default_max_age": 60, "require_auth_time": true}),
        json!({"client_name#es": "Recién llegado", "software_id": "x", "unheard_of": true}),
    ] {
        let newcomer = register(&op, &with(&good)).await;
        for (name, value) in good
            .as_object()
            .unwrap()
            .iter()
            .filter(|(n, _)| n.as_str() != "response_types")
        {
            let known = !matches!(name.as_str(), "client_name#es" | "software_id" | "unheard_of");
            assert_eq!(newcomer.told.get(name), known.then_some(value), "{}", newcomer.told);
        }
    }
    for (wrong, error) in [
        (
            json!({"redirect_uris": ["https://rp.example/cb#fragment"]}),
            "invalid_redirect_uri",
        ),
        (json!({"redirect_uris": []}), "invalid_redirect_uri"),
        (json!({"redirect_uris": null}), "invalid_redirect_uri"),
        (
            json!({"id_token_signed_response_alg": "none"}),
            "invalid_client_metadata",
        ),
        (
            json!({"initiate_login_uri": "http://localhost:8443/go"}),
            "invalid_client_metadata",
        ),
        (json!({"response_types": ["token"]}), "invalid_client_metadata"),
        (
            json!({"token_endpoint_auth_method": "client_secret_something"}),
            "invalid_client_metadata",
        ),
        (
            json!({"jwks": {"keys": []}, "jwks_uri": "https://rp.example/jwks"}),
            "invalid_client_metadata",
        ),
    ] {
        register_raw(&op, None, &with(&wrong)).await.refused(400, error);
    }
}

#[tokio::test]
async fn only_json_by_the_right_method_is_read() {
    let op = open("").await;
    let url = op.url("/register");
    let form = op
        .http
        .post(&url)
        .form(&[("redirect_uris", REDIRECT)])
        .send()
        .await
        .unwrap();
    Reply::of(&op, form).await.refused(400, "invalid_client_metadata");
    let get = op.http.get(&url).send().await.unwrap();
    assert_eq!(
        (get.status().as_u16(), &get.headers()["allow"]),
        (405, &"POST".parse().unwrap())
    );
    let newcomer = register(&op, &usual()).await;
    let post = newcomer.call(&op, reqwest::Method::POST, "x", Some(&usual())).await;
    assert_eq!(
        (post.status, &post.headers["allow"]),
        (405, &"GET, PUT, DELETE".parse().unwrap())
    );
}

/// OIDC Core §4.
#[tokio::test]
async fn a_person_begins_at_the_partner_from_the_list_of_who_has_access() {
    let op = open("").await;
    let newcomer = register(
        &op,
        &with(&json!({"initiate_login_uri": "https://newcomer.example/go?a=b"})),
    )
    .await;
    let mut browser = Browser::new(&op);
    browser.tokens(&newcomer.rp().ask(), &PAT).await;
    let page = crate::own_profile::at(&mut browser, "/account/privacy", &PAT).await;
    let issuer: String = url::form_urlencoded::byte_serialize(op.issuer.as_bytes()).collect();
    assert_eq!(
        page.link("[data-open]"),
        format!("https://newcomer.example/go?a=b&iss={issuer}")
    );
}
