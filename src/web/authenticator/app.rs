//! The phone app's own page, its service worker and its manifest. What it says to the server is in
//! `docs/authenticator-protocol.md`; the app itself is in `static/authenticator/`.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use crate::web::browser::{self, Jar};
use crate::web::locale::Locale;
use crate::web::pages::Authenticator;
use crate::web::site::Web;
use crate::web::{assets, guest, show};

/// The version that the app tells the server.
const APP_VERSION: &str = "1.0.0";
const HERE: &str = "/authenticator";
/// Characters that fit below an icon.
const SHORT_NAME: usize = 24;
/// Files that the page shows besides its modules; kept for a start without a network.
const SHEETS: [&str; 4] = [
    "countersign.css",
    "countersign.svg",
    "form.mjs",
    "authenticator/app.css",
];

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.route(HERE, web::get().to(page))
        .route("/authenticator/sw.js", web::get().to(worker))
        .route("/authenticator/manifest.webmanifest", web::get().to(manifest));
}

/// `GET /authenticator`
pub async fn page(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    let locale = guest::locale(&request, &web);
    let frame = show::frame(&web, locale, format!("{}{HERE}", web.op.issuer.path));
    let page = Authenticator {
        issuer: web.op.issuer.url.clone(),
        version: APP_VERSION,
    };
    let mut response = show::app(&web, &frame, &page);
    if guest::query(&request, "ui_locales").is_some() {
        let chosen = browser::cookie(&web.op, Jar::Language, locale.as_str().to_owned());
        let _ = response.add_cookie(&chosen);
    }
    response
}

/// `GET /authenticator/sw.js`: two lines that start the worker's module; they change whenever anything of the app does.
pub async fn worker(web: web::Data<Web>) -> HttpResponse {
    let base = &web.op.issuer.path;
    let module = assets::address(base, "authenticator/sw.mjs").unwrap_or_default();
    let start = format!(
        "import {{ start }} from {};\nstart({});\n",
        json!(module),
        setting(&web)
    );
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, WORKER_POLICY))
        // The page has no slash at its end, so it is no file of the worker's folder.
        .insert_header(("Service-Worker-Allowed", format!("{base}{HERE}")))
        .content_type("text/javascript; charset=utf-8")
        .body(start)
}

const WORKER_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'";

/// What the worker has to know: which files belong to this version, and the words of a notification.
fn setting(web: &Web) -> Value {
    let base = &web.op.issuer.path;
    let modules = assets::app_modules();
    let hashed = modules.iter().map(String::as_str).chain(SHEETS);
    let hashed = hashed.filter_map(|path| assets::address(base, path));
    // The style sheets name the icons without a hash.
    let icons = assets::all().filter(|path| path.starts_with("icons/"));
    let icons = icons.map(|path| format!("{base}/static/{path}"));
    let words: BTreeMap<_, _> = Locale::ALL
        .map(|locale| (locale.as_str(), notification(web, locale)))
        .into();
    json!({
        "version": assets::app_version(),
        "issuer": web.op.issuer.url,
        "page": format!("{base}{HERE}"),
        "static": format!("{base}/static/"),
        "icon": assets::address(base, "authenticator/icon-192.png"),
        "assets": hashed.chain(icons).collect::<Vec<_>>(),
        "words": words,
    })
}

fn notification(web: &Web, locale: Locale) -> Value {
    let words = web.pages.app_words(locale);
    let workspace = &web.op.current().workspace.settings.name;
    json!({"title": workspace, "body": words.get("notification")})
}

/// `GET /authenticator/manifest.webmanifest`
pub async fn manifest(web: web::Data<Web>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .content_type("application/manifest+json")
        .body(described(&web).to_string())
}

fn described(web: &Web) -> Value {
    let base = &web.op.issuer.path;
    let name = &web.op.current().workspace.settings.name;
    let icon = |file: &str, sizes: &str, purpose: &str| {
        let kind = if file.ends_with(".svg") {
            "image/svg+xml"
        } else {
            "image/png"
        };
        json!({"src": assets::address(base, file), "sizes": sizes, "type": kind, "purpose": purpose})
    };
    json!({
        "id": format!("{base}{HERE}"),
        "name": name,
        "short_name": name.chars().take(SHORT_NAME).collect::<String>(),
        "start_url": format!("{base}{HERE}"),
        "scope": format!("{base}{HERE}"),
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#eef3f4",
        "theme_color": "#0b6a70",
        "icons": [
            icon("countersign.svg", "any", "any"),
            icon("authenticator/icon-192.png", "192x192", "any"),
            icon("authenticator/icon-512.png", "512x512", "any"),
            icon("authenticator/icon-maskable-512.png", "512x512", "maskable"),
        ],
    })
}
