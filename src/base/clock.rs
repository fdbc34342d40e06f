//! The only place that asks the system what time it is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const MICROS: i64 = 1_000_000;

/// A length of time in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub i64);

impl Seconds {
    pub const fn minutes(n: i64) -> Self {
        Self(n * 60)
    }
    pub const fn hours(n: i64) -> Self {
        Self(n * 3600)
    }
    pub const fn days(n: i64) -> Self {
        Self(n * 86_400)
    }
    pub fn as_std(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.0.max(0).unsigned_abs())
    }
}

/// A moment, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(MICROS))
    }
    pub const fn micros(self) -> i64 {
        self.0
    }
    /// Whole seconds since the epoch, rounded down: JWT's NumericDate (RFC 7519 §2).
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(MICROS)
    }
    #[must_use]
    pub const fn plus(self, s: Seconds) -> Self {
        Self(self.0.saturating_add(s.0.saturating_mul(MICROS)))
    }
    #[must_use]
    pub const fn minus(self, s: Seconds) -> Self {
        Self(self.0.saturating_sub(s.0.saturating_mul(MICROS)))
    }
    /// Has more than `age` passed between `self` and `now`? A moment in the future is not old.
    pub const fn older_than(self, age: Seconds, now: Self) -> bool {
        now.0.saturating_sub(self.0) > age.0.saturating_mul(MICROS)
    }
    /// Seconds from `self` until `later`, rounded up, never below zero.
    pub const fn seconds_until(self, later: Self) -> Seconds {
        let micros = later.0.saturating_sub(self.0);
        Seconds(if micros <= 0 { 0 } else { (micros + MICROS - 1) / MICROS })
    }
    /// RFC 3339 in UTC with microseconds as needed.
    pub fn rfc3339(self) -> String {
        self.calendar().format(&Rfc3339).unwrap_or_else(|_| self.0.to_string())
    }
    /// The UTC calendar; a moment outside years -9999..9999 becomes the epoch.
    pub fn calendar(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let t = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(t.unix_timestamp_nanos() / 1000).ok().map(Self)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// Time is an argument everywhere; this is where it comes from.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The system's clock, plus what the sandbox was told to add. Clones share the offset.
#[derive(Clone, Debug, Default)]
pub struct SystemClock {
    offset_micros: Arc<AtomicI64>,
}

impl SystemClock {
    /// Moves the clock (sandbox only; forwards and backwards).
    pub fn advance(&self, by: Seconds) {
        self.offset_micros
            .fetch_add(by.0.saturating_mul(MICROS), Ordering::SeqCst);
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one call to the system time")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        Timestamp(micros.saturating_add(self.offset_micros.load(Ordering::SeqCst)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_becomes_old_only_after_its_age() {
        let t = Timestamp::from_secs(1000);
        assert!(!t.older_than(Seconds(120), Timestamp::from_secs(1120)));
        assert!(t.older_than(Seconds(120), Timestamp::from_micros(1_120_000_001)));
        assert!(!t.older_than(Seconds(0), Timestamp::from_secs(999)));
    }

    #[test]
    fn calendar_text_comes_back_as_the_same_moment() {
        let t = Timestamp::from_micros(1_700_000_000_123_456);
        assert_eq!(Timestamp::parse_rfc3339(&t.rfc3339()), Some(t));
    }
}
