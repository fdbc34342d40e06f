//! How failures slow a guesser down (800-63B-4 §3.2.2), the same for every factor.

use crate::base::{Seconds, Timestamp};

/// Consecutive failures that cost nothing but a "try again".
pub const FREE_TRIES: i64 = 10;
/// Consecutive failures after which the authenticator is disabled and must be bound again.
/// 800-63B-4 §3.2.2 allows no more than 100.
pub const LAST_TRY: i64 = 100;
/// The first pause, doubled by each further failure …
pub const FIRST_PAUSE: Seconds = Seconds(30);
/// … up to this one.
pub const LONGEST_PAUSE: Seconds = Seconds::hours(1);

/// Whose failures are counted. The password is counted by the name that was typed, whether or not
/// somebody has it: otherwise the pause would tell which names exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThrottleKey(String);

impl ThrottleKey {
    pub fn login(name_key: &str) -> Self {
        Self(format!("login:{}", crate::base::encoding::hash_token(name_key)))
    }
    /// The same name, tried from a browser that has signed in to it before. Strangers cannot pause it: else
    /// anybody could keep a doctor out by typing wrong passwords.
    pub fn known_login(name_key: &str) -> Self {
        Self(format!("known-login:{}", crate::base::encoding::hash_token(name_key)))
    }
    pub fn authenticator(id: &crate::base::AuthenticatorId) -> Self {
        Self(format!("authenticator:{id}"))
    }
    /// All second factors of one account together: spreading guesses over devices wins nothing.
    pub fn account(id: &crate::base::UserId) -> Self {
        Self(format!("account:{id}"))
    }
    /// Codes that were sent to an address which is not yet the account's.
    pub fn address(id: &crate::base::UserId) -> Self {
        Self(format!("address:{id}"))
    }
    /// Codes that were sent to this address to prove it, whatever for and in whichever letter.
    pub fn mailed_code(address_key: &str) -> Self {
        Self(format!(
            "mailed-code:{}",
            crate::base::encoding::hash_token(address_key)
        ))
    }
    /// Codes of one letter.
    pub fn ticket(hash: &str) -> Self {
        Self(format!("ticket:{hash}"))
    }
    /// Letters that are asked for: `whom` is an address of the mail or of the network.
    pub fn letters(purpose: &str, whom: &str, window: i64) -> Self {
        let hash = crate::base::encoding::hash_token(whom);
        Self(format!("letters:{purpose}:{hash}:{window}"))
    }
    /// Numbers that a person wants to set up, each of which somebody is asked about.
    pub fn numbers(id: &crate::base::UserId, window: i64) -> Self {
        Self(format!("numbers:{id}:{window}"))
    }
    /// Clients that register from one place, or change again and again.
    pub fn registrations(whom: &str, window: i64) -> Self {
        let hash = crate::base::encoding::hash_token(whom);
        Self(format!("registrations:{hash}:{window}"))
    }
    /// Codes of devices that nobody was shown: typed by one browser, from one network address, by anybody.
    pub fn device_codes(whom: &str, window: i64) -> Self {
        let hash = crate::base::encoding::hash_token(whom);
        Self(format!("device-codes:{hash}:{window}"))
    }
    /// Names of people whom a client could not have asked (CIBA).
    pub fn hints(client: &crate::base::ClientId) -> Self {
        Self(format!("hints:{client}"))
    }
    /// Nobody's failures: held while it is seen to that a number becomes one account's only.
    pub fn number(hash: &str) -> Self {
        Self(format!("number:{hash}"))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for ThrottleKey {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// The count as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Throttle {
    pub failures: i64,
    pub blocked_until: Option<Timestamp>,
}

impl Throttle {
    /// May a try be made now? If not: how long until it may.
    pub fn wait(&self, now: Timestamp) -> Option<Seconds> {
        self.blocked_until
            .filter(|until| *until > now)
            .map(|until| now.seconds_until(until))
    }
    /// Of two counters the one that stands worse.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if (other.blocked_until, other.failures) > (self.blocked_until, self.failures) {
            other
        } else {
            self
        }
    }
    pub fn tries_left(&self) -> i64 {
        (FREE_TRIES - self.failures).max(0)
    }
    pub const fn exhausted(&self) -> bool {
        self.failures >= LAST_TRY
    }
}

/// The pause that follows failure number `failures`.
pub fn pause_after(failures: i64) -> Option<Seconds> {
    let beyond = failures - FREE_TRIES;
    if beyond < 0 {
        return None;
    }
    let doubled = FIRST_PAUSE.0.saturating_mul(1 << beyond.min(20));
    Some(Seconds(doubled.min(LONGEST_PAUSE.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_failures_are_free_and_the_tenth_pauses() {
        assert_eq!(pause_after(9), None);
        assert_eq!(pause_after(10), Some(Seconds(30)));
        assert_eq!(pause_after(11), Some(Seconds(60)));
        assert_eq!(pause_after(99), Some(LONGEST_PAUSE));
    }

    #[test]
    fn a_pause_ends_exactly_when_it_says() {
        let t = Throttle {
            failures: 10,
            blocked_until: Some(Timestamp::from_secs(100)),
        };
        assert_eq!(t.wait(Timestamp::from_secs(70)), Some(Seconds(30)));
        assert_eq!(t.wait(Timestamp::from_secs(100)), None);
    }
}
