//! `/account/security/{authenticator}/…`: a new name, and removal.

use actix_web::{HttpRequest, HttpResponse, web};

use super::security::{back, href, name, settled};
use super::{Entered, Form, draw, enter, refusal};
use crate::journey::account::Refusal;
use crate::journey::account::methods::{self, Renaming};
use crate::journey::errands::Gate;
use crate::model::Authenticator;
use crate::web::fault::{self, PageFault};
use crate::web::pages::{AccountRemove, AccountRename, Done, Trouble as Words};
use crate::web::site::Web;

type Id = web::Path<String>;

/// GET `…/rename`
pub async fn rename_page(request: HttpRequest, web: web::Data<Web>, id: Id) -> HttpResponse {
    let who = match enter(&request, &web, Gate::Changing).await {
        Ok(who) => who,
        Err(response) => return response,
    };
    match methods::own(&who.scene, &id) {
        Some(a) => rename_shown(&request, &web, &who, a, None),
        None => fault::not_found(request, web).await,
    }
}

/// POST `…/rename`
pub async fn rename(request: HttpRequest, web: web::Data<Web>, id: Id, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, Gate::Changing, &body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let typed = form.text("nickname").unwrap_or_default();
    match methods::rename(&web.op, &form.who.visitor, &id, typed).await {
        Ok(renaming) => renamed(&request, &web, &form, &id, renaming),
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

fn renamed(request: &HttpRequest, web: &Web, form: &Form, id: &str, renaming: Renaming) -> HttpResponse {
    let typed = form.text("nickname").unwrap_or_default().to_owned();
    let (words, reference, field) = match renaming {
        Renaming::Done => return back(request, web, Some(Done::Renamed)),
        Renaming::Unfit(reference) => (Words::nickname_unfit(), reference, typed),
        Renaming::Taken(free, reference) => (Words::nickname_taken(), reference, free),
    };
    match methods::own(&form.who.scene, id) {
        Some(a) => rename_shown(request, web, &form.who, a, Some((words, reference.to_string(), field))),
        None => back(request, web, None),
    }
}

fn rename_shown(
    request: &HttpRequest,
    web: &Web,
    who: &Entered,
    a: &Authenticator,
    refused: Option<(Words, String, String)>,
) -> HttpResponse {
    let (trouble, field) = match refused {
        Some((words, reference, field)) => (Some((words, reference)), Some(field)),
        None => (None, None),
    };
    let page = AccountRename {
        method: a.method,
        old: name(a),
        nickname: field.unwrap_or_else(|| name(a)),
        back_href: href(request, web),
    };
    draw(request, web, who, trouble, &page)
}

/// GET `…/remove`: what will happen.
pub async fn remove_page(request: HttpRequest, web: web::Data<Web>, id: Id) -> HttpResponse {
    let who = match enter(&request, &web, Gate::Changing).await {
        Ok(who) => who,
        Err(response) => return response,
    };
    match methods::own(&who.scene, &id) {
        Some(a) => remove_shown(&request, &web, &who, a, None),
        None => fault::not_found(request, web).await,
    }
}

/// POST `…/remove`
pub async fn remove(request: HttpRequest, web: web::Data<Web>, id: Id, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, Gate::Changing, &body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let answer = methods::remove(&web.op, &form.who.visitor, &id).await;
    let settled = settled(&request, &web, &form, answer, Done::Removed).await;
    settled.unwrap_or_else(|refused| match methods::own(&form.who.scene, &id) {
        Some(a) => remove_shown(&request, &web, &form.who, a, Some(&refused)),
        None => back(&request, &web, None),
    })
}

fn remove_shown(
    request: &HttpRequest,
    web: &Web,
    who: &Entered,
    a: &Authenticator,
    refused: Option<&Refusal>,
) -> HttpResponse {
    let page = AccountRemove {
        method: a.method,
        nickname: name(a),
        added: a.created_at,
        // Refused a moment ago because another tab was first: this page's own scene does not know it yet.
        last: refused.is_some() || methods::is_last(&who.scene, a),
        signing: methods::is_last_for_signing(&who.scene, a),
        primary: a.primary,
        back_href: href(request, web),
    };
    draw(request, web, who, refused.map(refusal::words), &page)
}
