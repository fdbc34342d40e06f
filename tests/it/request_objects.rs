//! Request objects (RFC 9101, OIDC Core §6): what the partner has signed counts, not what stands in the browser.

use countersign::base::encoding::base64url;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::par::{FAPI, link};
use crate::partner_site::Site;
use crate::relying_party::{AAL2, Ask, Auth, KEY, Reply, Rp, assertion_claims, basic, rp_of, sign_assertion};
use crate::workspace::{BASIC_SECRET, LEE, PAT, partner_key};

pub static SIGNING: Rp = basic("signing", "https://signing.example/cb");
pub static UNSIGNED: Rp = basic("unsigned", "https://unsigned.example/cb");
static PS_ONLY: Rp = basic("ps-only", "https://ps-only.example/cb");
pub static BY_REFERENCE: Rp = rp_of(
    "by-reference",
    "https://reference.example/cb",
    Auth::Basic(BASIC_SECRET),
);

pub fn jwks() -> String {
    let key = partner_key();
    format!(
        r#"jwks = {{ keys = [{{ kty = "EC", crv = "P-256", x = "{}", y = "{}", kid = "partner-1" }}] }}"#,
        key.x, key.y
    )
}

pub fn client(rp: &Rp, more: &str) -> String {
    format!(
        "[[clients]]\nclient_id = \"{}\"\nclient_secret = \"{BASIC_SECRET}\"\nredirect_uris = [\"{}\"]\n\
         consent = \"implicit\"\n{more}\n",
        rp.id, rp.redirect_uri
    )
}

pub fn partners() -> String {
    [
        client(&SIGNING, &format!("require_signed_request_object = true\n{}", jwks())),
        client(&UNSIGNED, "request_object_signing_alg = \"none\""),
        client(&PS_ONLY, &format!("request_object_signing_alg = \"PS256\"\n{}", jwks())),
        crate::par::more(),
    ]
    .concat()
}

/// The request as claims.
pub async fn claims(op: &Op, ask: &Ask) -> Value {
    let now = op.now().await.secs();
    let mut claims = json!({"iss": ask.rp.id, "aud": op.issuer, "iat": now, "nbf": now, "exp": now + 60});
    for (name, value) in &ask.params {
        claims[name] = value.as_str().into();
    }
    claims
}

pub fn sign(claims: &Value, typ: Option<&str>) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("partner-1".into());
    header.typ = typ.map(str::to_owned);
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(&partner_key().pkcs8)).unwrap()
}

pub fn unsecured(claims: &Value) -> String {
    let part = |json: Value| base64url(json.to_string().as_bytes());
    format!("{}.{}.", part(json!({"alg": "none"})), part(claims.clone()))
}

/// What the browser is sent with: the object, and what OpenID Connect wants outside.
pub fn outside(ask: &Ask, name: &str, value: &str) -> Ask {
    let mut sent = ask.clone();
    sent.params
        .retain(|(n, _)| ["client_id", "response_type", "scope"].contains(&n.as_str()));
    sent.set(name, value)
}

async fn object(op: &Op, ask: &Ask) -> Ask {
    outside(ask, "request", &sign(&claims(op, ask).await, None))
}

/// A refusal by a page or to the partner.
pub fn refusal(page: &Page) -> String {
    if page.left {
        page.answer().error().to_owned()
    } else {
        assert_eq!(page.status, 400, "{}", page.text());
        page.error()
    }
}

#[tokio::test]
async fn a_signed_request_is_answered_as_it_was_signed() {
    let op = Op::with(Database::Sqlite, &partners()).await;
    for typ in [None, Some("JWT"), Some("oauth-authz-req+jwt")] {
        let ask = KEY.ask().set("prompt", "login");
        let signed = sign(&claims(&op, &ask).await, typ);
        let sent = outside(&ask, "request", &signed);
        let answer = Browser::new(&op).through(&sent, &PAT).await.answer();
        ask.check_answer(&op, &answer);
        ask.redeem(&op, &answer).await;
    }
    let ask = UNSIGNED.ask();
    let sent = outside(&ask, "request", &unsecured(&claims(&op, &ask).await));
    let answer = Browser::new(&op).through(&sent, &PAT).await.answer();
    ask.check_answer(&op, &answer);
    ask.redeem(&op, &answer).await;
}

