//! A new password, or a first one (800-63B-4 §3.1.1): whoever knew the old one loses what it has opened.

use super::passwords::{Measure, hashed, put};
use super::{Answer, Owner, Refusal, alone};
use crate::base::{ReferenceId, Secret};
use crate::journey::enrolment::after_recovery;
use crate::journey::errands::{Gate, pass};
use crate::journey::notices::{self, Circumstances, Letter, Undo};
use crate::journey::provider::Provider;
use crate::journey::records::record;
use crate::journey::scene::Trouble;
use crate::journey::session_end;
use crate::journey::visitor::Visitor;
use crate::model::audit::Outcome;
use crate::policy::Method;
use crate::storage::Tx;

pub async fn change(op: &Provider, visitor: &Visitor, given: Secret<String>) -> Result<Answer, Trouble> {
    let Some(scene) = pass(op, &mut op.store.view().await?, visitor, Gate::Changing).await? else {
        return Ok(Answer::Shut);
    };
    let measure = scene.user.as_ref().map(|u| Measure::of(op, u)).unwrap_or_default();
    let (hashed, turn) = hashed(op, visitor, &given, measure).await?;
    let hashed = match hashed {
        Ok(hashed) => hashed,
        Err(refusal) => {
            return Ok(Answer::Refused(Refusal::Password(
                refusal,
                ReferenceId::random(&op.entropy),
            )));
        }
    };
    let mut tx = op.store.begin().await?;
    // Once more: the session may have been ended while the hash was computed.
    let Some(mut owner) = alone(op, &mut tx, visitor, Gate::Changing).await? else {
        return Ok(Answer::Shut);
    };
    let old = owner.scene.authenticators.iter().find(|a| a.method == Method::Password);
    let event = old.map_or("password.set", |_| "password.changed");
    put(op, &mut tx, &owner.user, old, &hashed).await?;
    after_recovery(&mut tx, &owner.scene, &mut owner.user).await?;
    end_the_rest(op, &mut tx, &owner).await?;
    tx.audit(record(&owner.scene, event, Outcome::Success, visitor));
    tell(op, &mut tx, &owner, visitor).await?;
    tx.commit().await?;
    drop(turn);
    op.outbox.notify_one();
    Ok(Answer::Done)
}

/// Other sessions, all that was granted in them, offline access included, and remembered browsers.
async fn end_the_rest(op: &Provider, tx: &mut Tx, owner: &Owner) -> Result<(), Trouble> {
    let (user, kept, now) = (&owner.user.id, &owner.session.id, owner.scene.now);
    session_end::end_others(op, tx, user, kept, now).await?;
    tx.forget_browsers(user).await?;
    Ok(())
}

async fn tell(op: &Provider, tx: &mut Tx, owner: &Owner, visitor: &Visitor) -> Result<(), Trouble> {
    let letter = Letter {
        key: "password-changed",
        facts: Some(Circumstances::of(owner.scene.now, visitor, None)),
        ..Letter::default()
    };
    let undo = Undo {
        what: letter.key.to_owned(),
        ..Undo::default()
    };
    notices::tell(op, tx, &owner.user, letter, undo).await
}
