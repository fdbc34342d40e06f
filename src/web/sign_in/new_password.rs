//! The new password of an account that is given back.

use actix_web::{HttpRequest, HttpResponse, web};

use super::SHOWN_AGAIN;
use super::form::Form;
use super::view::{Drawing, home};
use super::{Page as Path, finish};
use crate::base::{Entropy, SystemEntropy};
use crate::factors::password::rules::LEAST_ALONE;
use crate::journey::account::passwords::Measure;
use crate::journey::account::recovery::{Reset, set_password};
use crate::journey::reply::Reply;
use crate::journey::{Trouble, errands, interaction};
use crate::model::{Errand, LocalPath};
use crate::web::fault::PageFault;
use crate::web::pages::{NewPassword, Trouble as Words};
use crate::web::site::Web;
use crate::web::{account, authorize, browser};

/// The page.
pub(super) fn page(d: &Drawing<'_>, trouble: Option<Words>) -> HttpResponse {
    let page = NewPassword {
        username: d.scene.user.as_ref().map(|u| u.username.clone()).unwrap_or_default(),
        shortest: d
            .scene
            .user
            .as_ref()
            .map_or(LEAST_ALONE, |u| Measure::of(&d.web.op, u).least()),
    };
    let mut frame = d.frame(format!("{}/new-password", home(d.web, d.scene)));
    if trouble.is_some() && frame.reference.is_none() {
        frame.reference = Some(SystemEntropy.id());
    }
    d.draw(SHOWN_AGAIN, frame, trouble, &page)
}

/// POST: the password, or "cancel".
pub async fn submit(request: HttpRequest, web: web::Data<Web>, path: Path, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, path.into_inner(), &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    if form.action() == Some("cancel") {
        let reply = interaction::cancel(&web.op, &form.id, &form.visitor).await;
        return finish(&request, &web, &form, reply, None).await;
    }
    let given = form.secret("password").unwrap_or_else(|| "".into());
    let reset = set_password(&web.op, &form.id, &form.visitor, &given).await;
    answer(&request, &web, &form, reset).await
}

async fn answer(request: &HttpRequest, web: &Web, form: &Form, reset: Result<Reset, Trouble>) -> HttpResponse {
    match reset {
        Ok(Reset::Done { name }) => done(web, form, name).await,
        Ok(Reset::Unfit(unfit)) => match interaction::scene(&web.op, &form.id, &form.visitor).await {
            Ok(scene) => {
                let d = Drawing {
                    request,
                    web,
                    scene: &scene,
                    complaint: None,
                };
                page(&d, Some(Words::password_refused(unfit)))
            }
            Err(e) => PageFault::from(e).response(request, web),
        },
        Ok(Reset::GoOn) => finish(request, web, form, Ok(Reply::GoOn), None).await,
        Err(e) => PageFault::from(e).response(request, web),
    }
}

/// To the sign-in page, where the new password is proved. The session that the second proof opened has ended.
async fn done(web: &Web, form: &Form, name: String) -> HttpResponse {
    let errand = Errand::Account { to: LocalPath::home() };
    let mut response = match errands::begin_as(&web.op, &form.visitor, errand, &[], Some(name)).await {
        Ok(begun) => authorize::respond(web, begun),
        Err(_) => account::go(web, "/account"),
    };
    browser::sign_out(&web.op, &mut response);
    response
}
