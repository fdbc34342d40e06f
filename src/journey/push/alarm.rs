//! What a phone's answer does to more than its own request: "this was not me", and one wrong number too many.

use std::collections::BTreeMap;

use super::answer::Act;
use super::device::Known;
use super::{Refusal, kept};
use crate::factors::push::Question;
use crate::journey::notices::{self, Circumstances, Letter, Undo};
use crate::journey::session_end;
use crate::model::audit::Outcome;
use crate::model::{Session, UserStatus};
use crate::policy::FactorEvent;
use crate::storage::Tx;

/// Whoever got this far knows the name, and the password most of the time. The sign-in ends, with what it has opened and
/// the session that it was asked from; the owner is told, and the account is closed to everybody where the operator wants
/// that.
pub(super) async fn raise(act: &Act<'_>, tx: &mut Tx) -> Result<(), Refusal> {
    let (op, now) = (act.op, act.op.now());
    tx.expire_authorization(&act.authorization.id, now).await?;
    end_what_is_foreign(act, tx).await?;
    let Some(user) = tx.user(&act.caller.user).await? else {
        return Ok(());
    };
    let letter = Letter {
        key: "push-reported",
        facts: Some(Circumstances::of(now, act.visitor, None)),
        link: Some(format!("{}/account/password", op.issuer.url)),
        ..Letter::default()
    };
    notices::inform(op, tx, &user, &letter).await?;
    let current = op.current_in(tx).await?;
    if current.workspace.settings.push.suspend_when_reported {
        tx.set_user_status(&user.id, UserStatus::Suspended, now).await?;
        session_end::end_access(op, tx, &user.id, now).await?;
        tx.audit(
            act.record("account.suspended", Outcome::Success)
                .reason("reported on a phone"),
        );
    }
    Ok(())
}

/// The sessions that this sign-in has proved something in, and the one that it was asked from: whose else's could that be?
async fn end_what_is_foreign(act: &Act<'_>, tx: &mut Tx) -> Result<(), Refusal> {
    let now = act.op.now();
    let asked_from = kept(act.op, act.request)
        .as_ref()
        .and_then(Question::read)
        .and_then(|q| q.session);
    let here = |e: &FactorEvent| e.ceremony == act.authorization.ceremony;
    let concerned = |s: &Session| s.events.iter().any(here) || asked_from.as_ref() == Some(&s.id);
    let mut ended = Vec::from_iter(asked_from.clone());
    for session in tx.live_sessions(&act.caller.user).await?.into_iter().filter(concerned) {
        session_end::end(act.op, tx, &session.user, &session.id, now).await?;
        tx.audit(
            act.record("auth.session.ended", Outcome::Success)
                .reason("reported on a phone")
                .with("session", session.id.as_str()),
        );
        ended.push(session.id);
    }
    // Refresh tokens as well, which outlive the session of somebody who signs out.
    for grant in tx.live_grants(&act.caller.user, now).await? {
        if ended.contains(&grant.session) {
            tx.revoke_grant(&grant.id, now).await?;
        }
    }
    Ok(())
}

/// Switched off after too many wrong numbers (800-63B-4 §3.2.2).
pub(super) async fn disable(act: &Act<'_>, tx: &mut Tx) -> Result<(), Refusal> {
    let Known::Bound(a) = &act.caller.known else {
        return Ok(());
    };
    if !tx.disable_authenticator(&a.id).await? {
        return Ok(());
    }
    tx.audit(act.record("auth.factor.disabled", Outcome::Refused));
    let Some(user) = tx.user(&a.user).await? else {
        return Ok(());
    };
    let letter = Letter {
        key: "authenticator-disabled",
        args: BTreeMap::from([
            ("method", a.method.as_str().to_owned()),
            ("nickname", a.label().to_owned()),
        ]),
        facts: Some(Circumstances::of(act.op.now(), act.visitor, None)),
        ..Letter::default()
    };
    let undo = Undo {
        what: "authenticator-disabled".to_owned(),
        ..Undo::default()
    };
    Ok(notices::tell_by_mail(act.op, tx, &user, letter, undo).await?)
}
