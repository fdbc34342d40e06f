//! Request objects (RFC 9101, OIDC Core §6): an authorization request as the claims of a JWT. The signature is checked
//! before the claims come here.

use serde_json::{Map, Value};

use crate::base::{Seconds, Timestamp};

use super::client::Client;
use super::client_auth::{MAX_CLOCK_AHEAD, MAX_JTI_BYTES, number};
use super::errors::{ErrorCode, OAuthError};
use super::params::{MAX_NAME_BYTES, MAX_VALUE_BYTES, Params};
use super::words::Profile;

/// RFC 9101 §10.8 and what came before it (OIDC Core §6.1 knows no type).
pub const TYPES: [&str; 2] = ["oauth-authz-req+jwt", "JWT"];
/// FAPI 2.0 Message Signing §5.3.1: `nbf` is no older, and `exp` no further behind it.
pub const MAX_FAPI_LIFETIME: Seconds = Seconds::minutes(60);
/// Claims that speak of the object itself (RFC 7519 §4.1).
const ABOUT_ITSELF: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
/// What OIDC Core §6.1 wants outside in any case, and so may be missing inside.
const OUTSIDE_TOO: [&str; 3] = ["client_id", "response_type", "scope"];

/// What an object is measured by.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    pub client: &'a Client,
    pub issuer: &'a str,
    /// Else the client registered `none`, and what it says of itself proves nothing.
    pub signed: bool,
    pub now: Timestamp,
}

/// `invalid_request_object` (RFC 9101 §6.3).
pub fn unfit(what: impl std::fmt::Display) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequestObject, format!("request object: {what}"))
}

/// The parameters that count. `outside`: what came beside the object.
pub fn params(claims: &Map<String, Value>, outside: &Params, rules: &Rules<'_>) -> Result<Params, OAuthError> {
    check_parties(claims, rules)?;
    check_times(claims, rules)?;
    let mut inside = Vec::new();
    for (name, value) in claims {
        if ["request", "request_uri"].contains(&name.as_str()) {
            // RFC 9101 §4.
            return Err(unfit(format!("{name} cannot be in it")));
        }
        if !ABOUT_ITSELF.contains(&name.as_str()) {
            // RFC 8707 §2.1: the one parameter that may be there more than once is a list then.
            match value {
                Value::Array(many) if name == "resource" => {
                    for one in many {
                        inside.push((name.clone(), text(name, one)?));
                    }
                }
                one => inside.push((name.clone(), text(name, one)?)),
            }
        }
    }
    check_duplicates(&inside, outside)?;
    // RFC 9101 §6.3: only what is in the object. Where the client does not insist on signatures OIDC Core §6.1 rules, by
    // which what has to be outside anyway may be missing inside.
    if rules.client.profile == Profile::Oidc && !rules.client.require_signed_request_object {
        for name in OUTSIDE_TOO {
            if let (false, Some(value)) = (inside.iter().any(|(n, _)| n == name), outside.single(name)?) {
                inside.push((name.to_owned(), value.to_owned()));
            }
        }
    }
    let found = Params::from_pairs(inside);
    // RFC 9101 §5: inside and outside the same client.
    match found.single("client_id")? {
        Some(id) if id == rules.client.id.as_str() => Ok(found),
        Some(_) => Err(unfit("client_id is another client's")),
        None => Err(unfit("client_id is missing")),
    }
}

/// RFC 9101 §4 and §10.8, OIDC Core §6.1.
fn check_parties(claims: &Map<String, Value>, rules: &Rules<'_>) -> Result<(), OAuthError> {
    let id = rules.client.id.as_str();
    match claims.get("iss") {
        Some(iss) if iss == id => {}
        None if !rules.signed => {}
        _ => return Err(unfit("iss must be the client_id")),
    }
    let ours = match claims.get("aud") {
        Some(Value::Array(many)) => many.iter().any(|aud| aud == rules.issuer),
        Some(one) => one == rules.issuer,
        None => !rules.signed,
    };
    if !ours {
        return Err(unfit("aud must be the issuer"));
    }
    // RFC 9101 §10.8: whoever gets hold of it could otherwise authenticate as the client with it.
    if claims.get("sub").is_some_and(|sub| sub == id) {
        return Err(unfit("sub must not be the client_id"));
    }
    Ok(())
}

