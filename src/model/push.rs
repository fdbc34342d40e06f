//! A phone that approves sign-ins: where messages reach it.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::base::encoding::{base64url, sha256};
use crate::base::{AuthorizationId, Seconds, Timestamp, UserId};

/// Where a device's push service takes messages for it, in the words of the protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PushAddress {
    /// RFC 8030, with the keys of RFC 8291.
    Webpush {
        endpoint: String,
        p256dh: String,
        auth: String,
    },
    Apns {
        token: String,
    },
    Fcm {
        token: String,
    },
}

impl PushAddress {
    /// Could a message go there? What a device says ends in requests that this server makes: no address of its own
    /// network (unless it is a sandbox, whose push service may stand beside it), and nothing that is more than a token.
    pub fn check(&self, sandbox: bool) -> Result<(), &'static str> {
        match self {
            Self::Webpush { endpoint, p256dh, auth } => {
                if !is_endpoint(endpoint, sandbox) {
                    return Err("endpoint");
                }
                let keys = [p256dh, auth].iter().all(|key| is_token(key, LONGEST_KEY));
                keys.then_some(()).ok_or("keys")
            }
            Self::Apns { token } | Self::Fcm { token } => is_token(token, LONGEST_TOKEN).then_some(()).ok_or("token"),
        }
    }

    /// What it is found by when its push service says that it is gone.
    pub fn hash(&self) -> String {
        let at = match self {
            Self::Webpush { endpoint, .. } => endpoint,
            Self::Apns { token } | Self::Fcm { token } => token,
        };
        base64url(&sha256(at.as_bytes()))
    }
}

/// Characters of an endpoint.
const LONGEST_ENDPOINT: usize = 2048;
/// Characters of a token of APNs or FCM; both say that it may grow.
const LONGEST_TOKEN: usize = 4096;
/// Characters of a key of RFC 8291: 65 bytes, with room for padding.
const LONGEST_KEY: usize = 96;

fn is_token(text: &str, longest: usize) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b'=' | b'+');
    !text.is_empty() && text.len() <= longest && text.bytes().all(fits)
}

/// RFC 8030 §8: https; push services have names, in the public DNS.
fn is_endpoint(endpoint: &str, sandbox: bool) -> bool {
    let Ok(url) = Url::parse(endpoint) else { return false };
    let named = match url.host() {
        Some(Host::Domain(name)) => name.contains('.') && !name.trim_end_matches('.').ends_with(".localhost"),
        _ => false,
    };
    let plain = url.username().is_empty() && url.password().is_none();
    endpoint.len() <= LONGEST_ENDPOINT && url.scheme() == "https" && (named || sandbox) && plain
}

/// The app on a device, as it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct App {
    pub name: String,
    pub version: String,
    /// `web`, `ios`, `android`, `terminal` …
    pub platform: String,
    pub os: String,
}

/// What is known of a phone beside its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PhoneFacts {
    pub app: App,
    /// It has stated, signed, that it was unlocked for an answer.
    pub unlocks: bool,
}

/// A request to a device: one question, answered once.
///
/// ```text
///   waiting ── approved ──► used: its proof is in a session
///      │  └──── denied, reported ("this was not me"), mismatched (too many wrong numbers)
///      └─ withdrawn: another one took its place; out of time
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    Waiting,
    Approved,
    Denied,
    Reported,
    Mismatched,
    Withdrawn,
    Used,
}

impl RequestState {
    const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Approved,
        Self::Denied,
        Self::Reported,
        Self::Mismatched,
        Self::Withdrawn,
        Self::Used,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Reported => "reported",
            Self::Mismatched => "mismatched",
            Self::Withdrawn => "withdrawn",
            Self::Used => "used",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushRequest {
    pub id: String,
    pub authorization: AuthorizationId,
    pub user: UserId,
    /// An authenticator, or an enrolment that becomes one under the same id.
    pub device: String,
    /// Sealed: nonce, number, what is shown.
    pub sealed: Vec<u8>,
    pub state: RequestState,
    /// Wrong numbers so far.
    pub tries: i64,
    /// What the device has signed.
    pub answer: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub answered_at: Option<Timestamp>,
}

/// Requests that were not approved, within `BURST_WINDOW` (800-63B-4 §3.1.3.2 asks for a limit) …
pub const BURST: usize = 3;
pub const BURST_WINDOW: Seconds = Seconds::minutes(10);
/// … and within `DAY`.
pub const DAILY: usize = 10;
pub const DAY: Seconds = Seconds::hours(24);
/// Denials in a row, after which another method has to succeed first.
pub const DENIALS: usize = 2;

/// What became of earlier requests of one account: enough to tell whether one more may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    pub state: RequestState,
    pub created_at: Timestamp,
}

