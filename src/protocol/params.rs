//! Parameters as OAuth sends them: application/x-www-form-urlencoded, in a query or a body.

use std::fmt;

/// Bytes of a whole query or body. A `claims` parameter and a client assertion fit in easily.
pub const MAX_TOTAL_BYTES: usize = 64 * 1024;
/// Bytes of one name, decoded.
pub const MAX_NAME_BYTES: usize = 128;
/// Bytes of one value, decoded.
pub const MAX_VALUE_BYTES: usize = 16 * 1024;
/// How many parameters.
pub const MAX_PARAMETERS: usize = 128;

/// Parsed parameters. Remembers repetitions; what nobody asks for is ignored (RFC 6749 §3.1).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params {
    pairs: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamError {
    #[error("the parameters are longer than {MAX_TOTAL_BYTES} bytes")]
    TooLong,
    #[error("there are more than {MAX_PARAMETERS} parameters")]
    TooMany,
    #[error("a parameter has a name of more than {MAX_NAME_BYTES} bytes")]
    NameTooLong,
    #[error("parameter {0} is longer than {MAX_VALUE_BYTES} bytes")]
    ValueTooLong(String),
    #[error("a percent sign is not followed by two hexadecimal digits")]
    Escape,
    #[error("the parameters are not UTF-8")]
    Utf8,
    #[error("the parameters contain the character NUL")]
    Nul,
    #[error("parameter {0} is given more than once")]
    Repeated(String),
    #[error("parameter {0} is missing")]
    Missing(&'static str),
}

impl Params {
    /// Parses a query (without `?`) or a form body.
    pub fn parse(raw: &[u8]) -> Result<Self, ParamError> {
        if raw.len() > MAX_TOTAL_BYTES {
            return Err(ParamError::TooLong);
        }
        let mut pairs = Vec::new();
        for piece in raw.split(|b| *b == b'&').filter(|piece| !piece.is_empty()) {
            if pairs.len() == MAX_PARAMETERS {
                return Err(ParamError::TooMany);
            }
            let (name, value) = match piece.iter().position(|b| *b == b'=') {
                Some(at) => (&piece[..at], &piece[at + 1..]),
                None => (piece, &b""[..]),
            };
            let name = decode(name)?;
            if name.len() > MAX_NAME_BYTES {
                return Err(ParamError::NameTooLong);
            }
            let value = decode(value)?;
            if value.len() > MAX_VALUE_BYTES {
                return Err(ParamError::ValueTooLong(plain(&name)));
            }
            pairs.push((name, value));
        }
        Ok(Self { pairs })
    }

    /// From parameters that are decoded already (tests, request objects).
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self {
            pairs: pairs.into_iter().map(|(n, v)| (n.into(), v.into())).collect(),
        }
    }

    /// The one value of `name`.
    pub fn single(&self, name: &str) -> Result<Option<&str>, ParamError> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            // RFC 6749 §3.1 and §3.2: parameters MUST NOT be included more than once.
            return Err(ParamError::Repeated(plain(name)));
        }
        Ok(first)
    }

    /// The one value of `name`, which has to be there.
    pub fn required(&self, name: &'static str) -> Result<&str, ParamError> {
        self.single(name)?.ok_or(ParamError::Missing(name))
    }

    /// All values of `name`, for the few that may repeat (RFC 8707 `resource`).
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.pairs
            .iter()
            // RFC 6749 §3.1: a parameter sent without a value is treated as if it were omitted.
            .filter(move |(n, v)| n == name && !v.is_empty())
            .map(|(_, v)| v.as_str())
    }

    /// Is `name` there with a value, once or more?
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// As application/x-www-form-urlencoded.
    pub fn encode(&self) -> String {
        encode(self.iter())
    }
}

impl fmt::Debug for Params {
    /// Names only: values hold codes, secrets and passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.pairs.iter().map(|(n, _)| n)).finish()
    }
}

/// A name that a stranger chose, fit for a log line and a page.
fn plain(name: &str) -> String {
    const LONGEST: usize = 40;
    name.chars().filter(|c| c.is_ascii_graphic()).take(LONGEST).collect()
}

