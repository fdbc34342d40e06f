//! The pages of one sign-in: `/sign-in/{authorization}` and what lies below it.

mod consent_view;
pub mod enrol;
mod enrol_view;
mod form;
pub mod new_password;
pub mod push;
mod view;
pub(super) mod wording;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use self::form::Form;
use super::authorize::respond;
use super::fault::PageFault;
use super::site::Web;
use super::{browser, show};
use crate::base::AuthorizationId;
use crate::journey::ceremony::{open_in_page, passkey};
use crate::journey::interaction::{self, View};
use crate::journey::push::by_name::begin;
use crate::journey::reply::{Destination, Reply};
use crate::journey::{Trouble, Visitor, authorize};
use crate::policy::Method;

/// GET: whatever is next.
pub async fn page(request: HttpRequest, web: web::Data<Web>, path: web::Path<String>) -> HttpResponse {
    let id = AuthorizationId::new(path.into_inner());
    let visitor = browser::visitor(&request, &web);
    let wish = form::wish(request.query_string());
    match interaction::view(&web.op, &id, &visitor, wish).await {
        Ok(View::Page(scene, step)) => view::step(&request, &web, &scene, &step),
        Ok(View::Leave(delivery)) => show::deliver(&web, &delivery),
        Err(Trouble::Unowned) => adopted(&request, &web, &id, &visitor).await,
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

async fn adopted(request: &HttpRequest, web: &Web, id: &AuthorizationId, visitor: &Visitor) -> HttpResponse {
    match authorize::adopt(&web.op, id, visitor).await {
        Ok(Some(begun)) => respond(web, begun),
        Ok(None) => PageFault::from(Trouble::Unknown).response(request, web),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

type Page = web::Path<String>;
type Device = web::Path<(String, String)>;

/// POST: name and password, "cancel", "another method", "another account".
pub async fn sign_in(request: HttpRequest, web: web::Data<Web>, path: Page, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, path.into_inner(), &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    let reply = signed_in(&web, &form).await;
    finish(&request, &web, &form, reply, None).await
}

async fn signed_in(web: &Web, form: &Form) -> Result<Reply, Trouble> {
    let (op, id, visitor) = (&web.op, &form.id, &form.visitor);
    match (form.action(), form.text("credential").filter(|c| !c.is_empty())) {
        (Some("cancel"), _) => interaction::cancel(op, id, visitor).await,
        (Some("switch"), _) => interaction::switch(op, id, visitor).await,
        (Some("choose"), _) => Ok(Reply::Show(Destination::Chooser)),
        _ if form.method() == Some(Method::Push) => begin(op, id, visitor).await,
        (_, Some(said)) => passkey(op, id, visitor, said.to_owned(), form.text("kept")).await,
        _ => interaction::sign_in(op, id, visitor, form.text("username"), form.secret("password")).await,
    }
}

/// POST of the choosers: a method, or one authenticator.
pub async fn choose(request: HttpRequest, web: web::Data<Web>, path: Page, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, path.into_inner(), &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    let (op, id, visitor) = (&web.op, &form.id, &form.visitor);
    let reply = match (form.action(), form.choice()) {
        (Some("cancel"), _) => interaction::cancel(op, id, visitor).await,
        (_, Some(choice)) => interaction::choose(op, id, visitor, choice).await,
        _ => Ok(Reply::Show(Destination::Chooser)),
    };
    finish(&request, &web, &form, reply, None).await
}

/// GET: the page of one authenticator.
pub async fn challenge(request: HttpRequest, web: web::Data<Web>, path: Device) -> HttpResponse {
    let (id, device) = path.into_inner();
    let visitor = browser::visitor(&request, &web);
    if let Some(response) = push::page(&request, &web, (&AuthorizationId::new(&id), &visitor), &device).await {
        return response;
    }
    match interaction::challenge(&web.op, &AuthorizationId::new(&id), &visitor, &device).await {
        Ok(Some((scene, in_page))) => view::challenge(&request, &web, &scene, &device, (in_page.as_ref(), None)),
        Ok(None) => show::see_other(&format!("{}/sign-in/{id}", web.op.issuer.path)),
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

/// POST: its code, or "send it again", "another method", "cancel".
pub async fn verify(request: HttpRequest, web: web::Data<Web>, path: Device, body: web::Bytes) -> HttpResponse {
    let (id, device) = path.into_inner();
    let form = match Form::read(&request, &web, id, &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    let reply = verified(&web, &form, &device).await;
    finish(&request, &web, &form, reply, Some(&device)).await
}

async fn verified(web: &Web, form: &Form, device: &str) -> Result<Reply, Trouble> {
    let (op, id, visitor) = (&web.op, &form.id, &form.visitor);
    match (form.action(), form.choice()) {
        (Some("cancel"), _) => interaction::cancel(op, id, visitor).await,
        (Some("choose"), _) => Ok(Reply::Show(Destination::Chooser)),
        (Some("resend"), _) => interaction::resend(op, id, visitor, device).await,
        // "Call me instead".
        (None, Some(choice)) => interaction::choose(op, id, visitor, choice).await,
        _ => interaction::verify(op, id, visitor, device, form.given()).await,
    }
}

/// POST: allow or deny.
pub async fn consent(request: HttpRequest, web: web::Data<Web>, path: Page, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, path.into_inner(), &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    // Anything but "allow" denies.
    let allow = form.action() == Some("allow");
    let reply = interaction::consent(&web.op, &form.id, &form.visitor, allow).await;
    finish(&request, &web, &form, reply, None).await
}

/// From a use case's reply to the wire. Forms that were taken are answered with 303, refused ones with
/// their page: nothing typed is lost but the secret.
async fn finish(
    request: &HttpRequest,
    web: &Web,
    form: &Form,
    reply: Result<Reply, Trouble>,
    device: Option<&str>,
) -> HttpResponse {
    let at = At {
        id: &form.id,
        visitor: &form.visitor,
        typed: form.text("username"),
        device,
    };
    at.answer(request, web, reply).await
}

/// The page that something was done on.
struct At<'a> {
    id: &'a AuthorizationId,
    visitor: &'a Visitor,
    typed: Option<&'a str>,
    device: Option<&'a str>,
}

impl At<'_> {
    async fn answer(&self, request: &HttpRequest, web: &Web, reply: Result<Reply, Trouble>) -> HttpResponse {
        let home = format!("{}/sign-in/{}", web.op.issuer.path, self.id);
        match reply {
            Ok(Reply::GoOn) => show::see_other(&home),
            Ok(Reply::Proved { cookies }) => view::with_session(web, show::see_other(&home), Some(cookies)),
            Ok(Reply::Show(to)) => show::see_other(&destination(&home, &to)),
            Ok(Reply::Leave { delivery, cookies }) => view::with_session(web, show::deliver(web, &delivery), cookies),
            Ok(Reply::Again(complaint)) => match interaction::scene(&web.op, self.id, self.visitor).await {
                Ok(scene) => match self.device {
                    Some(device) => {
                        let in_page = scene.authenticator(device).map(|a| open_in_page(&web.op, &scene, a));
                        let in_page = in_page.and_then(Result::ok).flatten();
                        view::challenge(request, web, &scene, device, (in_page.as_ref(), Some(&complaint)))
                    }
                    None => view::again(request, web, &scene, self.typed, &complaint),
                },
                Err(e) => PageFault::from(e).response(request, web),
            },
            Ok(Reply::Denied {
                method,
                rules,
                complaint,
            }) => match interaction::scene(&web.op, self.id, self.visitor).await {
                Ok(scene) => view::denied(request, web, &scene, method, &rules, &complaint),
                Err(e) => PageFault::from(e).response(request, web),
            },
            Err(e) => PageFault::from(e).response(request, web),
        }
    }
}

fn destination(home: &str, to: &Destination) -> String {
    match to {
        Destination::Chooser => format!("{home}?choose=1"),
        Destination::Method(method) => format!("{home}?method={method}"),
        Destination::Phone => format!("{home}/phone"),
        Destination::Authenticator(id) => format!("{home}/verify/{id}"),
        Destination::Enrol(method) => format!("{home}/enrol/{method}"),
    }
}

/// 200 for a form that is shown again because of a slip, 4xx for what must not be.
const SHOWN_AGAIN: StatusCode = StatusCode::OK;
