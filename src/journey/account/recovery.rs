//! A forgotten password (800-63B-4 §4.2).
//!
//! ```text
//!   address typed ── letter ──► code or link ──► has the account anything beside the password?
//!                                                   no:  a new password
//!                                                   yes: one of those is proved ──► a new password
//! ```
//! §4.2.2 wants two different things before an account at AAL2 is given back: the code that was mailed, and an
//! authenticator that is still bound (a saved recovery code among them). The second is proved on the pages of a sign-in,
//! by the same ceremony, throttles and records as any other: `Errand::Recover` demands it. That such an errand exists is
//! the whole of what the mailed code is worth; it leaves no factor event, so nothing that policy decides can rest on it
//! (§3.1.3.1). The errand belongs to the browser in which the code was typed or the link opened, to one person, and to
//! one ticket, which is used up with the password that it sets.
//!
//! What comes back is the account, not the power to sign: see `Standing::signing_withheld_at`.

use std::collections::BTreeMap;

use super::commit;
use super::mailed::{self, Opened, Post, Says, Tried};
use super::passwords::{self, Measure};
use crate::base::{AuthorizationId, Secret, UserId};
use crate::factors::password::rules::PasswordRefusal;
use crate::journey::authorize::{Begun as Entered, NotBegun};
use crate::journey::notices::{self, Circumstances, Letter, Undo};
use crate::journey::provider::Provider;
use crate::journey::records;
use crate::journey::reply::Complaint;
use crate::journey::scene::{Scene, Trouble};
use crate::journey::session_end;
use crate::journey::visitor::Visitor;
use crate::journey::{errands, interaction, next};
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::throttle::ThrottleKey;
use crate::model::{Errand, Purpose, Ticket, User, UserStatus};
use crate::policy::Method;
use crate::storage::Tx;

/// Where the pages are; the letter's link lies below it.
pub const PATH: &str = "/recover";

/// What asking for a letter leads to.
pub enum Begun {
    Sent(String),
    Refused(Complaint),
}

/// Somebody has forgotten the password of this address, or says so.
pub async fn begin(op: &Provider, visitor: &Visitor, address: &str, language: &str) -> Result<Begun, Trouble> {
    let mut tx = op.store.begin().await?;
    let begun = letter(op, &mut tx, visitor, address, language).await?;
    commit(op, tx).await?;
    Ok(begun)
}

/// The letter, or the one that says that there is no account, unless there have been too many.
async fn letter(
    op: &Provider,
    tx: &mut Tx,
    visitor: &Visitor,
    address: &str,
    language: &str,
) -> Result<Begun, Trouble> {
    if let Some(complaint) = mailed::too_many(op, tx, visitor, Purpose::ResetPassword, address).await? {
        return Ok(Begun::Refused(complaint));
    }
    let found = tx.user_by_login(&User::key(address)).await?;
    let user = found.filter(|u| is_reached_at(u, address));
    let letter = match &user {
        Some(_) => Says::Proof {
            key: "reset-password",
            path: PATH,
        },
        None => Says::Instead {
            key: "reset-unknown",
            path: None,
        },
    };
    let own = user.as_ref().and_then(|u| u.claims.get("locale")?.as_str());
    let post = Post {
        purpose: Purpose::ResetPassword,
        user: user.as_ref(),
        address,
        language: own.or(Some(language)),
        letter,
        about: (),
    };
    let handle = mailed::send(op, tx, visitor, post).await?;
    if let Some(user) = &user {
        record(op, tx, visitor, &user.id, ("recovery.started", Outcome::Success));
    }
    Ok(Begun::Sent(handle))
}

/// 800-63B-4 §4.2.1.2: a code goes to an address that was validated before, and to no other.
fn is_reached_at(user: &User, address: &str) -> bool {
    let own = user.email.as_deref().map(User::key);
    user.status == UserStatus::Active && user.email_verified && own == Some(User::key(address))
}

