//! A new password, or a first one (800-63B-4 §3.1.1): whoever knew the old one loses what it has opened.

use super::{Answer, Mistake, Owner, alone};
use crate::base::{AuthenticatorId, Secret};
use crate::factors::password::{LONGEST_BYTES, hash};
use crate::journey::ceremony::AUTHENTICATOR_SECRET;
use crate::journey::enrolment::after_recovery;
use crate::journey::errands::{Gate, pass};
use crate::journey::notices::{self, Circumstances, Letter, Undo};
use crate::journey::provider::{LoadError, Provider};
use crate::journey::records::record;
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::model::audit::Outcome;
use crate::model::authenticator::Facts;
use crate::model::throttle::ThrottleKey;
use crate::model::{Authenticator, AuthenticatorStatus, User};
use crate::policy::Method;
use crate::storage::Tx;

/// Characters of a password; 800-63B-4 §3.1.1.1 asks for eight at least where it is one of two factors, and for 15
/// where it is the only one.
const SHORTEST: usize = 8;
const SHORTEST_ALONE: usize = 15;

/// May this become somebody's password?
fn acceptable(scene: &Scene, given: &Secret<String>) -> Result<(), Mistake> {
    let alone = scene.authenticators.iter().all(|a| a.method == Method::Password);
    let shortest = if alone { SHORTEST_ALONE } else { SHORTEST };
    if given.expose().len() > LONGEST_BYTES {
        return Err(Mistake::PasswordLong);
    }
    match given.expose().chars().count() < shortest {
        true => Err(Mistake::PasswordShort),
        false => Ok(()),
    }
}

pub async fn change(op: &Provider, visitor: &Visitor, given: Secret<String>) -> Result<Answer, Trouble> {
    let Some(scene) = pass(op, &mut op.store.view().await?, visitor, Gate::Changing).await? else {
        return Ok(Answer::Shut);
    };
    if let Err(mistake) = acceptable(&scene, &given) {
        return Ok(mistake.refuse(op));
    }
    let turn = op.hasher.turn(visitor.ip.as_deref()).await?;
    let entropy = op.entropy;
    let (hashed, turn) = op.hasher.run(turn, move || hash(&entropy, &given)).await?;
    let Ok(hashed) = hashed else {
        return Ok(Mistake::PasswordLong.refuse(op));
    };
    let mut tx = op.store.begin().await?;
    // Once more: the session may have been ended while the hash was computed.
    let Some(mut owner) = alone(op, &mut tx, visitor, Gate::Changing).await? else {
        return Ok(Answer::Shut);
    };
    let first = save(op, &mut tx, &owner, &Secret::new(hashed)).await?;
    after_recovery(&mut tx, &owner.scene, &mut owner.user).await?;
    end_the_rest(&mut tx, &owner).await?;
    let event = if first { "password.set" } else { "password.changed" };
    tx.audit(record(&owner.scene, event, Outcome::Success, visitor));
    tell(op, &mut tx, &owner, visitor).await?;
    tx.commit().await?;
    drop(turn);
    op.outbox.notify_one();
    Ok(Answer::Done)
}

/// Under the id of the old one, so that what was proved in this session still counts; `true` if there was none.
async fn save(op: &Provider, tx: &mut Tx, owner: &Owner, hashed: &Secret<String>) -> Result<bool, Trouble> {
    let old = owner.scene.authenticators.iter().find(|a| a.method == Method::Password);
    let id = old.map_or_else(|| AuthenticatorId::random(&op.entropy), |a| a.id.clone());
    let secret = op
        .sealer
        .seal(
            &op.entropy,
            AUTHENTICATOR_SECRET,
            id.as_str(),
            hashed.expose().as_bytes(),
        )
        .map_err(LoadError::from)?;
    let base = old.cloned().unwrap_or_else(|| Authenticator {
        id: id.clone(),
        user: owner.user.id.clone(),
        method: Method::Password,
        nickname: None,
        primary: false,
        status: AuthenticatorStatus::Active,
        secret: Vec::new(),
        last_step: None,
        lookup: None,
        facts: Facts {
            added_by: Some("account".to_owned()),
            ..Facts::default()
        },
        created_at: owner.scene.now,
        last_used_at: None,
    });
    tx.save_authenticator(&Authenticator {
        secret,
        // 800-63B-4 §3.2.2: one that was disabled is bound again, behind a current factor.
        status: AuthenticatorStatus::Active,
        ..base
    })
    .await?;
    let names = [Some(&owner.user.username), owner.user.email.as_ref()];
    for key in names.into_iter().flatten().map(|n| User::key(n)) {
        tx.clear_failures(&ThrottleKey::login(&key)).await?;
        tx.clear_failures(&ThrottleKey::known_login(&key)).await?;
    }
    Ok(old.is_none())
}

/// Other sessions, all that was granted in them, offline access included, and remembered browsers.
async fn end_the_rest(tx: &mut Tx, owner: &Owner) -> Result<(), Trouble> {
    let (user, kept, now) = (&owner.user.id, &owner.session.id, owner.scene.now);
    tx.end_other_sessions(user, kept, now).await?;
    tx.revoke_other_grants(user, kept, now).await?;
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
