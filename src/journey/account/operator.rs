//! What an operator does for somebody at the desk: confirms who it is, or takes their second methods away.

use std::collections::BTreeMap;

use super::held;
use crate::base::UserId;
use crate::journey::notices::{self, Letter, Undo};
use crate::journey::provider::Provider;
use crate::journey::scene::Trouble;
use crate::journey::session_end;
use crate::journey::visitor::Visitor;
use crate::model::audit::{AuditRecord, Outcome};
use crate::policy::Method;
use crate::storage::Tx;

/// Somebody has shown who they are. After a recovery this gives the power to sign back (21 CFR 1311.105).
pub async fn confirm_identity(op: &Provider, tx: &mut Tx, id: &UserId) -> Result<(), Trouble> {
    let mut user = held(tx, id, op.now()).await?.ok_or(Trouble::Unknown)?;
    user.standing.identity_confirmed_at = Some(op.now());
    tx.save_user(&user).await?;
    tx.audit(
        AuditRecord::new("identity.confirmed", Outcome::Success, op.now())
            .actor("operator")
            .subject(&user.id),
    );
    Ok(())
}

/// Removes everything but the password and ends what is open. The account can set up new methods with the password
/// alone then, so it may sign nothing until somebody confirms again who it is: a reset is no way around a second factor.
/// Answers how many were removed.
pub async fn reset_mfa(op: &Provider, tx: &mut Tx, id: &UserId) -> Result<usize, Trouble> {
    let now = op.now();
    let mut user = held(tx, id, now).await?.ok_or(Trouble::Unknown)?;
    user.standing.signing_withheld_at = Some(now);
    user.standing.preferred = None;
    tx.save_user(&user).await?;
    let letter = Letter {
        key: "mfa-reset",
        args: BTreeMap::new(),
        facts: Some(notices::Circumstances::of(now, &Visitor::default(), None)),
        ..Letter::default()
    };
    let undo = Undo {
        what: "mfa-reset".to_owned(),
        ..Undo::default()
    };
    // Told while the numbers are still there (800-63B-4 §4.6).
    notices::tell(op, tx, &user, letter, undo).await?;
    let held = tx.authenticators(&user.id).await?;
    let gone: Vec<_> = held.into_iter().filter(|a| a.method != Method::Password).collect();
    for a in &gone {
        tx.remove_authenticator(&user.id, &a.id).await?;
    }
    session_end::end_access(op, tx, &user.id, now).await?;
    tx.forget_browsers(&user.id).await?;
    tx.audit(
        AuditRecord::new("admin.user_mfa_reset", Outcome::Success, now)
            .actor("operator")
            .subject(&user.id)
            .with("removed", gone.len()),
    );
    Ok(gone.len())
}
