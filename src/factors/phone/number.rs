//! Telephone numbers as people type them (S25, S26, S46).
//!
//! What is typed is read here, strictly: digits, the marks that people put between them, nothing else. The `phonenumber`
//! crate then says what those digits are in which country. Its own reader of free text is not used: it finds numbers in
//! sentences, takes letters for digits and drops what follows, and a number that somebody did not mean gets a code.

use std::str::FromStr;

use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, PhoneNumber, Type, country};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::model::MfaCode;

/// Characters of what is typed; longer texts are no numbers.
const LONGEST_TYPED: usize = 64;
/// E.164 §6: a country code and a national number have at most 15 digits.
const MOST_DIGITS: usize = 15;
/// So many digits before a mark are a number whose extension follows; fewer are something else ("1-800-CALL4").
const DIGITS_BEFORE_EXTENSION: usize = 5;
/// What may be shown of a number: its last digits.
const SHOWN_DIGITS: usize = 3;
/// The country code of North America, whose numbers are written in one way.
const NANP: &str = "+1";

/// What is sealed in the authenticator's secret: the number in E.164 form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    pub e164: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a phone number in international form (+ and 8 to 15 digits)")]
pub struct NumberError;

/// What was typed, without all that stands between the digits.
struct Typed {
    international: bool,
    digits: String,
}

impl Number {
    /// For files that operators write. E.164: `+`, a country code that does not begin with 0, at most 15 digits.
    /// Spaces, dots, hyphens and brackets are forgiven; extensions are not.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let e164: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')'))
            .collect();
        let digits = e164.strip_prefix('+').ok_or(NumberError)?;
        let plausible = (8..=MOST_DIGITS).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if plausible && !digits.starts_with('0') {
            Ok(Self { e164 })
        } else {
            Err(NumberError)
        }
    }

    /// What a person typed. `region` (ISO 3166-1, `US`): where a number without a country code is.
    ///
    /// # Errors
    /// MFA-103 for an extension in any notation, MFA-104 for what cannot be a number, MFA-101 for a premium-rate number:
    /// whoever owns one earns money with every code that is sent to it.
    pub fn read(typed: &str, region: Option<&str>) -> Result<Self, MfaCode> {
        let typed = Typed::read(typed)?;
        let region = region.and_then(|r| country::Id::from_str(r).ok());
        let found = typed.interpret(region).ok_or(MfaCode::NumberInvalid)?;
        if !is_possible(&found) {
            return Err(MfaCode::NumberInvalid);
        }
        if found.number_type(&DATABASE) == Type::PremiumRate {
            return Err(MfaCode::NumberNotTrusted);
        }
        let number = Self::parse(&e164(&found)).map_err(|_| MfaCode::NumberInvalid)?;
        // The same number in E.164 must mean itself: otherwise what is shown and what is dialled may differ.
        match number.known() {
            Some(again) if e164(&again) == number.e164 => Ok(number),
            _ => Err(MfaCode::NumberInvalid),
        }
    }

    /// For the person to look over before anything is sent (S46): `+1 415-555-0801`.
    pub fn formatted(&self) -> String {
        let written = self.known().map(|n| n.format().mode(Mode::International).to_string());
        // A format that adds or drops a digit would show another number than is dialled.
        let faithful = |text: &String| text.chars().filter(char::is_ascii_digit).eq(self.e164[1..].chars());
        written
            .filter(faithful)
            .filter(|text| text.starts_with('+'))
            .unwrap_or_else(|| self.e164.clone())
    }

    /// What pages show once the number is known: `(***) ***-*801`, elsewhere `+52 ** **** *678`.
    pub fn masked(&self) -> String {
        let known = self.known();
        let code = known.map_or_else(|| "+".to_owned(), |n| format!("+{}", n.code().value()));
        if code == NANP {
            return format!("(***) ***-*{}", self.end());
        }
        let formatted = self.formatted();
        let shown = formatted.len() - SHOWN_DIGITS.min(formatted.len());
        let hide = |(at, c): (usize, char)| {
            let hidden = c.is_ascii_digit() && at >= code.len() && at < shown;
            if hidden { '*' } else { c }
        };
        formatted.char_indices().map(hide).collect()
    }

    /// The part that may be shown: the last three digits.
    pub fn end(&self) -> String {
        self.e164
            .chars()
            .skip(self.e164.len().saturating_sub(SHOWN_DIGITS))
            .collect()
    }

    fn known(&self) -> Option<PhoneNumber> {
        phonenumber::parse(None, &self.e164).ok()
    }
}

