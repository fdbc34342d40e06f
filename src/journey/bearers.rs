//! Access tokens whose signature has been checked: the check costs more than the rest of userinfo.
//!
//! Kept is only what never changes of a token and its grant. That it has not expired, that neither it nor
//! its family was revoked and that its person may sign in is looked at each time. The cache lives and dies with the keys and the workspace it
//! was filled under (`Current`), so a key that is taken out of service takes its tokens with it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::encoding::sha256;
use crate::base::{ClientId, GrantId, Timestamp};
use crate::protocol::claims::Confirmation;

/// Tokens remembered at once (about half a KiB each); beyond it the cache starts anew.
const MOST: usize = 4096;

/// What is kept of a token.
pub struct Checked {
    pub grant: GrantId,
    /// Under what its own revocation would be written down.
    pub call_back: String,
    pub client: ClientId,
    pub expires_at: Timestamp,
    /// The claims that it opens.
    pub names: BTreeSet<String>,
    /// The claim `urn:countersign:evidence`, if it opens that.
    pub evidence: Option<serde_json::Value>,
    /// What it is bound to.
    pub cnf: Confirmation,
}

/// By SHA-256 of the token: the cache holds nothing that could be presented.
#[derive(Default)]
pub struct Bearers(Mutex<HashMap<[u8; 32], Arc<Checked>>>);

impl Bearers {
    pub fn find(&self, token: &str, now: Timestamp) -> Option<Arc<Checked>> {
        let known = self.lock().get(&sha256(token.as_bytes())).cloned();
        known.filter(|checked| checked.expires_at > now)
    }

    pub fn keep(&self, token: &str, checked: Checked) -> Arc<Checked> {
        let checked = Arc::new(checked);
        let mut all = self.lock();
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(sha256(token.as_bytes()), Arc::clone(&checked));
        checked
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Arc<Checked>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked() -> Checked {
        Checked {
            grant: GrantId::new("g"),
            call_back: String::new(),
            client: ClientId::new("c"),
            expires_at: Timestamp::from_micros(10),
            names: BTreeSet::new(),
            evidence: None,
            cnf: Confirmation::default(),
        }
    }

    #[test]
    fn an_expired_token_is_not_found() {
        let bearers = Bearers::default();
        bearers.keep("token", checked());
        assert!(bearers.find("token", Timestamp::from_micros(9)).is_some());
        assert!(bearers.find("token", Timestamp::from_micros(10)).is_none());
        assert!(bearers.find("another", Timestamp::from_micros(9)).is_none());
    }

    #[test]
    fn it_never_holds_more_than_its_bound() {
        let bearers = Bearers::default();
        for n in 0..=MOST {
            bearers.keep(&n.to_string(), checked());
        }
        assert!(bearers.lock().len() <= MOST);
        assert!(bearers.find(&MOST.to_string(), Timestamp::from_micros(1)).is_some());
    }
}
