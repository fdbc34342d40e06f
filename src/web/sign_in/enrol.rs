//! Setting up a method inside a sign-in: the chooser's buttons, the page of each method, and what it brings.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::enrol_view::{self, PhonePage};
use super::form::Form;
use super::{At, finish, view};
use crate::base::AuthorizationId;
use crate::factors::phone::enrol::pending_number;
use crate::factors::{Answer, Channel};
use crate::journey::enrolment::{self, Confirmation, Dialled, Pending};
use crate::journey::interaction;
use crate::journey::push::{self, pair};
use crate::journey::reply::{Destination, Reply};
use crate::journey::scene::Trouble;
use crate::policy::Method;
use crate::web::fault::PageFault;
use crate::web::site::Web;
use crate::web::{browser, show};

type Path = web::Path<String>;
type MethodPath = web::Path<(String, String)>;

/// POST: which method, or none of them.
pub async fn choose(request: HttpRequest, web: web::Data<Web>, path: Path, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, path.into_inner(), &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    let reply = chosen(&web, &form).await;
    finish(&request, &web, &form, reply, None).await
}

async fn chosen(web: &Web, form: &Form) -> Result<Reply, Trouble> {
    let (op, id, visitor) = (&web.op, &form.id, &form.visitor);
    match (form.action(), form.method()) {
        (Some("cancel"), _) => interaction::cancel(op, id, visitor).await,
        (Some("skip"), _) => enrolment::skip(op, id, visitor).await,
        (Some("continue"), _) => enrolment::acknowledge(op, id, visitor).await,
        (_, Some(method)) => enrolment::begin(op, id, visitor, method).await,
        _ => Ok(Reply::GoOn),
    }
}