impl Typed {
    fn read(text: &str) -> Result<Self, MfaCode> {
        if text.chars().count() > LONGEST_TYPED {
            return Err(MfaCode::NumberInvalid);
        }
        // NFKC: full-width digits and signs, as some keyboards make them, are the plain ones.
        let plain: String = text.nfkc().filter(|c| !is_invisible(*c)).map(decimal).collect();
        let plain = plain.trim();
        // RFC 3966 §3, as an address book copies it.
        let number = match plain.get(..4) {
            Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => &plain[4..],
            _ => plain,
        };
        let mut typed = Self {
            international: false,
            digits: String::new(),
        };
        for (at, c) in number.char_indices() {
            match c {
                '0'..='9' => typed.digits.push(c),
                '+' if typed.digits.is_empty() && !typed.international => typed.international = true,
                c if is_between(c) => {}
                c => return Err(typed.stranger(c, &number[at + c.len_utf8()..])),
            }
        }
        if typed.digits.is_empty() {
            return Err(MfaCode::NumberInvalid);
        }
        Ok(typed)
    }

    /// What a character means that no number has: "ext. 2", "x2", ",2" (a pause), ";ext=2" (RFC 3966 §5.3), "#2",
    /// "extensión 2" begin an extension, as does any other word or mark with digits behind a whole number.
    fn stranger(&self, c: char, behind: &str) -> MfaCode {
        let marks =
            c.is_alphabetic() || matches!(c, ',' | ';' | '#' | '*' | ':' | '=' | '~' | '&' | '@' | '\u{d7}' | '、');
        let digits_behind = behind.chars().any(|c| c.is_ascii_digit());
        if self.digits.len() >= DIGITS_BEFORE_EXTENSION && marks && digits_behind {
            MfaCode::ExtensionNotSupported
        } else {
            MfaCode::NumberInvalid
        }
    }

    fn interpret(&self, region: Option<country::Id>) -> Option<PhoneNumber> {
        let here = region.and_then(|r| DATABASE.by_id(r.as_ref()));
        let abroad = here.and_then(|m| m.international_prefix()).and_then(|idd| {
            let found = idd.find(&self.digits)?;
            (found.start() == 0).then(|| self.digits[found.end()..].to_owned())
        });
        match abroad.filter(|_| !self.international) {
            // With a region, the crate would take that region's trunk prefix off a foreign number.
            _ if self.international => phonenumber::parse(None, format!("+{}", self.digits)).ok(),
            Some(rest) => phonenumber::parse(None, format!("+{rest}")).ok(),
            None => phonenumber::parse(Some(region?), &self.digits).ok(),
        }
    }
}

/// Lines that a person may have; each has its own lengths.
const LINES: [Type; 10] = [
    Type::FixedLine,
    Type::Mobile,
    Type::TollFree,
    Type::PremiumRate,
    Type::SharedCost,
    Type::PersonalNumber,
    Type::Voip,
    Type::Pager,
    Type::Uan,
    Type::Voicemail,
];

/// Can such a number exist there, by its length and its first digits? Whether it is in service nobody can tell, and plans
/// change: numbers kept for fiction and new area codes are possible as well.
fn is_possible(number: &PhoneNumber) -> bool {
    let national = national(number);
    let regions = DATABASE.by_code(&number.code().value()).unwrap_or_default();
    regions.iter().map(|m| m.descriptors()).any(|plan| {
        let mut lines = LINES.iter().filter_map(|line| plan.get(*line));
        let fits = |length: &u16| usize::from(*length) == national.len();
        plan.general().is_match(&national) && lines.any(|line| line.possible_length().iter().any(fits))
    })
}

fn national(number: &PhoneNumber) -> String {
    number.national().to_string()
}

fn e164(number: &PhoneNumber) -> String {
    format!("+{}{}", number.code().value(), national(number))
}

/// Marks that people put between digits, brackets and dashes of every make among them.
fn is_between(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '.' | '/' | '(' | ')' | '[' | ']' | '\u{b7}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fb}'
        )
}

/// Marks of direction and joiners that copying from a page or an address book brings along.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Decimal digits of the Arabic, Persian and Devanagari scripts, which NFKC leaves as they are.
fn decimal(c: char) -> char {
    let zeros = ['\u{660}', '\u{6f0}', '\u{966}'];
    let value = zeros
        .iter()
        .filter_map(|zero| u32::from(c).checked_sub(u32::from(*zero)))
        .find(|value| *value < 10);
    value.and_then(|v| char::from_digit(v, 10)).unwrap_or(c)
}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
