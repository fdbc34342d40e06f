//! A client that holds a key and shows it (RFC 9449), written apart from the server.

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use countersign::base::encoding::{base64url, sha256};
use countersign::base::{Entropy, SystemEntropy};
use serde_json::{Value, json};

use crate::harness::Op;
use crate::relying_party::{Ask, Reply, Rp};

pub struct Holder {
    pair: EcdsaKeyPair,
    pub jwk: Value,
}

impl Holder {
    pub fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref().to_vec();
        let (x, y) = (base64url(&point[1..33]), base64url(&point[33..65]));
        Self {
            pair,
            jwk: json!({"kty": "EC", "crv": "P-256", "x": x, "y": y}),
        }
    }

    /// The one that partners with `Auth::Bound` hold.
    fn of_partners() -> &'static Self {
        static ONE: OnceLock<Holder> = OnceLock::new();
        ONE.get_or_init(Self::new)
    }

    /// RFC 7638 §3.
    pub fn jkt(&self) -> String {
        let (x, y) = (&self.jwk["x"], &self.jwk["y"]);
        base64url(&sha256(
            format!(r#"{{"crv":"P-256","kty":"EC","x":{x},"y":{y}}}"#).as_bytes(),
        ))
    }

    pub fn header(&self) -> Value {
        json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk})
    }

    #[expect(clippy::disallowed_methods, reason = "aws-lc asks for it and does not use it")]
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", base64url(signature.as_ref()))
    }

    /// For one request at a path, with other claims in place of the right ones; `null` leaves one out.
    pub async fn proof_with(&self, op: &Op, method: &str, path: &str, other: &Value) -> String {
        self.sign(&self.header(), &claims(op, method, path, other).await)
    }

    /// For a client's request.
    pub async fn proof(&self, op: &Op, path: &str) -> String {
        self.proof_with(op, "POST", path, &json!({})).await
    }

    /// For userinfo with this token.
    pub async fn with_token(&self, op: &Op, token: &str) -> String {
        self.proof_with(op, "GET", "/userinfo", &json!({"ath": ath(token)}))
            .await
    }
}

pub fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| base64url(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

pub async fn claims(op: &Op, method: &str, path: &str, other: &Value) -> Value {
    let mut claims =
        json!({"jti": SystemEntropy.token(), "htm": method, "htu": op.url(path), "iat": op.now().await.secs()});
    let all = claims.as_object_mut().unwrap();
    for (name, value) in other.as_object().unwrap() {
        all.insert(name.clone(), value.clone());
    }
    all.retain(|_, value| !value.is_null());
    claims
}

pub fn ath(token: &str) -> String {
    base64url(&sha256(token.as_bytes()))
}

/// The nonce that came with an answer.
pub fn nonce(reply: &Reply) -> &str {
    let nonce = reply.headers.get("dpop-nonce").expect("a nonce comes with it");
    nonce.to_str().unwrap()
}

/// Userinfo, with the token in a scheme and whatever proofs.
pub async fn look(op: &Op, scheme: &str, token: &str, proofs: &[String]) -> Reply {
    let mut request = op.http.get(op.url("/userinfo"));
    request = request.header("Authorization", format!("{scheme} {token}"));
    for proof in proofs {
        request = request.header("DPoP", proof);
    }
    Reply::of(op, request.send().await.unwrap()).await
}

impl Rp {
    /// As a careful client does: once more with the nonce, if one is wanted.
    pub async fn call_bound(&self, op: &Op, path: &str, fields: &[(&str, &str)]) -> Reply {
        let holder = Holder::of_partners();
        let proof = holder.proof(op, path).await;
        let first = self.call_with(op, path, fields, &[proof]).await;
        if first.error() != "use_dpop_nonce" {
            return first;
        }
        let with_nonce = json!({"nonce": nonce(&first)});
        let proof = holder.proof_with(op, "POST", path, &with_nonce).await;
        self.call_with(op, path, fields, &[proof]).await
    }

    pub async fn redeem_code(&self, op: &Op, code: &str, proofs: &[String]) -> Reply {
        let fields = [("grant_type", "authorization_code"), ("code", code)];
        self.call_with(op, "/token", &fields, proofs).await
    }

    pub async fn refresh_with(&self, op: &Op, token: &str, proofs: &[String]) -> Reply {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.call_with(op, "/token", &fields, proofs).await
    }
}

impl Ask {
    pub async fn redeem_with(&self, op: &Op, code: &str, proofs: &[String]) -> Reply {
        self.rp.call_with(op, "/token", &self.fields(code), proofs).await
    }
}
