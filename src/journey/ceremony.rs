//! Proving, once for all factors: throttling, replay, expiry, policy, evidence, audit. A factor only decides.

mod password;

use super::evidence::succeed;
use super::provider::{LoadError, Provider};
use super::records::{factor_record, record};
use super::reply::{Complaint, Reply};
use super::scene::{Scene, Trouble};
use super::visitor::Visitor;
use crate::base::{AuthorizationId, Secret};
use crate::factors::{Answer, Credential, Cx, Factor, Kept, Verdict, factor};
use crate::model::audit::Outcome;
use crate::model::throttle::{Throttle, ThrottleKey};
use crate::model::{Authenticator, AuthenticatorStatus, MfaCode, User};
use crate::policy::{Method, Rule};
use crate::storage::Tx;

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

/// A code, for the authenticator whose page it was typed on.
pub async fn code(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    authenticator: &str,
    given: Secret<String>,
) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let mut scene = Scene::load(op, &mut tx, id, visitor).await?;
    let Some(chosen) = scene.authenticator(authenticator).cloned() else {
        return Ok(Reply::GoOn);
    };
    let Some(factor) = factor(chosen.method).filter(|f| !f.slow()) else {
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
    let verdict = match check_code(op, &mut tx, &scene, factor, &chosen, given).await? {
        Ok(verdict) => verdict,
        Err(complaint) => return Ok(Reply::Again(complaint)),
    };
    let tried = Tried {
        authenticator: &chosen,
        keys,
        verdict,
        rehashed: None,
    };
    let reply = settle(op, &mut tx, &mut scene, visitor, tried).await?;
    tx.commit().await?;
    Ok(reply)
}

async fn check_code(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    factor: &dyn Factor,
    chosen: &Authenticator,
    given: Secret<String>,
) -> Result<Result<Verdict, Complaint>, Trouble> {
    let needs_challenge = matches!(chosen.method, Method::Sms | Method::Voice);
    let challenge = tx
        .open_challenge(&scene.authorization.id, &chosen.id)
        .await?
        .filter(|c| c.expires_at > scene.now);
    if needs_challenge && challenge.is_none() {
        return Ok(Err(Complaint::plain(op, MfaCode::CodeExpired)));
    }
    let kept = challenge.as_ref().and_then(|c| {
        let plain = op.sealer.open(CHALLENGE_MEMORY, &c.id, &c.kept).ok()?;
        Some(Kept(String::from_utf8(plain.expose().clone()).ok()?))
    });
    let same_method = scene
        .authenticators
        .iter()
        .filter(|a| a.method == chosen.method && a.status == AuthenticatorStatus::Active);
    let all: Vec<Credential> = same_method.filter_map(|a| unseal(op, a)).collect();
    let Some(selected) = all.iter().find(|c| c.id == chosen.id) else {
        return Ok(Err(Complaint::plain(op, MfaCode::MethodDisabled)));
    };
    let site = op.site(&scene.current.workspace);
    let cx = Cx {
        now: scene.now,
        entropy: &op.entropy,
        site: &site,
    };
    let verdict = factor.check(&cx, kept.as_ref(), selected, &all, &Answer::Code(given));
    if let (Verdict::Proved { .. }, Some(c)) = (&verdict, &challenge) {
        // Of two right answers at once one closes it.
        if !tx.close_challenge(&c.id, scene.now).await? {
            return Ok(Ok(Verdict::Replayed));
        }
    }
    Ok(Ok(verdict))
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
    if let Verdict::Proved { proof, step } = verdict {
        if let Some(rules) = refused(scene, authenticator.method) {
            return Ok(deny(op, tx, scene, visitor, authenticator.method, rules));
        }
        if tx.use_authenticator(&authenticator.id, step, scene.now).await? {
            for key in keys.iter().chain(&also_cleared(scene, authenticator)) {
                tx.clear_failures(key).await?;
            }
            if let Some(hash) = rehashed {
                renew_secret(op, tx, authenticator, hash.as_bytes()).await?;
            }
            return succeed(op, tx, scene, visitor, authenticator, proof).await;
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
        Verdict::Wrong | Verdict::Proved { .. } => ("auth.factor.failed", "wrong".to_owned()),
    };
    if complaint.wait.is_some() {
        event = "auth.factor.throttled";
    }
    let failed = factor_record(scene, event, Outcome::Failure, visitor, authenticator);
    tx.audit(failed.reason(reason).reference(&complaint.reference));
    let disabled = worst.exhausted() && tx.disable_authenticator(&authenticator.id).await?;
    if disabled {
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
        tell(&mut complaint, verdict, disabled);
    }
    Ok(Reply::Again(complaint))
}

fn tell(complaint: &mut Complaint, verdict: Verdict, disabled: bool) {
    match verdict {
        _ if disabled => complaint.code = MfaCode::MethodDisabled,
        // A pause is the more urgent thing to say.
        _ if complaint.wait.is_some() => {}
        Verdict::Replayed => complaint.code = MfaCode::CodeUsed,
        Verdict::OtherDevice { nickname } => {
            complaint.code = MfaCode::OtherDevice;
            complaint.nickname = Some(nickname);
        }
        Verdict::Wrong | Verdict::Proved { .. } => {}
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
    // What the demanded acr can never be met by is refused by it.
    match scene.decision(true) {
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
    })
}
