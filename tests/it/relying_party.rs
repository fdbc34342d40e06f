//! The partners: requests, answers, tokens, all checked as a careful relying party would.

use countersign::base::encoding::{base64url, sha256};
use countersign::base::{Entropy, SystemEntropy};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};

use crate::harness::Op;
use crate::page::Answer;
use crate::workspace::{BASIC_SECRET, EPCS_SECRET, POST_SECRET, partner_key};

#[derive(Clone, Copy, Debug)]
pub enum Auth {
    Basic(&'static str),
    Post(&'static str),
    Key,
    /// The same, and every request with a proof of possession, with a nonce where one is wanted (FAPI 2.0).
    Bound,
    Public,
}

#[derive(Debug)]
pub struct Rp {
    pub id: &'static str,
    pub redirect_uri: &'static str,
    pub auth: Auth,
}

pub const fn basic(id: &'static str, redirect_uri: &'static str) -> Rp {
    rp_of(id, redirect_uri, Auth::Basic(BASIC_SECRET))
}

pub const fn rp_of(id: &'static str, redirect_uri: &'static str, auth: Auth) -> Rp {
    Rp { id, redirect_uri, auth }
}

pub static BASIC: Rp = basic("basic", "https://rp.example/cb");
pub static POST: Rp = rp_of("post", "https://post.example/cb", Auth::Post(POST_SECRET));
pub static KEY: Rp = rp_of("key", "https://key.example/cb", Auth::Key);
pub static SPA: Rp = rp_of("spa", "https://spa.example/cb", Auth::Public);
pub static EPCS: Rp = rp_of("epcs", "https://ehr.example/cb", Auth::Basic(EPCS_SECRET));
pub static EPCS_SLOW: Rp = rp_of("epcs-slow", "https://slow.example/cb", Auth::Basic(EPCS_SECRET));
pub static RESTRICTED: Rp = basic("restricted", "https://restricted.example/cb");
pub static ASKING: Rp = basic("asking", "https://asking.example/cb");
pub static ALWAYS: Rp = basic("always", "https://always.example/cb");
pub static HYBRID: Rp = basic("hybrid", "https://hybrid.example/cb");
pub static RS256: Rp = basic("rs256", "https://rs256.example/cb");
pub static PS256: Rp = basic("ps256", "https://ps256.example/cb");
pub static EDDSA: Rp = basic("eddsa", "https://eddsa.example/cb");

pub const ONE: &str = "urn:countersign:acr:1fa";
pub const MFA: &str = "urn:countersign:acr:mfa";
pub const AAL2: &str = "urn:countersign:acr:aal2";
pub const EPCS_ACR: &str = "urn:countersign:acr:epcs";

/// One authorization request.
#[derive(Clone, Debug)]
pub struct Ask {
    pub rp: &'static Rp,
    pub params: Vec<(String, String)>,
    pub verifier: String,
}

/// What a JSON endpoint answered.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub json: Value,
}

/// Tokens whose signatures and claims were verified.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub json: Value,
    /// Claims of the ID token.
    pub id: Value,
    /// Claims of the access token.
    pub access: Value,
}

impl Rp {
    /// A request with PKCE, state and nonce, for an ID token only.
    pub fn ask(&'static self) -> Ask {
        let verifier = SystemEntropy.token();
        let challenge = base64url(&sha256(verifier.as_bytes()));
        let ask = Ask {
            rp: self,
            params: Vec::new(),
            verifier,
        };
        ask.set("response_type", "code")
            .set("client_id", self.id)
            .set("redirect_uri", self.redirect_uri)
            .set("scope", "openid")
            .set("state", &SystemEntropy.token())
            .set("nonce", &SystemEntropy.token())
            .set("code_challenge", &challenge)
            .set("code_challenge_method", "S256")
    }

    /// The token endpoint, authenticated as this partner does.
    pub async fn token(&self, op: &Op, fields: &[(&str, &str)]) -> Reply {
        self.call(op, "/token", fields).await
    }