#[tokio::test]
async fn what_stands_beside_an_object_is_ignored() {
    let op = Op::start().await;
    let ask = KEY.ask().acr(AAL2).set("max_age", "100");
    let sent = object(&op, &ask).await;
    let sent = sent
        .set("state", "forged")
        .set("acr_values", "urn:countersign:acr:1fa")
        .set("redirect_uri", "https://evil.example/")
        .set("scope", "openid profile offline_access")
        .set("prompt", "none");
    let answer = Browser::new(&op).through(&sent, &LEE).await.answer();
    ask.check_answer(&op, &answer);
    let tokens = ask.redeem(&op, &answer).await;
    assert_eq!((tokens.acr(), &tokens.json["scope"]), (AAL2, &json!("openid")));
}

#[tokio::test]
async fn objects_that_do_not_hold_are_refused() {
    let op = Op::with(Database::Sqlite, &partners()).await;
    let ask = KEY.ask();
    let good = claims(&op, &ask).await;
    let now = good["iat"].as_i64().unwrap();
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        sign(&claims, None)
    };
    let signed = sign(&good, None);
    let (head, _) = signed.rsplit_once('.').unwrap();
    let mut hmac = Header::new(Algorithm::HS256);
    hmac.kid = Some("partner-1".into());
    let point = EncodingKey::from_secret(partner_key().x.as_bytes());
    let mut foreign = Header::new(Algorithm::ES256);
    foreign.kid = Some("partner-2".into());
    let es256 = EncodingKey::from_ec_der(&partner_key().pkcs8);
    for (what, jws) in [
        ("no signature", format!("{head}.")),
        ("another's signature", format!("{head}.{}", base64url(&[1; 64]))),
        ("alg none", unsecured(&good)),
        ("a MAC", jsonwebtoken::encode(&hmac, &good, &point).unwrap()),
        ("an unknown key", jsonwebtoken::encode(&foreign, &good, &es256).unwrap()),
        ("nonsense", "nonsense".to_owned()),
        ("five parts", "a.b.c.d.e".to_owned()),
        ("another type", sign(&good, Some("at+jwt"))),
        ("an assertion", sign_assertion(&assertion_claims(&op, "key").await)),
        ("another issuer", with("iss", json!("basic"))),
        ("for another", with("aud", json!("https://other.example"))),
        ("of another", with("client_id", json!("basic"))),
        ("another response type", with("response_type", json!("code id_token"))),
        ("old", with("exp", json!(now - 1))),
        ("from the future", with("nbf", json!(now + 600))),
        ("nested", with("request", json!(signed.clone()))),
        (
            "nested by reference",
            with("request_uri", json!("https://key.example/r")),
        ),
        ("a NUL", with("state", json!("a\u{0}b"))),
    ] {
        let sent = outside(&ask, "request", &jws);
        let page = Browser::new(&op).open(&sent).await;
        assert_eq!(refusal(&page), "invalid_request_object", "{what}");
        assert!(!page.left, "{what}: there is no address beside it");
        // With one that is the partner's it is told itself.
        let page = Browser::new(&op)
            .open(&sent.set("redirect_uri", KEY.redirect_uri))
            .await;
        assert_eq!(page.answer().error(), "invalid_request_object", "{what}");
    }
}

