//! What a proof leaves behind: an event in the session, a new cookie, and the way on.

use super::notices::{self, Circumstances, Letter, Undo};
use super::provider::{LoadError, Provider};
use super::records::{factor_record, record};
use super::reply::{NewCookies, Reply};
use super::scene::{Scene, Trouble, live_session};
use super::visitor::{Visitor, acquaintance};
use super::{browser_state, issue, next, session_end};
use crate::base::encoding::hash_token;
use crate::base::{Entropy, EventId, Seconds, SessionId, Timestamp};
use crate::model::audit::Outcome;
use crate::model::throttle::ThrottleKey;
use crate::model::{Authenticator, Session, Stage, User};
use crate::policy::{FactorEvent, Proof};
use crate::storage::Tx;
use crate::storage::sessions::Origin;

/// New evidence: into the session, under a new cookie (800-63B-4 §5.1.1), and on to whatever is next.
pub async fn succeed(
    op: &Provider,
    tx: &mut Tx,
    scene: &mut Scene,
    visitor: &Visitor,
    authenticator: &Authenticator,
    (mut proof, at): (Proof, Timestamp),
) -> Result<Reply, Trouble> {
    // Known of the token, not shown by the code: the operator holds its certificate.
    proof.fips_listed |= authenticator.facts.fips_listed;
    let event = FactorEvent {
        id: EventId::random(&op.entropy),
        ceremony: scene.authorization.ceremony.clone(),
        authenticator: authenticator.id.clone(),
        method: authenticator.method,
        at,
        nickname: authenticator.nickname.clone(),
        proof,
    };
    tx.audit(
        factor_record(scene, "auth.factor.succeeded", Outcome::Success, visitor, authenticator)
            .with("event", event.id.as_str()),
    );
    if !scene.proved_here() {
        // Written with the first proof, not when a stranger opens a page: the log is append-only.
        let arrived = scene.authorization.created_at.rfc3339();
        let acr = scene.asked().request.acr_values.join(" ");
        tx.audit(
            record(scene, "auth.started", Outcome::Success, visitor)
                .with("arrived", arrived)
                .with("acr_values", acr),
        );
    }
    let cookie = op.entropy.token();
    keep_evidence(op, tx, scene, visitor, event, &cookie).await?;
    // The session was read anew: what no longer counts on the page must not count for the token either.
    scene.forget_what_is_gone();
    let bound = Stage::bound(authenticator.user.clone());
    if !matches!(scene.authorization.stage, Stage::Bound { .. }) {
        if !tx.move_authorization(&scene.authorization, &bound).await? {
            return Err(Trouble::Finished);
        }
        scene.authorization.stage = bound;
    }
    let step = next::step(scene, next::Wish::None);
    let left = issue::leave_if_done(op, tx, scene, visitor, step).await?;
    let name = scene.user.as_ref().map(|u| User::key(&u.username)).unwrap_or_default();
    let cookies = NewCookies {
        session: cookie,
        state: browser_state::of(op, scene.session.as_ref().map(|s| &s.id))?,
        known: acquaintance(op, &name).map_err(LoadError::from)?,
        remembered: None,
    };
    Ok(match left {
        Some(delivery) => Reply::Leave {
            delivery,
            cookies: Some(cookies),
        },
        None => Reply::Proved { cookies },
    })
}

/// An event into the session, under a new cookie.
pub async fn keep_evidence(
    op: &Provider,
    tx: &mut Tx,
    scene: &mut Scene,
    visitor: &Visitor,
    event: FactorEvent,
    cookie: &str,
) -> Result<(), Trouble> {
    let new_hash = hash_token(cookie);
    let user = scene.user.as_ref().map(|u| u.id.clone()).ok_or(Trouble::Unknown)?;
    let old_hash = visitor.session_hash();
    let standing = live_session(tx, visitor, scene.now).await?;
    if let (Some(mut session), Some(old_hash)) = (standing, old_hash) {
        if session.user == user {
            session.record(event);
            if !tx.step_up_session(&session, &old_hash, &new_hash).await? {
                // The cookie has been turned by another tab in this moment: its newer one goes on.
                return Err(Trouble::Busy);
            }
            scene.session = Some(session);
            return Ok(());
        }
        // Another person's session in the same browser ends here.
        session_end::end(op, tx, &session.user, &session.id, scene.now).await?;
        tx.audit(record(scene, "auth.session.ended", Outcome::Success, visitor).reason("another person signed in"));
    }
    let session = Session {
        id: SessionId::random(&op.entropy),
        user,
        events: vec![event],
        created_at: scene.now,
        last_active: scene.now,
    };
    let user_agent = visitor.short_user_agent();
    let origin = Origin {
        ip: visitor.ip.as_deref(),
        user_agent: user_agent.as_deref(),
    };
    tx.create_session(&session, &new_hash, &origin).await?;
    tx.audit(record(scene, "auth.session.created", Outcome::Success, visitor).with("session", session.id.as_str()));
    scene.session = Some(session);
    ask_to_update(op, tx, scene).await?;
    tell_of_new_device(op, tx, scene, visitor).await
}

/// How often somebody is asked about a number that messages do not reach.
const ASK_AGAIN: Seconds = Seconds::days(30);

/// Whoever signs in by another way than a number that messages no longer reach is asked to put it right (S58).
async fn ask_to_update(op: &Provider, tx: &mut Tx, scene: &Scene) -> Result<(), Trouble> {
    let Some(user) = &scene.user else { return Ok(()) };
    if !scene.authenticators.iter().any(|a| a.facts.seems_outdated()) {
        return Ok(());
    }
    let Some(email) = user.email.as_deref().filter(|_| user.email_verified) else {
        return Ok(());
    };
    let key = ThrottleKey::letters("update-phone", user.id.as_str(), scene.now.secs() / ASK_AGAIN.0);
    if tx.count_use(&key, scene.now).await? > 1 {
        return Ok(());
    }
    let letter = Letter {
        key: "update-phone",
        link: Some(format!("{}/account/profile", op.issuer.url)),
        ..Letter::default()
    };
    notices::send(op, tx, user, email, &letter).await
}

/// A sign-in in a browser that has never signed in to this name, of somebody who has signed in before: told by letter,
/// with a link that ends it (S47). Not the first sign-in of an account: there is nothing yet that it could be new to.
async fn tell_of_new_device(op: &Provider, tx: &mut Tx, scene: &Scene, visitor: &Visitor) -> Result<(), Trouble> {
    let Some(user) = &scene.user else { return Ok(()) };
    // As they were before this sign-in: sessions are swept after a while, authenticators remember.
    let before = scene.authenticators.iter().any(|a| a.last_used_at.is_some());
    if !before || visitor.knows(op, &User::key(&user.username)) {
        return Ok(());
    }
    let partner = scene
        .authorization
        .errand
        .is_none()
        .then_some(scene.client.name.as_str());
    let letter = Letter {
        key: "new-device",
        facts: Some(Circumstances::of(scene.now, visitor, partner)),
        ..Letter::default()
    };
    let undo = Undo {
        what: letter.key.to_owned(),
        ..Undo::default()
    };
    notices::tell_by_mail(op, tx, user, letter, undo).await
}
