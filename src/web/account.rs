//! `/account` and what lies below it: the person's own pages.
//!
//! Every page stands behind a gate (`journey::errands`): somebody is signed in, or somebody has just proved a current
//! factor. Whoever is not through it is led through a sign-in and comes back. A form belongs to the session that it was
//! shown in.

pub mod activity;
pub mod api;
pub mod close;
pub mod home;
pub mod lost;
pub mod method;
pub mod password;
pub mod privacy;
pub mod profile;
mod refusal;
pub mod routes;
pub mod security;
pub mod sessions;
pub mod undo;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::authorize::respond;
use super::fault::{PageFault, stale_form};
use super::page::{Frame, Page};
use super::pages::Trouble as Words;
use super::site::Web;
use super::{browser, show};
use crate::base::Secret;
use crate::journey::account::{Answer, Refusal};
use crate::journey::errands::{self, Gate};
use crate::journey::{Scene, Visitor};
use crate::model::{Errand, LocalPath};
use crate::protocol::errors::OAuthError;
use crate::protocol::params::{Params, encode};
use crate::protocol::way_back;

/// What anti-forgery values of the account's forms are about.
const FORMS: &str = "account";

/// Somebody at a page of theirs.
pub struct Entered {
    pub scene: Scene,
    pub visitor: Visitor,
}

/// The person behind a page, or the answer that leads to the sign-in before it.
pub async fn enter(request: &HttpRequest, web: &Web, gate: Gate) -> Result<Entered, HttpResponse> {
    let visitor = browser::visitor(request, web);
    let fault = |e: crate::journey::Trouble| PageFault::from(e).response(request, web);
    let mut view = web.op.store.view().await.map_err(|e| fault(e.into()))?;
    match errands::pass(&web.op, &mut view, &visitor, gate).await {
        Ok(Some(scene)) => Ok(Entered { scene, visitor }),
        Ok(None) => Err(lead(request, web, &visitor, gate).await),
        Err(e) => Err(fault(e)),
    }
}

/// Through a sign-in, and back to this page.
async fn lead(request: &HttpRequest, web: &Web, visitor: &Visitor, gate: Gate) -> HttpResponse {
    let to = here(request, web);
    let errand = match gate {
        Gate::SignedIn => Errand::Account { to },
        Gate::Changing => Errand::Change { to },
    };
    start(request, web, visitor, errand).await
}