#[tokio::test]
async fn refusals_go_to_the_partners_own_addresses_only() {
    let op = Op::start().await;
    let ask = KEY.ask();
    let good = claims(&op, &ask).await;
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        sign(&claims, None)
    };
    let evil = outside(&ask, "request", "nonsense").set("redirect_uri", "https://evil.example/");
    assert!(!Browser::new(&op).open(&evil).await.left);
    // What is in it and makes no sense is told to the address in it.
    let page = Browser::new(&op)
        .open(&outside(&ask, "request", &with("scope", json!("nothing"))))
        .await;
    assert_eq!(page.answer().error(), "invalid_scope");
    let page = Browser::new(&op)
        .open(&outside(
            &ask,
            "request",
            &with("redirect_uri", json!("https://evil.example/")),
        ))
        .await;
    assert_eq!((page.left, refusal(&page).as_str()), (false, "invalid_request"));
}

#[tokio::test]
async fn only_what_the_partner_registered_is_taken() {
    let op = Op::with(Database::Sqlite, &partners()).await;
    let open = async |sent: Ask| refusal(&Browser::new(&op).open(&sent).await);
    // Whoever must sign cannot leave it out.
    assert_eq!(open(SIGNING.ask()).await, "invalid_request");
    SIGNING.ask().push_raw(&op).await.refused(400, "invalid_request");
    let sent = object(&op, &SIGNING.ask()).await;
    assert_eq!(Browser::new(&op).open(&sent).await.id(), "sign-in");
    // And then nothing outside fills a gap.
    let gap = SIGNING.ask().without("scope");
    let sent = object(&op, &gap)
        .await
        .set("scope", "openid")
        .set("redirect_uri", SIGNING.redirect_uri);
    assert_eq!(open(sent).await, "invalid_scope");
    // The registered algorithm and no other.
    assert_eq!(open(object(&op, &PS_ONLY.ask()).await).await, "invalid_request_object");
    let ask = UNSIGNED.ask();
    let signed = outside(&ask, "request", &sign(&claims(&op, &ask).await, None));
    assert_eq!(open(signed).await, "invalid_request_object");
    // No keys, no objects.
    let ask = crate::relying_party::BASIC.ask();
    assert_eq!(open(object(&op, &ask).await).await, "invalid_request_object");
    let both = object(&op, &KEY.ask())
        .await
        .set("request_uri", "https://key.example/r");
    assert_eq!(open(both).await, "invalid_request");
}

#[tokio::test]
async fn a_signed_request_can_be_pushed() {
    let op = Op::with(Database::Sqlite, &partners()).await;
    for rp in [&KEY, &SIGNING, &FAPI] {
        let ask = rp.ask();
        let push = async |claims: &Value, beside: &[(&str, &str)]| {
            let signed = sign(claims, Some("oauth-authz-req+jwt"));
            let fields = [&[("request", signed.as_str())], beside].concat();
            rp.call(&op, "/par", &fields).await
        };
        let good = claims(&op, &ask).await;
        let reply = push(&good, &[("state", "forged"), ("scope", "openid profile")]).await;
        assert_eq!(reply.status, 201, "{}: {}", rp.id, reply.json);
        let reference = reply.json["request_uri"].as_str().unwrap();
        let mut browser = Browser::new(&op);
        let page = browser.get(&link(&op, rp.id, reference)).await;
        let answer = browser.walk(page, &PAT).await.answer();
        ask.check_answer(&op, &answer);
        let tokens = ask.redeem(&op, &answer).await;
        assert_eq!(tokens.json["scope"], "openid", "{}", rp.id);
        for (name, value) in [
            ("iss", json!("other")),
            ("aud", json!(op.url("/par"))),
            ("client_id", json!("other")),
            ("request_uri", json!("urn:ietf:params:oauth:request_uri:x")),
        ] {
            let mut bad = good.clone();
            bad[name] = value;
            push(&bad, &[]).await.refused(400, "invalid_request_object");
        }
        // Nothing beside it fills a gap (RFC 9126 §3).
        let mut gap = good.clone();
        gap.as_object_mut().unwrap().remove("response_type");
        push(&gap, &[("response_type", "code")])
            .await
            .refused(400, "invalid_request");
    }
}

