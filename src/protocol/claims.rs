//! Claims about people and about authentication (OIDC Core §2, §5; RFC 9068 §2.2).

use std::collections::BTreeSet;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::encoding::base64url;

use super::audience::Audience;
use super::claims_request::ClaimsRequest;
use super::rar::AuthorizationDetails;
use super::scope::Scopes;
use super::subject::Subject;
use super::words::SigningAlg;

/// How the person proved themself: scope `evidence`, or asked for by name.
pub const EVIDENCE: &str = "urn:countersign:evidence";

/// What the person has set up to prove themself with, without secrets: scope `authenticators`, or asked for by name.
pub const AUTHENTICATORS: &str = "urn:countersign:authenticators";

/// Every scope that we know without an operator's doing.
pub const SCOPES: &[&str] = &[
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
    "evidence",
    SCOPE_AUTHENTICATORS,
];

/// The scope that a client gets only where its registration names it.
pub const SCOPE_AUTHENTICATORS: &str = "authenticators";

/// Which claims a scope brings (OIDC Core §5.4).
pub const SCOPE_CLAIMS: &[(&str, &[&str])] = &[
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
    ("evidence", &[EVIDENCE]),
    (SCOPE_AUTHENTICATORS, &[AUTHENTICATORS]),
];

/// Claims that say nothing about the person's attributes; no attribute can take their place.
pub const PROTOCOL_CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "sid",
];

/// Where claims go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    IdToken,
    Userinfo,
}

/// The scope without which a client gets this claim not at all; `None` for what is not about the person.
pub fn scope_of(claim: &str) -> Option<&'static str> {
    let brings = |(_, claims): &&(&str, &[&str])| claims.contains(&claim);
    SCOPE_CLAIMS.iter().find(brings).map(|(scope, _)| *scope)
}

/// Names that the client gets, as far as they are known of the person.
pub fn wanted<'a>(scopes: &Scopes, request: &'a ClaimsRequest, place: Place) -> BTreeSet<&'a str> {
    let by_name = match place {
        Place::IdToken => &request.id_token,
        Place::Userinfo => &request.userinfo,
    };
    let known = |name: &&str| scope_of(name).is_some();
    let mut names: BTreeSet<&str> = by_name.keys().map(String::as_str).filter(known).collect();
    for (scope, claims) in SCOPE_CLAIMS.iter().filter(|(scope, _)| scopes.contains(scope)) {
        // OIDC Core §5.4: with an access token the claims of scopes are at userinfo. Ours are in both: whoever
        // asks for evidence wants it signed.
        if place == Place::Userinfo || *scope == "evidence" {
            names.extend(claims.iter().copied());
        }
    }
    names
}

