//! What a phone answers.

use super::device::{Caller, Known, over, signed};
use super::{Refusal, commit, kept};
use crate::base::Seconds;
use crate::base::{AuthenticatorId, Secret};
use crate::factors::push::{Device, Push, Said, TRIES};
use crate::factors::{Answer, Credential, Factor, Proved, Verdict};
use crate::journey::ceremony::unseal;
use crate::journey::notices::{self, Circumstances, Letter};
use crate::journey::provider::Provider;
use crate::journey::signals::Key;
use crate::journey::visitor::Visitor;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::authenticator::Facts;
use crate::model::push_request::{PushRequest, RequestState};
use crate::model::throttle::ThrottleKey;
use crate::model::{Authorization, UserStatus};
use crate::policy::{Activation, Method, Proof};
use crate::storage::Tx;

/// What has become of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    Approved,
    Denied,
    Reported,
}

impl Answered {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Reported => "reported",
        }
    }

    const fn state(self) -> RequestState {
        match self {
            Self::Approved => RequestState::Approved,
            Self::Denied => RequestState::Denied,
            Self::Reported => RequestState::Reported,
        }
    }
}

/// One answer: judged, counted, recorded, and the browser that waits is rung, in one commit.
pub async fn answer(op: &Provider, visitor: &Visitor, id: &str, jws: &str) -> Result<Answered, Refusal> {
    let mut tx = op.store.begin().await?;
    let (caller, verified) = signed(op, &mut tx, jws, "countersign-answer+jwt").await?;
    if !caller.may_answer() {
        return Err(Refusal::Unregistered);
    }
    let said: Said = verified.read()?;
    let request = tx
        .push_request(id)
        .await?
        .filter(|r| r.device == caller.id && r.user == caller.user);
    let request = request
        .filter(|r| r.id == said.request)
        .ok_or(Refusal::RequestUnknown)?;
    let keys = keys(&caller);
    for key in &keys {
        if let Some(wait) = tx.hold_throttle(key, op.now()).await?.wait(op.now()) {
            return Err(Refusal::SlowDown(wait));
        }
    }
    over(&request, op.now())?;
    let authorization = tx.authorization(&request.authorization).await?;
    let authorization = authorization.filter(|a| a.finished_at.is_none() && !a.expired(op.now()));
    let authorization = authorization.ok_or(Refusal::Expired)?;
    let verdict = judge(op, &request, &caller, said).ok_or(Refusal::RequestUnknown)?;
    let act = Act {
        op,
        visitor,
        caller: &caller,
        request: &request,
        authorization: &authorization,
    };
    match verdict {
        Verdict::Proved(proved) => act.approve(tx, jws, &proved.proof).await,
        Verdict::Declined { not_me } => act.decline(tx, jws, not_me).await,
        Verdict::Wrong => act.mismatch(tx, &keys).await,
        Verdict::Replayed | Verdict::OtherDevice { .. } | Verdict::Refused { .. } => {
            tx.audit(
                act.record("auth.push.mismatch", Outcome::Refused)
                    .reason("about something else"),
            );
            commit(op, tx, &[]).await?;
            Err(Refusal::Invalid("`nonce` and `context_digest` must be this request's"))
        }
    }
}

/// Wrong numbers are counted with the account's other failures, and with the device's own once it is one.
fn keys(caller: &Caller) -> Vec<ThrottleKey> {
    let mut keys = vec![ThrottleKey::account(&caller.user)];
    if let Known::Bound(a) = &caller.known {
        keys.push(ThrottleKey::authenticator(&a.id));
    }
    keys
}

/// What a signed answer is worth, from what was kept of the question.
fn judge(op: &Provider, request: &PushRequest, caller: &Caller, said: Said) -> Option<Verdict> {
    let question = kept(op, request)?;
    let credential = match &caller.known {
        Known::Bound(a) => unseal(op, a)?,
        Known::Pending(enrolment, _) => unbound(&enrolment.id, &caller.key)?,
    };
    let current = op.current();
    let site = op.site(&current.workspace);
    Some(Push.check(
        &op.cx(op.now(), &site),
        Some(&question),
        &credential,
        &[],
        &Answer::Device(said),
    ))
}

fn unbound(id: &str, device: &Device) -> Option<Credential> {
    Some(Credential {
        id: AuthenticatorId::new(id),
        nickname: None,
        secret: Secret::new(serde_json::to_vec(device).ok()?),
        last_step: None,
        facts: Facts::default(),
    })
}

/// The proof behind a request that was approved, read from the signed answer once more: what a row says is not enough.
pub(super) async fn proof_of(
    op: &Provider,
    tx: &mut Tx,
    request: &PushRequest,
) -> Result<Option<(Said, Proof)>, Refusal> {
    let Some(jws) = &request.answer else { return Ok(None) };
    let Some(caller) = super::device::find(op, tx, &request.device).await? else {
        return Ok(None);
    };
    let said: Said = super::device::verify(op, jws, "countersign-answer+jwt", &caller)?.read()?;
    Ok(match judge(op, request, &caller, said.clone()) {
        Some(Verdict::Proved(Proved { proof, .. })) => Some((said, proof)),
        _ => None,
    })
}

struct Act<'a> {
    op: &'a Provider,
    visitor: &'a Visitor,
    caller: &'a Caller,
    request: &'a PushRequest,
    authorization: &'a Authorization,
}

