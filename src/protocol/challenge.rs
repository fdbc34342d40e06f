//! `WWW-Authenticate`: what a refused caller has to bring (RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3).

use std::fmt;

use crate::base::Seconds;

use super::errors::{ErrorCode, OAuthError};
use super::scope::Scopes;
use super::words::SigningAlg;

/// Bytes of a header that we read.
pub const MAX_CHALLENGE_BYTES: usize = 8 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenScheme {
    Bearer,
    Dpop,
}

impl TokenScheme {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }
    /// RFC 9110 §11.1: scheme names know no case.
    pub fn from_word(text: &str) -> Option<Self> {
        [Self::Bearer, Self::Dpop]
            .into_iter()
            .find(|s| s.as_str().eq_ignore_ascii_case(text))
    }
}

/// For client authentication (RFC 6749 §5.2, RFC 7617).
pub fn basic(realm: &str) -> String {
    format!("Basic realm={}, charset=\"UTF-8\"", quoted(realm))
}

/// One challenge; `to_string()` is the header's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    pub scheme: TokenScheme,
    pub realm: Option<String>,
    /// Absent when nothing was presented (RFC 6750 §3.1).
    pub error: Option<OAuthError>,
    pub scope: Option<Scopes>,
    /// RFC 9470 §3, best first.
    pub acr_values: Vec<String>,
    /// RFC 9470 §3. Seconds since the person was last actively authenticated.
    pub max_age: Option<Seconds>,
    /// RFC 9449 §7.1: what proofs may be signed with.
    pub algs: Vec<String>,
    /// RFC 9728 §5.1: where the resource says what it takes.
    pub resource_metadata: Option<String>,
}

impl Challenge {
    /// Nothing was presented.
    pub fn new(scheme: TokenScheme, realm: &str) -> Self {
        Self {
            scheme,
            realm: Some(realm.to_owned()),
            error: None,
            scope: None,
            acr_values: Vec::new(),
            max_age: None,
            algs: Vec::new(),
            resource_metadata: None,
        }
    }
    /// A key has to be shown (RFC 9449 §7.1).
    pub fn dpop(realm: &str) -> Self {
        let mut challenge = Self::new(TokenScheme::Dpop, realm);
        challenge.algs = SigningAlg::ALL.iter().map(ToString::to_string).collect();
        challenge
    }
    #[must_use]
    pub fn because(mut self, error: OAuthError) -> Self {
        self.error = Some(error);
        self
    }
    /// `address`: of the metadata, see `resource_metadata::address`.
    #[must_use]
    pub fn described_at(mut self, address: &str) -> Self {
        self.resource_metadata = Some(address.to_owned());
        self
    }
    #[must_use]
    pub fn needs_scope(mut self, scope: Scopes) -> Self {
        self.scope = Some(scope);
        self
    }
    /// The token is good but its authentication is too weak or too old (RFC 9470 §3).
    /// Only for tokens that were verified: the challenge tells what is required (§9).
    #[must_use]
    pub fn needs_step_up(mut self, acr_values: Vec<String>, max_age: Option<Seconds>) -> Self {
        self.error = Some(OAuthError::new(
            ErrorCode::InsufficientUserAuthentication,
            "a different or more recent authentication is required",
        ));
        self.acr_values = acr_values;
        self.max_age = max_age;
        self
    }

    /// Every Bearer and DPoP challenge of a header's value; other schemes are skipped.
    pub fn parse_all(header: &str) -> Option<Vec<Self>> {
        if header.len() > MAX_CHALLENGE_BYTES {
            return None;
        }
        Some(
            challenges(header)?
                .into_iter()
                .filter_map(Self::from_parameters)
                .collect(),
        )
    }

    fn from_parameters((scheme, parameters): Raw) -> Option<Self> {
        let get = |name: &str| {
            let found = parameters.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
            found.map(|(_, v)| v.as_str())
        };
        let code = get("error").and_then(|e| e.parse::<ErrorCode>().ok());
        let words = |text: &str| text.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect();
        Some(Self {
            scheme: TokenScheme::from_word(&scheme)?,
            realm: get("realm").map(str::to_owned),
            error: code.map(|code| OAuthError::new(code, get("error_description").unwrap_or_default())),
            scope: get("scope").and_then(|s| Scopes::parse(s).ok()),
            acr_values: get("acr_values").map(words).unwrap_or_default(),
            // RFC 9470 §3: a non-negative integer; anything else is not understood and left out.
            max_age: get("max_age")
                .and_then(|n| n.parse::<u32>().ok())
                .map(|n| Seconds(n.into())),
            algs: get("algs").map(words).unwrap_or_default(),
            resource_metadata: get("resource_metadata").map(str::to_owned),
        })
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parameters = Vec::new();
        let mut add = |name: &str, value: &str| parameters.push(format!("{name}={}", quoted(value)));
        if let Some(realm) = &self.realm {
            add("realm", realm);
        }
        if let Some(error) = &self.error {
            add("error", error.code.as_str());
            if !error.description().is_empty() {
                add("error_description", error.description());
            }
        }
        if let Some(scope) = &self.scope {
            add("scope", &scope.to_string());
        }
        if !self.acr_values.is_empty() {
            add("acr_values", &self.acr_values.join(" "));
        }
        if let Some(max_age) = self.max_age {
            add("max_age", &max_age.0.max(0).to_string());
        }
        if !self.algs.is_empty() {
            add("algs", &self.algs.join(" "));
        }
        if let Some(address) = &self.resource_metadata {
            add("resource_metadata", address);
        }
        f.write_str(self.scheme.as_str())?;
        if !parameters.is_empty() {
            write!(f, " {}", parameters.join(", "))?;
        }
        Ok(())
    }
}

