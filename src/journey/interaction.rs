//! What a person does on the pages of one sign-in.

use super::ceremony::{self, CHALLENGE_MEMORY, Given, InPage, deny, refused, unseal};
use super::next::{self, Step, Wish};
use super::provider::Provider;
use super::records::record;
use super::reply::{Complaint, Destination, Reply};
use super::scene::{Scene, Trouble};
use super::visitor::Visitor;
use super::{issue, outbox, push};
use crate::base::{AuthorizationId, Entropy, MessageId, Seconds, Secret};
use crate::factors::{Ask, Factor, Kept, Memory, factor};
use crate::model::audit::Outcome;
use crate::model::challenge::{SEND_WINDOW, SENDS_PER_WINDOW};
use crate::model::throttle::ThrottleKey;
use crate::model::{Authenticator, AuthenticatorStatus, Challenge, MfaCode, Stage};
use crate::policy::{Decision, Method};
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::redirect::Delivery;
use crate::storage::Tx;

/// What to show at the page's address, or where to go.
pub enum View {
    Page(Box<Scene>, Step),
    Leave(Delivery),
}

/// The page of a sign-in. Reading it changes nothing, unless there is nothing left to ask.
pub async fn view(op: &Provider, id: &AuthorizationId, visitor: &Visitor, wish: Wish) -> Result<View, Trouble> {
    let mut tx = op.store.view().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    let step = next::step(&scene, wish);
    if !issue::is_done(&step) {
        return Ok(View::Page(Box::new(scene), step));
    }
    drop(tx);
    let mut tx = op.store.begin().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    let step = next::step(&scene, wish);
    match issue::leave_if_done(op, &mut tx, &scene, visitor, step.clone()).await? {
        Some(delivery) => {
            tx.commit().await?;
            Ok(View::Leave(delivery))
        }
        None => Ok(View::Page(Box::new(scene), step)),
    }
}

/// The scene of a page that a form belongs to, e.g. to draw it again.
pub async fn scene(op: &Provider, id: &AuthorizationId, visitor: &Visitor) -> Result<Scene, Trouble> {
    Scene::load(op, &mut op.store.view().await?, id, visitor).await
}

/// The scene of one authenticator's page; `None` if that page has nothing to ask: a code that was never sent
/// must not be called sent.
pub async fn challenge(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    authenticator: &str,
) -> Result<Option<(Scene, Option<InPage>)>, Trouble> {
    let mut tx = op.store.view().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    let Some(device) = scene.authenticator(authenticator) else {
        return Ok(None);
    };
    match factor(device.method).map(Factor::memory) {
        Some(Memory::Row) if tx.open_challenge(id, &device.id).await?.is_none() => Ok(None),
        Some(Memory::Page) => {
            let in_page = ceremony::open_in_page(op, &scene, device)?;
            Ok(in_page.map(|opened| (scene, Some(opened))))
        }
        _ => Ok(Some((scene, None))),
    }
}

/// The first page: a name, and perhaps a password with it.
pub async fn sign_in(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    name: Option<&str>,
    password: Option<Secret<String>>,
) -> Result<Reply, Trouble> {
    if let Some(password) = password.filter(|p| !p.expose().is_empty()) {
        return ceremony::password(op, id, visitor, name, password).await;
    }
    let Some(name) = name.map(str::trim).filter(|n| !n.is_empty()) else {
        return Ok(Reply::GoOn);
    };
    let mut tx = op.store.begin().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    if !matches!(scene.authorization.stage, Stage::Bound { .. }) {
        // A name says nothing about who is there; no name is looked up here.
        const LONGEST_NAME: usize = 256;
        let named = Stage::Named {
            name: name.chars().take(LONGEST_NAME).collect(),
            phone_asked_at: None,
        };
        tx.move_authorization(&scene.authorization, &named).await?;
        tx.commit().await?;
        // Where there is no password to begin with, the phone is asked at once.
        let first = scene.parties().pool().first_factor;
        if first.contains(&Method::Push) && !first.contains(&Method::Password) {
            return push::by_name::begin(op, id, visitor).await;
        }
    }
    Ok(Reply::GoOn)
}

/// "Use another account".
pub async fn switch(op: &Provider, id: &AuthorizationId, visitor: &Visitor) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    let back = scene.may_switch() || matches!(scene.authorization.stage, Stage::Named { .. });
    if back && tx.move_authorization(&scene.authorization, &Stage::Asked).await? {
        tx.commit().await?;
    }
    Ok(Reply::GoOn)
}

