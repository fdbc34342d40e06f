//! A phone as the first factor (S68): a name was typed, and nobody is known yet.
//!
//! The page looks and lasts the same whether or not somebody has that name and a phone: what it shows then is a number
//! that waits nowhere. Who may be asked how often is counted by the name that was typed, and beside that by the account.

use super::answer::proof_of;
use super::ask::{context, send};
use super::claim::{Seen, Waits};
use super::{ask, commit};
use crate::base::encoding::base64url;
use crate::base::{AuthorizationId, Seconds, Timestamp};
use crate::factors::push::{DIGITS, LIFETIME, Question};
use crate::journey::ceremony::{deny, proved_elsewhere, refused};
use crate::journey::interaction;
use crate::journey::provider::{LoadError, Provider};
use crate::journey::records::factor_record;
use crate::journey::reply::{Complaint, Destination, Reply};
use crate::journey::scene::{Scene, Trouble};
use crate::journey::signals::Key;
use crate::journey::visitor::Visitor;
use crate::model::audit::Outcome;
use crate::model::push_request::{BURST, BURST_WINDOW, PushRequest, RequestState};
use crate::model::throttle::ThrottleKey;
use crate::model::{Authenticator, AuthenticatorStatus, MfaCode, Stage, User};
use crate::policy::Method;
use crate::storage::Tx;

/// What a number is made from that waits nowhere.
const NOWHERE: &str = "push-nowhere";

/// May a sign-in begin with a phone here?
pub fn may_begin(scene: &Scene) -> bool {
    let named = matches!(scene.authorization.stage, Stage::Named { .. });
    let first = scene.parties().pool().first_factor;
    let enabled = &scene.current.workspace.settings.methods;
    named && first.contains(&Method::Push) && enabled.contains(&Method::Push)
}

/// "Use my phone".
pub async fn begin(op: &Provider, id: &AuthorizationId, visitor: &Visitor) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let mut scene = Scene::load(op, &mut tx, id, visitor).await?;
    let Stage::Named { name, .. } = &scene.authorization.stage else {
        return Ok(Reply::GoOn);
    };
    let name = name.clone();
    if scene.authorization.expired(scene.now) || !may_begin(&scene) {
        return Ok(Reply::GoOn);
    }
    let key = User::key(&name);
    let (window, passed) = (scene.now.secs() / BURST_WINDOW.0, scene.now.secs() % BURST_WINDOW.0);
    let asked = tx
        .count_use(&ThrottleKey::letters("push", &key, window), scene.now)
        .await?;
    if asked > i64::try_from(BURST).unwrap_or(i64::MAX) {
        tx.commit().await?;
        return Ok(Reply::Again(Complaint::wait(op, Seconds(BURST_WINDOW.0 - passed))));
    }
    let stage = Stage::Named {
        name,
        phone_asked_at: Some(scene.now),
    };
    if !tx.move_authorization(&scene.authorization, &stage).await? {
        return Ok(Reply::GoOn);
    }
    scene.authorization.stage = stage;
    let mut rings = vec![Key::sign_in(id)];
    rings.extend(ask::withdraw(&mut tx, id).await?);
    if let Some(device) = reach(&mut tx, &mut scene, visitor, &key).await? {
        ring(op, &mut tx, &scene, visitor, &device).await?;
        rings.push(Key::device(device.id.as_str()));
    }
    commit(op, tx, &rings).await?;
    Ok(Reply::Show(Destination::Phone))
}

/// The phone of whoever has this name, if it may be asked now.
async fn reach(tx: &mut Tx, scene: &mut Scene, visitor: &Visitor, key: &str) -> Result<Option<Authenticator>, Trouble> {
    let Some(user) = tx.user_by_login(key).await? else {
        return Ok(None);
    };
    scene.meet(tx, &user.id).await?;
    let Some(user) = scene.user.clone() else {
        return Ok(None);
    };
    let device = phone_of(scene).cloned();
    let Some(device) = device.filter(|_| may_begin(scene) && refused(scene, Method::Push).is_none()) else {
        return Ok(None);
    };
    for throttle in [ThrottleKey::account(&user.id), ThrottleKey::authenticator(&device.id)] {
        if tx.hold_throttle(&throttle, scene.now).await?.wait(scene.now).is_some() {
            return Ok(None);
        }
    }
    if ask::restrained(tx, scene, &user).await?.is_some() {
        tx.audit(factor_record(
            scene,
            "auth.push.rate_limited",
            Outcome::Refused,
            visitor,
            &device,
        ));
        return Ok(None);
    }
    Ok(Some(device))
}

/// Of several phones the one that its owner put first.
fn phone_of(scene: &Scene) -> Option<&Authenticator> {
    let usable = |a: &&Authenticator| a.method == Method::Push && a.status == AuthenticatorStatus::Active;
    let mut phones: Vec<&Authenticator> = scene.authenticators.iter().filter(usable).collect();
    phones.sort_by_key(|a| !a.primary);
    phones.first().copied()
}

