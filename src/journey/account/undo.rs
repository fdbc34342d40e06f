//! "This was not me": whoever reads the person's letters takes a change back, once, without signing in
//! (800-63B-4 §4.6). It can only take away: nobody gets in by it.

use std::collections::BTreeMap;

use super::methods::pass_on;
use super::{commit, end_what_it_opened, hold};
use crate::base::encoding::hash_token;
use crate::base::{ReferenceId, Timestamp};
use crate::journey::notices::{self, Circumstances, Letter, Undo, read_ticket};
use crate::journey::provider::Provider;
use crate::journey::scene::Trouble;
use crate::journey::session_end;
use crate::journey::visitor::Visitor;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::{Authenticator, Purpose, User, UserStatus};
use crate::storage::Tx;

/// Why, in the log.
const REASON: &str = "its owner said: this was not me";

/// What a link would take back.
#[derive(Clone, Debug)]
pub struct Undoable {
    pub what: Undo,
    /// The authenticator that would be put aside, as it is called now.
    pub authenticator: Option<Authenticator>,
}

/// A link of a letter; `None` if it is unknown, expired or used, which nobody can tell apart.
pub async fn look(op: &Provider, token: &str) -> Result<Option<Undoable>, Trouble> {
    let mut view = op.store.view().await?;
    Ok(read(op, &mut view, token, op.now())
        .await?
        .map(|(_, undoable)| undoable))
}

async fn read(op: &Provider, tx: &mut Tx, token: &str, now: Timestamp) -> Result<Option<(User, Undoable)>, Trouble> {
    let Some(ticket) = tx.ticket(Purpose::Undo, &hash_token(token), now).await? else {
        return Ok(None);
    };
    let user = match &ticket.user {
        Some(id) => tx.user(id).await?.filter(|u| u.status != UserStatus::Closed),
        None => None,
    };
    let Some(user) = user else { return Ok(None) };
    let what: Undo = read_ticket(op, &ticket)?;
    let held = tx.authenticators(&user.id).await?;
    let authenticator = held.into_iter().find(|a| Some(&a.id) == what.authenticator.as_ref());
    Ok(Some((user, Undoable { what, authenticator })))
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Undone {
    pub done: Undoable,
    /// The old address is the account's again.
    pub email_restored: bool,
    /// For support.
    pub reference: ReferenceId,
}

/// The button. Of two presses one does it.
pub async fn undo(op: &Provider, token: &str, visitor: &Visitor) -> Result<Option<Undone>, Trouble> {
    let (now, mut tx) = (op.now(), op.store.begin().await?);
    let Some((owner, _)) = read(op, &mut tx, token, now).await? else {
        return Ok(None);
    };
    hold(&mut tx, &owner.id, now).await?;
    // Once more: another change, or another press, was first.
    let Some((mut user, done)) = read(op, &mut tx, token, now).await? else {
        return Ok(None);
    };
    if !tx.use_ticket(Purpose::Undo, &hash_token(token), now).await? {
        return Ok(None);
    }
    let reference = ReferenceId::random(&op.entropy);
    let record = |event: &str| {
        AuditRecord::new(event, Outcome::Success, now)
            .actor("user")
            .subject(&user.id)
            .ip(visitor.ip.as_deref())
            .reason(REASON)
            .reference(&reference)
            .with("what", done.what.what.as_str())
    };
    let (suspended, ended, restored) = (
        record("authenticator.suspended"),
        record("auth.session.ended"),
        record("email.changed"),
    );
    if let Some(a) = &done.authenticator {
        tx.suspend_authenticator(&user.id, &a.id).await?;
        end_what_it_opened(&mut tx, &user.id, &a.id, now).await?;
        let held = tx.authenticators(&user.id).await?;
        pass_on(&mut tx, &held, a).await?;
        tx.audit(
            suspended
                .with("method", a.method.as_str())
                .with("authenticator", a.id.as_str()),
        );
    }
    let email_restored = restore_email(&mut tx, &mut user, &done.what).await?;
    if email_restored {
        tx.audit(restored);
    }
    // Whoever made the change had got in: everything that is open ends, on every browser and at every partner.
    session_end::end_access(op, &mut tx, &user.id, now).await?;
    tx.forget_browsers(&user.id).await?;
    tx.audit(ended);
    tell(op, &mut tx, &user, visitor, &done).await?;
    commit(op, tx).await?;
    Ok(Some(Undone {
        done,
        email_restored,
        reference,
    }))
}

/// `false` where there is none to restore, or somebody else has it by now.
async fn restore_email(tx: &mut Tx, user: &mut User, what: &Undo) -> Result<bool, Trouble> {
    let Some(old) = what.email.clone() else {
        return Ok(false);
    };
    let restored = User {
        email: Some(old),
        // The letter that was opened went to that address.
        email_verified: true,
        ..user.clone()
    };
    let saved = tx.save_user(&restored).await?;
    if saved {
        *user = restored;
    }
    Ok(saved)
}

async fn tell(op: &Provider, tx: &mut Tx, user: &User, visitor: &Visitor, done: &Undoable) -> Result<(), Trouble> {
    let named = done.authenticator.as_ref();
    let letter = Letter {
        key: "undone",
        args: BTreeMap::from([
            ("method", named.map(|a| a.method.to_string()).unwrap_or_default()),
            ("nickname", named.map(|a| a.label().to_owned()).unwrap_or_default()),
        ]),
        facts: Some(Circumstances::of(op.now(), visitor, None)),
        ..Letter::default()
    };
    let again = Undo {
        what: "undone".to_owned(),
        ..Undo::default()
    };
    notices::tell(op, tx, user, letter, again).await
}
