//! `/account/password`

use actix_web::{HttpRequest, HttpResponse, web};

use super::{Entered, Form, Way, done, draw, enter, refusal, settle};
use crate::base::Secret;
use crate::journey::account::{Refusal, password};
use crate::journey::errands::Gate;
use crate::policy::Method;
use crate::web::pages::ChangePassword;
use crate::web::site::Web;

/// GET
pub async fn page(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    match enter(&request, &web, Gate::Changing).await {
        Ok(who) => show(&request, &web, &who, None),
        Err(response) => response,
    }
}

/// POST: the new one.
pub async fn submit(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, Gate::Changing, &body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let given = form.secret("new_password").unwrap_or_else(|| Secret::from(""));
    let answer = password::change(&web.op, &form.who.visitor, given).await;
    let way = Way {
        done: "/account/password?done=changed",
        again: "/account/password",
    };
    let settled = settle(&request, &web, &form.who.visitor, answer, &way).await;
    settled.unwrap_or_else(|refused| show(&request, &web, &form.who, Some(&refused)))
}

fn show(request: &HttpRequest, web: &Web, who: &Entered, refused: Option<&Refusal>) -> HttpResponse {
    let page = ChangePassword {
        done: done(request, &["changed"]),
        username: who.scene.user.as_ref().map(|u| u.username.clone()).unwrap_or_default(),
        replaces: who.scene.authenticators.iter().any(|a| a.method == Method::Password),
    };
    draw(request, web, who, refused.map(refusal::words), &page)
}
