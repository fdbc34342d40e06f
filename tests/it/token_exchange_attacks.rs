//! Stolen, borrowed and stretched tokens at the exchange (RFC 8693 §5).

use serde_json::json;

use crate::apis::{
    ACCESS_TOKEN, EXCHANGE, ORDERS, ORDERS_API, QUIET, SHOP, STOCK, STOCK_API, STRANGER, exchange_fields, more, op,
    read, refresh_of, token_of,
};
use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::key_holder::Holder;
use crate::relying_party::{EPCS_ACR, SPA, basic};
use crate::token_exchange::{ORDERING, ordering};
use crate::workspace::{PAT, RIVERA};

/// Of a token that is neither its own nor for it nobody learns even that it is one.
#[tokio::test]
async fn somebody_elses_token_is_no_token() {
    let op = op().await;
    let brought = ordering(&op, &PAT).await;
    let plain = SHOP.ask().scope(ORDERING).for_a_part(&op, &PAT, &[]).await;
    let to = [("resource", ORDERS)];
    let unknown = STRANGER.exchange(&op, "unknown", &to).await;
    unknown.refused(400, "invalid_request");
    for (thief, token) in [
        (&STRANGER, token_of(&brought)),
        (&STRANGER, token_of(&plain)),
        (&STOCK_API, token_of(&brought)),
        (&ORDERS_API, token_of(&plain)),
        (&STRANGER, refresh_of(&brought)),
        (&SHOP, refresh_of(&brought)),
        (&SHOP, brought.json["id_token"].as_str().unwrap()),
    ] {
        let resource = if thief.id == "orders-api" { STOCK } else { ORDERS };
        let reply = thief.exchange(&op, token, &[("resource", resource)]).await;
        assert_eq!((reply.status, &reply.json), (400, &unknown.json), "{}", thief.id);
    }
    assert!(op.audit("token.refused").await.len() >= 8);
    // Who is not registered for it, or only has a name.
    for rp in [&QUIET, &SPA] {
        rp.exchange(&op, token_of(&brought), &to)
            .await
            .refused(400, "unauthorized_client");
    }
    // A program's token stands for no person.
    let machine = ORDERS_API.token(&op, &[("grant_type", "client_credentials")]).await;
    ORDERS_API
        .exchange(&op, token_of(&machine), &[("resource", STOCK)])
        .await
        .refused(400, "invalid_request");
}

#[tokio::test]
async fn nobody_gets_where_they_are_not_permitted() {
    let op = op().await;
    let brought = ordering(&op, &PAT).await;
    for name in ["resource", "audience"] {
        for uri in [ORDERS, "https://nobody.example", &op.issuer, "shop"] {
            let reply = ORDERS_API.exchange(&op, token_of(&brought), &[(name, uri)]).await;
            reply.refused(400, "invalid_target");
        }
    }
    // One that is permitted does not carry one that is not.
    let both = [("resource", STOCK), ("audience", ORDERS)];
    ORDERS_API
        .exchange(&op, token_of(&brought), &both)
        .await
        .refused(400, "invalid_target");
    ORDERS_API
        .exchange(&op, token_of(&brought), &[])
        .await
        .refused(400, "invalid_request");
    for scope in ["orders.read openid", "stock.read", "vault.read", "offline_access"] {
        let fields = [("resource", STOCK), ("scope", scope)];
        let reply = ORDERS_API.exchange(&op, token_of(&brought), &fields).await;
        reply.refused(400, "invalid_scope");
    }
    // In the token, but the API that exchanges is not registered for it.
    let fields = [("resource", STOCK), ("scope", "orders.write")];
    ORDERS_API
        .exchange(&op, token_of(&brought), &fields)
        .await
        .refused(400, "invalid_scope");
}

/// 21 CFR 1311.115: each signing anew, by who it was proved for.
#[tokio::test]
async fn what_stands_for_one_act_is_never_exchanged() {
    static SIGNER: crate::relying_party::Rp = basic("signer", "https://signer.example/cb");
    let text = format!(
        "{}\n[[clients]]\nclient_id = \"signer\"\nclient_secret = \"{}\"\nredirect_uris = [\"https://signer.example/cb\"]\n\
         grant_types = [\"authorization_code\", \"{EXCHANGE}\"]\nscope = \"openid orders.read\"\n\
         resources = [\"{ORDERS}\", \"{STOCK}\"]\nconsent = \"implicit\"\n",
        more(),
        crate::workspace::BASIC_SECRET
    );
    let op = Op::with(Database::Sqlite, &text).await;
    let ask = SIGNER.ask().scope("openid orders.read").resource(ORDERS).acr(EPCS_ACR);
    let signed = ask.for_a_part(&op, &RIVERA, &[]).await;
    let said = read(&op, &signed, ORDERS).await;
    assert_eq!(said["acr"], EPCS_ACR);
    assert!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap() <= 120);
    for (rp, resource) in [(&SIGNER, ORDERS), (&ORDERS_API, STOCK)] {
        let reply = rp.exchange(&op, token_of(&signed), &[("resource", resource)]).await;
        reply.refused(400, "invalid_request");
        let why = reply.json["error_description"].as_str().unwrap();
        assert!(why.contains("one act"), "{why}");
    }
    // Nor does it make anybody an actor.
    let brought = ordering(&op, &PAT).await;
    let fields = [
        ("resource", STOCK),
        ("actor_token", token_of(&signed)),
        ("actor_token_type", ACCESS_TOKEN),
    ];
    ORDERS_API
        .exchange(&op, token_of(&brought), &fields)
        .await
        .refused(400, "invalid_request");
    assert!(op.audit("token.exchanged").await.is_empty());
}

/// RFC 9449: an API that was shown a bound token, or a thief of it, cannot make an unbound one of it.
#[tokio::test]
async fn a_bound_token_is_exchanged_by_who_holds_the_key() {
    let op = op().await;
    let holder = Holder::new();
    let ask = SHOP.ask().scope(ORDERING).resource(ORDERS);
    let answer = Browser::new(&op).sign_in(&ask, &PAT).await;
    let proof = holder.proof(&op, "/token").await;
    let bound = ask.redeem_with(&op, answer.code(), &[proof]).await;
    let token = token_of(&bound).to_owned();
    let fields = exchange_fields(&token, &[("resource", STOCK), ("scope", "orders.read")]);
    for rp in [&SHOP, &ORDERS_API] {
        rp.token(&op, &fields).await.refused(400, "invalid_request");
        let thief = Holder::new().proof(&op, "/token").await;
        rp.call_with(&op, "/token", &fields, &[thief])
            .await
            .refused(400, "invalid_request");
    }
    let proof = holder.proof(&op, "/token").await;
    let reply = SHOP.call_with(&op, "/token", &fields, &[proof]).await;
    assert_eq!(read(&op, &reply, STOCK).await["cnf"], json!({"jkt": holder.jkt()}));
    assert_eq!(reply.json["token_type"], "DPoP");
    // What was free becomes bound to the key of whoever exchanges it.
    let brought = ordering(&op, &PAT).await;
    let proof = holder.proof(&op, "/token").await;
    let fields = exchange_fields(token_of(&brought), &[("resource", STOCK)]);
    let reply = ORDERS_API.call_with(&op, "/token", &fields, &[proof]).await;
    assert_eq!(read(&op, &reply, STOCK).await["cnf"], json!({"jkt": holder.jkt()}));
}
