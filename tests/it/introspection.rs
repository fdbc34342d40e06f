//! Partners and APIs ask what a token is worth (RFC 7662, RFC 9701).

use countersign::base::Timestamp;
use countersign::keys::{Alg, Expected, Expiry, JwkSet, TypRule, jose};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::races::DATABASES;
use crate::relying_party::{
    AAL2, Auth, BASIC, KEY, MFA, POST, RS256, Reply, Rp, SPA, Tokens, basic, jwks, rp_of, userinfo,
};
use crate::security::{open, remove};
use crate::workspace::{BASIC_SECRET, LEE, LEES, PAT, POST_SECRET};

const EVIDENCE: &str = "urn:countersign:evidence";
const SIGNED: &str = "application/token-introspection+jwt";

async fn offline(op: &Op, rp: &'static Rp) -> Tokens {
    Browser::new(op)
        .tokens(&rp.ask().scope("openid profile offline_access"), &PAT)
        .await
}

async fn ask(op: &Op, rp: &Rp, token: &str) -> Reply {
    let reply = rp.call(op, "/introspect", &[("token", token)]).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    assert_eq!(reply.headers["cache-control"], "no-store");
    reply
}

/// RFC 7662 §2.2: that it is not active, and nothing else.
async fn is_inactive(op: &Op, rp: &Rp, token: &str) {
    assert_eq!(ask(op, rp, token).await.json, json!({"active": false}), "{}", rp.id);
}

#[tokio::test]
async fn a_partner_learns_what_its_tokens_are_worth() {
    for database in DATABASES {
        let op = Op::on(database).await;
        for rp in [&BASIC, &POST, &KEY] {
            let tokens = offline(&op, rp).await;
            let told = ask(&op, rp, tokens.access_token()).await.json;
            for name in [
                "iss",
                "sub",
                "aud",
                "client_id",
                "exp",
                "iat",
                "jti",
                "scope",
                "acr",
                "amr",
                "auth_time",
            ] {
                assert_eq!(told[name], tokens.access[name], "{name}: {told}");
            }
            assert_eq!(
                (&told["active"], &told["token_type"], &told["username"]),
                (&true.into(), &"Bearer".into(), &"pat".into())
            );
            assert!(told.get("name").is_none(), "userinfo is for that: {told}");
            let told = ask(&op, rp, tokens.refresh_token()).await.json;
            assert_eq!((&told["active"], &told["client_id"]), (&true.into(), &rp.id.into()));
            assert_eq!(
                (&told["acr"], &told["sub"]),
                (&tokens.access["acr"], &tokens.access["sub"])
            );
            assert!(told["exp"].as_i64().unwrap() > tokens.access["exp"].as_i64().unwrap());
            assert!(told.get("aud").is_none() && told.get("token_type").is_none(), "{told}");
        }
    }
}

#[tokio::test]
async fn evidence_and_name_are_told_where_the_person_allowed_them() {
    let op = Op::start().await;
    let plain = Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    let told = ask(&op, &BASIC, plain.access_token()).await.json;
    assert!(told.get(EVIDENCE).is_none() && told.get("username").is_none(), "{told}");
    let by_scope = BASIC.ask().scope("openid evidence").acr(AAL2);
    let tokens = Browser::new(&op).tokens(&by_scope, &LEE).await;
    let told = ask(&op, &BASIC, tokens.access_token()).await.json;
    assert_eq!(told[EVIDENCE], tokens.id[EVIDENCE]);
    assert_eq!(
        (told[EVIDENCE].as_array().unwrap().len(), &told["acr"]),
        (2, &AAL2.into())
    );
    let by_name = BASIC
        .ask()
        .set("claims", &json!({"userinfo": {EVIDENCE: null}}).to_string());
    let tokens = Browser::new(&op).tokens(&by_name, &PAT).await;
    let told = ask(&op, &BASIC, tokens.access_token()).await.json;
    assert_eq!(
        told[EVIDENCE],
        userinfo(&op, tokens.access_token()).await.json[EVIDENCE]
    );
}

#[tokio::test]
async fn whoever_a_token_is_not_for_learns_nothing() {
    let op = Op::start().await;
    let tokens = offline(&op, &BASIC).await;
    for token in [tokens.access_token(), tokens.refresh_token()] {
        is_inactive(&op, &POST, token).await;
        is_inactive(&op, &KEY, token).await;
    }
    let long = "x".repeat(10_000);
    for token in ["unknown", "a.b.c", tokens.id_token(), &long] {
        is_inactive(&op, &BASIC, token).await;
    }
}