/// "Cancel": the partner learns that the person did not want to (standards of OIDC Core §3.1.2.6).
pub async fn cancel(op: &Provider, id: &AuthorizationId, visitor: &Visitor) -> Result<Reply, Trouble> {
    refuse(op, id, visitor, "the person cancelled").await
}

pub async fn refuse(op: &Provider, id: &AuthorizationId, visitor: &Visitor, why: &str) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    let step = Step::Refuse(OAuthError::new(ErrorCode::AccessDenied, why), None);
    let delivery = issue::leave_if_done(op, &mut tx, &scene, visitor, step).await?;
    tx.commit().await?;
    Ok(delivery.map_or(Reply::GoOn, |delivery| Reply::Leave {
        delivery,
        cookies: None,
    }))
}

/// Allow or deny what the partner asks for.
pub async fn consent(op: &Provider, id: &AuthorizationId, visitor: &Visitor, allow: bool) -> Result<Reply, Trouble> {
    if !allow {
        return refuse(op, id, visitor, "the person denied consent").await;
    }
    let mut tx = op.store.begin().await?;
    let mut scene = Scene::load(op, &mut tx, id, visitor).await?;
    let Step::Consent { scopes } = next::step(&scene, Wish::None) else {
        return Ok(Reply::GoOn);
    };
    let Some(user) = scene.user.as_ref().map(|u| u.id.clone()) else {
        return Ok(Reply::GoOn);
    };
    let consented = Stage::Bound {
        user: user.clone(),
        consented: true,
        set_up: scene.authorization.stage.set_up().clone(),
    };
    if !tx.move_authorization(&scene.authorization, &consented).await? {
        return Ok(Reply::GoOn);
    }
    scene.authorization.stage = consented;
    let mut all = scene.consent.scopes.clone();
    all.extend(scopes.iter().filter(|s| !scene.consent.scopes.contains(s)).cloned());
    tx.save_consent(&user, &scene.client.id, &all, scene.now).await?;
    tx.audit(record(&scene, "consent.granted", Outcome::Success, visitor).with("scope", scopes.join(" ")));
    let step = next::step(&scene, Wish::None);
    let delivery = issue::leave_if_done(op, &mut tx, &scene, visitor, step).await?;
    tx.commit().await?;
    Ok(delivery.map_or(Reply::GoOn, |delivery| Reply::Leave {
        delivery,
        cookies: None,
    }))
}

/// A button of the chooser: a method, or one authenticator of it.
pub async fn choose(op: &Provider, id: &AuthorizationId, visitor: &Visitor, choice: Choice) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    if scene.authorization.expired(scene.now) {
        return Ok(Reply::GoOn);
    }
    let (method, device) = match choice {
        Choice::Method(method) => (method, None),
        Choice::Authenticator(id) => match scene.authenticator(&id) {
            Some(a) => (a.method, Some(a.clone())),
            None => return Ok(Reply::GoOn),
        },
    };
    if let Some(rules) = refused(&scene, method) {
        let denied = deny(op, &mut tx, &scene, visitor, method, rules);
        tx.commit().await?;
        return Ok(denied);
    }
    let Decision::Prove { acceptable, .. } = scene.to_prove() else {
        return Ok(Reply::GoOn);
    };
    let devices = next::group(&scene, &acceptable).remove(&method).unwrap_or_default();
    let device = match (device, devices.as_slice()) {
        (Some(device), _) if devices.contains(&device.id) => device,
        (None, [only]) => match scene.authenticator(only.as_str()) {
            Some(a) => a.clone(),
            None => return Ok(Reply::GoOn),
        },
        (None, [_, ..]) => return Ok(Reply::Show(Destination::Method(method))),
        _ => return Ok(Reply::Show(Destination::Chooser)),
    };
    if method == Method::Password {
        return Ok(Reply::Show(Destination::Method(method)));
    }
    tx.audit(record(&scene, "auth.method_selected", Outcome::Success, visitor).with("method", method.as_str()));
    if method == Method::Push {
        return push::open(op, tx, &scene, visitor, (&device, false)).await;
    }
    let complaint = open(op, &mut tx, &scene, visitor, &device, false).await?;
    tx.commit().await?;
    op.outbox.notify_one();
    Ok(complaint.map_or_else(
        || Reply::Show(Destination::Authenticator(device.id.to_string())),
        Reply::Again,
    ))
}

