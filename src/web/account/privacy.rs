//! `/account/privacy`: who has access.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{Entered, Form, Way, done, draw, enter, refusal, settle};
use crate::journey::Trouble;
use crate::journey::account::Refusal;
use crate::journey::account::access::{self, Access};
use crate::journey::errands::Gate;
use crate::protocol::third_party_login::initiation;
use crate::web::fault::PageFault;
use crate::web::page::PartnerView;
use crate::web::pages::{AccessView, Privacy, ScopeView};
use crate::web::show;
use crate::web::site::Web;

/// GET
pub async fn page(request: HttpRequest, web: web::Data<Web>) -> HttpResponse {
    match enter(&request, &web, Gate::SignedIn).await {
        Ok(who) => list(&request, &web, &who, None).await,
        Err(response) => response,
    }
}

/// POST: takes one partner's access back.
pub async fn submit(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> HttpResponse {
    let form = match Form::read(&request, &web, Gate::SignedIn, &body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let client = form.text("client").unwrap_or_default();
    let answer = access::revoke(&web.op, &form.who.visitor, client).await;
    let (done, again) = ("/account/privacy?done=revoked", "/account/privacy");
    match settle(&request, &web, &form.who.visitor, answer, &Way { done, again }).await {
        Ok(response) => response,
        Err(refused) => list(&request, &web, &form.who, Some(&refused)).await,
    }
}

async fn list(request: &HttpRequest, web: &Web, who: &Entered, refused: Option<&Refusal>) -> HttpResponse {
    match view(request, web, who).await {
        Ok(page) => draw(request, web, who, refused.map(refusal::words), &page),
        Err(e) => PageFault::from(e).response(request, web),
    }
}

async fn view(request: &HttpRequest, web: &Web, who: &Entered) -> Result<Privacy, Trouble> {
    let all = access::list(&mut web.op.store.view().await?, &who.scene).await?;
    Ok(Privacy {
        done: done(request, &["revoked"]),
        partners: all.iter().map(|a| line(web, who, a)).collect(),
    })
}

fn line(web: &Web, who: &Entered, access: &Access) -> AccessView {
    let workspace = &who.scene.current.workspace;
    let unnamed = || PartnerView {
        name: access.name().to_owned(),
        ..PartnerView::default()
    };
    AccessView {
        client: access.id.to_string(),
        partner: access.client.as_ref().map_or_else(unnamed, |c| show::partner(web, c)),
        open: access.client.as_ref().and_then(|c| {
            let begins = c.metadata.initiate_login_uri.as_ref()?;
            initiation(begins, &web.op.issuer.url)
        }),
        scopes: access
            .scopes
            .iter()
            .map(|s| ScopeView::new(s, workspace.words_for(s)))
            .collect(),
        since: access.since,
    }
}