/// "Send another letter": the one before is worth nothing any more.
pub async fn again(op: &Provider, visitor: &Visitor, handle: &str, language: &str) -> Result<Option<Begun>, Trouble> {
    let mut tx = op.store.begin().await?;
    let Some(opened) = mailed::waiting::<()>(op, &mut tx, Purpose::ResetPassword, handle).await? else {
        return Ok(None);
    };
    let begun = letter(op, &mut tx, visitor, &opened.mailed.address, language).await?;
    if matches!(begun, Begun::Sent(_)) {
        tx.use_ticket(Purpose::ResetPassword, &opened.ticket.hash, op.now())
            .await?;
    }
    commit(op, tx).await?;
    Ok(Some(begun))
}

/// The address that waits under this name; with a proof, only if it fits.
pub async fn find(op: &Provider, handle: &str, proof: Option<&str>) -> Result<Option<String>, Trouble> {
    let mut view = op.store.view().await?;
    let found: Option<Opened<()>> = match proof {
        Some(proof) => mailed::proved(op, &mut view, Purpose::ResetPassword, (handle, proof)).await?,
        None => mailed::waiting(op, &mut view, Purpose::ResetPassword, handle).await?,
    };
    Ok(found.map(|o| o.mailed.address))
}

/// What a code or a link leads to.
pub enum Confirmed {
    /// To what has to be proved beside it, or to the new password.
    On(Entered),
    Wrong(Complaint),
    Over,
}

/// The code of the letter.
pub async fn code(
    op: &Provider,
    visitor: &Visitor,
    handle: &str,
    typed: &Secret<String>,
) -> Result<Confirmed, NotBegun> {
    let mut tx = op.store.begin().await?;
    let tried = mailed::try_code::<()>(op, &mut tx, Purpose::ResetPassword, handle, typed).await?;
    if let Tried::Over(Some(Ticket { user: Some(user), .. })) = &tried {
        record(op, &mut tx, visitor, user, ("recovery.refused", Outcome::Refused));
    }
    tx.commit().await?;
    match tried {
        Tried::Right(opened) => enter(op, visitor, opened).await,
        Tried::Wrong(complaint) => Ok(Confirmed::Wrong(complaint)),
        Tried::Over(_) => Ok(Confirmed::Over),
    }
}

/// The link of the letter, and "continue" on its page.
pub async fn link(op: &Provider, visitor: &Visitor, handle: &str, proof: &str) -> Result<Confirmed, NotBegun> {
    let mut view = op.store.view().await?;
    let proved = mailed::proved(op, &mut view, Purpose::ResetPassword, (handle, proof)).await?;
    drop(view);
    match proved {
        Some(opened) => enter(op, visitor, opened).await,
        None => Ok(Confirmed::Over),
    }
}

async fn enter(op: &Provider, visitor: &Visitor, opened: Opened<()>) -> Result<Confirmed, NotBegun> {
    let Some(user) = opened.ticket.user else {
        return Ok(Confirmed::Over);
    };
    let entered = errands::recover(op, visitor, user, opened.ticket.hash).await?;
    Ok(Confirmed::On(entered))
}

/// What choosing a new password leads to.
pub enum Reset {
    /// Done; its owner signs in with it, by this name.
    Done {
        name: String,
    },
    Unfit(PasswordRefusal),
    /// This page asks for no password (any more).
    GoOn,
}

