//! The answer that confirms a set-up: only now does the authenticator exist, and its owner is told at every address.

use std::collections::BTreeMap;

use super::phone::{found_by, in_use};
use super::{not_offered, unseal};
use crate::base::encoding::{base64url, sha256};
use crate::base::{AuthenticatorId, AuthorizationId, Entropy, EventId};
use crate::factors::push::enrol::Pairing;
use crate::factors::{Answer, Fresh, factor};
use crate::journey::account::end_what_it_opened;
use crate::journey::browser_state;
use crate::journey::ceremony::AUTHENTICATOR_SECRET;
use crate::journey::evidence::keep_evidence;
use crate::journey::notices::{self, Circumstances, Letter, Undo};
use crate::journey::provider::{LoadError, Provider};
use crate::journey::push::keep_address;
use crate::journey::records::record;
use crate::journey::reply::{Complaint, NewCookies, Reply};
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::{Visitor, acquaintance};
use crate::model::audit::Outcome;
use crate::model::authorization::SetUp;
use crate::model::nickname::{Nickname, propose};
use crate::model::throttle::ThrottleKey;
use crate::model::{Authenticator, AuthenticatorStatus, Enrolment, Errand, MfaCode, User};
use crate::policy::{FactorEvent, Method};
use crate::storage::Tx;

/// What the person typed, tapped or saved, and what they call it.
pub struct Confirmation {
    pub answer: Answer,
    pub nickname: Option<String>,
}

pub async fn finish(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    method: Method,
    given: Confirmation,
) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let Some(owner) = Scene::load(op, &mut tx, id, visitor).await?.user.map(|u| u.id) else {
        return Ok(Reply::GoOn);
    };
    let throttle = ThrottleKey::account(&owner);
    let counted = tx.hold_throttle(&throttle, op.now()).await?;
    // Read once nobody else changes this account: what another sign-in has set up meanwhile is there (names, and which is
    // primary), and a session that was ended meanwhile binds nothing.
    let mut scene = Scene::load(op, &mut tx, id, visitor).await?;
    if let Some(reply) = not_offered(op, &mut tx, &scene, visitor, method) {
        tx.commit().await?;
        return Ok(reply);
    }
    let open = tx.open_enrolment(id).await?.filter(|e| e.method == method);
    let Some(pending) = open.filter(|e| e.expires_at > scene.now) else {
        let by_number = matches!(method, Method::Sms | Method::Voice);
        let late = if by_number {
            MfaCode::CodeExpired
        } else {
            MfaCode::SecretExpired
        };
        return Ok(Reply::Again(Complaint::plain(op, late)));
    };
    if let Some(wait) = counted.wait(scene.now) {
        return Ok(Reply::Again(Complaint::wait(op, wait)));
    }
    let checked = match check(op, &scene, &pending, &given.answer) {
        Ok(fresh) if taken(op, &mut tx, &scene, &fresh, method).await? => Err(MfaCode::NumberInUse),
        checked => checked,
    };
    let reply = match checked {
        Ok(fresh) => bind(op, &mut tx, &mut scene, visitor, (&pending, fresh, given.nickname)).await?,
        Err(code) => refuse(op, &mut tx, &scene, visitor, (method, code, &throttle)).await?,
    };
    tx.commit().await?;
    op.outbox.notify_one();
    Ok(reply)
}

fn check(op: &Provider, scene: &Scene, pending: &Enrolment, answer: &Answer) -> Result<Fresh, MfaCode> {
    let factor = factor(pending.method).ok_or(MfaCode::MethodRefused)?;
    let kept = unseal(op, pending).ok_or(MfaCode::SecretExpired)?;
    let site = op.site(&scene.current.workspace);
    factor.finish_enrolment(&op.cx(scene.now, &site), &kept, answer)
}

/// Has somebody else confirmed this number in the meantime? Of two who confirm it at once one waits for the other.
async fn taken(op: &Provider, tx: &mut Tx, scene: &Scene, fresh: &Fresh, method: Method) -> Result<bool, Trouble> {
    let by_number = matches!(method, Method::Sms | Method::Voice);
    let Some(number) = fresh.found_by.as_ref().filter(|_| by_number) else {
        return Ok(false);
    };
    let hash = found_by(op, number).map_err(LoadError::from)?;
    tx.hold_throttle(&ThrottleKey::number(&hash), scene.now).await?;
    in_use(op, tx, scene, number).await
}

/// A wrong code: the set-up stays pending (S89), and guesses are counted with the account's others.
async fn refuse(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    (method, code, throttle): (Method, MfaCode, &ThrottleKey),
) -> Result<Reply, Trouble> {
    let complaint = match code {
        MfaCode::CodeWrong => {
            let counted = tx.count_failure(throttle, scene.now).await?;
            Complaint::wrong(op, &counted, scene.now)
        }
        code => Complaint::plain(op, code),
    };
    tx.audit(
        record(scene, "authenticator.bind.failed", Outcome::Failure, visitor)
            .reason(complaint.code.as_str())
            .reference(&complaint.reference)
            .with("method", method.as_str()),
    );
    Ok(Reply::Again(complaint))
}

