//! `/revoke` (RFC 7009 §2).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::browser;
use super::certificate::credentials;
use super::fault::{TokenError, no_store};
use super::site::Web;
use super::token::form;
use crate::journey::revoke;
use crate::protocol::token_named::TokenNamed;

pub async fn revoke(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> Result<HttpResponse, TokenError> {
    let params = form(&request, &body)?;
    let credentials = credentials(&request, &web, &params)?;
    let token = TokenNamed::parse(&params)?;
    let ip = browser::visitor(&request, &web).ip;
    revoke::revoke(&web.op, &credentials, &token, ip.as_deref())
        .await
        .map_err(TokenError)?;
    // RFC 7009 §2.2: the status says it all.
    Ok(no_store(StatusCode::OK).finish())
}
