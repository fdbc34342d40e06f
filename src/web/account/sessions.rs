//! `/account/sessions`

use actix_web::{HttpRequest, HttpResponse, web};

use super::{Entered, Form, Way, done, draw, enter, refusal, settle};
use crate::journey::account::{Answer, Refusal, sessions};
use crate::journey::errands::Gate;
use crate::journey::{Scene, Trouble};
use crate::policy::Method;
use crate::policy::amr::amr;
use crate::storage::own::OwnSession;
use crate::web::browser;
use crate::web::fault::PageFault;
use crate::web::pages::{SessionView, Sessions};
use crate::web::site::Web;

const HERE: &str = "/account/sessions";

/// GET
pub async fn page(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    match enter(&request, &web, Gate::SignedIn).await {
        Ok(who) => show(&request, &web, &who, None).await,
        Err(response) => response,
    }
}

/// POST: one, all others, remembered browsers.
pub async fn submit(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, Gate::SignedIn, &body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let (answer, way) = act(&web, &form).await;
    match settle(&request, &web, &form.who.visitor, answer, &way).await {
        Ok(response) => response,
        Err(refused) => show(&request, &web, &form.who, Some(&refused)).await,
    }
}

async fn act(web: &Web, form: &Form) -> (Result<Answer, Trouble>, Way<'static>) {
    let (op, visitor) = (&web.op, &form.who.visitor);
    let (answer, done) = match (form.text("session"), form.action()) {
        (Some(id), _) => (sessions::end_one(op, visitor, id).await, "/account/sessions?done=ended"),
        (None, Some("others")) => (sessions::end_others(op, visitor).await, "/account/sessions?done=others"),
        (None, Some("forget")) => (
            sessions::forget_browsers(op, visitor).await,
            "/account/sessions?done=forgotten",
        ),
        _ => (Ok(Answer::Done), HERE),
    };
    (answer, Way { done, again: HERE })
}

async fn show(request: &HttpRequest, web: &Web, who: &Entered, refused: Option<&Refusal>) -> HttpResponse {
    match view(request, web, &who.scene).await {
        Ok(page) => draw(request, web, who, refused.map(refusal::words), &page),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

async fn view(request: &HttpRequest, web: &Web, scene: &Scene) -> Result<Sessions, Trouble> {
    let user = scene.user.as_ref().ok_or(Trouble::Unknown)?;
    let mut tx = web.op.store.view().await?;
    let own = scene.session.as_ref().map(|s| s.id.clone());
    let all = tx.own_sessions(&user.id, scene.now).await?;
    let (here, others): (Vec<_>, Vec<_>) = all.iter().partition(|s| Some(&s.session.id) == own.as_ref());
    let locale = browser::locale(request, &web.op, None, &[]);
    let named = |ua: &str| web.pages.browser(locale, ua);
    Ok(Sessions {
        done: done(request, &["ended", "others", "forgotten"]),
        here: here.first().map(|s| line(s, &named)),
        others: others.into_iter().map(|s| line(s, &named)).collect(),
        remembered: tx.remembered_browsers(&user.id, scene.now).await?,
    })
}

fn line(own: &OwnSession, named: &dyn Fn(&str) -> String) -> SessionView {
    let proved = |m: &Method| own.session.events.iter().any(|e| e.method == *m);
    SessionView {
        id: own.session.id.to_string(),
        browser: own.user_agent.as_deref().map(named).unwrap_or_default(),
        ip: own.ip.clone(),
        since: own.session.created_at,
        last_active: own.session.last_active,
        methods: Method::ALL.into_iter().filter(proved).collect(),
        amr: amr(own.session.events.iter().map(|e| (e.method, &e.proof))).join(" "),
    }
}
