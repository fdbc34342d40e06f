//! What a partner asks for, drawn.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::view::{Drawing, home};
use crate::journey::Scene;
use crate::journey::next::recommendable;
use crate::protocol::rar::Detail;
use crate::web::pages::{Consent, DetailView, ScopeView};

pub(super) fn page(d: &Drawing<'_>, scopes: &[String]) -> HttpResponse {
    let workspace = &d.scene.current.workspace;
    let page = Consent {
        scopes: scopes
            .iter()
            .map(|s| ScopeView::new(s, workspace.words_for(s)))
            .collect(),
        details: details(d.scene),
        recommend: recommendable(d.scene),
    };
    d.draw(
        StatusCode::OK,
        d.frame(format!("{}/consent", home(d.web, d.scene))),
        None,
        &page,
    )
}

/// With the operator's words for each type.
fn details(scene: &Scene) -> Vec<DetailView> {
    let known = &scene.current.workspace.details_types;
    let words = |d: &Detail| known.get(&d.name).and_then(|kind| kind.description.as_deref());
    let asked = scene.authorization.request.authorization_details.iter();
    asked.map(|d| DetailView::new(d, words(d))).collect()
}
