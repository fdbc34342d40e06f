//! A request goes to a phone.

use serde::Serialize;

use super::{address, commit, seal_question};
use crate::base::{AuthorizationId, Entropy, MessageId, Seconds};
use crate::factors::push::{LIFETIME, Push, Question};
use crate::factors::{Ask, Channel, Factor, Message};
use crate::journey::ceremony::unseal;
use crate::journey::outbox;
use crate::journey::provider::Provider;
use crate::journey::records::factor_record;
use crate::journey::reply::{Complaint, Destination, Reply};
use crate::journey::scene::{Scene, Trouble};
use crate::journey::signals::Key;
use crate::journey::visitor::Visitor;
use crate::model::audit::Outcome;
use crate::model::push_request::{DAY, PushRequest, RequestState, Restraint, restraint};
use crate::model::throttle::ThrottleKey;
use crate::model::{Authenticator, AuthenticatorStatus, MfaCode, PushAddress, User};
use crate::policy::Method;
use crate::storage::Tx;

/// What a device shows, as it is signed: see `docs/authenticator-protocol.md`.
#[derive(Serialize)]
pub(in crate::journey) struct Context<'a> {
    pub kind: &'static str,
    pub issuer: &'a str,
    pub workspace: &'a str,
    pub account: &'a str,
    pub device: &'a str,
    pub partner: Option<Partner<'a>>,
    pub at: i64,
    pub ip: Option<&'a str>,
    /// Nobody here knows where an address is.
    pub place: Option<&'a str>,
    pub browser: Option<String>,
    pub lines: Vec<Line>,
    /// What the partner shows beside it, to be compared (CIBA Core §7.1 `binding_message`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'a str>,
}

#[derive(Serialize)]
pub(in crate::journey) struct Partner<'a> {
    pub name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<&'a str>,
}

/// A line of what is signed.
#[derive(Serialize)]
pub(in crate::journey) struct Line {
    pub label: String,
    pub value: String,
}

/// Sends one, unless too many went unanswered. Commits.
pub async fn open(
    op: &Provider,
    mut tx: Tx,
    scene: &Scene,
    visitor: &Visitor,
    (device, again): (&Authenticator, bool),
) -> Result<Reply, Trouble> {
    let (Some(credential), Some(user)) = (unseal(op, device), &scene.user) else {
        return Ok(Reply::Again(Complaint::plain(op, MfaCode::MethodDisabled)));
    };
    if device.status != AuthenticatorStatus::Active {
        return Ok(Reply::Again(Complaint::plain(op, MfaCode::MethodDisabled)));
    }
    // Holding them also makes two requests at once wait for each other.
    for key in [ThrottleKey::account(&user.id), ThrottleKey::authenticator(&device.id)] {
        if let Some(wait) = tx.hold_throttle(&key, scene.now).await?.wait(scene.now) {
            return Ok(Reply::Again(Complaint::wait(op, wait)));
        }
    }
    if let Some(restraint) = restrained(&mut tx, scene, user).await? {
        let complaint = match restraint {
            Restraint::Wait(wait) => Complaint::wait(op, wait),
            Restraint::OtherMethod => Complaint::plain(op, MfaCode::PushDenied),
        };
        let refused = factor_record(scene, "auth.push.rate_limited", Outcome::Refused, visitor, device);
        tx.audit(refused.reference(&complaint.reference));
        tx.commit().await?;
        return Ok(Reply::Again(complaint));
    }
    let site = op.site(&scene.current.workspace);
    let ask = Ask {
        selected: &credential,
        acceptable: std::slice::from_ref(&credential),
        verify_user: false,
    };
    let opening = Push.open(&op.cx(scene.now, &site), &ask);
    let Some(mut question) = opening.kept.and_then(|(kept, _)| Question::read(&kept)) else {
        return Ok(Reply::Again(Complaint::plain(op, MfaCode::MethodDisabled)));
    };
    if scene.requirement().allow_one_tap && !scene.needs_code_transfer(&device.id) {
        question.number = None;
    }
    question.context = context(op, scene, visitor, ("sign_in", device.label()), user)?;
    question.session = scene.session.as_ref().map(|s| s.id.clone());
    let to = address(op, &mut tx, &device.id).await?;
    let left = withdraw(&mut tx, &scene.authorization.id).await?;
    let request = send(op, &mut tx, scene, (device.id.as_str(), LIFETIME), (&question, to)).await?;
    let event = if again {
        "auth.challenge.resent"
    } else {
        "auth.challenge.sent"
    };
    tx.audit(factor_record(scene, event, Outcome::Success, visitor, device).with("request", request.as_str()));
    // Other tabs of this sign-in show an older number.
    let mut rings = vec![Key::device(device.id.as_str()), Key::sign_in(&scene.authorization.id)];
    rings.extend(left);
    commit(op, tx, &rings).await?;
    Ok(Reply::Show(Destination::Authenticator(device.id.to_string())))
}