    /// An endpoint for clients, authenticated as this partner does.
    pub async fn call(&self, op: &Op, path: &str, fields: &[(&str, &str)]) -> Reply {
        match self.auth {
            Auth::Bound => self.call_bound(op, path, fields).await,
            _ => self.call_with(op, path, fields, &[]).await,
        }
    }

    /// The same, with DPoP headers.
    pub async fn call_with(&self, op: &Op, path: &str, fields: &[(&str, &str)], proofs: &[String]) -> Reply {
        let mut fields: Vec<(String, String)> =
            fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let mut request = op.http.post(op.url(path));
        for proof in proofs {
            request = request.header("DPoP", proof);
        }
        match self.auth {
            Auth::Basic(secret) => request = request.basic_auth(self.id, Some(secret)),
            Auth::Post(secret) => {
                fields.push(("client_id".into(), self.id.into()));
                fields.push(("client_secret".into(), secret.into()));
            }
            Auth::Public => fields.push(("client_id".into(), self.id.into())),
            Auth::Key | Auth::Bound => {
                let assertion = sign_assertion(&assertion_claims(op, self.id).await);
                fields.push(("client_assertion_type".into(), JWT_BEARER.into()));
                fields.push(("client_assertion".into(), assertion));
            }
        }
        Reply::of(op, request.form(&fields).send().await.unwrap()).await
    }

    pub async fn refresh(&self, op: &Op, token: &str) -> Reply {
        self.token(op, &[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }
}

pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub async fn assertion_claims(op: &Op, client: &str) -> Value {
    let now = op.now().await.secs();
    json!({"iss": client, "sub": client, "aud": op.issuer, "jti": SystemEntropy.token(), "iat": now, "exp": now + 60})
}

pub fn sign_assertion(claims: &Value) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("partner-1".into());
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(&partner_key().pkcs8)).unwrap()
}

impl Ask {
    /// In place of what was there.
    pub fn set(self, name: &str, value: &str) -> Self {
        let mut ask = self.without(name);
        ask.params.push((name.to_owned(), value.to_owned()));
        ask
    }

    pub fn without(mut self, name: &str) -> Self {
        self.params.retain(|(n, _)| n != name);
        self
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub fn scope(self, scope: &str) -> Self {
        self.set("scope", scope)
    }

    pub fn acr(self, values: &str) -> Self {
        self.set("acr_values", values)
    }

    pub fn essential(self, values: &[&str]) -> Self {
        self.set(
            "claims",
            &json!({"id_token": {"acr": {"essential": true, "values": values}}}).to_string(),
        )
    }

    pub fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.params).finish()
    }

    pub fn url(&self, op: &Op) -> String {
        op.url(&format!("/authorize?{}", self.query()))
    }

    /// What holds for every answer, errors included (RFC 6749 §4.1.2, RFC 9207 §2).
    pub fn check_answer(&self, op: &Op, answer: &Answer) {
        assert_eq!(answer.get("iss"), op.issuer, "{answer:?}");
        assert_eq!(
            answer.params.get("state").map(String::as_str),
            self.get("state"),
            "{answer:?}"
        );
    }

    pub async fn redeem_raw(&self, op: &Op, code: &str) -> Reply {
        self.rp.token(op, &self.fields(code)).await
    }

    /// What the token endpoint wants for a code.
    pub fn fields<'a>(&'a self, code: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut fields = vec![("grant_type", "authorization_code"), ("code", code)];
        fields.extend(self.get("redirect_uri").map(|uri| ("redirect_uri", uri)));
        if self.get("code_challenge").is_some() {
            fields.push(("code_verifier", &self.verifier));
        }
        fields
    }

    /// Tokens for the code of an answer.
    pub async fn redeem(&self, op: &Op, answer: &Answer) -> Tokens {
        let reply = self.redeem_raw(op, answer.code()).await;
        let tokens = Tokens::of(op, self.rp, reply).await;
        assert_eq!(tokens.id.get("nonce").and_then(Value::as_str), self.get("nonce"));
        tokens
    }
}

impl Reply {
    pub async fn of(op: &Op, response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        for (name, what) in [
            ("access_token", "an access token"),
            ("refresh_token", "a refresh token"),
            ("id_token", "an ID token"),
        ] {
            if let Some(token) = json[name].as_str() {
                op.secret(what, token);
            }
        }
        Self { status, headers, json }
    }

