//! Responses that a browser shows, with the headers that keep them safe.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::locale::Locale;
use super::logo;
use super::page::{Frame, Page, PartnerView};
use super::pages::Trouble;
use super::site::Web;
use crate::base::encoding::base64;
use crate::base::encoding::sha256;
use crate::protocol::client::Client;
use crate::protocol::redirect::Delivery;

/// Two years.
const HSTS: &str = "max-age=63072000; includeSubDomains";
/// Submits the form of `form_post` answers; its hash is the one script that such a page may run.
const SUBMIT: &str = "document.forms[0].submit()";

/// The strict policy of every page: nothing inline, no frames around us (RFC 9700 §4.16).
/// `form-action` must let our redirects to partners pass: browsers apply it to the whole chain.
fn content_security_policy(secure: bool, client: Option<&Client>) -> String {
    let own = if secure { "https:" } else { "http: https:" };
    let ways_back = client.map(ways_back).unwrap_or_default();
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
         connect-src 'self'; form-action 'self' {own}{ways_back}; frame-ancestors 'none'; base-uri 'none'"
    )
}

/// What `https:` does not cover: apps on loopback ports (RFC 8252 §7.3) and private-use schemes (§7.1).
fn ways_back(client: &Client) -> String {
    let registered = &client.metadata;
    let all = registered
        .redirect_uris
        .iter()
        .chain(&registered.post_logout_redirect_uris);
    let sources: std::collections::BTreeSet<String> = all.filter_map(|uri| source(uri)).collect();
    sources
        .iter()
        .filter(|s| *s != "https:")
        .map(|s| format!(" {s}"))
        .collect()
}

/// What a form may post to, so that it can end at this address.
fn source(uri: &str) -> Option<String> {
    let url = url::Url::parse(uri).ok()?;
    Some(match (url.scheme(), url.host_str()) {
        ("http", Some(host)) => format!("http://{host}:*"),
        // All of https: what the partner's page does with the form may lead on to its other hosts.
        (scheme, _) => format!("{scheme}:"),
    })
}

/// Of the page that posts an answer: nothing but its one script and its one form.
fn form_post_policy(action: &str) -> String {
    let hash = base64(&sha256(SUBMIT.as_bytes()));
    let target = source(action).unwrap_or_else(|| "'none'".to_owned());
    format!(
        "default-src 'none'; script-src 'sha256-{hash}'; form-action {target}; frame-ancestors 'none'; base-uri 'none'"
    )
}

fn guarded(web: &Web, status: StatusCode, csp: &str) -> HttpResponseBuilder {
    let mut builder = HttpResponse::build(status);
    builder
        .insert_header((header::CONTENT_SECURITY_POLICY, csp))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("Permissions-Policy", "camera=(), microphone=(), geolocation=()"));
    if web.op.issuer.secure {
        builder.insert_header((header::STRICT_TRANSPORT_SECURITY, HSTS));
    }
    builder
}

pub fn page<P: Page>(web: &Web, status: StatusCode, frame: &Frame, client: Option<&Client>, page: &P) -> HttpResponse {
    let csp = content_security_policy(web.op.issuer.secure, client);
    let html = web.pages.render(frame, page);
    guarded(web, status, &csp)
        .content_type("text/html; charset=utf-8")
        .body(html)
}

/// A page with frames of partners in it: from their origins, and no other.
pub fn framing<P: Page>(
    web: &Web,
    frame: &Frame,
    (client, frames): (Option<&Client>, &[String]),
    page: &P,
) -> HttpResponse {
    let csp = content_security_policy(web.op.issuer.secure, client);
    let origins = frames.iter().filter_map(|uri| url::Url::parse(uri).ok());
    let origins: std::collections::BTreeSet<String> = origins.map(|u| u.origin().ascii_serialization()).collect();
    let sources = if origins.is_empty() {
        "'none'".to_owned()
    } else {
        Vec::from_iter(origins).join(" ")
    };
    let csp = format!("{csp}; frame-src {sources}");
    guarded(web, StatusCode::OK, &csp)
        .content_type("text/html; charset=utf-8")
        .body(web.pages.render(frame, page))
}

/// The one page that any site may show in a frame (Session Management 1.0 §3.3): it has nothing to press and nothing to see,
/// and its script answers nobody but who asks.
pub fn for_any_frame(html: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; frame-ancestors *; base-uri 'none'; form-action 'none'",
        ))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(html)
}

/// The phone app's page: it may be installed, work without a network, and look at a QR code with the camera.
/// It says nothing of anybody, so its service worker may keep it.
pub fn app<P: Page>(web: &Web, frame: &Frame, page: &P) -> HttpResponse {
    let csp = content_security_policy(web.op.issuer.secure, None);
    let csp = format!("{csp}; manifest-src 'self'; worker-src 'self'");
    let html = web.pages.render(frame, page);
    guarded(web, StatusCode::OK, &csp)
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header(("Permissions-Policy", "camera=(self), microphone=(), geolocation=()"))
        .content_type("text/html; charset=utf-8")
        .body(html)
}

/// Always 303: the browser must not repeat a form that held a password (RFC 9700 §4.12).
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .finish()
}

/// An answer to the partner, by redirect or by a form that posts itself.
pub fn deliver(web: &Web, delivery: &Delivery) -> HttpResponse {
    match delivery {
        Delivery::Redirect(url) => see_other(url),
        Delivery::FormPost { action, fields } => guarded(web, StatusCode::OK, &form_post_policy(action))
            .content_type("text/html; charset=utf-8")
            .body(form_post(action, fields)),
    }
}

/// OAuth 2.0 Form Post Response Mode §2. Works without JavaScript by its button.
fn form_post(action: &str, fields: &[(String, String)]) -> String {
    let escape = handlebars::html_escape;
    let inputs: String = fields
        .iter()
        .map(|(n, v)| format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(n), escape(v)))
        .collect();
    format!(
        "<!doctype html><html lang=\"en\"><title>Continue</title><body data-page=\"form-post\">\
         <form method=\"post\" action=\"{}\">{inputs}<noscript><button>Continue</button></noscript></form>\
         <script>{SUBMIT}</script></body></html>",
        escape(action)
    )
}

/// What stands around a page; the caller fills in what it knows more.
pub fn frame(web: &Web, locale: Locale, here: String) -> Frame {
    Frame {
        locale,
        workspace: web.op.current().workspace.settings.name.clone(),
        host: web.op.issuer.host.clone(),
        base: web.op.issuer.path.clone(),
        action: here.clone(),
        here,
        csrf: String::new(),
        partner: None,
        signed_in_as: None,
        reference: None,
        trouble: None,
        refresh: None,
    }
}

pub fn partner(web: &Web, client: &Client) -> PartnerView {
    let url = |text: &Option<String>| text.as_deref().and_then(|t| url::Url::parse(t).ok());
    PartnerView {
        name: client.name.clone(),
        logo: logo::address(web, client),
        policy_uri: url(&client.metadata.policy_uri),
        tos_uri: url(&client.metadata.tos_uri),
        registered: client.metadata.registered,
    }
}

/// An error page with a code and a reference that support can search for.
pub fn error(web: &Web, status: StatusCode, locale: Locale, trouble: Trouble, reference: &str) -> HttpResponse {
    let mut frame = frame(web, locale, format!("{}/", web.op.issuer.path));
    frame.trouble = Some(trouble);
    frame.reference = Some(reference.to_owned());
    page(web, status, &frame, None, &super::pages::ErrorPage { back_href: None })
}