impl Act<'_> {
    fn record(&self, event: &str, outcome: Outcome) -> AuditRecord {
        AuditRecord::new(event, outcome, self.op.now())
            .actor("device")
            .subject(&self.caller.user)
            .client(&self.authorization.client)
            .ip(self.visitor.ip.as_deref())
            .with("ceremony", self.authorization.ceremony.as_str())
            .with("method", Method::Push.as_str())
            .with("authenticator", self.caller.id.as_str())
            .with("nickname", self.caller.name())
            .with("request", self.request.id.as_str())
    }

    fn rings(&self) -> [Key; 2] {
        [Key::sign_in(&self.request.authorization), Key::device(&self.caller.id)]
    }

    async fn approve(&self, mut tx: Tx, jws: &str, proof: &Proof) -> Result<Answered, Refusal> {
        // The browser that signs in has proved nothing by approving itself (MFA-137). A pairing may be made where the
        // person happens to be: it binds the device, and says nothing of a later sign-in.
        let here = self.visitor.browser_hash();
        let bound = matches!(self.caller.known, Known::Bound(_));
        if bound && here.is_some() && here == self.authorization.browser_hash {
            tx.audit(
                self.record("auth.factor.failed", Outcome::Refused)
                    .reason("the same browser"),
            );
            commit(self.op, tx, &[]).await?;
            return Err(Refusal::SameDevice);
        }
        self.close(&mut tx, Answered::Approved, jws).await?;
        self.learn(&mut tx, proof).await?;
        tx.audit(self.record("auth.push.approved", Outcome::Success));
        commit(self.op, tx, &self.rings()).await?;
        Ok(Answered::Approved)
    }

    async fn close(&self, tx: &mut Tx, what: Answered, jws: &str) -> Result<(), Refusal> {
        let first = tx.answer_request(&self.request.id, what.state(), Some(jws), self.op.now());
        if first.await? { Ok(()) } else { Err(Refusal::Answered) }
    }

    /// That the app can say how it was unlocked, from the first time that it does.
    async fn learn(&self, tx: &mut Tx, proof: &Proof) -> Result<(), Refusal> {
        let Known::Bound(a) = &self.caller.known else {
            return Ok(());
        };
        let mut facts = a.facts.clone();
        let phone = facts.phone.get_or_insert_default();
        phone.unlocks |= proof.activation != Activation::None;
        if facts != a.facts {
            tx.renew_authenticator(a, &a.secret, &facts).await?;
        }
        Ok(())
    }

    async fn decline(&self, mut tx: Tx, jws: &str, not_me: bool) -> Result<Answered, Refusal> {
        let what = if not_me { Answered::Reported } else { Answered::Denied };
        self.close(&mut tx, what, jws).await?;
        let record = self.record("auth.push.denied", Outcome::Failure);
        tx.audit(if not_me {
            record.reason("this was not me")
        } else {
            record
        });
        if not_me && matches!(self.caller.known, Known::Bound(_)) {
            self.raise_the_alarm(&mut tx).await?;
        }
        commit(self.op, tx, &self.rings()).await?;
        Ok(what)
    }

    /// Whoever got this far knows the password. The sign-in ends, with what it has opened; the owner is told, and the
    /// account is closed to everybody where the operator wants that.
    async fn raise_the_alarm(&self, tx: &mut Tx) -> Result<(), Refusal> {
        let now = self.op.now();
        tx.expire_authorization(&self.authorization.id, now).await?;
        let here = |e: &crate::policy::FactorEvent| e.ceremony == self.authorization.ceremony;
        for session in tx.live_sessions(&self.caller.user).await? {
            if session.events.iter().any(here) {
                tx.end_session(&session.id, now).await?;
                tx.revoke_session_grants(&session.id, now).await?;
                tx.audit(
                    self.record("auth.session.ended", Outcome::Success)
                        .with("session", session.id.as_str()),
                );
            }
        }
        let Some(user) = tx.user(&self.caller.user).await? else {
            return Ok(());
        };
        let letter = Letter {
            key: "push-reported",
            facts: Some(Circumstances::of(now, self.visitor, None)),
            link: Some(format!("{}/account/password", self.op.issuer.url)),
            ..Letter::default()
        };
        notices::inform(self.op, tx, &user, &letter).await?;
        let current = self.op.current_in(tx).await?;
        if current.workspace.settings.push.suspend_when_reported {
            tx.set_user_status(&user.id, UserStatus::Suspended, now).await?;
            tx.end_access(&user.id, now).await?;
            tx.audit(
                self.record("account.suspended", Outcome::Success)
                    .reason("reported on a phone"),
            );
        }
        Ok(())
    }

    async fn mismatch(&self, mut tx: Tx, keys: &[ThrottleKey]) -> Result<Answered, Refusal> {
        let now = self.op.now();
        let tries = tx
            .count_wrong_number(&self.request.id)
            .await?
            .ok_or(Refusal::Answered)?;
        let left = (TRIES - tries).max(0);
        let mut pause: Option<Seconds> = None;
        for key in keys {
            pause = pause.max(tx.count_failure(key, now).await?.wait(now));
        }
        let mut rings = Vec::new();
        if left == 0 {
            tx.answer_request(&self.request.id, RequestState::Mismatched, None, now)
                .await?;
            rings.extend(self.rings());
        }
        tx.audit(self.record("auth.push.mismatch", Outcome::Failure).with("left", left));
        commit(self.op, tx, &rings).await?;
        Err(Refusal::WrongNumber { left })
    }
}
