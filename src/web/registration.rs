//! `/register` (RFC 7591 §3) and `/register/{client_id}` (RFC 7592 §2).

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::browser;
use super::fault::{RegistrationError, no_store};
use super::par::only_post;
use super::site::Web;
use super::token::authorization;
use crate::base::Secret;
use crate::journey::registration::{self, Managed, Newcomer, RegistrationFault};
use crate::protocol::bearer::{AccessTokenPresented, NoToken};
use crate::protocol::challenge::TokenScheme;
use crate::protocol::errors::OAuthError;
use crate::protocol::registration::invalid_metadata;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/register")
            .route(web::post().to(create))
            .default_service(web::route().to(only_post)),
    )
    .service(
        web::resource("/register/{client}")
            .route(web::get().to(read))
            .route(web::put().to(update))
            .route(web::delete().to(remove))
            .default_service(web::route().to(other_method)),
    );
}

async fn create(
    request: HttpRequest,
    web: web::Data<Web>,
    body: web::Bytes,
) -> Result<HttpResponse, RegistrationError> {
    is_json(&request)?;
    let (token, ip) = (token(&request)?, browser::visitor(&request, &web).ip);
    let newcomer = Newcomer {
        token: token.as_ref(),
        body: &body,
        ip: ip.as_deref(),
    };
    let made = registration::register(&web.op, &newcomer).await?;
    Ok(no_store(StatusCode::CREATED).json(made))
}

async fn read(request: HttpRequest, web: web::Data<Web>) -> Result<HttpResponse, RegistrationError> {
    let caller = Caller::of(&request, &web)?;
    let found = registration::read(&web.op, &caller.managed()).await?;
    Ok(no_store(StatusCode::OK).json(found))
}

async fn update(
    request: HttpRequest,
    web: web::Data<Web>,
    body: web::Bytes,
) -> Result<HttpResponse, RegistrationError> {
    let caller = Caller::of(&request, &web)?;
    is_json(&request)?;
    let changed = registration::update(&web.op, &caller.managed(), &body).await?;
    Ok(no_store(StatusCode::OK).json(changed))
}

async fn remove(request: HttpRequest, web: web::Data<Web>) -> Result<HttpResponse, RegistrationError> {
    let caller = Caller::of(&request, &web)?;
    registration::remove(&web.op, &caller.managed()).await?;
    Ok(no_store(StatusCode::NO_CONTENT).finish())
}

async fn other_method() -> HttpResponse {
    no_store(StatusCode::METHOD_NOT_ALLOWED)
        .insert_header((header::ALLOW, "GET, PUT, DELETE"))
        .json(OAuthError::invalid_request(
            "a registration is read by GET, changed by PUT, ended by DELETE",
        ))
}

/// Who looks after which client.
struct Caller {
    client: String,
    token: Secret<String>,
    ip: Option<String>,
}

impl Caller {
    fn of(request: &HttpRequest, web: &Web) -> Result<Self, RegistrationError> {
        Ok(Self {
            client: request.match_info().query("client").to_owned(),
            token: token(request)?.ok_or(RegistrationFault::NoToken)?,
            ip: browser::visitor(request, web).ip,
        })
    }

    fn managed(&self) -> Managed<'_> {
        Managed {
            client: &self.client,
            token: &self.token,
            ip: self.ip.as_deref(),
        }
    }
}

/// The one of the Authorization header (RFC 6750 §2.1).
fn token(request: &HttpRequest) -> Result<Option<Secret<String>>, RegistrationError> {
    match AccessTokenPresented::extract(&authorization(request), None) {
        Ok(found) if found.scheme == TokenScheme::Bearer => Ok(Some(found.token)),
        Ok(_) | Err(NoToken::Missing) => Ok(None),
        Err(NoToken::Refused(error)) => Err(error.into()),
    }
}

/// RFC 7591 §3.1.
fn is_json(request: &HttpRequest) -> Result<(), OAuthError> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(invalid_metadata("the body must be application/json"))
    }
}
