//! Proving, once for all factors: throttling, replay, expiry, policy, evidence, audit. A factor only decides.

mod elsewhere;
mod in_page;
mod passkey;
mod password;
mod remembered;
mod told;

use super::evidence::succeed;
use super::provider::{LoadError, Provider};
use super::records::{factor_record, record};
use super::reply::{Complaint, Reply};
use super::scene::{Scene, Trouble};
use super::visitor::Visitor;
use crate::base::{AuthenticatorId, AuthorizationId};
use crate::factors::phone::Number;
use crate::factors::{Answer, Credential, Factor, Kept, Memory, Proved, Renewed, Verdict, factor};
use crate::model::audit::Outcome;
use crate::model::throttle::{Throttle, ThrottleKey};
use crate::model::{Authenticator, AuthenticatorStatus, MfaCode, User};
use crate::policy::{Method, Rule};
use crate::storage::Tx;

pub use elsewhere::proved_elsewhere;
pub use in_page::{InPage, open_in_page};
pub use passkey::{autofill, passkey};
pub use password::password;

/// What an authenticator's sealed secret is called.
pub const AUTHENTICATOR_SECRET: &str = "authenticator";
/// What a challenge's sealed memory is called.
pub const CHALLENGE_MEMORY: &str = "challenge";

/// What a verification came to, before it is written.
struct Tried<'a> {
    authenticator: &'a Authenticator,
    keys: Vec<ThrottleKey>,
    verdict: Verdict,
    /// The same password, hashed as we would today.
    rehashed: Option<String>,
}

/// What a form brings: the answer, and what was kept in the page for it.
#[derive(Clone, Debug)]
pub struct Given {
    pub answer: Answer,
    pub kept: Option<String>,
    /// "Remember this browser".
    pub remember: bool,
}

/// An answer, for the authenticator on whose page it was given.
pub async fn answer(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    authenticator: &str,
    given: Given,
) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let mut scene = Scene::load(op, &mut tx, id, visitor).await?;
    let Some(chosen) = scene.authenticator(authenticator).cloned() else {
        return Ok(Reply::GoOn);
    };
    // A phone answers for itself: `journey::push`.
    let here = |f: &&dyn Factor| !f.slow() && f.memory() != Memory::Device;
    let Some(factor) = factor(chosen.method).filter(here) else {
        return Ok(Reply::GoOn);
    };
    if scene.authorization.expired(scene.now) {
        return Ok(Reply::GoOn);
    }
    if let Some(rules) = refused(&scene, chosen.method) {
        let denied = deny(op, &mut tx, &scene, visitor, chosen.method, rules);
        tx.commit().await?;
        return Ok(denied);
    }
    if chosen.status != AuthenticatorStatus::Active {
        return Ok(Reply::Again(Complaint::plain(op, MfaCode::MethodDisabled)));
    }
    let keys = vec![
        ThrottleKey::account(&chosen.user),
        ThrottleKey::authenticator(&chosen.id),
    ];
    for key in &keys {
        if let Some(wait) = tx.hold_throttle(key, scene.now).await?.wait(scene.now) {
            return Ok(Reply::Again(Complaint::wait(op, wait)));
        }
    }
    let remember = given.remember;
    let verdict = match check(op, &mut tx, &scene, factor, &chosen, given).await? {
        Ok(verdict) => verdict,
        Err(complaint) => return Ok(Reply::Again(complaint)),
    };
    // Of several keys it is the one that answered.
    let by = answered_by(&verdict)
        .and_then(|by| scene.authenticator(by.as_str()))
        .cloned();
    let tried = Tried {
        authenticator: by.as_ref().unwrap_or(&chosen),
        keys,
        verdict,
        rehashed: None,
    };
    let mut reply = settle(op, &mut tx, &mut scene, visitor, tried).await?;
    if remember {
        remembered::keep(op, &mut tx, &scene, visitor, &mut reply).await?;
    }
    tx.commit().await?;
    Ok(reply)
}

const fn answered_by(verdict: &Verdict) -> Option<&AuthenticatorId> {
    match verdict {
        Verdict::Proved(Proved { by: Some(id), .. }) | Verdict::Refused { by: Some(id), .. } => Some(id),
        _ => None,
    }
}

