//! The part of the route table that lies below `/account`.

use actix_web::{Scope, web};

use super::{activity, close, home, password, privacy, profile, sessions};

pub fn below(scope: Scope) -> Scope {
    scope
        .route("/account", web::get().to(home::page))
        .route("/account/profile", web::get().to(profile::page))
        .route("/account/profile", web::post().to(profile::submit))
        .route("/account/profile/email/{token}", web::get().to(profile::link))
        .route("/account/profile/email/{token}", web::post().to(profile::follow))
        .route("/account/password", web::get().to(password::page))
        .route("/account/password", web::post().to(password::submit))
        .route("/account/sessions", web::get().to(sessions::page))
        .route("/account/sessions", web::post().to(sessions::submit))
        .route("/account/activity", web::get().to(activity::page))
        .route("/account/privacy", web::get().to(privacy::page))
        .route("/account/privacy", web::post().to(privacy::submit))
        .route("/account/close", web::get().to(close::page))
        .route("/account/close", web::post().to(close::submit))
        .route("/account/closed", web::get().to(close::closed))
        .route("/account/unavailable", web::get().to(home::unavailable))
        .route("/.well-known/change-password", web::get().to(home::change_password))
}
