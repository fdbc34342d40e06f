//! A telephone number: read, shown for confirmation, looked up, and only then a code goes out to it.

use super::{keep, not_offered, start};
use crate::base::encoding::base64url;
use crate::base::{AuthorizationId, Seconds};
use crate::factors::Wanted;
use crate::factors::phone::Number;
use crate::journey::provider::{LoadError, Provider};
use crate::journey::records::record;
use crate::journey::reply::{Complaint, Destination, Reply};
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::keys::SealError;
use crate::model::MfaCode;
use crate::model::audit::Outcome;
use crate::model::authenticator::FOUND_BY;
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
    // First of all whether anything may be set up here: nobody else has numbers looked up at the operator's cost.
    let mut tx = op.store.begin().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    if let Some(reply) = not_offered(op, &mut tx, &scene, visitor, method) {
        tx.commit().await?;
        return Ok(Dialled::Reply(reply));
    }
    drop(tx);
    let again = |code| Ok(Dialled::Reply(Reply::Again(Complaint::plain(op, code))));
    let rules = &scene.current.workspace.settings.phone;
    let number = match Number::read(typed, Some(rules.region())) {
        Ok(number) => number,
        Err(MfaCode::NumberNotTrusted) => return risk(op, &scene, visitor, MfaCode::NumberNotTrusted).await,
        Err(code) => return again(code),
    };
    if !confirmed {
        return Ok(Dialled::Confirm(number));
    }
    if let Some(complaint) = asked_too_often(op, &scene).await? {
        return Ok(Dialled::Reply(Reply::Again(complaint)));
    }
    if let Some(code) = untrusted(op, &scene, &number).await? {
        return risk(op, &scene, visitor, code).await;
    }
    dial(op, id, visitor, (method, number)).await
}

/// Numbers that one person may have judged within `NUMBER_WINDOW`.
const NUMBERS_PER_WINDOW: i64 = 10;
const NUMBER_WINDOW: Seconds = Seconds::hours(1);

/// Counted before anybody is asked about a number: a lookup costs the operator money, and "this number is another
/// account's" must not be asked of a whole exchange.
async fn asked_too_often(op: &Provider, scene: &Scene) -> Result<Option<Complaint>, Trouble> {
    let rules = &scene.current.workspace.settings.phone;
    if !rules.needs_lookup() && !rules.unique_numbers {
        return Ok(None);
    }
    let user = scene.user.as_ref().ok_or(Trouble::Unknown)?;
    let (window, left) = (scene.now.secs() / NUMBER_WINDOW.0, scene.now.secs() % NUMBER_WINDOW.0);
    let mut tx = op.store.begin().await?;
    let asked = tx.count_use(&ThrottleKey::numbers(&user.id, window), scene.now).await?;
    tx.commit().await?;
    Ok((asked > NUMBERS_PER_WINDOW).then(|| Complaint::wait(op, Seconds(NUMBER_WINDOW.0 - left))))
}

/// A code to a number that may be used.
async fn dial(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    (method, number): (Method, Number),
) -> Result<Dialled, Trouble> {
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

/// Why no code may go to this number: a line that the operator does not take, or a number of another account.
async fn untrusted(op: &Provider, scene: &Scene, number: &Number) -> Result<Option<MfaCode>, Trouble> {
    let rules = &scene.current.workspace.settings.phone;
    match op.lookup.allows(rules, number, scene.now).await {
        Ok(true) => {}
        Ok(false) => return Ok(Some(MfaCode::NumberNotTrusted)),
        // Nobody can say what kind of line it is: then it is not taken, and later is another try.
        Err(error) => {
            tracing::error!(%error, "a number could not be looked up");
            return Err(Trouble::Busy);
        }
    }
    let used = in_use(op, &mut op.store.view().await?, scene, number.e164.as_bytes()).await?;
    Ok(used.then_some(MfaCode::NumberInUse))
}

/// Does another account have this number, where the operator wants each to have one account (S38)?
pub(super) async fn in_use(op: &Provider, tx: &mut Tx, scene: &Scene, e164: &[u8]) -> Result<bool, Trouble> {
    if !scene.current.workspace.settings.phone.unique_numbers {
        return Ok(false);
    }
    let own = scene.user.as_ref().map(|u| &u.id);
    // Under every master key: a key that turned must not make a number free.
    for hash in op.sealer.keyed_hashes(FOUND_BY, e164).map_err(LoadError::from)? {
        let found = tx.authenticators_found_by(&base64url(&hash)).await?;
        if found.iter().any(|a| Some(&a.user) != own) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a number is found by among all accounts.
pub fn found_by(op: &Provider, e164: &[u8]) -> Result<String, SealError> {
    Ok(base64url(&op.sealer.keyed_hash(FOUND_BY, e164)?))
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
