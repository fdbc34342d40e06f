//! What a partner asks for, drawn.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::view::{Drawing, home};
use crate::journey::Scene;
use crate::journey::next::recommendable;
use crate::protocol::rar::Detail;
use crate::web::pages::{Consent, DetailView, ScopeView};

pub(super) fn page(d: &Drawing<'_>, scopes: &[String]) -> HttpResponse {
    let rules = &d.scene.current.workspace.scopes;
    let own = |s: &String| rules.get(s).and_then(|rule| rule.description.as_deref());
    let page = Consent {
        scopes: scopes.iter().map(|s| ScopeView::new(s, own(s))).collect(),
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
