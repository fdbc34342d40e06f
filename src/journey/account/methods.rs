//! "Sign in & Security": what somebody has set up, named, put first, put aside, taken away.

use super::{Answer, changing, commit, complain, end_what_it_opened, letter};
use crate::base::ReferenceId;
use crate::journey::demand::{Asked, Held, Parties};
use crate::journey::errands::Gate;
use crate::journey::notices::{self, Undo};
use crate::journey::provider::Provider;
use crate::journey::records::factor_record;
use crate::journey::reply::Complaint;
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::model::audit::Outcome;
use crate::model::nickname::propose;
use crate::model::{Authenticator, AuthenticatorStatus, MfaCode, Nickname};
use crate::policy::built_in::ACR_EPCS;
use crate::policy::{Decision, Enrolled, Method, RequestDemand};
use crate::storage::Tx;

/// Is it one that stays with its owner? A password is known, not had; saved codes are for the day when all else is gone.
pub const fn lasting(a: &Authenticator) -> bool {
    !matches!(a.method, Method::Password | Method::RecoveryCode)
}

fn active(a: &Authenticator) -> bool {
    a.status == AuthenticatorStatus::Active
}

/// Would its owner have too little without it (MFA-180)? There must stay a method to begin a sign-in with, and, for
/// whoever has second methods, one of them that can be used: else a change of device would make the account weaker.
pub fn is_last(scene: &Scene, gone: &Authenticator) -> bool {
    is_last_of(&scene.parties(), &scene.authenticators, gone)
}

/// The same, of whoever these parties are about.
pub fn is_last_of(parties: &Parties<'_>, all: &[Authenticator], gone: &Authenticator) -> bool {
    let (pool, enabled) = (parties.pool(), &parties.workspace.settings.methods);
    let others = all.iter();
    let left: Vec<&Authenticator> = others
        .filter(|a| a.id != gone.id && active(a) && enabled.contains(&a.method))
        .collect();
    let begins = left.iter().any(|a| pool.first_factor.contains(&a.method));
    let second = left
        .iter()
        .any(|a| lasting(a) && (pool.second_factor.contains(&a.method) || pool.first_factor.contains(&a.method)));
    !begins || (lasting(gone) && !second)
}

/// Is it the only one with which its owner could sign prescriptions of controlled substances (S82)? Only a question
/// where a partner or a group asks for that at all.
pub fn is_last_for_signing(scene: &Scene, gone: &Authenticator) -> bool {
    let signing = |acr: &String| scene.current.workspace.acrs.get(acr).is_some_and(|p| p.one_ceremony);
    let mut policies = scene.current.workspace.policies.values();
    let asked_for = policies.any(|p| p.required_acr.as_ref().is_some_and(signing));
    let without: Vec<Enrolled> = scene.enrolled.iter().filter(|e| e.id != gone.id).cloned().collect();
    asked_for && could_sign(scene, &scene.enrolled) && !could_sign(scene, &without)
}

fn could_sign(scene: &Scene, enrolled: &[Enrolled]) -> bool {
    let asked = Asked {
        request: RequestDemand {
            acr_values: vec![ACR_EPCS.to_owned()],
            essential: true,
            ..RequestDemand::default()
        },
        ..scene.asked()
    };
    let need = scene.parties().requirement(&asked);
    let decision = Held::of_session(None, enrolled, scene.now).decide(&scene.current.workspace.acrs, &need);
    matches!(decision, Decision::Prove { .. })
}

/// One of this person's own that may be changed here; the password has a page of its own.
pub fn own<'a>(scene: &'a Scene, id: &str) -> Option<&'a Authenticator> {
    scene.authenticator(id).filter(|a| a.method != Method::Password)
}

fn found(scene: &Scene, id: &str) -> Result<Authenticator, Trouble> {
    // Somebody else's, or gone in another tab: the same answer.
    own(scene, id).cloned().ok_or(Trouble::Unknown)
}

/// What came of a new name.
#[derive(Debug)]
pub enum Renaming {
    Done,
    /// It cannot be a name.
    Unfit(ReferenceId),
    /// Another one of this person's is called so (S91); this one is free.
    Taken(String, ReferenceId),
}