/// RFC 9110 §5.6.4 quoted-string; what cannot stand in a header is left out.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars().filter(|c| matches!(c, ' '..='~')) {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// Scheme and parameters.
type Raw = (String, Vec<(String, String)>);

/// Reads `challenge *( "," challenge )` of RFC 9110 §11.6.1. A comma separates challenges as well as parameters:
/// what is followed by `=` is a parameter, what is not begins a challenge.
fn challenges(header: &str) -> Option<Vec<Raw>> {
    let mut found: Vec<Raw> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Some(found);
        }
        let (word, after) = token(rest)?;
        match after.trim_start_matches([' ', '\t']).strip_prefix('=') {
            None => {
                found.push((word.to_owned(), Vec::new()));
                rest = after;
            }
            Some(value) => {
                let value = value.trim_start_matches([' ', '\t']);
                // token68 with padding (`Negotiate abc==`): of no interest to us.
                if value.is_empty() || value.starts_with(['=', ',']) {
                    rest = value.trim_start_matches('=');
                    continue;
                }
                let (value, after) = quoted_string(value).or_else(|| token(value).map(|(v, a)| (v.to_owned(), a)))?;
                found.last_mut()?.1.push((word.to_owned(), value));
                rest = after;
            }
        }
    }
}

/// RFC 9110 §5.6.2; `/` is not in it, but token68 has it.
fn token(text: &str) -> Option<(&str, &str)> {
    let part = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~/".contains(&b);
    let end = text.bytes().position(|b| !part(b)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn quoted_string(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.strip_prefix('"')?.chars();
    loop {
        match chars.next()? {
            '"' => return Some((out, chars.as_str())),
            '\\' => out.push(chars.next()?),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_the_rfcs() {
        let step_up = Challenge::new(TokenScheme::Bearer, "https://op.example")
            .needs_step_up(vec!["myACR".to_owned(), "b".to_owned()], Some(Seconds(5)));
        assert_eq!(
            step_up.to_string(),
            "Bearer realm=\"https://op.example\", error=\"insufficient_user_authentication\", \
             error_description=\"a different or more recent authentication is required\", \
             acr_values=\"myACR b\", max_age=\"5\""
        );
        assert_eq!(Challenge::parse_all(&step_up.to_string()), Some(vec![step_up]));
        assert_eq!(basic("a\"b\n"), "Basic realm=\"a\\\"b\", charset=\"UTF-8\"");
        let bare = Challenge::new(TokenScheme::Dpop, "x");
        assert_eq!(bare.to_string(), "DPoP realm=\"x\"");
        let scoped = bare
            .because(OAuthError::new(ErrorCode::InsufficientScope, ""))
            .needs_scope(Scopes::parse("openid").unwrap());
        assert_eq!(
            scoped.to_string(),
            "DPoP realm=\"x\", error=\"insufficient_scope\", scope=\"openid\""
        );
    }

    #[test]
    fn challenges_of_others_are_read() {
        let header = "Negotiate abc==, Basic realm=\"a, b=\\\"c\\\"\", \
                      bearer ERROR=insufficient_user_authentication , max_age = 60,DPoP algs=\"ES256\", Digest";
        let found = Challenge::parse_all(header).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].max_age, Some(Seconds(60)));
        assert_eq!(
            found[0].error.as_ref().unwrap().code,
            ErrorCode::InsufficientUserAuthentication
        );
        assert_eq!(
            (found[1].scheme, &found[1].algs),
            (TokenScheme::Dpop, &vec!["ES256".to_owned()])
        );
        let asked = Challenge::dpop("x");
        assert_eq!(asked.to_string(), "DPoP realm=\"x\", algs=\"ES256 PS256 EdDSA RS256\"");
        assert_eq!(Challenge::parse_all(&asked.to_string()), Some(vec![asked]));
        for (header, expected) in [
            ("", Some(0)),
            ("Bearer", Some(1)),
            ("Bearer a=\"", None),
            ("a=b", None),
            ("ñ", None),
        ] {
            assert_eq!(Challenge::parse_all(header).map(|c| c.len()), expected, "{header}");
        }
        let negative = Challenge::parse_all("Bearer max_age=-5").unwrap();
        assert_eq!(negative[0].max_age, None);
    }

    proptest! {
        #[test]
        fn any_header_gives_an_answer(header in "(Bearer |DPoP )?[ -~\t]{0,80}") {
            let _ = Challenge::parse_all(&header);
        }

        #[test]
        fn what_is_written_is_read(realm in "[ -~]{0,30}", acr in "[!-~]{1,20}", age in proptest::option::of(0i64..1000)) {
            let challenge = Challenge::new(TokenScheme::Bearer, &realm).needs_step_up(vec![acr], age.map(Seconds));
            prop_assert_eq!(Challenge::parse_all(&challenge.to_string()), Some(vec![challenge]));
        }
    }
}
