//! What registration answers instead of a client (RFC 7591 §3.2.2, RFC 7592 §2).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};

use super::{no_store, say_when, trouble};
use crate::journey::LoadError;
use crate::journey::registration::RegistrationFault;
use crate::protocol::challenge::{Challenge, TokenScheme};
use crate::protocol::errors::{ErrorCode, OAuthError};

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct RegistrationError(#[from] pub RegistrationFault);

impl From<OAuthError> for RegistrationError {
    fn from(e: OAuthError) -> Self {
        Self(e.into())
    }
}

const REALM: &str = "registration";

impl ResponseError for RegistrationError {
    fn status_code(&self) -> StatusCode {
        match &self.0 {
            RegistrationFault::Closed | RegistrationFault::Full => StatusCode::FORBIDDEN,
            RegistrationFault::NoToken | RegistrationFault::BadToken => StatusCode::UNAUTHORIZED,
            RegistrationFault::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            RegistrationFault::Refused(_) => StatusCode::BAD_REQUEST,
            RegistrationFault::Load(LoadError::Storage(e)) | RegistrationFault::Storage(e) if e.passes() => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            RegistrationFault::Load(_) | RegistrationFault::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if self.status_code().is_server_error() {
            tracing::error!(cause = %self.0, "registration");
        } else {
            tracing::info!(cause = %self.0, "registration refused");
        }
        let mut response = no_store(self.status_code());
        say_when(&mut response, self.status_code());
        let challenge = Challenge::new(TokenScheme::Bearer, REALM);
        let error = match &self.0 {
            // RFC 6750 §3.1: no error code where nothing was brought.
            RegistrationFault::NoToken => {
                response.insert_header((header::WWW_AUTHENTICATE, challenge.to_string()));
                return response.finish();
            }
            RegistrationFault::BadToken => {
                let error = OAuthError::new(ErrorCode::InvalidToken, "the token is not good here");
                let challenge = challenge.because(error.clone());
                response.insert_header((header::WWW_AUTHENTICATE, challenge.to_string()));
                error
            }
            RegistrationFault::TooMany { wait } => {
                response.insert_header((header::RETRY_AFTER, wait.0.to_string()));
                OAuthError::new(ErrorCode::TemporarilyUnavailable, "too many tries; try again later")
            }
            RegistrationFault::Closed => {
                OAuthError::new(ErrorCode::AccessDenied, "clients do not register themselves here")
            }
            RegistrationFault::Full => OAuthError::new(ErrorCode::AccessDenied, "no more clients are taken here"),
            RegistrationFault::Refused(error) => error.clone(),
            RegistrationFault::Load(_) | RegistrationFault::Storage(_) => trouble(),
        };
        response.json(error)
    }
}
