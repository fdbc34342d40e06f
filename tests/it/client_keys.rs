//! private_key_jwt: an assertion is signed by a registered key, for us, once (RFC 7523 §3, OIDC Core §9).

use countersign::base::encoding::base64url;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::Op;
use crate::relying_party::{JWT_BEARER, KEY, Reply, Tokens, assertion_claims, sign_assertion};
use crate::workspace::{PAT, partner_key};

async fn refresh_token(op: &Op) -> String {
    let ask = KEY.ask().scope("openid offline_access");
    Browser::new(op).tokens(&ask, &PAT).await.refresh_token().to_owned()
}

/// A renewal, authenticated by this assertion.
async fn renew_by(op: &Op, token: &str, assertion: &str, client_id: Option<&str>) -> Reply {
    let mut fields = vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ];
    fields.extend(client_id.map(|id| ("client_id", id)));
    Reply::of(op, op.http.post(op.url("/token")).form(&fields).send().await.unwrap()).await
}

#[tokio::test]
async fn an_assertion_opens_one_door_once() {
    let op = Op::start().await;
    let first = refresh_token(&op).await;
    let assertion = sign_assertion(&assertion_claims(&op, "key").await);
    let reply = renew_by(&op, &first, &assertion, Some("key")).await;
    let tokens = Tokens::of(&op, &KEY, reply).await;
    let replayed = renew_by(&op, tokens.refresh_token(), &assertion, Some("key")).await;
    replayed.refused(401, "invalid_client");
    // A refusal of the grant spends the assertion as well.
    let assertion = sign_assertion(&assertion_claims(&op, "key").await);
    renew_by(&op, "nonsense", &assertion, None)
        .await
        .refused(400, "invalid_grant");
    renew_by(&op, tokens.refresh_token(), &assertion, None)
        .await
        .refused(401, "invalid_client");
    // The rightful owner goes on.
    Tokens::of(&op, &KEY, KEY.refresh(&op, tokens.refresh_token()).await).await;
}

fn changed(claims: &Value, name: &str, value: Value) -> String {
    let mut claims = claims.clone();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    sign_assertion(&claims)
}

#[tokio::test]
async fn what_an_assertion_says_has_to_fit() {
    let op = Op::start().await;
    let token = refresh_token(&op).await;
    let good = assertion_claims(&op, "key").await;
    let now = good["iat"].as_i64().unwrap();
    for (name, value) in [
        ("iss", json!("basic")),
        ("iss", Value::Null),
        ("sub", json!("basic")),
        ("sub", Value::Null),
        ("aud", json!("https://other.example")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("exp", json!(now - 60)),
        ("exp", json!(now + 10 * 24 * 3600)),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("iat", json!(now + 3600)),
        ("nbf", json!(now + 3600)),
        ("jti", Value::Null),
        ("jti", json!("")),
    ] {
        let assertion = changed(&good, name, value.clone());
        let reply = renew_by(&op, &token, &assertion, None).await;
        assert_eq!(
            (reply.status, reply.error()),
            (401, "invalid_client"),
            "{name} = {value}: {}",
            reply.json
        );
    }
    // Clocks differ a little (FAPI 2.0 §5.3.2.1).
    let assertion = changed(&good, "iat", json!(now + 8));
    assert_eq!(renew_by(&op, &token, &assertion, Some("key")).await.status, 200);
}

/// RFC 8725 §2.1 and §3.1: neither no signature, nor a MAC with what is public.
#[tokio::test]
async fn alg_none_and_mac_with_the_public_key_are_refused() {
    let op = Op::start().await;
    let token = refresh_token(&op).await;
    let claims = assertion_claims(&op, "key").await;
    let key = partner_key();
    let body = base64url(claims.to_string().as_bytes());
    let none = |alg: &str| {
        format!(
            "{}.{body}.",
            base64url(json!({"alg": alg, "kid": "partner-1"}).to_string().as_bytes())
        )
    };
    let point: Vec<u8> = [&[4u8][..], &decode(&key.x), &decode(&key.y)].concat();
    let mac = |secret: &[u8]| {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("partner-1".into());
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap()
    };
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": key.x, "y": key.y});
    let signed = sign_assertion(&claims);
    let (head, _) = signed.rsplit_once('.').unwrap();
    for (what, assertion) in [
        ("none", none("none")),
        ("None", none("None")),
        ("no signature", format!("{head}.")),
        ("another's signature", format!("{head}.{}", base64url(&[1; 64]))),
        ("a zero signature", format!("{head}.{}", base64url(&[0; 64]))),
        ("a MAC with the point", mac(&point)),
        ("a MAC with the key's text", mac(jwk.to_string().as_bytes())),
        ("two parts", head.to_owned()),
        ("four parts", format!("{signed}.x")),
        ("nonsense", "nonsense".to_owned()),
    ] {
        let reply = renew_by(&op, &token, &assertion, Some("key")).await;
        assert_eq!(
            (reply.status, reply.error()),
            (401, "invalid_client"),
            "{what}: {}",
            reply.json
        );
    }
}

#[tokio::test]
async fn an_assertion_is_nobody_elses_and_goes_with_nothing_else() {
    let op = Op::start().await;
    let token = refresh_token(&op).await;
    let signed = sign_assertion(&assertion_claims(&op, "key").await);
    renew_by(&op, &token, &signed, Some("basic"))
        .await
        .refused(400, "invalid_request");
    // A key that is not the client's.
    let foreign = sign_assertion(&assertion_claims(&op, "basic").await);
    renew_by(&op, &token, &foreign, Some("basic"))
        .await
        .refused(401, "invalid_client");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    let send = |more: Vec<(&'static str, String)>| {
        let mut all: Vec<(String, String)> = fields.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
        all.extend(more.into_iter().map(|(n, v)| (n.to_owned(), v)));
        let op = op.clone();
        async move { Reply::of(&op, op.http.post(op.url("/token")).form(&all).send().await.unwrap()).await }
    };
    let half = send(vec![("client_assertion", signed.clone())]).await;
    half.refused(400, "invalid_request");
    let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer".to_owned();
    let other = send(vec![
        ("client_assertion", signed.clone()),
        ("client_assertion_type", saml),
    ])
    .await;
    other.refused(401, "invalid_client");
    let bare = send(vec![("client_id", "key".into())]).await;
    bare.refused(401, "invalid_client");
    let secret = send(vec![("client_id", "key".into()), ("client_secret", "x".into())]).await;
    secret.refused(401, "invalid_client");
}

fn decode(text: &str) -> Vec<u8> {
    countersign::base::encoding::from_base64url(text).unwrap()
}
