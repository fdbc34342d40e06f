//! Access tokens that say nothing themselves: the same facts, the same ends, only asked for.

use serde_json::json;

use countersign::base::encoding::hash_token;
use countersign::base::{Entropy, Seconds, SystemEntropy, Timestamp};
use countersign::protocol::audience::Audience;
use countersign::protocol::claims::AccessTokenClaims;
use countersign::protocol::rar::AuthorizationDetails;
use countersign::protocol::scope::Scopes;
use countersign::storage::Store;

use crate::apis::{ORDERS, ORDERS_API, QUIET, SHOP, STOCK_API, VAULT, more, op, refresh_of, token_of};
use crate::browser::Browser;
use crate::harness::Op;
use crate::key_holder::{Holder, look};
use crate::postgres::postgres;
use crate::races::DATABASES;
use crate::relying_party::{AAL2, userinfo};
use crate::storage_door::{int, on_both, sqlite_in};
use crate::workspace::{LEE, PAT};

const PERSON: &str = "openid profile offline_access";

#[tokio::test]
async fn it_opens_what_a_signed_one_opens_and_says_nothing_itself() {
    for database in DATABASES {
        let op = Op::with(database, &more()).await;
        let reply = QUIET.ask().scope(PERSON).for_a_part(&op, &PAT, &[]).await;
        let token = token_of(&reply);
        // 256 bits, and nothing to read.
        assert!(token.len() >= 43 && !token.contains('.'), "its form");
        assert_eq!(
            (&reply.json["token_type"], &reply.json["expires_in"]),
            (&json!("Bearer"), &json!(600))
        );
        let seen = userinfo(&op, token).await;
        assert_eq!((seen.status, &seen.json["preferred_username"]), (200, &json!("pat")));
        // Twice: the second time from memory.
        assert_eq!(userinfo(&op, token).await.json, seen.json);
        let told = QUIET.introspect(&op, token).await;
        assert_eq!((&told["active"], &told["sub"]), (&json!(true), &seen.json["sub"]));
        for name in [
            "iss",
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
            assert!(told.get(name).is_some(), "{name}: {told}");
        }
        assert!(reply.json["id_token"].is_string());
        // Renewed, it says the same of the proof.
        let next = QUIET.refresh(&op, refresh_of(&reply)).await;
        let again = QUIET.introspect(&op, token_of(&next)).await;
        assert_ne!(token_of(&next), token);
        assert_eq!((&again["acr"], &again["auth_time"]), (&told["acr"], &told["auth_time"]));
    }
}

#[tokio::test]
async fn it_ends_alone_with_its_family_and_by_time() {
    for database in DATABASES {
        let op = Op::with(database, &more()).await;
        let over = async |token: &str| {
            let seen = userinfo(&op, token).await;
            assert_eq!((seen.status, seen.error()), (401, "invalid_token"));
            assert_eq!(QUIET.introspect(&op, token).await, json!({"active": false}));
        };
        let ask = QUIET.ask().scope(PERSON);
        let first = ask.for_a_part(&op, &PAT, &[]).await;
        assert_eq!(userinfo(&op, token_of(&first)).await.status, 200);
        // Another's hands end nothing.
        SHOP.call(&op, "/revoke", &[("token", token_of(&first))]).await;
        assert_eq!(userinfo(&op, token_of(&first)).await.status, 200);
        QUIET.call(&op, "/revoke", &[("token", token_of(&first))]).await;
        over(token_of(&first)).await;
        let second = QUIET.refresh(&op, refresh_of(&first)).await;
        assert_eq!(userinfo(&op, token_of(&second)).await.status, 200, "the family stands");
        // A refresh token that is used twice ends all.
        QUIET
            .refresh(&op, refresh_of(&first))
            .await
            .refused(400, "invalid_grant");
        over(token_of(&second)).await;
        // A code that is used twice as well.
        let answer = Browser::new(&op).sign_in(&ask, &PAT).await;
        let third = ask.redeem_raw(&op, answer.code()).await;
        ask.redeem_raw(&op, answer.code()).await.refused(400, "invalid_grant");
        over(token_of(&third)).await;
        let fourth = ask.for_a_part(&op, &PAT, &[]).await;
        op.advance(600).await;
        over(token_of(&fourth)).await;
    }
}

