//! The beginning of an authorization request (OIDC Core §3.1.2).

use std::sync::Arc;

use super::answer::{self, Partner};
use super::next::{self, Step};
use super::provider::{Current, LoadError, Provider};
use super::request::{self, Read, Unread};
use super::request_object;
use super::scene::{Scene, Trouble, live_session};
use super::subjects::asked_for;
use super::visitor::Visitor;
use super::{browser_state, encryption, issue, targets};
use crate::base::encoding::hash_token;
use crate::base::{AuthorizationId, CeremonyId, ClientId, Entropy, Timestamp, UserId};
use crate::model::authorization::AUTHORIZATION_LIFETIME;
use crate::model::{Authorization, Session, Stage};
use crate::protocol::authorize::{self as words, AuthorizationRequest, NoReturn};
use crate::protocol::client::Client;
use crate::protocol::errors::OAuthError;
use crate::protocol::params::Params;
use crate::protocol::redirect::{Delivery, ReturnAddress};
use crate::protocol::words::Prompt;
use crate::storage::Tx;

/// How the request came to the browser, and so which cookies came with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    Get,
    /// A partner's form: SameSite cookies stay away, so nothing can be said about sessions yet.
    Post,
}

pub enum Begun {
    /// To the pages of this sign-in. `browser`: the new cookie that ties it to the browser, if it had none.
    Interact {
        id: AuthorizationId,
        browser: Option<String>,
    },
    Leave {
        delivery: Delivery,
        /// `browser_state` as it is now; `None` where the browser's cookies were not seen.
        state: Option<String>,
    },
}

