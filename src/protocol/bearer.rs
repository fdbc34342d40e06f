//! How an access token is presented to a protected resource (RFC 6750 §2, RFC 9449 §7.1).

use crate::base::Secret;

use super::challenge::TokenScheme;
use super::errors::{ErrorCode, OAuthError};
use super::params::Params;

/// Bytes of an access token.
pub const MAX_ACCESS_TOKEN_BYTES: usize = 8 * 1024;

/// An access token as it came, not verified.
#[derive(Clone, Debug)]
pub struct AccessTokenPresented {
    pub scheme: TokenScheme,
    pub token: Secret<String>,
}

/// Why there is no token to verify.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoToken {
    /// RFC 6750 §3.1: the challenge then carries no error code.
    #[error("no access token")]
    Missing,
    #[error(transparent)]
    Refused(#[from] OAuthError),
}

impl AccessTokenPresented {
    /// `authorization`: every Authorization header; `body`: the form, if the request has one.
    /// A token in the query is not looked for: RFC 9700 §2.6 forbids it.
    pub fn extract(authorization: &[&str], body: Option<&Params>) -> Result<Self, NoToken> {
        let in_body = match body {
            Some(form) => form.single("access_token").map_err(OAuthError::from)?,
            None => None,
        };
        match (authorization, in_body) {
            ([], None) => Err(NoToken::Missing),
            ([], Some(token)) => Self::checked(TokenScheme::Bearer, token),
            ([header], None) => {
                let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
                match TokenScheme::from_word(scheme) {
                    Some(scheme) => Self::checked(scheme, token.trim_matches(' ')),
                    // Some other authentication: to us the token is missing.
                    None => Err(NoToken::Missing),
                }
            }
            // RFC 6750 §2: clients MUST NOT use more than one method.
            _ => Err(OAuthError::invalid_request("the access token is presented more than once").into()),
        }
    }

    fn checked(scheme: TokenScheme, token: &str) -> Result<Self, NoToken> {
        // RFC 6750 §2.1: b64token.
        let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=');
        if token.is_empty() || !token.bytes().all(sound) {
            return Err(OAuthError::invalid_request("the access token is malformed").into());
        }
        if token.len() > MAX_ACCESS_TOKEN_BYTES {
            return Err(OAuthError::new(ErrorCode::InvalidToken, "the access token is not valid").into());
        }
        Ok(Self {
            scheme,
            token: Secret::from(token),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_in_one_way() {
        let form = Params::from_pairs([("access_token", "t0k.en")]);
        for (headers, body, scheme) in [
            (&["Bearer t0k.en"][..], None, TokenScheme::Bearer),
            (&["bearer  t0k.en"], Some(Params::default()), TokenScheme::Bearer),
            (&["dpop t0k.en"], None, TokenScheme::Dpop),
            (&[], Some(form.clone()), TokenScheme::Bearer),
        ] {
            let found = AccessTokenPresented::extract(headers, body.as_ref()).unwrap();
            assert_eq!((found.scheme, found.token.expose().as_str()), (scheme, "t0k.en"));
        }
    }

    #[test]
    fn every_refusal_has_its_code() {
        use ErrorCode::{InvalidRequest, InvalidToken};
        let form = Params::from_pairs([("access_token", "t")]);
        let twice = Params::from_pairs([("access_token", "t"), ("access_token", "t")]);
        let long = format!("Bearer {}", "x".repeat(MAX_ACCESS_TOKEN_BYTES + 1));
        for (headers, body, code) in [
            (&[][..], None, None),
            (&["Basic cnA6cw=="], None, None),
            (&[""], None, None),
            (&["Bearer"], None, Some(InvalidRequest)),
            (&["Bearer a b"], None, Some(InvalidRequest)),
            (&["Bearer a", "Bearer a"], None, Some(InvalidRequest)),
            (&["Bearer a"], Some(&form), Some(InvalidRequest)),
            (&[], Some(&twice), Some(InvalidRequest)),
            (&[long.as_str()], None, Some(InvalidToken)),
        ] {
            let refused = match AccessTokenPresented::extract(headers, body).unwrap_err() {
                NoToken::Missing => None,
                NoToken::Refused(error) => Some(error.code),
            };
            assert_eq!(refused, code, "{headers:?}");
        }
    }
}
