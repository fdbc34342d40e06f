//! What people change about their own account, and how they make one or get back into one: one function, one
//! transaction, one letter each.
//! Every change asks again, inside its transaction, whether whoever sent the form may make it.

pub mod access;
pub mod closing;
pub mod email;
pub mod mailed;
pub mod methods;
pub mod operator;
pub mod partners;
pub mod password;
pub mod passwords;
pub mod profile;
pub mod recovery;
pub mod registration;
pub mod sessions;
pub mod undo;

use std::collections::BTreeMap;

use super::errands::{self, Gate};
use super::notices::{Circumstances, Letter};
use super::provider::Provider;
use super::reply::Complaint;
use super::scene::{Scene, Trouble, live_session};
use super::visitor::Visitor;
use crate::base::{AuthenticatorId, ReferenceId, Timestamp, UserId};
use crate::factors::password::rules::PasswordRefusal;
use crate::model::throttle::ThrottleKey;
use crate::model::{Authenticator, Session, User};
use crate::storage::{self, Tx};

/// Whoever may make a change, in the transaction that makes it. Two changes of one person wait for each other, so that
/// what one of them relies on ("another method is left") is still so when it is written.
pub async fn changing(op: &Provider, visitor: &Visitor, gate: Gate) -> Result<(Tx, Scene, User), Trouble> {
    let mut tx = op.store.begin().await?;
    let owner = alone(op, &mut tx, visitor, gate).await?.ok_or(Trouble::Unknown)?;
    Ok((tx, owner.scene, owner.user))
}

/// What was changed, and the letters about it.
pub(super) async fn commit(op: &Provider, tx: Tx) -> Result<(), storage::Error> {
    tx.commit().await?;
    op.outbox.notify_one();
    Ok(())
}

/// Holds the person's methods until the commit: the same row that guesses at their codes hold.
pub(super) async fn hold(tx: &mut Tx, user: &UserId, now: Timestamp) -> Result<(), storage::Error> {
    tx.hold_throttle(&ThrottleKey::account(user), now).await.map(drop)
}

/// The person as they are once nobody else changes them: whoever writes back what was read before has undone what came
/// between, a withheld power to sign for instance.
pub async fn held(tx: &mut Tx, user: &UserId, now: Timestamp) -> Result<Option<User>, storage::Error> {
    hold(tx, user, now).await?;
    tx.user(user).await
}

/// Ends what was opened with an authenticator that counts no more: codes and tokens whose evidence it is. What it
/// proved in sessions is forgotten by whoever reads them (`Scene::forget_what_is_gone`).
pub async fn end_what_it_opened(
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
pub fn letter(key: &'static str, a: &Authenticator, at: Timestamp, visitor: &Visitor) -> Letter {
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

/// What a form of the account leads to.
#[derive(Debug)]
pub enum Answer {
    Done,
    /// The gate is closed: a sign-in stands before it.
    Shut,
    /// Nothing was changed, and why.
    Refused(Refusal),
}

/// Why a form was refused, in the person's terms.
#[derive(Debug)]
pub enum Refusal {
    Complaint(Complaint),
    Mistake(Mistake, ReferenceId),
    /// A new password, and what is wrong with it.
    Password(PasswordRefusal, ReferenceId),
}

/// What can be put right by typing or choosing something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Too long, or with characters that cannot be seen.
    Name,
    /// Confirmed by the operator: not for its owner to change.
    NameConfirmed,
    Language,
    Address,
    /// It is the account's verified address already.
    SameAddress,
    /// The box that says "I understand" was left open.
    Unconfirmed,
    /// What was to be ended or taken back is not there (any more), or is not this person's.
    Gone,
}

impl Mistake {
    pub fn refuse(self, op: &Provider) -> Answer {
        let reference = ReferenceId::random(&op.entropy);
        tracing::info!(%reference, mistake = ?self, "a form of the account was refused");
        Answer::Refused(Refusal::Mistake(self, reference))
    }
}

fn complain(complaint: Complaint) -> Answer {
    Answer::Refused(Refusal::Complaint(complaint))
}

/// Somebody who is through the gate of their own account.
struct Owner {
    scene: Scene,
    user: User,
    session: Session,
}

/// Through the gate, and alone: of two changes at once the second sees what the first has done, so that somebody
/// whose session has just been ended from elsewhere cannot finish what they had begun.
async fn alone(op: &Provider, tx: &mut Tx, visitor: &Visitor, gate: Gate) -> Result<Option<Owner>, Trouble> {
    let Some(session) = live_session(tx, visitor, op.now()).await? else {
        return Ok(None);
    };
    hold(tx, &session.user, op.now()).await?;
    let Some(scene) = errands::pass(op, tx, visitor, gate).await? else {
        return Ok(None);
    };
    Ok(match (scene.user.clone(), scene.session.clone()) {
        (Some(user), Some(session)) => Some(Owner { scene, user, session }),
        _ => None,
    })
}
