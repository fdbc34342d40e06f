//! `/account/close`, and the page after it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{Entered, Form, Way, draw, enter, refusal, settle};
use crate::journey::Trouble;
use crate::journey::account::{Refusal, access, closing};
use crate::journey::errands::Gate;
use crate::web::fault::PageFault;
use crate::web::pages::{AccountClosed, CloseAccount};
use crate::web::site::Web;
use crate::web::{browser, show};

const CLOSED: &str = "/account/closed";

/// GET
pub async fn page(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    match enter(&request, &web, Gate::Changing).await {
        Ok(who) => ask(&request, &web, &who, None).await,
        Err(response) => response,
    }
}

/// POST
pub async fn submit(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, Gate::Changing, &body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let understood = form.text("confirm") == Some("yes") && form.action() == Some("close");
    let answer = closing::close(&web.op, &form.who.visitor, understood).await;
    let (done, again) = (CLOSED, "/account/close");
    match settle(&request, &web, &form.who.visitor, answer, &Way { done, again }).await {
        Ok(response) => without_session(&web, response),
        Err(refused) => ask(&request, &web, &form.who, Some(&refused)).await,
    }
}

/// The cookie goes with what it stood for; the one of a sign-in that has to come first stays.
fn without_session(web: &Web, mut response: HttpResponse) -> HttpResponse {
    let to = response.headers().get("location").and_then(|l| l.to_str().ok());
    if to.is_some_and(|to| to.ends_with(CLOSED)) {
        browser::sign_out(&web.op, &mut response);
    }
    response
}

async fn ask(request: &HttpRequest, web: &Web, who: &Entered, refused: Option<&Refusal>) -> HttpResponse {
    match view(web, who).await {
        Ok(page) => draw(request, web, who, refused.map(refusal::words), &page),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

async fn view(web: &Web, who: &Entered) -> Result<CloseAccount, Trouble> {
    let user = who.scene.user.as_ref().ok_or(Trouble::Unknown)?;
    let all = access::list(&mut web.op.store.view().await?, &who.scene).await?;
    Ok(CloseAccount {
        username: user.username.clone(),
        partners: all.iter().map(|a| a.name().to_owned()).collect(),
    })
}

/// GET `/account/closed`: nobody is signed in any more.
pub async fn closed(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    let locale = browser::locale(&request, &web.op, None, &[]);
    let frame = show::frame(&web, locale, request.path().to_owned());
    show::page(&web, StatusCode::OK, &frame, None, &AccountClosed {})
}
