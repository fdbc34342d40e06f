//! The browser's side: what it waits for, and what it does once the phone has answered.

use super::answer::proof_of;
use super::{ask, by_name, commit, kept};
use crate::base::{AuthorizationId, MessageId, Timestamp};
use crate::factors::Answer;
use crate::factors::push::Question;
use crate::journey::ceremony::{deny, proved_elsewhere, refused};
use crate::journey::enrolment::{self, Confirmation};
use crate::journey::interaction;
use crate::journey::next::{self, Step, Wish};
use crate::journey::provider::Provider;
use crate::journey::reply::{Complaint, Reply};
use crate::journey::scene::{Scene, Trouble};
use crate::journey::signals::Key;
use crate::journey::visitor::Visitor;
use crate::model::push_request::{PushRequest, RequestState};
use crate::model::throttle::ThrottleKey;
use crate::model::{Authenticator, AuthenticatorStatus, MfaCode, Stage};
use crate::policy::Method;
use crate::storage::Tx;

/// For what, and until when.
pub struct Waits {
    /// To be typed on the phone; `None`: a tap is enough.
    pub number: Option<String>,
    pub expires_at: Timestamp,
    /// See `state`.
    pub state: String,
    /// No message has reached the device, or none can: the request waits in the app (MFA-130).
    pub unreached: bool,
}

/// What a page that waits shows, or where it goes.
pub enum Seen {
    /// It waits for the phone.
    Waiting(Box<Scene>, Waits),
    /// Nothing waits on the phone, and why.
    Idle {
        scene: Box<Scene>,
        why: Option<Complaint>,
    },
    Reply(Reply),
}

/// Has the device taken no message about it, or can it take none?
async fn is_unreached(tx: &mut Tx, device: &Authenticator, request: &PushRequest) -> Result<bool, Trouble> {
    let reachable = tx.push_address(&device.id).await?.is_some();
    Ok(!reachable || tx.is_undelivered(&MessageId::new(request.id.clone())).await?)
}

/// The page of a phone in a sign-in; `None` if this is none.
pub async fn seen(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    device: &str,
) -> Result<Option<Seen>, Trouble> {
    let mut tx = op.store.view().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    let Some(device) = scene
        .authenticator(device)
        .filter(|a| a.method == Method::Push)
        .cloned()
    else {
        return Ok(None);
    };
    if device.status != AuthenticatorStatus::Active {
        return Ok(Some(Seen::Reply(Reply::GoOn)));
    }
    if scene.authorization.expired(scene.now) {
        let reported = tx.last_push_request(id, device.id.as_str()).await?;
        let reported = reported.is_some_and(|r| r.state == RequestState::Reported);
        drop(tx);
        let why = if reported {
            "the person said on their phone that it was not them"
        } else {
            "expired"
        };
        return interaction::refuse(op, id, visitor, why)
            .await
            .map(|reply| Some(Seen::Reply(reply)));
    }
    let last = tx.last_push_request(id, device.id.as_str()).await?;
    let Some(request) = last else {
        drop(tx);
        return first(op, id, visitor, scene, &device).await.map(Some);
    };
    let unreached = is_unreached(&mut tx, &device, &request).await?;
    drop(tx);
    let idle = |why: Option<MfaCode>, scene: Scene| Seen::Idle {
        scene: Box::new(scene),
        why: why.map(|code| Complaint::plain(op, code)),
    };
    let late = request.expires_at <= scene.now;
    Ok(Some(match request.state {
        RequestState::Waiting | RequestState::Approved if late => idle(Some(MfaCode::PushTimedOut), scene),
        RequestState::Waiting => {
            let question = kept(op, &request).as_ref().and_then(Question::read);
            let waits = Waits {
                number: question.and_then(|q| q.number),
                expires_at: request.expires_at,
                state: in_a_word(Some(&request)),
                unreached,
            };
            Seen::Waiting(Box::new(scene), waits)
        }
        RequestState::Approved => Seen::Reply(claim(op, id, visitor, &device, &request).await?),
        RequestState::Denied | RequestState::Reported => idle(Some(MfaCode::PushDenied), scene),
        RequestState::Mismatched => idle(Some(MfaCode::PushNumberWrong), scene),
        RequestState::Withdrawn => idle(None, scene),
        // What was proved with it may count no more: then another one is offered, not this page again and again.
        RequestState::Used if wanted(&scene, &device) => idle(None, scene),
        RequestState::Used => Seen::Reply(Reply::GoOn),
    }))
}

/// Does the sign-in lead to the page of this device?
fn wanted(scene: &Scene, device: &Authenticator) -> bool {
    matches!(next::step(scene, Wish::None), Step::Verify(first) if first == device.id)
}

