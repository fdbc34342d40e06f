//! Prefixes and the lines behind them, as an operator keeps them:
//!
//! ```text
//! # number or its beginning, type of line
//! +1415555,mobile
//! +14155550,non_fixed_voip
//! ```
//! The longest prefix wins; what no prefix fits is `unknown`.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as Unknown, StrDeserializer};

use crate::model::phone::LineType;

/// E.164 §6.
const MOST_DIGITS: usize = 15;

/// By prefix, with its `+`.
#[derive(Debug)]
pub struct Table(HashMap<String, LineType>);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {what}")]
pub(super) struct TableError {
    line: usize,
    what: String,
}

impl Table {
    pub(super) fn read(text: &str) -> Result<Self, TableError> {
        let mut lines = HashMap::new();
        for (i, line) in text.lines().enumerate() {
            let wrong = |what: String| TableError { line: i + 1, what };
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let (prefix, kind) = line
                .split_once(',')
                .ok_or_else(|| wrong("must be a prefix and a type of line: +1415555,mobile".into()))?;
            let (prefix, kind) = (prefix.trim(), kind.trim());
            if !is_prefix(prefix) {
                return Err(wrong(format!("\"{prefix}\" must be + and 1 to {MOST_DIGITS} digits")));
            }
            let named: StrDeserializer<'_, Unknown> = kind.into_deserializer();
            // serde's words list the types that there are.
            let kind = LineType::deserialize(named).map_err(|e| wrong(e.to_string()))?;
            if lines.insert(prefix.to_owned(), kind).is_some() {
                return Err(wrong(format!("{prefix} is there twice")));
            }
        }
        Ok(Self(lines))
    }

    pub(super) fn line_of(&self, e164: &str) -> LineType {
        let prefixes = (2..=e164.len()).rev().filter_map(|end| e164.get(..end));
        let mut known = prefixes.filter_map(|prefix| self.0.get(prefix).copied());
        known.next().unwrap_or(LineType::Unknown)
    }
}

fn is_prefix(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (1..=MOST_DIGITS).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_wins() {
        let text = "# a table\n\n+1,landline\n +1415555 , mobile # ours\n+14155550801,non_fixed_voip\n+44,toll_free";
        let table = Table::read(text).unwrap();
        for (number, line) in [
            ("+14155550801", LineType::NonFixedVoip),
            ("+14155550802", LineType::Mobile),
            ("+14165550801", LineType::Landline),
            ("+442079460958", LineType::TollFree),
            ("+4915112345678", LineType::Unknown),
        ] {
            assert_eq!(table.line_of(number), line, "{number}");
        }
        assert_eq!(Table::read("").unwrap().line_of("+14155550801"), LineType::Unknown);
    }

    #[test]
    fn a_table_that_is_wrong_names_the_line() {
        for (text, said) in [
            ("+1,mobile\n1415,mobile", "2: \"1415\" must be + and"),
            ("+,mobile", "1: \"+\" must be"),
            ("+0415,mobile", "1: \"+0415\" must be"),
            ("+1 415,mobile", "1: \"+1 415\" must be"),
            ("+1415", "1: must be a prefix and a type"),
            ("\n+1415,fax", "2: unknown variant `fax`"),
            ("+1415,mobile,yes", "1: unknown variant `mobile,yes`"),
            ("+1415,mobile\n+1415,mobile", "2: +1415 is there twice"),
        ] {
            let error = Table::read(text).unwrap_err().to_string();
            assert!(error.starts_with(said), "{text:?}: {error}");
        }
    }
}
