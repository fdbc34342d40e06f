//! One access token for another (RFC 8693): for the same person, by the same proof, for somebody else; never more, never longer.

use serde_json::{Value, json};

use crate::apis::{
    ACCESS_TOKEN, EXCHANGE, ORDERS, ORDERS_API, SHOP, STOCK, STOCK_API, VAULT, more, op, read, refresh_of, token_of,
};
use crate::harness::Op;
use crate::races::DATABASES;
use crate::relying_party::{AAL2, MFA, ONE, Reply, userinfo};
use crate::workspace::{LEE, PAT, Persona, SAM};

pub const ORDERING: &str = "openid offline_access orders.read orders.write";

/// What the shop brings to the API for orders.
pub async fn ordering(op: &Op, who: &Persona) -> Reply {
    SHOP.ask()
        .scope(ORDERING)
        .resource(ORDERS)
        .for_a_part(op, who, &[])
        .await
}

fn proved(claims: &Value) -> [&Value; 4] {
    [&claims["sub"], &claims["acr"], &claims["amr"], &claims["auth_time"]]
}

#[tokio::test]
async fn an_api_exchanges_what_it_was_brought_for_a_token_for_the_next_one() {
    for database in DATABASES {
        let op = Op::with(database, &more()).await;
        let brought = ordering(&op, &LEE).await;
        let before = read(&op, &brought, ORDERS).await;
        let reply = ORDERS_API
            .exchange(&op, token_of(&brought), &[("resource", STOCK)])
            .await;
        let said = read(&op, &reply, STOCK).await;
        assert_eq!(proved(&said), proved(&before), "how the person was proved is copied");
        assert_eq!(
            (&said["client_id"], &said["aud"]),
            (&json!("orders-api"), &json!(STOCK))
        );
        assert_eq!(said["scope"], "orders.read", "what both know, and no more");
        assert_eq!(said["act"], json!({"sub": "orders-api"}));
        assert_eq!(
            (&reply.json["issued_token_type"], &reply.json["token_type"]),
            (&json!(ACCESS_TOKEN), &json!("Bearer"))
        );
        for name in ["refresh_token", "id_token"] {
            assert!(reply.json.get(name).is_none(), "{}", reply.json);
        }
        // The next API is told who acts; whoever exchanged may ask, the shop has nothing to do with it.
        let told = STOCK_API.introspect(&op, token_of(&reply)).await;
        assert_eq!((&told["active"], &told["act"]), (&json!(true), &said["act"]));
        assert_eq!(ORDERS_API.introspect(&op, token_of(&reply)).await["active"], true);
        assert_eq!(SHOP.introspect(&op, token_of(&reply)).await, json!({"active": false}));
        assert_eq!(userinfo(&op, token_of(&reply)).await.status, 401);
        let records = op.audit("token.exchanged").await;
        assert_eq!((records.len(), &records[0]["client"]), (1, &json!("orders-api")));
        let detail = &records[0]["detail"];
        assert_eq!(
            (&detail["from"], &detail["act"]),
            (&json!("shop"), &json!("orders-api"))
        );
        assert_eq!(detail["aud"], json!([STOCK]));
    }
}

/// `audience` names the same things as `resource` (RFC 8693 §2.1).
#[tokio::test]
async fn a_partner_narrows_its_own_token() {
    let op = op().await;
    let own = SHOP.ask().scope(ORDERING).for_a_part(&op, &PAT, &[]).await;
    for name in ["resource", "audience"] {
        let fields = [
            (name, ORDERS),
            ("scope", "orders.read"),
            ("requested_token_type", ACCESS_TOKEN),
        ];
        let reply = SHOP.exchange(&op, token_of(&own), &fields).await;
        let said = read(&op, &reply, ORDERS).await;
        assert_eq!(
            (&said["scope"], &reply.json["scope"]),
            (&json!("orders.read"), &json!("orders.read"))
        );
        assert!(said.get("act").is_none(), "nobody else acts");
        // And what was narrowed cannot be widened again.
        let wider = [("resource", ORDERS), ("scope", "orders.read orders.write")];
        SHOP.exchange(&op, token_of(&reply), &wider)
            .await
            .refused(400, "invalid_scope");
    }
}

