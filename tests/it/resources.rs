//! Access tokens for the APIs that were asked, and for nobody else (RFC 8707).

use serde_json::{Value, json};

use crate::apis::{
    ASKED, ORDERS, ORDERS_API, QUIET, SHOP, STOCK, STOCK_API, STRANGER, VAULT, more, op, read, refresh_of, token_of,
};
use crate::browser::Browser;
use crate::harness::Op;
use crate::races::DATABASES;
use crate::relying_party::{AAL2, BASIC, userinfo};
use crate::workspace::{LEE, PAT, SAM};

const ALL: &str = "openid profile offline_access orders.read orders.write stock.read";

#[tokio::test]
async fn a_token_is_for_the_api_that_was_asked_and_carries_what_that_knows() {
    for database in DATABASES {
        let op = Op::with(database, &more()).await;
        let reply = SHOP.ask().scope(ALL).resource(ORDERS).for_a_part(&op, &PAT, &[]).await;
        let said = read(&op, &reply, ORDERS).await;
        assert_eq!(
            (&said["aud"], &said["scope"]),
            (&json!(ORDERS), &json!("orders.read orders.write"))
        );
        assert_eq!(reply.json["scope"], said["scope"], "the answer says what was given");
        // It still was a sign-in.
        assert!(reply.json["id_token"].is_string() && reply.json["refresh_token"].is_string());
        // Who names none has a token for the issuer, as ever.
        let plain = SHOP.ask().scope(ALL).for_a_part(&op, &PAT, &[]).await;
        assert_eq!(read(&op, &plain, &op.issuer).await["scope"], plain.json["scope"]);
        assert!(plain.json["scope"].as_str().unwrap().contains("openid"));
        assert_eq!(userinfo(&op, token_of(&plain)).await.status, 200);
    }
}

#[tokio::test]
async fn of_several_apis_a_code_and_a_renewal_get_a_part() {
    let op = op().await;
    let ask = SHOP.ask().scope(ALL).resource(ORDERS).resource(STOCK).resource(ORDERS);
    let all = ask.for_a_part(&op, &PAT, &[]).await;
    let said = read(&op, &all, STOCK).await;
    assert_eq!(
        said["aud"],
        json!([ORDERS, STOCK]),
        "each once, in the order of the request"
    );
    let first = ask.for_a_part(&op, &PAT, &[ORDERS]).await;
    assert_eq!(read(&op, &first, ORDERS).await["aud"], ORDERS);
    let renew = |token: String, resource: &'static str| {
        let op = op.clone();
        async move {
            let fields = [
                ("grant_type", "refresh_token"),
                ("refresh_token", token.as_str()),
                ("resource", resource),
            ];
            SHOP.token(&op, &fields).await
        }
    };
    // What was not asked at the beginning is refused, and spends nothing.
    for other in [VAULT, "https://nobody.example"] {
        renew(refresh_of(&first).to_owned(), other)
            .await
            .refused(400, "invalid_target");
    }
    let second = renew(refresh_of(&first).to_owned(), STOCK).await;
    let said = read(&op, &second, STOCK).await;
    assert_eq!(
        (&said["aud"], &said["scope"]),
        (&json!(STOCK), &json!("orders.read stock.read"))
    );
    // The narrow renewal took nothing from the grant.
    let third = SHOP.refresh(&op, refresh_of(&second)).await;
    assert_eq!(read(&op, &third, ORDERS).await["aud"], json!([ORDERS, STOCK]));
    ask.for_a_part(&op, &PAT, &[VAULT]).await.refused(400, "invalid_target");
    // A grant for nobody in particular is no grant for somebody.
    SHOP.ask()
        .scope(ALL)
        .for_a_part(&op, &PAT, &[ORDERS])
        .await
        .refused(400, "invalid_target");
}