/// FAPI 2.0 Message Signing §5.3.1: how long it may be used, and not begin long ago.
fn check_lifetime(claims: &Map<String, Value>, now: i64) -> Result<(), OAuthError> {
    let [exp, nbf] = ["exp", "nbf"].map(|name| number(claims.get(name)).map_err(unfit));
    match (exp?, nbf?) {
        (Some(exp), Some(nbf)) if nbf >= now - MAX_FAPI_LIFETIME.0 && exp - nbf <= MAX_FAPI_LIFETIME.0 => Ok(()),
        (Some(_), Some(_)) => Err(unfit("nbf and exp must lie within 60 minutes")),
        _ => Err(unfit("nbf and exp are needed")),
    }
}

/// The parameters of a signed backchannel request (CIBA Core §7.1.1), with its `jti` and how long that has to be remembered.
/// Nothing beside it counts, and every claim about itself has to be there.
pub fn backchannel(claims: &Map<String, Value>, rules: &Rules<'_>) -> Result<(Params, String, Timestamp), OAuthError> {
    check_parties(claims, rules)?;
    check_times(claims, rules)?;
    // FAPI-CIBA §5.2.2 wants it of its clients; what leads to somebody's phone is short-lived with every client.
    check_lifetime(claims, rules.now.secs())?;
    if !claims.contains_key("iat") {
        return Err(unfit("iat is needed"));
    }
    let jti = claims.get("jti").and_then(Value::as_str);
    let jti = jti.filter(|jti| !jti.is_empty() && jti.len() <= MAX_JTI_BYTES);
    let jti = jti.ok_or_else(|| unfit("jti is needed"))?.to_owned();
    let mut inside = Vec::new();
    for (name, value) in claims {
        if !ABOUT_ITSELF.contains(&name.as_str()) {
            inside.push((name.clone(), text(name, value)?));
        }
    }
    let exp = number(claims.get("exp")).map_err(unfit)?.unwrap_or_default();
    Ok((Params::from_pairs(inside), jti, Timestamp::from_secs(exp)))
}

fn check_times(claims: &Map<String, Value>, rules: &Rules<'_>) -> Result<(), OAuthError> {
    let now = rules.now.secs();
    let [exp, nbf, iat] = ["exp", "nbf", "iat"].map(|name| number(claims.get(name)).map_err(unfit));
    let (exp, nbf, iat) = (exp?, nbf?, iat?);
    if exp.is_some_and(|exp| exp <= now) {
        return Err(unfit("it has expired"));
    }
    if [nbf, iat].into_iter().flatten().any(|at| at > now + MAX_CLOCK_AHEAD.0) {
        return Err(unfit("it comes from the future"));
    }
    if rules.client.profile == Profile::Oidc {
        return Ok(());
    }
    check_lifetime(claims, now)
}

/// OIDC Core §6.1: what is said twice MUST be said alike. (RFC 9101 would ignore it; a difference is somebody's tampering.)
fn check_duplicates(inside: &[(String, String)], outside: &Params) -> Result<(), OAuthError> {
    for name in ["client_id", "response_type"] {
        let within = inside.iter().find(|(n, _)| n == name);
        if let (Some((_, within)), Some(beside)) = (within, outside.single(name)?)
            && within != beside
        {
            return Err(unfit(format!("{name} is not the same outside")));
        }
    }
    Ok(())
}

/// A claim as the parameter that it stands for: texts as they are, numbers and structures as JSON (RFC 9101 §4).
fn text(name: &str, value: &Value) -> Result<String, OAuthError> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    // The bounds that `Params::parse` has for what comes in the open.
    if name.len() > MAX_NAME_BYTES || text.len() > MAX_VALUE_BYTES {
        return Err(unfit("a parameter is too long"));
    }
    if name.contains('\0') || text.contains('\0') {
        return Err(unfit("a parameter contains the character NUL"));
    }
    Ok(text)
}

#[cfg(test)]
#[path = "request_object_tests.rs"]
mod tests;
