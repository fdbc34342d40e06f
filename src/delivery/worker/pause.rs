//! How long to wait before another try.

use std::time::Duration;

use crate::base::{Entropy, Seconds};
use crate::factors::Channel;

/// First pause before another try; it doubles from try to try.
const FIRST_PAUSE: Seconds = Seconds(2);
const LONGEST_PAUSE: Seconds = Seconds(60);
/// The same for notices to partners: nobody waits for one, and one that is down for a night need not be asked each minute.
const LONGEST_PAUSE_TO_PARTNERS: Seconds = Seconds::minutes(15);

/// 2 s, 4 s, 8 s … each between three quarters and five quarters of that, so that a carrier which comes back is not
/// met by everybody at once.
pub(super) fn pause_micros(attempts: i64, longest: Seconds, entropy: &dyn Entropy) -> i64 {
    let doublings = attempts.saturating_sub(1).clamp(0, 16);
    let seconds = (FIRST_PAUSE.0 << doublings).min(longest.0);
    let spread = Duration::from_secs(seconds.unsigned_abs()).mul_f64(0.75 + chance(entropy) / 2.0);
    i64::try_from(spread.as_micros()).unwrap_or(i64::MAX)
}

pub(super) const fn longest(channel: Channel) -> Seconds {
    match channel {
        Channel::Logout => LONGEST_PAUSE_TO_PARTNERS,
        _ => LONGEST_PAUSE,
    }
}

/// From 0 to 1.
pub(super) fn chance(entropy: &dyn Entropy) -> f64 {
    let mut bytes = [0u8; 4];
    entropy.fill(&mut bytes);
    f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Same(u8);
    impl Entropy for Same {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    #[test]
    fn pauses_double_up_to_a_bound_and_spread() {
        let seconds = |attempts, byte| pause_micros(attempts, longest(Channel::Sms), &Same(byte)) / 10_000;
        let low: Vec<i64> = (1..=8).map(|n| seconds(n, 0)).collect();
        assert_eq!(low, [150, 300, 600, 1200, 2400, 4500, 4500, 4500]);
        assert_eq!(seconds(1, 255), 250);
        assert_eq!(seconds(i64::MAX, 255), 7500);
        assert_eq!(seconds(0, 0), 150);
        let to_partner = |attempts| pause_micros(attempts, longest(Channel::Logout), &Same(0)) / 1_000_000;
        assert_eq!([6, 9, 10, 99].map(to_partner), [48, 384, 675, 675]);
    }
}
