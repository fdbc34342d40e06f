//! The account's first page, and the page of an errand that cannot be run.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{draw, enter};
use crate::base::{Entropy, SystemEntropy};
use crate::journey::errands::Gate;
use crate::policy::Method;
use crate::web::pages::{Account, Trouble};
use crate::web::site::Web;
use crate::web::{browser, show};

/// GET `/account`
pub async fn page(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    let who = match enter(&request, &web, Gate::SignedIn).await {
        Ok(who) => who,
        Err(response) => return response,
    };
    let lasting = who.scene.authenticators.iter().filter(|a| a.method != Method::Password);
    let page = Account {
        name: who
            .scene
            .user
            .as_ref()
            .map(|u| u.display_name().to_owned())
            .unwrap_or_default(),
        methods: lasting.count(),
    };
    draw(&request, &web, &who, None, &page)
}

/// GET `/account/unavailable`: what has to be proved before cannot be proved with what is set up.
pub async fn unavailable(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    let locale = browser::locale(&request, &web.op, None, &[]);
    show::error(
        &web,
        StatusCode::FORBIDDEN,
        locale,
        Trouble::nothing_left(),
        &SystemEntropy.id(),
    )
}

/// GET `/.well-known/change-password` (W3C, "A Well-Known URL for Changing Passwords").
pub async fn change_password(web: web::Data<Web>) -> HttpResponse {
    show::see_other(&format!("{}/account/password", web.op.issuer.path))
}
