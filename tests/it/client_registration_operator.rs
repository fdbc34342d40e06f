//! What an operator says of clients that register themselves, and does with them.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::newcomer::{Newcomer, REDIRECT, open, register, register_raw, rules, token, usual};
use crate::races::DATABASES;
use crate::relying_party::{MFA, userinfo};
use crate::workspace::{LEE, PAT};

/// The operator's word holds as it is now, for those that are there as well.
#[tokio::test]
async fn every_registered_client_lives_by_the_operators_policies() {
    let op = open("").await;
    let newcomer = register(&op, &usual()).await;
    let lax = Browser::new(&op).tokens(&newcomer.rp().ask(), &PAT).await;
    assert_eq!(lax.acr(), crate::relying_party::ONE);
    op.files
        .write("strict.toml", &rules("open", "policies = [\"strangers\"]"));
    op.files.run_ok(&["apply", "strict.toml"]);
    for client in [newcomer, register(&op, &usual()).await] {
        let strict = Browser::new(&op).tokens(&client.rp().ask(), &LEE).await;
        assert_eq!(strict.acr(), MFA);
        assert!(client.told.get("policies").is_none());
    }
    op.files
        .write("gone.toml", &rules("open", "policies = [\"nobody-knows\"]"));
    let said = op.files.run_fails(&["apply", "gone.toml"]);
    assert!(said.contains("workspace.registration: policies"), "{said}");
}

#[tokio::test]
async fn secrets_expire_where_the_operator_says_so_and_an_update_brings_a_new_one() {
    let op = open("client_secret_lifetime = 3600").await;
    let newcomer = register(&op, &usual()).await;
    let now = op.now().await.secs();
    let ends = newcomer.told["client_secret_expires_at"].as_i64().unwrap();
    assert!((now + 3500..=now + 3600).contains(&ends), "{ends}");
    Browser::new(&op).tokens(&newcomer.rp().ask(), &PAT).await;
    op.advance(3600).await;
    let ask = newcomer.rp().ask();
    let answer = Browser::new(&op).sign_in(&ask, &PAT).await;
    ask.redeem_raw(&op, answer.code()).await.refused(401, "invalid_client");
    let renewed = newcomer.update(&op, &json!({"client_secret": null})).await;
    let renewed = Newcomer { told: renewed.json };
    op.secret("a client's secret", renewed.text("client_secret"));
    Browser::new(&op).tokens(&renewed.rp().ask(), &PAT).await;
}

/// What the operator's file does not name is not the file's to remove.
#[tokio::test]
async fn a_file_removes_no_client_that_it_does_not_name() {
    let op = open("").await;
    let newcomer = register(&op, &usual()).await;
    let (id, run) = (newcomer.id(), |arguments: &[&str]| op.files.run_ok(arguments));
    let exported = run(&["export"]);
    assert!(!exported.contains(id) && run(&["export", "--with-registered"]).contains(id));
    op.files.write("all.toml", &exported);
    for dry in [true, false] {
        let mut arguments = vec!["apply", "--prune"];
        arguments.extend(dry.then_some("--dry-run"));
        arguments.push("all.toml");
        let said = run(&arguments);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(
            lines,
            [format!("= client {id} (registered)").as_str(), "nothing to change"]
        );
    }
    assert!(op.audit("config.changed").await.len() < 3);
    Browser::new(&op).tokens(&newcomer.rp().ask(), &PAT).await;
    // Its secret can be turned by the operator; it stays its own.
    op.files.run_ok(&["client", "rotate-secret", id]);
    assert_eq!(newcomer.read(&op).await.status, 200);
    // A file that names it makes it the operator's.
    op.files.write(
        "mine.toml",
        &format!("[[clients]]\nclient_id = \"{id}\"\nredirect_uris = [\"{REDIRECT}\"]\n"),
    );
    assert!(run(&["apply", "mine.toml"]).contains("registered"));
    newcomer.read(&op).await.refused(401, "invalid_token");
    assert!(run(&["export"]).contains(id));
    run(&["client", "remove", id]);
}

#[tokio::test]
async fn an_operator_removes_a_registered_client_for_good() {
    let op = open("").await;
    let newcomer = register(&op, &usual()).await;
    let tokens = Browser::new(&op).tokens(&newcomer.rp().ask(), &PAT).await;
    op.files.run_ok(&["client", "remove", newcomer.id()]);
    newcomer.read(&op).await.refused(401, "invalid_token");
    assert_eq!(userinfo(&op, tokens.access_token()).await.status, 401);
}

