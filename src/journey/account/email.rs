//! Another e-mail address: it gets a letter, and nothing changes until the code in it is typed or its link confirmed by
//! somebody who is signed in as that person (S43, S44, S53). Then the old address is told as well, and can take it back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::mailed::{self, DIGITS};
use super::{Answer, Mistake, Owner, alone, commit, complain};
use crate::base::encoding::{hash_token, same};
use crate::base::{Entropy, Seconds, Timestamp};
use crate::journey::errands::Gate;
use crate::journey::notices::{self, Circumstances, Letter, Undo};
use crate::journey::provider::Provider;
use crate::journey::records::record;
use crate::journey::reply::Complaint;
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::model::audit::Outcome;
use crate::model::throttle::ThrottleKey;
use crate::model::{MfaCode, Purpose, Ticket, User};
use crate::storage::Tx;

/// Letters that one account can have sent to addresses of its choice within `LETTER_WINDOW`.
const LETTERS_PER_WINDOW: i64 = 5;
const LETTER_WINDOW: Seconds = Seconds::hours(1);
/// What a ticket is about.
#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    email: String,
    code: String,
}

/// Asks for another address.
pub async fn ask(op: &Provider, visitor: &Visitor, typed: &str) -> Result<Answer, Trouble> {
    let Some(wanted) = mailed::address(typed) else {
        return Ok(Mistake::Address.refuse(op));
    };
    let mut tx = op.store.begin().await?;
    let Some(owner) = alone(op, &mut tx, visitor, Gate::Changing).await? else {
        return Ok(Answer::Shut);
    };
    if owner.user.email_verified && owner.user.email.as_deref() == Some(wanted.as_str()) {
        return Ok(Mistake::SameAddress.refuse(op));
    }
    let now = owner.scene.now;
    let since = now.minus(LETTER_WINDOW);
    if tx.tickets_since(Purpose::VerifyEmail, &owner.user.id, since).await? >= LETTERS_PER_WINDOW {
        return Ok(complain(Complaint::wait(op, LETTER_WINDOW)));
    }
    // Of two tabs that ask for two addresses the later one counts.
    tx.retire_tickets(Purpose::VerifyEmail, &owner.user.id, now).await?;
    let wanted = Wanted {
        email: wanted,
        code: op.entropy.digits(DIGITS.into()),
    };
    let token = op.entropy.token();
    let ticket = notices::ticket(op, Purpose::VerifyEmail, Some(&owner.user), &token, &wanted)?;
    tx.create_ticket(&ticket).await?;
    let letter = letter(op, &mut tx, &owner, visitor, (&wanted, &token)).await?;
    notices::send(op, &mut tx, &owner.user, &wanted.email, &letter).await?;
    tx.audit(record(&owner.scene, "auth.challenge.sent", Outcome::Success, visitor).with("method", "email"));
    commit(op, tx).await?;
    Ok(Answer::Done)
}

/// Whoever asks is told the same in either case; that an address is somebody's, only its owner reads.
async fn letter(
    op: &Provider,
    tx: &mut Tx,
    owner: &Owner,
    visitor: &Visitor,
    (wanted, token): (&Wanted, &str),
) -> Result<Letter, Trouble> {
    let taken = tx.user_by_login(&User::key(&wanted.email)).await?;
    let facts = Some(Circumstances::of(owner.scene.now, visitor, None));
    let args = BTreeMap::from([("email", wanted.email.clone())]);
    if taken.is_some_and(|other| other.id != owner.user.id) {
        return Ok(Letter {
            key: "email-in-use",
            args,
            facts,
            ..Letter::default()
        });
    }
    Ok(Letter {
        key: "verify-email",
        args,
        facts,
        code: Some(wanted.code.clone()),
        link: Some(format!("{}/account/profile/email/{token}", op.issuer.url)),
        undo: None,
    })
}

/// The address that waits to be confirmed.
pub async fn pending(op: &Provider, tx: &mut Tx, user: &User, now: Timestamp) -> Result<Option<String>, Trouble> {
    let ticket = tx.own_ticket(Purpose::VerifyEmail, &user.id, now).await?;
    let wanted: Option<Wanted> = ticket.map(|t| notices::read_ticket(op, &t)).transpose()?;
    Ok(wanted.map(|w| w.email))
}

/// The address that a link is about, for the person who asked for it and for nobody else.
pub async fn linked(op: &Provider, tx: &mut Tx, scene: &Scene, token: &str) -> Result<Option<String>, Trouble> {
    let ticket = tx.ticket(Purpose::VerifyEmail, &hash_token(token), scene.now).await?;
    let own = ticket.filter(|t| t.user.is_some() && t.user.as_ref() == scene.user.as_ref().map(|u| &u.id));
    let wanted: Option<Wanted> = own.map(|t| notices::read_ticket(op, &t)).transpose()?;
    Ok(wanted.map(|w| w.email))
}

