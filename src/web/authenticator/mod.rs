//! `/authenticator`: the app for phones, and what phones call.

pub mod api;
pub mod app;

use actix_web::web::{self, ServiceConfig};

/// `docs/authenticator-protocol.md`.
pub fn routes(cfg: &mut ServiceConfig) {
    const REQUEST: &str = "/authenticator/v1/requests/{id}";
    const DEVICE: &str = "/authenticator/v1/device";
    cfg.route("/authenticator/v1", web::get().to(api::discovery))
        .route("/authenticator/v1/pairings", web::post().to(api::pair))
        .route("/authenticator/v1/requests", web::get().to(api::requests))
        .route("/authenticator/v1/events", web::get().to(api::events))
        .route(REQUEST, web::get().to(api::request))
        .route(REQUEST, web::post().to(api::answer))
        .route(DEVICE, web::get().to(api::device))
        .route(DEVICE, web::put().to(api::change))
        .route(DEVICE, web::delete().to(api::remove));
}
