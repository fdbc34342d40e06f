//! Passwords that are common or were stolen elsewhere, as a compact set: 18 bits for each, and one in 65,536 others is
//! taken for one of them. It holds fingerprints only: no password can be read out of it.
//!
//! ```text
//!   magic "csbreach", version u32, passwords u64, seed u64, segment u32, segments u32, fingerprints u16 each, SHA-256 of it all
//! ```
//! Numbers are little-endian.

use aws_lc_rs::digest;
use xorf::{BinaryFuse16, Descriptor, Filter};

use super::normal;
use crate::base::encoding::{same, sha256};

const MAGIC: &[u8; 8] = b"csbreach";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 36;
const CHECKSUM_BYTES: usize = 32;
/// Passwords of one set: what it is made of needs about 40 bytes of memory for each.
pub const MOST_PASSWORDS: usize = 1 << 28;
/// Bytes of a file: 18 bits for each password, and a little.
pub const LARGEST_BYTES: u64 = 640 << 20;
/// The largest segment that filters are built with.
const LARGEST_SEGMENT: u32 = 1 << 18;
/// A fingerprint stands in one of three segments.
const ARITY: u32 = 3;

/// What comes with the program; `NOTICE` says from what it was made.
static BUILT_IN: &[u8] = include_bytes!("common.filter");

pub struct Breached {
    passwords: u64,
    filter: BinaryFuse16,
}

impl std::fmt::Debug for Breached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Breached({} passwords)", self.passwords)
    }
}

/// Why a file is no set of passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error("is not a list that `countersign passwords build` has written")]
    NotOurs,
    #[error("was written by another version; build it anew with `countersign passwords build`")]
    Version,
    #[error("is damaged: its checksum does not fit")]
    Damaged,
    #[error("has a header that does not fit its length")]
    Shape,
    #[error("no password to build it from")]
    Empty,
    #[error("more than {MOST_PASSWORDS} passwords; take only those that were seen often")]
    TooMany,
    #[error("no filter could be built")]
    Unbuildable,
}

impl Breached {
    /// The common passwords that come with the program.
    pub fn built_in() -> Result<Self, FilterError> {
        Self::read(BUILT_IN)
    }

    /// A set of these keys (`key_of`, `key_of_sha1`).
    pub fn build(mut keys: Vec<u64>) -> Result<Self, FilterError> {
        keys.sort_unstable();
        keys.dedup();
        match keys.len() {
            0 => return Err(FilterError::Empty),
            n if n > MOST_PASSWORDS => return Err(FilterError::TooMany),
            _ => {}
        }
        let filter = BinaryFuse16::try_from(&keys).map_err(|_| FilterError::Unbuildable)?;
        let built = Self {
            passwords: keys.len() as u64,
            filter,
        };
        // It is the operator's only copy of a long list: that it holds what it was given is looked at, not believed.
        let holds_all = keys.iter().all(|key| built.filter.contains(key));
        (holds_all && fits(&built.filter))
            .then_some(built)
            .ok_or(FilterError::Unbuildable)
    }

    /// Reads a whole file. Allocates no more than the file is long, and believes nothing of it unchecked: a descriptor that
    /// does not fit would read beyond the fingerprints.
    pub fn read(file: &[u8]) -> Result<Self, FilterError> {
        if file.len() < HEADER_BYTES + CHECKSUM_BYTES || file[..8] != *MAGIC {
            return Err(FilterError::NotOurs);
        }
        let (content, checksum) = file.split_at(file.len() - CHECKSUM_BYTES);
        let u32_at = |at: usize| {
            content[at..at + 4]
                .iter()
                .rev()
                .fold(0u32, |n, b| n << 8 | u32::from(*b))
        };
        let u64_at = |at: usize| u64::from(u32_at(at + 4)) << 32 | u64::from(u32_at(at));
        if u32_at(8) != VERSION {
            return Err(FilterError::Version);
        }
        if !same(&sha256(content), checksum) {
            return Err(FilterError::Damaged);
        }
        let (pairs, odd) = content[HEADER_BYTES..].as_chunks::<2>();
        let segment = u32_at(28);
        let filter = BinaryFuse16 {
            descriptor: Descriptor {
                seed: u64_at(20),
                segment_length: segment,
                segment_length_mask: segment.wrapping_sub(1),
                segment_count_length: u32_at(32),
            },
            fingerprints: pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect(),
        };
        let passwords = u64_at(12);
        let plausible = passwords > 0 && passwords <= filter.fingerprints.len() as u64;
        (odd.is_empty() && plausible && fits(&filter))
            .then_some(Self { passwords, filter })
            .ok_or(FilterError::Shape)
    }

