//! The end of an account: its owner is told, and nothing of it opens anything any more (S55; 800-63B-4 §4.4).

use super::{Answer, Mistake, alone, commit};
use crate::journey::errands::Gate;
use crate::journey::notices::{self, Circumstances, Letter};
use crate::journey::provider::Provider;
use crate::journey::records::record;
use crate::journey::scene::Trouble;
use crate::journey::session_end;
use crate::journey::visitor::Visitor;
use crate::model::UserStatus;
use crate::model::audit::Outcome;

/// The name and the address stay with the closed account: nobody can take them at once and be believed to be the person
/// who had them.
pub async fn close(op: &Provider, visitor: &Visitor, understood: bool) -> Result<Answer, Trouble> {
    let mut tx = op.store.begin().await?;
    let Some(owner) = alone(op, &mut tx, visitor, Gate::Changing).await? else {
        return Ok(Answer::Shut);
    };
    if !understood {
        return Ok(Mistake::Unconfirmed.refuse(op));
    }
    let (user, now) = (&owner.user, owner.scene.now);
    // Told first, while its numbers can still be read. No link takes it back: a mailbox alone must not open an account
    // whose authenticators are gone.
    let letter = Letter {
        key: "account-closed",
        facts: Some(Circumstances::of(now, visitor, None)),
        ..Letter::default()
    };
    notices::inform(op, &mut tx, user, &letter).await?;
    if !tx.set_user_status(&user.id, UserStatus::Closed, now).await? {
        return Err(Trouble::Busy);
    }
    session_end::end_access(op, &mut tx, &user.id, now).await?;
    tx.strip_account(&user.id).await?;
    tx.audit(record(&owner.scene, "account.closed", Outcome::Success, visitor));
    commit(op, tx).await?;
    Ok(Answer::Done)
}
