//! What people call their authenticators.

/// Characters of a name.
pub const LONGEST_NICKNAME: usize = 64;

/// A name that can be shown anywhere: no outer space, not empty, not long, one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nickname(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NicknameError {
    #[error("the name is empty")]
    Empty,
    #[error("the name is longer than {LONGEST_NICKNAME} characters")]
    TooLong,
    #[error("the name has characters that cannot be shown")]
    Unfit,
}

impl Nickname {
    pub fn read(text: &str) -> Result<Self, NicknameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NicknameError::Empty);
        }
        if text.chars().count() > LONGEST_NICKNAME {
            return Err(NicknameError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(NicknameError::Unfit);
        }
        Ok(Self(text.to_owned()))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name that is free: the wanted one, or the same with a number (S91).
pub fn propose(base: &str, taken: &[&str]) -> String {
    let is_taken = |name: &str| taken.iter().any(|t| t.to_lowercase() == name.to_lowercase());
    if !is_taken(base) {
        return base.to_owned();
    }
    let numbered = |n: usize| {
        let suffix = format!(" ({n})");
        let room = LONGEST_NICKNAME.saturating_sub(suffix.chars().count());
        let kept: String = base.chars().take(room).collect();
        format!("{}{suffix}", kept.trim_end())
    };
    // One more candidate than there are names that could stand in the way.
    let free = (2..=taken.len() + 2).map(numbered).find(|name| !is_taken(name));
    free.unwrap_or_else(|| base.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_name_is() {
        assert_eq!(Nickname::read("  Office iPhone ").unwrap().as_str(), "Office iPhone");
        assert_eq!(Nickname::read(" \t"), Err(NicknameError::Empty));
        assert_eq!(Nickname::read("a\nb"), Err(NicknameError::Unfit));
        assert_eq!(Nickname::read(&"x".repeat(65)), Err(NicknameError::TooLong));
        assert!(Nickname::read(&"é".repeat(64)).is_ok());
    }

    #[test]
    fn s91_a_free_name_is_proposed() {
        assert_eq!(propose("Phone", &["Mobile"]), "Phone");
        assert_eq!(propose("Phone", &["phone", "Phone (2)"]), "Phone (3)");
        let long = "x".repeat(64);
        let free = propose(&long, &[&long]);
        assert!(free.ends_with(" (2)") && free.chars().count() == 64);
    }
}