#[tokio::test]
async fn actors_are_named_one_within_the_other() {
    let op = op().await;
    let brought = ordering(&op, &PAT).await;
    let machine = [("grant_type", "client_credentials")];
    let machine = ORDERS_API.token(&op, &machine).await;
    let with_actor = [
        ("resource", STOCK),
        ("actor_token", token_of(&machine)),
        ("actor_token_type", ACCESS_TOKEN),
    ];
    let second = ORDERS_API.exchange(&op, token_of(&brought), &with_actor).await;
    assert_eq!(read(&op, &second, STOCK).await["act"], json!({"sub": "orders-api"}));
    let third = STOCK_API
        .exchange(&op, token_of(&second), &[("resource", ORDERS)])
        .await;
    let chain = json!({"sub": "stock-api", "act": {"sub": "orders-api"}});
    assert_eq!(read(&op, &third, ORDERS).await["act"], chain);
    // A circle of services comes to an end.
    let mut last = third;
    for n in 3.. {
        let (api, next) = if n % 2 == 1 {
            (&ORDERS_API, STOCK)
        } else {
            (&STOCK_API, ORDERS)
        };
        let reply = api.exchange(&op, token_of(&last), &[("resource", next)]).await;
        if reply.status != 200 {
            reply.refused(400, "invalid_request");
            assert_eq!(n, 6, "five may act");
            break;
        }
        last = reply;
    }
}

/// RFC 9470 §6.1: whoever acts vouches for nothing.
#[tokio::test]
async fn the_proof_of_an_actor_is_never_the_persons() {
    let op = op().await;
    // Pat has a password; Lee, who acts, has proved more.
    let weak = SHOP
        .ask()
        .scope(ORDERING)
        .resource(ORDERS)
        .for_a_part(&op, &PAT, &[])
        .await;
    let strong = SHOP.ask().scope("openid orders.read").resource(ORDERS).acr(AAL2);
    let strong = strong.for_a_part(&op, &LEE, &[]).await;
    let acting = |resource: &'static str, actor: String| {
        let (op, subject) = (op.clone(), token_of(&weak).to_owned());
        async move {
            let fields = [
                ("resource", resource),
                ("actor_token", actor.as_str()),
                ("actor_token_type", ACCESS_TOKEN),
            ];
            ORDERS_API.exchange(&op, &subject, &fields).await
        }
    };
    let reply = acting(STOCK, token_of(&strong).to_owned()).await;
    let said = read(&op, &reply, STOCK).await;
    let (of_pat, of_lee) = (read(&op, &weak, ORDERS).await, read(&op, &strong, ORDERS).await);
    assert_eq!(proved(&said), proved(&of_pat));
    assert_eq!(
        (&said["acr"], &said["act"]),
        (&json!(ONE), &json!({"sub": of_lee["sub"]}))
    );
    // An API that wants more does not get it from the actor.
    acting(VAULT, token_of(&strong).to_owned())
        .await
        .refused(400, "invalid_request");
    // A bad actor's token is no token: it is not left out.
    acting(STOCK, "nonsense".to_owned())
        .await
        .refused(400, "invalid_request");
    // Nor does the new token outlive the actor's.
    op.advance(550).await;
    let fresh = ordering(&op, &PAT).await;
    let fields = [
        ("resource", STOCK),
        ("actor_token", token_of(&strong)),
        ("actor_token_type", ACCESS_TOKEN),
    ];
    let short = ORDERS_API.exchange(&op, token_of(&fresh), &fields).await;
    assert!(
        short.json["expires_in"].as_i64().unwrap() <= 50,
        "{}",
        short.json["expires_in"]
    );
}

#[tokio::test]
async fn what_an_api_demands_is_decided_for_what_is_exchanged_as_well() {
    let op = op().await;
    // By password alone: not for the vault.
    let weak = SHOP.ask().scope("openid orders.read").resource(ORDERS);
    let brought = weak.for_a_part(&op, &PAT, &[]).await;
    let to_vault = [("resource", VAULT), ("scope", "orders.read")];
    ORDERS_API
        .exchange(&op, token_of(&brought), &to_vault)
        .await
        .refused(400, "invalid_request");
    assert_eq!(op.audit("policy.method_denied").await.len(), 1);
    // Proved well enough, and in the form that the vault wants.
    let brought = weak.clone().acr(AAL2).for_a_part(&op, &LEE, &[]).await;
    let reply = ORDERS_API.exchange(&op, token_of(&brought), &to_vault).await;
    assert!(!token_of(&reply).contains('.'));
    let told = ORDERS_API.introspect(&op, token_of(&reply)).await;
    assert_eq!((&told["acr"], &told["aud"]), (&json!(AAL2), &json!(VAULT)));
    // A method that the next API refuses does not come in by the back door: the acr rests on it.
    let brought = weak.acr(MFA).for_a_part(&op, &SAM, &[]).await;
    ORDERS_API
        .exchange(&op, token_of(&brought), &[("resource", STOCK)])
        .await
        .refused(400, "invalid_request");
}