/// The API is the client that stands in `aud`.
#[tokio::test]
async fn the_api_that_a_token_is_for_may_ask_as_well() {
    let op = Op::start().await;
    let more = format!(
        "[[clients]]\nclient_id = \"{}\"\nclient_secret = \"{POST_SECRET}\"\n\
         token_endpoint_auth_method = \"client_secret_post\"\nredirect_uris = [\"https://api.example/none\"]\n",
        op.issuer
    );
    op.files.write("api.toml", &more);
    op.files.run_ok(&["apply", "api.toml"]);
    let api = rp_of(
        op.issuer.clone().leak(),
        "https://api.example/none",
        Auth::Post(POST_SECRET),
    );
    let tokens = offline(&op, &BASIC).await;
    let told = ask(&op, &api, tokens.access_token()).await.json;
    assert_eq!((&told["active"], &told["client_id"]), (&true.into(), &"basic".into()));
    is_inactive(&op, &api, tokens.refresh_token()).await;
}

#[tokio::test]
async fn what_is_over_is_inactive() {
    let op = Op::start().await;
    // Revoked, alone and with the family.
    let tokens = offline(&op, &BASIC).await;
    BASIC.call(&op, "/revoke", &[("token", tokens.access_token())]).await;
    is_inactive(&op, &BASIC, tokens.access_token()).await;
    assert_eq!(ask(&op, &BASIC, tokens.refresh_token()).await.json["active"], true);
    // Turned.
    let next = Tokens::of(&op, &BASIC, BASIC.refresh(&op, tokens.refresh_token()).await).await;
    is_inactive(&op, &BASIC, tokens.refresh_token()).await;
    assert_eq!(ask(&op, &BASIC, next.access_token()).await.json["active"], true);
    BASIC.call(&op, "/revoke", &[("token", next.refresh_token())]).await;
    is_inactive(&op, &BASIC, next.access_token()).await;
    is_inactive(&op, &BASIC, next.refresh_token()).await;
    // Expired.
    let tokens = offline(&op, &POST).await;
    op.advance(601).await;
    is_inactive(&op, &POST, tokens.access_token()).await;
    assert_eq!(ask(&op, &POST, tokens.refresh_token()).await.json["active"], true);
    op.advance(15 * 24 * 3600).await;
    is_inactive(&op, &POST, tokens.refresh_token()).await;
}

#[tokio::test]
async fn who_may_no_longer_sign_in_has_no_active_tokens() {
    let op = Op::start().await;
    let tokens = offline(&op, &BASIC).await;
    op.files.run_ok(&["user", "suspend", "pat"]);
    is_inactive(&op, &BASIC, tokens.access_token()).await;
    is_inactive(&op, &BASIC, tokens.refresh_token()).await;
    // And they do not come back with the person.
    op.files.run_ok(&["user", "activate", "pat"]);
    is_inactive(&op, &BASIC, tokens.access_token()).await;
}

/// Offline access outlives the session (OIDC Core §11); the rest does not.
#[tokio::test]
async fn the_end_of_a_session_ends_its_tokens() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let tokens = browser.tokens(&BASIC.ask(), &PAT).await;
    assert_eq!(ask(&op, &BASIC, tokens.access_token()).await.json["active"], true);
    let page = browser
        .get(&op.url(&format!("/logout?id_token_hint={}", tokens.id_token())))
        .await;
    browser.walk_logout(page).await;
    is_inactive(&op, &BASIC, tokens.access_token()).await;
}

#[tokio::test]
async fn a_removed_device_takes_with_it_what_it_proved() {
    let op = Op::start().await;
    let ask_for = BASIC.ask().acr(MFA).scope("openid offline_access");
    let tokens = Browser::new(&op).tokens(&ask_for, &LEE).await;
    assert_eq!(ask(&op, &BASIC, tokens.access_token()).await.json["active"], true);
    let mut browser = Browser::new(&op);
    open(&mut browser, &LEE).await;
    remove(&mut browser, &LEE, LEES.nickname).await;
    is_inactive(&op, &BASIC, tokens.access_token()).await;
    is_inactive(&op, &BASIC, tokens.refresh_token()).await;
}

