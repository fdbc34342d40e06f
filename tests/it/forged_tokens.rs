//! Tokens that look like ours and are not, at every place that takes one of ours (RFC 8725 §2).

use aws_lc_rs::hmac;
use countersign::base::encoding::{base64url, from_base64url};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::key_holder::Holder;
use crate::relying_party::{BASIC, Reply, Rp, Tokens, basic, jwks, userinfo};
use crate::workspace::{BASIC_SECRET, PAT};

fn more() -> String {
    format!(
        r#"
[[clients]]
client_id = "lists"
client_secret = "{BASIC_SECRET}"
redirect_uris = ["https://lists.example/cb"]
scope = "openid profile authenticators"
consent = "implicit"
"#
    )
}

static LISTS: Rp = basic("lists", "https://lists.example/cb");

/// The parts of a JWS in compact form.
struct Parts<'a> {
    header: Value,
    claims: Value,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn of(jws: &'a str) -> Self {
        let parts: Vec<&str> = jws.split('.').collect();
        let json = |part: &str| serde_json::from_slice(&from_base64url(part).unwrap()).unwrap();
        Self {
            header: json(parts[0]),
            claims: json(parts[1]),
            signature: parts[2],
        }
    }

    fn with_header(&self, name: &str, value: Value) -> Value {
        let mut header = self.header.clone();
        header[name] = value;
        header
    }
}

fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| base64url(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

fn maced(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let message = message(header, claims);
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", base64url(mac.as_ref()))
}

type Forged = Vec<(&'static str, String)>;

/// Everything that can be made of a good token without our keys.
async fn forgeries(op: &Op, good: &str) -> Forged {
    let parts = Parts::of(good);
    let published = jwks(op).await;
    let keys = published["keys"].as_array().unwrap();
    let key = keys.iter().find(|k| k["kid"] == parts.header["kid"]);
    let mut all = unsigned(&parts);
    all.extend(with_public_things(&parts, key.expect("a published key")));
    all.extend(by_a_stranger(&parts));
    all.push(("a fourth part", format!("{good}.x")));
    all.push(("five parts", format!("{good}..")));
    all
}

fn unsigned(parts: &Parts<'_>) -> Forged {
    let (claims, signature) = (&parts.claims, parts.signature);
    let none = |alg: &str| format!("{}.", message(&parts.with_header("alg", alg.into()), claims));
    let kept = |header: &Value, claims: &Value| format!("{}.{signature}", message(header, claims));
    let mut raised = claims.clone();
    raised["acr"] = "urn:countersign:acr:epcs".into();
    raised["exp"] = (claims["exp"].as_i64().unwrap() + 3600).into();
    let plain = message(&parts.header, claims);
    vec![
        ("alg none", none("none")),
        ("alg NONE", none("NONE")),
        ("an empty alg", none("")),
        ("no signature", format!("{plain}.")),
        ("a signature of zeros", format!("{plain}.{}", base64url(&[0; 64]))),
        ("other claims", kept(&parts.header, &raised)),
        ("an extension", kept(&parts.with_header("crit", json!(["b64"])), claims)),
        (
            "another algorithm",
            kept(&parts.with_header("alg", "ES384".into()), claims),
        ),
    ]
}

fn with_public_things(parts: &Parts<'_>, key: &Value) -> Forged {
    let text = |name: &str| from_base64url(key[name].as_str().unwrap()).unwrap();
    let point = [&[4][..], &text("x"), &text("y")].concat();
    let hs256 = parts.with_header("alg", "HS256".into());
    let mac = |secret: &[u8]| maced(&hs256, &parts.claims, secret);
    vec![
        ("a MAC with the point", mac(&point)),
        ("a MAC with the key", mac(key.to_string().as_bytes())),
        ("a MAC with nothing", mac(b"")),
    ]
}

fn by_a_stranger(parts: &Parts<'_>) -> Forged {
    let stranger = Holder::new();
    let sign = |header: &Value| stranger.sign(header, &parts.claims);
    let mut own = parts.with_header("jwk", stranger.jwk.clone());
    own.as_object_mut().unwrap().remove("kid");
    vec![
        ("another's key under our kid", sign(&parts.header)),
        ("another's key in the header", sign(&own)),
        (
            "another's key at an address",
            sign(&parts.with_header("jku", "https://evil.example/jwks".into())),
        ),
        (
            "a kid that is a path",
            sign(&parts.with_header("kid", "../../dev/null".into())),
        ),
    ]
}

async fn signed_in(op: &Op) -> (Browser, Tokens) {
    let mut browser = Browser::new(op);
    let tokens = browser
        .tokens(&LISTS.ask().scope("openid profile authenticators"), &PAT)
        .await;
    (browser, tokens)
}

async fn devices(op: &Op, token: &str) -> Reply {
    let url = op.url("/account/api/v1/authenticators");
    Reply::of(op, op.http.get(url).bearer_auth(token).send().await.unwrap()).await
}

#[tokio::test]
async fn no_forged_access_token_opens_anything() {
    let op = Op::with(Database::Sqlite, &more()).await;
    let (_, tokens) = signed_in(&op).await;
    let good = tokens.access_token();
    let active = async |token: &str| {
        let told = LISTS.call(&op, "/introspect", &[("token", token)]).await;
        assert_eq!(told.status, 200);
        told.json["active"] == true
    };
    let mut forged = forgeries(&op, good).await;
    // Ours, and signed by us, but for something else.
    forged.push(("an ID token", tokens.id_token().to_owned()));
    for (what, token) in forged {
        for reply in [userinfo(&op, &token).await, devices(&op, &token).await] {
            assert_eq!(
                (reply.status, reply.json.get("sub")),
                (401, None),
                "{what}: {}",
                reply.json
            );
        }
        assert!(!active(&token).await, "{what}");
        // RFC 7009 §2.2: no error for what is no token; but nobody ends one by something that looks like it.
        let reply = LISTS.call(&op, "/revoke", &[("token", &token)]).await;
        let expected = if token == tokens.id_token() { 400 } else { 200 };
        assert_eq!(reply.status, expected, "{what}: {}", reply.json);
        assert!(active(good).await, "{what} ended the real one");
    }
    assert_eq!(
        (userinfo(&op, good).await.status, devices(&op, good).await.status),
        (200, 200)
    );
}

#[tokio::test]
async fn no_forged_hint_is_believed() {
    let op = Op::with(Database::Sqlite, &more()).await;
    let (mut browser, tokens) = signed_in(&op).await;
    let mut forged = forgeries(&op, tokens.id_token()).await;
    forged.push(("an access token", tokens.access_token().to_owned()));
    let silent = |hint: &str| LISTS.ask().set("id_token_hint", hint).set("prompt", "none");
    for (what, hint) in forged {
        let answer = browser.open(&silent(&hint)).await.answer();
        assert_eq!(answer.error(), "invalid_request", "{what}");
        let reply = LISTS.ask().set("id_token_hint", &hint).push_raw(&op).await;
        assert_eq!(
            (reply.status, reply.error()),
            (400, "invalid_request"),
            "{what}: {}",
            reply.json
        );
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("id_token_hint", &hint)
            .finish();
        let page = browser.get(&op.url(&format!("/logout?{query}"))).await;
        assert_eq!((page.status, page.error().as_str()), (400, "invalid_request"), "{what}");
    }
    // The session is still there, and the real one is believed.
    let answer = browser.open(&silent(tokens.id_token())).await.answer();
    assert!(!answer.code().is_empty());
    let other = BASIC.ask().set("prompt", "none");
    assert!(!browser.open(&other).await.answer().code().is_empty());
}