async fn check(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    factor: &dyn Factor,
    chosen: &Authenticator,
    given: Given,
) -> Result<Result<Verdict, Complaint>, Trouble> {
    let challenge = match factor.memory() {
        Memory::Row => tx
            .open_challenge(&scene.authorization.id, &chosen.id)
            .await?
            .filter(|c| c.expires_at > scene.now),
        Memory::None | Memory::Page | Memory::Device => None,
    };
    let kept = match factor.memory() {
        Memory::None | Memory::Device => None,
        Memory::Page => in_page::take(op, tx, scene, given.kept.as_deref()).await?,
        Memory::Row => challenge.as_ref().and_then(|c| {
            let plain = op.sealer.open(CHALLENGE_MEMORY, &c.id, &c.kept).ok()?;
            Some(Kept(String::from_utf8(plain.expose().clone()).ok()?))
        }),
    };
    if factor.memory() != Memory::None && kept.is_none() {
        return Ok(Err(Complaint::plain(op, MfaCode::CodeExpired)));
    }
    let all = usable_credentials(op, scene, chosen.method);
    let Some(selected) = all.iter().find(|c| c.id == chosen.id) else {
        return Ok(Err(Complaint::plain(op, MfaCode::MethodDisabled)));
    };
    let site = op.site(&scene.current.workspace);
    let verdict = factor.check(&op.cx(scene.now, &site), kept.as_ref(), selected, &all, &given.answer);
    if let (Verdict::Proved(_), Some(c)) = (&verdict, &challenge) {
        // Of two right answers at once one closes it.
        if !tx.close_challenge(&c.id, scene.now).await? {
            return Ok(Ok(Verdict::Replayed));
        }
    }
    Ok(Ok(verdict))
}

/// The person's active credentials of one method, unsealed.
pub fn usable_credentials(op: &Provider, scene: &Scene, method: Method) -> Vec<Credential> {
    let active = |a: &&Authenticator| a.method == method && a.status == AuthenticatorStatus::Active;
    scene
        .authenticators
        .iter()
        .filter(active)
        .filter_map(|a| unseal(op, a))
        .collect()
}

/// Writes what a verification came to, and goes on.
async fn settle(
    op: &Provider,
    tx: &mut Tx,
    scene: &mut Scene,
    visitor: &Visitor,
    tried: Tried<'_>,
) -> Result<Reply, Trouble> {
    let Tried {
        authenticator,
        keys,
        verdict,
        rehashed,
    } = tried;
    for key in &keys {
        if let Some(wait) = tx.hold_throttle(key, scene.now).await?.wait(scene.now) {
            return Ok(Reply::Again(Complaint::wait(op, wait)));
        }
    }
    if let Verdict::Proved(Proved {
        proof, step, renewed, ..
    }) = verdict
    {
        if let Some(rules) = refused(scene, authenticator.method) {
            return Ok(deny(op, tx, scene, visitor, authenticator.method, rules));
        }
        if tx.use_authenticator(&authenticator.id, step, scene.now).await?
            && renew(op, tx, authenticator, renewed.as_ref()).await?
        {
            for key in keys.iter().chain(&also_cleared(scene, authenticator)) {
                tx.clear_failures(key).await?;
            }
            if let Some(hash) = rehashed {
                renew_secret(op, tx, authenticator, hash.as_bytes()).await?;
            }
            if let (Method::RecoveryCode, Some(renewed)) = (authenticator.method, &renewed) {
                told::code_used(op, tx, scene, visitor, renewed).await?;
            }
            let at = scene.now;
            return succeed(op, tx, scene, visitor, authenticator, (proof, at)).await;
        }
        return fail(op, tx, scene, visitor, authenticator, &keys, Verdict::Replayed).await;
    }
    fail(op, tx, scene, visitor, authenticator, &keys, verdict).await
}

/// Success resets every counter that this authenticator's failures could have raised (800-63B-4 §3.2.2).
fn also_cleared(scene: &Scene, authenticator: &Authenticator) -> Vec<ThrottleKey> {
    let Some(user) = scene.user.as_ref().filter(|_| authenticator.method == Method::Password) else {
        return Vec::new();
    };
    let names = [Some(&user.username), user.email.as_ref()]
        .into_iter()
        .flatten()
        .map(|n| User::key(n));
    names
        .flat_map(|key| [ThrottleKey::login(&key), ThrottleKey::known_login(&key)])
        .collect()
}

/// The credential as a verification has changed it: a counter, a spent code. `false` if another one was first.
async fn renew(
    op: &Provider,
    tx: &mut Tx,
    authenticator: &Authenticator,
    renewed: Option<&Renewed>,
) -> Result<bool, Trouble> {
    let Some(Renewed { secret, facts }) = renewed else {
        return Ok(true);
    };
    let id = authenticator.id.as_str();
    let sealed = op.sealer.seal(&op.entropy, AUTHENTICATOR_SECRET, id, secret.expose());
    let sealed = sealed.map_err(LoadError::from)?;
    Ok(tx.renew_authenticator(authenticator, &sealed, facts).await?)
}

async fn renew_secret(op: &Provider, tx: &mut Tx, authenticator: &Authenticator, plain: &[u8]) -> Result<(), Trouble> {
    let sealed = op
        .sealer
        .seal(&op.entropy, AUTHENTICATOR_SECRET, authenticator.id.as_str(), plain);
    let renewed = Authenticator {
        secret: sealed.map_err(LoadError::from)?,
        ..authenticator.clone()
    };
    Ok(tx.save_authenticator(&renewed).await?)
}

