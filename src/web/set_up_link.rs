//! `/enrol/setup/{token}`: the secret of a code generator on the phone's own screen, once.

use actix_web::{HttpRequest, HttpResponse, web};

use super::fault::PageFault;
use super::guest::{Form, draw};
use super::pages::{SetUpLink, Trouble as Words};
use super::site::Web;
use super::{browser, show as shown};
use crate::base::Entropy;
use crate::factors::totp::enrol::Shown;
use crate::journey::Trouble;
use crate::journey::enrolment::link;
use actix_web::http::StatusCode;

type Token = web::Path<String>;

/// GET: asks whether to show it. Programs that look at the links of messages use nothing up.
pub async fn page(request: HttpRequest, web: web::Data<Web>, token: Token) -> HttpResponse {
    match link::is_good(&web.op, &token).await {
        Ok(true) => draw(&request, &web, None, &of(None)),
        Ok(false) => over(&request, &web),
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

/// POST: shows it. It binds nothing: the code of it is asked where the set-up was begun.
pub async fn show(request: HttpRequest, web: web::Data<Web>, token: Token, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    let opened: Result<Option<Shown>, Trouble> = link::open(&web.op, &form.visitor, &token).await;
    match opened {
        Ok(Some(secret)) => draw(&request, &web, None, &of(Some(secret))),
        Ok(None) => over(&request, &web),
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

fn of(secret: Option<Shown>) -> SetUpLink {
    let shown = secret.is_some();
    let Shown { secret, uri, svg } = secret.unwrap_or_default();
    SetUpLink {
        shown,
        secret,
        uri,
        svg,
    }
}

fn over(request: &HttpRequest, web: &Web) -> HttpResponse {
    let locale = browser::locale(request, &web.op, None, &[]);
    let reference = web.op.entropy.id();
    tracing::info!(%reference, "a set-up link that is over");
    shown::error(web, StatusCode::GONE, locale, Words::new("MFA-140"), &reference)
}
