//! Refusals without an address to send them to.

use super::errors::{ErrorCode, OAuthError};
use super::params::ParamError;
use super::redirect::NotRegistered;

/// Why the person sees a page and the client nothing: there is no address that can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoReturn {
    #[error("the request is malformed: {0}")]
    Malformed(#[from] ParamError),
    #[error("no such client")]
    UnknownClient,
    #[error("redirect_uri is missing")]
    RedirectUriMissing,
    #[error(transparent)]
    NotRegistered(#[from] NotRegistered),
    /// What the request refers to cannot be read.
    #[error(transparent)]
    Refused(OAuthError),
}

impl NoReturn {
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(error) => error.code,
            Self::UnknownClient => ErrorCode::InvalidClient,
            Self::Malformed(_) | Self::RedirectUriMissing | Self::NotRegistered(_) => ErrorCode::InvalidRequest,
        }
    }
}

impl From<NoReturn> for OAuthError {
    /// For a client that asks us directly: it is told what else only the log is told.
    fn from(no: NoReturn) -> Self {
        match no {
            NoReturn::Refused(error) => error,
            other => Self::new(other.code(), other.to_string()),
        }
    }
}
