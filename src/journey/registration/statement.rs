//! Software statements (RFC 7591 §2.3): what somebody whom the operator believes has signed about a client's software.

use crate::base::Timestamp;
use crate::keys::{Alg, Expected, Expiry, JwkSet, TypRule, jose};
use crate::model::registration::RegistrationRules;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::registration::Asked;

/// A statement that counts.
pub struct Approved {
    pub text: String,
    pub issuer: String,
}

/// The request as it is once the statement, if there is one, has had its say.
pub fn approve(
    ours: &str,
    rules: &RegistrationRules,
    asked: Asked,
    now: Timestamp,
) -> Result<(Asked, Option<Approved>), OAuthError> {
    let invalid = |what: &str| OAuthError::new(ErrorCode::InvalidSoftwareStatement, what);
    let Some(text) = asked.statement.clone() else {
        if rules.require_software_statement {
            return Err(invalid("software_statement is missing"));
        }
        return Ok((asked, None));
    };
    let unverified = jose::unverified_claims(&text).map_err(|e| invalid(&e.to_string()))?;
    // RFC 7591 §2.3: MUST contain an `iss` claim.
    let named = unverified.get("iss").and_then(|iss| iss.as_str());
    let named = named.ok_or_else(|| invalid("software_statement names no issuer"))?;
    let issuer = rules.statement_issuer(named).ok_or_else(|| {
        let what = "software statements of this issuer are not approved here";
        OAuthError::new(ErrorCode::UnapprovedSoftwareStatement, what)
    })?;
    let keys = JwkSet::from_value(&issuer.jwks).map_err(|e| invalid(&e.to_string()))?;
    let expected = Expected {
        algs: &Alg::ALL,
        // RFC 7591 gives it no type of its own.
        typ: TypRule::Any,
        issuer: Some(&issuer.issuer),
        audience: None,
        expiry: Expiry::IfPresent,
        now,
    };
    let verified = jose::verify(&text, &keys, &expected).map_err(|e| invalid(&e.to_string()))?;
    // RFC 7519 §4.1.3: one that is for somebody MUST be for us.
    if verified.claims.contains_key("aud") && !verified.audience().contains(&ours) {
        return Err(invalid("software_statement is for another provider"));
    }
    let issuer = issuer.issuer.clone();
    Ok((asked.overridden(&verified.claims), Some(Approved { text, issuer })))
}
