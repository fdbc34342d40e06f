//! `/partner-logo`: a partner's logo from our own address (see `journey::logos`).

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::fault::no_store;
use super::site::Web;
use crate::base::ClientId;
use crate::journey::logos;
use crate::protocol::client::Client;
use crate::protocol::params::Params;

pub const PATH: &str = "/partner-logo";

/// The address changes with what is registered; a day is as long as we keep it ourselves.
const CACHE: &str = "private, max-age=86400";

/// Where the client's logo is, if it has registered one.
pub fn address(web: &Web, client: &Client) -> Option<String> {
    let version = logos::version(client)?;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client", client.id.as_str())
        .append_pair("v", &version)
        .finish();
    Some(format!("{}{PATH}?{query}", web.op.issuer.path))
}

pub async fn serve(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    let asked = Params::parse(request.query_string().as_bytes()).unwrap_or_default();
    let text = |name| asked.single(name).ok().flatten().unwrap_or_default();
    let found = logos::logo(&web.op, &ClientId::new(text("client")), text("v")).await;
    let Some(logo) = found else {
        return no_store(actix_web::http::StatusCode::NOT_FOUND).finish();
    };
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, CACHE))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Opened by itself it is a picture and nothing else.
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header(("Cross-Origin-Resource-Policy", "same-origin"))
        .content_type(logo.media_type)
        .body(logo.bytes.clone())
}