async fn bind(
    op: &Provider,
    tx: &mut Tx,
    scene: &mut Scene,
    visitor: &Visitor,
    (pending, fresh, nickname): (&Enrolment, Fresh, Option<String>),
) -> Result<Reply, Trouble> {
    // Of two right answers at once one gets here.
    if !tx.close_enrolment(&pending.id, scene.now).await? {
        return Ok(Reply::GoOn);
    }
    let Some(mut user) = scene.user.clone() else {
        return Err(Trouble::Unknown);
    };
    let proof = fresh.proof.clone();
    let reissued = replace_codes(tx, scene, pending.method).await?;
    let new = authenticator(op, scene, &user, (pending, fresh, nickname))?;
    if !tx.add_authenticator(&new).await? {
        // WebAuthn Level 3 §7.1 step 26: a credential of another account.
        return Ok(Reply::Again(Complaint::plain(op, MfaCode::KeyNotRecognised)));
    }
    if let Some(pairing) = unseal(op, pending).as_ref().and_then(Pairing::read) {
        let address = pairing.device.and_then(|d| d.address);
        keep_address(op, tx, &new.id, address.as_ref()).await?;
    }
    after_recovery(tx, scene, &mut user).await?;
    record_binding(tx, scene, visitor, &new, reissued);
    tell(op, tx, scene, visitor, &new).await?;
    let new = take_place(tx, scene, visitor, new).await?;
    scene.authenticators.push(new.clone());
    scene.enrolled.push(new.enrolled());
    scene.user = Some(user);
    let done = SetUp::Done {
        authenticator: new.id.clone(),
    };
    let Some(stage) = scene.authorization.stage.with_set_up(done) else {
        return Err(Trouble::Unknown);
    };
    if !tx.move_authorization(&scene.authorization, &stage).await? {
        return Err(Trouble::Finished);
    }
    scene.authorization.stage = stage;
    let Some(proof) = proof else { return Ok(Reply::GoOn) };
    let event = FactorEvent {
        id: EventId::random(&op.entropy),
        ceremony: scene.authorization.ceremony.clone(),
        authenticator: new.id.clone(),
        method: new.method,
        at: scene.now,
        nickname: new.nickname.clone(),
        proof,
    };
    tx.use_authenticator(&new.id, None, scene.now).await?;
    let cookie = op.entropy.token();
    keep_evidence(op, tx, scene, visitor, event, &cookie).await?;
    let name = scene.user.as_ref().map(|u| User::key(&u.username)).unwrap_or_default();
    Ok(Reply::Proved {
        cookies: NewCookies {
            session: cookie,
            state: browser_state::of(op, scene.session.as_ref().map(|s| &s.id))?,
            known: acquaintance(op, &name).map_err(LoadError::from)?,
            remembered: None,
        },
    })
}

/// There is one set of recovery codes: the older one ends with the new.
async fn replace_codes(tx: &mut Tx, scene: &mut Scene, method: Method) -> Result<bool, Trouble> {
    if method != Method::RecoveryCode {
        return Ok(false);
    }
    let (old, kept): (Vec<_>, Vec<_>) = scene
        .authenticators
        .drain(..)
        .partition(|a| a.method == Method::RecoveryCode);
    scene.authenticators = kept;
    scene.enrolled.retain(|e| e.method != Method::RecoveryCode);
    for set in &old {
        tx.delete_authenticator(&set.id).await?;
    }
    Ok(!old.is_empty())
}

fn authenticator(
    op: &Provider,
    scene: &Scene,
    user: &User,
    (pending, fresh, nickname): (&Enrolment, Fresh, Option<String>),
) -> Result<Authenticator, Trouble> {
    let method = pending.method;
    // A phone has signed under this name already.
    let id = AuthenticatorId::new(pending.id.clone());
    let sealed = op
        .sealer
        .seal(&op.entropy, AUTHENTICATOR_SECRET, id.as_str(), fresh.secret.expose());
    let lookup = match &fresh.found_by {
        // A credential id is no secret, and must be found whatever master key is current.
        Some(bytes) if method == Method::Webauthn => Some(base64url(&sha256(bytes))),
        Some(bytes) => Some(found_by(op, bytes).map_err(LoadError::from)?),
        None => None,
    };
    let mut facts = fresh.facts;
    facts.added_by = Some(match &scene.authorization.errand {
        Some(_) => "account".to_owned(),
        None => scene.client.id.to_string(),
    });
    let others = scene.authenticators.iter().filter(|a| a.method != Method::Password);
    Ok(Authenticator {
        id,
        user: user.id.clone(),
        method,
        nickname: Some(free_name(scene, nickname.as_deref(), &fresh.nickname)),
        // The first one that lasts is what the person is asked for first.
        primary: method != Method::RecoveryCode && !others.into_iter().any(|a| a.primary),
        status: AuthenticatorStatus::Active,
        secret: sealed.map_err(LoadError::from)?,
        last_step: fresh.last_step,
        lookup,
        facts,
        created_at: scene.now,
        last_used_at: None,
    })
}

