//! `/userinfo` (OIDC Core §5.3), by GET and POST.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::fault::{BearerError, no_store};
use super::proof::{renew, shown};
use super::site::Web;
use super::token::{authorization, form};
use crate::base::Entropy;
use crate::journey::userinfo::{Presented, Userinfo, UserinfoFault, userinfo};
use crate::protocol::bearer::{AccessTokenPresented, NoToken};

/// What a client calls its request, so that both sides find it in their logs.
const INTERACTION: &str = "x-fapi-interaction-id";
/// Characters of a UUID (RFC 9562 §4).
const UUID_LENGTH: usize = 36;

pub async fn get(request: HttpRequest, web: web::Data<Web>) -> Result<HttpResponse, BearerError> {
    answer(&request, &web, &[]).await.map_err(|fault| refused(fault, &web))
}

pub async fn post(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> Result<HttpResponse, BearerError> {
    answer(&request, &web, &body)
        .await
        .map_err(|fault| refused(fault, &web))
}

fn refused(fault: UserinfoFault, web: &Web) -> BearerError {
    BearerError {
        fault,
        issuer: web.op.issuer.url.clone(),
    }
}

async fn answer(request: &HttpRequest, web: &Web, body: &[u8]) -> Result<HttpResponse, UserinfoFault> {
    // RFC 6750 §2.2: the token may be in a form body; an empty body says nothing.
    let params = if body.is_empty() {
        None
    } else {
        Some(form(request, body).map_err(NoToken::Refused)?)
    };
    let token = &AccessTokenPresented::extract(&authorization(request), params.as_ref())?;
    let shown = &shown(request, web);
    let claims = userinfo(&web.op, Presented { token, shown }).await?;
    let mut response = no_store(StatusCode::OK);
    renew(&mut response, web, shown);
    response.insert_header((header::VARY, "Authorization"));
    response.insert_header((INTERACTION, interaction(request, &web.op.entropy)));
    Ok(match claims {
        Userinfo::Json(claims) => response.json(claims),
        Userinfo::Jwt(jwt) => response.content_type("application/jwt").body(jwt),
    })
}

/// FAPI 1.0 Baseline §6.2.1, which FAPI-CIBA builds on: given back as it came, and one of ours for who names none. What is no
/// UUID is nobody's to have us say.
fn interaction(request: &HttpRequest, entropy: &impl Entropy) -> String {
    let uuid = |id: &&str| id.len() == UUID_LENGTH && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let named = request.headers().get(INTERACTION).and_then(|id| id.to_str().ok());
    named.filter(uuid).map_or_else(|| entropy.uuid(), str::to_owned)
}
