//! `/account/lost`: a device is gone. One factor is enough to say so (800-63B-4 §4.3). And the help about phones.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::security::{href, name};
use super::{Entered, Form, Way, carried, draw, enter, refusal, settle};
use crate::journey::account::{Refusal, methods};
use crate::journey::errands::Gate;
use crate::model::{Authenticator, AuthenticatorStatus};
use crate::policy::Method;
use crate::protocol::params::Params;
use crate::web::pages::{AccountLost, HelpPhone, LostChoice};
use crate::web::site::Web;
use crate::web::{browser, show};

/// GET
pub async fn page(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    match enter(&request, &web, Gate::SignedIn).await {
        Ok(who) => shown(&request, &web, &who, None),
        Err(response) => response,
    }
}

/// POST: this one.
pub async fn submit(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, Gate::SignedIn, &body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let Some(id) = form.text("authenticator") else {
        return shown(&request, &web, &form.who, None);
    };
    let answer = methods::report_lost(&web.op, &form.who.visitor, id).await;
    let way = Way {
        done: &done(&request),
        again: "/account/lost",
    };
    let settled = settle(&request, &web, &form.who.visitor, answer, &way).await;
    settled.unwrap_or_else(|refused| shown(&request, &web, &form.who, Some(&refused)))
}

fn done(request: &HttpRequest) -> String {
    match carried(request).as_str() {
        "" => "/account/lost?done=lost".to_owned(),
        query => format!("/account/lost{query}&done=lost"),
    }
}

fn shown(request: &HttpRequest, web: &Web, who: &Entered, refused: Option<&Refusal>) -> HttpResponse {
    let params = Params::parse(request.query_string().as_bytes()).unwrap_or_default();
    let held = who.scene.authenticators.iter();
    let in_use = |a: &&Authenticator| a.status == AuthenticatorStatus::Active && a.method != Method::Password;
    let choices = held.filter(in_use).map(|a| LostChoice {
        id: a.id.clone(),
        method: a.method,
        nickname: name(a),
    });
    let page = AccountLost {
        done: params.single("done").ok().flatten() == Some("lost"),
        choices: choices.collect(),
        only: methods::needs_backup(&who.scene),
        security_href: href(request, web),
    };
    draw(request, web, who, refused.map(refusal::words), &page)
}

/// GET `/account/help/phone` (S75): for everybody, signed in or not.
pub async fn help_phone(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    let chosen = Params::parse(request.query_string().as_bytes()).unwrap_or_default();
    let chosen = chosen.single("ui_locales").ok().flatten().map(str::to_owned);
    let locale = browser::locale(&request, &web.op, chosen.as_deref(), &[]);
    let frame = show::frame(&web, locale, request.path().to_owned());
    show::page(&web, StatusCode::OK, &frame, None, &HelpPhone {})
}