/// To the sign-in of an errand, or straight to its end.
pub async fn start(request: &HttpRequest, web: &Web, visitor: &Visitor, errand: Errand) -> HttpResponse {
    let languages = Params::parse(request.query_string().as_bytes()).unwrap_or_default();
    let languages = languages.single("ui_locales").ok().flatten().unwrap_or_default();
    let languages: Vec<String> = languages.split_ascii_whitespace().map(str::to_owned).collect();
    match errands::begin(&web.op, visitor, errand, &languages).await {
        Ok(begun) => respond(web, begun),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

/// This page's own path below the issuer, to come back to; the account's first page where it is none to come back to.
fn here(request: &HttpRequest, web: &Web) -> LocalPath {
    let path = request
        .path()
        .strip_prefix(web.op.issuer.path.as_str())
        .unwrap_or_default();
    let whole = match request.query_string() {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    };
    // An address that a partner wrote into the query as it is, with its slashes, is kept in its encoded form.
    let encoded = Params::parse(request.query_string().as_bytes()).map(|p| format!("{path}?{}", p.encode()));
    LocalPath::new(&whole)
        .or_else(|bad| encoded.map_or(Err(bad), |encoded| LocalPath::new(&encoded)))
        .or_else(|_| LocalPath::new(path))
        .unwrap_or_else(|_| LocalPath::home())
}

/// A form of one of the pages, with whoever sent it.
pub struct Form {
    pub who: Entered,
    params: Params,
}

impl Form {
    /// The gate first, then the form's own anti-forgery value.
    pub async fn read(request: &HttpRequest, web: &Web, gate: Gate, body: &[u8]) -> Result<Self, HttpResponse> {
        let who = enter(request, web, gate).await?;
        let params = Params::parse(body).map_err(|e| PageFault::from(OAuthError::from(e)).response(request, web))?;
        let given = params.single("csrf").ok().flatten();
        if !browser::csrf_fits(&web.op, who.visitor.session.as_deref(), FORMS, given) {
            return Err(stale_form().response(request, web));
        }
        Ok(Self { who, params })
    }

    /// A field that is there once; a doubled one counts as absent.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.params.single(name).ok().flatten()
    }
    pub fn secret(&self, name: &str) -> Option<Secret<String>> {
        self.text(name).map(Secret::from)
    }
    pub fn action(&self) -> Option<&str> {
        self.text("action")
    }
}

/// The part of the query that a partner's link brought (`protocol::way_back`), kept from page to page: `?…`, or nothing.
/// What it may lead to is looked at where a link is drawn.
pub fn carried(request: &HttpRequest) -> String {
    let params = Params::parse(request.query_string().as_bytes()).unwrap_or_default();
    let get = |name: &'static str| Some((name, params.single(name).ok().flatten()?));
    match (get(way_back::CLIENT_ID), get(way_back::RETURN_TO)) {
        (Some(client), Some(to)) => format!("?{}", encode([client, to])),
        _ => String::new(),
    }
}

/// What stands around a page of the account. Its forms post to the page's own address.
pub fn frame(request: &HttpRequest, web: &Web, who: &Entered) -> Frame {
    let chosen = Params::parse(request.query_string().as_bytes()).unwrap_or_default();
    let chosen = chosen.single("ui_locales").ok().flatten().map(str::to_owned);
    let locale = browser::locale(request, &web.op, chosen.as_deref(), &[]);
    let mut frame = show::frame(web, locale, format!("{}{}", request.path(), carried(request)));
    frame.csrf = browser::csrf(&web.op, who.visitor.session.as_deref(), FORMS);
    frame.signed_in_as = who.scene.user.as_ref().map(|u| u.username.clone());
    frame
}

/// Draws a page of the account; `trouble` with its reference where a form was refused.
pub fn draw<P: Page>(
    request: &HttpRequest,
    web: &Web,
    who: &Entered,
    trouble: Option<(Words, String)>,
    page: &P,
) -> HttpResponse {
    let mut frame = frame(request, web, who);
    if let Some((words, reference)) = trouble {
        frame.trouble = Some(words);
        frame.reference = Some(reference);
    }
    let mut response = show::page(web, StatusCode::OK, &frame, None, page);
    if request.query_string().contains("ui_locales=") {
        let kept = browser::cookie(&web.op, browser::Jar::Language, frame.locale.as_str().to_owned());
        let _ = response.add_cookie(&kept);
    }
    response
}

/// After a form that was taken: 303 to a page of the account.
pub fn go(web: &Web, path: &str) -> HttpResponse {
    show::see_other(&format!("{}{path}", web.op.issuer.path))
}

/// Where a form leads.
pub struct Way<'a> {
    /// Once it was taken.
    pub done: &'a str,
    /// Where the person starts anew if a sign-in has to come first.
    pub again: &'a str,
}

/// The answer to a form that was taken, or that needs a sign-in first; `Err` draws the page once more, saying why.
pub async fn settle(
    request: &HttpRequest,
    web: &Web,
    visitor: &Visitor,
    answer: Result<Answer, crate::journey::Trouble>,
    way: &Way<'_>,
) -> Result<HttpResponse, Refusal> {
    match answer {
        Ok(Answer::Done) => Ok(go(web, way.done)),
        Ok(Answer::Shut) => {
            let to = LocalPath::new(way.again).unwrap_or_else(|_| LocalPath::home());
            Ok(start(request, web, visitor, Errand::Change { to }).await)
        }
        Ok(Answer::Refused(refusal)) => Err(refusal),
        Err(e) => Ok(PageFault::from(e).response(request, web)),
    }
}

/// What has just been done, of what this page can say of it.
pub fn done(request: &HttpRequest, known: &[&'static str]) -> Option<&'static str> {
    let query = Params::parse(request.query_string().as_bytes()).ok()?;
    let said = query.single("done").ok().flatten()?;
    known.iter().copied().find(|word| *word == said)
}