async fn ring(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    device: &Authenticator,
) -> Result<(), Trouble> {
    let user = scene.user.as_ref().ok_or(Trouble::Unknown)?;
    let site = op.site(&scene.current.workspace);
    let mut question = Question::new(&op.cx(scene.now, &site));
    question.context = context(op, scene, visitor, ("sign_in", device.label()), user)?;
    let to = super::address(op, tx, &device.id).await?;
    let request = send(op, tx, scene, (device.id.as_str(), LIFETIME), (&question, to)).await?;
    let record = factor_record(scene, "auth.challenge.sent", Outcome::Success, visitor, device);
    tx.audit(record.with("request", request.as_str()));
    Ok(())
}

/// The page that waits.
pub async fn seen(op: &Provider, id: &AuthorizationId, visitor: &Visitor) -> Result<Option<Seen>, Trouble> {
    let mut tx = op.store.view().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    let Stage::Named {
        phone_asked_at: Some(at),
        ..
    } = scene.authorization.stage
    else {
        return Ok(None);
    };
    if scene.authorization.expired(scene.now) {
        drop(tx);
        return interaction::refuse(op, id, visitor, "expired")
            .await
            .map(|reply| Some(Seen::Reply(reply)));
    }
    let newest = tx.newest_push_request(id).await?.filter(|r| r.created_at == at);
    drop(tx);
    let expires_at = at.plus(LIFETIME);
    let why = match newest.as_ref().map(|r| r.state) {
        _ if expires_at <= scene.now => MfaCode::PushTimedOut,
        None | Some(RequestState::Waiting | RequestState::Withdrawn) => {
            let waits = Waits {
                number: number(op, &scene, newest.as_ref())?,
                expires_at,
                state: word(at, newest.as_ref()),
                // It would tell whether there is a phone.
                unreached: false,
            };
            return Ok(Some(Seen::Waiting(Box::new(scene), waits)));
        }
        Some(RequestState::Approved) => {
            let Some(request) = newest else { return Ok(None) };
            return claim(op, id, visitor, &request)
                .await
                .map(|reply| Some(Seen::Reply(reply)));
        }
        Some(RequestState::Used) => return Ok(Some(Seen::Reply(Reply::GoOn))),
        Some(RequestState::Mismatched) => MfaCode::PushNumberWrong,
        Some(RequestState::Denied | RequestState::Reported) => MfaCode::PushDenied,
    };
    Ok(Some(Seen::Idle {
        why: Some(Complaint::plain(op, why)),
        scene: Box::new(scene),
    }))
}

/// The request's own, or one that nobody was asked for: the same at each look.
fn number(op: &Provider, scene: &Scene, request: Option<&PushRequest>) -> Result<Option<String>, Trouble> {
    let asked = request
        .and_then(|r| super::kept(op, r))
        .as_ref()
        .and_then(Question::read);
    if let Some(question) = asked {
        return Ok(question.number);
    }
    let Stage::Named { phone_asked_at, .. } = &scene.authorization.stage else {
        return Ok(None);
    };
    let about = format!(
        "{} {}",
        scene.authorization.id,
        phone_asked_at.map_or(0, |at| at.micros())
    );
    let hash = op
        .sealer
        .keyed_hash(NOWHERE, about.as_bytes())
        .map_err(LoadError::from)?;
    let digits = base64url(&hash);
    let value = digits
        .bytes()
        .fold(0u64, |n, b| n.wrapping_mul(31).wrapping_add(b.into()));
    let size = usize::try_from(DIGITS).unwrap_or(6);
    Ok(Some(format!("{:0size$}", value % 10u64.pow(DIGITS))))
}

/// As `state` says it, the same for a request and for none.
pub(super) fn word(at: Timestamp, newest: Option<&PushRequest>) -> String {
    let state = newest
        .filter(|r| r.created_at == at)
        .map_or(RequestState::Waiting, |r| r.state);
    format!("{}.{}", at.micros(), state.as_str())
}

/// The first proof of a sign-in: from now on it is about this person.
async fn claim(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    request: &PushRequest,
) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let mut scene = Scene::load(op, &mut tx, id, visitor).await?;
    scene.meet(&mut tx, &request.user).await?;
    if scene.user.is_none() || scene.authorization.expired(scene.now) {
        return Ok(Reply::GoOn);
    }
    if let Some(rules) = refused(&scene, Method::Push) {
        let denied = deny(op, &mut tx, &scene, visitor, Method::Push, rules);
        tx.commit().await?;
        return Ok(denied);
    }
    if !may_begin(&scene) {
        return Ok(Reply::GoOn);
    }
    let device = scene
        .authenticator(&request.device)
        .filter(|a| a.status == AuthenticatorStatus::Active);
    let (Some(device), Ok(Some((_, proof)))) = (device.cloned(), proof_of(op, &mut tx, request).await) else {
        return Ok(Reply::GoOn);
    };
    if !tx.use_request(&request.id).await? {
        return Ok(Reply::GoOn);
    }
    let at = request.answered_at.unwrap_or(scene.now);
    let reply = proved_elsewhere(op, &mut tx, &mut scene, visitor, (&device, proof, at)).await?;
    commit(op, tx, &[Key::sign_in(id)]).await?;
    Ok(reply)
}
