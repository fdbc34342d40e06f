//! A password that somebody chooses: its rules, its hash, and the one authenticator that it becomes.

use crate::base::{AuthenticatorId, Secret};
use crate::factors::password;
use crate::journey::ceremony::AUTHENTICATOR_SECRET;
use crate::journey::provider::{LoadError, Provider};
use crate::journey::scene::Trouble;
use crate::journey::visitor::Visitor;
use crate::model::authenticator::Facts;
use crate::model::throttle::ThrottleKey;
use crate::model::{Authenticator, AuthenticatorStatus, User};
use crate::policy::Method;
use crate::storage::Tx;

/// 800-63B-4 §3.1.1.2: at least 15 characters where a password may be the only factor.
pub const SHORTEST: usize = 15;

/// Why a password cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    TooShort,
    TooLong,
}

/// The hash of a new password, made in the hashing queue's turn and off the event loop; or what is wrong with it.
pub async fn hashed(
    op: &Provider,
    visitor: &Visitor,
    given: &Secret<String>,
) -> Result<Result<Secret<String>, Unfit>, Trouble> {
    if let Some(unfit) = unfit(given.expose()) {
        return Ok(Err(unfit));
    }
    let turn = op.hasher.turn(visitor.ip.as_deref()).await?;
    let (entropy, given) = (op.entropy, given.clone());
    let (hash, _turn) = op.hasher.run(turn, move || password::hash(&entropy, &given)).await?;
    Ok(hash.map(Secret::new).map_err(|_| Unfit::TooLong))
}

fn unfit(given: &str) -> Option<Unfit> {
    if given.chars().count() < SHORTEST {
        return Some(Unfit::TooShort);
    }
    (given.len() > password::LONGEST_BYTES).then_some(Unfit::TooLong)
}

/// Puts it in place of the one that was there, if one was. Failures of the old one are forgotten with it.
pub async fn put(
    op: &Provider,
    tx: &mut Tx,
    user: &User,
    old: Option<&Authenticator>,
    hash: &Secret<String>,
) -> Result<(), Trouble> {
    let id = old.map_or_else(|| AuthenticatorId::random(&op.entropy), |a| a.id.clone());
    let sealed = op
        .sealer
        .seal(&op.entropy, AUTHENTICATOR_SECRET, id.as_str(), hash.expose().as_bytes());
    let names = [Some(user.username.as_str()), user.email.as_deref()];
    for key in names.into_iter().flatten().map(User::key) {
        tx.clear_failures(&ThrottleKey::login(&key)).await?;
        tx.clear_failures(&ThrottleKey::known_login(&key)).await?;
    }
    tx.clear_failures(&ThrottleKey::authenticator(&id)).await?;
    tx.save_authenticator(&Authenticator {
        id,
        user: user.id.clone(),
        method: Method::Password,
        nickname: None,
        primary: false,
        status: AuthenticatorStatus::Active,
        secret: sealed.map_err(LoadError::from)?,
        last_step: None,
        lookup: None,
        facts: Facts {
            added_by: Some("account".to_owned()),
            ..Facts::default()
        },
        created_at: op.now(),
        last_used_at: None,
    })
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(unfit("fourteen chars"), Some(Unfit::TooShort));
        assert_eq!(unfit("fifteen charact"), None);
        assert_eq!(
            unfit("éééééééééééééé"),
            Some(Unfit::TooShort),
            "28 bytes, 14 characters"
        );
        assert_eq!(unfit(&"x".repeat(password::LONGEST_BYTES + 1)), Some(Unfit::TooLong));
    }
}
