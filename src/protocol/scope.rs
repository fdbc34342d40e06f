//! Scopes: a set of names (RFC 6749 §3.3).

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::errors::{ErrorCode, OAuthError};

/// Characters of a whole scope parameter.
pub const MAX_SCOPE_CHARS: usize = 2048;

/// Order and repetition mean nothing; written as one string with spaces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes(BTreeSet<String>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("scope is malformed: names are printable ASCII without quotes and backslashes, separated by spaces")]
pub struct MalformedScope;

impl Scopes {
    pub fn parse(text: &str) -> Result<Self, MalformedScope> {
        if text.len() > MAX_SCOPE_CHARS {
            return Err(MalformedScope);
        }
        let names: BTreeSet<String> = text.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect();
        // RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
        let sound = |c: u8| matches!(c, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if names.iter().all(|name| name.bytes().all(sound)) {
            Ok(Self(names))
        } else {
            Err(MalformedScope)
        }
    }
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }
    /// What both have.
    #[must_use]
    pub fn common(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }
    /// An OpenID Connect request, not only an OAuth one (OIDC Core §3.1.2.1)?
    pub fn is_openid(&self) -> bool {
        self.contains("openid")
    }

    /// What a refreshed token gets: all that was granted, or the part that is asked for.
    pub fn narrow(&self, asked: Option<&Self>) -> Result<Self, OAuthError> {
        match asked {
            None => Ok(self.clone()),
            // RFC 6749 §6: MUST NOT include any scope not originally granted.
            Some(asked) if asked.is_within(self) && !asked.is_empty() => Ok(asked.clone()),
            Some(_) => Err(OAuthError::new(
                ErrorCode::InvalidScope,
                "scope asks for more than was granted",
            )),
        }
    }
}

impl<'a> FromIterator<&'a str> for Scopes {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        Self(names.into_iter().map(str::to_owned).collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl From<MalformedScope> for OAuthError {
    fn from(error: MalformedScope) -> Self {
        Self::new(ErrorCode::InvalidScope, error.to_string())
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(input)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repetition_mean_nothing() {
        assert_eq!(Scopes::parse("b a  b").unwrap(), Scopes::parse("a b").unwrap());
        assert_eq!(Scopes::parse("b a b").unwrap().to_string(), "a b");
    }

    #[test]
    fn malformed_names_are_refused() {
        for bad in ["a\"b", "a\\b", "ñ", "a\tb", "a\u{7f}"] {
            assert_eq!(Scopes::parse(bad), Err(MalformedScope), "{bad:?}");
        }
        assert!(Scopes::parse(&"x".repeat(MAX_SCOPE_CHARS + 1)).is_err());
        assert!(Scopes::parse("urn:x https://e/y a+b").is_ok());
    }

    #[test]
    fn refresh_narrows_and_never_widens() {
        let granted = Scopes::parse("openid email").unwrap();
        assert_eq!(granted.narrow(None).unwrap(), granted);
        let less = Scopes::parse("openid").unwrap();
        assert_eq!(granted.narrow(Some(&less)).unwrap(), less);
        for wider in ["openid phone", "phone", ""] {
            let error = granted.narrow(Some(&Scopes::parse(wider).unwrap())).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidScope, "{wider}");
        }
    }
}
