//! `/check-session`, the `check_session_iframe` (Session Management 1.0 §3.3).

use actix_web::{HttpResponse, web};

use super::site::Web;
use super::{assets, browser, show};

pub async fn frame(web: web::Data<Web>) -> HttpResponse {
    let cookie = browser::cookie_name(web.op.issuer.secure, browser::Jar::State);
    let script = assets::address(&web.op.issuer.path, "check-session.js").unwrap_or_default();
    show::for_any_frame(format!(
        "<!doctype html><html lang=\"en\"><title>Session</title>\
         <body data-page=\"check-session\" data-cookie=\"{cookie}\"><script src=\"{script}\"></script></body></html>"
    ))
}