/// The new password, once everything is proved. It ends all that the old one, or whoever knew it, has opened.
pub async fn set_password(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    given: &Secret<String>,
) -> Result<Reset, Trouble> {
    let asked = interaction::scene(op, id, visitor).await?;
    let Some(owner) = asked.user.as_ref().filter(|_| is_asked(&asked)) else {
        return Ok(Reset::GoOn);
    };
    let (hash, _turn) = passwords::hashed(op, visitor, given, Measure::of(op, owner)).await?;
    let hash = match hash {
        Ok(hash) => hash,
        Err(refusal) => return Ok(Reset::Unfit(refusal)),
    };
    let mut tx = op.store.begin().await?;
    // Another change of this account waits here: else it could write back what it read before, and with it the power to
    // sign.
    tx.hold_throttle(&ThrottleKey::account(&owner.id), op.now()).await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    if !is_asked(&scene) {
        return Ok(Reset::GoOn);
    }
    let user = authority(op, &mut tx, &scene).await?;
    if !tx.finish_authorization(id, scene.now).await? {
        return Err(Trouble::Finished);
    }
    let old = scene.authenticators.iter().find(|a| a.method == Method::Password);
    passwords::put(op, &mut tx, &user, old, &hash).await?;
    let user = end_what_was_open(op, &mut tx, &scene, user).await?;
    for event in ["password.set", "recovery.completed"] {
        tx.audit(records::record(&scene, event, Outcome::Success, visitor));
    }
    tell(op, &mut tx, &scene, visitor, &user).await?;
    commit(op, tx).await?;
    Ok(Reset::Done { name: user.username })
}

fn is_asked(scene: &Scene) -> bool {
    matches!(next::step(scene, next::Wish::None), next::Step::NewPassword)
}

/// The person whose ticket this errand rests on, now that it is used up. Of two answers at once one gets here.
async fn authority(op: &Provider, tx: &mut Tx, scene: &Scene) -> Result<User, Trouble> {
    let (Some(Errand::Recover { ticket, .. }), Some(user)) = (&scene.authorization.errand, scene.user.clone()) else {
        return Err(Trouble::Unknown);
    };
    let purpose = Purpose::ResetPassword;
    let ticket = tx.ticket(purpose, ticket, scene.now).await?;
    let ticket = ticket.filter(|t| t.user.as_ref() == Some(&user.id));
    let ticket = ticket.ok_or(Trouble::Finished)?;
    let mailed: mailed::Mailed<()> = notices::read_ticket(op, &ticket)?;
    // An address that was replaced meanwhile gives nothing back.
    if !is_reached_at(&user, &mailed.address) || !tx.use_ticket(purpose, &ticket.hash, scene.now).await? {
        return Err(Trouble::Finished);
    }
    Ok(user)
}

async fn end_what_was_open(op: &Provider, tx: &mut Tx, scene: &Scene, mut user: User) -> Result<User, Trouble> {
    session_end::end_access(op, tx, &user.id, scene.now).await?;
    tx.forget_browsers(&user.id).await?;
    tx.drop_tickets(Purpose::ResetPassword, &user.id).await?;
    let address = user.email.as_deref().map(User::key).unwrap_or_default();
    tx.clear_failures(&ThrottleKey::mailed_code(&address)).await?;
    user.standing.signing_withheld_at = Some(scene.now);
    user.updated_at = scene.now;
    if !tx.save_user(&user).await? {
        return Err(Trouble::Unknown);
    }
    Ok(user)
}

/// 800-63B-4 §4.2.3: always, at every address.
async fn tell(op: &Provider, tx: &mut Tx, scene: &Scene, visitor: &Visitor, user: &User) -> Result<(), Trouble> {
    let letter = Letter {
        key: "password-reset",
        args: BTreeMap::new(),
        facts: Some(Circumstances::of(scene.now, visitor, None)),
        ..Letter::default()
    };
    let undo = Undo {
        what: letter.key.to_owned(),
        ..Undo::default()
    };
    notices::tell(op, tx, user, letter, undo).await
}

fn record(op: &Provider, tx: &mut Tx, visitor: &Visitor, user: &UserId, (event, outcome): (&str, Outcome)) {
    let record = AuditRecord::new(event, outcome, op.now());
    tx.audit(record.actor("user").subject(user).ip(visitor.ip.as_deref()));
}