#[expect(
    clippy::too_many_arguments,
    reason = "one failure touches all of them; a struct would be used once"
)]
async fn fail(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    authenticator: &Authenticator,
    keys: &[ThrottleKey],
    verdict: Verdict,
) -> Result<Reply, Trouble> {
    let mut worst = Throttle::default();
    for key in keys {
        worst = worst.worse(tx.count_failure(key, scene.now).await?);
    }
    let mut complaint = Complaint::wrong(op, &worst, scene.now);
    let (mut event, reason) = match &verdict {
        Verdict::Replayed => ("auth.otp.replayed", "code used before".to_owned()),
        Verdict::OtherDevice { nickname } => ("auth.factor.failed", format!("code of another device: {nickname}")),
        Verdict::Refused { event, reason, .. } => (*event, (*reason).to_owned()),
        Verdict::Wrong | Verdict::Declined { .. } | Verdict::Proved(_) => ("auth.factor.failed", "wrong".to_owned()),
    };
    if complaint.wait.is_some() && !matches!(verdict, Verdict::Refused { .. }) {
        event = "auth.factor.throttled";
    }
    let failed = factor_record(scene, event, Outcome::Failure, visitor, authenticator);
    tx.audit(failed.reason(reason).reference(&complaint.reference));
    let disabled = worst.exhausted() && tx.disable_authenticator(&authenticator.id).await?;
    if disabled {
        told::disabled(op, tx, scene, visitor, authenticator).await?;
        tx.audit(factor_record(
            scene,
            "auth.factor.disabled",
            Outcome::Refused,
            visitor,
            authenticator,
        ));
    }
    // A password's page says nothing that a name without a password would not be told.
    if authenticator.method != Method::Password {
        tell(&mut complaint, authenticator.method, verdict, disabled);
    }
    Ok(Reply::Again(complaint))
}

fn tell(complaint: &mut Complaint, method: Method, verdict: Verdict, disabled: bool) {
    match verdict {
        _ if disabled => complaint.code = MfaCode::MethodDisabled,
        // A pause is the more urgent thing to say.
        _ if complaint.wait.is_some() => {}
        // Mistyped or used before: the person does the same about it.
        Verdict::Wrong | Verdict::Replayed if method == Method::RecoveryCode => {
            complaint.code = MfaCode::RecoveryCodeWrong;
        }
        Verdict::Replayed => complaint.code = MfaCode::CodeUsed,
        Verdict::OtherDevice { nickname } => {
            complaint.code = MfaCode::OtherDevice;
            complaint.nickname = Some(nickname);
        }
        Verdict::Refused { code, .. } => {
            complaint.code = code;
            complaint.tries_left = None;
        }
        Verdict::Wrong | Verdict::Declined { .. } | Verdict::Proved(_) => {}
    }
}

/// The rules that forbid this method here and now, if any.
pub fn refused(scene: &Scene, method: Method) -> Option<Vec<Rule>> {
    let by_rule = scene.requirement().refused.remove(&method);
    if by_rule.is_some() {
        return by_rule;
    }
    if let Some(rule) = scene.too_early(method) {
        return Some(vec![rule]);
    }
    // Whoever begins says who they are by a first factor, what it counts for in the acr or not.
    if scene.may_begin_with(method) {
        return None;
    }
    // What the demanded acr can never be met by is refused by it.
    match scene.to_prove() {
        crate::policy::Decision::Prove { refused, .. } => {
            let rules: Vec<Rule> = refused
                .into_iter()
                .filter(|(m, _)| *m == method)
                .map(|(_, rule)| rule)
                .collect();
            (!rules.is_empty()).then_some(rules)
        }
        _ => None,
    }
}

/// Somebody called an endpoint that no page of ours offered. Recorded with the rule's name.
pub fn deny(op: &Provider, tx: &mut Tx, scene: &Scene, visitor: &Visitor, method: Method, rules: Vec<Rule>) -> Reply {
    let complaint = Complaint::plain(op, MfaCode::MethodRefused);
    let named: Vec<String> = rules.iter().map(ToString::to_string).collect();
    tx.audit(
        record(scene, "policy.method_denied", Outcome::Refused, visitor)
            .reason(named.join(", "))
            .reference(&complaint.reference)
            .with("method", method.as_str()),
    );
    Reply::Denied {
        method,
        rules,
        complaint,
    }
}

/// The credential with its secret unsealed; `None` if the master key does not open it.
pub fn unseal(op: &Provider, a: &Authenticator) -> Option<Credential> {
    let secret = op.sealer.open(AUTHENTICATOR_SECRET, a.id.as_str(), &a.secret);
    if let Err(e) = &secret {
        tracing::error!(authenticator = %a.id, error = %e, "an authenticator's secret cannot be opened");
    }
    Some(Credential {
        id: a.id.clone(),
        nickname: a.nickname.clone(),
        secret: secret.ok()?,
        last_step: a.last_step,
        facts: a.facts.clone(),
    })
}

/// The number behind a text message or a call.
pub fn number(op: &Provider, a: &Authenticator) -> Option<Number> {
    let phone = matches!(a.method, Method::Sms | Method::Voice);
    let credential = unseal(op, a).filter(|_| phone)?;
    serde_json::from_slice(credential.secret.expose()).ok()
}
