//! What a new password must be (800-63B-4 §3.1.1.2): long enough, and nothing that a guesser tries first. Which characters
//! it is made of, and when it was set, are nobody's business: no composition rules, no expiry.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;
use zxcvbn::feedback::Warning;

use super::breached::Breached;
use super::{LONGEST_BYTES, normal};
use crate::base::Secret;

/// Characters (code points) of a password that can be the only factor.
pub const LEAST_ALONE: usize = 15;
/// Characters of one that is only ever used together with another factor.
pub const LEAST_WITH_ANOTHER: usize = 8;
/// Guesses that a password must outlast, by zxcvbn's estimate. Online, an account takes 100 wrong tries before its password
/// is disabled (800-63B-4 §3.2.2): whoever tries the hundred best on each of a million accounts has made this many. Offline,
/// at 15 ms each for Argon2id, it is 17 days of a core. A higher bound would refuse passwords that nobody guesses, and
/// drives people to worse habits (800-63B-4 appendix A.2).
pub const LEAST_GUESSES: u64 = 100_000_000;
/// Characters of a context word below which it is too common a syllable to mean the person.
const SHORTEST_WORD: usize = 3;
/// Digits that people hang onto a name; with more of them it is the digits that count.
const MOST_DIGITS: usize = 8;
/// Context words that are looked at.
const MOST_WORDS: usize = 64;

/// What it is checked against.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// Can the password be the only factor of this account?
    pub alone: bool,
    /// What a guesser knows of the person and of us: username, e-mail address, names, the workspace's name.
    pub context: &'a [&'a str],
    pub breached: &'a Breached,
}

/// Why a password is not taken. The person is told (800-63B-4 §3.1.1.2), under `password-refused-CODE` of `locales/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefusal {
    #[error("it has fewer than {least} characters")]
    TooShort { least: usize },
    #[error("it is longer than {LONGEST_BYTES} bytes")]
    TooLong,
    #[error("it is made of names that belong to the account or to this site")]
    ContainsName,
    #[error("it is on a list of passwords that are common or were stolen elsewhere")]
    Breached,
    #[error("it is easy to guess ({hint})")]
    Guessable { hint: Hint },
}

impl PasswordRefusal {
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort { .. } => "too-short",
            Self::TooLong => "too-long",
            Self::ContainsName => "contains-name",
            Self::Breached => "breached",
            Self::Guessable { .. } => "guessable",
        }
    }
}

/// What makes it easy to guess, as far as that can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Rows and shapes on a keyboard.
    Keyboard,
    Repeats,
    /// abc, 6543.
    Sequence,
    /// Dates and years.
    Dates,
    /// A common word, name or password, perhaps with letters exchanged.
    Words,
    None,
}

impl Hint {
    /// The value of the variable `hint` of the words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keyboard => "keyboard",
            Self::Repeats => "repeats",
            Self::Sequence => "sequence",
            Self::Dates => "dates",
            Self::Words => "words",
            Self::None => "none",
        }
    }

    const fn of(warning: Warning) -> Self {
        match warning {
            Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => Self::Keyboard,
            Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
                Self::Repeats
            }
            Warning::SequencesLikeAbcAreEasyToGuess => Self::Sequence,
            Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Self::Dates,
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword
            | Warning::AWordByItselfIsEasyToGuess
            | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess => Self::Words,
        }
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// May this become somebody's password? Takes milliseconds: run it off the event loop.
///
/// Always the whole password is compared, never a part of it (800-63B-4 §3.1.1.2).
pub fn check_new(password: &Secret<String>, rules: Rules<'_>) -> Result<(), PasswordRefusal> {
    // Before the work, and once more after it: NFC may make a text longer.
    if password.expose().len() > LONGEST_BYTES {
        return Err(PasswordRefusal::TooLong);
    }
    let password = normal(password.expose());
    if password.len() > LONGEST_BYTES {
        return Err(PasswordRefusal::TooLong);
    }
    let least = if rules.alone { LEAST_ALONE } else { LEAST_WITH_ANOTHER };
    if password.chars().count() < least {
        return Err(PasswordRefusal::TooShort { least });
    }
    let words = Words::of(rules.context);
    if words.make_up(&password) {
        return Err(PasswordRefusal::ContainsName);
    }
    // Lists of common passwords are kept in small letters, and a capital saves none of them.
    let small = Zeroizing::new(password.to_lowercase());
    if rules.breached.contains(&password) || rules.breached.contains(&small) {
        return Err(PasswordRefusal::Breached);
    }
    let estimate = zxcvbn::zxcvbn(&password, &words.as_input());
    if estimate.guesses() < LEAST_GUESSES {
        let hint = estimate
            .feedback()
            .and_then(|f| f.warning())
            .map_or(Hint::None, Hint::of);
        return Err(PasswordRefusal::Guessable { hint });
    }
    Ok(())
}

