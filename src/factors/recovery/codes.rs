//! The codes themselves: how they are made, read back, and kept.

use serde::{Deserialize, Serialize};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::base::encoding::{base64url, from_base64url, sha256};
use crate::base::{Entropy, Secret};

/// Codes of one list.
pub const CODES: usize = 10;
/// Random bytes of a code. 80 bits: 800-63B-4 §4.2.1.1 asks for 64 of a saved recovery code; under 112 bits it is kept
/// salted and hashed (§3.1.2.2).
const CODE_BYTES: usize = 10;
/// Characters of a code without its hyphens: five bits each.
const CODE_CHARS: usize = CODE_BYTES * 8 / 5;
/// Characters between two hyphens.
const GROUP_CHARS: usize = 4;
/// Characters that are looked at: a code with a blank or hyphen around every character.
const LONGEST_TYPED: usize = CODE_CHARS * 4;
/// Random bytes that make equal codes of two lists unequal hashes; 800-63B-4 §3.1.2.2 asks for 4.
const SALT_BYTES: usize = 16;
/// Crockford's letters: without I, L, O (they look like 1 and 0) and U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Stands for "none" where an index is selected in constant time.
const NOWHERE: u32 = u32::MAX;

/// What is sealed in the authenticator's secret.
#[derive(Serialize, Deserialize)]
pub struct List {
    /// base64url.
    salt: String,
    codes: Vec<Entry>,
}

/// Used ones stay, so that a replay is recorded as one.
#[derive(Serialize, Deserialize)]
struct Entry {
    /// SHA-256 of the salt and the code, base64url.
    hash: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    used: bool,
}

/// What a code is in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Nothing,
    Unused,
    Used,
}

/// A whole list, as it is written down: `XXXX-XXXX-XXXX-XXXX`.
pub fn make(entropy: &dyn Entropy) -> Vec<Secret<String>> {
    let mut list: Vec<Secret<String>> = Vec::with_capacity(CODES);
    while list.len() < CODES {
        let code = make_one(entropy);
        if !list.iter().any(|other| other.expose() == code.expose()) {
            list.push(code);
        }
    }
    list
}

fn make_one(entropy: &dyn Entropy) -> Secret<String> {
    let mut bytes = Zeroizing::new([0u8; CODE_BYTES]);
    entropy.fill(&mut *bytes);
    let mut text = String::with_capacity(CODE_CHARS + CODE_CHARS / GROUP_CHARS);
    for i in 0..CODE_CHARS {
        if i > 0 && i % GROUP_CHARS == 0 {
            text.push('-');
        }
        text.push(char::from(LETTERS[five_bits(&bytes, i)]));
    }
    Secret::new(text)
}

/// The `i`th five bits, counted from the first.
fn five_bits(bytes: &[u8; CODE_BYTES], i: usize) -> usize {
    let at = i * 5;
    let two = u16::from(bytes[at / 8]) << 8 | u16::from(*bytes.get(at / 8 + 1).unwrap_or(&0));
    usize::from(two >> (11 - at % 8) & 31)
}

/// What was typed, as we wrote it but without hyphens; `None` if it cannot be a code. Case, blanks, hyphens, and letters
/// that look like digits are forgiven.
pub fn read(typed: &str) -> Option<Secret<String>> {
    let mut code = Zeroizing::new(String::with_capacity(CODE_CHARS));
    for c in typed.nfkc().take(LONGEST_TYPED) {
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c if c.is_whitespace() || matches!(c, '-' | '.' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}') => continue,
            c => c,
        };
        let known = u8::try_from(c).is_ok_and(|b| LETTERS.contains(&b));
        if !known || code.len() == CODE_CHARS {
            return None;
        }
        code.push(c);
    }
    (code.len() == CODE_CHARS && typed.nfkc().count() <= LONGEST_TYPED).then(|| Secret::new(code.to_string()))
}

impl List {
    /// `None` if one of them is no code of ours.
    pub fn of(entropy: &dyn Entropy, codes: &[Secret<String>]) -> Option<Self> {
        let mut salt = [0u8; SALT_BYTES];
        entropy.fill(&mut salt);
        let entry = |code: &Secret<String>| {
            Some(Entry {
                hash: base64url(&hash(&salt, &read(code.expose())?)),
                used: false,
            })
        };
        let codes: Vec<Entry> = codes.iter().map(entry).collect::<Option<_>>()?;
        (codes.len() == CODES).then(|| Self {
            salt: base64url(&salt),
            codes,
        })
    }

    pub fn from_secret(secret: &Secret<Vec<u8>>) -> Option<Self> {
        serde_json::from_slice(secret.expose()).ok()
    }

    pub fn to_secret(&self) -> Option<Secret<Vec<u8>>> {
        serde_json::to_vec(self).ok().map(Secret::new)
    }

    /// How many were not used yet.
    pub fn left(&self) -> u32 {
        self.codes.iter().filter(|e| !e.used).fold(0, |n, _| n + 1)
    }

    /// Marks the code as used, and says what it was. All are compared, each in constant time: how long it takes tells
    /// neither whether one fits nor which.
    pub fn spend(&mut self, code: &Secret<String>) -> Found {
        let Some(salt) = from_base64url(&self.salt) else {
            return Found::Nothing;
        };
        let given = base64url(&hash(&salt, code));
        let mut at = NOWHERE;
        for (i, entry) in (0u32..).zip(&self.codes) {
            let fits: Choice = entry.hash.as_bytes().ct_eq(given.as_bytes());
            at.conditional_assign(&i, fits);
        }
        match usize::try_from(at).ok().and_then(|at| self.codes.get_mut(at)) {
            None => Found::Nothing,
            Some(entry) if entry.used => Found::Used,
            Some(entry) => {
                entry.used = true;
                Found::Unused
            }
        }
    }
}

fn hash(salt: &[u8], code: &Secret<String>) -> [u8; 32] {
    let salted = Zeroizing::new([salt, code.expose().as_bytes()].concat());
    sha256(&salted)
}
