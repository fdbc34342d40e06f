//! What a phone answers.

use super::device::{Caller, Known, over, signed};
use super::pair::not_too_old;
use super::{Refusal, alarm, commit, kept};
use crate::base::{AuthenticatorId, Secret};
use crate::factors::push::{Decision, Device, Push, Said, TRIES};
use crate::factors::{Answer, Credential, Factor, Proved, Verdict};
use crate::journey::backchannel;
use crate::journey::ceremony::unseal;
use crate::journey::provider::Provider;
use crate::journey::signals::Key;
use crate::journey::visitor::Visitor;
use crate::model::Authorization;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::authenticator::Facts;
use crate::model::push_request::{PushRequest, RequestState};
use crate::model::throttle::{Throttle, ThrottleKey};
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
    let said: Said = verified.read()?;
    match weigh(op, &mut tx, &caller, (id, &said)).await {
        Ok((request, authorization)) => {
            let act = Act {
                op,
                visitor,
                caller: &caller,
                request: &request,
                authorization: &authorization,
            };
            act.decide(tx, jws, said).await
        }
        // Its key has signed, so it is no stranger who writes this.
        Err(why) if why.code().is_some() || matches!(why, Refusal::Answered | Refusal::RequestUnknown) => {
            tx.audit(refused(op, visitor, &caller, &why));
            tx.commit().await?;
            Err(why)
        }
        Err(why) => Err(why),
    }
}

fn refused(op: &Provider, visitor: &Visitor, caller: &Caller, why: &Refusal) -> AuditRecord {
    AuditRecord::new("auth.push.refused", Outcome::Refused, op.now())
        .actor("device")
        .subject(&caller.user)
        .ip(visitor.ip.as_deref())
        .reason(why.on_the_wire().1)
        .with("method", Method::Push.as_str())
        .with("authenticator", caller.id.as_str())
}

/// May this device answer this request now?
async fn weigh(
    op: &Provider,
    tx: &mut Tx,
    caller: &Caller,
    (id, said): (&str, &Said),
) -> Result<(PushRequest, Authorization), Refusal> {
    if !caller.may_answer() {
        return Err(Refusal::Unregistered);
    }
    // A device that is too old can still say no.
    if said.decision == Decision::Approve {
        current_enough(op, tx, caller, said).await?;
    }
    let request = super::device::own(tx, caller, id).await?;
    if request.id != said.request {
        return Err(Refusal::RequestUnknown);
    }
    for key in keys(caller) {
        let wait = tx.hold_throttle(&key, op.now()).await?.wait(op.now());
        // It is numbers that are guessed. Else whoever mistypes codes could keep the owner from saying no.
        if let Some(wait) = wait.filter(|_| said.decision == Decision::Approve) {
            return Err(Refusal::SlowDown(wait));
        }
    }
    over(&request, op.now())?;
    let authorization = tx.authorization(&request.authorization).await?;
    let open = |a: &Authorization| a.finished_at.is_none() && !a.expired(op.now());
    // Who got in by another way before the owner looked is reported all the same.
    let heard = |a: &Authorization| open(a) || said.decision == Decision::NotMe;
    Ok((request, authorization.filter(heard).ok_or(Refusal::Expired)?))
}

async fn current_enough(op: &Provider, tx: &mut Tx, caller: &Caller, said: &Said) -> Result<(), Refusal> {
    let current = op.current_in(tx).await?;
    let version = match (&said.app_version, &caller.known) {
        (Some(version), _) => version,
        (None, Known::Bound(a)) => a
            .facts
            .phone
            .as_ref()
            .map_or(&caller.key.app.version, |p| &p.app.version),
        (None, Known::Pending(..)) => &caller.key.app.version,
    };
    not_too_old(&current, version)
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

pub(super) struct Act<'a> {
    pub op: &'a Provider,
    pub visitor: &'a Visitor,
    pub caller: &'a Caller,
    pub request: &'a PushRequest,
    pub authorization: &'a Authorization,
}

impl Act<'_> {
    async fn decide(&self, mut tx: Tx, jws: &str, said: Said) -> Result<Answered, Refusal> {
        let verdict = judge(self.op, self.request, self.caller, said).ok_or(Refusal::RequestUnknown)?;
        match verdict {
            Verdict::Proved(proved) => self.approve(tx, jws, &proved.proof).await,
            Verdict::Declined { not_me } => self.decline(tx, jws, not_me).await,
            Verdict::Wrong => self.mismatch(tx).await,
            Verdict::Replayed | Verdict::OtherDevice { .. } | Verdict::Refused { .. } => {
                tx.audit(
                    self.record("auth.push.mismatch", Outcome::Refused)
                        .reason("about something else"),
                );
                commit(self.op, tx, &[]).await?;
                Err(Refusal::Invalid("`nonce` and `context_digest` must be this request's"))
            }
        }
    }

    pub(super) fn record(&self, event: &str, outcome: Outcome) -> AuditRecord {
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
        if let (Known::Bound(device), Some(hash)) = (&self.caller.known, &self.authorization.deferred) {
            backchannel::approved(
                self.op,
                &mut tx,
                self.authorization,
                hash,
                (device, self.request, proof),
            )
            .await?;
        }
        commit(self.op, tx, &self.rings()).await?;
        Ok(Answered::Approved)
    }

    async fn close(&self, tx: &mut Tx, what: Answered, jws: &str) -> Result<(), Refusal> {
        let first = tx.answer_request(&self.request.id, what.state(), Some(jws), self.op.now());
        if first.await? {
            Ok(())
        } else {
            Err(self.late(tx).await?)
        }
    }

    /// Why it could not be answered: somebody was faster, or the browser has asked anew.
    async fn late(&self, tx: &mut Tx) -> Result<Refusal, Refusal> {
        let now = super::device::own(tx, self.caller, &self.request.id).await?;
        Ok(over(&now, self.op.now()).err().unwrap_or(Refusal::Answered))
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
        let why = if not_me {
            "the person said that it was not them"
        } else {
            "the person denied it"
        };
        self.tell_the_client(&mut tx, why).await?;
        if not_me && matches!(self.caller.known, Known::Bound(_)) {
            alarm::raise(self, &mut tx).await?;
        }
        commit(self.op, tx, &self.rings()).await?;
        Ok(what)
    }

    /// Where a client waits for this answer alone (CIBA), it is told no.
    async fn tell_the_client(&self, tx: &mut Tx, why: &str) -> Result<(), Refusal> {
        match &self.authorization.deferred {
            Some(hash) => Ok(backchannel::declined(self.op, tx, self.authorization, (hash, why)).await?),
            None => Ok(()),
        }
    }

    async fn mismatch(&self, mut tx: Tx) -> Result<Answered, Refusal> {
        let now = self.op.now();
        let Some(tries) = tx.count_wrong_number(&self.request.id).await? else {
            return Err(self.late(&mut tx).await?);
        };
        let left = (TRIES - tries).max(0);
        let mut worst = Throttle::default();
        for key in keys(self.caller) {
            worst = worst.worse(tx.count_failure(&key, now).await?);
        }
        let mut rings = Vec::new();
        if left == 0 {
            tx.answer_request(&self.request.id, RequestState::Mismatched, None, now)
                .await?;
            self.tell_the_client(&mut tx, "the number was wrong too often").await?;
            rings.extend(self.rings());
        }
        tx.audit(self.record("auth.push.mismatch", Outcome::Failure).with("left", left));
        if worst.exhausted() {
            alarm::disable(self, &mut tx).await?;
        }
        commit(self.op, tx, &rings).await?;
        Err(Refusal::WrongNumber { left })
    }
}