/// Names are unique for each person (S91): a second "Phone" becomes "Phone (2)". What cannot be a name loses nobody the
/// set-up: it gets a usual one, and can be renamed.
fn free_name(scene: &Scene, given: Option<&str>, usual: &str) -> String {
    let taken: Vec<&str> = scene
        .authenticators
        .iter()
        .filter_map(|a| a.nickname.as_deref())
        .collect();
    let wanted = given.and_then(|name| Nickname::read(name).ok());
    let wanted = wanted.or_else(|| Nickname::read(usual).ok());
    wanted.map_or_else(|| usual.to_owned(), |name| propose(name.as_str(), &taken))
}

/// Who got in with a recovery code and binds something new may sign nothing until it is confirmed again who they are:
/// else a stolen code would become a token for prescriptions (800-63B-4 §4.2; 21 CFR 1311.105).
pub async fn after_recovery(tx: &mut Tx, scene: &Scene, user: &mut User) -> Result<(), Trouble> {
    let events = scene.session.iter().flat_map(|s| s.events.iter());
    let since = scene
        .authorization
        .created_at
        .minus(crate::model::errand::CHANGE_WINDOW);
    let recovered = events
        .into_iter()
        .any(|e| e.method == Method::RecoveryCode && e.at >= since);
    if recovered {
        user.standing.signing_withheld_at = Some(scene.now);
        tx.save_user(user).await?;
    }
    Ok(())
}

/// A new number in the place of an old one. Its owner has just been told at both (S43).
async fn take_place(
    tx: &mut Tx,
    scene: &mut Scene,
    visitor: &Visitor,
    mut new: Authenticator,
) -> Result<Authenticator, Trouble> {
    let Some(Errand::Replace { authenticator, .. }) = &scene.authorization.errand else {
        return Ok(new);
    };
    let phone = |m: Method| matches!(m, Method::Sms | Method::Voice);
    let replaced = |a: &Authenticator| a.id == *authenticator && phone(a.method) && phone(new.method);
    let Some(at) = scene.authenticators.iter().position(replaced) else {
        return Ok(new);
    };
    let old = scene.authenticators.remove(at);
    scene.enrolled.retain(|e| e.id != old.id);
    if !tx.delete_authenticator(&old.id).await? {
        return Ok(new);
    }
    end_what_it_opened(tx, &old.user, &old.id, scene.now).await?;
    if old.primary {
        new.primary = true;
        tx.save_authenticator(&new).await?;
    }
    tx.audit(
        record(scene, "phone.changed", Outcome::Success, visitor)
            .with("method", new.method.as_str())
            .with("authenticator", new.id.as_str())
            .with("nickname", new.nickname.as_deref().unwrap_or_default())
            .with("replaced", old.id.as_str()),
    );
    Ok(new)
}

fn record_binding(tx: &mut Tx, scene: &Scene, visitor: &Visitor, new: &Authenticator, reissued: bool) {
    let event = match (new.method, reissued) {
        (Method::RecoveryCode, true) => "recovery_code.reissued",
        (Method::RecoveryCode, false) => "recovery_code.issued",
        _ => "authenticator.bind.confirmed",
    };
    tx.audit(
        record(scene, event, Outcome::Success, visitor)
            .with("method", new.method.as_str())
            .with("authenticator", new.id.as_str())
            .with("nickname", new.nickname.as_deref().unwrap_or_default()),
    );
}

async fn tell(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    new: &Authenticator,
) -> Result<(), Trouble> {
    let Some(user) = &scene.user else { return Ok(()) };
    let key = match new.method {
        Method::RecoveryCode => "recovery-codes-issued",
        _ => "authenticator-added",
    };
    let partner = scene
        .authorization
        .errand
        .is_none()
        .then_some(scene.client.name.as_str());
    let letter = Letter {
        key,
        args: BTreeMap::from([
            ("method", new.method.as_str().to_owned()),
            ("nickname", new.nickname.clone().unwrap_or_default()),
        ]),
        facts: Some(Circumstances::of(scene.now, visitor, partner)),
        ..Letter::default()
    };
    let undo = Undo {
        what: key.to_owned(),
        authenticator: Some(new.id.clone()),
        email: None,
    };
    notices::tell(op, tx, user, letter, undo).await
}