    /// The file that `read` reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        let d = &self.filter.descriptor;
        let mut file = Vec::with_capacity(HEADER_BYTES + 2 * self.filter.fingerprints.len() + CHECKSUM_BYTES);
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&VERSION.to_le_bytes());
        file.extend_from_slice(&self.passwords.to_le_bytes());
        file.extend_from_slice(&d.seed.to_le_bytes());
        file.extend_from_slice(&d.segment_length.to_le_bytes());
        file.extend_from_slice(&d.segment_count_length.to_le_bytes());
        for fingerprint in &self.filter.fingerprints {
            file.extend_from_slice(&fingerprint.to_le_bytes());
        }
        let checksum = sha256(&file);
        file.extend_from_slice(&checksum);
        file
    }

    /// How many different passwords it was built from.
    pub const fn passwords(&self) -> u64 {
        self.passwords
    }

    /// Is it one of them? No is certain; yes is wrong once in 65,536.
    pub fn contains(&self, password: &str) -> bool {
        self.filter.contains(&key_of(password))
    }
}

/// Does every index that a key can lead to lie within the fingerprints?
fn fits(filter: &BinaryFuse16) -> bool {
    let d = &filter.descriptor;
    let (segment, starts) = (d.segment_length, d.segment_count_length);
    let length = (ARITY - 1)
        .checked_mul(segment)
        .and_then(|more| more.checked_add(starts));
    segment.is_power_of_two()
        && segment <= LARGEST_SEGMENT
        && d.segment_length_mask == segment - 1
        && starts > 0
        && starts.is_multiple_of(segment)
        && length.and_then(|n| usize::try_from(n).ok()) == Some(filter.fingerprints.len())
}

/// What stands for a password: the first 64 bits of SHA-1 over its NFC form. SHA-1 because the public collections of breached
/// passwords are made with it; here it hides nothing and proves nothing.
pub fn key_of(password: &str) -> u64 {
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, normal(password).as_bytes());
    hash.as_ref()
        .iter()
        .take(8)
        .fold(0, |key, byte| key << 8 | u64::from(*byte))
}

