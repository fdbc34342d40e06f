//! `/account/security`: Sign in & Security.

mod view;

pub(super) use view::name;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{Entered, Form, carried, draw, enter, go, start};
use crate::journey::account::{Change, methods};
use crate::journey::errands::Gate;
use crate::journey::reply::Complaint;
use crate::journey::scene::Trouble;
use crate::model::{Errand, LocalPath};
use crate::policy::Method;
use crate::web::fault::PageFault;
use crate::web::pages::{Done, Trouble as Words};
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
        let to = LocalPath::new(&format!("{PATH}{}", carried(&request))).unwrap_or_else(|_| LocalPath::home());
        let method = Some(method);
        return start(&request, &web, &form.who.visitor, Errand::Enrol { method, to }).await;
    }
    match changed(&web, &form).await {
        Ok(Some((Change::Done, done))) => back(&request, &web, Some(done)),
        Ok(Some((Change::Refused(complaint), _))) => shown(&request, &web, &form.who, Some(&complaint)),
        Ok(None) => back(&request, &web, None),
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

fn method(form: &Form, field: &str) -> Option<Method> {
    form.text(field).and_then(|m| m.parse().ok())
}

async fn changed(web: &Web, form: &Form) -> Result<Option<(Change, Done)>, Trouble> {
    let (op, visitor) = (&web.op, &form.who.visitor);
    Ok(Some(if let Some(id) = form.text("primary") {
        (methods::make_primary(op, visitor, id).await?, Done::Primary)
    } else if let Some(id) = form.text("reactivate") {
        (methods::reactivate(op, visitor, id).await?, Done::Reactivated)
    } else if let Some(method) = method(form, "preferred") {
        (methods::prefer(op, visitor, method).await?, Done::Preferred)
    } else {
        return Ok(None);
    }))
}

/// Back to the list, saying what was done.
pub(super) fn back(request: &HttpRequest, web: &Web, done: Option<Done>) -> HttpResponse {
    let query = carried(request);
    let said = match (done, query.is_empty()) {
        (None, _) => String::new(),
        (Some(done), true) => format!("?done={}", done.as_str()),
        (Some(done), false) => format!("&done={}", done.as_str()),
    };
    go(web, &format!("{PATH}{query}{said}"))
}

/// The list's address below the issuer, with what a partner's link brought.
pub(super) fn href(request: &HttpRequest, web: &Web) -> String {
    format!("{}{PATH}{}", web.op.issuer.path, carried(request))
}

fn shown(request: &HttpRequest, web: &Web, who: &Entered, complaint: Option<&Complaint>) -> HttpResponse {
    draw(
        request,
        web,
        who,
        complaint.map(trouble),
        &view::page(request, &who.scene),
    )
}

/// A refusal in the person's words, with its reference.
pub(super) fn trouble(complaint: &Complaint) -> (Words, String) {
    (Words::new(complaint.code.as_str()), complaint.reference.to_string())
}
