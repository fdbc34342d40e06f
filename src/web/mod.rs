//! HTTP: routes, cookies, pages. Handlers parse, call one use case, answer.
//! Owns the wire; knows nothing of SQL and decides nothing.

pub mod account;
pub mod assets;
pub mod authorize;
pub mod browser;
pub mod fault;
pub mod health;
mod helpers;
pub mod locale;
pub mod logout;
pub mod mail;
pub mod metadata;
pub mod page;
pub mod pages;
pub mod sandbox;
pub mod show;
pub mod sign_in;
pub mod site;
pub mod token;
pub mod userinfo;

use actix_web::guard;
use actix_web::web::{self, ServiceConfig};

pub use site::Web;

/// Bytes of a form body; larger ones are refused before they are read (413).
const LARGEST_BODY: usize = 64 * 1024;

/// The route table. Everything that answers is here.
pub fn routes(web: &Web) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let (path, sandbox) = (web.op.issuer.path.clone(), web.sandbox);
    move |cfg| {
        cfg.app_data(web::PayloadConfig::new(LARGEST_BODY));
        let mut scope = web::scope(&path)
            .configure(protocol)
            .configure(sign_in_pages)
            .configure(account_pages)
            .route("/static/{path:.*}", web::get().to(assets::serve))
            .route("/healthz", web::get().to(health::healthz))
            .route("/readyz", web::get().to(health::readyz))
            .route("/metrics", web::get().to(health::metrics))
            .route("/", web::get().to(metadata::home));
        if sandbox {
            let near = || guard::fn_guard(sandbox::from_here);
            scope = scope
                .route("/sandbox/outbox", web::get().guard(near()).to(sandbox::outbox))
                .route("/sandbox/outbox", web::delete().guard(near()).to(sandbox::clear))
                .route("/sandbox/clock", web::post().guard(near()).to(sandbox::clock));
        }
        cfg.service(scope.default_service(web::route().to(fault::not_found)));
    }
}

/// What partners call.
fn protocol(cfg: &mut ServiceConfig) {
    cfg.route("/.well-known/openid-configuration", web::get().to(metadata::discovery))
        .route(
            "/.well-known/oauth-authorization-server",
            web::get().to(metadata::discovery),
        )
        .route("/jwks", web::get().to(metadata::jwks))
        .route("/authorize", web::get().to(authorize::get))
        .route("/authorize", web::post().to(authorize::post))
        .route("/token", web::post().to(token::token))
        .route("/userinfo", web::get().to(userinfo::get))
        .route("/userinfo", web::post().to(userinfo::post))
        .route("/logout", web::get().to(logout::get))
        .route("/logout", web::post().to(logout::post));
}

/// The pages of one sign-in.
fn sign_in_pages(cfg: &mut ServiceConfig) {
    const HOME: &str = "/sign-in/{authorization}";
    const CHOOSE: &str = "/sign-in/{authorization}/choose";
    const VERIFY: &str = "/sign-in/{authorization}/verify/{authenticator}";
    const CONSENT: &str = "/sign-in/{authorization}/consent";
    const ENROL: &str = "/sign-in/{authorization}/enrol";
    const ENROL_METHOD: &str = "/sign-in/{authorization}/enrol/{method}";
    const CODES: &str = "/sign-in/{authorization}/enrol/recovery_code/codes.txt";
    cfg.route(HOME, web::get().to(sign_in::page))
        .route(HOME, web::post().to(sign_in::sign_in))
        .route(CHOOSE, web::post().to(sign_in::choose))
        .route(VERIFY, web::get().to(sign_in::challenge))
        .route(VERIFY, web::post().to(sign_in::verify))
        .route(ENROL, web::post().to(sign_in::enrol::choose))
        .route(CODES, web::get().to(sign_in::enrol::download))
        .route(ENROL_METHOD, web::get().to(sign_in::enrol::page))
        .route(ENROL_METHOD, web::post().to(sign_in::enrol::submit))
        .route(CONSENT, web::post().to(sign_in::consent));
}

/// The person's own pages.
fn account_pages(cfg: &mut ServiceConfig) {
    cfg.route("/account", web::get().to(account::home::page))
        .route("/account/unavailable", web::get().to(account::home::unavailable))
        .configure(account::routes)
        .configure(account::own_routes)
        .route(
            "/.well-known/change-password",
            web::get().to(account::home::change_password),
        );
}