pub async fn rename(op: &Provider, visitor: &Visitor, id: &str, wanted: &str) -> Result<Renaming, Trouble> {
    let (mut tx, scene, user) = changing(op, visitor, Gate::Changing).await?;
    let old = found(&scene, id)?;
    let Ok(name) = Nickname::read(wanted) else {
        return Ok(Renaming::Unfit(ReferenceId::random(&op.entropy)));
    };
    if old.nickname.as_deref() == Some(name.as_str()) {
        return Ok(Renaming::Done);
    }
    let others = scene.authenticators.iter().filter(|a| a.id != old.id);
    let taken: Vec<&str> = others.filter_map(|a| a.nickname.as_deref()).collect();
    let free = propose(name.as_str(), &taken);
    if free != name.as_str() || !tx.rename_authenticator(&user.id, &old.id, name.as_str()).await? {
        return Ok(Renaming::Taken(free, ReferenceId::random(&op.entropy)));
    }
    let renamed = Authenticator {
        nickname: Some(name.as_str().to_owned()),
        ..old.clone()
    };
    tx.audit(
        factor_record(&scene, "authenticator.renamed", Outcome::Success, visitor, &old)
            .with("old", old.label())
            .with("nickname", name.as_str()),
    );
    let mut told = letter("authenticator-renamed", &renamed, scene.now, visitor);
    told.args.insert("old", old.label().to_owned());
    notices::tell(op, &mut tx, &user, told, of("authenticator-renamed")).await?;
    commit(op, tx).await?;
    Ok(Renaming::Done)
}

/// What a letter about a change takes back that has put nothing new into the account: the access of whoever made it.
fn of(what: &str) -> Undo {
    Undo {
        what: what.to_owned(),
        ..Undo::default()
    }
}

/// Takes it away for good: it opens nothing any more, at once (S81).
pub async fn remove(op: &Provider, visitor: &Visitor, id: &str) -> Result<Answer, Trouble> {
    let (mut tx, scene, user) = changing(op, visitor, Gate::Changing).await?;
    let gone = found(&scene, id)?;
    if is_last(&scene, &gone) {
        let complaint = Complaint::plain(op, MfaCode::LastMethod);
        tx.audit(
            factor_record(&scene, "authenticator.removed", Outcome::Refused, visitor, &gone)
                .reason(complaint.code.as_str())
                .reference(&complaint.reference),
        );
        tx.commit().await?;
        return Ok(complain(complaint));
    }
    // Told while it is still there: a number that is removed learns of it, too (800-63B-4 §4.6).
    let told = letter("authenticator-removed", &gone, scene.now, visitor);
    notices::tell(op, &mut tx, &user, told, of("authenticator-removed")).await?;
    if !tx.remove_authenticator(&user.id, &gone.id).await? {
        return Err(Trouble::Unknown);
    }
    end_what_it_opened(&mut tx, &user.id, &gone.id, scene.now).await?;
    pass_on(&mut tx, &scene.authenticators, &gone).await?;
    tx.audit(
        factor_record(&scene, "authenticator.removed", Outcome::Success, visitor, &gone).with("nickname", gone.label()),
    );
    commit(op, tx).await?;
    Ok(Answer::Done)
}

/// The oldest one that is left takes the place of the primary one (S76: there is exactly one).
pub async fn pass_on(tx: &mut Tx, held: &[Authenticator], gone: &Authenticator) -> Result<(), Trouble> {
    let mut others = held.iter();
    let heir = others.find(|a| a.id != gone.id && active(a) && lasting(a));
    if let Some(heir) = heir.filter(|_| gone.primary) {
        tx.make_primary(&gone.user, &heir.id).await?;
    }
    Ok(())
}

