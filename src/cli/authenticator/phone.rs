//! One paired device: a key, an id, and what it can say. Keeps nothing: whoever holds it stores what has to last.

use reqwest::{Method, Response};
use serde::Serialize;
use serde_json::json;

use super::client::{Call, Client, Means};
use super::link::Link;
use super::message::{
    APP_VERSION, AnswerClaims, Answered, App, Context, Decision, Details, DeviceState, Named, Owner, Paired,
    PairingClaims, ProofClaims, Requests, Unlock,
};
use super::trouble::Trouble;
use crate::base::encoding::{base64url, from_base64url, sha256};
use crate::keys::{Alg, KeyPair, Kind};

pub struct Phone {
    pub client: Client,
    pub id: String,
    key: KeyPair,
}

/// What pairing gives: the device, and the request that makes it count.
pub struct Begun {
    pub phone: Phone,
    pub owner: Owner,
    pub request: String,
}

/// A request as it is shown and answered: `digest` is of the very bytes that `context` was read from.
#[derive(Debug)]
pub struct Asked {
    pub details: Details,
    pub context: Context,
    digest: String,
}

/// What the person does with a request.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    pub decision: Decision,
    pub number: Option<&'a str>,
    pub unlock: Unlock,
}

impl Phone {
    /// Redeems the secret of a link with a key of its own. Then the request is to be answered with the browser's number.
    pub async fn pair(link: &Link, name: &str, means: Means) -> Result<Begun, Trouble> {
        let client = Client::new(&link.issuer, 0, means)?;
        client.discover().await?;
        let key = KeyPair::generate(Kind::P256)?;
        let paired: Paired = client
            .exchange(|| {
                let claims = PairingClaims {
                    aud: &client.issuer,
                    iat: client.now(),
                    secret: link.secret.expose(),
                    app: App::OURS,
                    device: Named { name },
                    notifications: "unsupported",
                };
                let header =
                    json!({ "typ": "countersign-pairing+jwt", "alg": "ES256", "jwk": key.public().to_members() });
                let jws = key.sign_compact(Alg::Es256, &header, &claims)?;
                Ok(post("/pairings".to_owned(), "pairing", &jws))
            })
            .await?;
        for id in [&paired.device, &paired.request] {
            checked_id(id).map_err(|_| client.odd("an id in its answer is none"))?;
        }
        Ok(Begun {
            phone: Self {
                client,
                id: paired.device,
                key,
            },
            owner: paired.account,
            request: paired.request,
        })
    }

    /// A device that was paired before.
    pub const fn of(client: Client, id: String, key: KeyPair) -> Self {
        Self { client, id, key }
    }

    pub const fn key(&self) -> &KeyPair {
        &self.key
    }

    /// What waits, the newest first.
    pub async fn requests(&self) -> Result<Requests, Trouble> {
        self.client.exchange(|| self.proved(Method::GET, "/requests")).await
    }

    /// The one request that waits, opened. For whoever knows that there is one.
    pub async fn open_only(&self) -> Result<Asked, Trouble> {
        match self.requests().await?.requests.as_slice() {
            [one] => self.open(&one.id).await,
            all => Err(Trouble::Usage(format!("{} requests wait, not one", all.len()))),
        }
    }

    pub async fn open(&self, request: &str) -> Result<Asked, Trouble> {
        checked_id(request)?;
        let path = format!("/requests/{request}");
        let details: Details = self.client.exchange(|| self.proved(Method::GET, &path)).await?;
        let bytes = from_base64url(&details.context).ok_or_else(|| self.client.odd("a context is not base64url"))?;
        let context: Context = self.client.read(&bytes)?;
        if details.id != request || context.issuer != self.client.issuer {
            return Err(self.client.odd("it sent another request than was asked for"));
        }
        Ok(Asked {
            details,
            context,
            digest: base64url(&sha256(&bytes)),
        })
    }

    /// Answers; what the server says has become of it.
    pub async fn answer(&self, asked: &Asked, choice: Choice<'_>) -> Result<String, Trouble> {
        let request = &asked.details.id;
        let answered: Answered = self
            .client
            .exchange(|| {
                let claims = AnswerClaims {
                    aud: &self.client.issuer,
                    iat: self.client.now(),
                    request,
                    nonce: &asked.details.nonce,
                    decision: choice.decision,
                    number: choice.number,
                    context_digest: &asked.digest,
                    unlock: choice.unlock,
                    app_version: APP_VERSION,
                };
                let jws = self.signed("countersign-answer+jwt", &claims)?;
                Ok(post(format!("/requests/{request}"), "answer", &jws))
            })
            .await?;
        Ok(answered.status)
    }

    pub async fn approve(&self, asked: &Asked, number: Option<&str>, unlock: Unlock) -> Result<String, Trouble> {
        let decision = Decision::Approve;
        self.answer(
            asked,
            Choice {
                decision,
                number,
                unlock,
            },
        )
        .await
    }

    pub async fn state(&self) -> Result<DeviceState, Trouble> {
        self.client.exchange(|| self.proved(Method::GET, "/device")).await
    }

    /// The server forgets this device.
    pub async fn unregister(&self) -> Result<(), Trouble> {
        self.client
            .bytes(|| self.proved(Method::DELETE, "/device"))
            .await
            .map(drop)
    }

    /// The stream of what waits. A wrong clock is corrected for, once.
    pub async fn events(&self) -> Result<Response, Trouble> {
        let call = || self.proved(Method::GET, "/events");
        match self.client.listen(call()?).await {
            Err(trouble) if self.client.corrects(&trouble) => self.client.listen(call()?).await,
            answer => answer,
        }
    }

    /// A request that is the device's own. None of ours that needs this has a body.
    fn proved(&self, method: Method, path: &str) -> Result<Call, Trouble> {
        let claims = ProofClaims {
            aud: &self.client.issuer,
            iat: self.client.now(),
            jti: self.client.means.entropy.id(),
            htm: method.as_str(),
            htu: &self.client.url(path),
            bh: None,
        };
        let proof = Some(self.signed("countersign-device+jwt", &claims)?);
        Ok(Call {
            path: path.to_owned(),
            method,
            proof,
            body: None,
        })
    }

    fn signed(&self, typ: &str, claims: &impl Serialize) -> Result<String, Trouble> {
        let header = json!({ "typ": typ, "alg": "ES256", "kid": self.id });
        Ok(self.key.sign_compact(Alg::Es256, &header, claims)?)
    }
}

fn post(path: String, name: &str, jws: &str) -> Call {
    Call {
        method: Method::POST,
        path,
        proof: None,
        body: Some(json!({ name: jws }).to_string().into_bytes()),
    }
}

/// Ids become part of an address: nothing else than base64url may.
fn checked_id(id: &str) -> Result<(), Trouble> {
    const LONGEST: usize = 128;
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if !id.is_empty() && id.len() <= LONGEST && id.bytes().all(good) {
        return Ok(());
    }
    Err(Trouble::Usage(
        "this is no id of a request: see countersign authenticator list".to_owned(),
    ))
}