/// FAPI 2.0 Message Signing §5.3.1.
#[tokio::test]
async fn a_fapi_partner_signs_for_an_hour_at_most() {
    let op = Op::with(Database::Sqlite, &partners()).await;
    let good = claims(&op, &FAPI.ask()).await;
    let now = good["iat"].as_i64().unwrap();
    for (nbf, exp, status) in [
        (json!(now + 8), json!(now + 60), 201),
        (json!(now - 3500), json!(now + 60), 201),
        (json!(now - 3700), json!(now + 60), 400),
        (json!(now), json!(now + 3700), 400),
        (Value::Null, json!(now + 60), 400),
        (json!(now), Value::Null, 400),
    ] {
        let mut claims = good.clone();
        for (name, value) in [("nbf", &nbf), ("exp", &exp)] {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        let reply: Reply = FAPI.call(&op, "/par", &[("request", &sign(&claims, None))]).await;
        assert_eq!(reply.status, status, "nbf {nbf} exp {exp}: {}", reply.json);
    }
}

#[tokio::test]
async fn an_object_is_fetched_from_where_the_partner_registered() {
    let site = Site::start().await;
    let uris = format!(
        "request_uris = [\"{}\", \"{}\", \"{}\", \"https://127.0.0.1:9/r\"]\n{}",
        site.url("/request?a=1"),
        site.url("/gone"),
        site.url("/slow"),
        jwks()
    );
    let op = site.provider(&client(&BY_REFERENCE, &uris)).await;
    let ask = BY_REFERENCE.ask();
    site.publish(&format!("{}\n", sign(&claims(&op, &ask).await, None)));
    // The fragment is for caches (OIDC Core §6.2).
    for uri in [site.url("/request?a=1"), site.url("/request?a=1#hash")] {
        let sent = outside(&ask, "request_uri", &uri);
        let answer = Browser::new(&op).through(&sent, &PAT).await.answer();
        ask.check_answer(&op, &answer);
        ask.redeem(&op, &answer).await;
    }
    assert_eq!(site.asked(), ["/request?a=1"; 2], "fetched each time, and kept nowhere");
    for (what, uri) in [
        ("not registered", site.url("/request")),
        ("not registered", site.url("/request?a=1&b=2")),
        ("another host", "https://evil.example/request".to_owned()),
        ("another scheme", "http://localhost/request".to_owned()),
        ("a file", "file:///etc/passwd".to_owned()),
        ("a URN of others", "urn:example:x".to_owned()),
        ("404", site.url("/gone")),
        ("inside our network", "https://127.0.0.1:9/r".to_owned()),
        ("slow", site.url("/slow")),
    ] {
        let page = Browser::new(&op).open(&outside(&ask, "request_uri", &uri)).await;
        assert_eq!(
            (page.left, refusal(&page).as_str()),
            (false, "invalid_request_uri"),
            "{what}"
        );
    }
    assert_eq!(site.asked(), ["/request?a=1", "/request?a=1", "/gone"]);
    for (what, document) in [("nonsense", "nonsense".to_owned()), ("too long", "x".repeat(40_000))] {
        site.publish(&document);
        let page = Browser::new(&op)
            .open(&outside(&ask, "request_uri", &site.url("/request?a=1")))
            .await;
        assert_eq!(refusal(&page), "invalid_request_object", "{what}");
    }
    site.publish(&"x".repeat(100_000));
    let page = Browser::new(&op)
        .open(&outside(&ask, "request_uri", &site.url("/request?a=1")))
        .await;
    assert_eq!(refusal(&page), "invalid_request_uri", "more than is read");
}

#[tokio::test]
async fn the_metadata_says_which_objects_are_taken() {
    let op = Op::start().await;
    let url = op.url("/.well-known/openid-configuration");
    let found: Value = op.http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(found["request_parameter_supported"], true);
    assert_eq!(found["request_uri_parameter_supported"], true);
    assert_eq!(found["require_request_uri_registration"], true);
    let algs = json!(["ES256", "PS256", "EdDSA", "RS256"]);
    assert_eq!(found["request_object_signing_alg_values_supported"], algs);
}
