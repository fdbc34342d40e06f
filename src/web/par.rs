//! `/par` (RFC 9126 §2).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::certificate::credentials;
use super::fault::{TokenError, no_store};
use super::proof::{renew, shown};
use super::site::Web;
use super::token::form;
use crate::journey::par;
use crate::protocol::errors::OAuthError;

pub async fn push(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> Result<HttpResponse, TokenError> {
    let params = form(&request, &body)?;
    let credentials = credentials(&request, &web, &params)?;
    let shown = shown(&request, &web);
    let kept = par::push(&web.op, &credentials, &params, &shown).await?;
    let mut response = no_store(StatusCode::CREATED);
    renew(&mut response, &web, &shown);
    Ok(response.json(kept))
}

/// RFC 9126 §2.3: 405 for every other method; RFC 9110 §15.5.6: and which one there is.
pub async fn only_post() -> HttpResponse {
    no_store(StatusCode::METHOD_NOT_ALLOWED)
        .insert_header((header::ALLOW, "POST"))
        .json(OAuthError::invalid_request("this endpoint is called by POST"))
}
