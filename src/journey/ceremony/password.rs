//! A name and a password: in the hashing queue's turn, and telling nothing about who is there.

use super::{Tried, settle, unseal};
use crate::base::{AuthorizationId, Secret};
use crate::factors::{Answer, Cx, Factor, Verdict, password};
use crate::journey::hasher::Turn;
use crate::journey::provider::Provider;
use crate::journey::records::record;
use crate::journey::reply::{Complaint, Reply};
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::model::audit::Outcome;
use crate::model::throttle::{Throttle, ThrottleKey};
use crate::model::{Authenticator, AuthenticatorStatus, Stage, User};
use crate::policy::Method;
use crate::storage::Tx;
use std::sync::Arc;

/// A name and a password. Whoever is not there costs as much as who is, and is told the same.
pub async fn password(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    typed_name: Option<&str>,
    given: Secret<String>,
) -> Result<Reply, Trouble> {
    let (scene, keys) = who(op, id, visitor, typed_name).await?;
    if let Some(reply) = paused(op, &mut op.store.view().await?, &keys).await? {
        return Ok(reply);
    }
    let turn = op.hasher.turn(visitor.ip.as_deref()).await?;
    // Once more: those who were ahead in the queue may have used the last try.
    if let Some(reply) = paused(op, &mut op.store.view().await?, &keys).await? {
        return Ok(reply);
    }
    let authenticator = active_password(&scene);
    let ((verdict, rehashed), turn) = hash(op, turn, &scene, authenticator.as_ref(), given).await?;
    let mut tx = op.store.begin().await?;
    let mut now = Scene::load(op, &mut tx, id, visitor).await?;
    // Another tab may have brought it to somebody else meanwhile: then this was not asked any more.
    if now.authorization.stage != scene.authorization.stage || now.authorization.expired(now.now) {
        return Ok(Reply::GoOn);
    }
    if let Some(user) = scene.user.as_ref().map(|u| u.id.clone()) {
        now.meet(&mut tx, &user).await?;
    }
    let reply = match (&authenticator, active_password(&now)) {
        // Not one that was replaced or switched off while the hash was computed.
        (Some(a), Some(still)) if (&a.id, &a.secret) == (&still.id, &still.secret) => {
            let tried = Tried {
                authenticator: a,
                keys,
                verdict,
                rehashed,
            };
            settle(op, &mut tx, &mut now, visitor, tried).await?
        }
        _ => nobody(op, &mut tx, &now, visitor, &keys).await?,
    };
    tx.commit().await?;
    drop(turn);
    Ok(reply)
}

/// The scene with whoever has the typed name, and whose failures are counted.
async fn who(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    typed: Option<&str>,
) -> Result<(Scene, Vec<ThrottleKey>), Trouble> {
    let mut view = op.store.view().await?;
    let mut scene = Scene::load(op, &mut view, id, visitor).await?;
    let key = User::key(&login_name(&scene, typed));
    if scene.user.is_none()
        && let Some(user) = view.user_by_login(&key).await?
    {
        scene.meet(&mut view, &user.id).await?;
    }
    let canonical = scene
        .user
        .as_ref()
        .map_or_else(|| key.clone(), |u| User::key(&u.username));
    let known = scene.session.is_some() || visitor.knows(op, &canonical);
    // What is shown hangs on what was typed, so that a pause does not tell which names are one person's.
    let mut keys = match known {
        true => vec![ThrottleKey::known_login(&canonical)],
        false => vec![ThrottleKey::login(&key)],
    };
    if !known && key != canonical {
        keys.push(ThrottleKey::login(&canonical));
    }
    Ok((scene, keys))
}

fn active_password(scene: &Scene) -> Option<Authenticator> {
    let usable = |a: &&Authenticator| a.method == Method::Password && a.status == AuthenticatorStatus::Active;
    scene.authenticators.iter().find(usable).cloned()
}

async fn paused(op: &Provider, tx: &mut Tx, keys: &[ThrottleKey]) -> Result<Option<Reply>, Trouble> {
    for key in keys {
        if let Some(wait) = tx.throttle(key).await?.wait(op.now()) {
            let complaint = Complaint::wait(op, wait);
            tracing::info!(reference = %complaint.reference, "a sign-in was tried during a pause");
            return Ok(Some(Reply::Again(complaint)));
        }
    }
    Ok(None)
}

fn login_name(scene: &Scene, typed: Option<&str>) -> String {
    match (&scene.authorization.stage, typed) {
        (Stage::Bound { .. }, _) => scene.user.as_ref().map(|u| u.username.clone()).unwrap_or_default(),
        (_, Some(name)) if !name.trim().is_empty() => name.to_owned(),
        (Stage::Named { name, .. }, _) => name.clone(),
        (Stage::Asked, _) => String::new(),
    }
}

/// The verdict, and a new hash where the stored one is not as we would make it today.
async fn hash(
    op: &Provider,
    turn: Turn,
    scene: &Scene,
    authenticator: Option<&Authenticator>,
    given: Secret<String>,
) -> Result<((Verdict, Option<String>), Turn), Trouble> {
    let credential = authenticator.and_then(|a| unseal(op, a));
    let (now, site) = (op.now(), op.site(&scene.current.workspace));
    let (entropy, models) = (op.entropy, Arc::clone(&op.models));
    let work = move || {
        let Some(credential) = credential else {
            password::pretend(given.expose());
            return (Verdict::Wrong, None);
        };
        let old = password::is_outdated(&credential);
        if old {
            // Another scheme takes another time, which would tell that somebody has this name.
            password::pretend(given.expose());
        }
        let cx = Cx {
            now,
            entropy: &entropy,
            site: &site,
            models: &models,
        };
        let verdict = password::Password.check(&cx, None, &credential, &[], &Answer::Password(given.clone()));
        let renew = old && matches!(verdict, Verdict::Proved(_));
        (verdict, renew.then(|| password::hash(&entropy, &given).ok()).flatten())
    };
    Ok(op.hasher.run(turn, work).await?)
}

/// A wrong name: counted like a wrong password.
async fn nobody(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    keys: &[ThrottleKey],
) -> Result<Reply, Trouble> {
    let mut worst = Throttle::default();
    for key in keys {
        if let Some(wait) = tx.hold_throttle(key, scene.now).await?.wait(scene.now) {
            return Ok(Reply::Again(Complaint::wait(op, wait)));
        }
        worst = worst.worse(tx.count_failure(key, scene.now).await?);
    }
    let complaint = Complaint::wrong(op, &worst, scene.now);
    let event = if complaint.wait.is_some() {
        "auth.factor.throttled"
    } else {
        "auth.factor.failed"
    };
    let record = record(scene, event, Outcome::Failure, visitor)
        .reason("no such user, or no usable password")
        .reference(&complaint.reference)
        .with("method", Method::Password.as_str());
    tx.audit(record);
    Ok(Reply::Again(complaint))
}
