//! What a workspace demands of phone numbers: `[workspace.phone]`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::workspace::Problem;

/// What kind of line a number belongs to, as a lookup service or the operator's own table tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineType {
    Mobile,
    Landline,
    /// Over the internet, at an address: what cable and fibre companies sell.
    FixedVoip,
    /// Over the internet, from anywhere: anybody gets one in a minute, under any name.
    NonFixedVoip,
    TollFree,
    /// The caller pays the owner, wholly or in part.
    Premium,
    /// The service does not know it.
    Unknown,
}

impl LineType {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Landline => "landline",
            Self::FixedVoip => "fixed_voip",
            Self::NonFixedVoip => "non_fixed_voip",
            Self::TollFree => "toll_free",
            Self::Premium => "premium",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for LineType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What operators write: a type of line, or `voip` for both kinds of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeniedLine {
    Mobile,
    Landline,
    Voip,
    FixedVoip,
    NonFixedVoip,
    TollFree,
    Premium,
    Unknown,
}

impl DeniedLine {
    const fn covers(self, line: LineType) -> bool {
        match self {
            Self::Mobile => matches!(line, LineType::Mobile),
            Self::Landline => matches!(line, LineType::Landline),
            Self::Voip => matches!(line, LineType::FixedVoip | LineType::NonFixedVoip),
            Self::FixedVoip => matches!(line, LineType::FixedVoip),
            Self::NonFixedVoip => matches!(line, LineType::NonFixedVoip),
            Self::TollFree => matches!(line, LineType::TollFree),
            Self::Premium => matches!(line, LineType::Premium),
            Self::Unknown => matches!(line, LineType::Unknown),
        }
    }
}

/// `[workspace.phone]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PhoneRules {
    /// ISO 3166-1: where a number is that is typed without its country code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_region: Option<String>,
    /// Lines that cannot be set up (S39). Each new number is then looked up (`[delivery.lookup]`).
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub deny_line_types: BTreeSet<DeniedLine>,
    /// One number, one account (S38).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unique_numbers: bool,
}

impl PhoneRules {
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Where a number is that is typed without its country code: the United States, unless the operator says otherwise.
    pub fn region(&self) -> &str {
        self.default_region.as_deref().unwrap_or("US")
    }

    /// Must each new number be looked up?
    pub fn needs_lookup(&self) -> bool {
        !self.deny_line_types.is_empty()
    }

    pub fn denies(&self, line: LineType) -> bool {
        self.deny_line_types.iter().any(|denied| denied.covers(line))
    }

    pub(super) fn check(&self) -> Result<(), Problem> {
        match &self.default_region {
            Some(region) if phonenumber::country::Id::from_str(region).is_err() => Err(Problem::new(
                "workspace: phone.default_region",
                format!("there is no region \"{region}\"; write two capital letters, such as \"US\" (ISO 3166-1)"),
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voip_means_both_kinds_of_it() {
        let rules: PhoneRules = toml::from_str("deny_line_types = [\"voip\", \"premium\"]").unwrap();
        assert!(rules.needs_lookup());
        let denied = [LineType::FixedVoip, LineType::NonFixedVoip, LineType::Premium];
        assert!(denied.into_iter().all(|line| rules.denies(line)));
        let others = [
            LineType::Mobile,
            LineType::Landline,
            LineType::TollFree,
            LineType::Unknown,
        ];
        assert!(!others.into_iter().any(|line| rules.denies(line)));
    }

    #[test]
    fn a_region_exists_and_keys_are_known() {
        let read = |text: &str| toml::from_str::<PhoneRules>(text);
        assert!(read("default_region = \"MX\"").unwrap().check().is_ok());
        for wrong in ["us", "USA", "XX", "001", ""] {
            let rules = read(&format!("default_region = \"{wrong}\"")).unwrap();
            assert!(
                rules.check().unwrap_err().to_string().contains("phone.default_region"),
                "{wrong}"
            );
        }
        assert!(read("deny_line_types = [\"fax\"]").is_err());
        assert!(read("deny_lines = []").is_err());
        assert!(PhoneRules::default().is_default());
    }
}