/// The same from a SHA-1 that somebody else has made, 40 hexadecimal digits.
pub fn key_of_sha1(hex: &str) -> Option<u64> {
    let sha1 = hex.len() == 40 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    sha1.then(|| u64::from_str_radix(&hex[..16], 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn some(n: usize) -> Breached {
        Breached::build((0..n).map(|i| key_of(&format!("password {i}"))).collect()).unwrap()
    }

    #[test]
    fn a_set_holds_what_it_was_built_from_and_hardly_anything_else() {
        for n in [1, 2, 3, 5, 100, 20_000] {
            let set = some(n);
            assert_eq!(set.passwords(), n as u64);
            let again = Breached::read(&set.to_bytes()).unwrap();
            assert!((0..n).all(|i| again.contains(&format!("password {i}"))), "{n}");
            let wrong = (0..100_000).filter(|i| again.contains(&format!("another {i}"))).count();
            // 1.5 are expected.
            assert!(wrong < 20, "{wrong} of 100,000 with {n}");
        }
        assert_eq!(Breached::build(Vec::new()).err(), Some(FilterError::Empty));
        let twice = Breached::build(vec![key_of("a"), key_of("a"), key_of("b")]).unwrap();
        assert_eq!(twice.passwords(), 2);
    }

    #[test]
    fn a_hash_of_a_public_collection_is_the_same_key() {
        // SHA-1 of "password".
        let sha1 = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8";
        assert_eq!(key_of_sha1(sha1), Some(key_of("password")));
        assert_eq!(key_of_sha1(&sha1.to_lowercase()), Some(key_of("password")));
        for bad in [
            "",
            "5BAA61E4C9B93F3F",
            &format!("{sha1}0"),
            "+BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8",
        ] {
            assert_eq!(key_of_sha1(bad), None, "{bad}");
        }
        assert_eq!(key_of("p\u{e9}rez"), key_of("pe\u{301}rez"), "as it is hashed: in NFC");
    }

    #[test]
    fn the_built_in_list_is_whole() {
        let list = Breached::built_in().unwrap();
        assert!(list.passwords() > 19_000, "{list:?}");
        for common in ["password", "123456789", "qwertyuiop", "iloveyou"] {
            assert!(list.contains(common), "{common}");
        }
        assert!(!list.contains("gk7#Lq2wVx9$rmZ"));
    }

    /// The content with a checksum that fits.
    fn sealed(mut content: Vec<u8>) -> Vec<u8> {
        let checksum = sha256(&content);
        content.extend_from_slice(&checksum);
        content
    }

    #[test]
    fn files_that_are_none_are_refused_with_the_reason() {
        let good = some(50).to_bytes();
        let content = good[..good.len() - CHECKSUM_BYTES].to_vec();
        let changed = |at: usize, bytes: &[u8]| {
            let mut content = content.clone();
            content[at..at + bytes.len()].copy_from_slice(bytes);
            sealed(content)
        };
        for (file, error) in [
            (Vec::new(), FilterError::NotOurs),
            (b"password\n123456\n".repeat(9), FilterError::NotOurs),
            (good[..60].to_vec(), FilterError::NotOurs),
            (good[..good.len() - 1].to_vec(), FilterError::Damaged),
            (changed(8, &[2]), FilterError::Version),
            (changed(12, &[0; 8]), FilterError::Shape),
            (changed(12, &[0xff; 8]), FilterError::Shape),
            (changed(28, &[0; 4]), FilterError::Shape),
            (changed(28, &[3, 0, 0, 0]), FilterError::Shape),
            (changed(28, &[0, 0, 0, 0x80]), FilterError::Shape),
            (changed(32, &[0; 4]), FilterError::Shape),
            (changed(32, &[0xff; 4]), FilterError::Shape),
            (sealed([&content[..], &[0]].concat()), FilterError::Shape),
            (sealed([&content[..], &[0, 0]].concat()), FilterError::Shape),
        ] {
            assert_eq!(Breached::read(&file).err(), Some(error));
        }
        let mut bit = good;
        bit[100] ^= 1;
        assert_eq!(Breached::read(&bit).err(), Some(FilterError::Damaged));
    }

    proptest! {
        /// A checksum is no proof of good will: what it covers may be anything.
        #[test]
        fn whatever_the_header_says_no_index_leaves_the_fingerprints(
            header in prop::collection::vec(any::<u8>(), HEADER_BYTES - 12),
            segment in prop_oneof![any::<u32>(), (0u32..20).prop_map(|n| 1 << n)],
            segments in 0u32..8,
            length in 0usize..400,
        ) {
            let mut content = some(1).to_bytes()[..12].to_vec();
            content.extend(header);
            content[28..32].copy_from_slice(&segment.to_le_bytes());
            content[32..36].copy_from_slice(&segments.wrapping_mul(segment).to_le_bytes());
            content.extend(vec![0u8; length]);
            if let Ok(set) = Breached::read(&sealed(content)) {
                for i in 0..200 {
                    let _ = set.contains(&i.to_string());
                }
            }
        }
    }
}