pub(in crate::journey) async fn restrained(
    tx: &mut Tx,
    scene: &Scene,
    user: &User,
) -> Result<Option<Restraint>, Trouble> {
    let past = tx.past_requests(&user.id, scene.now.minus(DAY)).await?;
    let other = |a: &&Authenticator| !matches!(a.method, Method::Push | Method::Password);
    let proved = scene
        .authenticators
        .iter()
        .filter(other)
        .filter_map(|a| a.last_used_at)
        .max();
    Ok(restraint(&past, proved, scene.now))
}

/// What the phone shows (JSON): the browser's side of it, as far as it is known.
pub(super) fn context(
    op: &Provider,
    scene: &Scene,
    visitor: &Visitor,
    (kind, device): (&'static str, &str),
    user: &User,
) -> Result<String, Trouble> {
    written(&about(op, scene, visitor, (kind, device), user))
}

/// As it is signed.
pub(in crate::journey) fn written(context: &Context<'_>) -> Result<String, Trouble> {
    serde_json::to_string(context).map_err(|e| crate::storage::Error::corrupt("what a phone shows", e).into())
}

pub(in crate::journey) fn about<'a>(
    op: &'a Provider,
    scene: &'a Scene,
    visitor: &'a Visitor,
    (kind, device): (&'static str, &'a str),
    user: &'a User,
) -> Context<'a> {
    let language = user.claims.get("locale").and_then(serde_json::Value::as_str);
    let browser = visitor.short_user_agent();
    let partner = scene.authorization.errand.is_none().then(|| Partner {
        name: &scene.client.name,
        uri: scene.client.metadata.client_uri.as_deref(),
    });
    Context {
        kind,
        issuer: &op.issuer.url,
        workspace: &scene.current.workspace.settings.name,
        account: &user.username,
        device,
        partner,
        at: scene.now.secs(),
        ip: visitor.ip.as_deref(),
        place: None,
        browser: browser.map(|agent| op.words.browser(language, &agent)),
        lines: Vec::new(),
        message: None,
    }
}

/// Whatever waits for this sign-in waits no more, on whichever phone, and a message about it that has not left yet stays
/// here. Answers whom to ring.
pub(super) async fn withdraw(tx: &mut Tx, id: &AuthorizationId) -> Result<Option<Key>, Trouble> {
    let newest = tx.newest_push_request(id).await?;
    let Some(old) = newest.filter(|r| r.state == RequestState::Waiting) else {
        return Ok(None);
    };
    tx.withdraw_requests(id).await?;
    tx.withdraw(&MessageId::new(old.id)).await?;
    Ok(Some(Key::device(&old.device)))
}

/// Into the database, and a message that says nothing but which request it is. Answers its id.
pub(in crate::journey) async fn send(
    op: &Provider,
    tx: &mut Tx,
    scene: &Scene,
    (device, lifetime): (&str, Seconds),
    (question, to): (&Question, Option<PushAddress>),
) -> Result<String, Trouble> {
    let user = scene.user.as_ref().ok_or(Trouble::Unknown)?;
    let id = op.entropy.token();
    let request = PushRequest {
        sealed: seal_question(op, &id, question)?,
        id: id.clone(),
        authorization: scene.authorization.id.clone(),
        user: user.id.clone(),
        device: device.to_owned(),
        state: RequestState::Waiting,
        tries: 0,
        answer: None,
        created_at: scene.now,
        expires_at: scene.now.plus(lifetime),
        answered_at: None,
    };
    tx.ask_device(&request).await?;
    let message = Message {
        channel: Channel::Push,
        to: device.to_owned(),
        subject: None,
        body: id.clone(),
        html: None,
        code: None,
        link: Some(format!("{}/authenticator", op.issuer.url)),
        push: to,
    };
    // A device without an address asks by itself; in the sandbox all that would be sent can be seen.
    if message.push.is_some() || op.sandbox {
        outbox::enqueue(op, tx, MessageId::new(id.clone()), &message, (scene.now, lifetime)).await?;
    }
    Ok(id)
}
