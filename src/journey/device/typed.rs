//! The person's side: a code is typed, what it stands for is shown, and nothing goes on before they have said so.

use super::USER_CODE;
use crate::base::encoding::base64url;
use crate::base::{AuthorizationId, CeremonyId, Entropy, Seconds, Timestamp};
use crate::journey::authorize::{Begun, NotBegun, begin_errand};
use crate::journey::provider::{LoadError, Provider};
use crate::journey::reply::Complaint;
use crate::journey::scene::{Trouble, live_session};
use crate::journey::visitor::Visitor;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::authorization::AUTHORIZATION_LIFETIME;
use crate::model::deferred::{
    DeferredState, GUESS_WINDOW, GUESSES_BY_ALL, GUESSES_BY_BROWSER, GUESSES_FROM_PLACE, Kind,
};
use crate::model::throttle::ThrottleKey;
use crate::model::{Authorization, Deferred, Stage};
use crate::protocol::client::Client;
use crate::protocol::device::UserCode;
use crate::protocol::words::GrantType;
use crate::storage::Tx;

/// What a code stands for.
pub struct Asking {
    pub client: Client,
    pub code: UserCode,
    /// The network address that the device asked from.
    pub origin: Option<String>,
    pub at: Timestamp,
}

/// What became of a code that was typed.
pub enum Looked {
    Asks(Box<Asking>),
    /// Mistyped, out of time, or answered: nobody is told which.
    Unknown,
    /// Too many were guessed.
    Wait(Complaint),
}

/// A code that leads to something, or why it does not.
enum Found {
    Waiting(Box<(Deferred, Client, UserCode)>),
    Not(Looked),
}

/// What is behind this code? Nothing is decided by looking.
pub async fn look(op: &Provider, visitor: &Visitor, typed: &str) -> Result<Looked, Trouble> {
    let (_, found) = find(op, visitor, typed).await?;
    Ok(match found {
        Found::Not(why) => why,
        Found::Waiting(found) => {
            let (deferred, client, code) = *found;
            Looked::Asks(Box::new(Asking {
                client,
                code,
                origin: deferred.origin,
                at: deferred.created_at,
            }))
        }
    })
}

/// "Yes, that is mine": on to the sign-in, for the device. `Err`: the code leads nowhere any more.
pub async fn confirm(op: &Provider, visitor: &Visitor, typed: &str) -> Result<Result<Begun, Looked>, NotBegun> {
    let (mut tx, found) = find(op, visitor, typed).await?;
    let (deferred, client, _) = match found {
        Found::Waiting(found) => *found,
        Found::Not(why) => return Ok(Err(why)),
    };
    let now = op.now();
    let session = live_session(&mut tx, visitor, now).await?;
    drop(tx);
    let authorization = Authorization {
        id: AuthorizationId::new(op.entropy.token()),
        browser_hash: None,
        client: client.id,
        subject: None,
        request: deferred.request,
        stage: session.map_or(Stage::Asked, |s| Stage::bound(s.user)),
        errand: None,
        ceremony: CeremonyId::random(&op.entropy),
        created_at: now,
        expires_at: now.plus(AUTHORIZATION_LIFETIME).min(deferred.expires_at),
        finished_at: None,
        pushed: None,
        encrypt_to: None,
        deferred: Some(deferred.hash),
    };
    begin_errand(op, authorization, visitor).await.map(Ok)
}

/// "That is not mine": the device is told so. `Some`: the code leads nowhere any more.
pub async fn deny(op: &Provider, visitor: &Visitor, typed: &str) -> Result<Option<Looked>, Trouble> {
    let (mut tx, found) = find(op, visitor, typed).await?;
    let deferred = match found {
        Found::Waiting(found) => found.0,
        Found::Not(why) => return Ok(Some(why)),
    };
    let why = Some("the person denied it");
    let (hash, now) = (&deferred.hash, op.now());
    if tx.settle_deferred(hash, DeferredState::Denied, why, now).await? {
        tx.audit(
            AuditRecord::new("device.denied", Outcome::Refused, now)
                .actor("user")
                .client(&deferred.client)
                .ip(visitor.ip.as_deref()),
        );
        tx.commit().await?;
    }
    Ok(None)
}

/// Looks a code up. Misses are counted before the answer is known to anybody.
async fn find(op: &Provider, visitor: &Visitor, typed: &str) -> Result<(Tx, Found), Trouble> {
    let now = op.now();
    let mut tx = op.store.begin().await?;
    let keys = keys(visitor, now);
    for (key, most) in &keys {
        // Held until the end: guesses made at once see each other.
        if tx.hold_throttle(key, now).await?.failures >= *most {
            let left = Seconds(GUESS_WINDOW.0 - now.secs() % GUESS_WINDOW.0);
            tx.audit(
                AuditRecord::new("device.throttled", Outcome::Refused, now)
                    .actor("user")
                    .ip(visitor.ip.as_deref()),
            );
            tx.commit().await?;
            let wait = Looked::Wait(Complaint::wait(op, left));
            return Ok((op.store.view().await?, Found::Not(wait)));
        }
    }
    let current = op.current_in(&mut tx).await?;
    let waiting = match UserCode::typed(typed) {
        Some(code) => by_code(op, &mut tx, &code, now).await?.map(|found| (found, code)),
        None => None,
    };
    if let Some((deferred, code)) = waiting
        && let Some(client) = current.workspace.clients.get(&deferred.client)
        && client.may_use(GrantType::DeviceCode)
    {
        return Ok((tx, Found::Waiting(Box::new((deferred, client.clone(), code)))));
    }
    for (key, _) in &keys {
        tx.count_use(key, now).await?;
    }
    tx.commit().await?;
    Ok((op.store.view().await?, Found::Not(Looked::Unknown)))
}

/// Whose guesses these are, and how many there may be. The one that all share comes first, so that nobody waits crosswise.
fn keys(visitor: &Visitor, now: Timestamp) -> [(ThrottleKey, i64); 3] {
    let window = now.secs() / GUESS_WINDOW.0;
    let place = format!("place {}", visitor.ip.as_deref().unwrap_or_default());
    let browser = format!("browser {}", visitor.browser.as_deref().unwrap_or_default());
    [
        (ThrottleKey::device_codes("all", window), GUESSES_BY_ALL),
        (ThrottleKey::device_codes(&place, window), GUESSES_FROM_PLACE),
        (ThrottleKey::device_codes(&browser, window), GUESSES_BY_BROWSER),
    ]
}

/// Under any master key: it may have been changed since the device was given the code.
async fn by_code(op: &Provider, tx: &mut Tx, code: &UserCode, now: Timestamp) -> Result<Option<Deferred>, Trouble> {
    let hashes = op.sealer.keyed_hashes(USER_CODE, code.as_str().as_bytes());
    for hash in hashes.map_err(LoadError::from)? {
        let found = tx.deferred_by_user_code(&base64url(&hash), now).await?;
        if let Some(found) = found.filter(|d| d.kind == Kind::Device) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
