//! A code generator on another screen: the secret is shown there, once, to whoever holds the link; what counts is the
//! code that is typed where the set-up was begun.
//!
//! A link alone binds nothing (800-63B-4 §4.1.2.2): it opens neither the session nor the set-up, and the secret that it
//! shows was never shown before. Whoever asks for one again makes the older one worthless with its secret (S87).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::phone::too_many;
use super::{keep, not_offered, start, unseal};
use crate::base::encoding::hash_token;
use crate::base::{AuthorizationId, Entropy};
use crate::factors::phone::Number;
use crate::factors::push::enrol::Pairing;
use crate::factors::totp::enrol::{Shown, on_another_screen};
use crate::factors::{Channel, Wanted};
use crate::journey::ceremony::usable_credentials;
use crate::journey::notices::{self, Circumstances, Letter};
use crate::journey::provider::Provider;
use crate::journey::reply::{Complaint, Destination, Reply};
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::{Enrolment, MfaCode, Purpose, Ticket};
use crate::policy::Method;
use crate::storage::Tx;

/// What the ticket of a link is about.
#[derive(Serialize, Deserialize)]
struct Screen {
    enrolment: String,
}

/// Where a link can go: only to what is known to be this person's already.
pub fn ways(op: &Provider, scene: &Scene) -> Vec<Channel> {
    [Channel::Sms, Channel::Email]
        .into_iter()
        .filter(|channel| target(op, scene, *channel).is_some())
        .collect()
}

fn target(op: &Provider, scene: &Scene, channel: Channel) -> Option<String> {
    let user = scene.user.as_ref()?;
    match channel {
        Channel::Email => user.email.clone().filter(|_| user.email_verified),
        Channel::Sms | Channel::Voice if scene.current.workspace.settings.methods.contains(&Method::Sms) => {
            let phones = usable_credentials(op, scene, Method::Sms);
            let number: Number = serde_json::from_slice(phones.first()?.secret.expose()).ok()?;
            Some(number.e164)
        }
        Channel::Sms | Channel::Voice | Channel::Push | Channel::Ping | Channel::Logout => None,
    }
}

/// Where a link shall go.
pub struct To<'a> {
    pub channel: Channel,
    /// A telephone number that the person has typed; else what is known of them.
    pub number: Option<&'a str>,
}

/// "Use text message instead", "use e-mail instead": what was shown is discarded, and a new secret goes by link.
pub async fn send(
    op: &Provider,
    id: &AuthorizationId,
    visitor: &Visitor,
    (method, to): (Method, To<'_>),
) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    let scene = Scene::load(op, &mut tx, id, visitor).await?;
    if let Some(reply) = not_offered(op, &mut tx, &scene, visitor, method) {
        tx.commit().await?;
        return Ok(reply);
    }
    let channel = to.channel;
    let to = match to.number {
        // A link binds nothing, so it may go to a number that nobody has proved yet.
        Some(typed) if channel != Channel::Email => {
            match Number::read(typed, Some(scene.current.workspace.settings.phone.region())) {
                Ok(number) => Some(number.e164),
                Err(code) => return Ok(Reply::Again(Complaint::plain(op, code))),
            }
        }
        _ => target(op, &scene, channel),
    };
    let (Some(user), Some(to)) = (&scene.user, to) else {
        return Ok(Reply::Again(Complaint::plain(op, MfaCode::NumberInvalid)));
    };
    if let Some(complaint) = too_many(op, &mut tx, &scene).await? {
        return Ok(Reply::Again(complaint));
    }
    let mut started = match start(op, &scene, method, &Wanted::OnAnotherScreen) {
        Ok(started) => started,
        Err(code) => return Ok(Reply::Again(Complaint::plain(op, code))),
    };
    if let Some(pairing) = Pairing::read(&started.kept) {
        let letter = pairing_letter(op, &scene, visitor, (channel, &pairing));
        started.send = Some(notices::message(op, user, (channel, to), &letter));
        keep(op, &mut tx, &scene, visitor, (method, started)).await?;
        tx.commit().await?;
        op.outbox.notify_one();
        return Ok(Reply::Show(Destination::Enrol(method)));
    }
    let token = op.entropy.token();
    let letter = Letter {
        key: "setup-link",
        args: BTreeMap::new(),
        facts: Some(Circumstances::of(scene.now, visitor, None)),
        link: Some(format!("{}/enrol/setup/{token}", op.issuer.url)),
        ..Letter::default()
    };
    started.send = Some(notices::message(op, user, (channel, to), &letter));
    let enrolment = keep(op, &mut tx, &scene, visitor, (Method::Totp, started)).await?;
    let ticket = notices::ticket(op, Purpose::SetUp, Some(user), &token, &Screen { enrolment })?;
    tx.create_ticket(&ticket).await?;
    tx.commit().await?;
    op.outbox.notify_one();
    Ok(Reply::Show(Destination::Enrol(Method::Totp)))
}

/// The link to the app; a call speaks digits that are good for the same.
fn pairing_letter(op: &Provider, scene: &Scene, visitor: &Visitor, (channel, pairing): (Channel, &Pairing)) -> Letter {
    let spoken = pairing.spoken.expose();
    let slowly = spoken.chars().map(String::from).collect::<Vec<_>>().join(", ");
    let call = channel == Channel::Voice;
    Letter {
        key: if call { "pairing-call" } else { "pairing-link" },
        args: if call {
            BTreeMap::from([("digits", slowly)])
        } else {
            BTreeMap::new()
        },
        facts: Some(Circumstances::of(scene.now, visitor, None)),
        code: call.then(|| spoken.to_owned()),
        link: (!call).then(|| pairing.link(&op.issuer.url)),
        ..Letter::default()
    }
}

/// Would this link still show something?
pub async fn is_good(op: &Provider, token: &str) -> Result<bool, Trouble> {
    let mut view = op.store.view().await?;
    Ok(pending(op, &mut view, token).await?.is_some())
}

/// The secret, once: the link is used up by it.
pub async fn open(op: &Provider, visitor: &Visitor, token: &str) -> Result<Option<Shown>, Trouble> {
    let mut tx = op.store.begin().await?;
    let Some((ticket, enrolment)) = pending(op, &mut tx, token).await? else {
        return Ok(None);
    };
    if !tx.use_ticket(Purpose::SetUp, &ticket.hash, op.now()).await? {
        return Ok(None);
    }
    let current = op.current_in(&mut tx).await?;
    let site = op.site(&current.workspace);
    let kept = unseal(op, &enrolment);
    let shown = kept.and_then(|kept| on_another_screen(&op.cx(op.now(), &site), &kept));
    let record = AuditRecord::new("authenticator.bind.link_opened", Outcome::Success, op.now());
    tx.audit(
        record
            .actor("user")
            .subject(&enrolment.user)
            .ip(visitor.ip.as_deref())
            .with("method", enrolment.method.as_str()),
    );
    tx.commit().await?;
    Ok(shown)
}

/// The set-up behind a link, while both are good.
async fn pending(op: &Provider, tx: &mut Tx, token: &str) -> Result<Option<(Ticket, Enrolment)>, Trouble> {
    let now = op.now();
    let Some(ticket) = tx.ticket(Purpose::SetUp, &hash_token(token), now).await? else {
        return Ok(None);
    };
    let screen: Screen = notices::read_ticket(op, &ticket)?;
    let pending = tx.pending_enrolment(&screen.enrolment).await?;
    let pending = pending.filter(|e| e.expires_at > now && ticket.user.as_ref() == Some(&e.user));
    Ok(pending.map(|e| (ticket, e)))
}
