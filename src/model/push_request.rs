//! What waits for an answer on a phone, and when no more may be sent there.

use crate::base::{AuthorizationId, Seconds, Timestamp, UserId};

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
