//! Errands on our own pages: who is signed in here, and the sign-in that stands before a page or a change.

use std::collections::BTreeSet;

use super::authorize::{Begun, NotBegun, begin_errand};
use super::provider::Provider;
use super::scene::{Scene, Trouble, live_session};
use super::visitor::Visitor;
use crate::base::{AuthorizationId, CeremonyId, Entropy, UserId};
use crate::model::errand::ACCOUNT_CLIENT;
use crate::model::{Authorization, Errand, LocalPath, Session, Stage};
use crate::policy::Decision;
use crate::protocol::authorize::AuthorizationRequest;
use crate::protocol::rar::AuthorizationDetails;
use crate::protocol::scope::Scopes;
use crate::protocol::words::{Display, ResponseMode, ResponseType};
use crate::storage::Tx;

/// What stands before a page of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Somebody is signed in.
    SignedIn,
    /// Somebody has proved a current factor, at the level of the strongest that is enrolled (S10).
    Changing,
}

/// May this browser see the page? The scene of its owner, or `None`: then `begin` a sign-in.
pub async fn pass(op: &Provider, tx: &mut Tx, visitor: &Visitor, gate: Gate) -> Result<Option<Scene>, Trouble> {
    let Some(session) = live_session(tx, visitor, op.now()).await? else {
        return Ok(None);
    };
    let to = LocalPath::home();
    let errand = match gate {
        Gate::SignedIn => Errand::Account { to },
        Gate::Changing => Errand::Change { to },
    };
    let authorization = authorization(op, errand, Some(&session), &[]);
    let scene = Scene::gather(op, tx, authorization, visitor).await?;
    let open = scene.user.is_some() && matches!(scene.decision(true), Decision::Satisfied(_));
    Ok(open.then_some(scene))
}

/// Begins the sign-in that leads there.
pub async fn begin(op: &Provider, visitor: &Visitor, errand: Errand, languages: &[String]) -> Result<Begun, NotBegun> {
    begin_as(op, visitor, errand, languages, None).await
}

/// The same, with a name filled in.
pub async fn begin_as(
    op: &Provider,
    visitor: &Visitor,
    errand: Errand,
    languages: &[String],
    name: Option<String>,
) -> Result<Begun, NotBegun> {
    let mut view = op.store.view().await?;
    let session = live_session(&mut view, visitor, op.now()).await?;
    drop(view);
    let mut authorization = authorization(op, errand, session.as_ref(), languages);
    authorization.request.login_hint = name;
    begin_errand(op, authorization, visitor).await
}

/// Begins to give an account back whose address was proved by the ticket of this hash. It is about that person from the
/// start, and never about another one.
pub async fn recover(op: &Provider, visitor: &Visitor, user: UserId, ticket: String) -> Result<Begun, NotBegun> {
    let errand = Errand::Recover {
        ticket,
        to: LocalPath::home(),
    };
    let mut authorization = authorization(op, errand, None, &[]);
    authorization.stage = Stage::bound(user.clone());
    authorization.subject = Some(user);
    begin_errand(op, authorization, visitor).await
}

fn authorization(op: &Provider, errand: Errand, session: Option<&Session>, languages: &[String]) -> Authorization {
    let now = op.now();
    let stage = session.map_or(Stage::Asked, |s| Stage::bound(s.user.clone()));
    Authorization {
        id: AuthorizationId::new(op.entropy.token()),
        browser_hash: None,
        client: op.account.id.clone(),
        subject: None,
        request: request(op, languages),
        stage,
        errand: Some(errand),
        ceremony: CeremonyId::random(&op.entropy),
        created_at: now,
        expires_at: now.plus(crate::model::authorization::AUTHORIZATION_LIFETIME),
        finished_at: None,
        pushed: None,
        encrypt_to: None,
        deferred: None,
    }
}

/// The least that can be asked: somebody, by one factor.
fn request(op: &Provider, languages: &[String]) -> AuthorizationRequest {
    AuthorizationRequest {
        client_id: crate::base::ClientId::new(ACCOUNT_CLIENT),
        redirect_uri: format!("{}/account", op.issuer.url),
        redirect_uri_given: true,
        response_type: ResponseType::Code,
        response_mode: ResponseMode::Query,
        scope: std::iter::once("openid").collect::<Scopes>(),
        state: None,
        nonce: None,
        code_challenge: None,
        prompt: BTreeSet::new(),
        max_age: None,
        acr_values: Vec::new(),
        claims: crate::protocol::claims_request::ClaimsRequest::default(),
        login_hint: None,
        id_token_hint: None,
        ui_locales: languages.to_vec(),
        claims_locales: Vec::new(),
        display: Display::default(),
        dpop_jkt: None,
        authorization_details: AuthorizationDetails::default(),
        resources: Vec::new(),
    }
}
