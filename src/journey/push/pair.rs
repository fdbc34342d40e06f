//! A device redeems the secret of a pairing. It is none yet: what confirms it is the first request (S8).

use serde::{Deserialize, Serialize};

use super::ask::{context, send};
use super::device::{expected, fresh};
use super::{Refusal, commit};
use crate::base::encoding::hash_token;
use crate::base::{AuthorizationId, Seconds, Timestamp};
use crate::factors::Kept;
use crate::factors::push::enrol::{Paired, Pairing, normalised};
use crate::factors::push::{Device, Question};
use crate::journey::enrolment;
use crate::journey::notices;
use crate::journey::provider::{Current, LoadError, Provider};
use crate::journey::reply::{Destination, Reply};
use crate::journey::scene::{Scene, Trouble};
use crate::journey::signals::Key;
use crate::journey::visitor::Visitor;
use crate::keys::{Jwk, jose};
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::nickname::Nickname;
use crate::model::push::App;
use crate::model::throttle::ThrottleKey;
use crate::model::{Enrolment, Purpose, PushAddress, UserStatus};
use crate::policy::Method;
use crate::storage::Tx;

/// Secrets that may be tried from one address within `WINDOW`: twelve digits can be guessed at, if slowly.
const TRIES: i64 = 20;
const WINDOW: Seconds = Seconds::minutes(10);

/// What the ticket of a secret is about.
#[derive(Serialize, Deserialize)]
struct Ticket {
    enrolment: String,
}