/// Why nothing was begun, and the partner learns nothing.
#[derive(Debug, thiserror::Error)]
pub enum NotBegun {
    #[error(transparent)]
    NoReturn(#[from] NoReturn),
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl From<LoadError> for NotBegun {
    fn from(e: LoadError) -> Self {
        Self::Trouble(e.into())
    }
}

impl From<crate::storage::Error> for NotBegun {
    fn from(e: crate::storage::Error) -> Self {
        Self::Trouble(e.into())
    }
}

impl From<Unread> for NotBegun {
    fn from(e: Unread) -> Self {
        match e {
            Unread::Refused(error) => NoReturn::Refused(error).into(),
            Unread::NoReturn(no) => no.into(),
            Unread::Storage(e) => e.into(),
        }
    }
}

/// Checks in the order that keeps us from ever redirecting to an address that is not the client's: client,
/// address, then everything else (unmet_authentication_requirements 1.0; RFC 9700 §4.11).
pub async fn begin(op: &Provider, params: &Params, visitor: &Visitor, arrival: Arrival) -> Result<Begun, NotBegun> {
    let client_id = words::client_id(params)?;
    let object = request_object::object(op, &client_id, params).await?;
    let (mut view, current, encrypt_to) = entrance(op, &client_id).await?;
    let client = current
        .workspace
        .clients
        .get(&client_id)
        .ok_or(NoReturn::UnknownClient)?;
    let partner = Partner {
        current: &current,
        client,
        encrypt_to: encrypt_to.as_deref(),
    };
    let now = op.now();
    let read = match request::read(op, &mut view, client, params, object).await {
        Ok(read) => read,
        Err(Unread::Refused(error)) => return outside(op, partner, params, error),
        Err(other) => return Err(other.into()),
    };
    let address = words::return_address(&read.params, client, &op.issuer.url)?;
    let (subject, request) = match understand(op, &mut view, partner, (&read, &address), now).await? {
        Ok(understood) => understood,
        Err(error) => {
            let refusal = answer::send(op, partner, address.error(&error), now)?;
            return Ok(unseen(refusal));
        }
    };
    let session = match arrival {
        Arrival::Get => live_session(&mut view, visitor, now).await?,
        Arrival::Post => None,
    };
    let mut authorization = start(op, client, request, subject, session.as_ref(), now);
    authorization.pushed = read.pushed;
    authorization.encrypt_to = encrypt_to;
    if arrival == Arrival::Get {
        let scene = Scene::compose(
            op,
            &mut view,
            authorization.clone(),
            Arc::clone(&current),
            (session, visitor),
        )
        .await?;
        drop(view);
        if let Some(left) = without_asking(op, scene, visitor).await? {
            return Ok(left);
        }
    }
    store(op, authorization, visitor, arrival).await
}

/// What decides; and the client's keys where its answer is to be encrypted: without them there is none, not even a refusal.
/// They may have to be fetched, and no connection is held meanwhile.
async fn entrance(op: &Provider, client: &ClientId) -> Result<(Tx, Arc<Current>, Option<String>), NotBegun> {
    let mut view = op.store.view().await?;
    let current = op.current_in(&mut view).await?;
    match current.workspace.clients.get(client) {
        Some(client) if encryption::in_front(client) => {
            drop(view);
            let keys = encryption::keys_in_front(op, client).await;
            let keys = keys.map_err(NoReturn::Refused)?;
            Ok((op.store.view().await?, current, keys))
        }
        _ => Ok((view, current, None)),
    }
}

/// What is asked, and of whom.
async fn understand(
    op: &Provider,
    view: &mut Tx,
    partner: Partner<'_>,
    (read, address): (&Read, &ReturnAddress),
    now: Timestamp,
) -> Result<Result<(Option<UserId>, AuthorizationRequest), OAuthError>, NotBegun> {
    let Partner { current, client, .. } = partner;
    let parsed = AuthorizationRequest::parse(&read.params, client, address, read.channel).and_then(|request| {
        // A push was checked when it came; the types may have been changed since.
        request
            .authorization_details
            .check(&current.workspace.details_types, client)?;
        targets::check(op, &current.workspace, client, (&request.resources, &request.scope))?;
        Ok(request)
    });
    let request = match parsed {
        Ok(request) => request,
        Err(refused) => return Ok(Err(refused)),
    };
    let subject = asked_for(op, view, (current, client), &request, now).await?;
    Ok(subject.map(|subject| (subject, request)))
}

/// A refusal of what the request refers to: to the address beside it if that is the client's, else to the person.
fn outside(op: &Provider, partner: Partner<'_>, params: &Params, error: OAuthError) -> Result<Begun, NotBegun> {
    match words::return_address(params, partner.client, &op.issuer.url) {
        Ok(address) => Ok(unseen(answer::send(op, partner, address.error(&error), op.now())?)),
        Err(_) => Err(NoReturn::Refused(error).into()),
    }
}

/// The same for an errand of our own, or for a device that waits elsewhere: straight to its end if nothing has to be asked.
pub async fn begin_errand(op: &Provider, authorization: Authorization, visitor: &Visitor) -> Result<Begun, NotBegun> {
    let mut view = op.store.view().await?;
    let scene = Scene::gather(op, &mut view, authorization.clone(), visitor).await?;
    drop(view);
    if let Some(left) = without_asking(op, scene, visitor).await? {
        return Ok(left);
    }
    store(op, authorization, visitor, Arrival::Get).await
}

fn start(
    op: &Provider,
    client: &Client,
    request: AuthorizationRequest,
    subject: Option<UserId>,
    session: Option<&Session>,
    now: Timestamp,
) -> Authorization {
    let choosing = request.prompt.contains(&Prompt::SelectAccount);
    let stage = match session {
        Some(s) if !choosing && subject.as_ref().is_none_or(|wanted| *wanted == s.user) => Stage::bound(s.user.clone()),
        _ => Stage::Asked,
    };
    Authorization {
        id: AuthorizationId::new(op.entropy.token()),
        browser_hash: None,
        client: client.id.clone(),
        subject,
        request,
        stage,
        errand: None,
        ceremony: CeremonyId::random(&op.entropy),
        created_at: now,
        expires_at: now.plus(AUTHORIZATION_LIFETIME),
        finished_at: None,
        pushed: None,
        encrypt_to: None,
        deferred: None,
    }
}

/// Answers at once where nothing has to be asked, or nothing may be.
async fn without_asking(op: &Provider, scene: Scene, visitor: &Visitor) -> Result<Option<Begun>, Trouble> {
    let silent = scene.authorization.request.forbids_interaction();
    let pick = |scene: &Scene| {
        if silent {
            next::silent_step(scene)
        } else {
            next::step(scene, next::Wish::None)
        }
    };
    // A refusal before anybody proved anything would tell a stranger what the person has enrolled,
    // and the person nothing: only silent requests are refused here.
    let worth = |step: &Step| {
        matches!(step, Step::Issue(_) | Step::Return(_))
            || (issue::is_done(step) && (silent || scene.session.is_some()))
    };
    if !worth(&pick(&scene)) {
        return Ok(None);
    }
    // Strangers who may not be asked get their answer without a turn to write.
    if scene.session.is_none()
        && scene.authorization.pushed.is_none()
        && let Step::Refuse(error, _) = pick(&scene)
    {
        let address = scene
            .authorization
            .request
            .return_address(&scene.client, &op.issuer.url);
        let refusal = address.map_err(|_| Trouble::ClientGone)?.error(&error);
        let delivery = answer::send(op, issue::partner(&scene), refusal, scene.now)?;
        return Ok(Some(seen(op, &scene, delivery)?));
    }
    let mut tx = op.store.begin().await?;
    let scene = Scene::gather(op, &mut tx, scene.authorization.clone(), visitor).await?;
    let step = pick(&scene);
    let delivery = issue::answer(op, &mut tx, &scene, visitor, step).await?;
    tx.commit().await?;
    Ok(delivery.map(|delivery| seen(op, &scene, delivery)).transpose()?)
}

/// An answer to a browser whose session was looked at.
fn seen(op: &Provider, scene: &Scene, delivery: Delivery) -> Result<Begun, LoadError> {
    let state = Some(browser_state::of(op, scene.session.as_ref().map(|s| &s.id))?);
    Ok(Begun::Leave { delivery, state })
}

const fn unseen(delivery: Delivery) -> Begun {
    Begun::Leave { delivery, state: None }
}

async fn store(
    op: &Provider,
    mut authorization: Authorization,
    visitor: &Visitor,
    arrival: Arrival,
) -> Result<Begun, NotBegun> {
    let mut browser = None;
    if arrival == Arrival::Get {
        let token = visitor.browser.clone().unwrap_or_else(|| {
            let fresh = op.entropy.token();
            browser = Some(fresh.clone());
            fresh
        });
        authorization.browser_hash = Some(hash_token(&token));
    }
    let mut tx = op.store.begin().await?;
    tx.create_authorization(&authorization).await?;
    tx.commit().await?;
    Ok(Begun::Interact {
        id: authorization.id,
        browser,
    })
}

/// The first page after a partner's form: now the cookies are there. Ties the request to this browser, and
/// looks whether a session answers it.
pub async fn adopt(op: &Provider, id: &AuthorizationId, visitor: &Visitor) -> Result<Option<Begun>, Trouble> {
    let mut tx = op.store.begin().await?;
    let unowned = tx
        .authorization(id)
        .await?
        .filter(|a| a.browser_hash.is_none() && a.finished_at.is_none());
    let Some(mut authorization) = unowned else {
        return Ok(None);
    };
    let fresh = visitor.browser.is_none().then(|| op.entropy.token());
    let token = visitor.browser.clone().or_else(|| fresh.clone()).unwrap_or_default();
    if !tx.bind_browser(id, &hash_token(&token)).await? {
        return Err(Trouble::Unknown);
    }
    authorization.browser_hash = Some(hash_token(&token));
    let session = live_session(&mut tx, visitor, op.now()).await?;
    let current = op.current_in(&mut tx).await?;
    let client = current
        .workspace
        .clients
        .get(&authorization.client)
        .ok_or(Trouble::ClientGone)?;
    let again = start(
        op,
        client,
        authorization.request.clone(),
        authorization.subject.clone(),
        session.as_ref(),
        authorization.created_at,
    );
    tx.move_authorization(&authorization, &again.stage).await?;
    authorization.stage = again.stage;
    let scene = Scene::gather(op, &mut tx, authorization, visitor).await?;
    let step = if scene.authorization.request.forbids_interaction() {
        next::silent_step(&scene)
    } else {
        next::step(&scene, next::Wish::None)
    };
    let delivery = issue::leave_if_done(op, &mut tx, &scene, visitor, step).await?;
    tx.commit().await?;
    Ok(Some(match delivery {
        Some(delivery) => seen(op, &scene, delivery)?,
        None => Begun::Interact {
            id: id.clone(),
            browser: fresh,
        },
    }))
}