#[tokio::test]
async fn it_never_lives_longer_than_what_it_came_from() {
    let op = op().await;
    let brought = ordering(&op, &PAT).await;
    let ends = &read(&op, &brought, ORDERS).await["exp"];
    op.advance(540).await;
    let second = ORDERS_API
        .exchange(&op, token_of(&brought), &[("resource", STOCK)])
        .await;
    let said = read(&op, &second, STOCK).await;
    assert_eq!(&said["exp"], ends, "two minutes would be permitted, one is left");
    assert!(second.json["expires_in"].as_i64().unwrap() <= 60);
    op.advance(30).await;
    let third = STOCK_API
        .exchange(&op, token_of(&second), &[("resource", ORDERS)])
        .await;
    assert_eq!(&read(&op, &third, ORDERS).await["exp"], ends, "nor does a chain");
    op.advance(30).await;
    for (api, token) in [(&ORDERS_API, &brought), (&STOCK_API, &second)] {
        api.exchange(&op, token_of(token), &[("resource", STOCK)])
            .await
            .refused(400, "invalid_request");
        assert_eq!(api.introspect(&op, token_of(token)).await, json!({"active": false}));
    }
}

#[tokio::test]
async fn the_end_of_the_family_ends_what_was_exchanged() {
    for database in DATABASES {
        let op = Op::with(database, &more()).await;
        let brought = ordering(&op, &PAT).await;
        let second = ORDERS_API
            .exchange(&op, token_of(&brought), &[("resource", STOCK)])
            .await;
        let third = STOCK_API
            .exchange(&op, token_of(&second), &[("resource", ORDERS)])
            .await;
        // Whoever made one may give that one back; whoever did not, may not.
        SHOP.call(&op, "/revoke", &[("token", token_of(&second))]).await;
        ORDERS_API.call(&op, "/revoke", &[("token", token_of(&third))]).await;
        assert_eq!(ORDERS_API.introspect(&op, token_of(&third)).await["active"], true);
        assert_eq!(STOCK_API.introspect(&op, token_of(&second)).await["active"], true);
        ORDERS_API.call(&op, "/revoke", &[("token", token_of(&second))]).await;
        assert_eq!(
            STOCK_API.introspect(&op, token_of(&second)).await,
            json!({"active": false})
        );
        STOCK_API
            .exchange(&op, token_of(&second), &[("resource", ORDERS)])
            .await
            .refused(400, "invalid_request");
        SHOP.call(&op, "/revoke", &[("token", refresh_of(&brought))]).await;
        assert_eq!(
            ORDERS_API.introspect(&op, token_of(&third)).await,
            json!({"active": false})
        );
        ORDERS_API
            .exchange(&op, token_of(&brought), &[("resource", STOCK)])
            .await
            .refused(400, "invalid_request");
    }
}

/// RFC 8693 §4.4: the partner says who alone may come to act with its tokens, and that stays true of what comes of them.
#[tokio::test]
async fn may_act_names_the_only_one() {
    let op = op().await;
    let text = more();
    let with = |who: &str| {
        text.replace(
            "client_id = \"shop\"",
            &format!("client_id = \"shop\"\nmay_act = \"{who}\""),
        )
    };
    op.files.write("may.toml", &with("orders-api"));
    op.files.run_ok(&["apply", "may.toml"]);
    let brought = ordering(&op, &PAT).await;
    assert_eq!(
        read(&op, &brought, ORDERS).await["may_act"],
        json!({"sub": "orders-api"})
    );
    let second = ORDERS_API
        .exchange(&op, token_of(&brought), &[("resource", STOCK)])
        .await;
    assert_eq!(read(&op, &second, STOCK).await["act"], json!({"sub": "orders-api"}));
    STOCK_API
        .exchange(&op, token_of(&second), &[("resource", ORDERS)])
        .await
        .refused(400, "invalid_request");
    op.files.write("may.toml", &with("somebody-else"));
    op.files.run_ok(&["apply", "may.toml"]);
    let brought = ordering(&op, &PAT).await;
    ORDERS_API
        .exchange(&op, token_of(&brought), &[("resource", STOCK)])
        .await
        .refused(400, "invalid_request");
}

#[tokio::test]
async fn the_metadata_names_the_grants() {
    let op = op().await;
    let url = op.url("/.well-known/openid-configuration");
    let found: Value = op.http.get(url).send().await.unwrap().json().await.unwrap();
    let grants = found["grant_types_supported"].as_array().unwrap();
    for grant in ["client_credentials", EXCHANGE, "authorization_code", "refresh_token"] {
        assert!(grants.contains(&json!(grant)), "{grants:?}");
    }
}
