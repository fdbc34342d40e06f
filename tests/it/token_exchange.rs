//! One access token for another (RFC 8693): for the same person, by the same proof, for somebody else; never more, never longer.

use serde_json::{Value, json};

use crate::apis::{
    ACCESS_TOKEN, EXCHANGE, ORDERS, ORDERS_API, QUIET, SHOP, STOCK, STOCK_API, STRANGER, VAULT, exchange_fields, more,
    op, read, refresh_of, token_of,
};
use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::key_holder::Holder;
use crate::races::DATABASES;
use crate::relying_party::{AAL2, EPCS_ACR, MFA, ONE, Reply, SPA, basic, userinfo};
use crate::workspace::{LEE, PAT, Persona, RIVERA, SAM};

const ORDERING: &str = "openid offline_access orders.read orders.write";

/// What the shop brings to the API for orders.
async fn ordering(op: &Op, who: &Persona) -> Reply {
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
