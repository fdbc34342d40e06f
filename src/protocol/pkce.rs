//! Proof Key for Code Exchange (RFC 7636), S256 only: `plain` proves nothing to whoever saw the request.

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::base::Secret;
use crate::base::encoding::{base64url, same, sha256};

use super::errors::OAuthError;

/// Characters of a base64url SHA-256 (RFC 7636 §4.2).
const CHALLENGE_CHARS: usize = 43;
/// Characters of a verifier (RFC 7636 §4.1).
const VERIFIER_CHARS: std::ops::RangeInclusive<usize> = 43..=128;

/// `code_challenge` with method S256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// `method` absent means `plain` (RFC 7636 §4.3), which we refuse (RFC 9700 §2.1.1).
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, OAuthError> {
        match method {
            Some("S256") => {}
            None | Some("plain") => {
                return Err(OAuthError::invalid_request("code_challenge_method must be S256"));
            }
            // RFC 7636 §4.4.1: "transform algorithm not supported".
            Some(_) => return Err(OAuthError::invalid_request("transform algorithm not supported")),
        }
        Self::check(challenge).ok_or_else(|| {
            OAuthError::invalid_request("code_challenge is not a base64url SHA-256 value of 43 characters")
        })
    }
    fn check(text: &str) -> Option<Self> {
        let sound = text.len() == CHALLENGE_CHARS
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        sound.then(|| Self(text.to_owned()))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for CodeChallenge {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Self::check(&String::deserialize(input)?).ok_or_else(|| de::Error::custom("not an S256 code challenge"))
    }
}

/// `code_verifier`, of sound syntax.
#[derive(Clone, Debug)]
pub struct CodeVerifier(Secret<String>);

impl CodeVerifier {
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        // RFC 7636 §4.1: 43*128unreserved
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        if VERIFIER_CHARS.contains(&text.len()) && text.bytes().all(unreserved) {
            Ok(Self(Secret::from(text)))
        } else {
            Err(OAuthError::invalid_request(
                "code_verifier must be 43 to 128 unreserved characters",
            ))
        }
    }
    pub fn challenge(&self) -> CodeChallenge {
        // RFC 7636 §4.6: BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))
        CodeChallenge(base64url(&sha256(self.0.expose().as_bytes())))
    }
}

/// Does the token request fit the authorization request?
pub fn verify(challenge: Option<&CodeChallenge>, verifier: Option<&CodeVerifier>) -> Result<(), OAuthError> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if same(challenge.0.as_bytes(), verifier.challenge().0.as_bytes()) => Ok(()),
        // RFC 7636 §4.6: invalid_grant.
        (Some(_), Some(_)) => Err(OAuthError::invalid_grant(
            "code_verifier does not fit the code_challenge",
        )),
        (Some(_), None) => Err(OAuthError::invalid_grant("code_verifier is missing")),
        // RFC 9700 §4.8.2: a verifier without a challenge is a PKCE downgrade.
        (None, Some(_)) => Err(OAuthError::invalid_grant(
            "code_verifier without a code_challenge in the authorization request",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;

    // RFC 7636 Appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc_holds() {
        let challenge = CodeChallenge::parse(CHALLENGE, Some("S256")).unwrap();
        let verifier = CodeVerifier::parse(VERIFIER).unwrap();
        assert_eq!(verifier.challenge(), challenge);
        assert_eq!(verify(Some(&challenge), Some(&verifier)), Ok(()));
        assert_eq!(verify(None, None), Ok(()));
    }

    #[test]
    fn whatever_does_not_fit_is_an_invalid_grant() {
        let challenge = CodeChallenge::parse(CHALLENGE, Some("S256")).unwrap();
        let verifier = CodeVerifier::parse(VERIFIER).unwrap();
        let other = CodeVerifier::parse(&"a".repeat(43)).unwrap();
        for (c, v) in [
            (Some(&challenge), Some(&other)),
            (Some(&challenge), None),
            (None, Some(&verifier)),
        ] {
            assert_eq!(verify(c, v).unwrap_err().code, ErrorCode::InvalidGrant);
        }
    }

    #[test]
    fn syntax() {
        for (challenge, method) in [
            (CHALLENGE, None),
            (CHALLENGE, Some("plain")),
            (CHALLENGE, Some("s256")),
            (&CHALLENGE[1..], Some("S256")),
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", Some("S256")),
        ] {
            let error = CodeChallenge::parse(challenge, method).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidRequest);
        }
        for (text, good) in [
            ("a".repeat(42), false),
            ("a".repeat(43), true),
            ("~.-_".repeat(32), true),
            ("a".repeat(129), false),
            ("a b".repeat(20), false),
            ("ñ".repeat(30), false),
        ] {
            assert_eq!(CodeVerifier::parse(&text).is_ok(), good, "{text}");
        }
    }
}
