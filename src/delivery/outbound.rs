//! Fetching from, and posting to, addresses that clients and devices have named. They are hostile input: whoever can
//! make us send a request can make us send it inside our own network (server-side request forgery).
//!
//! https only; no user names, no redirects, no proxy; bounded in time and size; and never to an address that is not
//! public, unless the operator allows the host. It is the address connected to that is looked at, not the name: a name may
//! resolve to something else a moment later.

mod public;

use std::collections::BTreeSet;
use std::net::{Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use url::{Host, Url};

use super::carrier::CarrierError;
use super::settings::anchors;
use super::wire::{self, Timeouts};
use public::is_public;

/// Bytes of a document that are read; one that is longer is refused.
pub const DOCUMENT_BYTES: usize = 64 * 1024;

/// `[outbound]` of `countersign.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutboundSettings {
    /// PEM files; what they hold is believed beside what the system trusts.
    pub trust_anchors: Vec<PathBuf>,
    /// Names or IP addresses that may be private.
    pub allow_hosts: Vec<String>,
}

/// Why an address is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("this is no URL")]
    NotAUrl,
    #[error("the address must begin with https://")]
    NotHttps,
    #[error("the address must not hold a user name or password")]
    Credentials,
    #[error("the address leads into a network that is not public; see [outbound] allow_hosts")]
    NotPublic,
}

/// Why nothing was fetched. No address is repeated: it may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    #[error("it was answered with status {0}")]
    Status(u16),
    #[error("the document has more than {DOCUMENT_BYTES} bytes")]
    TooLong,
}

impl OutboundSettings {
    /// Relative files are seen from `base`; each is read, and each host too, so that a mistake is found at the start. The
    /// error begins with the key.
    pub fn beside(mut self, base: &Path) -> Result<Self, String> {
        for path in &mut self.trust_anchors {
            *path = base.join(&*path);
            anchors(path).map_err(|why| format!("outbound.trust_anchors: {why}"))?;
        }
        self.allowed()?;
        Ok(self)
    }

    fn allowed(&self) -> Result<BTreeSet<String>, String> {
        let wrong = |text: &str| format!("outbound.allow_hosts: \"{text}\" must be a host name or an IP address alone");
        let read = |text: &String| {
            let bare = text.parse::<Ipv6Addr>().map(Host::Ipv6);
            let host = bare.or_else(|_| Host::parse(text)).map_err(|_| wrong(text))?;
            // To a URL it is a letter like any other, but nobody means it so.
            if text.contains('*') {
                return Err(wrong(text));
            }
            Ok(host.to_string())
        };
        self.allow_hosts.iter().map(read).collect()
    }
}

/// The guarded client. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Outbound {
    client: Client,
    allowed: Arc<BTreeSet<String>>,
}

impl Outbound {
    pub fn open(settings: &OutboundSettings, timeouts: Timeouts) -> Result<Self, CarrierError> {
        let allowed = Arc::new(settings.allowed().map_err(CarrierError)?);
        let mut certificates = Vec::new();
        for path in &settings.trust_anchors {
            certificates.extend(wire::certificates(path)?);
        }
        let client = wire::builder(timeouts)
            .tls_certs_merge(certificates)
            .https_only(true)
            // A proxy would resolve the name itself, and reach from inside what we may not.
            .no_proxy()
            .dns_resolver(Guard(Arc::clone(&allowed)))
            .build()
            .map_err(|e| CarrierError(wire::deepest(&e)))?;
        Ok(Self { client, allowed })
    }

    /// A POST to what somebody else has named, not yet sent.
    pub fn post(&self, address: &str) -> Result<RequestBuilder, Refused> {
        Ok(self.client.post(self.checked(address)?))
    }

    /// The document that is there: an answer of 200, whole.
    pub async fn get(&self, address: &str) -> Result<Vec<u8>, OutboundError> {
        let request = self.client.get(self.checked(address)?);
        let broken = |e: reqwest::Error| match refusal(&e) {
            Some(refused) => OutboundError::Refused(refused),
            None if e.is_timeout() => OutboundError::Unreachable("no answer in time".to_owned()),
            None => OutboundError::Unreachable(wire::short(&wire::deepest(&e))),
        };
        let mut response = request.send().await.map_err(broken)?;
        if response.status().as_u16() != 200 {
            return Err(OutboundError::Status(response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > DOCUMENT_BYTES {
                return Err(OutboundError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// What the resolver never sees is looked at here: an IP address stands in the URL itself. The URL standard writes its
    /// odd spellings (`0x7f.1`, `2130706433`) the usual way before we look.
    fn checked(&self, address: &str) -> Result<Url, Refused> {
        let url = Url::parse(address).map_err(|_| Refused::NotAUrl)?;
        if url.scheme() != "https" {
            return Err(Refused::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::Credentials);
        }
        let ip = match url.host().ok_or(Refused::NotAUrl)? {
            Host::Domain(_) => return Ok(url),
            Host::Ipv4(ip) => ip.into(),
            Host::Ipv6(ip) => ip.into(),
        };
        let allowed = url.host_str().is_some_and(|host| self.allowed.contains(host));
        if allowed || is_public(ip) {
            Ok(url)
        } else {
            Err(Refused::NotPublic)
        }
    }
}

/// Did the guard stop it on its way?
pub(super) fn refusal(error: &reqwest::Error) -> Option<Refused> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<Refused>() {
            return Some(*refused);
        }
        cause = error.source();
    }
    None
}

/// Resolves names as the system does, and keeps what may be connected to.
struct Guard(Arc<BTreeSet<String>>);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0.contains(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let fit: Vec<SocketAddr> = found.filter(|at| allowed || is_public(at.ip())).collect();
            if fit.is_empty() {
                return Err(Refused::NotPublic.into());
            }
            Ok::<Addrs, _>(Box::new(fit.into_iter()))
        })
    }
}
