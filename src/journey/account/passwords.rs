//! A password that somebody chooses: its rules, its hash, and the one authenticator that it becomes.

use std::sync::Arc;

use crate::base::{AuthenticatorId, Secret};
use crate::factors::password;
use crate::factors::password::rules::{LEAST_ALONE, LEAST_WITH_ANOTHER, PasswordRefusal, Rules, check_new};
use crate::journey::ceremony::AUTHENTICATOR_SECRET;
use crate::journey::hasher::Turn;
use crate::journey::provider::{LoadError, Provider};
use crate::journey::scene::Trouble;
use crate::journey::visitor::Visitor;
use crate::model::authenticator::Facts;
use crate::model::throttle::ThrottleKey;
use crate::model::{Authenticator, AuthenticatorStatus, User};
use crate::policy::Method;
use crate::storage::Tx;

/// What a new password is measured against.
#[derive(Clone, Debug, Default)]
pub struct Measure {
    /// May it be the only factor of the account?
    pub alone: bool,
    /// What a guesser knows of the person and of us.
    pub context: Vec<String>,
}

impl Measure {
    /// Of somebody's account. Where a pool takes a password as a first factor, partners that ask for no more take it
    /// alone, whatever else is set up.
    pub fn of(op: &Provider, user: &User) -> Self {
        let names = ["name", "given_name", "family_name", "nickname"];
        let claims = names.iter().filter_map(|n| user.claims.get(*n)?.as_str());
        let mut context: Vec<String> = claims.map(str::to_owned).collect();
        context.push(user.username.clone());
        context.extend(user.email.clone());
        let current = op.current();
        let pool = current.workspace.pool(&user.pool);
        Self {
            alone: pool.is_none_or(|pool| pool.first_factor.contains(&Method::Password)),
            context,
        }
        .at(op)
    }

    /// The name of the site is a guess that everybody makes.
    #[must_use]
    pub fn at(mut self, op: &Provider) -> Self {
        self.context.push(op.current().workspace.settings.name.clone());
        self.context.push(op.issuer.host.clone());
        self
    }

    /// Characters that it needs at least.
    pub const fn least(&self) -> usize {
        if self.alone { LEAST_ALONE } else { LEAST_WITH_ANOTHER }
    }
}

/// The hash of a new password, measured and made in the hashing queue's turn and off the event loop; or what is wrong
/// with it (800-63B-4 §3.1.1.2: the reason is told). The turn is held until the hash is written.
pub async fn hashed(
    op: &Provider,
    visitor: &Visitor,
    given: &Secret<String>,
    measure: Measure,
) -> Result<(Result<Secret<String>, PasswordRefusal>, Turn), Trouble> {
    let turn = op.hasher.turn(visitor.ip.as_deref()).await?;
    let (entropy, given, breached) = (op.entropy, given.clone(), Arc::clone(&op.breached));
    let work = move || {
        let context: Vec<&str> = measure.context.iter().map(String::as_str).collect();
        let rules = Rules {
            alone: measure.alone,
            context: &context,
            breached: &breached,
        };
        check_new(&given, rules)?;
        password::hash(&entropy, &given)
            .map(Secret::new)
            .map_err(|_| PasswordRefusal::TooLong)
    };
    Ok(op.hasher.run(turn, work).await?)
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
