//! A phone with our protocol and nothing else: what any app could do, and what an attacker's would.

use aws_lc_rs::encoding::{AsBigEndian, EcPublicKeyUncompressedBin};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use countersign::base::encoding::{base64url, from_base64url, sha256};
use countersign::base::{Entropy, SystemEntropy};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::harness::Op;
use crate::page::Page;

pub struct Phone {
    pub op: Op,
    key: EcdsaKeyPair,
    /// Its id, once it has redeemed a secret.
    pub id: String,
    /// Seconds that its clock is off.
    pub skew: i64,
    /// A browser's cookies, of an app that runs in one.
    pub cookies: Option<String>,
}

/// What the server said.
#[derive(Clone, Debug)]
pub struct Heard {
    pub status: u16,
    pub body: Value,
}

impl Heard {
    pub fn error(&self) -> (u16, &str) {
        (self.status, self.body["error"].as_str().unwrap_or_default())
    }

    pub async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let body = response.bytes().await.unwrap();
        Self {
            status,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        }
    }
}

/// What a person decides.
#[derive(Clone, Copy, Debug)]
pub struct Say<'a> {
    pub decision: &'a str,
    pub number: Option<&'a str>,
    pub unlock: &'a str,
}

pub fn approve(number: &str) -> Say<'_> {
    Say {
        decision: "approve",
        number: Some(number),
        unlock: "none",
    }
}

pub const DENY: Say<'static> = Say {
    decision: "deny",
    number: None,
    unlock: "none",
};
pub const NOT_ME: Say<'static> = Say {
    decision: "not_me",
    ..DENY
};

impl Phone {
    pub fn new(op: &Op) -> Self {
        Self {
            op: op.clone(),
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            id: String::new(),
            skew: 0,
            cookies: None,
        }
    }

    /// A phone of the app on the page of a pairing, confirmed; the page that says so.
    pub async fn pair(&mut self, browser: &mut Browser, page: &Page) -> Page {
        let page = browser.press(page, "action", "reveal").await;
        let secret = secret_of(&page);
        self.op.secret("the secret of a pairing", &secret);
        let heard = self.redeem(&secret, &json!({})).await;
        assert_eq!(heard.status, 201, "{heard:?}");
        let page = browser.get(page.url.as_str()).await;
        let number = number_of(&page);
        let request = heard.body["request"].as_str().unwrap().to_owned();
        let heard = self.answer(&request, approve(&number)).await;
        assert_eq!(heard.status, 200, "{heard:?}");
        browser.get(page.url.as_str()).await
    }

    pub fn jwk(&self) -> Value {
        let point: EcPublicKeyUncompressedBin<'_> = self.key.public_key().as_be_bytes().unwrap();
        let point = point.as_ref();
        json!({ "kty": "EC", "crv": "P-256", "x": base64url(&point[1..33]), "y": base64url(&point[33..]) })
    }

    #[expect(clippy::disallowed_methods, reason = "aws-lc asks for it and does not use it")]
    pub fn sign(&self, header: &Value, payload: &Value) -> String {
        let part = |v: &Value| base64url(v.to_string().as_bytes());
        let message = format!("{}.{}", part(header), part(payload));
        let signature = self.key.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", base64url(signature.as_ref()))
    }

    pub fn header(&self, typ: &str) -> Value {
        json!({ "alg": "ES256", "typ": typ, "kid": self.id })
    }

    async fn iat(&self) -> i64 {
        self.op.now().await.secs() + self.skew
    }

    /// Gives a secret for this phone's key; `more` in place of what an ordinary app says.
    pub async fn redeem(&mut self, secret: &str, more: &Value) -> Heard {
        let mut payload = json!({
            "aud": self.op.issuer, "iat": self.iat().await, "secret": secret,
            "app": { "name": "Test", "version": "1.0.0", "platform": "test", "os": "Debian" },
            "device": { "name": "Test phone" }, "notifications": "unsupported",
        });
        let members = more.as_object().unwrap();
        payload.as_object_mut().unwrap().extend(members.clone());
        let header = json!({ "alg": "ES256", "typ": "countersign-pairing+jwt", "jwk": self.jwk() });
        let jws = self.sign(&header, &payload);
        let heard = self
            .post("/authenticator/v1/pairings", &json!({ "pairing": jws }))
            .await;
        if let Some(device) = heard.body["device"].as_str() {
            self.id = device.to_owned();
        }
        heard
    }