/// GET: the page of a set-up that has begun.
pub async fn page(request: HttpRequest, web: web::Data<Web>, path: MethodPath) -> HttpResponse {
    let (id, method) = path.into_inner();
    if let Some(response) = answered(&request, &web, &id, &method).await {
        return response;
    }
    match pending(&request, &web, &id, &method).await {
        Ok(Some(pending)) => enrol_view::pending(&request, &web, &pending, (None, PhonePage::default())),
        Ok(None) => show::see_other(&format!("{}/sign-in/{id}", web.op.issuer.path)),
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

/// Has the phone that is being set up answered meanwhile?
async fn answered(request: &HttpRequest, web: &Web, id: &str, method: &str) -> Option<HttpResponse> {
    if method != Method::Push.as_str() {
        return None;
    }
    let (id, visitor) = (AuthorizationId::new(id), browser::visitor(request, web));
    let at = At {
        id: &id,
        visitor: &visitor,
        typed: None,
        device: None,
    };
    match push::awaited(&web.op, &id, &visitor).await {
        Ok(None) => None,
        Ok(Some(reply)) => Some(at.answer(request, web, Ok(reply)).await),
        Err(e) => Some(PageFault::from(e).response(request, web)),
    }
}

async fn pending(request: &HttpRequest, web: &Web, id: &str, method: &str) -> Result<Option<Pending>, Trouble> {
    let visitor = browser::visitor(request, web);
    match method.parse() {
        Ok(method) => enrolment::view(&web.op, &AuthorizationId::new(id), &visitor, method).await,
        Err(_) => Ok(None),
    }
}

/// GET: the recovery codes as a text file, while they are shown.
pub async fn download(request: HttpRequest, web: web::Data<Web>, path: Path) -> HttpResponse {
    let id = path.into_inner();
    match pending(&request, &web, &id, Method::RecoveryCode.as_str()).await {
        Ok(Some(pending)) => enrol_view::codes_file(&request, &web, &pending)
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(enrol_view::codes_text(&request, &web, &pending)),
        Ok(None) => show::see_other(&format!("{}/sign-in/{id}", web.op.issuer.path)),
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

/// POST: a number, a code, a key's answer, or "send it again", "another method", "cancel".
pub async fn submit(request: HttpRequest, web: web::Data<Web>, path: MethodPath, body: web::Bytes) -> HttpResponse {
    let (id, method) = path.into_inner();
    let form = match Form::read(&request, &web, id, &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    let Ok(method) = method.parse::<Method>() else {
        return finish(&request, &web, &form, Ok(Reply::GoOn), None).await;
    };
    let dialled = submitted(&web, &form, method).await;
    answer(&request, &web, &form, (method, dialled)).await
}

async fn submitted(web: &Web, form: &Form, method: Method) -> Result<Dialled, Trouble> {
    let (op, id, visitor) = (&web.op, &form.id, &form.visitor);
    // "Text me" and "Call me" are the same page.
    let method = form.method().unwrap_or(method);
    let by_number = matches!(method, Method::Sms | Method::Voice);
    let reply = match form.action() {
        Some("cancel") => interaction::cancel(op, id, visitor).await?,
        Some("choose") => enrolment::abandon(op, id, visitor).await?,
        Some("edit") => {
            enrolment::abandon(op, id, visitor).await?;
            Reply::Show(Destination::Enrol(method))
        }
        Some("link-email") => link(web, form, method, Channel::Email).await?,
        Some("link-sms") => link(web, form, method, Channel::Sms).await?,
        Some("link-voice") => link(web, form, method, Channel::Voice).await?,
        Some("continue") => Reply::Show(Destination::Enrol(method)),
        Some("reveal") => pair::reveal(op, id, visitor).await?,
        Some("resend") => return resend(web, form, method).await,
        _ if by_number && form.text("code").is_none() => {
            let typed = form.text("number").unwrap_or_default();
            let confirmed = form.text("confirmed") == Some("yes");
            return enrolment::number(op, id, visitor, (method, typed), confirmed).await;
        }
        _ => enrolment::finish(op, id, visitor, method, confirmation(form)).await?,
    };
    Ok(Dialled::Reply(reply))
}

async fn link(web: &Web, form: &Form, method: Method, channel: Channel) -> Result<Reply, Trouble> {
    let to = enrolment::link::To {
        channel,
        number: form.text("number").map(str::trim).filter(|n| !n.is_empty()),
    };
    enrolment::link::send(&web.op, &form.id, &form.visitor, (method, to)).await
}

fn confirmation(form: &Form) -> Confirmation {
    let answer = match form.text("credential").filter(|c| !c.is_empty()) {
        Some(said) => Answer::Key(said.to_owned()),
        None => Answer::Code(form.secret("code").unwrap_or_else(|| "".into())),
    };
    Confirmation {
        answer,
        nickname: form
            .text("nickname")
            .map(str::trim)
            .filter(|n| !n.is_empty())
            .map(str::to_owned),
    }
}

/// "Send it again": to the number that is being confirmed.
async fn resend(web: &Web, form: &Form, method: Method) -> Result<Dialled, Trouble> {
    let (op, id, visitor) = (&web.op, &form.id, &form.visitor);
    let pending = enrolment::view(op, id, visitor, method).await?;
    match pending.and_then(|p| p.kept).as_ref().and_then(pending_number) {
        Some(number) => enrolment::number(op, id, visitor, (method, &number.e164), true).await,
        None => Ok(Dialled::Reply(Reply::GoOn)),
    }
}

async fn answer(
    request: &HttpRequest,
    web: &Web,
    form: &Form,
    (method, dialled): (Method, Result<Dialled, Trouble>),
) -> HttpResponse {
    let method = form.method().unwrap_or(method);
    let (complaint, confirm) = match dialled {
        Ok(Dialled::Reply(Reply::Again(complaint))) => (Some(complaint), None),
        Ok(Dialled::Confirm(number)) => (None, Some(number)),
        Ok(Dialled::Reply(reply)) => return finish(request, web, form, Ok(reply), None).await,
        Err(e) => return PageFault::from(e).response(request, web),
    };
    let typed = PhonePage {
        number: form.text("number").map(str::to_owned),
        confirm,
        nickname: form.text("nickname").map(str::to_owned),
    };
    match enrolment::view(&web.op, &form.id, &form.visitor, method).await {
        Ok(Some(pending)) => enrol_view::pending(request, web, &pending, (complaint.as_ref(), typed)),
        // The secret's time is over: the chooser, with the reason.
        Ok(None) => match (complaint, interaction::scene(&web.op, &form.id, &form.visitor).await) {
            (Some(complaint), Ok(scene)) => view::again(request, web, &scene, None, &complaint),
            (None, _) => show::see_other(&format!("{}/sign-in/{}", web.op.issuer.path, form.id)),
            (_, Err(e)) => PageFault::from(e).response(request, web),
        },
        Err(e) => PageFault::from(e).response(request, web),
    }
}
