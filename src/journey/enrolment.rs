//! Setting up an authenticator, once for all methods: policy, secrets, sends, throttling, names, notice, audit.
//!
//! What has to be proved first is not decided here: `next::step` says `Enrol` only after it was, and every function
//! asks it again. A page that is skipped wins nothing.

mod confirm;
pub mod link;
mod phone;

pub use confirm::{Confirmation, after_recovery, finish};
pub use phone::{Dialled, found_by, number};

use super::account::held;
use super::ceremony::{deny, refused, usable_credentials};
use super::issue;
use super::next::{self, Offer, Step, Why, Wish};
use super::outbox;
use super::provider::{LoadError, Provider};
use super::push::{in_a_word, pair};
use super::records::record;
use super::reply::{Complaint, Destination, Reply};
use super::scene::{Scene, Trouble};
use super::visitor::Visitor;
use crate::base::{AuthorizationId, Entropy, MessageId, Seconds};
use crate::factors::{Kept, Person, Start, Wanted, factor};
use crate::keys::SealError;
use crate::model::audit::Outcome;
use crate::model::authorization::SetUp;
use crate::model::{Enrolment, MfaCode};
use crate::policy::{Decision, Method, Rule};
use crate::storage::Tx;

/// What a pending set-up's sealed memory is called.
const ENROLMENT_MEMORY: &str = "enrolment";

/// A set-up that is under way, with what its page shows.
pub struct Pending {
    pub scene: Scene,
    pub method: Method,
    /// JSON of the factor; empty while a telephone number is still asked for.
    pub shown: String,
    /// Has anything begun that waits for an answer?
    pub begun: bool,
    pub kept: Option<Kept>,
    /// How long it may still be confirmed.
    pub left: Seconds,
    /// How the phone's side of it stands: `push::state`.
    pub state: String,
}

/// The page of a set-up; `None` where there is nothing to confirm, or no right to.
pub async fn view(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    method: Method,
) -> Result<Option<Pending>, Trouble> {
    let mut tx = op.store.view().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    if !matches!(offered(&scene), Some(offer) if offer.methods.contains(&method)) {
        return Ok(None);
    }
    // Read first: what happens after it shows as another state.
    let state = match method {
        Method::Push => in_a_word(tx.newest_push_request(id).await?.as_ref()),
        _ => String::new(),
    };
    let open = tx.open_enrolment(id).await?;
    let open = open.filter(|e| e.method == method && e.expires_at > scene.now);
    let kept = open.as_ref().and_then(|e| unseal(op, e));
    let by_number = matches!(method, Method::Sms | Method::Voice);
    if kept.is_none() && !by_number {
        return Ok(None);
    }
    let site = op.site(&scene.current.workspace);
    let shown = match (&kept, factor(method)) {
        (Some(kept), Some(factor)) => factor.show_enrolment(&op.cx(scene.now, &site), kept),
        _ => String::new(),
    };
    let now = scene.now;
    Ok(Some(Pending {
        scene,
        method,
        shown,
        begun: kept.is_some(),
        left: open.map_or(Seconds(0), |e| now.seconds_until(e.expires_at)),
        state,
        kept,
    }))
}

/// What may be set up now, if anything: all that had to be proved is proved.
fn offered(scene: &Scene) -> Option<Offer> {
    match next::step(scene, Wish::None) {
        Step::Enrol(offer) => Some(offer),
        _ => None,
    }
}

/// A button of the chooser.
pub async fn begin(op: &Provider, id: &AuthorizationId, visitor: &Visitor, method: Method) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    if let Some(reply) = not_offered(op, &mut tx, &scene, visitor, method) {
        tx.commit().await?;
        return Ok(reply);
    }
    if !matches!(method, Method::Sms | Method::Voice) {
        let started = start(op, &scene, method, &Wanted::Nothing);
        let started = match started {
            Ok(started) => started,
            Err(code) => return Ok(Reply::Again(Complaint::plain(op, code))),
        };
        keep(op, &mut tx, &scene, visitor, (method, started)).await?;
        tx.commit().await?;
    }
    Ok(Reply::Show(Destination::Enrol(method)))
}

/// The refusal of a method that is not offered here and now; recorded with the rule's name.
fn not_offered(op: &Provider, tx: &mut Tx, scene: &Scene, visitor: &Visitor, method: Method) -> Option<Reply> {
    if scene.authorization.expired(scene.now) {
        return Some(Reply::GoOn);
    }
    if offered(scene).is_some_and(|offer| offer.methods.contains(&method)) {
        return None;
    }
    if let Some(rules) = refused(scene, method) {
        return Some(deny(op, tx, scene, visitor, method, rules));
    }
    // Somebody with a password alone must not add a key to an account that has more than that (S10).
    match scene.binding_decision() {
        Decision::Satisfied(_) => Some(Reply::GoOn),
        _ => {
            let rule = Rule::new("binding an authenticator", "required_acr");
            Some(deny(op, tx, scene, visitor, method, vec![rule]))
        }
    }
}