/// 0 (the first that is tried) to 4 (out of reach), for the meter. Nothing is posted while somebody types: the page shows it
/// with its answer, and browsers without scripts lose nothing.
pub fn strength(password: &Secret<String>, context: &[&str]) -> u8 {
    if password.expose().len() > LONGEST_BYTES {
        return 0;
    }
    let words = Words::of(context);
    let password = normal(password.expose());
    if words.make_up(&password) {
        return 0;
    }
    u8::from(zxcvbn::zxcvbn(&password, &words.as_input()).score())
}

/// The context, in small letters without marks: as a whole, and in its words.
struct Words(Vec<String>);

impl Words {
    fn of(context: &[&str]) -> Self {
        let mut all: Vec<String> = Vec::new();
        for text in context {
            let parts = text.split(|c: char| !c.is_alphanumeric());
            all.extend([bare(text)].into_iter().chain(parts.map(bare)));
            // The part of an address before the @ is what people call themselves.
            all.extend(text.split_once('@').map(|(local, _)| bare(local)));
        }
        all.retain(|word| word.chars().count() >= SHORTEST_WORD && !word.chars().all(|c| c.is_ascii_digit()));
        all.sort_unstable();
        all.dedup();
        all.truncate(MOST_WORDS);
        Self(all)
    }

    fn as_input(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    /// Is the whole password nothing but these words, with a few digits and any marks? "Rivera", "cedar-Rivera", "rivera1970!".
    fn make_up(&self, password: &str) -> bool {
        let password = Zeroizing::new(bare(password));
        // What can be reached from the front, and with how few digits on the way; `None` before the first word.
        let mut reached: Vec<Option<Reached>> = vec![None; password.len() + 1];
        reached[0] = Some(Reached::default());
        for at in 0..password.len() {
            let Some(here) = reached[at] else { continue };
            let rest = &password[at..];
            if rest.starts_with(|c: char| c.is_ascii_digit()) && here.digits < MOST_DIGITS {
                let next = Reached {
                    digits: here.digits + 1,
                    ..here
                };
                next.note(&mut reached[at + 1]);
            }
            for word in self.0.iter().filter(|w| rest.starts_with(w.as_str())) {
                Reached { named: true, ..here }.note(&mut reached[at + word.len()]);
            }
        }
        reached[password.len()].is_some_and(|end| end.named)
    }
}

#[derive(Clone, Copy, Default)]
struct Reached {
    named: bool,
    digits: usize,
}

impl Reached {
    /// Keeps the better way to a place: one that names somebody, then one with fewer digits.
    fn note(self, place: &mut Option<Self>) {
        let better = |old: Self| (self.named, old.digits) > (old.named, self.digits);
        if place.is_none_or(better) {
            *place = Some(self);
        }
    }
}

/// In small letters, accents and all, without what is neither letter nor digit.
fn bare(text: &str) -> String {
    let plain = text.nfkc().flat_map(char::to_lowercase).nfc();
    plain.filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
