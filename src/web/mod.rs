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
            .route("/.well-known/openid-configuration", web::get().to(metadata::discovery))
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
            .route("/logout", web::post().to(logout::post))
            .route("/sign-in/{authorization}", web::get().to(sign_in::page))
            .route("/sign-in/{authorization}", web::post().to(sign_in::sign_in))
            .route("/sign-in/{authorization}/choose", web::post().to(sign_in::choose))
            .route(
                "/sign-in/{authorization}/verify/{authenticator}",
                web::get().to(sign_in::challenge),
            )
            .route(
                "/sign-in/{authorization}/verify/{authenticator}",
                web::post().to(sign_in::verify),
            )
            .route("/sign-in/{authorization}/enrol", web::post().to(sign_in::enrol::choose))
            .route(
                "/sign-in/{authorization}/enrol/recovery_code/codes.txt",
                web::get().to(sign_in::enrol::download),
            )
            .route(
                "/sign-in/{authorization}/enrol/{method}",
                web::get().to(sign_in::enrol::page),
            )
            .route(
                "/sign-in/{authorization}/enrol/{method}",
                web::post().to(sign_in::enrol::submit),
            )
            .route("/sign-in/{authorization}/consent", web::post().to(sign_in::consent))
            .route("/static/{path:.*}", web::get().to(assets::serve))
            .route("/healthz", web::get().to(health::healthz))
            .route("/readyz", web::get().to(health::readyz))
            .route("/metrics", web::get().to(health::metrics))
            .route("/", web::get().to(metadata::home));
        scope = account::routes::below(scope);
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
