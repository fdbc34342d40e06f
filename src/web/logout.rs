//! `/logout` (RP-Initiated Logout 1.0 §2), by link and by form, and our own confirmation.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::fault::{PageFault, stale_form};
use super::page::{Frame, PartnerView};
use super::pages::SignedOut;
use super::site::Web;
use super::{browser, show};
use crate::journey::logout::{LoggedOut, logout};
use crate::protocol::client::Client;
use crate::protocol::errors::OAuthError;
use crate::protocol::logout::LogoutRequest;
use crate::protocol::params::Params;

/// What the confirmation's anti-forgery value is about.
const ABOUT: &str = "logout";

pub async fn get(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    answer(&request, &web, request.query_string().as_bytes(), false).await
}

/// A partner's form, or the button of our own page: told apart by the anti-forgery value.
pub async fn post(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> HttpResponse {
    answer(&request, &web, &body, true).await
}

async fn answer(request: &HttpRequest, web: &Web, raw: &[u8], posted: bool) -> HttpResponse {
    let params = match Params::parse(raw).map_err(OAuthError::from) {
        Ok(params) => params,
        Err(e) => return PageFault::from(e).response(request, web),
    };
    match decide(request, web, &params, posted).await {
        Ok(response) => response,
        Err(fault) => fault.response(request, web),
    }
}

async fn decide(request: &HttpRequest, web: &Web, params: &Params, posted: bool) -> Result<HttpResponse, PageFault> {
    let visitor = browser::visitor(request, web);
    let action = params.single("action").map_err(OAuthError::from)?.filter(|_| posted);
    let pressed = action.is_some();
    if pressed
        && !browser::csrf_fits(
            &web.op,
            visitor.session.as_deref(),
            ABOUT,
            params.single("csrf").ok().flatten(),
        )
    {
        return Err(stale_form());
    }
    let wanted = LogoutRequest::parse(params)?;
    if posted && !pressed && visitor.session.is_none() {
        // A partner's form comes without our cookies: the same by GET, which brings them.
        return Ok(show::see_other(&format!(
            "{}/logout?{}",
            web.op.issuer.path,
            params.encode()
        )));
    }
    if action == Some("stay") {
        return Ok(stayed(request, web, &wanted));
    }
    match logout(&web.op, &wanted, &visitor, action == Some("logout")).await? {
        LoggedOut::Confirm { partner, username } => {
            let mut frame = surroundings(request, web, &wanted, partner);
            frame.signed_in_as = username;
            Ok(confirm(web, frame, params, visitor.session.as_deref()))
        }
        LoggedOut::Done { after, partner, frames } => {
            let after = after.map(|a| a.url().to_owned());
            let mut response = match after {
                Some(after) if frames.is_empty() => show::see_other(&after),
                after => signed_out(request, web, (&wanted, partner.as_deref()), after, frames),
            };
            browser::sign_out(&web.op, &mut response);
            Ok(response)
        }
    }
}

/// Asks first; the form carries the partner's parameters on.
fn confirm(web: &Web, mut frame: Frame, params: &Params, session: Option<&str>) -> HttpResponse {
    frame.csrf = browser::csrf(&web.op, session, ABOUT);
    let carried = params.iter().filter(|(n, _)| !matches!(*n, "csrf" | "action"));
    let page = SignedOut {
        confirm: true,
        carried: carried.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
        ..SignedOut::default()
    };
    show::page(web, StatusCode::OK, &frame, None, &page)
}

/// The session is over here; the partners' pages in the frames end it there.
fn signed_out(
    request: &HttpRequest,
    web: &Web,
    (wanted, partner): (&LogoutRequest, Option<&Client>),
    after: Option<String>,
    frames: Vec<String>,
) -> HttpResponse {
    let frame = surroundings(request, web, wanted, partner.map(|p| p.name.clone()));
    let page = SignedOut {
        after,
        frames,
        ..SignedOut::default()
    };
    show::framing(web, &frame, (partner, &page.frames), &page)
}

fn stayed(request: &HttpRequest, web: &Web, wanted: &LogoutRequest) -> HttpResponse {
    let frame = surroundings(request, web, wanted, None);
    let page = SignedOut {
        stayed: true,
        ..SignedOut::default()
    };
    show::page(web, StatusCode::OK, &frame, None, &page)
}

fn surroundings(request: &HttpRequest, web: &Web, wanted: &LogoutRequest, partner: Option<String>) -> Frame {
    let locale = browser::locale(request, &web.op, None, &wanted.ui_locales);
    let mut frame = show::frame(web, locale, format!("{}/logout", web.op.issuer.path));
    frame.partner = partner.map(|name| PartnerView {
        name,
        ..PartnerView::default()
    });
    frame
}
