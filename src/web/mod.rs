//! HTTP: routes, cookies, pages. Handlers parse, call one use case, answer.
//! Owns the wire; knows nothing of SQL and decides nothing.

pub mod account;
pub mod assets;
pub mod authenticator;
pub mod authorize;
pub mod backchannel;
pub mod browser;
pub mod certificate;
pub mod check_session;
pub mod device;
pub mod fault;
mod guest;
pub mod health;
mod helpers;
pub mod introspect;
pub mod live;
pub mod locale;
pub mod logo;
pub mod logout;
pub mod mail;
pub mod metadata;
pub mod page;
pub mod pages;
pub mod par;
mod proof;
pub mod recover;
pub mod register;
pub mod registration;
pub mod revoke;
pub mod sandbox;
pub mod set_up_link;
pub mod show;
pub mod sign_in;
pub mod site;
mod templates;
pub mod token;
pub mod user_agent;
pub mod userinfo;

use actix_web::guard;
use actix_web::web::{self, ServiceConfig};

use crate::protocol::resource_metadata::{PROTECTED_RESOURCE, RESOURCES};

pub use site::Web;

use crate::journey::device::{DONE, REFUSED};
use crate::protocol::metadata::{BACKCHANNEL, DEVICE, DEVICE_AUTHORIZATION};

/// Bytes of a form body; larger ones are refused before they are read (413).
const LARGEST_BODY: usize = 64 * 1024;

/// The route table. Everything that answers is here.
pub fn routes(web: &Web) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let (path, sandbox) = (web.op.issuer.path.clone(), web.sandbox);
    move |cfg| {
        cfg.app_data(web::PayloadConfig::new(LARGEST_BODY));
        // RFC 9728 §3.1: between the host and the issuer's path, so not below it.
        for resource in RESOURCES {
            let address = format!("{PROTECTED_RESOURCE}{path}{resource}");
            cfg.route(&address, web::get().to(metadata::protected_resource));
        }
        let mut scope = web::scope(&path)
            .configure(protocol)
            .configure(registration::routes)
            .configure(sign_in_pages)
            .configure(guest_pages)
            .configure(authenticator::routes)
            .configure(account::routes::pages)
            .configure(account::routes::methods)
            .configure(authenticator::app::routes)
            .route(logo::PATH, web::get().to(logo::serve))
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
        .service(
            web::resource("/par")
                .route(web::post().to(par::push))
                .default_service(web::route().to(par::only_post)),
        )
        .service(
            web::resource("/introspect")
                .route(web::post().to(introspect::post))
                .default_service(web::route().to(par::only_post)),
        )
        .service(
            web::resource("/revoke")
                .route(web::post().to(revoke::revoke))
                .default_service(web::route().to(par::only_post)),
        )
        .service(
            web::resource(DEVICE_AUTHORIZATION)
                .route(web::post().to(device::start))
                .default_service(web::route().to(par::only_post)),
        )
        .service(
            web::resource(BACKCHANNEL)
                .route(web::post().to(backchannel::start))
                .default_service(web::route().to(par::only_post)),
        )
        .route("/userinfo", web::get().to(userinfo::get))
        .route("/userinfo", web::post().to(userinfo::post))
        .route("/logout", web::get().to(logout::get))
        .route("/logout", web::post().to(logout::post))
        .route("/check-session", web::get().to(check_session::frame));
}

/// The pages of one sign-in.
fn sign_in_pages(cfg: &mut ServiceConfig) {
    const HOME: &str = "/sign-in/{authorization}";
    const CHOOSE: &str = "/sign-in/{authorization}/choose";
    const VERIFY: &str = "/sign-in/{authorization}/verify/{authenticator}";
    const PHONE: &str = "/sign-in/{authorization}/phone";
    const WAIT: &str = "/sign-in/{authorization}/wait";
    const CONSENT: &str = "/sign-in/{authorization}/consent";
    const NEW_PASSWORD: &str = "/sign-in/{authorization}/new-password";
    const ENROL: &str = "/sign-in/{authorization}/enrol";
    const ENROL_METHOD: &str = "/sign-in/{authorization}/enrol/{method}";
    const CODES: &str = "/sign-in/{authorization}/enrol/recovery_code/codes.txt";
    cfg.route(HOME, web::get().to(sign_in::page))
        .route(HOME, web::post().to(sign_in::sign_in))
        .route(CHOOSE, web::post().to(sign_in::choose))
        .route(VERIFY, web::get().to(sign_in::challenge))
        .route(VERIFY, web::post().to(sign_in::verify))
        .route(PHONE, web::get().to(sign_in::push::named))
        .route(PHONE, web::post().to(sign_in::push::named_form))
        .route(WAIT, web::get().to(sign_in::push::wait))
        .route(ENROL, web::post().to(sign_in::enrol::choose))
        .route(CODES, web::get().to(sign_in::enrol::download))
        .route(ENROL_METHOD, web::get().to(sign_in::enrol::page))
        .route(ENROL_METHOD, web::post().to(sign_in::enrol::submit))
        .route(NEW_PASSWORD, web::post().to(sign_in::new_password::submit))
        .route(CONSENT, web::post().to(sign_in::consent));
}

/// Pages for somebody who is not signed in, and perhaps cannot: a new account, a way back, a link on another screen.
fn guest_pages(cfg: &mut ServiceConfig) {
    const SET_UP: &str = "/enrol/setup/{token}";
    const REGISTER_CODE: &str = "/register-account/{letter}";
    const REGISTER_PASSWORD: &str = "/register-account/{letter}/{proof}";
    const RECOVER_CODE: &str = "/recover/{letter}";
    const RECOVER_LINK: &str = "/recover/{letter}/{proof}";
    cfg.route(DEVICE, web::get().to(device::page))
        .route(DEVICE, web::post().to(device::submit))
        .route(DONE, web::get().to(device::done))
        .route(REFUSED, web::get().to(device::refused))
        .route(SET_UP, web::get().to(set_up_link::page))
        .route(SET_UP, web::post().to(set_up_link::show))
        .route("/register-account", web::get().to(register::page))
        .route("/register-account", web::post().to(register::begin))
        .route(REGISTER_CODE, web::get().to(register::code_page))
        .route(REGISTER_CODE, web::post().to(register::code))
        .route(REGISTER_PASSWORD, web::get().to(register::password_page))
        .route(REGISTER_PASSWORD, web::post().to(register::finish))
        .route("/recover", web::get().to(recover::page))
        .route("/recover", web::post().to(recover::begin))
        .route(RECOVER_CODE, web::get().to(recover::code_page))
        .route(RECOVER_CODE, web::post().to(recover::code))
        .route(RECOVER_LINK, web::get().to(recover::link_page))
        .route(RECOVER_LINK, web::post().to(recover::link));
}
