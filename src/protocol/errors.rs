//! Every error code that OAuth and OpenID Connect give us, and how each looks on the wire.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use super::params::ParamError;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $wire:literal),* $(,)?) => {
        /// A registered error code (IANA "OAuth Extensions Error Registry"), named as it is written on the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $wire)] $name,)*
        }
        impl ErrorCode {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }
        }
    };
}

codes! {
    // RFC 6749 §4.1.2.1 and §5.2
    InvalidRequest = "invalid_request",
    InvalidClient = "invalid_client",
    InvalidGrant = "invalid_grant",
    UnauthorizedClient = "unauthorized_client",
    UnsupportedGrantType = "unsupported_grant_type",
    UnsupportedResponseType = "unsupported_response_type",
    InvalidScope = "invalid_scope",
    AccessDenied = "access_denied",
    ServerError = "server_error",
    TemporarilyUnavailable = "temporarily_unavailable",
    // OIDC Core §3.1.2.6
    InteractionRequired = "interaction_required",
    LoginRequired = "login_required",
    AccountSelectionRequired = "account_selection_required",
    ConsentRequired = "consent_required",
    InvalidRequestUri = "invalid_request_uri",
    InvalidRequestObject = "invalid_request_object",
    RequestNotSupported = "request_not_supported",
    RequestUriNotSupported = "request_uri_not_supported",
    RegistrationNotSupported = "registration_not_supported",
    /// OpenID Connect Core Error Code unmet_authentication_requirements 1.0.
    UnmetAuthenticationRequirements = "unmet_authentication_requirements",
    // RFC 6750 §3.1
    InvalidToken = "invalid_token",
    InsufficientScope = "insufficient_scope",
    /// RFC 9470 §3.
    InsufficientUserAuthentication = "insufficient_user_authentication",
    /// RFC 7009 §2.2.1.
    UnsupportedTokenType = "unsupported_token_type",
    /// RFC 8707 §2.
    InvalidTarget = "invalid_target",
    /// RFC 9396 §5.
    InvalidAuthorizationDetails = "invalid_authorization_details",
    // RFC 9449 §5 and §8
    InvalidDpopProof = "invalid_dpop_proof",
    UseDpopNonce = "use_dpop_nonce",
    // RFC 8628 §3.5
    AuthorizationPending = "authorization_pending",
    SlowDown = "slow_down",
    ExpiredToken = "expired_token",
    // CIBA Core §13
    UnknownUserId = "unknown_user_id",
    InvalidBindingMessage = "invalid_binding_message",
    // RFC 7591 §3.2.2
    InvalidRedirectUri = "invalid_redirect_uri",
    InvalidClientMetadata = "invalid_client_metadata",
    InvalidSoftwareStatement = "invalid_software_statement",
    UnapprovedSoftwareStatement = "unapproved_software_statement",
}

impl ErrorCode {
    /// HTTP status where the answer is JSON: token, PAR, revocation, introspection, registration.
    pub const fn token_status(self) -> u16 {
        match self {
            // RFC 6749 §5.2: 401 when the client tried to authenticate; we answer so whenever it failed to.
            Self::InvalidClient => 401,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
            Self::InvalidRequest
            | Self::InvalidGrant
            | Self::UnauthorizedClient
            | Self::UnsupportedGrantType
            | Self::UnsupportedResponseType
            | Self::InvalidScope
            | Self::AccessDenied
            | Self::InteractionRequired
            | Self::LoginRequired
            | Self::AccountSelectionRequired
            | Self::ConsentRequired
            | Self::InvalidRequestUri
            | Self::InvalidRequestObject
            | Self::RequestNotSupported
            | Self::RequestUriNotSupported
            | Self::RegistrationNotSupported
            | Self::UnmetAuthenticationRequirements
            | Self::InvalidToken
            | Self::InsufficientScope
            | Self::InsufficientUserAuthentication
            | Self::UnsupportedTokenType
            | Self::InvalidTarget
            | Self::InvalidAuthorizationDetails
            | Self::InvalidDpopProof
            | Self::UseDpopNonce
            | Self::AuthorizationPending
            | Self::SlowDown
            | Self::ExpiredToken
            | Self::UnknownUserId
            | Self::InvalidBindingMessage
            | Self::InvalidRedirectUri
            | Self::InvalidClientMetadata
            | Self::InvalidSoftwareStatement
            | Self::UnapprovedSoftwareStatement => 400,
        }
    }

