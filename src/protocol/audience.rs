//! Whom an access token is for (RFC 7519 §4.1.3).

use serde::{Deserialize, Serialize};

/// One or more; written as a text where it is one, as most readers expect it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    /// `None`: for nobody, which no token can be.
    pub fn of(mut all: Vec<String>) -> Option<Self> {
        match all.len() {
            0 => None,
            1 => all.pop().map(Self::One),
            _ => Some(Self::Many(all)),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }

    /// Letter by letter: half of an address is another address.
    pub fn names(&self, whom: &str) -> bool {
        self.iter().any(|one| one == whom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_is_a_text_and_more_are_a_list() {
        for (all, written) in [
            (vec!["https://a.example"], json!("https://a.example")),
            (vec!["a", "b"], json!(["a", "b"])),
        ] {
            let audience = Audience::of(all.iter().map(|a| (*a).to_owned()).collect()).unwrap();
            assert_eq!(serde_json::to_value(&audience).unwrap(), written);
            assert_eq!(serde_json::from_value::<Audience>(written).unwrap(), audience);
            assert_eq!(audience.iter().collect::<Vec<_>>(), all);
        }
        assert_eq!(Audience::of(Vec::new()), None);
    }

    #[test]
    fn a_name_fits_as_a_whole_or_not() {
        let audience = Audience::One("https://a.example/v1".into());
        assert!(audience.names("https://a.example/v1"));
        for other in ["https://a.example", "https://a.example/v1/", "https://A.example/v1", ""] {
            assert!(!audience.names(other), "{other}");
        }
    }
}