/// What a device says when it redeems a secret.
#[derive(Debug, Deserialize)]
pub struct Redemption {
    pub secret: String,
    pub app: App,
    pub device: Named,
    #[serde(default)]
    pub notifications: Notifications,
    #[serde(default)]
    pub push: Option<PushAddress>,
    #[serde(default)]
    pub integrity: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
pub struct Named {
    pub name: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notifications {
    Granted,
    Denied,
    #[default]
    #[serde(other)]
    Unsupported,
}

/// What it learns: no more of the account than is needed to recognise it.
#[derive(Clone, Debug)]
pub struct Redeemed {
    pub device: String,
    pub workspace: String,
    pub username: String,
    pub request: String,
    pub expires_at: Timestamp,
}

/// The secrets of a pairing that has begun, to be found by their hashes.
pub async fn issue(op: &Provider, tx: &mut Tx, scene: &Scene, id: &str, kept: &Kept) -> Result<(), Trouble> {
    let Some(pairing) = Pairing::read(kept) else {
        return Ok(());
    };
    let about = Ticket {
        enrolment: id.to_owned(),
    };
    for secret in [&pairing.secret, &pairing.spoken] {
        let ticket = notices::ticket(op, Purpose::Pairing, scene.user.as_ref(), secret.expose(), &about)?;
        tx.create_ticket(&ticket).await?;
    }
    Ok(())
}

/// "Click to reveal": only now does the page hold the secret (S59, S60).
pub async fn reveal(op: &Provider, id: &AuthorizationId, visitor: &Visitor) -> Result<Reply, Trouble> {
    let mut tx = op.store.begin().await?;
    Scene::load(op, &mut tx, id, visitor).await?;
    let open = tx.open_enrolment(id).await?.filter(|e| e.method == Method::Push);
    let pairing = open
        .as_ref()
        .and_then(|e| enrolment::unseal(op, e))
        .as_ref()
        .and_then(Pairing::read);
    if let (Some(open), Some(mut pairing)) = (open, pairing) {
        pairing.revealed = true;
        let sealed = enrolment::seal(op, &open.id, &pairing.keep()).map_err(LoadError::from)?;
        tx.renew_enrolment(&open, &sealed).await?;
        tx.commit().await?;
    }
    Ok(Reply::Show(Destination::Enrol(Method::Push)))
}

/// A secret, for a device's key.
pub async fn redeem(op: &Provider, visitor: &Visitor, jws: &str) -> Result<Redeemed, Refusal> {
    slow_down(op, visitor).await?;
    let (verified, key) = jose::verify_embedded(jws, &expected(op, &["countersign-pairing+jwt"], &[&op.issuer.url]))?;
    fresh(&verified, op.now())?;
    let said: Redemption = verified.read()?;
    let mut tx = op.store.begin().await?;
    let current = op.current_in(&mut tx).await?;
    if said.notifications == Notifications::Denied {
        return Err(Refusal::NotificationsOff);
    }
    not_too_old(&current, &said.app.version)?;
    if said.push.as_ref().is_some_and(|a| a.check().is_err()) {
        return Err(Refusal::Invalid("`push` is not an address of a push service"));
    }
    let enrolment = pending(op, &mut tx, &said.secret).await?;
    let redeemed = admit(op, &mut tx, visitor, &enrolment, (said, &key)).await?;
    commit(
        op,
        tx,
        &[Key::sign_in(&enrolment.authorization), Key::device(&enrolment.id)],
    )
    .await?;
    Ok(redeemed)
}

async fn slow_down(op: &Provider, visitor: &Visitor) -> Result<(), Refusal> {
    let now = op.now();
    let (window, passed) = (now.secs() / WINDOW.0, now.secs() % WINDOW.0);
    let whom = visitor.ip.as_deref().unwrap_or_default();
    let mut tx = op.store.begin().await?;
    let tries = tx
        .count_use(&ThrottleKey::letters("pairing", whom, window), now)
        .await?;
    if tries == TRIES + 1 {
        // Once: nobody is known here, and the log is append-only.
        let record = AuditRecord::new("authenticator.bind.rate_limited", Outcome::Refused, now);
        tx.audit(
            record
                .actor("device")
                .ip(visitor.ip.as_deref())
                .reason("secrets of pairings"),
        );
    }
    tx.commit().await?;
    if tries > TRIES {
        return Err(Refusal::SlowDown(Seconds(WINDOW.0 - passed)));
    }
    Ok(())
}

/// The set-up behind a secret, which is used up by asking.
async fn pending(op: &Provider, tx: &mut Tx, secret: &str) -> Result<Enrolment, Refusal> {
    let hash = hash_token(&normalised(secret));
    let ticket = tx
        .ticket(Purpose::Pairing, &hash, op.now())
        .await?
        .ok_or(Refusal::PairingUnknown)?;
    if !tx.use_ticket(Purpose::Pairing, &hash, op.now()).await? {
        return Err(Refusal::PairingUnknown);
    }
    let about: Ticket = notices::read_ticket(op, &ticket)?;
    let pending = tx.pending_enrolment(&about.enrolment).await?;
    let fits =
        |e: &Enrolment| e.method == Method::Push && e.expires_at > op.now() && ticket.user.as_ref() == Some(&e.user);
    pending.filter(fits).ok_or(Refusal::PairingUnknown)
}

async fn admit(
    op: &Provider,
    tx: &mut Tx,
    visitor: &Visitor,
    enrolment: &Enrolment,
    (said, key): (Redemption, &Jwk),
) -> Result<Redeemed, Refusal> {
    let kept = enrolment::unseal(op, enrolment).as_ref().and_then(Pairing::read);
    // A secret is one device's: of the two ways to give it the second comes too late.
    let mut pairing = kept.filter(|p| p.device.is_none()).ok_or(Refusal::PairingUnknown)?;
    let authorization = tx.authorization(&enrolment.authorization).await?;
    let authorization = authorization
        .filter(|a| a.finished_at.is_none() && !a.expired(op.now()))
        .ok_or(Refusal::PairingUnknown)?;
    let current = op.current_in(tx).await?;
    let scene = Scene::compose(op, tx, authorization, current, (None, visitor)).await?;
    let user = scene
        .user
        .as_ref()
        .filter(|u| u.status == UserStatus::Active && u.id == enrolment.user);
    let user = user.ok_or(Refusal::PairingUnknown)?;
    let name = name_of(&said.device.name);
    let device = device(key, said.app, said.integrity).ok_or(Refusal::Signature)?;
    let site = op.site(&scene.current.workspace);
    let mut question = Question::new(&op.cx(scene.now, &site));
    question.context = context(op, &scene, &Visitor::default(), ("pairing", &name), user)?;
    let left = scene.now.seconds_until(enrolment.expires_at);
    let request = send(op, tx, &scene, (&enrolment.id, left), (&question, said.push.clone())).await?;
    pairing.device = Some(Paired {
        device,
        name,
        address: said.push,
        request: request.clone(),
        question,
    });
    let sealed = enrolment::seal(op, &enrolment.id, &pairing.keep()).map_err(LoadError::from)?;
    if !tx.renew_enrolment(enrolment, &sealed).await? {
        return Err(Refusal::PairingUnknown);
    }
    let record = AuditRecord::new("authenticator.bind.link_opened", Outcome::Success, scene.now);
    tx.audit(
        record
            .actor("device")
            .subject(&enrolment.user)
            .ip(visitor.ip.as_deref())
            .with("method", Method::Push.as_str())
            .with("authenticator", enrolment.id.as_str()),
    );
    Ok(Redeemed {
        device: enrolment.id.clone(),
        workspace: scene.current.workspace.settings.name.clone(),
        username: masked(&user.username),
        request,
        expires_at: enrolment.expires_at,
    })
}

fn device(key: &Jwk, app: App, integrity: Option<serde_json::Value>) -> Option<Device> {
    let members = key.public.to_members();
    let text = |name: &str| members.get(name).and_then(|v| v.as_str()).map(str::to_owned);
    Some(Device {
        x: text("x")?,
        y: text("y")?,
        app: short(app),
        integrity: integrity.filter(|i| i.to_string().len() <= LONGEST_STATEMENT),
    })
}

/// Bytes of an integrity statement that are kept.
const LONGEST_STATEMENT: usize = 8 * 1024;
/// Characters of what an app says of itself that are kept.
const LONGEST_WORD: usize = 64;

pub(super) fn short(app: App) -> App {
    let cut = |text: String| text.chars().filter(|c| !c.is_control()).take(LONGEST_WORD).collect();
    App {
        name: cut(app.name),
        version: cut(app.version),
        platform: cut(app.platform),
        os: cut(app.os),
    }
}

/// A name that can be one; else a usual one.
fn name_of(given: &str) -> String {
    Nickname::read(given).map_or_else(|_| "Phone".to_owned(), |name| name.as_str().to_owned())
}

/// The first and the last letter of what stands before and behind the @.
pub(super) fn masked(username: &str) -> String {
    let part = |text: &str| {
        let first: String = text.chars().take(1).collect();
        let last: String = text.chars().skip(1).last().map(String::from).unwrap_or_default();
        format!("{first}•••{last}")
    };
    match username.split_once('@') {
        Some((name, host)) => format!("{}@{}", part(name), part(host)),
        None => part(username),
    }
}

/// Does the operator take apps of this version?
pub(super) fn not_too_old(current: &Current, version: &str) -> Result<(), Refusal> {
    let minimum = &current.workspace.settings.push.minimum_app_version;
    if at_least(version, minimum) {
        return Ok(());
    }
    Err(Refusal::AppTooOld {
        minimum: minimum.clone(),
    })
}

/// Is this version at least that one? Compared number by number; what is no number counts as nothing.
fn at_least(version: &str, minimum: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> { text.split('.').map(|n| n.trim().parse().unwrap_or(0)).collect() };
    let (mut given, mut wanted) = (numbers(version), numbers(minimum));
    let longest = given.len().max(wanted.len());
    given.resize(longest, 0);
    wanted.resize(longest, 0);
    given >= wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_number_by_number() {
        assert!(at_least("1.10.0", "1.9"));
        assert!(at_least("2", "2.0.0"));
        assert!(!at_least("1.4.9", "1.5.0"));
        assert!(!at_least("", "0.1"));
    }

    #[test]
    fn who_holds_a_link_is_not_told_whose_it_is() {
        assert_eq!(masked("ana.rivera@cedar.example"), "a•••a@c•••e");
        assert_eq!(masked("drrivera"), "d•••a");
        assert_eq!(masked("x"), "x•••");
    }
}
