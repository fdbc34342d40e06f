//! The only place where an error becomes a response. One exhaustive table per use case; the variant goes to
//! the log with a reference, the code to the outside.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError, web};

use super::locale::Locale;
use super::pages::Trouble as Words;
use super::site::Web;
use super::{browser, proof, show};
use crate::base::{Entropy, SystemEntropy};
use crate::journey::account::partners::PartnerFault;
use crate::journey::authorize::NotBegun;
use crate::journey::backchannel::BackchannelFault;
use crate::journey::device::DeviceFault;
use crate::journey::logout::LogoutFault;
use crate::journey::par::PushFault;
use crate::journey::possession::Unproven;
use crate::journey::tokens::TokenFault;
use crate::journey::userinfo::UserinfoFault;
use crate::journey::{LoadError, Trouble};
use crate::protocol::authorize::NoReturn;
use crate::protocol::bearer::NoToken;
use crate::protocol::challenge::{self, Challenge, TokenScheme};
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::metadata::{USERINFO, endpoint};
use crate::protocol::resource_metadata::{self, AUTHENTICATORS_API};

mod registration;

pub use registration::RegistrationError;

/// What a page shows instead of itself.
#[derive(Debug)]
pub struct PageFault {
    /// A page or form that is no longer of use: nobody did anything wrong.
    stale: bool,
    status: StatusCode,
    code: &'static str,
    log: String,
}

impl PageFault {
    pub fn response(&self, request: &HttpRequest, web: &Web) -> HttpResponse {
        let reference = SystemEntropy.id();
        if self.status.is_server_error() {
            tracing::error!(%reference, code = self.code, cause = %self.log, "page fault");
        } else {
            tracing::info!(%reference, code = self.code, cause = %self.log, "page refused");
        }
        let locale: Locale = browser::locale(request, &web.op, None, &[]);
        let words = if self.stale {
            Words::stale_form()
        } else {
            Words::new(self.code)
        };
        let mut response = show::error(web, self.status, locale, words, &reference);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
        }
        response
    }
}

impl From<Trouble> for PageFault {
    fn from(trouble: Trouble) -> Self {
        let (status, code) = match &trouble {
            Trouble::Unknown | Trouble::Unowned => (StatusCode::BAD_REQUEST, "invalid_request"),
            Trouble::Finished => (StatusCode::BAD_REQUEST, "invalid_request"),
            Trouble::ClientGone => (StatusCode::BAD_REQUEST, "unauthorized_client"),
            Trouble::Busy => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
            Trouble::Load(LoadError::Storage(e)) | Trouble::Storage(e) if e.passes() => {
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
            }
            Trouble::Load(_) | Trouble::Storage(_) => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        };
        Self {
            stale: matches!(trouble, Trouble::Unknown | Trouble::Unowned | Trouble::Finished),
            status,
            code,
            log: trouble.to_string(),
        }
    }
}

impl From<NotBegun> for PageFault {
    fn from(fault: NotBegun) -> Self {
        match fault {
            NotBegun::NoReturn(no) => no.into(),
            NotBegun::Trouble(trouble) => trouble.into(),
        }
    }
}

impl From<NoReturn> for PageFault {
    fn from(no: NoReturn) -> Self {
        Self {
            stale: false,
            status: StatusCode::BAD_REQUEST,
            code: no.code().as_str(),
            log: no.to_string(),
        }
    }
}

impl From<LogoutFault> for PageFault {
    fn from(fault: LogoutFault) -> Self {
        match fault {
            LogoutFault::Refused(e) => Self {
                stale: false,
                status: StatusCode::BAD_REQUEST,
                code: e.code.as_str(),
                log: e.to_string(),
            },
            LogoutFault::Load(e) => Trouble::from(e).into(),
            LogoutFault::Storage(e) => Trouble::from(e).into(),
        }
    }
}

impl From<OAuthError> for PageFault {
    fn from(e: OAuthError) -> Self {
        Self {
            stale: false,
            status: StatusCode::BAD_REQUEST,
            code: e.code.as_str(),
            log: e.to_string(),
        }
    }
}