/// Found by the hash of all of it: nothing that is near it is it, and the database does not have it.
#[tokio::test]
async fn nobody_comes_nearer_to_it_by_guessing() {
    let op = op().await;
    let reply = QUIET.ask().scope(PERSON).for_a_part(&op, &PAT, &[]).await;
    let token = token_of(&reply);
    let hash = hash_token(token);
    let guesses = [
        token[..token.len() - 1].to_owned(),
        token[..8].to_owned(),
        format!("{token}A"),
        format!("{}%", &token[..20]),
        token.to_lowercase(),
        token.chars().rev().collect(),
        hash,
    ];
    for guess in guesses.iter().filter(|guess| *guess != token) {
        assert_eq!(QUIET.introspect(&op, guess).await, json!({"active": false}));
        assert_ne!(userinfo(&op, guess).await.status, 200);
    }
    // It renews nothing, and what renews opens nothing.
    QUIET.refresh(&op, token).await.refused(400, "invalid_grant");
    assert_eq!(userinfo(&op, refresh_of(&reply)).await.status, 401);
    let mut files = std::fs::read_dir(op.files.path("data")).unwrap();
    let holds = |path: std::path::PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        bytes.windows(token.len()).any(|window| window == token.as_bytes())
    };
    assert!(!files.any(|file| holds(file.unwrap().path())), "it is in the database");
}

#[tokio::test]
async fn it_is_bound_to_a_key_as_a_signed_one_is() {
    let op = op().await;
    let holder = Holder::new();
    let ask = QUIET.ask().scope(PERSON);
    let answer = Browser::new(&op).sign_in(&ask, &PAT).await;
    let proof = holder.proof(&op, "/token").await;
    let reply = ask.redeem_with(&op, answer.code(), &[proof]).await;
    let token = token_of(&reply);
    assert_eq!(reply.json["token_type"], "DPoP");
    assert_eq!(QUIET.introspect(&op, token).await["cnf"], json!({"jkt": holder.jkt()}));
    assert_eq!(userinfo(&op, token).await.status, 401, "stolen, it opens nothing");
    let thief = Holder::new().with_token(&op, token).await;
    assert_eq!(look(&op, "DPoP", token, &[thief]).await.status, 401);
    let proof = holder.with_token(&op, token).await;
    assert_eq!(look(&op, "DPoP", token, &[proof]).await.status, 200);
}

/// The API's own word counts more than the client's.
#[tokio::test]
async fn an_api_has_its_tokens_as_it_wants_them() {
    let op = op().await;
    let ask = SHOP
        .ask()
        .scope("openid vault.read orders.read")
        .resource(ORDERS)
        .resource(VAULT);
    let reply = ask.for_a_part(&op, &LEE, &[VAULT]).await;
    let told = SHOP.introspect(&op, token_of(&reply)).await;
    assert!(!token_of(&reply).contains('.'));
    assert_eq!((&told["aud"], &told["acr"]), (&json!(VAULT), &json!(AAL2)));
    let both = ask.for_a_part(&op, &LEE, &[]).await;
    assert!(!token_of(&both).contains('.'), "of two words the more careful");
    assert_eq!(ORDERS_API.introspect(&op, token_of(&both)).await["active"], true);
    assert_eq!(
        STOCK_API.introspect(&op, token_of(&both)).await,
        json!({"active": false})
    );
    let signed = ask.for_a_part(&op, &LEE, &[ORDERS]).await;
    assert_eq!(token_of(&signed).matches('.').count(), 2);
}

fn claims(exp: Timestamp) -> AccessTokenClaims {
    AccessTokenClaims {
        iss: "https://id.example".into(),
        sub: serde_json::from_value(json!("machine")).unwrap(),
        aud: Audience::One(ORDERS.into()),
        client_id: "machine".into(),
        exp: exp.secs(),
        iat: 0,
        jti: "one".into(),
        scope: Scopes::parse("orders.read").unwrap(),
        auth_time: None,
        acr: None,
        amr: Vec::new(),
        sid: None,
        cnf: None,
        authorization_details: AuthorizationDetails::default(),
        act: None,
        may_act: None,
    }
}

on_both!(what_has_expired_is_not_found_and_is_swept_away, |url| async move {
    let store = Store::open(&url).await.unwrap();
    let (now, exp) = (Timestamp::from_secs(1_000_000), Timestamp::from_secs(1_000_600));
    let hash = hash_token(&SystemEntropy.token());
    let mut tx = store.begin().await.unwrap();
    tx.keep_access_token(&hash, None, &claims(exp)).await.unwrap();
    assert_eq!(tx.access_token(&hash, now).await.unwrap(), Some(claims(exp)));
    assert_eq!(tx.access_token(&hash, exp).await.unwrap(), None);
    assert_eq!(tx.access_token(&hash[1..], now).await.unwrap(), None);
    tx.sweep(exp).await.unwrap();
    assert_eq!(int(&mut tx, "SELECT COUNT(*) AS n FROM access_tokens").await, 1);
    tx.sweep(exp.plus(Seconds::days(2))).await.unwrap();
    assert_eq!(int(&mut tx, "SELECT COUNT(*) AS n FROM access_tokens").await, 0);
});
