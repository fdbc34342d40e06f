//! HTTP: routes, cookies, pages. Handlers parse, call one use case, answer.
//! Owns the wire; knows nothing of SQL and decides nothing.

pub mod account;
pub mod assets;
pub mod authorize;
pub mod browser;
pub mod fault;
mod guest;
pub mod health;
mod helpers;
pub mod locale;
pub mod logout;
pub mod mail;
pub mod metadata;
pub mod page;
pub mod pages;
pub mod recover;
pub mod register;
pub mod sandbox;
pub mod set_up_link;
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
            .route(
                "/sign-in/{authorization}/new-password",
                web::post().to(sign_in::new_password::submit),
            )
            .route("/enrol/setup/{token}", web::get().to(set_up_link::page))
            .route("/enrol/setup/{token}", web::post().to(set_up_link::show))
            .route("/register-account", web::get().to(register::page))
            .route("/register-account", web::post().to(register::begin))
            .route("/register-account/{letter}", web::get().to(register::code_page))
            .route("/register-account/{letter}", web::post().to(register::code))
            .route(
                "/register-account/{letter}/{proof}",
                web::get().to(register::password_page),
            )
            .route("/register-account/{letter}/{proof}", web::post().to(register::finish))
            .route("/recover", web::get().to(recover::page))
            .route("/recover", web::post().to(recover::begin))
            .route("/recover/{letter}", web::get().to(recover::code_page))
            .route("/recover/{letter}", web::post().to(recover::code))
            .route("/recover/{letter}/{proof}", web::get().to(recover::link_page))
            .route("/recover/{letter}/{proof}", web::post().to(recover::link))
            .route("/account", web::get().to(account::home::page))
            .route("/account/unavailable", web::get().to(account::home::unavailable))
            .route(
                "/.well-known/change-password",
                web::get().to(account::home::change_password),
            )
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
