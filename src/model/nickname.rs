//! What a person calls an authenticator ("Office iPhone"): it is shown on pages, in letters, in the evidence claim.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::base::text::{is_invisible, turns_direction};

/// Characters (code points) of a nickname.
pub const LONGEST_CHARS: usize = 64;

/// A name that can be read and can deceive nobody by its direction or by being invisible.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nickname(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NicknameError {
    #[error("the name is empty, or nothing of it can be seen")]
    Empty,
    #[error("the name has more than {LONGEST_CHARS} characters")]
    TooLong,
    #[error("the name holds a control character or one that turns the direction of text")]
    Unfit,
}

impl Nickname {
    /// Trimmed, blanks collapsed, in NFC: the same letters typed on another keyboard are the same name.
    pub fn read(text: &str) -> Result<Self, NicknameError> {
        // Before the work, and generously: composing and trimming make a text shorter.
        if text.chars().take(8 * LONGEST_CHARS + 1).count() > 8 * LONGEST_CHARS {
            return Err(NicknameError::TooLong);
        }
        let text = text.trim();
        if text.chars().any(|c| c.is_control() || turns_direction(c)) {
            return Err(NicknameError::Unfit);
        }
        let composed: String = text.nfc().collect();
        let name = composed.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.chars().all(|c| c == ' ' || is_invisible(c)) {
            return Err(NicknameError::Empty);
        }
        if name.chars().count() > LONGEST_CHARS {
            return Err(NicknameError::TooLong);
        }
        Ok(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How names are compared: two that look alike are the same (S91).
    pub fn key(&self) -> String {
        key(&self.0)
    }
}

/// The name itself if it is free, else the same with a number: "Phone (2)" (S91). `base` as `Nickname::read` gives it,
/// `taken`: the person's other nicknames.
pub fn propose(base: &str, taken: &[&str]) -> String {
    let taken: Vec<String> = taken.iter().map(|t| key(t)).collect();
    let is_free = |name: &String| !taken.contains(&key(name));
    let wanted = base.to_owned();
    if is_free(&wanted) {
        return wanted;
    }
    let base = unnumbered(base);
    // One more candidate than there are names that could stand in the way.
    let free = (2..=taken.len() + 2).map(|n| numbered(base, n)).find(is_free);
    free.unwrap_or(wanted)
}

impl fmt::Display for Nickname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn key(name: &str) -> String {
    let seen = name.nfkc().filter(|c| !is_invisible(*c)).flat_map(char::to_lowercase);
    let seen: String = seen.collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// "Phone" for "Phone (2)".
fn unnumbered(name: &str) -> &str {
    let numbered = name.strip_suffix(')').and_then(|n| n.rsplit_once(" ("));
    match numbered {
        Some((base, n)) if !base.is_empty() && !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => base,
        _ => name,
    }
}

/// The base gives way where both do not fit.
fn numbered(base: &str, n: usize) -> String {
    let suffix = format!(" ({n})");
    let room = LONGEST_CHARS - suffix.chars().count().min(LONGEST_CHARS);
    let base: String = base.chars().take(room).collect();
    format!("{}{suffix}", base.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<String, NicknameError> {
        Nickname::read(text).map(|n| n.0)
    }

    #[test]
    fn names_are_trimmed_composed_and_collapsed() {
        assert_eq!(read("  Office \t iPhone\n").as_deref(), Err(&NicknameError::Unfit));
        assert_eq!(read("  Office \u{a0} iPhone\n").as_deref(), Ok("Office iPhone"));
        assert_eq!(read("Tele\u{301}fono").as_deref(), Ok("Teléfono"));
        assert_eq!(read("👩\u{200d}⚕\u{fe0f}").as_deref(), Ok("👩\u{200d}⚕\u{fe0f}"));
        assert_eq!(read("هاتف").as_deref(), Ok("هاتف"));
    }

    #[test]
    fn names_that_are_none_are_refused() {
        for empty in ["", "  ", "\u{200b}", " \u{200d} \u{2060}", "\u{3164}\u{fe0f}"] {
            assert_eq!(read(empty), Err(NicknameError::Empty), "{empty:?}");
        }
        for bad in [
            "a\u{0}b",
            "a\nb",
            "a\u{202e}b",
            "a\u{2066}b",
            "\u{1b}[31mred",
            "a\u{85}b",
        ] {
            assert_eq!(read(bad), Err(NicknameError::Unfit), "{bad:?}");
        }
        assert!(read(&"x".repeat(LONGEST_CHARS)).is_ok());
        assert_eq!(read(&"x".repeat(LONGEST_CHARS + 1)), Err(NicknameError::TooLong));
        assert_eq!(read(&" ".repeat(1 << 20)), Err(NicknameError::TooLong));
    }

    #[test]
    fn s91_a_name_that_is_taken_gets_a_number() {
        assert_eq!(propose("Phone", &["Tablet"]), "Phone");
        assert_eq!(propose("Phone", &["Phone"]), "Phone (2)");
        assert_eq!(propose("phone", &["Ｐｈｏｎｅ", "PHO\u{200b}NE (2)"]), "phone (3)");
        assert_eq!(propose("Phone (2)", &["Phone (2)", "Phone"]), "Phone (3)");
        let long = "x".repeat(LONGEST_CHARS);
        let proposed = propose(&long, &[&long]);
        assert_eq!(proposed.chars().count(), LONGEST_CHARS);
        assert!(proposed.ends_with("x (2)"));
    }

    // What the fuzzer checks as well.
    include!("../../fuzz/properties/nickname.rs");

    proptest! {
        #[test]
        fn whatever_is_typed_is_answered_and_reads_back(
            text in prop_oneof![any::<String>(), "[ a-c\u{301}\u{200b}()0-9]{0,70}"],
            bytes in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            nickname_property(text.as_bytes());
            nickname_property(&bytes);
        }
    }
}
