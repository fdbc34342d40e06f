//! The only place that asks the system for randomness.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

use super::encoding::base64url;

/// Chance is an argument everywhere; this is where it comes from.
pub trait Entropy: Send + Sync {
    fn fill(&self, out: &mut [u8]);

    /// 256 random bits as base64url: codes, tokens, cookies (RFC 6749 §10.10 asks for 128).
    fn token(&self) -> String {
        let mut bytes = [0u8; 32];
        self.fill(&mut bytes);
        base64url(&bytes)
    }

    /// 128 random bits as base64url: identifiers that may be seen.
    fn id(&self) -> String {
        let mut bytes = [0u8; 16];
        self.fill(&mut bytes);
        base64url(&bytes)
    }

    /// A random UUID (RFC 9562 §5.4): its version and its variant are fixed, 122 bits are not.
    fn uuid(&self) -> String {
        let mut bytes = [0u8; 16];
        self.fill(&mut bytes);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = format!("{:032x}", u128::from_be_bytes(bytes));
        let [a, b, c, d, e] = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        format!("{a}-{b}-{c}-{d}-{e}")
    }

    /// `n` decimal digits (at most 18), each value equally likely.
    fn digits(&self, n: u32) -> String {
        let bound = 10u64.pow(n);
        // Rejection sampling: values above the last whole multiple would favour small codes.
        let limit = u64::MAX - u64::MAX % bound;
        loop {
            let mut bytes = [0u8; 8];
            self.fill(&mut bytes);
            let value = u64::from_be_bytes(bytes);
            if value < limit {
                return format!("{:0width$}", value % bound, width = n as usize);
            }
        }
    }
}

/// The operating system's generator through AWS-LC.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::expect_used,
        clippy::disallowed_methods,
        reason = "the one call to the RNG; without randomness nothing here may go on"
    )]
    fn fill(&self, out: &mut [u8]) {
        SystemRandom::new()
            .fill(out)
            .expect("the operating system gives no randomness");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);
    impl Entropy for Always {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    #[test]
    fn digits_keep_leading_zeroes() {
        assert_eq!(Always(0).digits(6), "000000");
    }

    #[test]
    fn uuids_say_their_version_and_variant() {
        assert_eq!(Always(0).uuid(), "00000000-0000-4000-8000-000000000000");
        assert_eq!(Always(0xff).uuid(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn tokens_differ_and_carry_256_bits() {
        let (a, b) = (SystemEntropy.token(), SystemEntropy.token());
        assert_ne!(a, b);
        assert_eq!(a.len(), 43);
    }
}
