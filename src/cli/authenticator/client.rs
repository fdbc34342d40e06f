//! HTTP to one issuer: bounded in time and size, never redirected, and with its clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, Response, redirect};
use serde::de::DeserializeOwned;

use super::message::{Discovery, Refused};
use super::safe::safe;
use super::trouble::{Refusal, Trouble};
use crate::base::{Clock, Entropy, SystemClock, SystemEntropy};

/// Below the issuer.
pub const ROOT: &str = "/authenticator/v1";
/// The version of the protocol that is spoken here.
const VERSION: u32 = 1;
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// From the first byte to the last.
const TOTAL_LIMIT: Duration = Duration::from_secs(30);
/// Bytes of an answer. A context with every line that may be signed stays far below.
const MOST_BYTES: usize = 256 * 1024;

/// Where time and chance come from.
#[derive(Clone)]
pub struct Means {
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

impl Means {
    pub fn of_the_system() -> Self {
        Self {
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(SystemEntropy),
        }
    }
}

pub struct Client {
    http: reqwest::Client,
    pub issuer: String,
    pub means: Means,
    /// Seconds that the server's clock is ahead of ours, once it has complained.
    offset: AtomicI64,
}

/// One request, made anew for each try, because the time is inside what is signed.
pub struct Call {
    pub method: Method,
    /// Below `ROOT`.
    pub path: String,
    pub proof: Option<String>,
    pub body: Option<Vec<u8>>,
}

impl Client {
    pub fn new(issuer: &str, offset: i64, means: Means) -> Result<Self, Trouble> {
        let builder = reqwest::Client::builder()
            // What is signed names this address and no other.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("countersign-authenticator/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_LIMIT);
        // Proxies of the environment are honoured, but no proxy finds our own loopback.
        let builder = if issuer.starts_with("http:") {
            builder.no_proxy()
        } else {
            builder
        };
        let http = builder.build().map_err(|e| Trouble::Unreachable {
            issuer: issuer.to_owned(),
            cause: deepest(&e),
        })?;
        Ok(Self {
            http,
            issuer: issuer.to_owned(),
            means,
            offset: AtomicI64::new(offset),
        })
    }

    pub fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// The time as the server has it.
    pub fn now(&self) -> i64 {
        self.means.clock.now().secs().saturating_add(self.offset())
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{ROOT}{path}", self.issuer)
    }

    /// Is it a server of ours, that says of itself what the link says of it?
    pub async fn discover(&self) -> Result<(), Trouble> {
        let call = Call {
            method: Method::GET,
            path: String::new(),
            proof: None,
            body: None,
        };
        let found: Discovery = self.read(&self.send(call).await?)?;
        if found.issuer != self.issuer {
            return Err(self.odd(&format!("it calls itself {}", safe(&found.issuer))));
        }
        if !found.versions.contains(&VERSION) {
            return Err(self.odd("it has other versions of the protocol; install a newer countersign"));
        }
        Ok(())
    }

    /// Sends what `make` makes; once more where the server says that our clock is off.
    pub async fn exchange<T: DeserializeOwned>(&self, make: impl Fn() -> Result<Call, Trouble>) -> Result<T, Trouble> {
        self.read(&self.bytes(make).await?)
    }

    pub async fn bytes(&self, make: impl Fn() -> Result<Call, Trouble>) -> Result<Vec<u8>, Trouble> {
        match self.send(make()?).await {
            Err(trouble) if self.corrects(&trouble) => self.send(make()?).await,
            answer => answer,
        }
    }

    /// Takes the server's time over, if that is what it complains about.
    pub fn corrects(&self, trouble: &Trouble) -> bool {
        let told = trouble.refusal().filter(|r| r.body.error == "clock_skew");
        let Some(theirs) = told.and_then(|r| r.body.server_time) else {
            return false;
        };
        let ours = self.means.clock.now().secs();
        self.offset.store(theirs.saturating_sub(ours), Ordering::Relaxed);
        true
    }

    async fn send(&self, call: Call) -> Result<Vec<u8>, Trouble> {
        let request = self.request(call, "application/json").timeout(TOTAL_LIMIT);
        let response = request.send().await.map_err(|e| self.unreachable(&e))?;
        self.take(response).await
    }

    /// The stream of events, its headers read; a complaint is read whole.
    pub async fn listen(&self, call: Call) -> Result<Response, Trouble> {
        let request = self.request(call, "text/event-stream").send();
        let response = tokio::time::timeout(TOTAL_LIMIT, request).await;
        let response = response.map_err(|_| self.silent())?.map_err(|e| self.unreachable(&e))?;
        let kind = response.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
        if response.status().is_success() && kind.is_some_and(|k| k.starts_with("text/event-stream")) {
            return Ok(response);
        }
        let answer = tokio::time::timeout(TOTAL_LIMIT, self.take(response)).await;
        answer.map_err(|_| self.silent())??;
        Err(self.odd("it has no stream of events"))
    }

    fn request(&self, call: Call, accept: &str) -> reqwest::RequestBuilder {
        let mut request = self
            .http
            .request(call.method, self.url(&call.path))
            .header(ACCEPT, accept);
        if let Some(proof) = call.proof {
            request = request.header(AUTHORIZATION, format!("Device {proof}"));
        }
        match call.body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(body),
            None => request,
        }
    }

    async fn take(&self, mut response: Response) -> Result<Vec<u8>, Trouble> {
        let status = response.status();
        let wait = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|v| v.to_str().ok()?.parse().ok());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| self.unreachable(&e))? {
            body.extend_from_slice(&chunk);
            if body.len() > MOST_BYTES {
                return Err(self.odd("its answer is longer than any that the protocol has"));
            }
        }
        if status.is_success() {
            return Ok(body);
        }
        match serde_json::from_slice::<Refused>(&body) {
            Ok(body) => Err(Trouble::Refused(Refusal {
                status: status.as_u16(),
                body,
                wait,
            })),
            Err(_) => Err(self.odd(&format!("it answered HTTP {}", status.as_u16()))),
        }
    }

    pub fn read<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, Trouble> {
        serde_json::from_slice(body).map_err(|e| self.odd(&safe(&format!("its answer cannot be read ({e})"))))
    }

    pub fn odd(&self, what: &str) -> Trouble {
        Trouble::Odd {
            issuer: self.issuer.clone(),
            what: what.to_owned(),
        }
    }

    pub fn silent(&self) -> Trouble {
        Trouble::Unreachable {
            issuer: self.issuer.clone(),
            cause: "it does not answer in time".to_owned(),
        }
    }

    pub fn unreachable(&self, error: &reqwest::Error) -> Trouble {
        let cause = if error.is_timeout() {
            "it does not answer in time".to_owned()
        } else {
            deepest(error)
        };
        Trouble::Unreachable {
            issuer: self.issuer.clone(),
            cause: safe(&cause),
        }
    }
}

/// The innermost cause: what the system or TLS said.
fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
