//! The smallest provider that can play along in the tests: real HTTP, real ES256, and it lies on demand.

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, http::header, web};
use aws_lc_rs::{
    digest,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use openidconnect::url::Url;
use serde_json::{Value, json};

pub const CLIENT_ID: &str = "cedar-ehr";
pub const CLIENT_SECRET: &str = "a secret & so on";
pub const ACCESS_TOKEN: &str = "access-token-of-rivera";

struct Key {
    kid: String,
    pair: EcdsaKeyPair,
}

#[derive(Default)]
struct Inner {
    keys: Vec<Key>,
    /// Code to (authorization request, ID token claims).
    codes: HashMap<String, (HashMap<String, String>, Value)>,
    name: String,
    discoveries: u32,
}

#[derive(Clone)]
pub struct FakeProvider {
    pub issuer: String,
    inner: Arc<Mutex<Inner>>,
}

impl FakeProvider {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self {
            issuer,
            inner: Arc::default(),
        };
        provider.rename("Dr. Mateo Rivera");
        provider.turn_keys();
        let data = web::Data::new(provider.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/.well-known/openid-configuration", web::get().to(metadata))
                .route("/jwks", web::get().to(jwks))
                .route("/token", web::post().to(token))
                .route("/userinfo", web::get().to(userinfo))
        });
        actix_web::rt::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
        provider
    }

    /// From now on only a new key signs and is published.
    pub fn turn_keys(&self) {
        let mut inner = self.inner.lock().unwrap();
        let kid = format!("key-{}", inner.keys.len() + 1);
        inner.keys.push(Key {
            kid,
            pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
        });
    }

    pub fn rename(&self, name: &str) {
        self.inner.lock().unwrap().name = name.into();
    }

    pub fn discoveries(&self) -> u32 {
        self.inner.lock().unwrap().discoveries
    }

    /// Approves the request that the clinic sent the browser with; `claims` go into the ID token beside the usual.
    /// Returns the query of the way back.
    pub fn approve(&self, location: &str, now: i64, claims: Value) -> String {
        let asked = parameters(location);
        let mut token = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "nonce": asked["nonce"],
            "at_hash": B64.encode(&sha256(ACCESS_TOKEN)[..16]),
        });
        for (name, value) in claims.as_object().unwrap() {
            token[name] = value.clone();
        }
        let mut inner = self.inner.lock().unwrap();
        let code = format!("code-{}", inner.codes.len());
        let back = [
            ("code", code.as_str()),
            ("state", &asked["state"]),
            ("iss", &self.issuer),
        ];
        let query = Url::parse_with_params("http://x/callback", back)
            .unwrap()
            .query()
            .unwrap()
            .to_owned();
        inner.codes.insert(code, (asked, token));
        query
    }

    /// Answers the request with an error.
    pub fn refuse(&self, location: &str, error: &str, description: &str) -> String {
        let asked = parameters(location);
        let back = [
            ("error", error),
            ("error_description", description),
            ("state", &asked["state"]),
        ];
        let mut url = Url::parse_with_params("http://x/callback", back).unwrap();
        url.query_pairs_mut().append_pair("iss", &self.issuer);
        url.query().unwrap().to_owned()
    }
}

