//! The part of the route table that lies below `/account`.

use actix_web::web::{self, ServiceConfig};

use super::{activity, api, close, home, lost, method, password, privacy, profile, security, sessions, undo};

/// The person's pages about themself.
pub fn pages(cfg: &mut ServiceConfig) {
    const EMAIL: &str = "/account/profile/email/{token}";
    cfg.route("/account", web::get().to(home::page))
        .route("/account/unavailable", web::get().to(home::unavailable))
        .route("/.well-known/change-password", web::get().to(home::change_password))
        .route("/account/profile", web::get().to(profile::page))
        .route("/account/profile", web::post().to(profile::submit))
        .route(EMAIL, web::get().to(profile::link))
        .route(EMAIL, web::post().to(profile::follow))
        .route("/account/password", web::get().to(password::page))
        .route("/account/password", web::post().to(password::submit))
        .route("/account/sessions", web::get().to(sessions::page))
        .route("/account/sessions", web::post().to(sessions::submit))
        .route("/account/activity", web::get().to(activity::page))
        .route("/account/privacy", web::get().to(privacy::page))
        .route("/account/privacy", web::post().to(privacy::submit))
        .route("/account/close", web::get().to(close::page))
        .route("/account/close", web::post().to(close::submit))
        .route("/account/closed", web::get().to(close::closed));
}

/// How they prove themself, what letters about it lead to, and what partners may ask of it.
pub fn methods(cfg: &mut ServiceConfig) {
    const RENAME: &str = "/account/security/{id}/rename";
    const REMOVE: &str = "/account/security/{id}/remove";
    const UNDO: &str = "/account/undo/{token}";
    const PRIMARY: &str = "/account/api/v1/authenticators/{id}/primary";
    cfg.route("/account/security", web::get().to(security::page))
        .route("/account/security", web::post().to(security::submit))
        .route(RENAME, web::get().to(method::rename_page))
        .route(RENAME, web::post().to(method::rename))
        .route(REMOVE, web::get().to(method::remove_page))
        .route(REMOVE, web::post().to(method::remove))
        .route("/account/lost", web::get().to(lost::page))
        .route("/account/lost", web::post().to(lost::submit))
        .route("/account/help/phone", web::get().to(lost::help_phone))
        .route(UNDO, web::get().to(undo::page))
        .route(UNDO, web::post().to(undo::submit))
        .route("/account/api/v1/authenticators", web::get().to(api::authenticators))
        .route(PRIMARY, web::put().to(api::primary));
}
