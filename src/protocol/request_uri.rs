//! Pushed authorization requests on the wire (RFC 9126 §2).

use serde::Serialize;

use crate::base::{ClientId, Seconds};

use super::errors::OAuthError;
use super::params::Params;

/// RFC 9126 §2.2.
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// Parameters that say who pushes, and not what is asked.
const CREDENTIALS: [&str; 4] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

/// The answer of the endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PushedResponse {
    pub request_uri: String,
    pub expires_in: Seconds,
}

impl PushedResponse {
    pub fn new(secret: &str, expires_in: Seconds) -> Self {
        Self {
            request_uri: format!("{PREFIX}{secret}"),
            expires_in,
        }
    }
}

/// What a reference of ours ends with; `None`: it is none of ours.
pub fn secret(request_uri: &str) -> Option<&str> {
    request_uri.strip_prefix(PREFIX)
}

/// The authorization request within a push, of the client that has authenticated.
pub fn pushed(params: &Params, client: &ClientId) -> Result<Params, OAuthError> {
    // RFC 9126 §2.1: MUST NOT be provided here.
    if params.has("request_uri") {
        return Err(OAuthError::invalid_request("request_uri cannot be pushed"));
    }
    let asked = params.iter().filter(|(name, _)| !CREDENTIALS.contains(name));
    Ok(Params::from_pairs(
        [("client_id", client.as_str())].into_iter().chain(asked),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_leads_back_to_its_secret() {
        let answer = PushedResponse::new("s3cret", Seconds(90));
        assert_eq!(
            serde_json::to_value(&answer).unwrap(),
            serde_json::json!({"request_uri": "urn:ietf:params:oauth:request_uri:s3cret", "expires_in": 90})
        );
        assert_eq!(secret(&answer.request_uri), Some("s3cret"));
        for foreign in [
            "https://rp.example/request",
            "urn:ietf:params:oauth:request_uri",
            "URN:ietf:params:oauth:request_uri:x",
        ] {
            assert_eq!(secret(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn credentials_are_no_part_of_the_request() {
        let params = Params::from_pairs([
            ("client_id", "somebody"),
            ("client_secret", "x"),
            ("client_assertion", "x"),
            ("client_assertion_type", "x"),
            ("scope", "openid"),
            ("scope", "openid"),
        ]);
        let kept = pushed(&params, &ClientId::new("rp")).unwrap();
        let pairs: Vec<_> = kept.iter().collect();
        assert_eq!(pairs, [("client_id", "rp"), ("scope", "openid"), ("scope", "openid")]);
        let nested = Params::from_pairs([("request_uri", "urn:x:y")]);
        assert!(pushed(&nested, &ClientId::new("rp")).is_err());
    }
}
