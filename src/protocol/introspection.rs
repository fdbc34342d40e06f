//! What a token is worth, told to who asks (RFC 7662 §2.2, RFC 9470 §6.2, RFC 9701 §5).

use serde::Serialize;
use serde_json::Value;

use crate::base::Timestamp;

use super::audience::Audience;
use super::claims::{Actor, Confirmation};
use super::rar::AuthorizationDetails;
use super::scope::Scopes;
use super::subject::Subject;
use super::token::TokenType;

/// What a client asks for in `Accept` to get the answer signed (RFC 9701 §4).
pub const SIGNED_MEDIA_TYPE: &str = "application/token-introspection+jwt";
/// `typ` of its JOSE header (RFC 9701 §5).
pub const SIGNED_TYP: &str = "token-introspection+jwt";

/// The answer. Of a token that is not active nothing else is said (RFC 7662 §2.2).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Introspection {
    active: bool,
    #[serde(flatten)]
    facts: Option<Box<Facts>>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Facts {
    pub scope: Scopes,
    pub client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// How the token is used (RFC 6749 §7.1); a refresh token has no such way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<TokenType>,
    /// What whoever presents it has to hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// NumericDates: seconds since 1970.
    pub exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    pub sub: Subject,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<Audience>,
    pub iss: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// RFC 9470 §6.2: at the top, as in the access token.
    /// Nothing is said of it where the token is the client's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// Who acts for the subject (RFC 8693 §4.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    /// RFC 9396 §9.2.
    #[serde(skip_serializing_if = "AuthorizationDetails::is_empty")]
    pub authorization_details: AuthorizationDetails,
    /// `claims::EVIDENCE`.
    #[serde(rename = "urn:countersign:evidence", skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Value>,
}

impl Introspection {
    pub const fn inactive() -> Self {
        Self {
            active: false,
            facts: None,
        }
    }

    pub fn active(facts: Facts) -> Self {
        Self {
            active: true,
            facts: Some(Box::new(facts)),
        }
    }
}

/// RFC 9701 §5: `sub` and `exp` MUST NOT stand at the top, so that nobody takes it for an access token.
#[derive(Clone, Debug, Serialize)]
pub struct SignedIntrospection<'a> {
    iss: &'a str,
    /// Who asked.
    aud: &'a str,
    iat: i64,
    token_introspection: &'a Introspection,
}

impl<'a> SignedIntrospection<'a> {
    pub const fn new(issuer: &'a str, asker: &'a str, now: Timestamp, answer: &'a Introspection) -> Self {
        Self {
            iss: issuer,
            aud: asker,
            iat: now.secs(),
            token_introspection: answer,
        }
    }
}

/// Is the signed answer asked for (RFC 9701 §4)? Only where it is named: `*/*` asks for nothing in particular.
pub fn wants_signed(accept: &str) -> bool {
    accept.split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|kind| kind.eq_ignore_ascii_case(SIGNED_MEDIA_TYPE));
        // RFC 9110 §12.4.2: a weight of 0 means "not acceptable".
        let refused = |p: &str| {
            let weight = p.strip_prefix("q=").or_else(|| p.strip_prefix("Q="));
            weight.is_some_and(|q| q.parse() == Ok(0.0_f32))
        };
        named && !parts.any(refused)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::claims::EVIDENCE;
    use serde_json::json;

    fn facts() -> Facts {
        Facts {
            scope: Scopes::parse("openid").unwrap(),
            client_id: "c".into(),
            username: None,
            token_type: Some(TokenType::Bearer),
            cnf: None,
            exp: 2,
            iat: Some(1),
            sub: serde_json::from_value(json!("s")).unwrap(),
            aud: Some(Audience::One("a".into())),
            iss: "i".into(),
            jti: None,
            acr: Some("phr".into()),
            amr: vec!["hwk".into()],
            auth_time: Some(0),
            act: None,
            authorization_details: AuthorizationDetails::default(),
            evidence: Some(json!([])),
        }
    }

    #[test]
    fn of_an_inactive_token_nothing_is_said() {
        let json = serde_json::to_value(Introspection::inactive()).unwrap();
        assert_eq!(json, json!({"active": false}));
    }

    #[test]
    fn facts_stand_at_the_top_and_in_the_jwt_below() {
        let answer = Introspection::active(facts());
        let plain = json!({"active": true, "scope": "openid", "client_id": "c", "token_type": "Bearer", "exp": 2,
            "iat": 1, "sub": "s", "aud": "a", "iss": "i", "acr": "phr", "amr": ["hwk"], "auth_time": 0, EVIDENCE: []});
        assert_eq!(serde_json::to_value(&answer).unwrap(), plain);
        let signed = SignedIntrospection::new("i", "api", Timestamp::from_secs(7), &answer);
        assert_eq!(
            serde_json::to_value(&signed).unwrap(),
            json!({"iss": "i", "aud": "api", "iat": 7, "token_introspection": plain})
        );
    }

    #[test]
    fn the_signed_answer_has_to_be_asked_for_by_name() {
        for (accept, signed) in [
            ("", false),
            ("*/*", false),
            ("application/json", false),
            ("application/token-introspection+jwt", true),
            (
                "application/json;q=0.5, Application/Token-Introspection+JWT ; q=0.9",
                true,
            ),
            ("application/token-introspection+jwt;q=0", false),
            ("application/token-introspection+jwt; q=0.000, application/json", false),
            ("application/token-introspection+jwt2", false),
        ] {
            assert_eq!(wants_signed(accept), signed, "{accept}");
        }
    }
}
