//! `/authorize` (OIDC Core §3.1.2.1): by link and by form.

use actix_web::{HttpRequest, HttpResponse, web};

use super::fault::PageFault;
use super::site::Web;
use super::{browser, show};
use crate::journey::authorize::{Arrival, Begun, begin};
use crate::protocol::authorize::NoReturn;
use crate::protocol::params::Params;

pub async fn get(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    answer(&request, &web, request.query_string().as_bytes(), Arrival::Get).await
}

/// A partner's form comes without our cookies: they are looked at on the page that follows.
pub async fn post(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> HttpResponse {
    answer(&request, &web, &body, Arrival::Post).await
}

async fn answer(request: &HttpRequest, web: &Web, raw: &[u8], arrival: Arrival) -> HttpResponse {
    let params = match Params::parse(raw) {
        Ok(params) => params,
        Err(e) => return PageFault::from(NoReturn::from(e)).response(request, web),
    };
    match begin(&web.op, &params, &browser::visitor(request, web), arrival).await {
        Ok(begun) => respond(web, begun),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

/// To our pages or back to the partner.
pub fn respond(web: &Web, begun: Begun) -> HttpResponse {
    match begun {
        Begun::Leave { delivery, state } => {
            let mut response = show::deliver(web, &delivery);
            if let Some(state) = state {
                browser::put_state(&web.op, &mut response, &state);
            }
            response
        }
        Begun::Interact { id, browser: fresh } => {
            let mut response = show::see_other(&format!("{}/sign-in/{id}", web.op.issuer.path));
            if let Some(token) = fresh {
                // A cookie that cannot be written is a browser that will be told so on the next page.
                let _ = response.add_cookie(&browser::cookie(&web.op, browser::Jar::Browser, token));
            }
            response
        }
    }
}