#[tokio::test]
async fn whoever_may_not_have_tokens_for_an_api_is_told_before_anybody_signs_in() {
    let op = op().await;
    for (rp, uri) in [
        (&BASIC, ORDERS),
        (&QUIET, STOCK),
        (&SHOP, "https://nobody.example"),
        (&SHOP, "https://orders.example/"),
        (&SHOP, "https://orders.example#x"),
        (&SHOP, "orders.example"),
    ] {
        let ask = rp.ask().scope("openid orders.read").resource(uri);
        let page = Browser::new(&op).open(&ask).await;
        assert_eq!(page.answer().error(), "invalid_target", "{} {uri}", rp.id);
        ask.check_answer(&op, &page.answer());
        ask.push_raw(&op).await.refused(400, "invalid_target");
    }
    // One that is good does not carry one that is not.
    let mixed = QUIET.ask().scope("openid orders.read").resource(ORDERS).resource(STOCK);
    assert_eq!(Browser::new(&op).open(&mixed).await.answer().error(), "invalid_target");
    // An API that knows none of the scopes would get a token that opens nothing.
    let useless = SHOP.ask().scope("openid stock.read").resource(ORDERS);
    assert_eq!(Browser::new(&op).open(&useless).await.answer().error(), "invalid_scope");
    useless.push_raw(&op).await.refused(400, "invalid_scope");
}

#[tokio::test]
async fn a_pushed_request_names_apis_as_well() {
    let op = op().await;
    let ask = SHOP.ask().scope(ALL).resource(ORDERS).resource(STOCK);
    let reference = ask.push(&op).await;
    let mut browser = Browser::new(&op);
    let page = browser.get(&crate::par::link(&op, SHOP.id, &reference)).await;
    let answer = browser.walk(page, &PAT).await.answer();
    let reply = ask.redeem_raw(&op, answer.code()).await;
    assert_eq!(read(&op, &reply, ORDERS).await["aud"], json!([ORDERS, STOCK]));
}

/// RFC 8707 §3: what one API was given is of no use elsewhere.
#[tokio::test]
async fn a_token_for_one_api_opens_neither_userinfo_nor_anothers_books() {
    let op = op().await;
    let reply = SHOP.ask().scope(ALL).resource(ORDERS).for_a_part(&op, &PAT, &[]).await;
    let token = token_of(&reply);
    let seen = userinfo(&op, token).await;
    assert_eq!((seen.status, seen.error()), (401, "invalid_token"), "{}", seen.json);
    let told = ORDERS_API.introspect(&op, token).await;
    assert_eq!(
        (&told["active"], &told["aud"], &told["client_id"], &told["scope"]),
        (
            &json!(true),
            &json!(ORDERS),
            &json!("shop"),
            &json!("orders.read orders.write")
        )
    );
    assert_eq!(
        SHOP.introspect(&op, token).await["active"],
        true,
        "whose it is may ask too"
    );
    // STRANGER may have tokens for it, which does not make it the API.
    for other in [&STOCK_API, &STRANGER, &BASIC] {
        assert_eq!(
            other.introspect(&op, token).await,
            json!({"active": false}),
            "{}",
            other.id
        );
    }
    // Nor does the API see what is for the issuer, or what renews.
    let plain = SHOP.ask().scope(ALL).for_a_part(&op, &PAT, &[]).await;
    for token in [token_of(&plain), refresh_of(&plain), refresh_of(&reply)] {
        assert_eq!(ORDERS_API.introspect(&op, token).await, json!({"active": false}));
    }
    // A family that ends, ends at the API.
    SHOP.call(&op, "/revoke", &[("token", refresh_of(&reply))]).await;
    assert_eq!(ORDERS_API.introspect(&op, token).await, json!({"active": false}));
}

#[tokio::test]
async fn an_api_shortens_the_life_of_its_tokens() {
    let op = op().await;
    let ask = SHOP.ask().scope(ALL).resource(ORDERS).resource(STOCK);
    for (part, life) in [(&[ORDERS][..], 600), (&[STOCK], 120), (&[ORDERS, STOCK], 120)] {
        let reply = ask.for_a_part(&op, &PAT, part).await;
        let said = read(&op, &reply, part[0]).await;
        let lives = said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap();
        assert_eq!((lives, &reply.json["expires_in"]), (life, &json!(life)), "{part:?}");
    }
}

