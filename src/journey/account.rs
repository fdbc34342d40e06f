//! What people change about their own account: one function, one transaction, one letter each.
//! Every change asks again, inside its transaction, whether whoever sent the form may make it.

pub mod methods;
pub mod operator;
pub mod partners;
pub mod undo;

use std::collections::BTreeMap;

use super::errands::{self, Gate};
use super::notices::{Circumstances, Letter};
use super::provider::Provider;
use super::reply::Complaint;
use super::scene::{Scene, Trouble, live_session};
use super::visitor::Visitor;
use crate::base::{AuthenticatorId, Timestamp, UserId};
use crate::model::throttle::ThrottleKey;
use crate::model::{Authenticator, User};
use crate::storage::{self, Tx};

/// What came of a form.
#[derive(Debug)]
pub enum Change {
    Done,
    /// Nothing was changed, and why.
    Refused(Complaint),
}

/// Whoever may make a change, in the transaction that makes it. Two changes of one person wait for each other, so that
/// what one of them relies on ("another method is left") is still so when it is written.
pub async fn changing(op: &Provider, visitor: &Visitor, gate: Gate) -> Result<(Tx, Scene, User), Trouble> {
    let mut tx = op.store.begin().await?;
    let session = live_session(&mut tx, visitor, op.now())
        .await?
        .ok_or(Trouble::Unknown)?;
    hold(&mut tx, &session.user, op.now()).await?;
    let scene = errands::pass(op, &mut tx, visitor, gate)
        .await?
        .ok_or(Trouble::Unknown)?;
    let user = scene.user.clone().ok_or(Trouble::Unknown)?;
    Ok((tx, scene, user))
}

/// Holds the person's methods until the commit: the same row that guesses at their codes hold.
pub(super) async fn hold(tx: &mut Tx, user: &UserId, now: Timestamp) -> Result<(), storage::Error> {
    tx.hold_throttle(&ThrottleKey::account(user), now).await.map(drop)
}

/// Ends what was opened with an authenticator that counts no more: codes and tokens whose evidence it is. What it
/// proved in sessions is forgotten by whoever reads them (`Scene::forget_what_is_gone`).
pub(super) async fn end_what_it_opened(
    tx: &mut Tx,
    user: &UserId,
    id: &AuthenticatorId,
    now: Timestamp,
) -> Result<(), storage::Error> {
    for grant in tx.live_grants(user, now).await? {
        if grant.frozen.events.iter().any(|e| e.authenticator == *id) {
            tx.revoke_grant(&grant.id, now).await?;
        }
    }
    Ok(())
}

/// A letter about one authenticator.
pub(super) fn letter(key: &'static str, a: &Authenticator, at: Timestamp, visitor: &Visitor) -> Letter {
    Letter {
        key,
        args: BTreeMap::from([
            ("method", a.method.as_str().to_owned()),
            ("nickname", a.label().to_owned()),
        ]),
        facts: Some(Circumstances::of(at, visitor, None)),
        ..Letter::default()
    }
}
