//! What is encrypted to partners (OIDC Core §10.2, JARM §2.2, RFC 9701 §5), and that nothing leaves as it is when it cannot be.

use countersign::base::encoding::{base64url, from_base64url};
use countersign::keys::Kind;
use countersign::protocol::words::{ContentEncryption, EncryptionAlg};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::partner_site::Site;
use crate::races::DATABASES;
use crate::recipient::{Recipient, header, to_us};
use crate::relying_party::{Ask, BASIC, Rp, basic, verify, verify_claims};
use crate::workspace::{BASIC_SECRET, PAT};

static SEALED: Rp = basic("sealed", "https://sealed.example/cb");
static SEALED_RSA: Rp = basic("sealed-rsa", "https://rsa.example/cb");
static SIGNED_INFO: Rp = basic("signed-info", "https://info.example/cb");
static PUBLISHED: Rp = basic("published", "https://published.example/cb");

fn client(rp: &Rp, more: &str) -> String {
    format!(
        "[[clients]]\nclient_id = \"{}\"\nclient_secret = \"{BASIC_SECRET}\"\nredirect_uris = [\"{}\"]\n\
         consent = \"implicit\"\n{more}\n",
        rp.id, rp.redirect_uri
    )
}

fn with_keys(rp: &Rp, key: &Recipient, more: &str) -> String {
    client(rp, &format!("jwks = {{ keys = [{}] }}\n{more}", key.toml()))
}

/// Each kind of answer in a way of its own.
const EVERYTHING: &str = r#"
response_types = ["code", "code id_token"]
grant_types = ["authorization_code", "implicit", "refresh_token"]
id_token_encrypted_response_alg = "ECDH-ES"
userinfo_signed_response_alg = "ES256"
userinfo_encrypted_response_alg = "ECDH-ES+A256KW"
userinfo_encrypted_response_enc = "A256GCM"
authorization_encrypted_response_alg = "ECDH-ES+A128KW"
authorization_encrypted_response_enc = "A128GCM"
introspection_encrypted_response_alg = "ECDH-ES"
introspection_encrypted_response_enc = "A256CBC-HS512"
"#;

struct Raw {
    status: u16,
    kind: String,
    body: String,
}

async fn raw(request: reqwest::RequestBuilder) -> Raw {
    let response = request.send().await.unwrap();
    Raw {
        status: response.status().as_u16(),
        kind: response.headers()["content-type"].to_str().unwrap().to_owned(),
        body: response.text().await.unwrap(),
    }
}

async fn userinfo(op: &Op, token: &str) -> Raw {
    raw(op.http.get(op.url("/userinfo")).bearer_auth(token)).await
}

async fn introspect(op: &Op, rp: &Rp, token: &str, accept: &str) -> Raw {
    let request = op
        .http
        .post(op.url("/introspect"))
        .basic_auth(rp.id, Some(BASIC_SECRET));
    raw(request.header("accept", accept).form(&[("token", token)])).await
}

