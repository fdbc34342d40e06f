//! `/sandbox/…`: the outbox and the clock of a provider on a loopback name. Not routed otherwise.

use actix_web::guard::GuardContext;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::fault::PageFault;
use super::site::Web;
use crate::base::Seconds;
use crate::delivery::sandbox::{self, Shown};
use crate::journey::Trouble;
use crate::protocol::params::Params;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    advance_seconds: i64,
}

/// Only for this machine, and only under a loopback name: a page elsewhere whose name is made to point here
/// (DNS rebinding) gets nothing.
pub fn from_here(context: &GuardContext<'_>) -> bool {
    let head = context.head();
    let near = head.peer_addr.is_none_or(|peer| peer.ip().to_canonical().is_loopback());
    let host = head
        .headers()
        .get(header::HOST)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    near && (name == "localhost" || name.ends_with(".localhost") || name == "127.0.0.1")
}

pub async fn outbox(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    let query = Params::parse(request.query_string().as_bytes()).unwrap_or_default();
    let to = query.single("to").ok().flatten();
    match sandbox::messages(&web.op.store, &web.op.sealer, to).await {
        Ok(messages) => listed(&request, &messages),
        Err(e) => PageFault::from(Trouble::Storage(e)).response(&request, &web),
    }
}

/// JSON, unless a browser asks.
fn listed(request: &HttpRequest, messages: &[Shown]) -> HttpResponse {
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept"));
    if accept.contains("text/html") && !accept.contains("application/json") {
        return response.content_type("text/html; charset=utf-8").body(html(messages));
    }
    response.json(messages)
}

pub async fn clear(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    match sandbox::clear(&web.op.store).await {
        Ok(_) => HttpResponse::NoContent().finish(),
        Err(e) => PageFault::from(Trouble::Storage(e)).response(&request, &web),
    }
}

pub async fn clock(web: web::Data<Web>, body: web::Json<Advance>) -> HttpResponse {
    web.op.clock.advance(Seconds(body.advance_seconds));
    HttpResponse::Ok().json(serde_json::json!({ "now": web.op.now().rfc3339() }))
}

/// A developer's view: newest first.
fn html(messages: &[Shown]) -> String {
    let escape = handlebars::html_escape;
    let rows: String = messages
        .iter()
        .rev()
        .map(|m| {
            format!(
                "<tr><td>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td><td><pre>{}</pre></td></tr>",
                escape(&m.at),
                escape(&m.channel),
                escape(&m.to),
                escape(m.code.as_deref().unwrap_or("")),
                escape(&m.body)
            )
        })
        .collect();
    format!(
        "<!doctype html><html lang=\"en\"><title>Sandbox outbox</title><body data-page=\"sandbox-outbox\"><h1>Sandbox outbox</h1>\
         <table><thead><tr><th>At</th><th>Channel</th><th>To</th><th>Code</th><th>Message</th></tr></thead><tbody>{rows}</tbody></table></body></html>"
    )
}
