//! What a phone's answer makes of a backchannel request, in the transaction of the answer: nobody else waits to claim it.

use super::person::{about, event, in_memory};
use super::ping;
use crate::journey::issue;
use crate::journey::provider::Provider;
use crate::journey::records::factor_record;
use crate::journey::scene::{Scene, Trouble};
use crate::journey::subjects;
use crate::journey::visitor::Visitor;
use crate::model::audit::Outcome;
use crate::model::deferred::{COLLECT, DeferredState, Kind, grant_key};
use crate::model::push_request::PushRequest;
use crate::model::throttle::ThrottleKey;
use crate::model::{Authenticator, Authorization, Deferred};
use crate::policy::{Assurance, Decision, Proof};
use crate::storage::Tx;

/// The request that this ceremony answers; `None`: a browser waits for the answer, or nobody does any more.
async fn waiting(
    op: &Provider,
    tx: &mut Tx,
    authorization: &Authorization,
    hash: &str,
) -> Result<Option<Deferred>, Trouble> {
    let found = tx.deferred(hash).await?.filter(|d| d.kind == Kind::Backchannel);
    let Some(found) = found else { return Ok(None) };
    // Exactly one answer ends it.
    let ended = tx.finish_authorization(&authorization.id, op.now()).await?;
    Ok(ended.then_some(found))
}

/// The person denied, or could not be believed.
pub async fn declined(
    op: &Provider,
    tx: &mut Tx,
    authorization: &Authorization,
    (hash, why): (&str, &str),
) -> Result<(), Trouble> {
    match waiting(op, tx, authorization, hash).await? {
        Some(asked) => deny(op, tx, &asked, why).await,
        None => Ok(()),
    }
}

async fn deny(op: &Provider, tx: &mut Tx, asked: &Deferred, why: &str) -> Result<(), Trouble> {
    let now = op.now();
    tx.settle_deferred(&asked.hash, DeferredState::Denied, Some(why), now)
        .await?;
    ping::send(op, tx, asked, now).await
}

/// The person approved: policy decides over what the phone has proved, and nothing else.
pub async fn approved(
    op: &Provider,
    tx: &mut Tx,
    authorization: &Authorization,
    hash: &str,
    (device, request, proof): (&Authenticator, &PushRequest, &Proof),
) -> Result<(), Trouble> {
    let Some(asked) = waiting(op, tx, authorization, hash).await? else {
        return Ok(());
    };
    let mut scene = Scene::gather(op, tx, authorization.clone(), &Visitor::default()).await?;
    let used = tx.use_request(&request.id).await? && tx.use_authenticator(&device.id, None, scene.now).await?;
    if !used || scene.user.is_none() {
        return deny(op, tx, &asked, "the person may no longer sign in").await;
    }
    for key in [
        ThrottleKey::account(&device.user),
        ThrottleKey::authenticator(&device.id),
    ] {
        tx.clear_failures(&key).await?;
    }
    let event = event(op, &scene, device, (proof.clone(), scene.now));
    let nobody = Visitor::default();
    tx.audit(
        factor_record(&scene, "auth.factor.succeeded", Outcome::Success, &nobody, device)
            .with("event", event.id.as_str()),
    );
    scene.session = Some(in_memory(op, &device.user, event));
    // As it is now: the policy, the device and the person may have changed since the phone was asked.
    scene.forget_what_is_gone();
    match scene.decision(false) {
        Decision::Satisfied(assurance) => grant(op, tx, &scene, (&asked, &assurance)).await,
        decision => {
            tx.audit(about(&scene, "acr.unmet", Outcome::Refused).reason(format!("{decision:?}")));
            deny(op, tx, &asked, "what the phone has proved does not suffice").await
        }
    }
}

async fn grant(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    (asked, assurance): (&Deferred, &Assurance),
) -> Result<(), Trouble> {
    let now = scene.now;
    if !tx
        .settle_deferred(&asked.hash, DeferredState::Granted, None, now)
        .await?
    {
        return Ok(());
    }
    let mut grant = issue::new_grant(op, scene, assurance)?;
    grant.frozen.browserless = true;
    let until = asked.expires_at.max(now.plus(COLLECT));
    tx.create_grant(&grant, &grant_key(&asked.hash), until).await?;
    subjects::remember(op, tx, &scene.client, &grant.user).await?;
    tx.audit(issue::satisfied(scene, &Visitor::default(), assurance, &grant));
    // The phone named the partner, and whoever approves there consents to what it asks this time. It is not remembered: the
    // phone does not list the scopes.
    let scope: Vec<&str> = asked.request.scope.iter().collect();
    tx.audit(about(scene, "consent.granted", Outcome::Success).with("scope", scope.join(" ")));
    ping::send(op, tx, asked, now).await
}
