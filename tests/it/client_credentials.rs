//! Programs in their own name (RFC 6749 §4.4): no person, and nothing that says there was one.

use serde_json::{Value, json};

use crate::apis::{ORDERS, ORDERS_API, QUIET, SHOP, STOCK, STOCK_API, STRANGER, VAULT, more, op, read, token_of};
use crate::harness::{Database, Op};
use crate::key_holder::Holder;
use crate::races::DATABASES;
use crate::relying_party::{Auth, Reply, Rp, SPA, basic, rp_of, userinfo};

static WRONG: Rp = rp_of("stranger", "", Auth::Basic("wrong"));

async fn own(op: &Op, rp: &Rp, more: &[(&str, &str)]) -> Reply {
    let mut fields = vec![("grant_type", "client_credentials")];
    fields.extend(more);
    rp.token(op, &fields).await
}

#[tokio::test]
async fn a_program_gets_a_token_in_its_own_name() {
    for database in DATABASES {
        let op = Op::with(database, &more()).await;
        let reply = own(&op, &ORDERS_API, &[("resource", STOCK)]).await;
        let said = read(&op, &reply, STOCK).await;
        // RFC 9068 §2.2 and §2.2.1.
        assert_eq!(
            (&said["sub"], &said["client_id"]),
            (&json!("orders-api"), &json!("orders-api"))
        );
        assert_eq!(said["scope"], "orders.read stock.read");
        for name in ["acr", "amr", "auth_time", "sid", "act"] {
            assert!(said.get(name).is_none(), "nobody was authenticated: {name}");
        }
        for name in ["refresh_token", "id_token", "issued_token_type"] {
            assert!(reply.json.get(name).is_none(), "{}", reply.json);
        }
        let told = STOCK_API.introspect(&op, token_of(&reply)).await;
        let expected = json!({"active": true, "iss": op.issuer, "sub": "orders-api", "client_id": "orders-api",
            "aud": STOCK, "scope": "orders.read stock.read", "token_type": "Bearer", "exp": said["exp"],
            "iat": said["iat"], "jti": said["jti"]});
        assert_eq!(told, expected, "and nothing about a person");
        assert_eq!(SHOP.introspect(&op, token_of(&reply)).await, json!({"active": false}));
        let records = op.audit("token.issued").await;
        assert_eq!((records.len(), &records[0]["client"]), (1, &json!("orders-api")));
        assert_eq!(records[0]["detail"]["aud"], json!([STOCK]));
        assert!(records[0].get("subject").is_none_or(Value::is_null), "{}", records[0]);
    }
}

#[tokio::test]
async fn it_can_be_given_back_and_ends_with_its_client() {
    for database in DATABASES {
        let op = Op::with(database, &more()).await;
        for (rp, form) in [(&STRANGER, "signed"), (&QUIET, "opaque")] {
            let [first, second] = [(); 2].map(|()| own(&op, rp, &[("resource", ORDERS)]));
            let (first, second) = (first.await, second.await);
            assert_eq!(token_of(&first).contains('.'), form == "signed");
            SHOP.call(&op, "/revoke", &[("token", token_of(&first))]).await;
            assert_eq!(ORDERS_API.introspect(&op, token_of(&first)).await["active"], true);
            rp.call(&op, "/revoke", &[("token", token_of(&first))]).await;
            assert_eq!(
                ORDERS_API.introspect(&op, token_of(&first)).await,
                json!({"active": false})
            );
            assert_eq!(ORDERS_API.introspect(&op, token_of(&second)).await["active"], true);
            op.files.run_ok(&["client", "remove", rp.id]);
            assert_eq!(
                ORDERS_API.introspect(&op, token_of(&second)).await,
                json!({"active": false}),
                "{form}"
            );
        }
        assert_eq!(op.audit("token.revoked").await.len(), 2);
        assert_eq!(op.audit("token.revocation_refused").await.len(), 2);
    }
}

#[tokio::test]
async fn there_is_no_person_to_tell_of() {
    let op = op().await;
    for rp in [&STRANGER, &QUIET] {
        let reply = own(&op, rp, &[]).await;
        assert_eq!(rp.introspect(&op, token_of(&reply)).await["aud"], op.issuer);
        let seen = userinfo(&op, token_of(&reply)).await;
        assert_eq!((seen.status, seen.error()), (401, "invalid_token"));
        let why = seen.headers["www-authenticate"].to_str().unwrap();
        assert!(why.contains("no person"), "{why}");
        // Nor does it open what people have.
        let devices = op.http.get(op.url("/account/api/v1/authenticators"));
        let devices = devices.bearer_auth(token_of(&reply)).send().await.unwrap();
        assert_eq!(devices.status(), 401);
    }
}