fn start(op: &Provider, scene: &Scene, method: Method, wanted: &Wanted) -> Result<Start, MfaCode> {
    let factor = factor(method).ok_or(MfaCode::MethodRefused)?;
    let user = scene.user.as_ref().ok_or(MfaCode::MethodRefused)?;
    let person = Person {
        id: &user.id,
        username: &user.username,
        display_name: user.display_name(),
    };
    let site = op.site(&scene.current.workspace);
    let held = usable_credentials(op, scene, method);
    factor.start_enrolment(&op.cx(scene.now, &site), &person, &held, wanted)
}

/// The pending set-up, and its message, in one transaction; answers its name. Of an older one in this sign-in nothing is left (S87).
async fn keep(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    visitor: &Visitor,
    (method, started): (Method, Start),
) -> Result<String, Trouble> {
    let Some(user) = &scene.user else {
        return Err(Trouble::Unknown);
    };
    let id = op.entropy.id();
    let kept = seal(op, &id, &started.kept).map_err(LoadError::from)?;
    if method == Method::Push {
        pair::issue(op, tx, scene, &id, &started.kept).await?;
    }
    if let Some(old) = tx.open_enrolment(&scene.authorization.id).await? {
        tx.withdraw(&MessageId::new(old.id)).await?;
    }
    let enrolment = Enrolment {
        id: id.clone(),
        authorization: scene.authorization.id.clone(),
        user: user.id.clone(),
        method,
        kept,
        sends: i64::from(started.send.is_some()),
        created_at: scene.now,
        expires_at: scene.now.plus(started.lifetime),
    };
    tx.begin_enrolment(&enrolment).await?;
    tx.audit(record(scene, "authenticator.bind.started", Outcome::Success, visitor).with("method", method.as_str()));
    if let Some(message) = started.send {
        let message_id = MessageId::new(id.clone());
        outbox::enqueue(op, tx, message_id, &message, (scene.now, started.lifetime)).await?;
    }
    Ok(id)
}

pub fn seal(op: &Provider, id: &str, kept: &Kept) -> Result<Vec<u8>, SealError> {
    op.sealer.seal(&op.entropy, ENROLMENT_MEMORY, id, kept.0.as_bytes())
}

pub fn unseal(op: &Provider, e: &Enrolment) -> Option<Kept> {
    let plain = op.sealer.open(ENROLMENT_MEMORY, &e.id, &e.kept).ok()?;
    Some(Kept(String::from_utf8(plain.expose().clone()).ok()?))
}

/// "Another method": what was begun is worth nothing any more.
pub async fn abandon(op: &Provider, id: &AuthorizationId, visitor: &Visitor) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    tx.close_enrolments(&scene.authorization.id, scene.now).await?;
    tx.commit().await?;
    Ok(Reply::GoOn)
}

/// "Not now", of what was only recommended.
pub async fn skip(op: &Provider, id: &AuthorizationId, visitor: &Visitor) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let mut scene = Scene::load(op, &mut tx, id, visitor).await?;
    if !matches!(offered(&scene), Some(offer) if offer.why == Why::Recommended) {
        return Ok(Reply::GoOn);
    }
    let owner = scene.user.as_ref().map(|u| u.id.clone()).ok_or(Trouble::Unknown)?;
    if let Some(mut user) = held(&mut tx, &owner, scene.now).await? {
        user.standing.recommended_at = Some(scene.now);
        tx.save_user(&user).await?;
        scene.user = Some(user);
    }
    go_on(op, tx, scene, visitor).await
}

/// "Continue", after the page that says that it is done.
pub async fn acknowledge(op: &Provider, id: &AuthorizationId, visitor: &Visitor) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    if !matches!(scene.authorization.stage.set_up(), SetUp::Done { .. }) {
        return Ok(Reply::GoOn);
    }
    go_on(op, tx, scene, visitor).await
}

async fn go_on(op: &Provider, mut tx: Tx, mut scene: Scene, visitor: &Visitor) -> Result<Reply, Trouble> {
    let Some(over) = scene.authorization.stage.with_set_up(SetUp::Over) else {
        return Ok(Reply::GoOn);
    };
    if !tx.move_authorization(&scene.authorization, &over).await? {
        return Ok(Reply::GoOn);
    }
    scene.authorization.stage = over;
    let step = next::step(&scene, Wish::None);
    let left = issue::leave_if_done(op, &mut tx, &scene, visitor, step).await?;
    tx.commit().await?;
    Ok(left.map_or(Reply::GoOn, |delivery| Reply::Leave {
        delivery,
        cookies: None,
    }))
}