/// The query of `location`.
pub fn parameters(location: &str) -> HashMap<String, String> {
    Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

fn sha256(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec()
}

async fn metadata(op: web::Data<FakeProvider>) -> HttpResponse {
    op.inner.lock().unwrap().discoveries += 1;
    let at = |path: &str| format!("{}{path}", op.issuer);
    HttpResponse::Ok().json(json!({
        "issuer": op.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "end_session_endpoint": at("/logout"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256"],
    }))
}

async fn jwks(op: web::Data<FakeProvider>) -> HttpResponse {
    let inner = op.inner.lock().unwrap();
    let key = inner.keys.last().unwrap();
    // An uncompressed point: 4, x, y.
    let point = key.pair.public_key().as_ref();
    let (x, y) = (B64.encode(&point[1..33]), B64.encode(&point[33..]));
    HttpResponse::Ok().json(json!({"keys": [
        {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": key.kid, "x": x, "y": y},
    ]}))
}

async fn token(
    op: web::Data<FakeProvider>,
    request: HttpRequest,
    form: web::Form<HashMap<String, String>>,
) -> HttpResponse {
    let refused = |error: &str| HttpResponse::BadRequest().json(json!({"error": error}));
    let secret: String = openidconnect::url::form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes()).collect();
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{CLIENT_ID}:{secret}")));
    if request
        .headers()
        .get(header::AUTHORIZATION)
        .is_none_or(|sent| sent.as_bytes() != basic.as_bytes())
    {
        return refused("invalid_client");
    }
    let mut inner = op.inner.lock().unwrap();
    let Some((asked, claims)) = inner.codes.remove(&form["code"]) else {
        return refused("invalid_grant");
    };
    let proved = B64.encode(sha256(&form["code_verifier"])) == asked["code_challenge"];
    if !proved || asked["code_challenge_method"] != "S256" || form["redirect_uri"] != asked["redirect_uri"] {
        return refused("invalid_grant");
    }
    let key = inner.keys.last().unwrap();
    let header = Header {
        kid: Some(key.kid.clone()),
        ..Header::new(Algorithm::ES256)
    };
    let pkcs8 = key.pair.to_pkcs8v1().unwrap();
    let id_token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(pkcs8.as_ref())).unwrap();
    HttpResponse::Ok().json(json!({
        "access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 120, "id_token": id_token,
    }))
}

/// An API that answers as it was told, one call after the other, and remembers the tokens that came.
#[derive(Clone)]
pub struct FakeRegistry {
    pub url: String,
    inner: Arc<Mutex<Scripted>>,
}

#[derive(Default)]
struct Scripted {
    /// `WWW-Authenticate` of the answers to come; none: it opens.
    challenges: std::collections::VecDeque<String>,
    tokens: Vec<String>,
}

impl FakeRegistry {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let registry = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            inner: Arc::default(),
        };
        let data = web::Data::new(registry.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/history", web::get().to(dispensed))
        });
        actix_web::rt::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
        registry
    }

    /// The next calls are answered 401 with these.
    pub fn refuses(&self, challenges: &[&str]) {
        let challenges = challenges.iter().map(|c| (*c).to_owned());
        self.inner.lock().unwrap().challenges.extend(challenges);
    }

    pub fn calls(&self) -> usize {
        self.inner.lock().unwrap().tokens.len()
    }
}

async fn dispensed(registry: web::Data<FakeRegistry>, request: HttpRequest) -> HttpResponse {
    let mut inner = registry.inner.lock().unwrap();
    let sent = request.headers().get(header::AUTHORIZATION).unwrap().to_str().unwrap();
    assert_eq!(sent, format!("Bearer {ACCESS_TOKEN}"));
    inner.tokens.push(sent.to_owned());
    match inner.challenges.pop_front() {
        Some(challenge) => HttpResponse::Unauthorized()
            .insert_header((header::WWW_AUTHENTICATE, challenge))
            .finish(),
        None => HttpResponse::Ok().json(json!([
            {"drug": "Oxycodone <b>5</b> mg", "quantity": "20", "filled": "2026-10-02", "pharmacy": "Pearl Pharmacy"}
        ])),
    }
}

async fn userinfo(op: web::Data<FakeProvider>, request: HttpRequest) -> HttpResponse {
    let bearer = format!("Bearer {ACCESS_TOKEN}");
    if request
        .headers()
        .get(header::AUTHORIZATION)
        .is_none_or(|sent| sent.as_bytes() != bearer.as_bytes())
    {
        return HttpResponse::Unauthorized().finish();
    }
    HttpResponse::Ok().json(json!({"sub": "rivera", "name": op.inner.lock().unwrap().name}))
}