#[tokio::test]
async fn scopes_about_people_are_not_for_programs() {
    let op = op().await;
    for scope in ["openid", "orders.read openid", "profile", "offline_access", "evidence"] {
        own(&op, &QUIET, &[("scope", scope)])
            .await
            .refused(400, "invalid_scope");
    }
    for scope in ["unknown", "vault.read"] {
        own(&op, &STRANGER, &[("scope", scope)])
            .await
            .refused(400, "invalid_scope");
    }
    let reply = own(
        &op,
        &STRANGER,
        &[("scope", "orders.read unknown"), ("resource", ORDERS)],
    )
    .await;
    assert_eq!(read(&op, &reply, ORDERS).await["scope"], "orders.read");
    let apart = own(&op, &STRANGER, &[("scope", "stock.read"), ("resource", ORDERS)]).await;
    apart.refused(400, "invalid_scope");
}

#[tokio::test]
async fn only_whoever_keeps_a_secret_and_is_registered_for_it() {
    let op = op().await;
    own(&op, &SPA, &[]).await.refused(400, "unauthorized_client");
    own(&op, &SHOP, &[]).await.refused(400, "unauthorized_client");
    own(&op, &WRONG, &[]).await.refused(401, "invalid_client");
    own(&op, &rp_of("stranger", "", Auth::Public), &[])
        .await
        .refused(401, "invalid_client");
    for uri in [VAULT, "https://nobody.example", "x"] {
        own(&op, &STRANGER, &[("resource", uri)])
            .await
            .refused(400, "invalid_target");
    }
    // A public client cannot be registered for it.
    let public = "[[clients]]\nclient_id = \"app\"\ntoken_endpoint_auth_method = \"none\"\n\
                  grant_types = [\"client_credentials\"]\n";
    op.files.write("public.toml", public);
    let told = op.files.run_fails(&["apply", "public.toml"]);
    assert!(told.contains("grant_types") && told.contains("public client"), "{told}");
}

/// Where a policy demands that somebody proves something, a program is no way around it.
#[tokio::test]
async fn a_policy_about_people_keeps_programs_out() {
    let op = op().await;
    own(&op, &ORDERS_API, &[("resource", VAULT)])
        .await
        .refused(400, "invalid_scope");
    let told = op.audit("token.refused").await;
    assert!(told[0]["reason"].as_str().unwrap().contains("policy"), "{}", told[0]);
    // By scope, and by the client's own policy.
    let rule = "[[scopes]]\nname = \"stock.read\"\npolicies = [\"strong\"]\n";
    op.files.write("rule.toml", rule);
    op.files.run_ok(&["apply", "rule.toml"]);
    own(&op, &STRANGER, &[("scope", "stock.read")])
        .await
        .refused(400, "invalid_scope");
    assert_eq!(own(&op, &STRANGER, &[("scope", "orders.read")]).await.status, 200);
}

#[tokio::test]
async fn a_programs_token_is_bound_to_the_key_that_it_shows() {
    static BOUND: Rp = basic("machine", "");
    let text = format!(
        "{}\n[[clients]]\nclient_id = \"machine\"\nclient_secret = \"{}\"\ngrant_types = [\"client_credentials\"]\n\
         scope = \"orders.read\"\nresources = [\"{ORDERS}\"]\ndpop_bound_access_tokens = true\n",
        more(),
        crate::workspace::BASIC_SECRET
    );
    let op = Op::with(Database::Sqlite, &text).await;
    own(&op, &BOUND, &[]).await.refused(400, "invalid_dpop_proof");
    let holder = Holder::new();
    let proof = holder.proof(&op, "/token").await;
    let fields = [("grant_type", "client_credentials"), ("resource", ORDERS)];
    let reply = BOUND.call_with(&op, "/token", &fields, &[proof]).await;
    assert_eq!(reply.json["token_type"], "DPoP");
    assert_eq!(read(&op, &reply, ORDERS).await["cnf"], json!({"jkt": holder.jkt()}));
}
