//! Security keys and passkeys (WebAuthn Level 3). `webauthn-rs-core` checks what a browser answers; what is asked for,
//! what a key's registration shows, and which model counts as attested is decided here.
//! Knows nothing of pages and files: the options leave as JSON, metadata come as bytes.

mod attest;
mod blob;
mod chain;
mod enrol;
pub mod metadata;
pub mod models;
mod verify;
mod wire;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::Credential as CoreCredential;
use webauthn_rs_proto::AuthenticatorTransport;

use super::{Answer, Ask, Credential, Cx, Factor, Fresh, Kept, Memory, Opening, Person, Site, Start, Verdict, Wanted};
use crate::base::{Seconds, UserId};
use crate::model::MfaCode;
use crate::policy::Method;

/// How long a browser may wait for the key, and how long a challenge is good. WebAuthn §15.1 recommends 5 minutes.
pub const LIFETIME: Seconds = Seconds::minutes(5);
/// WebAuthn §5.4.3: a user handle has at most 64 bytes.
const USER_HANDLE_BYTES: usize = 64;

pub struct Webauthn;

/// What is sealed in the authenticator's secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Held {
    credential: CoreCredential,
    /// Whose it is: what the key itself says (`userHandle`) is compared with it.
    owner: UserId,
    /// How the browser reached it. Only a hint, so that next time it asks in the right place.
    #[serde(default)]
    transports: Vec<AuthenticatorTransport>,
}

impl Held {
    fn read(credential: &Credential) -> Option<Self> {
        serde_json::from_slice(credential.secret.expose()).ok()
    }

    fn hints(&self) -> Option<Vec<AuthenticatorTransport>> {
        Some(self.transports.clone()).filter(|t| !t.is_empty())
    }
}

/// Where keys are asked for.
struct Place {
    core: WebauthnCore,
    /// As browsers write it into the client data (RFC 6454 §6.2).
    origin: String,
}

impl Place {
    /// `None` where the issuer's host is an address: a relying party is a domain (WebAuthn §5.1.2).
    fn of(site: &Site) -> Option<Self> {
        let url = Url::parse(&site.issuer).ok()?;
        let id = url.domain()?;
        let origin = url.origin();
        let allowed = Url::parse(&origin.ascii_serialization()).ok()?;
        // One origin: no subdomain and no other port speaks for us (WebAuthn §13.4.9).
        let core = WebauthnCore::new_unsafe_experts_only(
            &site.name,
            id,
            vec![allowed],
            Duration::from_secs(LIFETIME.0.unsigned_abs()),
            Some(false),
            Some(false),
        );
        Some(Self {
            core,
            origin: origin.ascii_serialization(),
        })
    }
}

/// A model's identifier, as metadata and policies write it: lower-case with hyphens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Aaguid([u8; 16]);

impl Aaguid {
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Accepts both cases, and only the form with hyphens.
    pub fn parse(text: &str) -> Option<Self> {
        let hyphens = [8, 13, 18, 23];
        let fits = |(i, b): (usize, u8)| {
            if hyphens.contains(&i) {
                b == b'-'
            } else {
                b.is_ascii_hexdigit()
            }
        };
        if text.len() != 36 || !text.bytes().enumerate().all(fits) {
            return None;
        }
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        u128::from_str_radix(&digits, 16).ok().map(|n| Self(n.to_be_bytes()))
    }

    /// All zero: the key does not say (WebAuthn §6.5.1), and speaks for no model.
    pub fn is_nothing(&self) -> bool {
        self.0 == [0; 16]
    }
}

impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            let hyphen = if matches!(i, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{hyphen}{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Factor for Webauthn {
    fn method(&self) -> Method {
        Method::Webauthn
    }

    fn memory(&self) -> Memory {
        Memory::Page
    }

    fn start_enrolment(
        &self,
        cx: &Cx<'_>,
        person: &Person<'_>,
        held: &[Credential],
        _: &Wanted,
    ) -> Result<Start, MfaCode> {
        enrol::start(cx, person, held).ok_or(MfaCode::MethodRefused)
    }

    fn show_enrolment(&self, _: &Cx<'_>, kept: &Kept) -> String {
        enrol::show(kept).unwrap_or_default()
    }

    fn finish_enrolment(&self, cx: &Cx<'_>, kept: &Kept, answer: &Answer) -> Result<Fresh, MfaCode> {
        enrol::finish(cx, kept, answer).map_err(|refusal| {
            // The person gets the code; whoever is asked for help needs the reason.
            tracing::info!(reason = %refusal, code = %refusal.code(), "a security key was not enrolled");
            refusal.code()
        })
    }

    fn open(&self, cx: &Cx<'_>, ask: &Ask<'_>) -> Opening {
        verify::open(cx, ask).unwrap_or(Opening::NOTHING)
    }

    fn check(&self, cx: &Cx<'_>, kept: Option<&Kept>, _: &Credential, all: &[Credential], answer: &Answer) -> Verdict {
        verify::check(cx, kept, all, answer)
    }
}

/// Whose key the answer says that it is (`userHandle`). Only a claim until it is checked.
pub fn owner(answer: &str) -> Option<UserId> {
    let handle = wire::Assertion::read(answer)?.user_handle?;
    let text = String::from_utf8(handle).ok()?;
    Some(UserId::new(text)).filter(|id| !id.as_str().is_empty() && id.as_str().len() <= USER_HANDLE_BYTES)
}
