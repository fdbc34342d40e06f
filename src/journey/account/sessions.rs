//! Where somebody is signed in, and the end of it.

use super::{Answer, Mistake, Owner, alone, commit};
use crate::base::SessionId;
use crate::journey::errands::Gate;
use crate::journey::provider::Provider;
use crate::journey::records::record;
use crate::journey::scene::Trouble;
use crate::journey::session_end;
use crate::journey::visitor::Visitor;
use crate::model::audit::Outcome;
use crate::storage::Tx;

/// One session, in this browser or in another. Somebody else's is told from one that is over by nothing.
pub async fn end_one(op: &Provider, visitor: &Visitor, id: &str) -> Result<Answer, Trouble> {
    let mut tx = op.store.begin().await?;
    let Some(owner) = alone(op, &mut tx, visitor, Gate::SignedIn).await? else {
        return Ok(Answer::Shut);
    };
    let id = SessionId::new(id);
    if !tx.end_own_session(&owner.user.id, &id, owner.scene.now).await? {
        return Ok(Mistake::Gone.refuse(op));
    }
    ended(op, &mut tx, &owner, visitor, &id).await?;
    commit(op, tx).await?;
    Ok(Answer::Done)
}

/// All but this one.
pub async fn end_others(op: &Provider, visitor: &Visitor) -> Result<Answer, Trouble> {
    let mut tx = op.store.begin().await?;
    let Some(owner) = alone(op, &mut tx, visitor, Gate::SignedIn).await? else {
        return Ok(Answer::Shut);
    };
    let now = owner.scene.now;
    for id in tx.end_other_sessions(&owner.user.id, &owner.session.id, now).await? {
        ended(op, &mut tx, &owner, visitor, &id).await?;
    }
    commit(op, tx).await?;
    Ok(Answer::Done)
}

/// With a session goes what partners hold of it.
async fn ended(op: &Provider, tx: &mut Tx, owner: &Owner, visitor: &Visitor, id: &SessionId) -> Result<(), Trouble> {
    session_end::ended(op, tx, &owner.user.id, id, owner.scene.now).await?;
    tx.audit(
        record(&owner.scene, "auth.session.ended", Outcome::Success, visitor)
            .reason("ended by its owner")
            .with("session", id.as_str()),
    );
    Ok(())
}

/// No browser is remembered any more.
pub async fn forget_browsers(op: &Provider, visitor: &Visitor) -> Result<Answer, Trouble> {
    let mut tx = op.store.begin().await?;
    let Some(owner) = alone(op, &mut tx, visitor, Gate::SignedIn).await? else {
        return Ok(Answer::Shut);
    };
    let forgotten = tx.forget_browsers(&owner.user.id).await?;
    if forgotten > 0 {
        let forgotten = i64::try_from(forgotten).unwrap_or(i64::MAX);
        tx.audit(record(&owner.scene, "auth.browser.forgotten", Outcome::Success, visitor).with("browsers", forgotten));
    }
    tx.commit().await?;
    Ok(Answer::Done)
}
