//! The end of an authorization request: a code, or an error, to the partner; consumed before minted.

use super::answer::{Partner, send};
use super::demand::is_for_one_act;
use super::device;
use super::encryption::kept;
use super::minting::Minting;
use super::next::Step;
use super::provider::{LoadError, Provider};
use super::records::record;
use super::scene::{Scene, Trouble};
use super::subjects;
use super::visitor::Visitor;
use super::{browser_state, session_end};
use crate::base::encoding::hash_token;
use crate::base::{Entropy, GrantId, Seconds, Timestamp};
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::deferred::DEVICE_LIFETIME;
use crate::model::{Errand, Frozen, Grant, User};
use crate::policy::{Assurance, Reason};
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::redirect::{Answer, Delivery, ReturnAddress};
use crate::protocol::words::ResponseType;
use crate::storage::Tx;

/// Does this step leave our pages?
pub const fn is_done(step: &Step) -> bool {
    matches!(step, Step::Issue(_) | Step::Refuse(..) | Step::Return(_))
}

/// Ends the request if the step says so. Exactly one caller gets the delivery.
pub async fn leave_if_done(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    step: Step,
) -> Result<Option<Delivery>, Trouble> {
    if !is_done(&step) {
        return Ok(None);
    }
    if !tx.finish_authorization(&scene.authorization.id, scene.now).await? {
        return Err(Trouble::Finished);
    }
    answer(op, tx, scene, visitor, step).await
}

/// The same for a request that was never stored, because nothing had to be asked.
pub async fn answer(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    step: Step,
) -> Result<Option<Delivery>, Trouble> {
    if let Some(errand) = &scene.authorization.errand {
        return Ok(home(op, tx, scene, visitor, errand, step));
    }
    if let Some(hash) = &scene.authorization.deferred {
        return device::settle(op, tx, scene, visitor, (hash, step)).await;
    }
    if !is_done(&step) {
        // It goes on, by what has changed since it was looked at.
        return Ok(None);
    }
    // RFC 9126 §4: once. At the end, not at the first page, which a person may load again (FAPI 2.0 §5.3.2.2 note 3):
    // of two browsers with one reference the first to finish gets the answer.
    if let Some(pushed) = &scene.authorization.pushed
        && !tx.use_pushed(pushed, scene.now).await?
    {
        return Err(Trouble::Finished);
    }
    // Checked against the client as it is now: an address that was taken back gets nothing.
    let address = scene
        .authorization
        .request
        .return_address(&scene.client, &op.issuer.url)
        .map_err(|_| Trouble::ClientGone)?;
    let answer = match step {
        Step::Issue(assurance) => issue(op, tx, scene, visitor, &address, assurance).await?,
        Step::Refuse(error, reason) => refuse(tx, scene, visitor, &address, &error, reason.as_ref()),
        _ => return Ok(None),
    };
    Ok(Some(send(op, partner(scene), answer, scene.now)?))
}

/// To whom the end of this request goes.
pub fn partner(scene: &Scene) -> Partner<'_> {
    Partner {
        current: &scene.current,
        client: &scene.client,
        encrypt_to: scene.authorization.encrypt_to.as_deref(),
    }
}

/// Where a refused errand leads: a page that says why.
const UNAVAILABLE: &str = "/account/unavailable";

/// The end of an errand: no partner is told anything, and there is no token.
fn home(op: &Provider, tx: &mut Tx, scene: &Scene, visitor: &Visitor, errand: &Errand, step: Step) -> Option<Delivery> {
    let path = match step {
        Step::Return(to) => to.as_str().to_owned(),
        Step::Refuse(error, None) if error.code == ErrorCode::AccessDenied => match scene.session {
            // Whoever turns back from a change is still signed in.
            Some(_) if errand.changes() => "/account".to_owned(),
            _ => "/".to_owned(),
        },
        Step::Refuse(error, reason) => {
            let why = reason.map_or_else(|| error.description().to_owned(), |r| r.to_string());
            if scene.user.is_some() {
                let event = if errand.recovers() {
                    "recovery.refused"
                } else {
                    "acr.unmet"
                };
                tx.audit(record(scene, event, Outcome::Refused, visitor).reason(why));
            }
            UNAVAILABLE.to_owned()
        }
        _ => return None,
    };
    Some(Delivery::Redirect(format!("{}{path}", op.issuer.url)))
}

fn refuse(
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    address: &ReturnAddress,
    error: &OAuthError,
    reason: Option<&Reason>,
) -> Answer {
    record_refusal(tx, scene, visitor, error, reason);
    address.error(error)
}

/// Writes down why; answers what the client's developer may be told.
pub(super) fn record_refusal(
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    error: &OAuthError,
    reason: Option<&Reason>,
) -> String {
    let event = match error.code {
        ErrorCode::UnmetAuthenticationRequirements => "acr.unmet",
        _ => "authorize.error",
    };
    let told = error.description().to_owned();
    if scene.user.is_none() {
        // Nobody is known: an append-only log is no place for what strangers can write as often as they like.
        tracing::info!(client = %scene.client.id, error = %error, "authorization refused");
        return told;
    }
    let why = reason.map_or_else(|| told.clone(), ToString::to_string);
    let asked = scene.asked().request.acr_values.join(" ");
    tx.audit(
        record(scene, event, Outcome::Refused, visitor)
            .reason(why)
            .with("error", error.code.as_str())
            .with("acr_values", asked),
    );
    told
}

