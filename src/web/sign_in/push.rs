//! Pages that wait for a phone.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::form::Form;
use super::view::{Drawing, challenge_path, home};
use super::wording::words;
use super::{At, SHOWN_AGAIN};
use crate::base::AuthorizationId;
use crate::journey::ceremony::refused;
use crate::journey::interaction;
use crate::journey::push::{self, Seen, Waits};
use crate::journey::reply::{Complaint, Destination, Reply};
use crate::journey::signals::{self, Key};
use crate::journey::{Scene, Visitor};
use crate::model::Authenticator;
use crate::web::fault::PageFault;
use crate::web::live::{self, Live};
use crate::web::pages::{VerifyPush, Wait};
use crate::web::site::Web;
use crate::web::{browser, show};

/// The page of a phone; `None` if this authenticator is none.
pub(super) async fn page(
    request: &HttpRequest,
    web: &Web,
    (id, visitor): (&AuthorizationId, &Visitor),
    device: &str,
) -> Option<HttpResponse> {
    let at = At {
        device: Some(device),
        ..at(id, visitor)
    };
    match push::seen(&web.op, id, visitor, device).await {
        Ok(seen) => Some(at.phone(request, web, device, seen?).await),
        Err(e) => Some(PageFault::from(e).response(request, web)),
    }
}

impl At<'_> {
    async fn phone(&self, request: &HttpRequest, web: &Web, device: &str, seen: Seen) -> HttpResponse {
        match seen {
            Seen::Waiting(scene, waits) => waited_for(request, web, (&scene, device), waits),
            Seen::Idle { scene, why } => super::view::challenge(request, web, &scene, device, (None, why.as_ref())),
            Seen::Reply(reply) => self.answer(request, web, Ok(reply)).await,
        }
    }
}

fn waited_for(request: &HttpRequest, web: &Web, (scene, device): (&Scene, &str), waits: Waits) -> HttpResponse {
    let d = Drawing {
        request,
        web,
        scene,
        complaint: None,
    };
    let permitted = |a: &&Authenticator| refused(scene, a.method).is_none();
    match scene.authenticator(device).filter(permitted) {
        Some(phone) => drawn(&d, phone, Some(waits)),
        None => show::see_other(&home(web, scene)),
    }
}

/// Waiting for a number to be typed, or not waiting for anything.
pub(super) fn drawn(d: &Drawing<'_>, phone: &Authenticator, waits: Option<Waits>) -> HttpResponse {
    let path = challenge_path(d.web, d.scene, phone.id.as_str());
    waiting(d, (path, Some(phone.label())), waits)
}

fn waiting(d: &Drawing<'_>, (path, nickname): (String, Option<&str>), waits: Option<Waits>) -> HttpResponse {
    let page = VerifyPush {
        nickname: nickname.map(str::to_owned),
        waiting: waits.is_some(),
        number: waits.as_ref().and_then(|w| w.number.clone()),
        unreached: waits.as_ref().is_some_and(|w| w.unreached),
        wait: waits.map(|w| Wait {
            state: w.state,
            seconds: d.scene.now.seconds_until(w.expires_at).0,
            events: format!("{}/wait", home(d.web, d.scene)),
            page: path.clone(),
        }),
        app_href: format!("{}/authenticator", d.web.op.issuer.url),
    };
    let mut frame = d.frame(path);
    frame.refresh = page.waiting.then_some(PLAIN_REFRESH);
    d.draw(SHOWN_AGAIN, frame, d.complaint.map(words), &page)
}

/// GET `/sign-in/{id}/phone`: the same before anybody is known.
pub async fn named(request: HttpRequest, web: web::Data<Web>, path: web::Path<String>) -> HttpResponse {
    let id = AuthorizationId::new(path.into_inner());
    let visitor = browser::visitor(&request, &web);
    match push::by_name::seen(&web.op, &id, &visitor).await {
        Ok(Some(Seen::Waiting(scene, waits))) => nameless(&request, &web, (&scene, None), Some(waits)),
        Ok(Some(Seen::Idle { scene, why })) => nameless(&request, &web, (&scene, why.as_ref()), None),
        Ok(Some(Seen::Reply(reply))) => at(&id, &visitor).answer(&request, &web, Ok(reply)).await,
        Ok(None) => show::see_other(&format!("{}/sign-in/{id}", web.op.issuer.path)),
        Err(e) => PageFault::from(e).response(&request, &web),
    }
}

fn nameless(
    request: &HttpRequest,
    web: &Web,
    (scene, complaint): (&Scene, Option<&Complaint>),
    waits: Option<Waits>,
) -> HttpResponse {
    let d = Drawing {
        request,
        web,
        scene,
        complaint,
    };
    waiting(&d, (format!("{}/phone", home(web, scene)), None), waits)
}

const fn at<'a>(id: &'a AuthorizationId, visitor: &'a Visitor) -> At<'a> {
    At {
        id,
        visitor,
        typed: None,
        device: None,
    }
}

/// POST: "send it again", "another method", "cancel".
pub async fn named_form(
    request: HttpRequest,
    web: web::Data<Web>,
    path: web::Path<String>,
    body: web::Bytes,
) -> HttpResponse {
    let form = match Form::read(&request, &web, path.into_inner(), &body) {
        Ok(form) => form,
        Err(fault) => return fault.response(&request, &web),
    };
    let (op, id, visitor) = (&web.op, &form.id, &form.visitor);
    let reply = match form.action() {
        Some("cancel") => interaction::cancel(op, id, visitor).await,
        Some("resend") => push::by_name::begin(op, id, visitor).await,
        Some("continue") => Ok(Reply::Show(Destination::Phone)),
        _ => Ok(Reply::GoOn),
    };
    super::finish(&request, &web, &form, reply, None).await
}

/// Seconds after which a page without a script looks again.
pub(super) const PLAIN_REFRESH: u32 = 3;

/// Connections that wait for one sign-in. Whoever has more tabs than that is told by asking, as where there are no events:
/// each costs a buffer, and anybody can begin a sign-in.
const MOST_TABS: usize = 8;

/// GET `/sign-in/{id}/wait`: rings when something has happened on a phone that bears on this sign-in.
pub async fn wait(request: HttpRequest, web: web::Data<Web>, path: web::Path<String>) -> HttpResponse {
    let id = AuthorizationId::new(path.into_inner());
    let visitor = browser::visitor(&request, &web);
    // Taken before the first look: whatever happens after that look rings.
    let place = web.op.signals.wait(Key::sign_in(&id));
    let state = match push::state(&web.op, &id, &visitor).await {
        Ok(state) => state,
        Err(e) => return PageFault::from(e).response(&request, &web),
    };
    if live::wants_events(&request) && web.op.signals.crowd(&Key::sign_in(&id)) <= MOST_TABS {
        return told(&web, id, visitor, (place, state));
    }
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(serde_json::json!({ "state": state }))
}

fn told(web: &Web, id: AuthorizationId, visitor: Visitor, (place, state): (signals::Wait, String)) -> HttpResponse {
    let op = Arc::clone(&web.op);
    live::stream(Live::new(place, state, "state", move || {
        let (op, id, visitor) = (Arc::clone(&op), id.clone(), visitor.clone());
        async move { push::state(&op, &id, &visitor).await.ok() }
    }))
}