    /// HTTP status where an access token opens the door: userinfo, our APIs.
    pub const fn bearer_status(self) -> u16 {
        match self {
            // RFC 6750 §3.1; RFC 9470 §3; RFC 9449 §7.1 and §9.
            Self::InvalidToken
            | Self::InsufficientUserAuthentication
            | Self::InvalidDpopProof
            | Self::UseDpopNonce
            | Self::InvalidClient => 401,
            // RFC 6750 §3.1.
            Self::InsufficientScope | Self::AccessDenied => 403,
            other => other.token_status(),
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ErrorCode {
    type Err = UnknownCode;
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .iter()
            .copied()
            .find(|c| c.as_str() == text)
            .ok_or(UnknownCode)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such error code")]
pub struct UnknownCode;

/// What a client is told: a code for its program and a sentence for its developer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub struct OAuthError {
    pub code: ErrorCode,
    description: String,
}

impl OAuthError {
    /// Characters that RFC 6749 forbids in a description are replaced. Never put a value of the request in it:
    /// it ends in logs and browser histories.
    pub fn new(code: ErrorCode, description: impl AsRef<str>) -> Self {
        Self {
            code,
            description: printable(description.as_ref()),
        }
    }
    pub fn invalid_request(description: impl AsRef<str>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }
    pub fn invalid_client(description: impl AsRef<str>) -> Self {
        Self::new(ErrorCode::InvalidClient, description)
    }
    pub fn invalid_grant(description: impl AsRef<str>) -> Self {
        Self::new(ErrorCode::InvalidGrant, description)
    }
    pub fn description(&self) -> &str {
        &self.description
    }
}

impl Serialize for OAuthError {
    /// RFC 6749 §5.2: a JSON object of `error` and `error_description`.
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("error", self.code.as_str())?;
        if !self.description.is_empty() {
            map.serialize_entry("error_description", &self.description)?;
        }
        map.end()
    }
}

impl From<ParamError> for OAuthError {
    fn from(error: ParamError) -> Self {
        // RFC 6749 §3.1, §3.2: malformed or repeated parameters are invalid requests.
        Self::invalid_request(error.to_string())
    }
}

/// RFC 6749 §4.1.2.1 and §5.2: `error_description` is %x20-21 / %x23-5B / %x5D-7E.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' => '\'',
            '\\' => '/',
            ' '..='~' => c,
            _ => '?',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names_come_back_as_the_same_code() {
        for code in ErrorCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
        assert!("nonsense".parse::<ErrorCode>().is_err());
    }

    #[test]
    fn statuses() {
        for (code, token, bearer) in [
            (ErrorCode::InvalidClient, 401, 401),
            (ErrorCode::InvalidGrant, 400, 400),
            (ErrorCode::InvalidRequest, 400, 400),
            (ErrorCode::InvalidScope, 400, 400),
            (ErrorCode::UnsupportedGrantType, 400, 400),
            (ErrorCode::UnauthorizedClient, 400, 400),
            (ErrorCode::InvalidDpopProof, 400, 401),
            (ErrorCode::UseDpopNonce, 400, 401),
            (ErrorCode::InvalidToken, 400, 401),
            (ErrorCode::InsufficientScope, 400, 403),
            (ErrorCode::InsufficientUserAuthentication, 400, 401),
            (ErrorCode::ServerError, 500, 500),
            (ErrorCode::TemporarilyUnavailable, 503, 503),
        ] {
            assert_eq!((code.token_status(), code.bearer_status()), (token, bearer), "{code}");
        }
    }

    #[test]
    fn descriptions_hold_only_permitted_characters() {
        let e = OAuthError::invalid_request("say \"no\" to \\ and \u{202e}\nñ");
        assert_eq!(e.description(), "say 'no' to / and ???");
        assert_eq!(
            serde_json::to_value(&e).unwrap(),
            serde_json::json!({"error": "invalid_request", "error_description": "say 'no' to / and ???"})
        );
    }
}
