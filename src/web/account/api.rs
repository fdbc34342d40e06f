//! `/account/api/v1/authenticators`: what a partner may ask and set with an access token of the scope `authenticators`.
//! No cookie counts here, so no form of another site can do anything with it.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::base::AuthenticatorId;
use crate::journey::account::partners::{PartnerFault, choose, list};
use crate::journey::userinfo::Presented;
use crate::protocol::bearer::AccessTokenPresented;
use crate::web::browser;
use crate::web::fault::{PartnerError, no_store};
use crate::web::proof::{renew, shown};
use crate::web::site::Web;
use crate::web::token::authorization;

/// What begins so is for clients' servers.
pub const BELOW: &str = "/account/api/v1/";

/// GET
pub async fn authenticators(request: HttpRequest, web: web::Data<Web>) -> Result<HttpResponse, PartnerError> {
    let refused = |fault| refused(fault, &web);
    let token = &token(&request).map_err(refused)?;
    let shown = &shown(&request, &web);
    let listed = list(&web.op, Presented { token, shown }).await.map_err(refused)?;
    let mut response = no_store(StatusCode::OK);
    renew(&mut response, &web, shown);
    response.insert_header((header::VARY, "Authorization"));
    Ok(response.json(listed))
}

/// PUT `…/{id}/primary`
pub async fn primary(
    request: HttpRequest,
    web: web::Data<Web>,
    id: web::Path<String>,
) -> Result<HttpResponse, PartnerError> {
    let refused = |fault| refused(fault, &web);
    let token = &token(&request).map_err(refused)?;
    let shown = &shown(&request, &web);
    let ip = browser::visitor(&request, &web).ip;
    let id = AuthenticatorId::new(id.into_inner());
    let presented = Presented { token, shown };
    choose(&web.op, presented, &id, ip.as_deref()).await.map_err(refused)?;
    let mut response = no_store(StatusCode::NO_CONTENT);
    renew(&mut response, &web, shown);
    Ok(response.finish())
}

fn token(request: &HttpRequest) -> Result<AccessTokenPresented, PartnerFault> {
    let token = AccessTokenPresented::extract(&authorization(request), None);
    token.map_err(|e| PartnerFault::Token(e.into()))
}

fn refused(fault: PartnerFault, web: &Web) -> PartnerError {
    PartnerError {
        fault,
        issuer: web.op.issuer.url.clone(),
    }
}
