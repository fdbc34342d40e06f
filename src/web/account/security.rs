//! `/account/security`: Sign in & Security.

mod view;

pub(super) use view::name;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{Entered, Form, Way, carried, draw, enter, go, refusal, settle, start};
use crate::journey::account::{Answer, Refusal, methods};
use crate::journey::errands::Gate;
use crate::journey::scene::Trouble;
use crate::model::{Errand, LocalPath};
use crate::policy::Method;
use crate::web::pages::Done;
use crate::web::site::Web;

const PATH: &str = "/account/security";

/// GET
pub async fn page(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    match enter(&request, &web, Gate::Changing).await {
        Ok(who) => shown(&request, &web, &who, None),
        Err(response) => response,
    }
}

/// POST: a method to add, or one authenticator to put first or to take back into use.
pub async fn submit(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, Gate::Changing, &body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    if let Some(method) = method(&form, "method") {
        let to = LocalPath::new(&list(&request, None)).unwrap_or_else(|_| LocalPath::home());
        let method = Some(method);
        return start(&request, &web, &form.who.visitor, Errand::Enrol { method, to }).await;
    }
    let Some((answer, done)) = changed(&web, &form).await else {
        return back(&request, &web, None);
    };
    let settled = settled(&request, &web, &form, answer, done).await;
    settled.unwrap_or_else(|refused| shown(&request, &web, &form.who, Some(&refused)))
}

fn method(form: &Form, field: &str) -> Option<Method> {
    form.text(field).and_then(|m| m.parse().ok())
}

async fn changed(web: &Web, form: &Form) -> Option<(Result<Answer, Trouble>, Done)> {
    let (op, visitor) = (&web.op, &form.who.visitor);
    Some(if let Some(id) = form.text("primary") {
        (methods::make_primary(op, visitor, id).await, Done::Primary)
    } else if let Some(id) = form.text("reactivate") {
        (methods::reactivate(op, visitor, id).await, Done::Reactivated)
    } else {
        let method = method(form, "preferred")?;
        (methods::prefer(op, visitor, method).await, Done::Preferred)
    })
}

/// The answer to a form that leads to the list; `Err` draws its own page once more.
pub(super) async fn settled(
    request: &HttpRequest,
    web: &Web,
    form: &Form,
    answer: Result<Answer, Trouble>,
    done: Done,
) -> Result<HttpResponse, Refusal> {
    let way = Way {
        done: &list(request, Some(done)),
        again: &list(request, None),
    };
    settle(request, web, &form.who.visitor, answer, &way).await
}

/// Back to the list, saying what was done.
pub(super) fn back(request: &HttpRequest, web: &Web, done: Option<Done>) -> HttpResponse {
    go(web, &list(request, done))
}

/// The list, with what a partner's link brought, and what was done.
fn list(request: &HttpRequest, done: Option<Done>) -> String {
    let query = carried(request);
    let said = match (done, query.is_empty()) {
        (None, _) => String::new(),
        (Some(done), true) => format!("?done={}", done.as_str()),
        (Some(done), false) => format!("&done={}", done.as_str()),
    };
    format!("{PATH}{query}{said}")
}

/// The list's address, with what a partner's link brought.
pub(super) fn href(request: &HttpRequest, web: &Web) -> String {
    format!("{}{}", web.op.issuer.path, list(request, None))
}

fn shown(request: &HttpRequest, web: &Web, who: &Entered, refused: Option<&Refusal>) -> HttpResponse {
    draw(
        request,
        web,
        who,
        refused.map(refusal::words),
        &view::page(request, &who.scene),
    )
}