/// The one that is asked for first (S76).
pub async fn make_primary(op: &Provider, visitor: &Visitor, id: &str) -> Result<Answer, Trouble> {
    let (mut tx, scene, user) = changing(op, visitor, Gate::Changing).await?;
    let chosen = found(&scene, id)?;
    if chosen.primary {
        return Ok(Answer::Done);
    }
    if !lasting(&chosen) || !tx.make_primary(&user.id, &chosen.id).await? {
        return Ok(complain(Complaint::plain(op, MfaCode::MethodDisabled)));
    }
    tx.audit(factor_record(
        &scene,
        "authenticator.primary_changed",
        Outcome::Success,
        visitor,
        &chosen,
    ));
    let told = letter("primary-changed", &chosen, scene.now, visitor);
    notices::tell(op, &mut tx, &user, told, of("primary-changed")).await?;
    commit(op, tx).await?;
    Ok(Answer::Done)
}

/// The method that pages start with where several would do.
pub async fn prefer(op: &Provider, visitor: &Visitor, method: Method) -> Result<Answer, Trouble> {
    let (mut tx, scene, mut user) = changing(op, visitor, Gate::Changing).await?;
    if user.standing.preferred == Some(method) {
        return Ok(Answer::Done);
    }
    let mut usable = scene.authenticators.iter().filter(|a| active(a) && lasting(a));
    let Some(one) = usable.find(|a| a.method == method).cloned() else {
        return Ok(complain(Complaint::plain(op, MfaCode::MethodDisabled)));
    };
    user.standing.preferred = Some(method);
    tx.save_user(&user).await?;
    tx.audit(factor_record(
        &scene,
        "authenticator.preferred_changed",
        Outcome::Success,
        visitor,
        &one,
    ));
    let told = letter("preferred-changed", &one, scene.now, visitor);
    notices::tell(op, &mut tx, &user, told, of("preferred-changed")).await?;
    commit(op, tx).await?;
    Ok(Answer::Done)
}

/// "I have lost it": put aside at once. One factor is enough to say so (800-63B-4 §4.3; 21 CFR 1311.102(a): within a
/// day). It wins nobody anything: what stands before a change does not get lower by it (`Parties::binding`).
pub async fn report_lost(op: &Provider, visitor: &Visitor, id: &str) -> Result<Answer, Trouble> {
    let (mut tx, scene, user) = changing(op, visitor, Gate::SignedIn).await?;
    let lost = found(&scene, id)?;
    if !tx.suspend_authenticator(&user.id, &lost.id).await? {
        return Ok(complain(Complaint::plain(op, MfaCode::MethodDisabled)));
    }
    end_what_it_opened(&mut tx, &user.id, &lost.id, scene.now).await?;
    pass_on(&mut tx, &scene.authenticators, &lost).await?;
    // Whatever was lost may hold a browser that was remembered, too.
    tx.forget_browsers(&user.id).await?;
    tx.audit(
        factor_record(&scene, "authenticator.reported_lost", Outcome::Success, visitor, &lost)
            .with("nickname", lost.label()),
    );
    // Told afterwards: no message goes to a phone that is in other hands.
    let told = letter("authenticator-removed", &lost, scene.now, visitor);
    notices::tell(op, &mut tx, &user, told, of("authenticator-lost")).await?;
    commit(op, tx).await?;
    Ok(Answer::Done)
}

/// It has turned up again. What was switched off after too many failures does not come back this way.
pub async fn reactivate(op: &Provider, visitor: &Visitor, id: &str) -> Result<Answer, Trouble> {
    let (mut tx, scene, user) = changing(op, visitor, Gate::Changing).await?;
    let back = found(&scene, id)?;
    if !tx.reactivate_authenticator(&user.id, &back.id).await? {
        return Ok(complain(Complaint::plain(op, MfaCode::MethodDisabled)));
    }
    tx.audit(factor_record(
        &scene,
        "authenticator.reactivated",
        Outcome::Success,
        visitor,
        &back,
    ));
    let undo = Undo {
        what: "authenticator-reactivated".to_owned(),
        authenticator: Some(back.id.clone()),
        email: None,
    };
    let told = letter("authenticator-added", &back, scene.now, visitor);
    notices::tell(op, &mut tx, &user, told, undo).await?;
    commit(op, tx).await?;
    Ok(Answer::Done)
}

/// Does this person have one lasting method only, or none (S83)?
pub fn needs_backup(scene: &Scene) -> bool {
    scene.authenticators.iter().filter(|a| active(a) && lasting(a)).count() < 2
}