/// The code of an encrypted answer.
async fn code(op: &Op, key: &Recipient, ask: &Ask, page: &Page) -> String {
    let jwt = page.answer().params["response"].clone();
    let jws = key.open(&jwt, "ECDH-ES+A128KW", "A128GCM");
    let claims = verify_claims(op, &jws, ask.rp.id, "JWT").await;
    assert_eq!(claims["state"].as_str(), ask.get("state"));
    claims["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn everything_is_encrypted_to_who_wants_it_so() {
    let key = Recipient::new(Kind::P256);
    for database in DATABASES {
        let op = Op::with(database, &with_keys(&SEALED, &key, EVERYTHING)).await;
        let ask = SEALED.ask().set("response_mode", "jwt").scope("openid offline_access");
        let page = Browser::new(&op).through(&ask, &PAT).await;
        let code = code(&op, &key, &ask, &page).await;
        let reply = ask.redeem_raw(&op, &code).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        let jws = key.open(reply.json["id_token"].as_str().unwrap(), "ECDH-ES", "A128CBC-HS256");
        let id = verify(&op, &jws, "sealed", "JWT").await;
        assert_eq!(id["nonce"].as_str(), ask.get("nonce"));
        let again = SEALED.refresh(&op, reply.json["refresh_token"].as_str().unwrap()).await;
        let jws = key.open(again.json["id_token"].as_str().unwrap(), "ECDH-ES", "A128CBC-HS256");
        assert_eq!(verify(&op, &jws, "sealed", "JWT").await["sub"], id["sub"]);

        let access = reply.json["access_token"].as_str().unwrap();
        let told = userinfo(&op, access).await;
        assert_eq!((told.status, told.kind.as_str()), (200, "application/jwt"));
        let jws = key.open(&told.body, "ECDH-ES+A256KW", "A256GCM");
        let keys = countersign::keys::JwkSet::from_value(&crate::relying_party::jwks(&op).await).unwrap();
        assert!(keys.keys.iter().any(|k| k.kid == kid_of(&jws)));
        let claims: Value = part(&jws, 1);
        assert_eq!((&claims["sub"], &claims["aud"]), (&id["sub"], &json!("sealed")));
        // Whatever else it would accept.
        for accept in ["application/token-introspection+jwt", "application/json", "*/*"] {
            let told = introspect(&op, &SEALED, access, accept).await;
            assert_eq!(
                (told.status, told.kind.as_str()),
                (200, "application/token-introspection+jwt")
            );
            let claims = part(&key.open(&told.body, "ECDH-ES", "A256CBC-HS512"), 1);
            assert_eq!(claims["token_introspection"]["sub"], id["sub"]);
        }
    }
}

fn kid_of(jws: &str) -> Option<String> {
    jsonwebtoken::decode_header(jws).unwrap().kid
}

fn part(jws: &str, n: usize) -> Value {
    let part = jws.split('.').nth(n).unwrap();
    serde_json::from_slice(&from_base64url(part).unwrap()).unwrap()
}

#[tokio::test]
async fn an_id_token_through_the_browser_and_a_refusal_are_encrypted_as_well() {
    let key = Recipient::new(Kind::P256);
    let op = Op::with(Database::Sqlite, &with_keys(&SEALED, &key, EVERYTHING)).await;
    let ask = SEALED.ask().set("response_type", "code id_token");
    // From the first page to the last, and at once by the session that is there then.
    let mut browser = Browser::new(&op);
    for _ in 0..2 {
        let answer = browser.through(&ask, &PAT).await.answer();
        let jws = key.open(answer.get("id_token"), "ECDH-ES", "A128CBC-HS256");
        let id = verify(&op, &jws, "sealed", "JWT").await;
        assert_eq!(id["c_hash"], part(&jws, 1)["c_hash"]);
        assert!(id["c_hash"].is_string());
        assert_eq!(ask.redeem_raw(&op, answer.code()).await.status, 200);
    }
    for ask in [
        SEALED.ask().set("prompt", "none").set("response_mode", "query.jwt"),
        SEALED.ask().set("scope", "nonsense").set("response_mode", "query.jwt"),
        SEALED
            .ask()
            .set("request", "nonsense")
            .set("response_mode", "query.jwt"),
    ] {
        let page = Browser::new(&op).open(&ask).await;
        assert!(page.left, "{}", page.text());
        let answer = page.answer();
        assert_eq!(answer.params.keys().collect::<Vec<_>>(), ["response"]);
        let jws = key.open(answer.get("response"), "ECDH-ES+A128KW", "A128GCM");
        assert!(part(&jws, 1)["error"].is_string());
    }
}

#[tokio::test]
async fn rsa_keys_are_written_to_and_claims_that_nobody_signed() {
    let key = Recipient::new(Kind::Rsa);
    let more = "id_token_encrypted_response_alg = \"RSA-OAEP-256\"\nid_token_encrypted_response_enc = \"A256GCM\"\n\
                userinfo_encrypted_response_alg = \"RSA-OAEP-256\"\n";
    let op = Op::with(Database::Sqlite, &with_keys(&SEALED_RSA, &key, more)).await;
    let ask = SEALED_RSA.ask();
    let answer = Browser::new(&op).sign_in(&ask, &PAT).await;
    let reply = ask.redeem_raw(&op, answer.code()).await;
    let jws = key.open(reply.json["id_token"].as_str().unwrap(), "RSA-OAEP-256", "A256GCM");
    let id = verify(&op, &jws, "sealed-rsa", "JWT").await;
    let told = userinfo(&op, reply.json["access_token"].as_str().unwrap()).await;
    assert_eq!((told.status, told.kind.as_str()), (200, "application/jwt"));
    let claims: Value = serde_json::from_str(&key.open(&told.body, "RSA-OAEP-256", "A128CBC-HS256")).unwrap();
    assert_eq!(claims, json!({ "sub": id["sub"] }));
}

#[tokio::test]
async fn userinfo_comes_signed_to_who_is_registered_so() {
    let more = "userinfo_signed_response_alg = \"EdDSA\"\n";
    let op = Op::with(Database::Sqlite, &client(&SIGNED_INFO, more)).await;
    let tokens = Browser::new(&op)
        .tokens(&SIGNED_INFO.ask().scope("openid profile"), &PAT)
        .await;
    let told = userinfo(&op, tokens.access_token()).await;
    assert_eq!((told.status, told.kind.as_str()), (200, "application/jwt"));
    let set = countersign::keys::JwkSet::from_value(&crate::relying_party::jwks(&op).await).unwrap();
    let expected = countersign::keys::Expected {
        algs: &[countersign::keys::Alg::EdDsa],
        typ: countersign::keys::TypRule::OneOf(&["JWT"]),
        issuer: Some(&op.issuer),
        audience: Some(&["signed-info"]),
        expiry: countersign::keys::Expiry::IfPresent,
        now: op.now().await,
    };
    let claims = countersign::keys::jose::verify(&told.body, &set, &expected)
        .unwrap()
        .claims;
    assert_eq!(claims["sub"], tokens.id["sub"]);
    assert!(claims.contains_key("preferred_username"));
    // A refusal is none of that.
    let refused = userinfo(&op, "nonsense").await;
    assert_eq!(refused.status, 401);
    // Nobody else's answer is signed.
    let plain = Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    assert_eq!(userinfo(&op, plain.access_token()).await.kind, "application/json");
}

/// The keys that a partner publishes; `None`: its site says nonsense.
fn publish(site: &Site, key: Option<&Recipient>) {
    match key {
        Some(key) => site.publish(&json!({"keys": [key.jwk]}).to_string()),
        None => site.publish("nonsense"),
    }
}

#[tokio::test]
async fn without_the_partners_key_nothing_leaves_and_nothing_is_used_up() {
    let (site, key) = (Site::start().await, Recipient::new(Kind::P256));
    publish(&site, Some(&key));
    let more = format!("jwks_uri = \"{}\"\n{EVERYTHING}", site.url("/jwks"));
    let op = site.provider(&client(&PUBLISHED, &more)).await;
    let ask = PUBLISHED.ask().set("response_mode", "jwt");
    let mut browser = Browser::new(&op);
    let page = browser.through(&ask, &PAT).await;
    let first = code(&op, &key, &ask, &page).await;
    let access = ask.redeem_raw(&op, &first).await.json["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let second = browser.through(&ask, &PAT).await;
    let second = code(&op, &key, &ask, &second).await;
    assert_eq!(site.asked().len(), 1, "fetched once");

    // A key of another kind, of no use, then nothing at all. What was fetched before is a day old by then.
    let signing = Recipient::new(Kind::P256);
    let mut wrong = signing.jwk.clone();
    wrong["use"] = "sig".into();
    for (document, status, error) in [
        (json!({"keys": [wrong]}).to_string(), 400, "invalid_client_metadata"),
        ("nonsense".to_owned(), 503, "temporarily_unavailable"),
    ] {
        site.publish(&document);
        op.advance(25 * 3600).await;
        let page = browser.open(&PUBLISHED.ask()).await;
        assert!(!page.left, "{}", page.url);
        assert_eq!(page.error(), error);
        PUBLISHED
            .token(&op, &[("grant_type", "authorization_code"), ("code", "x")])
            .await
            .refused(status, error);
        let told = introspect(&op, &PUBLISHED, &access, "application/json").await;
        assert_eq!(told.status, status);
        assert!(
            told.body.contains(error) && !told.body.contains("active"),
            "{}",
            told.body
        );
    }
    // The codes and tokens of before have expired meanwhile. A new sign-in: it begins with the key, and ends without.
    publish(&site, Some(&key));
    op.advance(3601).await;
    let page = browser.through(&ask, &PAT).await;
    let late = code(&op, &key, &ask, &page).await;
    assert_ne!(late, second);
    assert_eq!(ask.redeem_raw(&op, &late).await.status, 200);
}

#[tokio::test]
async fn a_code_is_still_good_after_a_key_was_not_to_be_had() {
    let (site, key) = (Site::start().await, Recipient::new(Kind::P256));
    let more = format!(
        "jwks_uri = \"{}\"\nid_token_encrypted_response_alg = \"ECDH-ES\"\n\
         userinfo_encrypted_response_alg = \"ECDH-ES\"\nauthorization_code_lifetime = 600\n",
        site.url("/jwks")
    );
    let op = site.provider(&client(&PUBLISHED, &more)).await;
    publish(&site, None);
    let ask = PUBLISHED.ask();
    let answer = Browser::new(&op).sign_in(&ask, &PAT).await;
    ask.redeem_raw(&op, answer.code())
        .await
        .refused(503, "temporarily_unavailable");
    publish(&site, Some(&key));
    op.advance(61).await;
    let reply = ask.redeem_raw(&op, answer.code()).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    assert!(key.opens(reply.json["id_token"].as_str().unwrap()));
    let access = reply.json["access_token"].as_str().unwrap();
    assert!(key.opens(&userinfo(&op, access).await.body));
    // The site breaks: what was fetched still holds, for a day.
    publish(&site, None);
    op.advance(300).await;
    assert!(key.opens(&userinfo(&op, access).await.body));
    // A stranger's key in place of it: from then on it is the stranger's, and never both.
    let other = Recipient::new(Kind::P256);
    publish(&site, Some(&other));
    op.advance(3601).await;
    let again = Browser::new(&op).sign_in(&ask, &PAT).await;
    let reply = ask.redeem_raw(&op, again.code()).await;
    let id_token = reply.json["id_token"].as_str().unwrap();
    assert!(other.opens(id_token) && !key.opens(id_token));
}

#[tokio::test]
async fn an_encrypted_id_token_is_a_hint_decrypted_or_encrypted_to_us() {
    let key = Recipient::new(Kind::P256);
    let more = "id_token_encrypted_response_alg = \"ECDH-ES\"\n";
    let op = Op::with(Database::Sqlite, &with_keys(&SEALED, &key, more)).await;
    let mut browser = Browser::new(&op);
    let ask = SEALED.ask();
    let answer = browser.sign_in(&ask, &PAT).await;
    let reply = ask.redeem_raw(&op, answer.code()).await;
    let sealed = reply.json["id_token"].as_str().unwrap();
    let jws = key.open(sealed, "ECDH-ES", "A128CBC-HS256");
    let ours = to_us(&op, EncryptionAlg::EcdhEs, ContentEncryption::A128Gcm, &jws).await;
    for hint in [jws.as_str(), ours.as_str()] {
        let page = browser
            .open(&SEALED.ask().set("id_token_hint", hint).set("prompt", "none"))
            .await;
        assert!(page.answer().params.contains_key("code"), "{:?}", page.answer());
    }
    let page = browser
        .open(&SEALED.ask().set("id_token_hint", sealed).set("prompt", "none"))
        .await;
    assert_eq!(
        page.answer().error(),
        "invalid_request",
        "encrypted to the partner, not to us"
    );
    let url = op.url(&format!("/logout?id_token_hint={ours}"));
    let page = browser.get(&url).await;
    assert_eq!(page.id(), "signed-out", "{}", page.text());
}

#[tokio::test]
async fn what_cannot_be_encrypted_is_not_registered() {
    let key = Recipient::new(Kind::P256);
    let op = Op::start().await;
    for (more, member) in [
        ("id_token_encrypted_response_alg = \"RSA-OAEP-256\"", "jwks"),
        (
            "id_token_encrypted_response_enc = \"A256GCM\"",
            "id_token_encrypted_response_enc",
        ),
        ("userinfo_encrypted_response_alg = \"RSA1_5\"", "RSA1_5"),
        ("introspection_encrypted_response_alg = \"dir\"", "dir"),
        (
            "id_token_encrypted_response_alg = \"ECDH-ES\"\nid_token_encrypted_response_enc = \"A192GCM\"",
            "A192GCM",
        ),
    ] {
        op.files.write("wrong.toml", &with_keys(&SEALED, &key, more));
        let said = op.files.run_fails(&["apply", "wrong.toml"]);
        assert!(said.contains(member), "{said}");
    }
}

#[tokio::test]
async fn the_metadata_says_what_is_encrypted_and_how() {
    let op = Op::start().await;
    crate::recipient::our_key(&op, EncryptionAlg::RsaOaep256).await;
    let url = op.url("/.well-known/openid-configuration");
    let found: Value = op.http.get(url).send().await.unwrap().json().await.unwrap();
    let algs = json!(["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]);
    let encs = json!(["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"]);
    for what in [
        "id_token",
        "userinfo",
        "authorization",
        "introspection",
        "request_object",
    ] {
        assert_eq!(found[format!("{what}_encryption_alg_values_supported")], algs, "{what}");
        assert_eq!(found[format!("{what}_encryption_enc_values_supported")], encs, "{what}");
    }
    // A key for encryption is for nothing else, and those that sign are as they were.
    for key in crate::relying_party::jwks(&op).await["keys"].as_array().unwrap() {
        assert!(["sig", "enc"].contains(&key["use"].as_str().unwrap()));
        assert_eq!(key["use"] == "sig", countersign::keys::Jwk::from_value(key).is_ok());
        assert!(key.get("d").is_none());
    }
}

/// Another header in front of what was encrypted.
pub fn with_header(token: &str, name: &str, value: Value) -> String {
    let (head, rest) = token.split_once('.').unwrap();
    let mut header: serde_json::Map<String, Value> = header(head).into_iter().collect();
    header.insert(name.to_owned(), value);
    format!("{}.{rest}", base64url(Value::Object(header).to_string().as_bytes()))
}