/// Writes pairs as application/x-www-form-urlencoded.
pub fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        out.append_pair(name, value);
    }
    out.finish()
}

/// Strict application/x-www-form-urlencoded decoding (RFC 6749 Appendix B): a bad escape is an error, not a character.
pub fn decode(raw: &[u8]) -> Result<String, ParamError> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw.iter();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex_digit(rest.next())?, hex_digit(rest.next())?);
                high << 4 | low
            }
            other => *other,
        });
    }
    if out.contains(&0) {
        return Err(ParamError::Nul);
    }
    String::from_utf8(out).map_err(|_| ParamError::Utf8)
}

fn hex_digit(byte: Option<&u8>) -> Result<u8, ParamError> {
    match byte {
        Some(b @ b'0'..=b'9') => Ok(b - b'0'),
        Some(b @ b'a'..=b'f') => Ok(b - b'a' + 10),
        Some(b @ b'A'..=b'F') => Ok(b - b'A' + 10),
        _ => Err(ParamError::Escape),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn malformed_input_is_refused() {
        let long_value = format!("state={}", "x".repeat(MAX_VALUE_BYTES + 1));
        let long_name = format!("{}=1", "x".repeat(MAX_NAME_BYTES + 1));
        let long = "x".repeat(MAX_TOTAL_BYTES + 1);
        let many = "a=1&".repeat(MAX_PARAMETERS + 1);
        for (raw, error) in [
            (&b"a=%"[..], ParamError::Escape),
            (b"a=%4", ParamError::Escape),
            (b"a=%zz", ParamError::Escape),
            (b"a=%+1", ParamError::Escape),
            (b"%f=1", ParamError::Escape),
            (b"a=%ff", ParamError::Utf8),
            (b"a=\xc3", ParamError::Utf8),
            (b"a=%c3%28", ParamError::Utf8),
            (b"a=%00", ParamError::Nul),
            (b"a\0=1", ParamError::Nul),
            (long_value.as_bytes(), ParamError::ValueTooLong("state".into())),
            (long_name.as_bytes(), ParamError::NameTooLong),
            (long.as_bytes(), ParamError::TooLong),
            (many.as_bytes(), ParamError::TooMany),
        ] {
            assert_eq!(Params::parse(raw), Err(error));
        }
    }

    #[test]
    fn values_are_decoded() {
        let p = Params::parse(b"scope=openid+profile&state=a%26b%3Dc&&empty=&bare&%6Eonce=x=y").unwrap();
        assert_eq!(p.single("scope"), Ok(Some("openid profile")));
        assert_eq!(p.single("state"), Ok(Some("a&b=c")));
        assert_eq!(p.single("nonce"), Ok(Some("x=y")));
        assert_eq!(p.single("empty"), Ok(None));
        assert_eq!(p.single("bare"), Ok(None));
        assert_eq!(p.required("bare"), Err(ParamError::Missing("bare")));
    }

    #[test]
    fn repetition_is_an_error_only_where_it_is_asked_for() {
        let p = Params::parse(b"state=a&state=a&x=1&x=2&scope=&scope=openid").unwrap();
        assert_eq!(p.single("state"), Err(ParamError::Repeated("state".into())));
        assert_eq!(p.single("scope"), Ok(Some("openid")));
        assert_eq!(p.all("x").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(p.single("none"), Ok(None));
    }

    #[test]
    fn values_never_show_in_logs() {
        let p = Params::from_pairs([("client_secret", "hunter2")]);
        assert_eq!(format!("{p:?}"), r#"{"client_secret"}"#);
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(raw in proptest::collection::vec(any::<u8>(), 0..2000)) {
            if let Ok(p) = Params::parse(&raw) {
                prop_assert_eq!(Params::parse(p.encode().as_bytes()).unwrap(), p);
            }
        }

        #[test]
        fn what_is_written_is_read(pairs in proptest::collection::vec(("[^\0]{1,20}", "[^\0]{0,40}"), 0..20)) {
            let p = Params::from_pairs(pairs);
            prop_assert_eq!(Params::parse(p.encode().as_bytes()).unwrap(), p);
        }
    }
}
