//! `/userinfo` (OIDC Core §5.3), by GET and POST.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::fault::{BearerError, no_store};
use super::proof::{renew, shown};
use super::site::Web;
use super::token::{authorization, form};
use crate::journey::userinfo::{Presented, Userinfo, userinfo};
use crate::protocol::bearer::{AccessTokenPresented, NoToken};
use crate::protocol::params::Params;

pub async fn get(request: HttpRequest, web: web::Data<Web>) -> Result<HttpResponse, BearerError> {
    answer(&request, &web, None).await
}

pub async fn post(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> Result<HttpResponse, BearerError> {
    // RFC 6750 §2.2: the token may be in a form body; an empty body says nothing.
    let params = if body.is_empty() {
        None
    } else {
        Some(form(&request, &body).map_err(NoToken::Refused)?)
    };
    answer(&request, &web, params.as_ref()).await
}

async fn answer(request: &HttpRequest, web: &Web, form: Option<&Params>) -> Result<HttpResponse, BearerError> {
    let token = &AccessTokenPresented::extract(&authorization(request), form)?;
    let shown = &shown(request, web);
    let claims = userinfo(&web.op, Presented { token, shown }).await?;
    let mut response = no_store(StatusCode::OK);
    renew(&mut response, web, shown);
    response.insert_header((header::VARY, "Authorization"));
    Ok(match claims {
        Userinfo::Json(claims) => response.json(claims),
        Userinfo::Jwt(jwt) => response.content_type("application/jwt").body(jwt),
    })
}