    pub async fn post(&self, path: &str, body: &Value) -> Heard {
        let request = self.op.http.post(self.op.url(path)).json(body);
        Heard::of(self.as_browser(request).send().await.unwrap()).await
    }

    fn as_browser(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.cookies {
            Some(cookies) => request.header("Cookie", cookies),
            None => request,
        }
    }

    /// The proof that a call is this phone's.
    pub async fn proof(&self, method: &str, path: &str, body: &str) -> String {
        let mut payload = json!({
            "aud": self.op.issuer, "iat": self.iat().await, "jti": SystemEntropy.token(),
            "htm": method, "htu": self.op.url(path),
        });
        if !body.is_empty() {
            payload["bh"] = base64url(&sha256(body.as_bytes())).into();
        }
        self.sign(&self.header("countersign-device+jwt"), &payload)
    }

    pub async fn call(&self, method: Method, path: &str, body: &str) -> Heard {
        let proof = self.proof(method.as_str(), path, body).await;
        self.call_with(method, path, body, &proof).await
    }

    pub async fn call_with(&self, method: Method, path: &str, body: &str, proof: &str) -> Heard {
        let request = self.op.http.request(method, self.op.url(path));
        let request = request
            .header("Authorization", format!("Device {proof}"))
            .body(body.to_owned());
        Heard::of(request.send().await.unwrap()).await
    }

    /// What waits for this phone, the newest first.
    pub async fn waiting(&self) -> Vec<String> {
        let heard = self.call(Method::GET, "/authenticator/v1/requests", "").await;
        assert_eq!(heard.status, 200, "{heard:?}");
        let all = heard.body["requests"].as_array().unwrap().clone();
        all.iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect()
    }

    /// A request as it is shown, and its context.
    pub async fn look(&self, request: &str) -> (Heard, Value) {
        let heard = self
            .call(Method::GET, &format!("/authenticator/v1/requests/{request}"), "")
            .await;
        let context = heard.body["context"].as_str().and_then(from_base64url);
        let context = context.map(|c| serde_json::from_slice(&c).unwrap());
        (heard, context.unwrap_or_default())
    }

    /// What a person decides about a request as it was shown, before it is signed.
    pub async fn said(&self, request: &str, shown: &Value, say: Say<'_>) -> Value {
        let context = from_base64url(shown["context"].as_str().unwrap_or_default()).unwrap_or_default();
        let mut payload = json!({
            "aud": self.op.issuer, "iat": self.iat().await, "request": request, "nonce": shown["nonce"],
            "decision": say.decision, "context_digest": base64url(&sha256(&context)), "unlock": say.unlock,
            "app_version": "1.0.0",
        });
        if let Some(number) = say.number {
            payload["number"] = number.into();
        }
        payload
    }

    /// The same, signed.
    pub async fn signed(&self, request: &str, shown: &Value, say: Say<'_>) -> String {
        let payload = self.said(request, shown, say).await;
        self.sign(&self.header("countersign-answer+jwt"), &payload)
    }

    pub async fn answer(&self, request: &str, say: Say<'_>) -> Heard {
        let (shown, _) = self.look(request).await;
        let jws = self.signed(request, &shown.body, say).await;
        self.send(request, &jws).await
    }

    pub async fn send(&self, request: &str, jws: &str) -> Heard {
        let path = format!("/authenticator/v1/requests/{request}");
        self.post(&path, &json!({ "answer": jws })).await
    }

    /// Answers the only request that waits.
    pub async fn answer_the_one(&self, say: Say<'_>) -> Heard {
        let waiting = self.waiting().await;
        assert_eq!(waiting.len(), 1, "{waiting:?}");
        self.answer(&waiting[0], say).await
    }
}

/// The secret in a pairing's link.
pub fn secret_of(page: &Page) -> String {
    let link = page.link("[data-pairing-link]");
    link.split("#pair=")
        .nth(1)
        .unwrap_or_else(|| panic!("no link: {}", page.text()))
        .to_owned()
}

/// The number that a page shows.
pub fn number_of(page: &Page) -> String {
    let number = page.inner("[data-number]");
    assert_eq!(number.len(), 6, "{} {}", page.id(), page.text());
    number
}

/// Another number.
pub fn wrong(number: &str) -> String {
    let first = number.as_bytes()[0] - b'0';
    format!("{}{}", (first + 1) % 10, &number[1..])
}
