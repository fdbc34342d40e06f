//! `/recover`: a forgotten password, a lost phone.

use actix_web::{HttpRequest, HttpResponse, web};

use super::fault::PageFault;
use super::guest::{self, Form, Refusal, draw, draw_at, slip};
use super::pages::{Recover, RecoverStage};
use super::site::Web;
use super::{authorize, show};
use crate::journey::Trouble;
use crate::journey::account::mailed::{self, DIGITS};
use crate::journey::account::recovery::{self, Begun, Confirmed, PATH};
use crate::journey::authorize::NotBegun;

type Letter = web::Path<String>;
type Proved = web::Path<(String, String)>;

fn page_of(web: &Web, stage: RecoverStage, email: &str) -> Recover {
    Recover {
        stage,
        email: email.to_owned(),
        digits: DIGITS,
        support: support(web),
    }
}

/// An operator's mistake must not become a script.
fn support(web: &Web) -> Option<String> {
    let url = web.op.current().workspace.settings.support_url.clone()?;
    let parsed = url::Url::parse(&url).ok()?;
    matches!(parsed.scheme(), "https" | "http" | "mailto").then_some(url)
}

/// GET: which address? And what to do about a lost phone.
pub async fn page(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    draw(&request, &web, None, &page_of(&web, RecoverStage::Address, ""))
}

/// POST: the address.
pub async fn begin(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    let Some(address) = mailed::address(form.text("email")) else {
        let page = page_of(&web, RecoverStage::Address, form.text("email"));
        return draw(&request, &web, Some(slip(&web, "email-unfit")), &page);
    };
    let language = guest::locale(&request, &web);
    let begun = recovery::begin(&web.op, &form.visitor, &address, language.as_str()).await;
    let page = page_of(&web, RecoverStage::Address, &address);
    sent(&request, &web, &page, begun.map(Some))
}

/// The same answer, whoever has the address.
fn sent(request: &HttpRequest, web: &Web, page: &Recover, begun: Result<Option<Begun>, Trouble>) -> HttpResponse {
    match begun {
        Ok(Some(Begun::Sent(letter))) => show::see_other(&format!("{}{PATH}/{letter}", web.op.issuer.path)),
        Ok(Some(Begun::Refused(complaint))) => draw(request, web, Some(Refusal::from(&complaint)), page),
        Ok(None) => over(request, web),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

/// The letter is worth nothing any more: the beginning, with the reason.
fn over(request: &HttpRequest, web: &Web) -> HttpResponse {
    let beginning = format!("{}{PATH}", web.op.issuer.path);
    let page = page_of(web, RecoverStage::Address, "");
    draw_at(request, web, beginning, Some(slip(web, "letter-over")), &page)
}

/// GET: the code of the letter.
pub async fn code_page(request: HttpRequest, web: web::Data<Web>, letter: Letter) -> HttpResponse {
    shown(&request, &web, RecoverStage::Code, (&letter, None), None).await
}

/// GET: the link of the letter. Opening it does nothing: programs open links, too.
pub async fn link_page(request: HttpRequest, web: web::Data<Web>, path: Proved) -> HttpResponse {
    let (letter, proof) = path.into_inner();
    shown(&request, &web, RecoverStage::Link, (&letter, Some(&proof)), None).await
}

async fn shown(
    request: &HttpRequest,
    web: &Web,
    stage: RecoverStage,
    (letter, proof): (&str, Option<&str>),
    refusal: Option<Refusal>,
) -> HttpResponse {
    match recovery::find(&web.op, letter, proof).await {
        Ok(Some(address)) => draw(request, web, refusal, &page_of(web, stage, &address)),
        Ok(None) => over(request, web),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

/// POST: the code, "send another letter", or another address where the letter was over.
pub async fn code(request: HttpRequest, web: web::Data<Web>, letter: Letter, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    if form.action() == "resend" {
        let language = guest::locale(&request, &web);
        let begun = recovery::again(&web.op, &form.visitor, &letter, language.as_str()).await;
        return sent(&request, &web, &page_of(&web, RecoverStage::Code, ""), begun);
    }
    let confirmed = recovery::code(&web.op, &form.visitor, &letter, &form.secret("code")).await;
    go_on(&request, &web, &letter, confirmed).await
}

/// POST: "continue", on the page of the letter's link.
pub async fn link(request: HttpRequest, web: web::Data<Web>, path: Proved, body: web::Bytes) -> HttpResponse {
    let (letter, proof) = path.into_inner();
    let form = match Form::read(&request, &web, &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    let confirmed = recovery::link(&web.op, &form.visitor, &letter, &proof).await;
    go_on(&request, &web, &letter, confirmed).await
}

async fn go_on(request: &HttpRequest, web: &Web, letter: &str, confirmed: Result<Confirmed, NotBegun>) -> HttpResponse {
    match confirmed {
        Ok(Confirmed::On(begun)) => authorize::respond(web, begun),
        Ok(Confirmed::Wrong(complaint)) => {
            let refusal = Some(Refusal::from(&complaint));
            shown(request, web, RecoverStage::Code, (letter, None), refusal).await
        }
        Ok(Confirmed::Over) => over(request, web),
        Err(e) => PageFault::from(e).response(request, web),
    }
}