/// Why none may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restraint {
    /// For so long.
    Wait(Seconds),
    /// Until another method was used.
    OtherMethod,
}

/// May one more request be sent? `past`: those of the last day. `proved_otherwise`: when this person last proved themself
/// with something that is neither a phone nor a password (whoever bombs a phone has the password).
pub fn restraint(past: &[Past], proved_otherwise: Option<Timestamp>, now: Timestamp) -> Option<Restraint> {
    let good = |p: &&Past| matches!(p.state, RequestState::Approved | RequestState::Used);
    let last_good = past.iter().filter(good).map(|p| p.created_at).max();
    let since = last_good.max(proved_otherwise);
    let mut bad: Vec<&Past> = past.iter().filter(|p| !good(p)).collect();
    bad.retain(|p| since.is_none_or(|since| p.created_at > since) && !p.created_at.older_than(DAY, now));
    let said_no = |p: &&&Past| matches!(p.state, RequestState::Denied | RequestState::Reported);
    if bad.iter().filter(said_no).count() >= DENIALS {
        return Some(Restraint::OtherMethod);
    }
    bad.sort_by_key(|p| std::cmp::Reverse(p.created_at));
    let full = |most: usize, window: Seconds| {
        let oldest = bad.get(most - 1)?;
        let free = oldest.created_at.plus(window);
        (free > now).then(|| now.seconds_until(free))
    };
    let wait = full(DAILY, DAY).max(full(BURST, BURST_WINDOW));
    wait.map(Restraint::Wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn ago(minutes: i64, state: RequestState) -> Past {
        Past {
            state,
            created_at: NOW.minus(Seconds::minutes(minutes)),
        }
    }

    #[test]
    fn messages_go_to_push_services_and_nowhere_else() {
        let web = |endpoint: &str| PushAddress::Webpush {
            endpoint: endpoint.to_owned(),
            p256dh: "BN-_".to_owned(),
            auth: "AA==".to_owned(),
        };
        assert_eq!(web("https://updates.push.example/wpush/v2/abc").check(false), Ok(()));
        for inside in [
            "http://push.example/a",
            "https://localhost/a",
            "https://a.localhost./a",
            "https://127.0.0.1/a",
            "https://2130706433/a",
            "https://[::1]/a",
            "https://intranet/a",
            "https://user:pw@push.example/a",
            "file:///etc/passwd",
        ] {
            assert_eq!(web(inside).check(false), Err("endpoint"), "{inside}");
        }
        assert_eq!(web("https://127.0.0.1:8443/a").check(true), Ok(()));
        assert!(web("http://127.0.0.1:8443/a").check(true).is_err());
        let apns = |token: &str| PushAddress::Apns {
            token: token.to_owned(),
        };
        assert_eq!(apns("0a1b").check(true), Ok(()));
        assert!(
            ["", "../x", "a/b", "a\r\nb"]
                .iter()
                .all(|t| apns(t).check(true).is_err())
        );
    }

    #[test]
    fn three_unanswered_requests_in_ten_minutes_are_enough() {
        let two = [ago(9, RequestState::Withdrawn), ago(1, RequestState::Waiting)];
        assert_eq!(restraint(&two, None, NOW), None);
        let three = [two[0], two[1], ago(5, RequestState::Mismatched)];
        assert_eq!(restraint(&three, None, NOW), Some(Restraint::Wait(Seconds::minutes(1))));
    }

    #[test]
    fn ten_a_day_are_enough_and_an_approval_begins_anew() {
        let mut day: Vec<Past> = (1..=10).map(|n| ago(n * 60, RequestState::Withdrawn)).collect();
        assert_eq!(restraint(&day, None, NOW), Some(Restraint::Wait(Seconds::hours(14))));
        day.push(ago(59, RequestState::Used));
        assert_eq!(restraint(&day, None, NOW), None);
    }

    #[test]
    fn who_said_no_twice_is_not_asked_again_until_something_else_succeeded() {
        let said = [ago(300, RequestState::Denied), ago(200, RequestState::Reported)];
        assert_eq!(restraint(&said, None, NOW), Some(Restraint::OtherMethod));
        let earlier = NOW.minus(Seconds::minutes(250));
        assert_eq!(restraint(&said, Some(earlier), NOW), None);
    }
}
