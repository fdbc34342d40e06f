//! What people change about their own account: one function each, one transaction, recorded, and told to their owner.
//! Each stands behind the gate of its page and looks at it again, in the transaction that writes.

pub mod access;
pub mod closing;
pub mod email;
pub mod password;
pub mod profile;
pub mod sessions;

use super::errands::{Gate, pass};
use super::provider::Provider;
use super::reply::Complaint;
use super::scene::{Scene, Trouble, live_session};
use super::visitor::Visitor;
use crate::base::ReferenceId;
use crate::model::throttle::ThrottleKey;
use crate::model::{Session, User};
use crate::storage::Tx;

/// What a form of the account leads to.
#[derive(Debug)]
pub enum Answer {
    Done,
    /// The gate is closed: a sign-in stands before it.
    Shut,
    Refused(Refusal),
}

/// Why a form was refused, in the person's terms.
#[derive(Debug)]
pub enum Refusal {
    Complaint(Complaint),
    Mistake(Mistake, ReferenceId),
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
    PasswordShort,
    PasswordLong,
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
    tx.hold_throttle(&ThrottleKey::account(&session.user), op.now()).await?;
    let Some(scene) = pass(op, tx, visitor, gate).await? else {
        return Ok(None);
    };
    Ok(match (scene.user.clone(), scene.session.clone()) {
        (Some(user), Some(session)) => Some(Owner { scene, user, session }),
        _ => None,
    })
}