    pub fn error(&self) -> &str {
        self.json["error"].as_str().unwrap_or_default()
    }

    #[track_caller]
    pub fn refused(&self, status: u16, error: &str) {
        assert_eq!((self.status, self.error()), (status, error), "{}", self.json);
        assert_eq!(self.headers["cache-control"], "no-store");
        assert!(self.json.get("access_token").is_none(), "{}", self.json);
    }
}

impl Tokens {
    pub async fn of(op: &Op, rp: &Rp, reply: Reply) -> Self {
        assert_eq!(reply.status, 200, "{}", reply.json);
        assert_eq!(reply.headers["cache-control"], "no-store");
        let json = reply.json;
        let access_token = json["access_token"].as_str().unwrap();
        let access = verify(op, access_token, &op.issuer, "at+jwt").await;
        assert_eq!(access["client_id"], rp.id);
        let id = match json["id_token"].as_str() {
            Some(id_token) => verify(op, id_token, rp.id, "JWT").await,
            None => Value::Null,
        };
        if !id.is_null() {
            assert_eq!(id["sub"], access["sub"]);
            assert_eq!(
                (&id["acr"], &id["amr"], &id["auth_time"]),
                (&access["acr"], &access["amr"], &access["auth_time"])
            );
        }
        Self { json, id, access }
    }

    pub fn access_token(&self) -> &str {
        self.json["access_token"].as_str().unwrap()
    }

    pub fn id_token(&self) -> &str {
        self.json["id_token"].as_str().unwrap()
    }

    pub fn refresh_token(&self) -> &str {
        self.json["refresh_token"]
            .as_str()
            .unwrap_or_else(|| panic!("no refresh token: {}", self.json))
    }

    pub fn acr(&self) -> &str {
        self.id["acr"].as_str().unwrap()
    }

    pub fn amr(&self) -> Vec<&str> {
        let mut amr: Vec<&str> = self.id["amr"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m.as_str().unwrap())
            .collect();
        amr.sort_unstable();
        amr
    }
}

pub async fn jwks(op: &Op) -> Value {
    op.http.get(op.url("/jwks")).send().await.unwrap().json().await.unwrap()
}

/// Signature by a published key, type, issuer, audience, and not expired by the provider's clock.
pub async fn verify(op: &Op, jws: &str, audience: &str, typ: &str) -> Value {
    let claims = verify_claims(op, jws, audience, typ).await;
    let now = op.now().await.secs();
    assert!(claims["iat"].as_i64().unwrap() <= now + 1, "it comes from the future");
    claims
}

/// The same for what need not say when it was made.
pub async fn verify_claims(op: &Op, jws: &str, audience: &str, typ: &str) -> Value {
    let set: JwkSet = serde_json::from_value(jwks(op).await).unwrap();
    let header = jsonwebtoken::decode_header(jws).unwrap();
    assert_eq!(header.typ.as_deref(), Some(typ));
    let kid = header.kid.as_deref().expect("the key is named");
    let key = set.find(kid).unwrap_or_else(|| panic!("{kid} is not published"));
    let mut rules = Validation::new(header.alg);
    rules.validate_exp = false;
    rules.set_issuer(&[&op.issuer]);
    rules.set_audience(&[audience]);
    let claims: Value = jsonwebtoken::decode(jws, &DecodingKey::from_jwk(key).unwrap(), &rules)
        .unwrap()
        .claims;
    let now = op.now().await.secs();
    assert!(claims["exp"].as_i64().unwrap() > now, "it has expired");
    claims
}

pub fn alg_of(jws: &str) -> Algorithm {
    jsonwebtoken::decode_header(jws).unwrap().alg
}

/// Userinfo with the token in the header.
pub async fn userinfo(op: &Op, token: &str) -> Reply {
    Reply::of(
        op,
        op.http
            .get(op.url("/userinfo"))
            .bearer_auth(token)
            .send()
            .await
            .unwrap(),
    )
    .await
}
