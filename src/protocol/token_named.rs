//! A token that a client gives back or asks about (RFC 7009 §2.1, RFC 7662 §2.1).

use crate::base::Secret;

use super::bearer::MAX_ACCESS_TOKEN_BYTES;
use super::errors::OAuthError;
use super::params::Params;

/// As it came. Nobody has said yet that it is one of ours.
#[derive(Clone, Debug)]
pub enum TokenNamed {
    /// It has the look of a JWS, as most of our access tokens have.
    Jws(Secret<String>),
    /// It has the look of our refresh tokens, and of access tokens that say nothing.
    Opaque(Secret<String>),
    /// Longer than any of ours.
    TooLong,
}

impl TokenNamed {
    pub fn parse(params: &Params) -> Result<Self, OAuthError> {
        let token = params.required("token")?;
        // RFC 7009 §2.1: may be ignored where the kind is seen from the token itself, and a wrong one changes nothing.
        params.single("token_type_hint")?;
        Ok(match token {
            long if long.len() > MAX_ACCESS_TOKEN_BYTES => Self::TooLong,
            // RFC 7515 §7.1: three parts. A refresh token that is bound to a key has two.
            jws if jws.matches('.').count() == 2 => Self::Jws(Secret::from(jws)),
            opaque => Self::Opaque(Secret::from(opaque)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::errors::ErrorCode;

    #[test]
    fn the_kind_is_seen_from_the_token_and_not_from_the_hint() {
        for hint in ["access_token", "refresh_token", "nonsense"] {
            let named = |token| TokenNamed::parse(&Params::from_pairs([("token", token), ("token_type_hint", hint)]));
            assert!(matches!(named("a.b.c"), Ok(TokenNamed::Jws(t)) if t.expose() == "a.b.c"));
            assert!(matches!(named("abc"), Ok(TokenNamed::Opaque(_))));
            assert!(matches!(named("secret.thumbprint"), Ok(TokenNamed::Opaque(_))));
            assert!(matches!(
                named(&"x".repeat(MAX_ACCESS_TOKEN_BYTES + 1)),
                Ok(TokenNamed::TooLong)
            ));
        }
    }

    #[test]
    fn a_request_names_one_token_once() {
        for pairs in [
            &[("token_type_hint", "access_token")][..],
            &[("token", "")],
            &[("token", "a"), ("token", "a")],
            &[("token", "a"), ("token_type_hint", "x"), ("token_type_hint", "x")],
        ] {
            let refused = TokenNamed::parse(&Params::from_pairs(pairs.iter().copied())).unwrap_err();
            assert_eq!(refused.code, ErrorCode::InvalidRequest, "{pairs:?}");
        }
    }
}
