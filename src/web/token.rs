//! `/token` (RFC 6749 §3.2).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::browser;
use super::certificate::credentials;
use super::fault::{TokenError, no_store};
use super::proof::{renew, shown};
use super::site::Web;
use crate::journey::tokens;
use crate::protocol::errors::OAuthError;
use crate::protocol::params::Params;
use crate::protocol::token::TokenRequest;

pub async fn token(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> Result<HttpResponse, TokenError> {
    let params = form(&request, &body)?;
    let credentials = credentials(&request, &web, &params)?;
    let wanted = TokenRequest::parse(&params)?;
    let ip = browser::visitor(&request, &web).ip;
    let shown = shown(&request, &web);
    let tokens = tokens::exchange(&web.op, &credentials, wanted, &shown, ip.as_deref()).await?;
    let mut response = no_store(StatusCode::OK);
    renew(&mut response, &web, &shown);
    Ok(response.json(tokens))
}

/// A form body; anything else is refused by name (RFC 6749 §3.2).
pub fn form(request: &HttpRequest, body: &[u8]) -> Result<Params, OAuthError> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(OAuthError::invalid_request(
            "the body must be application/x-www-form-urlencoded",
        ));
    }
    Ok(Params::parse(body)?)
}

/// Every Authorization header: more than one is for the parser to refuse.
pub fn authorization(request: &HttpRequest) -> Vec<&str> {
    request
        .headers()
        .get_all(header::AUTHORIZATION)
        .map(|v| v.to_str().unwrap_or("unreadable"))
        .collect()
}
