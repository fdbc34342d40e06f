//! `jwks_uri`: the keys of a partner that publishes them, fetched when they are needed and not oftener.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::Op;
use crate::partner_site::Site;
use crate::relying_party::{Auth, JWT_BEARER, Reply, Rp, assertion_claims, rp_of};
use crate::workspace::{PAT, partner_key};

static PUBLISHING: Rp = rp_of("publishing", "https://publishing.example/cb", Auth::Key);

fn partner(address: &str) -> String {
    format!(
        "[[clients]]\nclient_id = \"publishing\"\ntoken_endpoint_auth_method = \"private_key_jwt\"\n\
         jwks_uri = \"{address}\"\nredirect_uris = [\"https://publishing.example/cb\"]\nconsent = \"implicit\"\n"
    )
}

fn set(kids: &[&str]) -> String {
    let key = partner_key();
    let jwk = |kid: &&str| json!({"kty": "EC", "crv": "P-256", "x": key.x, "y": key.y, "kid": kid, "use": "sig"});
    json!({"keys": kids.iter().map(jwk).collect::<Vec<_>>()}).to_string()
}

fn sign(claims: &Value, kid: Option<&str>) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = kid.map(str::to_owned);
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(&partner_key().pkcs8)).unwrap()
}

/// Pushes a request, authenticated by a key of this name.
async fn push(op: &Op, kid: Option<&str>) -> Reply {
    let assertion = sign(&assertion_claims(op, "publishing").await, kid);
    let mut fields = PUBLISHING.ask().params;
    fields.push(("client_assertion".into(), assertion));
    fields.push(("client_assertion_type".into(), JWT_BEARER.into()));
    Reply::of(op, op.http.post(op.url("/par")).form(&fields).send().await.unwrap()).await
}

#[tokio::test]
async fn published_keys_are_fetched_once_for_many_requests() {
    let site = Site::start().await;
    site.publish(&set(&["partner-1"]));
    let op = site.provider(&partner(&site.url("/jwks"))).await;
    let mut browser = Browser::new(&op);
    browser.tokens(&PUBLISHING.ask(), &PAT).await;
    browser.tokens(&PUBLISHING.ask(), &PAT).await;
    // Request objects are checked with the same.
    let ask = PUBLISHING.ask();
    let mut claims = json!({"iss": "publishing", "aud": op.issuer});
    for (name, value) in &ask.params {
        claims[name] = value.as_str().into();
    }
    let sent = ask.clone().set("request", &sign(&claims, Some("partner-1")));
    ask.redeem(&op, &browser.sign_in(&sent, &PAT).await).await;
    assert_eq!(push(&op, None).await.status, 201);
    assert_eq!(site.asked().len(), 1);
    // An hour later they are looked at again; a key that was taken out is worth nothing then.
    site.publish(&set(&["partner-9"]));
    assert_eq!(push(&op, Some("partner-1")).await.status, 201);
    op.advance(3601).await;
    push(&op, Some("partner-1")).await.refused(401, "invalid_client");
    assert_eq!(site.asked().len(), 2);
}

#[tokio::test]
async fn a_new_key_is_found_and_strangers_cannot_make_us_ask_oftener_than_once_a_minute() {
    let site = Site::start().await;
    site.publish(&set(&["partner-1"]));
    let op = site.provider(&partner(&site.url("/jwks"))).await;
    assert_eq!(push(&op, Some("partner-1")).await.status, 201);
    site.publish(&set(&["partner-1", "partner-2"]));
    for n in 0..5 {
        push(&op, Some(&format!("stranger-{n}")))
            .await
            .refused(401, "invalid_client");
    }
    push(&op, Some("partner-2")).await.refused(401, "invalid_client");
    assert_eq!(site.asked().len(), 1, "the first fetch was less than a minute ago");
    op.advance(61).await;
    assert_eq!(push(&op, Some("partner-2")).await.status, 201);
    assert_eq!(push(&op, Some("partner-1")).await.status, 201);
    assert_eq!(site.asked().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_wait_for_one_fetch() {
    let site = Site::start().await;
    site.publish(&set(&["partner-1"]));
    let op = site.provider(&partner(&site.url("/jwks"))).await;
    let racers = (0..crate::races::RACERS).map(|_| {
        let op = op.clone();
        async move { push(&op, Some("partner-1")).await.status }
    });
    let answers = crate::races::race(racers).await;
    assert!(answers.iter().all(|status| *status == 201), "{answers:?}");
    assert_eq!(site.asked().len(), 1);
}

#[tokio::test]
async fn keys_that_cannot_be_had_authenticate_nobody_and_old_ones_last_a_day() {
    let site = Site::start().await;
    let op = site.provider(&partner(&site.url("/jwks"))).await;
    let private = set(&["partner-1"]).replace("\"kty\"", "\"d\":\"AA\",\"kty\"");
    for document in ["", "nonsense", "{}", "{\"keys\":7}", private.as_str()] {
        site.publish(document);
        op.advance(61).await;
        push(&op, Some("partner-1")).await.refused(401, "invalid_client");
    }
    site.publish(&set(&["partner-1"]));
    op.advance(61).await;
    assert_eq!(push(&op, Some("partner-1")).await.status, 201);
    // The site breaks: what was fetched still holds, for a day.
    site.publish("nonsense");
    op.advance(12 * 3600).await;
    assert_eq!(push(&op, Some("partner-1")).await.status, 201);
    op.advance(13 * 3600).await;
    push(&op, Some("partner-1")).await.refused(401, "invalid_client");
}

/// Where the address leads is looked at, not how it is written.
#[tokio::test]
async fn keys_are_not_fetched_from_inside_our_network() {
    let site = Site::start().await;
    site.publish(&set(&["partner-1"]));
    let inside = site.url("/jwks").replace("localhost", "127.0.0.1");
    let op = site.provider(&partner(&inside)).await;
    push(&op, Some("partner-1")).await.refused(401, "invalid_client");
    assert!(site.asked().is_empty());
}