/// What was granted, by the evidence of the scene's session.
pub(super) fn new_grant(op: &Provider, scene: &Scene, assurance: &Assurance) -> Result<Grant, Trouble> {
    let (Some(session), Some(user)) = (&scene.session, &scene.user) else {
        return Err(Trouble::Unknown);
    };
    Ok(Grant {
        id: GrantId::random(&op.entropy),
        client: scene.client.id.clone(),
        user: user.id.clone(),
        session: session.id.clone(),
        created_at: scene.now,
        expires_at: scene.now.plus(lifetime(scene, assurance)),
        frozen: freeze(scene, assurance),
        revoked_at: None,
    })
}

/// Keeps it under the hash of what the client will bring, until then.
pub(super) async fn keep(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    (assurance, hash, until): (&Assurance, &str, Timestamp),
) -> Result<Grant, Trouble> {
    let grant = new_grant(op, scene, assurance)?;
    tx.create_grant(&grant, hash, until).await?;
    subjects::remember(op, tx, &scene.client, &grant.user).await?;
    let session = scene.session.as_ref().ok_or(Trouble::Unknown)?;
    session_end::join(tx, &scene.client, &session.id).await?;
    // A logout that came first wins: nothing is minted for a session that has ended.
    let activity = if session.may_touch(scene.now) {
        scene.now
    } else {
        session.last_active
    };
    if !tx.touch_session(&session.id, activity).await? {
        return Err(Trouble::Finished);
    }
    tx.audit(satisfied(scene, visitor, assurance, &grant));
    Ok(grant)
}

/// By what it was granted.
pub(super) fn satisfied(scene: &Scene, visitor: &Visitor, assurance: &Assurance, grant: &Grant) -> AuditRecord {
    let events = assurance.events.iter().map(|e| e.as_str().to_owned());
    record(scene, "acr.satisfied", Outcome::Success, visitor)
        .with("acr", assurance.acr.as_str())
        .with("amr", assurance.amr.join(" "))
        .with("auth_time", assurance.auth_time.secs())
        .with("events", events.collect::<Vec<_>>())
        .with("grant", grant.id.as_str())
}

async fn issue(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    address: &ReturnAddress,
    assurance: Assurance,
) -> Result<Answer, Trouble> {
    let code = op.entropy.token();
    let until = scene.now.plus(scene.client.code_lifetime);
    let grant = keep(op, tx, scene, visitor, (&assurance, &hash_token(&code), until)).await?;
    let user = scene.user.as_ref().ok_or(Trouble::Unknown)?;
    let id_token = front_channel_id_token(op, scene, user, (&grant, &code))?;
    let state = browser_state::for_partner(op, scene, &grant.session)?;
    Ok(address.code(&code, id_token.as_deref()).with_session_state(state))
}

/// OIDC Core §3.3.2.5: hybrid clients get an ID token through the browser as well.
fn front_channel_id_token(
    op: &Provider,
    scene: &Scene,
    user: &User,
    (grant, code): (&Grant, &str),
) -> Result<Option<String>, LoadError> {
    if scene.authorization.request.response_type == ResponseType::Code {
        return Ok(None);
    }
    let keys = scene.authorization.encrypt_to.as_deref();
    let to = kept(keys, scene.client.encryption.id_token)?;
    let minting = Minting {
        op,
        current: &scene.current,
        client: &scene.client,
        user,
        now: scene.now,
        encrypt_to: to.as_ref(),
    };
    Ok(Some(minting.front_channel_id_token(grant, code)?))
}

/// How long anything may come from this grant. What stands for one act ends with its tokens.
fn lifetime(scene: &Scene, assurance: &Assurance) -> Seconds {
    let client = &scene.client;
    let tokens = client.access_token_lifetime.max(client.id_token_lifetime);
    // So long the client may take to come for them.
    let collected = match scene.authorization.deferred {
        Some(_) => DEVICE_LIFETIME,
        None => client.code_lifetime,
    };
    let short = Seconds(collected.0 + tokens.0);
    if one_act(scene, &assurance.acr) || !scene.authorization.request.scope.contains("offline_access") {
        short
    } else {
        short.max(client.refresh_token_lifetime)
    }
}

/// Does any acr that is behind this answer stand for one act? A request that names a weaker one beside it
/// must not stretch it.
fn one_act(scene: &Scene, acr: &str) -> bool {
    let demanded = scene.requirement().all_of;
    let mut all = demanded.iter().map(|ruled| ruled.value.as_str()).chain([acr]);
    all.any(|acr| is_for_one_act(&scene.current.workspace, acr))
}

fn freeze(scene: &Scene, assurance: &Assurance) -> Frozen {
    let mut request = scene.authorization.request.clone();
    request.id_token_hint = None;
    request.login_hint = None;
    let events = scene.session.iter().flat_map(|s| s.events.iter());
    Frozen {
        request,
        acr: assurance.acr.clone(),
        one_act: one_act(scene, &assurance.acr),
        amr: assurance.amr.clone(),
        auth_time: assurance.auth_time,
        events: events.filter(|e| assurance.events.contains(&e.id)).cloned().collect(),
        remembered: scene.remembered,
        browserless: false,
        arrived: scene.authorization.created_at,
        policy_version: scene.generation(),
    }
}