#[tokio::test]
async fn an_apis_policy_decides_whoever_asks() {
    let op = op().await;
    let ask = SHOP.ask().scope("openid vault.read").resource(VAULT);
    let refused = Browser::new(&op).through(&ask, &PAT).await.answer();
    assert_eq!(refused.error(), "unmet_authentication_requirements");
    let reply = ask.for_a_part(&op, &LEE, &[]).await;
    let told: Value = SHOP.introspect(&op, token_of(&reply)).await;
    assert_eq!((&told["acr"], &told["aud"]), (&json!(AAL2), &json!(VAULT)));
    // Without the API the same person is asked for no more than before.
    assert_eq!(
        SHOP.ask()
            .scope("openid vault.read")
            .for_a_part(&op, &PAT, &[])
            .await
            .status,
        200
    );
    let explained = op
        .files
        .run_ok(&["policy", "explain", "--client", "shop", "--resource", STOCK]);
    assert!(explained.contains("no-texts"), "{explained}");
}

/// Policy decides again when the code comes, and when it is renewed.
#[tokio::test]
async fn a_policy_that_comes_in_between_counts() {
    let op = op().await;
    let ask = SHOP.ask().scope(ALL).resource(ORDERS);
    let renewable = ask.clone().acr(crate::relying_party::MFA);
    let held = renewable.for_a_part(&op, &SAM, &[]).await;
    let answer = Browser::new(&op).sign_in(&ask, &PAT).await;
    op.files.write(
        "tighter.toml",
        &format!(
            "[[resources]]\nuri = \"{ORDERS}\"\nscopes = [\"orders.read\"]\npolicies = [\"strong\", \"no-texts\"]\n"
        ),
    );
    op.files.run_ok(&["apply", "tighter.toml"]);
    ask.redeem_raw(&op, answer.code()).await.refused(400, "invalid_grant");
    SHOP.refresh(&op, refresh_of(&held)).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_permission_that_was_taken_back_is_gone() {
    let op = op().await;
    let reply = SHOP.ask().scope(ALL).resource(STOCK).for_a_part(&op, &PAT, &[]).await;
    let text = more().replace(
        "resources = [\"https://orders.example\", \"https://stock.example/v1\", \"https://vault.example\"]",
        "resources = [\"https://orders.example\"]",
    );
    op.files.write("fewer.toml", &text);
    op.files.run_ok(&["apply", "fewer.toml"]);
    SHOP.refresh(&op, refresh_of(&reply))
        .await
        .refused(400, "invalid_target");
}

/// RFC 8707 §3: where a scope is good for is a part of what is allowed.
#[tokio::test]
async fn people_are_asked_for_each_api_by_its_name() {
    let op = op().await;
    let mut browser = Browser::new(&op);
    let ask = ASKED.ask().scope("openid orders.read").resource(ORDERS);
    let page = browser.open(&ask).await;
    let page = browser.walk_to(&page, &PAT, "consent").await;
    assert!(page.text().contains("Your orders at the shop"), "{}", page.text());
    assert!(browser.walk(page, &PAT).await.left);
    // Remembered, for this one alone.
    assert!(browser.open(&ask).await.left);
    let other = ASKED.ask().scope("openid orders.read").resource(STOCK);
    let page = browser.open(&other).await;
    assert_eq!(page.id(), "consent");
    assert!(page.text().contains(STOCK), "{}", page.text());
    let page = browser.get(&op.url("/account/privacy")).await;
    assert!(page.text().contains("Your orders at the shop"), "{}", page.text());
}

#[tokio::test]
async fn the_workspace_file_says_what_does_not_fit() {
    let op = op().await;
    for (text, told) in [
        ("[[resources]]\nuri = \"x\"\nscopes = [\"a\"]\n", "resources x: uri"),
        ("[[resources]]\nuri = \"https://a.example\"\n", "scopes"),
        ("[[resources]]\nuri = \"https://a.example\"\nscope = \"a\"\n", "scope"),
    ] {
        op.files.write("wrong.toml", text);
        let refused = op.files.run_fails(&["apply", "wrong.toml"]);
        assert!(refused.contains(told), "{refused}");
    }
    let exported = op.files.run_ok(&["export"]);
    assert!(
        exported.contains("[[resources]]") && exported.contains(VAULT),
        "{exported}"
    );
    op.files.write("again.toml", &exported);
    assert!(
        op.files
            .run_ok(&["apply", "--dry-run", "again.toml"])
            .contains("nothing")
    );
}