/// A form without a fitting anti-forgery value.
pub fn stale_form() -> PageFault {
    PageFault {
        stale: true,
        status: StatusCode::BAD_REQUEST,
        code: "invalid_request",
        log: "the anti-forgery value does not fit".into(),
    }
}

/// What the endpoints for clients answer instead of tokens or references (RFC 6749 §5.2, RFC 9126 §2.3).
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct TokenError(#[from] pub TokenFault);

impl From<OAuthError> for TokenError {
    fn from(e: OAuthError) -> Self {
        Self(e.into())
    }
}

impl From<PushFault> for TokenError {
    fn from(fault: PushFault) -> Self {
        Self(match fault {
            PushFault::Refused(e) => e.into(),
            PushFault::Unproven(e) => e.into(),
            PushFault::Load(e) => e.into(),
            PushFault::Storage(e) => e.into(),
        })
    }
}

impl From<DeviceFault> for TokenError {
    fn from(fault: DeviceFault) -> Self {
        Self(match fault {
            DeviceFault::Refused(e) => e.into(),
            DeviceFault::Load(e) => e.into(),
            DeviceFault::Storage(e) => e.into(),
        })
    }
}

/// What the backchannel endpoint answers instead (CIBA Core §13).
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct BackchannelError(#[from] TokenError);

impl From<OAuthError> for BackchannelError {
    fn from(e: OAuthError) -> Self {
        Self(e.into())
    }
}

impl From<BackchannelFault> for BackchannelError {
    fn from(fault: BackchannelFault) -> Self {
        Self(TokenError(match fault {
            BackchannelFault::Refused(e) => e.into(),
            BackchannelFault::Load(e) | BackchannelFault::Trouble(Trouble::Load(e)) => e.into(),
            BackchannelFault::Storage(e) | BackchannelFault::Trouble(Trouble::Storage(e)) => e.into(),
            BackchannelFault::Trouble(other) => {
                tracing::error!(cause = %other, "backchannel request");
                trouble().into()
            }
        }))
    }
}

impl ResponseError for BackchannelError {
    fn error_response(&self) -> HttpResponse {
        let mut response = self.0.error_response();
        // CIBA Core §13: at the token endpoint the same code is a 400 (§11).
        if oauth(&self.0.0).code == ErrorCode::AccessDenied {
            *response.status_mut() = StatusCode::FORBIDDEN;
        }
        response
    }
}

impl ResponseError for TokenError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(oauth(&self.0).code.token_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let error = oauth(&self.0);
        if self.status_code().is_server_error() {
            tracing::error!(cause = %self.0, "token endpoint");
        } else {
            tracing::info!(error = %error, "token refused");
        }
        let mut response = no_store(self.status_code());
        say_when(&mut response, self.status_code());
        if let TokenFault::Unproven(Unproven::NonceNeeded { nonce }) = &self.0 {
            // RFC 9449 §8.
            proof::put(&mut response, nonce);
        }
        if error.code == ErrorCode::InvalidClient {
            // RFC 6749 §5.2: the 401 names the scheme.
            response.insert_header((header::WWW_AUTHENTICATE, challenge::basic("token")));
        }
        response.json(error)
    }
}

/// RFC 9110 §15.6.4: when it is worth trying again.
fn say_when(response: &mut HttpResponseBuilder, status: StatusCode) {
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((header::RETRY_AFTER, "5"));
    }
}

fn oauth(fault: &TokenFault) -> OAuthError {
    match fault {
        TokenFault::Refused(e) => e.clone(),
        TokenFault::Unproven(e) => e.error().unwrap_or_else(trouble),
        TokenFault::Load(LoadError::Storage(e)) | TokenFault::Storage(e) if e.passes() => {
            OAuthError::new(ErrorCode::TemporarilyUnavailable, "try again in a moment")
        }
        TokenFault::Load(_) | TokenFault::Storage(_) | TokenFault::Keys(_) | TokenFault::Stale => trouble(),
    }
}