/// A page that a policy begins with sends by itself, once: reloading it does not ring the phone again.
async fn first(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    scene: Scene,
    device: &Authenticator,
) -> Result<Seen, Trouble> {
    if !wanted(&scene, device) || refused(&scene, Method::Push).is_some() {
        return Ok(Seen::Idle {
            scene: Box::new(scene),
            why: None,
        });
    }
    let mut tx = op.store.begin().await?;
    // Of two loads at once one asks: the other waits here until it has.
    tx.hold_throttle(&ThrottleKey::account(&device.user), op.now()).await?;
    let asked = tx.last_push_request(id, device.id.as_str()).await?.is_some();
    if asked {
        return Ok(Seen::Reply(Reply::Show(
            crate::journey::reply::Destination::Authenticator(device.id.to_string()),
        )));
    }
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    Ok(match ask::open(op, tx, &scene, visitor, (device, false)).await? {
        Reply::Again(why) => Seen::Idle {
            scene: Box::new(scene),
            why: Some(why),
        },
        reply => Seen::Reply(reply),
    })
}

/// Takes an approval into the session, once.
async fn claim(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    device: &Authenticator,
    request: &PushRequest,
) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let mut scene = Scene::load(op, &mut tx, id, visitor).await?;
    if scene.authorization.expired(scene.now) {
        return Ok(Reply::GoOn);
    }
    if let Some(rules) = refused(&scene, Method::Push) {
        let denied = deny(op, &mut tx, &scene, visitor, Method::Push, rules);
        tx.commit().await?;
        return Ok(denied);
    }
    let device = scene
        .authenticator(device.id.as_str())
        .filter(|a| a.status == AuthenticatorStatus::Active);
    let Some(device) = device.cloned() else {
        return Ok(Reply::Again(Complaint::plain(op, MfaCode::DeviceUnregistered)));
    };
    let proved = match proof_of(op, &mut tx, request).await {
        Ok(Some((_, proof))) => proof,
        Ok(None) | Err(_) => return Ok(Reply::Again(Complaint::plain(op, MfaCode::PushTimedOut))),
    };
    if !tx.use_request(&request.id).await? {
        return Ok(Reply::GoOn);
    }
    let at = request.answered_at.unwrap_or(scene.now);
    let reply = proved_elsewhere(op, &mut tx, &mut scene, visitor, (&device, proved, at)).await?;
    // Another tab of the same sign-in goes on as well.
    commit(op, tx, &[Key::sign_in(id)]).await?;
    Ok(reply)
}

/// What a page that sets a phone up waits for: the phone's first answer. `None`: it still waits.
pub async fn awaited(op: &Provider, id: &AuthorizationId, visitor: &Visitor) -> Result<Option<Reply>, Trouble> {
    let mut tx = op.store.view().await?;
    let Some(enrolment) = tx.open_enrolment(id).await?.filter(|e| e.method == Method::Push) else {
        return Ok(None);
    };
    let Some(request) = tx.last_push_request(id, &enrolment.id).await? else {
        return Ok(None);
    };
    let why = match request.state {
        RequestState::Approved => {
            let said = proof_of(op, &mut tx, &request).await;
            drop(tx);
            let Ok(Some((said, _))) = said else { return Ok(None) };
            let confirmed = Confirmation {
                answer: Answer::Device(said),
                nickname: None,
            };
            return enrolment::finish(op, id, visitor, Method::Push, confirmed)
                .await
                .map(Some);
        }
        RequestState::Denied | RequestState::Reported => MfaCode::PushDenied,
        RequestState::Mismatched => MfaCode::PushNumberWrong,
        RequestState::Waiting if request.expires_at <= op.now() => MfaCode::SecretExpired,
        RequestState::Waiting | RequestState::Withdrawn | RequestState::Used => return Ok(None),
    };
    drop(tx);
    // Discarded: the next try has a secret of its own (S62).
    enrolment::abandon(op, id, visitor).await?;
    Ok(Some(Reply::Again(Complaint::plain(op, why))))
}

/// In one word how the phone's side of a sign-in stands: a page that shows another one is out of date.
pub async fn state(op: &Provider, id: &AuthorizationId, visitor: &Visitor) -> Result<String, Trouble> {
    if id.as_str().contains(|c: char| c.is_control()) {
        return Err(Trouble::Unknown);
    }
    let mut tx = op.store.view().await?;
    let authorization = tx.authorization(id).await?.ok_or(Trouble::Unknown)?;
    if authorization.browser_hash.is_none() || authorization.browser_hash != visitor.browser_hash() {
        return Err(Trouble::Unknown);
    }
    let newest = tx.newest_push_request(id).await?;
    Ok(match authorization.stage {
        Stage::Named {
            phone_asked_at: Some(at),
            ..
        } => by_name::word(at, newest.as_ref()),
        _ => in_a_word(newest.as_ref()),
    })
}

/// Characters of a request's id that tell it from the others of one sign-in.
const STATE_CHARS: usize = 8;

pub(in crate::journey) fn in_a_word(newest: Option<&PushRequest>) -> String {
    newest.map_or_else(
        || "none".to_owned(),
        |r| {
            format!(
                "{}.{}",
                r.id.chars().take(STATE_CHARS).collect::<String>(),
                r.state.as_str()
            )
        },
    )
}
