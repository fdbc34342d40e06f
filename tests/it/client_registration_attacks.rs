//! Attacks on registration: what a stranger must not get, take or break.

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::Op;
use crate::newcomer::{Newcomer, REDIRECT, open, register, register_raw, rules, token, usual, with};
use crate::races::{DATABASES, RACERS, race};
use crate::relying_party::{BASIC, Reply, sign_assertion};
use crate::workspace::PAT;

#[tokio::test]
async fn a_registrant_chooses_nothing_that_is_the_operators() {
    let op = open("policies = [\"strangers\"]").await;
    let newcomer = register(&op, &usual()).await;
    for member in [
        json!({"policies": []}),
        json!({"policies": ["lenient"]}),
        json!({"consent": "implicit"}),
        json!({"profile": "oidc"}),
        json!({"registered": false}),
        json!({"resources": ["https://api.example"]}),
        json!({"may_act": "basic"}),
        json!({"client_secret_hash": "x"}),
        json!({"require_pkce": false}),
        json!({"access_token_lifetime": 86400}),
        json!({"scope": "openid authenticators"}),
        json!({"scope": "openid evidence"}),
    ] {
        register_raw(&op, None, &with(&member))
            .await
            .refused(400, "invalid_client_metadata");
        newcomer
            .update(&op, &member)
            .await
            .refused(400, "invalid_client_metadata");
    }
    let refused = op.audit("client.registration_refused").await;
    assert_eq!(refused.len(), 24);
    assert_eq!(
        (&refused[0]["outcome"], &refused[0]["actor"]),
        (&json!("refused"), &json!("client"))
    );
    // Nothing of it has come through: an update that is refused turns no token either.
    assert_eq!(newcomer.read(&op).await.status, 200);
}

#[tokio::test]
async fn no_answer_ever_leads_to_an_address_that_runs_or_hides_something() {
    let op = open("tries_per_hour = 1000").await;
    for uri in [
        "javascript:alert(1)",
        "JavaScript://newcomer.example/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://newcomer.example/cb#x",
        "https://user@newcomer.example/cb",
        "https://*.newcomer.example/cb",
        "https://newcomer.example\\@evil.example/cb",
        "http://newcomer.example/cb",
        "//newcomer.example/cb",
        "com.example.app:/cb",
        "",
    ] {
        let body = with(&json!({"redirect_uris": [REDIRECT, uri]}));
        register_raw(&op, None, &body)
            .await
            .refused(400, "invalid_redirect_uri");
        for member in ["client_uri", "policy_uri", "tos_uri", "logo_uri", "initiate_login_uri"] {
            let body = with(&json!({member: uri}));
            register_raw(&op, None, &body)
                .await
                .refused(400, "invalid_client_metadata");
        }
    }
}

/// One client that does not fit into the workspace would stop all of it.
#[tokio::test]
async fn no_registrant_breaks_the_workspace() {
    let op = open("registrant_may_set = [\"authorization_details_types\"]").await;
    let odd = json!({"authorization_details_types": ["nobody-knows"]});
    register_raw(&op, None, &with(&odd))
        .await
        .refused(400, "invalid_client_metadata");
    let newcomer = register(&op, &usual()).await;
    newcomer.update(&op, &odd).await.refused(400, "invalid_client_metadata");
    op.files.run_ok(&["client", "list"]);
    Browser::new(&op).tokens(&newcomer.rp().ask(), &PAT).await;
}

/// RFC 7592 §2: the token is for one client.
#[tokio::test]
async fn a_registration_token_opens_no_other_clients_registration() {
    let op = open("").await;
    let (mine, theirs) = (register(&op, &usual()).await, register(&op, &usual()).await);
    let token = mine.text("registration_access_token").to_owned();
    let body = with(&json!({"client_id": theirs.id(), "redirect_uris": ["https://evil.example/cb"]}));
    for (method, body) in [(Method::GET, None), (Method::PUT, Some(&body)), (Method::DELETE, None)] {
        let reply = theirs.call(&op, method, &token, body).await;
        reply.refused(401, "invalid_token");
        assert!(
            reply.headers["www-authenticate"]
                .to_str()
                .unwrap()
                .starts_with("Bearer ")
        );
    }
    // Nor does it change the own one into another's.
    mine.update(&op, &json!({"client_id": theirs.id()}))
        .await
        .refused(400, "invalid_client_metadata");
    mine.update(&op, &json!({"client_secret": "of-my-own-choice-0123456789"}))
        .await
        .refused(400, "invalid_client_metadata");
    // An operator's client has no registration, whatever is brought.
    for token in [token.as_str(), mine.text("client_secret"), "x"] {
        let url = op.url("/register/basic");
        let reply = op.http.get(&url).bearer_auth(token).send().await.unwrap();
        Reply::of(&op, reply).await.refused(401, "invalid_token");
    }
    assert_eq!(theirs.read(&op).await.status, 200);
}