/// The code of the letter. A current factor was proved when the address was asked for: being signed in is enough.
pub async fn confirm(op: &Provider, visitor: &Visitor, typed: &str) -> Result<Answer, Trouble> {
    let mut tx = op.store.begin().await?;
    let Some(owner) = alone(op, &mut tx, visitor, Gate::SignedIn).await? else {
        return Ok(Answer::Shut);
    };
    let now = owner.scene.now;
    let Some(ticket) = tx.own_ticket(Purpose::VerifyEmail, &owner.user.id, now).await? else {
        return Ok(complain(Complaint::plain(op, MfaCode::CodeExpired)));
    };
    // Counted apart from the factors, and not forgotten at success: whoever owns one address could else wipe out, with
    // its right code, the guesses at another's.
    let throttle = ThrottleKey::address(&owner.user.id);
    if let Some(wait) = tx.hold_throttle(&throttle, now).await?.wait(now) {
        return Ok(complain(Complaint::wait(op, wait)));
    }
    let wanted: Wanted = notices::read_ticket(op, &ticket)?;
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let answer = if same(typed.as_bytes(), wanted.code.as_bytes()) {
        replace(op, &mut tx, owner, visitor, (&ticket, &wanted)).await?
    } else {
        let counted = tx.count_failure(&throttle, now).await?;
        wrong(&mut tx, &owner, visitor, Complaint::wrong(op, &counted, now))
    };
    commit(op, tx).await?;
    Ok(answer)
}

fn wrong(tx: &mut Tx, owner: &Owner, visitor: &Visitor, complaint: Complaint) -> Answer {
    let event = match complaint.wait {
        Some(_) => "auth.factor.throttled",
        None => "auth.factor.failed",
    };
    tx.audit(
        record(&owner.scene, event, Outcome::Failure, visitor)
            .reason("wrong code for a new address")
            .reference(&complaint.reference)
            .with("method", "email"),
    );
    complain(complaint)
}

/// The link of the letter, opened where its owner is signed in, and its button pressed: programs that look into links
/// before people do must not change anything.
pub async fn confirm_link(op: &Provider, visitor: &Visitor, token: &str) -> Result<Answer, Trouble> {
    let mut tx = op.store.begin().await?;
    let Some(owner) = alone(op, &mut tx, visitor, Gate::SignedIn).await? else {
        return Ok(Answer::Shut);
    };
    let ticket = tx
        .ticket(Purpose::VerifyEmail, &hash_token(token), owner.scene.now)
        .await?;
    // Somebody else's link is told from an old one by nothing.
    let Some(ticket) = ticket.filter(|t| t.user.as_ref() == Some(&owner.user.id)) else {
        return Ok(complain(Complaint::plain(op, MfaCode::CodeExpired)));
    };
    let wanted: Wanted = notices::read_ticket(op, &ticket)?;
    let answer = replace(op, &mut tx, owner, visitor, (&ticket, &wanted)).await?;
    commit(op, tx).await?;
    Ok(answer)
}

/// "No, leave it": the address that was asked for is forgotten.
pub async fn withdraw(op: &Provider, visitor: &Visitor) -> Result<Answer, Trouble> {
    let mut tx = op.store.begin().await?;
    let Some(owner) = alone(op, &mut tx, visitor, Gate::SignedIn).await? else {
        return Ok(Answer::Shut);
    };
    tx.retire_tickets(Purpose::VerifyEmail, &owner.user.id, owner.scene.now)
        .await?;
    tx.commit().await?;
    Ok(Answer::Done)
}

async fn replace(
    op: &Provider,
    tx: &mut Tx,
    owner: Owner,
    visitor: &Visitor,
    (ticket, wanted): (&Ticket, &Wanted),
) -> Result<Answer, Trouble> {
    let Owner { scene, user: old, .. } = owner;
    let late = || complain(Complaint::plain(op, MfaCode::CodeExpired));
    // Of a code and a link at the same moment one gets here.
    if !tx.use_ticket(Purpose::VerifyEmail, &ticket.hash, scene.now).await? {
        return Ok(late());
    }
    let new = User {
        email: Some(wanted.email.clone()),
        email_verified: true,
        updated_at: scene.now,
        ..old.clone()
    };
    if !tx.save_user(&new).await? {
        // Somebody else has it since the letter was sent. Its reader asks anew, and gets the letter that says so.
        return Ok(late());
    }
    // A link to a new password must not wait in a mailbox that is no longer the account's.
    tx.retire_tickets(Purpose::ResetPassword, &old.id, scene.now).await?;
    let moved = old.email.as_deref().map(User::key) != Some(User::key(&wanted.email));
    let event = if moved { "email.changed" } else { "email.verified" };
    tx.audit(record(&scene, event, Outcome::Success, visitor));
    if moved {
        tell(op, tx, &scene, visitor, (&old, &new)).await?;
    }
    Ok(Answer::Done)
}

/// The old address and the telephones can take it back; the new one only reads that it is in use now.
async fn tell(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    (old, new): (&User, &User),
) -> Result<(), Trouble> {
    let email = new.email.clone().unwrap_or_default();
    let letter = Letter {
        key: "email-changed",
        args: BTreeMap::from([("email", email.clone())]),
        facts: Some(Circumstances::of(scene.now, visitor, None)),
        ..Letter::default()
    };
    let undo = Undo {
        what: letter.key.to_owned(),
        email: old.email.clone().filter(|_| old.email_verified),
        ..Undo::default()
    };
    notices::tell(op, tx, old, letter.clone(), undo).await?;
    notices::send(op, tx, new, &email, &letter).await
}