fn trouble() -> OAuthError {
    OAuthError::new(ErrorCode::ServerError, "try again later")
}

/// What userinfo answers instead of claims (RFC 6750 §3).
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
pub struct BearerError {
    pub fault: UserinfoFault,
    pub issuer: String,
}

impl ResponseError for BearerError {
    fn error_response(&self) -> HttpResponse {
        bearer_response(&self.fault, "userinfo", &endpoint(&self.issuer, USERINFO))
    }
}

fn bearer_status(fault: &UserinfoFault) -> StatusCode {
    let status = match fault {
        UserinfoFault::NoToken(NoToken::Missing) => 401,
        UserinfoFault::NoToken(NoToken::Refused(e)) | UserinfoFault::Refused(e) => e.code.bearer_status(),
        UserinfoFault::Unproven(e) => e.error().map_or(500, |e| e.code.bearer_status()),
        UserinfoFault::Load(LoadError::Storage(e)) | UserinfoFault::Storage(e) if e.passes() => 503,
        UserinfoFault::Load(_) | UserinfoFault::Storage(_) | UserinfoFault::Keys(_) => 500,
    };
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn bearer_response(fault: &UserinfoFault, realm: &str, resource: &str) -> HttpResponse {
    let status = bearer_status(fault);
    let mut response = no_store(status);
    // RFC 9728 §5.1.
    let described = |challenge: Challenge| match resource_metadata::address(resource) {
        Some(address) => challenge.described_at(&address),
        None => challenge,
    };
    let bearer = described(Challenge::new(TokenScheme::Bearer, realm));
    let dpop = described(Challenge::dpop(realm));
    let (asked, error) = match fault {
        // RFC 9449 §7.1: either will do, as the token is.
        UserinfoFault::NoToken(NoToken::Missing) => (format!("{bearer}, {dpop}"), None),
        UserinfoFault::NoToken(NoToken::Refused(e)) | UserinfoFault::Refused(e) => {
            (bearer.because(e.clone()).to_string(), Some(e.clone()))
        }
        UserinfoFault::Unproven(e @ (Unproven::Refused(_) | Unproven::NonceNeeded { .. })) => {
            if let Unproven::NonceNeeded { nonce } = e {
                // RFC 9449 §9.
                proof::put(&mut response, nonce);
            }
            let error = e.error();
            (
                error.iter().fold(dpop, |dpop, e| dpop.because(e.clone())).to_string(),
                error,
            )
        }
        UserinfoFault::Unproven(Unproven::Load(_))
        | UserinfoFault::Load(_)
        | UserinfoFault::Storage(_)
        | UserinfoFault::Keys(_) => {
            tracing::error!(cause = %fault, realm, "access token");
            say_when(&mut response, status);
            return response.json(trouble());
        }
    };
    response.insert_header((header::WWW_AUTHENTICATE, asked));
    match error {
        Some(error) => response.json(error),
        None => response.finish(),
    }
}

/// What the partners' API answers instead (RFC 6750 §3).
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
pub struct PartnerError {
    pub fault: PartnerFault,
    pub issuer: String,
}

impl ResponseError for PartnerError {
    fn error_response(&self) -> HttpResponse {
        let resource = endpoint(&self.issuer, AUTHENTICATORS_API);
        match &self.fault {
            PartnerFault::Token(fault) => bearer_response(fault, "authenticators", &resource),
            PartnerFault::NoSuch => {
                no_store(StatusCode::NOT_FOUND).json(OAuthError::invalid_request("there is no such authenticator"))
            }
        }
    }
}

pub fn no_store(status: StatusCode) -> HttpResponseBuilder {
    let mut builder = HttpResponse::build(status);
    builder
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::PRAGMA, "no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    builder
}

/// Whatever is not in the route table, or is there by another method.
pub async fn not_found(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    let fault = PageFault {
        stale: false,
        status: StatusCode::NOT_FOUND,
        code: "not_found",
        // The rest of the path may be the secret of a mistyped link.
        log: request.path().split('/').take(2).collect::<Vec<_>>().join("/"),
    };
    fault.response(&request, &web)
}
