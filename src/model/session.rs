//! One browser's session: a list of factor events, nothing derived.

use crate::base::{Seconds, SessionId, Timestamp, UserId};
use crate::policy::FactorEvent;

/// No session outlives this, whatever is done in it (800-63B-4 §2.1.3).
pub const SESSION_LIFETIME: Seconds = Seconds::days(30);
/// `last_active` is written at most this often: a page view need not cost a commit.
pub const ACTIVITY_GRAIN: Seconds = Seconds::minutes(1);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    pub events: Vec<FactorEvent>,
    pub created_at: Timestamp,
    pub last_active: Timestamp,
}

impl Session {
    pub const fn alive(&self, now: Timestamp) -> bool {
        !self.created_at.older_than(SESSION_LIFETIME, now)
    }

    /// After so long without activity what was proved before counts for nothing that has an idle limit
    /// (800-63B-4 §2.2.3: 1 hour, §2.3.3: 15 minutes); it must not come back to life by later activity.
    fn idle_limit(&self) -> Seconds {
        if self.events.iter().any(|e| e.proof.hardware) {
            Seconds::minutes(15)
        } else {
            Seconds::hours(1)
        }
    }

    /// May activity at `now` be written down? Not once it has idled: only a new proof wakes it.
    pub fn may_touch(&self, now: Timestamp) -> bool {
        !self.last_active.older_than(self.idle_limit(), now)
    }

    /// Adds an event; of the older ones, only those that could still back an acr stay.
    pub fn record(&mut self, event: FactorEvent) {
        if !self.may_touch(event.at) {
            self.events.clear();
        }
        // The newest event of an authenticator vouches for at least as much as its older ones
        // outside their own ceremony; this many hold several of every method.
        const KEPT_EVENTS: usize = 24;
        self.last_active = self.last_active.max(event.at);
        self.events.push(event);
        let surplus = self.events.len().saturating_sub(KEPT_EVENTS);
        self.events.drain(..surplus);
    }
}
