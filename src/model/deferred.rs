//! What a client has asked for without sending a browser, and polls for at the token endpoint.

use crate::base::{ClientId, Seconds, Timestamp};
use crate::protocol::authorize::AuthorizationRequest;

/// How long a device waits for somebody to type its code and sign in.
pub const DEVICE_LIFETIME: Seconds = Seconds::minutes(15);
/// How long somebody may take to look at their phone; see also `factors::push::LIFETIME`.
pub const BACKCHANNEL_LIFETIME: Seconds = Seconds::minutes(5);
/// RFC 8628 §3.2, CIBA Core §7.3: what is usual between two polls.
pub const POLL_PAUSE: Seconds = Seconds(5);
/// RFC 8628 §3.5: by how much the pause grows with each poll that came too early, for good.
pub const SLOW_DOWN: Seconds = Seconds(5);
/// What was granted in the last moment is there for so long.
pub const COLLECT: Seconds = Seconds(60);

/// Bounds of guesses at the codes of devices, each within `GUESS_WINDOW`: by one browser, from one network address, by
/// everybody together. There are 20^8 codes: whoever makes all the guesses there are meets one of a thousand open ones
/// with a chance of one in twenty-five thousand.
pub const GUESS_WINDOW: Seconds = Seconds::minutes(10);
pub const GUESSES_BY_BROWSER: i64 = 10;
pub const GUESSES_FROM_PLACE: i64 = 20;
pub const GUESSES_BY_ALL: i64 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RFC 8628.
    Device,
    /// CIBA Core 1.0.
    Backchannel,
}

/// ```text
///   waiting ── granted: a grant stands under the same hash
///      │  └─── denied
///      └────── out of time
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeferredState {
    Waiting,
    Granted,
    Denied,
}

#[derive(Clone, Debug)]
pub struct Deferred {
    pub hash: String,
    pub kind: Kind,
    pub client: ClientId,
    pub request: AuthorizationRequest,
    pub user_code: Option<String>,
    pub origin: Option<String>,
    pub ping: Option<Vec<u8>>,
    pub state: DeferredState,
    /// Why it was denied, for the client's developer.
    pub why: Option<String>,
    pub pause: Seconds,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Backchannel => "backchannel",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Device, Self::Backchannel]
            .into_iter()
            .find(|k| k.as_str() == text)
    }
}

impl DeferredState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Granted => "granted",
            Self::Denied => "denied",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Waiting, Self::Granted, Self::Denied]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// Under what a grant is kept that a client polls for, in the place of the hash of a code: no code can have such a hash, so
/// that neither is taken for the other.
pub fn grant_key(hash: &str) -> String {
    format!("deferred {hash}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::encoding::hash_token;

    #[test]
    fn no_code_redeems_what_is_polled_for() {
        let key = grant_key(&hash_token("device code"));
        // The hash of whatever a client may send as a code is base64url: no space.
        assert!(key.contains(' ') && !hash_token(&key).contains(' '));
    }

    #[test]
    fn words_come_back() {
        for kind in [Kind::Device, Kind::Backchannel] {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        for state in [DeferredState::Waiting, DeferredState::Granted, DeferredState::Denied] {
            assert_eq!(DeferredState::parse(state.as_str()), Some(state));
        }
        assert_eq!(DeferredState::parse("used"), None);
    }
}
