//! Other partners' requests, other people's phones, and answers that come too often or too late.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::ciba::{
    Asked, CIBA, FAPI, OTHER, PINGED, SIGNED, SIGNING, TAPPING, TILL, by_pin, partners, poll, provider, signed,
};
use crate::enrolment::KIM;
use crate::harness::{Database, Op};
use crate::partner_site::Site;
use crate::push::paired;
use crate::races::{DATABASES, RACERS, race};
use crate::relying_party::{AAL2, BASIC, EPCS_ACR, Reply, Tokens};
use crate::software_phone::{DENY, Phone, Say, approve, wrong};

#[tokio::test]
async fn what_another_partner_asked_is_nothing_to_anybody_else() {
    let (op, phone) = provider(Database::Sqlite).await;
    let asked = TILL.asks(&op, &[]).await;
    for _ in 0..3 {
        poll(&op, &OTHER, asked.id()).await.refused(400, "invalid_grant");
    }
    asked.poll(&op).await.refused(400, "authorization_pending");
    phone.answer_the_one(by_pin(asked.number())).await;
    poll(&op, &OTHER, asked.id()).await.refused(400, "invalid_grant");
    for wrong in ["x", "", asked.number()] {
        assert_eq!(poll(&op, &TILL, wrong).await.status, 400);
    }
    for (grant, name) in [
        ("authorization_code", "code"),
        ("urn:ietf:params:oauth:grant-type:device_code", "device_code"),
    ] {
        TILL.token(&op, &[("grant_type", grant), (name, asked.id())])
            .await
            .refused(400, "unauthorized_client");
    }
    Tokens::of(&op, &TILL, asked.poll(&op).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_request_redeemed_by_many_at_once_yields_one_set_of_tokens() {
    for database in DATABASES {
        let (op, phone) = provider(database).await;
        let asked = TILL.asks(&op, &[]).await;
        phone.answer_the_one(by_pin(asked.number())).await;
        let racers = (0..RACERS).map(|_| {
            let (op, id) = (op.clone(), asked.id().to_owned());
            async move { poll(&op, &TILL, &id).await }
        });
        let replies = race(racers).await;
        let won = replies.iter().filter(|r| r.status == 200).count();
        assert_eq!(won, 1, "{database:?}");
        assert!(replies.iter().all(|r| r.status == 200 || r.error() == "invalid_grant"));
    }
}

#[tokio::test]
async fn what_a_phone_alone_can_never_prove_is_refused_at_the_start() {
    let (op, phone) = provider(Database::Sqlite).await;
    let openid = [("scope", "openid profile"), ("acr_values", EPCS_ACR)];
    for (rp, fields) in [
        (&SIGNING, &[][..]),
        (&TILL, &openid[..]),
        (&TILL, &[("scope", "openid profile"), ("acr_values", "phr")]),
        // Whoever it is: nobody is looked up.
        (&SIGNING, &[("login_hint", "nobody-of-that-name")]),
        // This phone has not shown that it is unlocked by anything: it is one factor.
        (&TILL, &[("scope", "openid profile"), ("acr_values", AAL2)]),
    ] {
        rp.asks_raw(&op, fields).await.refused(403, "access_denied");
    }
    assert!(phone.waiting().await.is_empty(), "nobody was rung");
    assert!(!op.audit("ciba.refused").await.is_empty());
    // What the phone shows decides, not what it could: without its PIN it is one factor, and there is no weaker token.
    let teach = TILL.asks(&op, &[]).await;
    phone.answer_the_one(by_pin(teach.number())).await;
    let asked = TILL
        .asks(&op, &[("scope", "openid profile"), ("acr_values", AAL2)])
        .await;
    assert_eq!(phone.answer_the_one(approve(asked.number())).await.status, 200);
    asked.poll(&op).await.refused(400, "access_denied");
    assert_eq!(op.audit("acr.unmet").await.len(), 1);
}

#[tokio::test]
async fn a_number_that_is_wrong_three_times_ends_the_request() {
    let (op, phone) = provider(Database::Sqlite).await;
    let asked = TILL.asks(&op, &[]).await;
    let request = phone.waiting().await.remove(0);
    let (shown, _) = phone.look(&request).await;
    let right = phone.signed(&request, &shown.body, approve(asked.number())).await;
    let guess = wrong(asked.number());
    for left in [2, 1, 0] {
        let heard = phone.answer(&request, approve(&guess)).await;
        assert_eq!(
            (heard.error(), &heard.body["tries_left"]),
            ((403, "wrong_number"), &json!(left))
        );
    }
    assert_eq!(phone.send(&request, &right).await.error(), (409, "answered"));
    asked.poll(&op).await.refused(400, "access_denied");
}

#[tokio::test]
async fn a_late_answer_and_a_second_one_are_void() {
    let (op, phone) = provider(Database::Sqlite).await;
    let asked = TILL.asks(&op, &[("requested_expiry", "60")]).await;
    let request = phone.waiting().await.remove(0);
    let (shown, _) = phone.look(&request).await;
    let jws = phone.signed(&request, &shown.body, by_pin(asked.number())).await;
    op.advance(61).await;
    assert_eq!(phone.send(&request, &jws).await.error(), (410, "expired"));
    asked.poll(&op).await.refused(400, "expired_token");
    let asked = TILL.asks(&op, &[]).await;
    let request = phone.waiting().await.remove(0);
    let (shown, _) = phone.look(&request).await;
    let jws = phone.signed(&request, &shown.body, DENY).await;
    assert_eq!(phone.send(&request, &jws).await.status, 200);
    let yes = phone.signed(&request, &shown.body, by_pin(asked.number())).await;
    assert_eq!(phone.send(&request, &yes).await.error(), (409, "answered"));
    asked.poll(&op).await.refused(400, "access_denied");
    // Granted, but nobody came for it.
    let op = op.clone();
    let asked = TILL.asks(&op, &[("requested_expiry", "60")]).await;
    phone.answer_the_one(by_pin(asked.number())).await;
    op.advance(120).await;
    asked.poll(&op).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn somebody_who_keeps_saying_no_is_left_alone() {
    let (op, phone) = provider(Database::Sqlite).await;
    for _ in 0..2 {
        TILL.asks(&op, &[]).await;
        assert_eq!(phone.answer_the_one(DENY).await.status, 200);
    }
    TILL.asks_raw(&op, &[]).await.refused(403, "access_denied");
    assert!(phone.waiting().await.is_empty());
    let records = op.audit("ciba.not_asked").await;
    assert_eq!(records.len(), 1, "{records:?}");
}

#[tokio::test]
async fn a_list_of_names_tells_its_holder_nothing_after_a_few() {
    let (op, phone) = provider(Database::Sqlite).await;
    for n in 0..10 {
        let name = format!("nobody-{n}");
        TILL.asks_raw(&op, &[("login_hint", &name)])
            .await
            .refused(400, "unknown_user_id");
    }
    // From here on a name that leads nowhere looks as one that nobody answers.
    let nobody = TILL.asks(&op, &[("login_hint", "nobody-10")]).await;
    let somebody = TILL.asks(&op, &[]).await;
    let members = |asked: &Asked| asked.json.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&nobody), members(&somebody));
    assert_eq!(nobody.number().len(), somebody.number().len());
    nobody.poll(&op).await.refused(400, "authorization_pending");
    // Honest requests go on all the same, and other partners' are not concerned.
    phone.answer_the_one(by_pin(somebody.number())).await;
    Tokens::of(&op, &TILL, somebody.poll(&op).await).await;
    OTHER
        .asks_raw(&op, &[("login_hint", "nobody-0")])
        .await
        .refused(400, "unknown_user_id");
    op.advance(301).await;
    nobody.poll(&op).await.refused(400, "expired_token");
}

#[tokio::test]
async fn every_malformed_request_is_refused_by_its_code() {
    let (op, phone) = provider(Database::Sqlite).await;
    for (name, value, error) in [
        ("scope", "profile", "invalid_scope"),
        ("login_hint", "", "invalid_request"),
        ("login_hint_token", "x", "invalid_request"),
        ("id_token_hint", "e30.e30.x", "invalid_request"),
        ("user_code", "1234", "invalid_request"),
        ("binding_message", "Pay\n100", "invalid_binding_message"),
        ("binding_message", "Pay \u{202e}001", "invalid_binding_message"),
        ("binding_message", "\u{7}", "invalid_binding_message"),
        (
            "binding_message",
            "1234567890123456789012345678901234567890x",
            "invalid_binding_message",
        ),
        ("requested_expiry", "-1", "invalid_request"),
        ("authorization_details", "[]", "invalid_authorization_details"),
        ("request", "e30.e30.x", "invalid_request"),
    ] {
        let reply = TILL.asks_raw(&op, &[(name, value)]).await;
        assert_eq!((reply.status, reply.error()), (400, error), "{name}={value:?}");
    }
    TILL.asks_raw(&op, &[("login_hint", ""), ("id_token_hint", "nonsense")])
        .await
        .refused(400, "invalid_request");
    assert!(phone.waiting().await.is_empty());
    let fields = [("scope", "openid"), ("login_hint", "kim"), ("client_id", "till")];
    let stranger = op
        .http
        .post(op.url("/bc-authorize"))
        .form(&fields)
        .send()
        .await
        .unwrap();
    Reply::of(&op, stranger).await.refused(401, "invalid_client");
    let get = op.http.get(op.url("/bc-authorize")).send().await.unwrap();
    assert_eq!(get.status().as_u16(), 405);
}

#[tokio::test]
async fn a_signed_request_is_good_once_for_a_short_while_and_all_of_it_counts() {
    let (op, phone) = provider(Database::Sqlite).await;
    let now = op.now().await.secs();
    let send = async |claims: Value| {
        let jws = signed(&op, SIGNED.id, claims).await;
        SIGNED.call(&op, "/bc-authorize", &[("request", &jws)]).await
    };
    for bad in [
        json!({"iss": null}),
        json!({"iss": "fapi-till"}),
        json!({"aud": null}),
        json!({"aud": "https://another.example"}),
        json!({"exp": null}),
        json!({"exp": now - 10}),
        json!({"exp": now + 70 * 60}),
        json!({"nbf": null}),
        json!({"nbf": now + 600}),
        json!({"nbf": now - 70 * 60}),
        json!({"iat": null}),
        json!({"jti": null}),
        json!({"login_hint": null}),
        json!({"id_token_hint": "e30.e30.x"}),
    ] {
        let reply = send(bad.clone()).await;
        assert_eq!(
            (reply.status, reply.error()),
            (400, "invalid_request"),
            "{bad}: {}",
            reply.json
        );
    }
    assert!(phone.waiting().await.is_empty());
    let jws = signed(&op, SIGNED.id, json!({})).await;
    let forged = format!("{}x", &jws[..jws.len() - 2]);
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", jws.split('.').nth(1).unwrap());
    for bad in [forged, unsigned] {
        let reply = SIGNED.call(&op, "/bc-authorize", &[("request", &bad)]).await;
        reply.refused(400, "invalid_request");
    }
    let beside = [("request", jws.as_str()), ("binding_message", "another")];
    SIGNED
        .call(&op, "/bc-authorize", &beside)
        .await
        .refused(400, "invalid_request");
    // Another client's signature, with the same keys: it says whose it is.
    let reply = FAPI.call(&op, "/bc-authorize", &[("request", &jws)]).await;
    reply.refused(400, "invalid_request");
    assert_eq!(
        SIGNED.call(&op, "/bc-authorize", &[("request", &jws)]).await.status,
        200
    );
    let again = SIGNED.call(&op, "/bc-authorize", &[("request", &jws)]).await;
    again.refused(400, "invalid_request");
    assert_eq!(phone.waiting().await.len(), 1);
}

#[tokio::test]
async fn what_changed_between_the_question_and_the_answer_counts() {
    let (op, phone) = provider(Database::Sqlite).await;
    let asked = TILL.asks(&op, &[]).await;
    let tightened = partners("https://unreached.example/ping").replace(
        "client_name = \"Till 4\"",
        "client_name = \"Till 4\"\npolicies = [\"epcs\"]",
    );
    op.files.write("more.toml", &tightened);
    op.files.run_ok(&["apply", "more.toml"]);
    phone.answer_the_one(by_pin(asked.number())).await;
    asked.poll(&op).await.refused(400, "access_denied");
    // Between the answer and the token as well.
    op.files.write("more.toml", &partners("https://unreached.example/ping"));
    op.files.run_ok(&["apply", "more.toml"]);
    let asked = OTHER.asks(&op, &[]).await;
    phone.answer_the_one(by_pin(asked.number())).await;
    op.files.run_ok(&["user", "suspend", "kim"]);
    asked.poll(&op).await.refused(400, "invalid_grant");
}

/// Whatever it is that does not let a ping through, the client still comes for its tokens.
async fn unpinged(op: &Op, phone: &Phone) {
    let asked = PINGED
        .asks(op, &[("client_notification_token", "abcdefghijklmnopqrstuv")])
        .await;
    phone.answer_the_one(by_pin(asked.number())).await;
    Tokens::of(op, &PINGED, asked.poll(op).await).await;
}

#[tokio::test]
async fn a_ping_follows_no_redirect_and_is_not_repeated_to_who_refuses_it() {
    for (path, status) in [("/moved", 301), ("/forbidden", 401)] {
        let site = Site::start().await;
        site.order(path, &[status]);
        let op = site.provider(&partners(&site.url(path))).await;
        let phone = paired(&op, &KIM).await;
        unpinged(&op, &phone).await;
        site.heard(path, 1).await;
        let refused = given_up(&op).await;
        assert!(refused["reason"].as_str().unwrap().contains("answered"), "{refused}");
        assert!(!site.asked().contains(&"/elsewhere".to_owned()));
        assert_eq!(site.heard(path, 1).await.len(), 1);
    }
}

#[tokio::test]
async fn a_ping_does_not_reach_into_our_own_network() {
    let op = Op::with(Database::Sqlite, &partners("https://127.0.0.1:9/ping")).await;
    let phone = paired(&op, &KIM).await;
    unpinged(&op, &phone).await;
    let refused = given_up(&op).await;
    assert!(refused["reason"].as_str().unwrap().contains("not public"), "{refused}");
}

/// The record of a ping that was given up: it is written when the worker has tried.
async fn given_up(op: &Op) -> Value {
    for _ in 0..500 {
        if let Some(record) = op.audit("ciba.not_pinged").await.pop() {
            return record;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the ping was not given up");
}

#[tokio::test]
async fn no_browser_takes_a_ceremony_over_and_a_tap_is_none_where_a_number_is_wanted() {
    let (op, phone) = provider(Database::Sqlite).await;
    let asked = TILL.asks(&op, &[]).await;
    let tap = Say {
        number: None,
        ..approve("")
    };
    let request = phone.waiting().await.remove(0);
    assert_eq!(phone.answer(&request, tap).await.error(), (403, "wrong_number"));
    // Its address is nobody's to know; and were it known, it belongs to no browser.
    let text = phone.look(&request).await.1.to_string();
    assert!(!text.contains("sign-in/") && !text.contains(asked.id()));
    assert!(TAPPING.asks_raw(&op, &[]).await.status == 200);
    TILL.token(&op, &[("grant_type", CIBA)])
        .await
        .refused(400, "invalid_request");
}

/// CIBA Core §7.1: the hint is an ID token that this very client was given.
#[tokio::test]
async fn another_partners_id_token_names_nobody() {
    let (op, phone) = provider(Database::Sqlite).await;
    let tokens = Browser::new(&op).tokens(&BASIC.ask(), &KIM).await;
    let fields = [("login_hint", ""), ("id_token_hint", tokens.id_token())];
    TILL.asks_raw(&op, &fields).await.refused(400, "invalid_request");
    assert!(phone.waiting().await.is_empty());
}
