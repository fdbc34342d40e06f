//! Pages for people who are not signed in: making an account, getting one back. Their forms belong to the browser that
//! the page was shown in.

use actix_web::cookie::Cookie;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};

use super::fault::{PageFault, stale_form};
use super::locale::Locale;
use super::page::Page;
use super::pages::Trouble;
use super::site::Web;
use super::{browser, show};
use crate::base::{Entropy, Secret};
use crate::factors::password::rules::PasswordRefusal;
use crate::journey::Visitor;
use crate::journey::reply::Complaint;
use crate::protocol::errors::OAuthError;
use crate::protocol::params::Params;
use crate::web::sign_in::wording::words;

/// What anti-forgery values of these forms are about.
const FORMS: &str = "guest";

/// Why a form was refused: its words, the reference, and how long to wait if that is why.
pub struct Refusal {
    words: Trouble,
    reference: String,
    wait: Option<i64>,
}

impl From<&Complaint> for Refusal {
    fn from(complaint: &Complaint) -> Self {
        Self {
            words: words(complaint),
            reference: complaint.reference.to_string(),
            wait: complaint.wait.map(|w| w.0),
        }
    }
}

/// A field that cannot be taken as it was typed.
pub fn slip(web: &Web, key: &'static str) -> Refusal {
    Refusal {
        words: Trouble::mistake(key),
        reference: web.op.entropy.id(),
        wait: None,
    }
}

/// A new password that is not taken, and why.
pub fn password_slip(web: &Web, refusal: PasswordRefusal) -> Refusal {
    Refusal {
        words: Trouble::password_refused(refusal),
        reference: web.op.entropy.id(),
        wait: None,
    }
}

/// The language of the page.
pub fn locale(request: &HttpRequest, web: &Web) -> Locale {
    let chosen = query(request, "ui_locales");
    browser::locale(request, &web.op, chosen.as_deref(), &[])
}

/// A parameter of the address that is there once.
pub fn query(request: &HttpRequest, name: &str) -> Option<String> {
    let params = Params::parse(request.query_string().as_bytes()).ok()?;
    params.single(name).ok().flatten().map(str::to_owned)
}

/// Draws a page whose forms post to its own address.
pub fn draw<P: Page>(request: &HttpRequest, web: &Web, refusal: Option<Refusal>, page: &P) -> HttpResponse {
    draw_at(request, web, request.path().to_owned(), refusal, page)
}

/// The page of another address, shown here because what was here is over.
pub fn draw_at<P: Page>(
    request: &HttpRequest,
    web: &Web,
    path: String,
    refusal: Option<Refusal>,
    page: &P,
) -> HttpResponse {
    let visitor = browser::visitor(request, web);
    let fresh = visitor.browser.is_none().then(|| web.op.entropy.token());
    let mut frame = show::frame(web, locale(request, web), path);
    frame.csrf = browser::csrf(&web.op, visitor.browser.as_deref().or(fresh.as_deref()), FORMS);
    let wait = refusal.as_ref().and_then(|r| r.wait);
    if let Some(refusal) = refusal {
        tracing::info!(page = P::ID, reference = %refusal.reference, code = refusal.words.code(), "form refused");
        frame.trouble = Some(refusal.words);
        frame.reference = Some(refusal.reference);
    }
    let status = wait.map_or(StatusCode::OK, |_| StatusCode::TOO_MANY_REQUESTS);
    let mut response = show::page(web, status, &frame, None, page);
    if let Some(seconds) = wait {
        let seconds = header::HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    let cookie = |jar, value| -> Cookie<'static> { browser::cookie(&web.op, jar, value) };
    if let Some(token) = fresh {
        let _ = response.add_cookie(&cookie(browser::Jar::Browser, token));
    }
    if query(request, "ui_locales").is_some() {
        let _ = response.add_cookie(&cookie(browser::Jar::Language, frame.locale.as_str().to_owned()));
    }
    response
}

/// A form of one of these pages.
pub struct Form {
    pub visitor: Visitor,
    params: Params,
}

impl Form {
    /// With the browser's own anti-forgery value, or not at all.
    pub fn read(request: &HttpRequest, web: &Web, body: &[u8]) -> Result<Self, PageFault> {
        let params = Params::parse(body).map_err(OAuthError::from)?;
        let visitor = browser::visitor(request, web);
        let given = params.single("csrf").ok().flatten();
        if !browser::csrf_fits(&web.op, visitor.browser.as_deref(), FORMS, given) {
            return Err(stale_form());
        }
        Ok(Self { visitor, params })
    }

    /// A field that is there once; a doubled one counts as absent.
    pub fn text(&self, name: &str) -> &str {
        self.params.single(name).ok().flatten().unwrap_or_default()
    }

    pub fn secret(&self, name: &str) -> Secret<String> {
        Secret::from(self.text(name))
    }

    pub fn action(&self) -> &str {
        self.text("action")
    }
}
