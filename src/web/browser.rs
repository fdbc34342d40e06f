//! Cookies and anti-forgery values.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, HttpResponse, http::header};

use super::locale::Locale;
use super::site::Web;
use crate::base::encoding::{base64url, from_base64url};
use crate::journey::{Provider, Visitor};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jar {
    Session,
    Known,
    Remembered,
    Browser,
    Language,
    /// Read by our own page in the partners' pages: `journey::browser_state`.
    State,
}

/// On https with the `__Host-` prefix, which no other host and no http page can set (RFC 6265bis §4.1.3.2).
pub const fn cookie_name(secure: bool, jar: Jar) -> &'static str {
    match (secure, jar) {
        (true, Jar::Session) => "__Host-countersign",
        (true, Jar::Known) => "__Host-countersign-known",
        (true, Jar::Remembered) => "__Host-countersign-remembered",
        (true, Jar::Browser) => "__Host-countersign-browser",
        (true, Jar::Language) => "__Host-countersign-language",
        (true, Jar::State) => "__Host-countersign-state",
        (false, Jar::Session) => "countersign",
        (false, Jar::Known) => "countersign-known",
        (false, Jar::Remembered) => "countersign-remembered",
        (false, Jar::Browser) => "countersign-browser",
        (false, Jar::Language) => "countersign-language",
        (false, Jar::State) => "countersign-state",
    }
}

pub fn cookie(op: &Provider, jar: Jar, value: String) -> Cookie<'static> {
    let secure = op.issuer.secure;
    Cookie::build(cookie_name(secure, jar), value)
        .path("/")
        .secure(secure)
        .http_only(true)
        // Lax: the way in is a link from the partner, and must bring the session along.
        .same_site(SameSite::Lax)
        .finish()
}

/// What pages of partners may see change. The one cookie that scripts can read and that goes into frames of other sites:
/// it opens nothing. Browsers take SameSite=None only with Secure; on http the frames of localhost are of the same site.
pub fn put_state(op: &Provider, response: &mut HttpResponse, state: &str) {
    let mut state_cookie = cookie(op, Jar::State, state.to_owned());
    state_cookie.set_http_only(false);
    if op.issuer.secure {
        state_cookie.set_same_site(SameSite::None);
    }
    if state.is_empty() {
        state_cookie.make_removal();
    }
    // A cookie that cannot be written is a browser that its partners ask anew.
    let _ = response.add_cookie(&state_cookie);
}

/// The session's cookie goes with what it stood for, and the partners' pages see it.
pub fn sign_out(op: &Provider, response: &mut HttpResponse) {
    let _ = response.add_cookie(&gone(op, Jar::Session));
    put_state(op, response, "");
}

/// Kept for a year: that somebody has signed in with this browser.
pub fn lasting(op: &Provider, jar: Jar, value: String) -> Cookie<'static> {
    let mut cookie = cookie(op, jar, value);
    cookie.set_max_age(actix_web::cookie::time::Duration::days(365));
    cookie
}

fn gone(op: &Provider, jar: Jar) -> Cookie<'static> {
    let mut cookie = cookie(op, jar, String::new());
    cookie.make_removal();
    cookie
}

fn read(request: &HttpRequest, op: &Provider, jar: Jar) -> Option<String> {
    let value = request.cookie(cookie_name(op.issuer.secure, jar))?.value().to_owned();
    (!value.is_empty()).then_some(value)
}

pub fn visitor(request: &HttpRequest, web: &Web) -> Visitor {
    let text = |name| {
        request
            .headers()
            .get(name)
            .and_then(|v: &header::HeaderValue| v.to_str().ok())
    };
    // Each proxy may have added a line of its own (RFC 9110 §5.3): they are one list.
    let lines = request
        .headers()
        .get_all(header::X_FORWARDED_FOR)
        .filter_map(|v| v.to_str().ok());
    let forwarded = lines.collect::<Vec<_>>().join(",");
    let ip = web.client_ip(request.peer_addr().map(|a| a.ip()), Some(&forwarded));
    Visitor {
        ip: ip.map(|ip| ip.to_string()),
        user_agent: text(header::USER_AGENT).map(str::to_owned),
        session: read(request, &web.op, Jar::Session),
        known: read(request, &web.op, Jar::Known),
        remembered: read(request, &web.op, Jar::Remembered),
        browser: read(request, &web.op, Jar::Browser),
    }
}

/// What the person chose on our pages, else what the partner asks, else what the browser says.
pub fn locale(request: &HttpRequest, op: &Provider, chosen: Option<&str>, partner: &[String]) -> Locale {
    let kept = read(request, op, Jar::Language);
    let asked = chosen
        .map(str::to_owned)
        .or(kept)
        .or_else(|| (!partner.is_empty()).then(|| partner.join(" ")));
    let accepted = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok());
    Locale::choose(asked.as_deref(), accepted)
}

/// Bound to the browser and to what the form is about: another site can neither read nor make one.
pub fn csrf(op: &Provider, holder: Option<&str>, about: &str) -> String {
    let input = format!("{}\n{about}", holder.unwrap_or_default());
    op.sealer
        .keyed_hash(CSRF, input.as_bytes())
        .map(|h| base64url(&h))
        .unwrap_or_default()
}

pub fn csrf_fits(op: &Provider, holder: Option<&str>, about: &str, given: Option<&str>) -> bool {
    let (Some(holder), Some(given)) = (holder, given.and_then(from_base64url)) else {
        return false;
    };
    op.sealer
        .keyed_hash_matches(CSRF, format!("{holder}\n{about}").as_bytes(), &given)
}

const CSRF: &str = "csrf";