#[tokio::test]
async fn no_registrant_takes_an_operators_name_or_client_id() {
    let op = open("").await;
    let newcomer = register(&op, &with(&json!({"client_id": "basic", "client_secret": "x"}))).await;
    assert!(newcomer.id() != "basic" && newcomer.text("client_secret").len() > 40);
    Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    let shown: Value = serde_json::from_str(&op.files.run_ok(&["client", "list", "--json"])).unwrap();
    let named = shown
        .as_array()
        .unwrap()
        .iter()
        .find_map(|c| c["client_name"].as_str())
        .map(str::to_uppercase);
    let workspace = Some("cedar  health id".to_owned());
    for name in [named, workspace].into_iter().flatten() {
        let body = with(&json!({"client_name": name}));
        register_raw(&op, None, &body)
            .await
            .refused(400, "invalid_client_metadata");
        newcomer
            .update(&op, &json!({"client_name": name}))
            .await
            .refused(400, "invalid_client_metadata");
    }
    // Two of the same software are no deceit.
    register(&op, &usual()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_initial_access_token_used_by_many_at_once() {
    for database in DATABASES {
        let op = Op::with(database, &rules("initial_access_token", "")).await;
        let (_, token) = token(&op, 3);
        let racers = (0..RACERS).map(|_| {
            let (op, token) = (op.clone(), token.clone());
            async move { register_raw(&op, Some(&token), &usual()).await }
        });
        let replies = race(racers).await;
        let made = replies.iter().filter(|r| r.status == 201).count();
        assert_eq!(made, 3, "{database:?}");
        for reply in replies.iter().filter(|r| r.status != 201) {
            reply.refused(401, "invalid_token");
        }
        assert_eq!(op.audit("client.registered").await.len(), 3, "{database:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_registration_token_used_for_many_updates_at_once() {
    for database in DATABASES {
        let op = Op::with(database, &rules("open", "")).await;
        let newcomer = register(&op, &usual()).await;
        let racers = (0..RACERS).map(|n| {
            let (op, newcomer) = (op.clone(), newcomer.clone());
            async move { newcomer.update(&op, &json!({"client_name": format!("Name {n}")})).await }
        });
        let replies = race(racers).await;
        let changed: Vec<&Reply> = replies.iter().filter(|r| r.status == 200).collect();
        assert_eq!(changed.len(), 1, "{database:?}");
        for reply in replies.iter().filter(|r| r.status != 200) {
            reply.refused(401, "invalid_token");
        }
        let turned = Newcomer {
            told: changed[0].json.clone(),
        };
        assert_eq!(
            turned.read(&op).await.json["client_name"],
            changed[0].json["client_name"]
        );
    }
}

/// Not one more than the operator has said, however many come at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_number_of_clients_is_kept_when_many_register_at_once() {
    for database in DATABASES {
        let op = Op::with(database, &rules("open", "max_clients = 2")).await;
        let racers = (0..RACERS).map(|_| {
            let op = op.clone();
            async move { register_raw(&op, None, &usual()).await }
        });
        let replies = race(racers).await;
        assert_eq!(replies.iter().filter(|r| r.status == 201).count(), 2, "{database:?}");
        for reply in replies.iter().filter(|r| r.status != 201) {
            reply.refused(403, "access_denied");
        }
    }
}

#[tokio::test]
async fn nobody_registers_more_often_than_the_operator_allows() {
    let op = open("tries_per_hour = 3").await;
    for _ in 0..2 {
        register_raw(&op, None, &json!({}))
            .await
            .refused(400, "invalid_redirect_uri");
    }
    let newcomer = register(&op, &usual()).await;
    for _ in 0..3 {
        let reply = register_raw(&op, None, &usual()).await;
        reply.refused(429, "temporarily_unavailable");
        let wait: i64 = reply.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=3600).contains(&wait), "{wait}");
    }
    // The log is not filled with it.
    assert_eq!(op.audit("client.registration_refused").await.len(), 3);
    // A client is counted by itself.
    let mut turned = newcomer;
    for _ in 0..3 {
        turned = Newcomer {
            told: turned.update(&op, &json!({})).await.json,
        };
    }
    turned
        .update(&op, &json!({}))
        .await
        .refused(429, "temporarily_unavailable");
    op.advance(3600).await;
    register(&op, &usual()).await;
    assert_eq!(turned.update(&op, &json!({})).await.status, 200);
}

#[tokio::test]
async fn what_is_too_long_is_not_kept() {
    let op = open("").await;
    for (bytes, status) in [(20 * 1024, 400), (200 * 1024, 413)] {
        let body = with(&json!({"tos_uri": format!("https://rp.example/{}", "x".repeat(bytes))}));
        assert_eq!(register_raw(&op, None, &body).await.status, status);
    }
    let many: Vec<String> = (0..21).map(|n| format!("https://rp.example/{n}")).collect();
    register_raw(&op, None, &with(&json!({"redirect_uris": many})))
        .await
        .refused(400, "invalid_client_metadata");
    let deep = format!("{{\"jwks\": {}{}}}", "[".repeat(5000), "]".repeat(5000));
    let request = op
        .http
        .post(op.url("/register"))
        .header("content-type", "application/json");
    let reply = Reply::of(&op, request.body(deep).send().await.unwrap()).await;
    reply.refused(400, "invalid_client_metadata");
}

/// Server-side request forgery: whatever is registered, nothing inside our own network is asked.
#[tokio::test]
async fn what_is_fetched_for_a_registered_client_is_public() {
    let trap = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let inside = format!("https://127.0.0.1:{}/", trap.local_addr().unwrap().port());
    let op = open("").await;
    let body = with(&json!({"logo_uri": inside, "jwks_uri": inside, "token_endpoint_auth_method": "private_key_jwt"}));
    let newcomer = register(&op, &body).await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&newcomer.rp().ask()).await;
    let logo = page.image(".partner-logo");
    assert!(logo.starts_with("/partner-logo?"), "{logo}");
    let answer = op.http.get(op.url(&logo)).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 404);
    let now = op.now().await.secs();
    let claims =
        json!({"iss": newcomer.id(), "sub": newcomer.id(), "aud": op.issuer, "jti": "a", "iat": now, "exp": now + 60});
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("client_assertion_type", crate::relying_party::JWT_BEARER),
        ("client_assertion", &sign_assertion(&claims)),
    ];
    let reply = op.http.post(op.url("/token")).form(&fields).send().await.unwrap();
    Reply::of(&op, reply).await.refused(401, "invalid_client");
    let asked = tokio::time::timeout(std::time::Duration::ZERO, trap.accept()).await;
    assert!(asked.is_err(), "somebody has knocked");
}

/// OIDC Core §8.1: who names another's sector would see its people under the same subjects.
#[tokio::test]
async fn nobody_joins_a_sector_whose_document_does_not_name_it() {
    let site = crate::partner_site::Site::start().await;
    let op = site.provider(&rules("open", "")).await;
    let body = |path: &str| with(&json!({"subject_type": "pairwise", "sector_identifier_uri": site.url(path)}));
    site.publish(&json!([REDIRECT]).to_string());
    let newcomer = register(&op, &body("/sector")).await;
    assert_eq!(newcomer.told["subject_type"], "pairwise");
    for (path, document) in [
        ("/sector", json!(["https://another.example/cb"]).to_string()),
        ("/sector", "{}".to_owned()),
        ("/gone", json!([REDIRECT]).to_string()),
    ] {
        site.publish(&document);
        register_raw(&op, None, &body(path))
            .await
            .refused(400, "invalid_client_metadata");
        newcomer
            .update(&op, &json!({"sector_identifier_uri": site.url(path)}))
            .await
            .refused(400, "invalid_client_metadata");
    }
}
