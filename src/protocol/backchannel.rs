//! Client-Initiated Backchannel Authentication on the wire (CIBA Core 1.0 §7): which person, what they are shown, how the
//! client learns that they have answered.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::base::{Seconds, Secret, Timestamp};

use super::authorize::{AuthorizationRequest, MAX_HINT_BYTES};
use super::client::Client;
use super::errors::{ErrorCode, OAuthError};
use super::params::Params;
use super::request_object::{self, Rules};
use super::words::{DeliveryMode, Profile};

/// Characters of `binding_message`, which has to fit a phone's screen (§7.1: the server may limit it).
pub const MAX_BINDING_MESSAGE: usize = 40;
/// Characters of `client_notification_token` (§7.1).
const MAX_NOTIFICATION_TOKEN: usize = 1024;
/// Digits of `requested_expiry`; whatever is more than `BACKCHANNEL_LIFETIME` is cut off anyway.
const MAX_EXPIRY_DIGITS: usize = 9;
/// What says who calls, and may stand beside a signed request (§7.1.1).
const CREDENTIALS: [&str; 5] = [
    "request",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

/// Whom it is about (§7.1: exactly one).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A name that somebody signs in with.
    Login(String),
    /// Not verified yet.
    IdToken(String),
}

#[derive(Clone, Debug)]
pub struct BackchannelRequest {
    pub request: AuthorizationRequest,
    pub hint: Hint,
    pub binding_message: Option<String>,
    pub requested_expiry: Option<Seconds>,
    /// Present exactly in ping mode.
    pub notification_token: Option<Secret<String>>,
}

/// §7.3, and a member of ours.
#[derive(Clone, Debug, Serialize)]
pub struct BackchannelResponse {
    pub auth_req_id: Secret<String>,
    pub expires_in: Seconds,
    pub interval: Seconds,
    /// The number that the client shows and the person types on the phone: comparing two messages proves nothing (800-63B-4
    /// §3.1.3). Absent where a tap is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stepup_match_code: Option<Secret<String>>,
}

/// May this client ask like this at all? `signed`: the parameters come from a signed request.
pub fn check_signed(client: &Client, params: &Params) -> Result<(), OAuthError> {
    let registered = client.metadata.backchannel_authentication_request_signing_alg;
    // FAPI-CIBA §5.2.2: signed requests alone. Who registers an algorithm says that it signs (CIBA Core §4).
    if !params.has("request") && (client.profile == Profile::Fapi2 || registered.is_some()) {
        return Err(OAuthError::invalid_request(
            "this client must sign its authentication requests (parameter request)",
        ));
    }
    // CIBA Core §7.1.1.
    let beside = params.has("request") && params.iter().any(|(name, _)| !CREDENTIALS.contains(&name));
    if beside {
        return Err(OAuthError::invalid_request(
            "beside a signed request there can be no other parameters",
        ));
    }
    Ok(())
}

/// The parameters within a signed request, and its `jti` with the time until which that is remembered.
pub fn signed_params(
    claims: &Map<String, Value>,
    rules: &Rules<'_>,
) -> Result<(Params, String, Timestamp), OAuthError> {
    request_object::backchannel(claims, rules)
        // CIBA Core §13 knows no code of its own for it.
        .map_err(|unfit| OAuthError::invalid_request(unfit.description()))
}

impl BackchannelRequest {
    pub fn parse(params: &Params, client: &Client) -> Result<Self, OAuthError> {
        // Refused by name, so that nobody believes it was heeded: the metadata says that there is none.
        if params.has("user_code") {
            return Err(OAuthError::invalid_request("user_code is not supported here"));
        }
        let request = AuthorizationRequest::deferred(params, client)?;
        if !request.scope.is_openid() {
            // §7.1.
            return Err(OAuthError::new(ErrorCode::InvalidScope, "scope must contain openid"));
        }
        Ok(Self {
            request,
            hint: hint(params)?,
            binding_message: binding_message(params)?,
            requested_expiry: requested_expiry(params)?,
            notification_token: notification_token(params, client)?,
        })
    }
}

fn hint(params: &Params) -> Result<Hint, OAuthError> {
    let login = params.single("login_hint")?.filter(|hint| !hint.is_empty());
    let id_token = params.single("id_token_hint")?.filter(|hint| !hint.is_empty());
    if params.has("login_hint_token") {
        return Err(OAuthError::invalid_request(
            "login_hint_token is not supported here; use login_hint or id_token_hint",
        ));
    }
    match (login, id_token) {
        (Some(login), None) if login.len() <= MAX_HINT_BYTES => Ok(Hint::Login(login.to_owned())),
        (None, Some(token)) => Ok(Hint::IdToken(token.to_owned())),
        (Some(_), None) => Err(OAuthError::invalid_request("login_hint is too long")),
        _ => Err(OAuthError::invalid_request(
            "exactly one of login_hint and id_token_hint is needed",
        )),
    }
}

/// Shown on two screens that show the same or the comparison is worth nothing: printable ASCII, on one line.
fn binding_message(params: &Params) -> Result<Option<String>, OAuthError> {
    let Some(text) = params.single("binding_message")? else {
        return Ok(None);
    };
    let printable = text.bytes().all(|b| matches!(b, b' '..=b'~'));
    if printable && !text.trim().is_empty() && text.len() <= MAX_BINDING_MESSAGE {
        return Ok(Some(text.to_owned()));
    }
    Err(OAuthError::new(
        ErrorCode::InvalidBindingMessage,
        format!("binding_message must be 1 to {MAX_BINDING_MESSAGE} printable ASCII characters"),
    ))
}

fn requested_expiry(params: &Params) -> Result<Option<Seconds>, OAuthError> {
    let parse = |text: &str| {
        let digits = text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= MAX_EXPIRY_DIGITS;
        let seconds = text.parse::<i64>().ok().filter(|n| digits && *n > 0);
        seconds.map(Seconds).ok_or_else(|| {
            // §7.1.
            OAuthError::invalid_request("requested_expiry must be a positive number of seconds")
        })
    };
    params.single("requested_expiry")?.map(parse).transpose()
}

fn notification_token(params: &Params, client: &Client) -> Result<Option<Secret<String>>, OAuthError> {
    let given = params.single("client_notification_token")?;
    if client.metadata.backchannel_token_delivery_mode != Some(DeliveryMode::Ping) {
        // §7.1: of ping and push alone; whoever polls needs none.
        return Ok(None);
    }
    let token = given.ok_or_else(|| OAuthError::invalid_request("client_notification_token is needed in ping mode"))?;
    // §7.1: it is sent as a bearer token (RFC 6750 §2.1, b64token).
    let body = token.trim_end_matches('=');
    let sound = !body.is_empty()
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'));
    if sound && token.len() <= MAX_NOTIFICATION_TOKEN {
        Ok(Some(Secret::from(token)))
    } else {
        Err(OAuthError::invalid_request(
            "client_notification_token must be a bearer token of at most 1024 characters",
        ))
    }
}

#[cfg(test)]
#[path = "backchannel_tests.rs"]
mod tests;
