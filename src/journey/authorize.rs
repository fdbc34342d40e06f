//! The beginning of an authorization request (OIDC Core §3.1.2).

use std::sync::Arc;

use super::next::{self, Step};
use super::provider::{Current, LoadError, Provider};
use super::request::{self, Unread};
use super::request_object;
use super::scene::{Scene, Trouble, live_session};
use super::visitor::Visitor;
use super::{answer, browser_state, issue};
use crate::base::encoding::hash_token;
use crate::base::{AuthorizationId, CeremonyId, Entropy, Timestamp, UserId};
use crate::keys::{Alg, Expected, Expiry, TypRule};
use crate::model::authorization::AUTHORIZATION_LIFETIME;
use crate::model::{Authorization, Session, Stage};
use crate::protocol::authorize::{self as words, AuthorizationRequest, NoReturn};
use crate::protocol::client::Client;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::params::Params;
use crate::protocol::redirect::Delivery;
use crate::protocol::words::Prompt;

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
    let mut view = op.store.view().await?;
    let current = op.current_in(&mut view).await?;
    let client = current
        .workspace
        .clients
        .get(&client_id)
        .ok_or(NoReturn::UnknownClient)?;
    let now = op.now();
    let read = match request::read(op, &mut view, client, params, object).await {
        Ok(read) => read,
        Err(Unread::Refused(error)) => return outside(op, &current, client, params, error),
        Err(other) => return Err(other.into()),
    };
    let address = words::return_address(&read.params, client, &op.issuer.url)?;
    let understood = AuthorizationRequest::parse(&read.params, client, &address, read.channel).and_then(|request| {
        // A push was checked when it came; the types may have been changed since.
        request
            .authorization_details
            .check(&current.workspace.details_types, client)?;
        Ok((subject(op, &current, &request, now)?, request))
    });
    let (subject, request) = match understood {
        Ok(understood) => understood,
        Err(error) => {
            let refusal = answer::send(op, &current, client, address.error(&error), now)?;
            return Ok(unseen(refusal));
        }
    };
    let session = match arrival {
        Arrival::Get => live_session(&mut view, visitor, now).await?,
        Arrival::Post => None,
    };
    let mut authorization = start(op, client, request, subject, session.as_ref(), now);
    authorization.pushed = read.pushed;
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

/// A refusal of what the request refers to: to the address beside it if that is the client's, else to the person.
fn outside(
    op: &Provider,
    current: &Current,
    client: &Client,
    params: &Params,
    error: OAuthError,
) -> Result<Begun, NotBegun> {
    match words::return_address(params, client, &op.issuer.url) {
        Ok(address) => Ok(unseen(answer::send(
            op,
            current,
            client,
            address.error(&error),
            op.now(),
        )?)),
        Err(_) => Err(NoReturn::Refused(error).into()),
    }
}

/// The same for an errand of our own: straight to its end if nothing has to be asked.
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
    }
}

/// The person whom the request is about, if it says so: by `id_token_hint` or a demanded `sub` (OIDC Core §3.1.2.2).
pub(super) fn subject(
    op: &Provider,
    current: &Current,
    request: &AuthorizationRequest,
    now: Timestamp,
) -> Result<Option<UserId>, OAuthError> {
    let hinted = match &request.id_token_hint {
        Some(hint) => Some(
            hinted_subject(op, current, hint, now)
                .ok_or_else(|| OAuthError::invalid_request("id_token_hint is not an ID token of ours"))?,
        ),
        None => None,
    };
    let Some(demanded) = request.claims.subjects() else {
        return Ok(hinted);
    };
    match (hinted, demanded.first()) {
        (Some(hinted), _) if demanded.contains(hinted.as_str()) => Ok(Some(hinted)),
        (None, Some(only)) if demanded.len() == 1 => Ok(Some(UserId::new(only.clone()))),
        (None, _) => Err(OAuthError::invalid_request(
            "claims: exactly one value of sub can be demanded",
        )),
        (Some(_), _) => Err(OAuthError::new(ErrorCode::LoginRequired, "subject_mismatch")),
    }
}

/// `sub` of an ID token of ours, however old (RP-Initiated Logout §2 and OIDC Core §3.1.2.1 accept expired ones).
pub fn hinted_subject(op: &Provider, current: &Current, hint: &str, now: Timestamp) -> Option<UserId> {
    let expected = Expected {
        algs: &Alg::ALL,
        typ: TypRule::AbsentOr(&["JWT"]),
        issuer: Some(&op.issuer.url),
        audience: None,
        expiry: Expiry::Ignored,
        now,
    };
    let verified = current.ring.verify(hint, &expected).ok()?;
    verified.text("sub").map(UserId::new)
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
        let delivery = answer::send(op, &scene.current, &scene.client, refusal, scene.now)?;
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