/// RFC 7591 §5: who registers may get no more than the operator offers.
#[tokio::test]
async fn the_operator_says_what_a_registered_client_may_be() {
    let rules = "scope = \"openid profile\"\nprofile = \"fapi2\"\nredirect_hosts = [\"*.partner.example\"]\n\
                 registrant_may_set = [\"access_token_lifetime\"]\nmax_clients = 1";
    let op = open(rules).await;
    let key = crate::workspace::partner_key();
    let jwks = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": key.x, "y": key.y}]});
    let fapi = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
                      "redirect_uris": ["https://a.partner.example/cb"]});
    let plus = |more: Value| {
        let mut all = fapi.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    for (body, error) in [
        (usual(), "invalid_redirect_uri"),
        (
            json!({"redirect_uris": ["https://a.partner.example/cb"]}),
            "invalid_client_metadata",
        ),
        (plus(json!({"scope": "openid email"})), "invalid_client_metadata"),
        (plus(json!({"id_token_lifetime": 5})), "invalid_client_metadata"),
    ] {
        register_raw(&op, None, &body).await.refused(400, error);
    }
    let made = register(&op, &plus(json!({"access_token_lifetime": 60}))).await;
    assert_eq!(made.told["access_token_lifetime"], 60);
    let id = made.id();
    let shown: Value = serde_json::from_str(&op.files.run_ok(&["client", "show", id, "--json"])).unwrap();
    assert_eq!(
        (&shown["profile"], &shown["registered"]),
        (&json!("fapi2"), &json!(true))
    );
    let full = register_raw(&op, None, &plus(json!({}))).await;
    full.refused(403, "access_denied");
    assert_eq!(made.remove(&op).await.status, 204);
    register(&op, &plus(json!({}))).await;
}

#[tokio::test]
async fn clients_that_nobody_uses_go_and_others_stay() {
    const LONG_AGO: &str = "UPDATE client_registrations SET registered_at = 0, updated_at = 0, last_used_at = 0";
    for database in DATABASES {
        let op = Op::with(database, &rules("open", "expire_unused_after_days = 10")).await;
        let (unused, used) = (register(&op, &usual()).await, register(&op, &usual()).await);
        Browser::new(&op).tokens(&used.rp().ask(), &PAT).await;
        let store = countersign::storage::Store::open(&op.files.database).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.execute(LONG_AGO, countersign::storage::args![]).await.unwrap();
        tx.commit().await.unwrap();
        let said: Value = serde_json::from_str(&op.files.run_ok(&["client", "remove-unused", "--json"])).unwrap();
        assert_eq!(said, json!({"removed": [unused.id()]}), "{database:?}");
        unused.read(&op).await.refused(401, "invalid_token");
        assert_eq!(used.read(&op).await.status, 200);
        let gone = op.audit("client.deleted").await;
        assert_eq!(
            (&gone[0]["client"], &gone[0]["reason"]),
            (&json!(unused.id()), &json!("unused"))
        );
        // From now on it counts from when it was used.
        let again: Value = serde_json::from_str(&op.files.run_ok(&["client", "remove-unused", "--json"])).unwrap();
        assert_eq!(again, json!({"removed": []}));
    }
}

#[tokio::test]
async fn initial_access_tokens_that_have_expired_are_swept() {
    for database in DATABASES {
        let op = Op::with(database, &rules("initial_access_token", "")).await;
        token(&op, 1);
        let store = countersign::storage::Store::open(&op.files.database).await.unwrap();
        for (days, left) in [(7, 1), (9, 0)] {
            let now = op.now().await.plus(countersign::base::Seconds::days(days));
            let mut tx = store.begin().await.unwrap();
            tx.sweep(now).await.unwrap();
            assert_eq!(tx.initial_tokens().await.unwrap().len(), left, "{database:?}");
            tx.commit().await.unwrap();
        }
    }
}

#[tokio::test]
async fn initial_access_tokens_expire_and_can_be_revoked() {
    let op = Op::with(Database::Sqlite, &rules("initial_access_token", "")).await;
    let (id, revoked) = token(&op, 5);
    let (_, old) = token(&op, 5);
    let listed: Value =
        serde_json::from_str(&op.files.run_ok(&["client", "registration-token", "list", "--json"])).unwrap();
    assert_eq!(
        (listed.as_array().unwrap().len(), &listed[0]["uses_left"]),
        (2, &json!(5))
    );
    assert!(listed[0].get("token").is_none());
    op.files.run_ok(&["client", "registration-token", "revoke", &id]);
    let said = op.files.run_fails(&["client", "registration-token", "revoke", &id]);
    assert!(said.contains("no such registration token"), "{said}");
    register_raw(&op, Some(&revoked), &usual())
        .await
        .refused(401, "invalid_token");
    op.advance(8 * 24 * 3600).await;
    register_raw(&op, Some(&old), &usual())
        .await
        .refused(401, "invalid_token");
    let made = op.audit("admin.registration_token_created").await;
    assert_eq!((made.len(), &made[0]["detail"]["uses"]), (2, &json!(5)));
}
