//! A telephone number: read, shown for confirmation, looked up, and only then a code goes out to it.

use super::{keep, not_offered, start};
use crate::base::AuthorizationId;
use crate::factors::Wanted;
use crate::factors::phone::Number;
use crate::journey::provider::Provider;
use crate::journey::records::record;
use crate::journey::reply::{Complaint, Destination, Reply};
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::model::MfaCode;
use crate::model::audit::Outcome;
use crate::model::challenge::{SEND_WINDOW, SENDS_PER_WINDOW};
use crate::model::throttle::ThrottleKey;
use crate::policy::Method;
use crate::storage::Tx;

/// What a typed number leads to.
pub enum Dialled {
    /// Shown as it was understood, before anything is sent (S46).
    Confirm(Number),
    Reply(Reply),
}

/// A number that was typed; `confirmed` once its owner has seen how it was understood.
pub async fn number(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    (method, typed): (Method, &str),
    confirmed: bool,
) -> Result<Dialled, Trouble> {
    let mut view = op.store.view().await?;
    let scene = Scene::load(op, &mut view, id, visitor).await?;
    drop(view);
    let number = match Number::parse(typed) {
        Ok(number) => number,
        Err(_) => {
            return Ok(Dialled::Reply(Reply::Again(Complaint::plain(
                op,
                MfaCode::NumberInvalid,
            ))));
        }
    };
    if let Some(code) = untrusted(op, &scene, &number).await? {
        return risk(op, &scene, visitor, code).await;
    }
    if !confirmed {
        return Ok(Dialled::Confirm(number));
    }
    let mut tx = op.store.begin().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    if let Some(reply) = not_offered(op, &mut tx, &scene, visitor, method) {
        tx.commit().await?;
        return Ok(Dialled::Reply(reply));
    }
    if let Some(complaint) = too_many(op, &mut tx, &scene).await? {
        return Ok(Dialled::Reply(Reply::Again(complaint)));
    }
    let started = match start(op, &scene, method, &Wanted::Number(number)) {
        Ok(started) => started,
        Err(code) => return Ok(Dialled::Reply(Reply::Again(Complaint::plain(op, code)))),
    };
    keep(op, &mut tx, &scene, visitor, (method, started)).await?;
    tx.commit().await?;
    op.outbox.notify_one();
    Ok(Dialled::Reply(Reply::Show(Destination::Enrol(method))))
}

/// Why no code may go to this number.
async fn untrusted(_op: &Provider, _scene: &Scene, _number: &Number) -> Result<Option<MfaCode>, Trouble> {
    Ok(None)
}

async fn risk(op: &Provider, scene: &Scene, visitor: &Visitor, code: MfaCode) -> Result<Dialled, Trouble> {
    let complaint = Complaint::plain(op, code);
    let mut tx = op.store.begin().await?;
    tx.audit(
        record(scene, "phone.risk_refused", Outcome::Refused, visitor)
            .reason(code.as_str())
            .reference(&complaint.reference),
    );
    tx.commit().await?;
    Ok(Dialled::Reply(Reply::Again(complaint)))
}

/// Messages cost money and patience: a person's set-ups send no more than their sign-ins may.
pub(super) async fn too_many(op: &Provider, tx: &mut Tx, scene: &Scene) -> Result<Option<Complaint>, Trouble> {
    let Some(user) = &scene.user else {
        return Err(Trouble::Unknown);
    };
    // Holding the counter also makes two sends at once wait for each other.
    let key = ThrottleKey::account(&user.id);
    if let Some(wait) = tx.hold_throttle(&key, scene.now).await?.wait(scene.now) {
        return Ok(Some(Complaint::wait(op, wait)));
    }
    let sent = tx.enrolment_sends_since(&user.id, scene.now.minus(SEND_WINDOW)).await?;
    Ok((sent >= SENDS_PER_WINDOW).then(|| Complaint::wait(op, SEND_WINDOW)))
}
