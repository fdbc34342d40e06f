//! Who is at the door: what a request's connection and cookies say.

use super::provider::Provider;
use crate::base::encoding::{base64url, from_base64url, hash_token};
use crate::keys::SealError;

const KNOWN_BROWSER: &str = "known-browser";

/// What a browser is given once somebody has signed in with it.
pub fn acquaintance(op: &Provider, name_key: &str) -> Result<String, SealError> {
    Ok(base64url(&op.sealer.keyed_hash(KNOWN_BROWSER, name_key.as_bytes())?))
}

/// Text of a client that is kept is no longer than this (characters).
const LONGEST_USER_AGENT: usize = 256;

#[derive(Clone, Debug, Default)]
pub struct Visitor {
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// The session cookie, as sent.
    pub session: Option<String>,
    /// What a browser keeps that has signed in: see `knows`.
    pub known: Option<String>,
    /// The cookie of a browser that somebody asked us to remember.
    pub remembered: Option<String>,
    /// The cookie that ties an authorization to the browser that began it.
    pub browser: Option<String>,
}

impl Visitor {
    pub fn session_hash(&self) -> Option<String> {
        self.session.as_deref().map(hash_token)
    }
    /// Has this browser signed in to this name before? Then strangers' failures do not keep it out.
    pub fn knows(&self, op: &Provider, name_key: &str) -> bool {
        let kept = self.known.as_deref().and_then(from_base64url);
        kept.is_some_and(|kept| op.sealer.keyed_hash_matches(KNOWN_BROWSER, name_key.as_bytes(), &kept))
    }
    pub fn browser_hash(&self) -> Option<String> {
        self.browser.as_deref().map(hash_token)
    }
    pub fn short_user_agent(&self) -> Option<String> {
        self.user_agent
            .as_ref()
            .map(|ua| ua.chars().take(LONGEST_USER_AGENT).collect())
    }
}
