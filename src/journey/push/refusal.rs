//! Why a device is refused, in the words of the protocol.

use crate::base::Seconds;
use crate::journey::provider::LoadError;
use crate::journey::scene::Trouble;
use crate::keys::SealError;
use crate::keys::jose::JoseError;
use crate::model::MfaCode;
use crate::storage;

#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("the request is malformed: {0}")]
    Invalid(&'static str),
    #[error("the signature does not hold")]
    Signature,
    #[error("the device's clock is more than five minutes off")]
    ClockSkew,
    #[error("this device is not registered")]
    Unregistered,
    #[error("this proof was used before")]
    Replayed,
    #[error("notifications are switched off")]
    NotificationsOff,
    #[error("the app is older than the operator takes")]
    AppTooOld { minimum: String },
    #[error("the number is wrong")]
    WrongNumber { left: i64 },
    #[error("the device is the browser that signs in")]
    SameDevice,
    #[error("the pairing is unknown, used or out of time")]
    PairingUnknown,
    #[error("there is no such request for this device")]
    RequestUnknown,
    #[error("the request has been answered")]
    Answered,
    #[error("the last authenticator cannot be removed")]
    LastAuthenticator,
    #[error("the request's time is over")]
    Expired,
    #[error("too many tries")]
    SlowDown(Seconds),
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Refusal {
    /// HTTP status, and `error` of the protocol. The table is in `docs/authenticator-protocol.md`.
    pub const fn on_the_wire(&self) -> (u16, &'static str) {
        match self {
            Self::Invalid(_) => (400, "invalid_request"),
            Self::Signature => (401, "invalid_signature"),
            Self::ClockSkew => (401, "clock_skew"),
            Self::Unregistered => (401, "unregistered"),
            Self::Replayed => (401, "replayed"),
            Self::NotificationsOff => (403, "notifications_off"),
            Self::AppTooOld { .. } => (403, "app_too_old"),
            Self::WrongNumber { .. } => (403, "wrong_number"),
            Self::SameDevice => (403, "same_device"),
            Self::PairingUnknown => (404, "pairing_unknown"),
            Self::RequestUnknown => (404, "request_unknown"),
            Self::Answered => (409, "answered"),
            Self::LastAuthenticator => (409, "last_authenticator"),
            Self::Expired => (410, "expired"),
            Self::SlowDown(_) => (429, "slow_down"),
            Self::Trouble(_) => (503, "temporarily_unavailable"),
        }
    }

    /// What the person may be told.
    pub const fn code(&self) -> Option<MfaCode> {
        match self {
            Self::ClockSkew => Some(MfaCode::ClockOff),
            Self::Unregistered => Some(MfaCode::DeviceUnregistered),
            Self::NotificationsOff => Some(MfaCode::NotificationsOff),
            Self::AppTooOld { .. } => Some(MfaCode::AppTooOld),
            Self::WrongNumber { .. } => Some(MfaCode::PushNumberWrong),
            Self::SameDevice => Some(MfaCode::SameDevice),
            Self::PairingUnknown => Some(MfaCode::SecretExpired),
            Self::LastAuthenticator => Some(MfaCode::LastMethod),
            Self::Expired => Some(MfaCode::PushTimedOut),
            Self::SlowDown(_) => Some(MfaCode::TooManyTries),
            Self::Invalid(_)
            | Self::Signature
            | Self::Replayed
            | Self::RequestUnknown
            | Self::Answered
            | Self::Trouble(_) => None,
        }
    }
}

impl From<JoseError> for Refusal {
    fn from(e: JoseError) -> Self {
        match e {
            JoseError::WrongAudience | JoseError::MissingClaim(_) => Self::Invalid("`aud` must be the issuer"),
            JoseError::BadClaims(_) | JoseError::NotCompact | JoseError::BadHeader(_) => {
                Self::Invalid("not a JWS with the members that the protocol names")
            }
            _ => Self::Signature,
        }
    }
}

impl From<storage::Error> for Refusal {
    fn from(e: storage::Error) -> Self {
        Self::Trouble(e.into())
    }
}

impl From<LoadError> for Refusal {
    fn from(e: LoadError) -> Self {
        Self::Trouble(e.into())
    }
}

impl From<SealError> for Refusal {
    fn from(e: SealError) -> Self {
        Self::Trouble(LoadError::from(e).into())
    }
}