#[derive(Clone, Debug)]
pub enum Choice {
    Method(Method),
    Authenticator(String),
}

/// A code that was typed, or what a key has answered.
pub async fn verify(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    authenticator: &str,
    given: Option<Given>,
) -> Result<Reply, Trouble> {
    match given {
        Some(given) => ceremony::answer(op, id, visitor, authenticator, given).await,
        None => Ok(Reply::Show(Destination::Authenticator(authenticator.to_owned()))),
    }
}

/// "Send it again": the old code dies, the count of wrong ones stays.
pub async fn resend(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    authenticator: &str,
) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    if scene.authorization.expired(scene.now) {
        return Ok(Reply::GoOn);
    }
    let Some(device) = scene.authenticator(authenticator).cloned() else {
        return Ok(Reply::GoOn);
    };
    if let Some(rules) = refused(&scene, device.method) {
        let denied = deny(op, &mut tx, &scene, visitor, device.method, rules);
        tx.commit().await?;
        return Ok(denied);
    }
    if device.status != AuthenticatorStatus::Active {
        return Ok(Reply::Again(Complaint::plain(op, MfaCode::MethodDisabled)));
    }
    if device.method == Method::Push {
        return push::open(op, tx, &scene, visitor, (&device, true)).await;
    }
    let complaint = open(op, &mut tx, &scene, visitor, &device, true).await?;
    tx.commit().await?;
    op.outbox.notify_one();
    Ok(complaint.map_or_else(
        || Reply::Show(Destination::Authenticator(device.id.to_string())),
        Reply::Again,
    ))
}

/// Opens a challenge and puts its message into the outbox, in the same transaction.
async fn open(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    device: &Authenticator,
    again: bool,
) -> Result<Option<Complaint>, Trouble> {
    let (Some(factor), Some(credential)) = (factor(device.method), unseal(op, device)) else {
        return Ok(Some(Complaint::plain(op, MfaCode::MethodDisabled)));
    };
    if factor.memory() != Memory::Row {
        return Ok(None);
    }
    let site = op.site(&scene.current.workspace);
    let ask = Ask {
        selected: &credential,
        acceptable: std::slice::from_ref(&credential),
        verify_user: false,
    };
    let opening = factor.open(&op.cx(scene.now, &site), &ask);
    let Some((kept, lifetime)) = opening.kept else {
        return Ok(None);
    };
    // Holding the counter also makes two sends at once wait for each other.
    let key = ThrottleKey::authenticator(&device.id);
    if let Some(wait) = tx.hold_throttle(&key, scene.now).await?.wait(scene.now) {
        return Ok(Some(Complaint::wait(op, wait)));
    }
    let since = scene.now.minus(SEND_WINDOW);
    if tx.challenges_since(&device.id, since).await? >= SENDS_PER_WINDOW {
        return Ok(Some(Complaint::wait(op, SEND_WINDOW)));
    }
    let challenge = remember(op, scene, device, &kept, lifetime)?;
    // A message of the older code that has not left yet stays here.
    if let Some(old) = tx
        .open_challenge(&challenge.authorization, &challenge.authenticator)
        .await?
    {
        tx.withdraw(&MessageId::new(old.id)).await?;
    }
    tx.replace_challenge(&challenge).await?;
    if let Some(message) = opening.send {
        outbox::enqueue(
            op,
            tx,
            MessageId::new(challenge.id.clone()),
            &message,
            (scene.now, lifetime),
        )
        .await?;
    }
    let event = if again {
        "auth.challenge.resent"
    } else {
        "auth.challenge.sent"
    };
    tx.audit(
        record(scene, event, Outcome::Success, visitor)
            .with("method", device.method.as_str())
            .with("authenticator", device.id.as_str()),
    );
    Ok(None)
}

/// What the factor wants back when the answer comes, sealed.
fn remember(
    op: &Provider,
    scene: &Scene,
    device: &Authenticator,
    kept: &Kept,
    lifetime: Seconds,
) -> Result<Challenge, Trouble> {
    let id = op.entropy.id();
    let sealed = op
        .sealer
        .seal(&op.entropy, CHALLENGE_MEMORY, &id, kept.0.as_bytes())
        .map_err(super::provider::LoadError::from)?;
    Ok(Challenge {
        id,
        authorization: scene.authorization.id.clone(),
        authenticator: device.id.clone(),
        kept: sealed,
        created_at: scene.now,
        expires_at: scene.now.plus(lifetime),
    })
}
