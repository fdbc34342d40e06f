//! The device grant on the wire (RFC 8628): the code that a person carries by hand, and the answer that holds it.

use serde::Serialize;

use crate::base::{Entropy, Seconds, Secret};

/// RFC 8628 §6.1: no vowels, so that no words come about, and nothing that is taken for something else.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// 20^8 codes: 34 bits.
const CHARACTERS: usize = 8;
/// Characters that may be typed: more are no code.
const LONGEST_TYPED: usize = 64;

/// What a device shows and a person types.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode(String);

impl std::fmt::Debug for UserCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserCode(…)")
    }
}

impl UserCode {
    /// Each one equally likely.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut code = String::with_capacity(CHARACTERS);
        while code.len() < CHARACTERS {
            let mut byte = [0u8; 1];
            entropy.fill(&mut byte);
            // The whole multiples of 20 below 256: the rest would favour some letters.
            if let Some(letter) = (byte[0] < 240).then(|| ALPHABET[usize::from(byte[0] % 20)]) {
                code.push(char::from(letter));
            }
        }
        Self(code)
    }

    /// RFC 8628 §6.1: in capitals or not, with whatever stands between. `None`: no such code exists.
    pub fn typed(text: &str) -> Option<Self> {
        if text.len() > LONGEST_TYPED {
            return None;
        }
        let letters: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '.' | '\u{2010}'..='\u{2015}'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let sound = letters.len() == CHARACTERS && letters.bytes().all(|b| ALPHABET.contains(&b));
        sound.then_some(Self(letters))
    }

    /// In two halves, as it is shown.
    pub fn shown(&self) -> String {
        let (first, second) = self.0.split_at(CHARACTERS / 2);
        format!("{first}-{second}")
    }

    /// As it is hashed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// RFC 8628 §3.2.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceResponse {
    pub device_code: Secret<String>,
    pub user_code: Secret<String>,
    pub verification_uri: String,
    pub verification_uri_complete: Secret<String>,
    pub expires_in: Seconds,
    pub interval: Seconds,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SystemEntropy;

    #[test]
    fn codes_have_no_vowels_and_come_back_however_they_are_typed() {
        for _ in 0..200 {
            let code = UserCode::random(&SystemEntropy);
            let shown = code.shown();
            assert_eq!(shown.len(), 9);
            assert!(!shown.contains(['A', 'E', 'I', 'O', 'U', 'Y', '0', '1']), "{shown}");
            for typed in [
                shown.clone(),
                shown.to_lowercase(),
                shown.replace('-', " "),
                shown.replace('-', "\u{2013}"),
                format!("  {}\n", shown.replace('-', "")),
            ] {
                assert_eq!(UserCode::typed(&typed), Some(code.clone()), "{typed}");
            }
        }
    }

    #[test]
    fn what_is_no_code_is_not_looked_up() {
        for bad in [
            "",
            "BCDF",
            "BCDF-GHJA",
            "BCDF-GHJKL",
            "BCDF-GHJ\u{0}",
            "ВCDF-GHJK",
            &"B".repeat(5000),
        ] {
            assert_eq!(UserCode::typed(bad), None, "{bad}");
        }
    }
}