/// RFC 7662 §2.1, §4: a name alone is no authentication.
#[tokio::test]
async fn only_clients_that_authenticate_may_ask() {
    let op = Op::start().await;
    let tokens = offline(&op, &SPA).await;
    let wrong = rp_of("basic", BASIC.redirect_uri, Auth::Basic("wrong"));
    for caller in [&SPA, &wrong, &rp_of("nobody", BASIC.redirect_uri, Auth::Public)] {
        let reply = caller
            .call(&op, "/introspect", &[("token", tokens.access_token())])
            .await;
        reply.refused(401, "invalid_client");
    }
    BASIC
        .call(&op, "/introspect", &[])
        .await
        .refused(400, "invalid_request");
    let bearer = op.http.post(op.url("/introspect")).bearer_auth(tokens.access_token());
    let reply = bearer.form(&[("token", tokens.access_token())]).send().await.unwrap();
    Reply::of(&op, reply).await.refused(401, "invalid_client");
    let reply = Reply::of(&op, op.http.get(op.url("/introspect")).send().await.unwrap()).await;
    assert_eq!((reply.status, &reply.headers["allow"]), (405, &"POST".parse().unwrap()));
}

/// The signed answer, checked as an API would (RFC 9701 §5).
async fn signed(op: &Op, rp: &Rp, alg: Alg, token: &str) -> Value {
    let request = op
        .http
        .post(op.url("/introspect"))
        .basic_auth(rp.id, Some(BASIC_SECRET));
    let reply = request
        .header("accept", SIGNED)
        .form(&[("token", token)])
        .send()
        .await
        .unwrap();
    assert_eq!(
        (reply.status().as_u16(), &reply.headers()["content-type"]),
        (200, &SIGNED.parse().unwrap())
    );
    assert_eq!(reply.headers()["cache-control"], "no-store");
    let jwt = reply.text().await.unwrap();
    let expected = Expected {
        algs: &[alg],
        typ: TypRule::OneOf(&["token-introspection+jwt"]),
        issuer: Some(&op.issuer),
        audience: Some(&[rp.id]),
        expiry: Expiry::Ignored,
        now: op.now().await,
    };
    let keys = JwkSet::from_value(&jwks(op).await).unwrap();
    let claims = jose::verify(&jwt, &keys, &expected).unwrap().claims;
    let mut names: Vec<&str> = claims.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["aud", "iat", "iss", "token_introspection"], "no sub, no exp");
    assert!(Timestamp::from_secs(claims["iat"].as_i64().unwrap()) <= op.now().await);
    claims["token_introspection"].clone()
}

#[tokio::test]
async fn the_answer_comes_signed_to_whoever_asks_so() {
    const MORE: &str = r#"
[[clients]]
client_id = "told"
client_secret = "secret-of-the-basic-client-0123456789"
redirect_uris = ["https://told.example/cb"]
introspection_signed_response_alg = "PS256"
consent = "implicit"
"#;
    static TOLD: Rp = basic("told", "https://told.example/cb");
    let op = Op::with(Database::Sqlite, MORE).await;
    for (rp, alg) in [(&TOLD, Alg::Ps256), (&RS256, Alg::Rs256), (&BASIC, Alg::Es256)] {
        let tokens = Browser::new(&op).tokens(&rp.ask(), &PAT).await;
        let told = signed(&op, rp, alg, tokens.access_token()).await;
        assert_eq!(told, ask(&op, rp, tokens.access_token()).await.json);
        assert_eq!(signed(&op, rp, alg, "unknown").await, json!({"active": false}));
    }
}

#[tokio::test]
async fn the_metadata_says_where_to_ask_and_how() {
    let op = Op::start().await;
    let url = op.url("/.well-known/openid-configuration");
    let found: Value = op.http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(found["introspection_endpoint"], op.url("/introspect"));
    let methods = &found["introspection_endpoint_auth_methods_supported"];
    assert_eq!(
        methods,
        &json!([
            "client_secret_basic",
            "client_secret_post",
            "client_secret_jwt",
            "private_key_jwt"
        ])
    );
    let algs = found["introspection_signing_alg_values_supported"].as_array().unwrap();
    assert!(
        algs.contains(&json!("ES256")) && algs.contains(&json!("RS256")),
        "{algs:?}"
    );
}
