//! `/introspect` (RFC 7662 §2, RFC 9701 §4).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::certificate::credentials;
use super::fault::{TokenError, no_store};
use super::site::Web;
use super::token::form;
use crate::journey::introspect::{self, Introspected};
use crate::protocol::introspection::{SIGNED_MEDIA_TYPE, wants_signed};
use crate::protocol::token_named::TokenNamed;

pub async fn post(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> Result<HttpResponse, TokenError> {
    let params = form(&request, &body)?;
    let credentials = credentials(&request, &web, &params)?;
    let token = TokenNamed::parse(&params)?;
    let answer = introspect::introspect(&web.op, &credentials, &token, signed(&request)).await;
    let mut response = no_store(StatusCode::OK);
    response.insert_header((header::VARY, "Accept"));
    Ok(match answer.map_err(TokenError)? {
        Introspected::Json(answer) => response.json(answer),
        Introspected::Jwt(jwt) => response.content_type(SIGNED_MEDIA_TYPE).body(jwt),
    })
}

fn signed(request: &HttpRequest) -> bool {
    let mut accepted = request.headers().get_all(header::ACCEPT);
    accepted.any(|value| value.to_str().is_ok_and(wants_signed))
}