/// Takes what is wanted out of what is known of the person. What is not known is left out, not null (§5.3.2).
pub fn select(person: &Map<String, Value>, wanted: &BTreeSet<&str>) -> Map<String, Value> {
    let empty = |v: &Value| v.is_null() || v.as_str().is_some_and(str::is_empty);
    person
        .iter()
        .filter(|(name, value)| wanted.contains(name.as_str()) && scope_of(name).is_some() && !empty(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The ID token (OIDC Core §2, §3.1.3.6, §3.3.2.11).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdTokenClaims {
    pub iss: String,
    pub sub: Subject,
    pub aud: String,
    /// NumericDates: seconds since 1970.
    pub exp: i64,
    pub iat: i64,
    /// Of the oldest factor event behind `acr`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// About the person, as `select` gave them; and `EVIDENCE`.
    #[serde(flatten)]
    pub person: Map<String, Value>,
}

/// `typ` of the JOSE header of an access token (RFC 9068 §2.1).
pub const ACCESS_TOKEN_TYP: &str = "at+jwt";

/// The access token (RFC 9068 §2.2). acr, amr and auth_time stay as they were at the authorization (RFC 9470 §6.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    pub iss: String,
    pub sub: Subject,
    pub aud: Audience,
    pub client_id: String,
    pub exp: i64,
    pub iat: i64,
    pub jti: String,
    pub scope: Scopes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// RFC 9396 §9.1.
    #[serde(default, skip_serializing_if = "AuthorizationDetails::is_empty")]
    pub authorization_details: AuthorizationDetails,
    /// Who acts for the subject (RFC 8693 §4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    /// Who alone may come to act for the subject (RFC 8693 §4.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_act: Option<MayAct>,
}

/// An actor, and within it the one that acted before (RFC 8693 §4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub sub: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Actor>>,
}

impl Actor {
    /// How many stand in the chain.
    pub fn depth(&self) -> usize {
        1 + self.act.as_ref().map_or(0, |before| before.depth())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MayAct {
    pub sub: String,
}

/// What whoever presents the token has to hold (RFC 7800 §3.1).
/// More than one is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The thumbprint of a key (RFC 9449 §6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
    /// The thumbprint of a certificate (RFC 8705 §3.1).
    #[serde(rename = "x5t#S256", default, skip_serializing_if = "Option::is_none")]
    pub x5t_s256: Option<String>,
}

impl Confirmation {
    /// Nothing: whoever has the token may use it.
    pub const fn is_empty(&self) -> bool {
        self.jkt.is_none() && self.x5t_s256.is_none()
    }
    /// For a token.
    pub fn claim(self) -> Option<Self> {
        (!self.is_empty()).then_some(self)
    }
}

/// `at_hash`, `c_hash`: the left half of the hash that belongs to the algorithm (OIDC Core §3.1.3.6, §3.3.2.11).
pub fn half_hash(alg: SigningAlg, token: &str) -> String {
    let hash = match alg {
        SigningAlg::Es256 | SigningAlg::Ps256 | SigningAlg::Rs256 => &digest::SHA256,
        // Ed25519 is defined with SHA-512 (RFC 8032 §5.1).
        SigningAlg::EdDsa => &digest::SHA512,
    };
    let value = digest::digest(hash, token.as_bytes());
    base64url(&value.as_ref()[..value.as_ref().len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn person() -> Map<String, Value> {
        json!({
            "name": "Ana Rivera", "email": "a@b.example", "email_verified": true, "phone_number": "",
            "nickname": null, "address": {"country": "US"}, "sub": "forged", "acr": "forged", "npi": "1234567893",
            EVIDENCE: [{"method": "totp"}]
        })
        .as_object()
        .unwrap()
        .clone()
    }

    #[test]
    fn scopes_and_requests_bring_claims_where_they_belong() {
        let named = r#"{"id_token":{"name":null,"acr":null},"userinfo":{"phone_number":null,"address":null,"npi":null,"sub":null}}"#;
        let named = ClaimsRequest::parse(named).unwrap();
        let none = ClaimsRequest::default();
        for (scopes, request, place, names) in [
            ("openid", &none, Place::Userinfo, &[][..]),
            ("openid profile", &none, Place::Userinfo, &["name"]),
            ("openid profile", &none, Place::IdToken, &[]),
            ("openid email", &none, Place::Userinfo, &["email", "email_verified"]),
            ("openid phone", &none, Place::Userinfo, &[]),
            ("openid", &named, Place::IdToken, &["name"]),
            (
                "openid email",
                &named,
                Place::Userinfo,
                &["address", "email", "email_verified"],
            ),
            ("openid evidence", &none, Place::IdToken, &[EVIDENCE]),
            ("openid evidence", &none, Place::Userinfo, &[EVIDENCE]),
        ] {
            let scopes = Scopes::parse(scopes).unwrap();
            let selected = select(&person(), &wanted(&scopes, request, place));
            assert_eq!(selected.keys().collect::<Vec<_>>(), names, "{scopes} {place:?}");
        }
    }

    #[test]
    fn protocol_claims_belong_to_no_scope() {
        for claim in PROTOCOL_CLAIMS {
            assert_eq!(scope_of(claim), None);
        }
        assert_eq!(scope_of("updated_at"), Some("profile"));
    }

    #[test]
    fn at_hash_is_the_example_of_core() {
        // OIDC Core Appendix A.3 and A.4.
        assert_eq!(
            half_hash(SigningAlg::Rs256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
        assert_eq!(
            half_hash(
                SigningAlg::Es256,
                "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"
            ),
            "LDktKdoQak3Pk0cnXxCltA"
        );
        assert_eq!(half_hash(SigningAlg::EdDsa, "x").len(), 43);
    }

    #[test]
    fn tokens_leave_out_what_is_not_there() {
        let token = IdTokenClaims {
            iss: "i".into(),
            sub: serde_json::from_value(json!("s")).unwrap(),
            aud: "a".into(),
            exp: 2,
            iat: 1,
            auth_time: None,
            nonce: None,
            acr: Some("phr".into()),
            amr: vec![],
            azp: None,
            at_hash: None,
            c_hash: None,
            sid: None,
            person: select(&person(), &BTreeSet::from(["name"])),
        };
        let json = serde_json::to_value(&token).unwrap();
        assert_eq!(
            json,
            json!({"iss": "i", "sub": "s", "aud": "a", "exp": 2, "iat": 1, "acr": "phr", "name": "Ana Rivera"})
        );
        assert_eq!(serde_json::from_value::<IdTokenClaims>(json).unwrap(), token);
    }
}
