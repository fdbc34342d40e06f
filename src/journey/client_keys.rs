//! The keys that clients sign with, or want to be written to with: registered, or published at an address of theirs (`jwks_uri`, RFC 7591 §2).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::provider::Provider;
use crate::base::{ClientId, Seconds, Timestamp};
use crate::keys::{EncryptionKey, JwkError, JwkSet, PublicKey, jose};
use crate::protocol::client::Client;
use crate::protocol::words::EncryptionAlg;

/// So long a published set is believed without looking again; a key that is taken out of it dies with that.
const FRESH: Seconds = Seconds::hours(1);
/// So long while it cannot be fetched: a partner's web server may be down without taking its sign-ins with it.
const STALE: Seconds = Seconds::hours(24);
/// A token with an unknown `kid` makes us look again, but anybody can write one: not more often than this.
const PAUSE: Seconds = Seconds::minutes(1);

#[derive(Debug, thiserror::Error)]
pub enum NoKeys {
    #[error("the client has no keys")]
    None,
    #[error("the client has no key for encryption by {0}")]
    NoneFor(EncryptionAlg),
    #[error("the client's keys cannot be used: {0}")]
    Unusable(#[from] JwkError),
    #[error("the client's keys cannot be fetched")]
    Unreachable,
}

/// What a key is needed for.
#[derive(Clone, Copy)]
enum Need<'a> {
    /// It has signed with one of this name, or of none.
    Verify(Option<&'a str>),
    /// It is this very one, and the connection shows that it is held.
    This(&'a PublicKey),
    Encrypt(EncryptionAlg),
}

impl Need<'_> {
    fn met_by(self, keys: &JwkSet) -> bool {
        match self {
            Self::Verify(kid) => kid.is_none_or(|kid| keys.keys.iter().any(|k| k.kid.as_deref() == Some(kid))),
            Self::This(key) => keys.keys.iter().any(|k| k.public.thumbprint() == key.thumbprint()),
            Self::Encrypt(alg) => keys.recipient(alg).is_some(),
        }
    }
}

/// What was fetched, by client.
#[derive(Default)]
pub struct ClientKeys(Mutex<HashMap<ClientId, Arc<Slot>>>);

#[derive(Default)]
struct Slot {
    kept: Mutex<Kept>,
    /// Whoever fetches holds it; who needs the same waits, and then looks first.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct Kept {
    /// Where it is from: a registration can change.
    address: String,
    keys: Option<(Arc<JwkSet>, Timestamp)>,
    tried_at: Option<Timestamp>,
}

impl Kept {
    /// The set, if it is not older than this.
    fn within(&self, age: Seconds, now: Timestamp) -> Option<&Arc<JwkSet>> {
        let (keys, at) = self.keys.as_ref()?;
        (!at.older_than(age, now)).then_some(keys)
    }

    /// A set that answers the question, without a look at the client's site.
    fn answers(&self, need: Need<'_>, now: Timestamp) -> Option<Arc<JwkSet>> {
        let keys = self.within(FRESH, now)?;
        need.met_by(keys).then(|| Arc::clone(keys))
    }

    fn may_try(&self, now: Timestamp) -> bool {
        self.tried_at.is_none_or(|tried| tried.older_than(PAUSE, now))
    }
}

/// The keys to check this token with. Nothing of the database may be held meanwhile.
pub async fn keys_for(op: &Provider, client: &Client, token: &str) -> Result<Arc<JwkSet>, NoKeys> {
    let kid = jose::unverified_kid(token).ok().flatten();
    seek(op, client, Need::Verify(kid.as_deref())).await
}

/// Is this one of the client's keys (RFC 8705 §2.2)? Likewise.
pub async fn has_key(op: &Provider, client: &Client, key: &PublicKey) -> Result<bool, NoKeys> {
    let need = Need::This(key);
    Ok(need.met_by(&*seek(op, client, need).await?))
}

/// The key that this client is written to with. Likewise.
pub async fn key_to_encrypt_to(op: &Provider, client: &Client, alg: EncryptionAlg) -> Result<EncryptionKey, NoKeys> {
    let keys = seek(op, client, Need::Encrypt(alg)).await?;
    keys.recipient(alg).cloned().ok_or(NoKeys::NoneFor(alg))
}

async fn seek(op: &Provider, client: &Client, need: Need<'_>) -> Result<Arc<JwkSet>, NoKeys> {
    match (&client.metadata.jwks, &client.metadata.jwks_uri) {
        (Some(jwks), _) => Ok(Arc::new(JwkSet::from_value(jwks)?)),
        (None, Some(address)) => published(op, &client.id, address, need).await,
        (None, None) => Err(NoKeys::None),
    }
}

async fn published(op: &Provider, client: &ClientId, address: &str, need: Need<'_>) -> Result<Arc<JwkSet>, NoKeys> {
    let slot = op.client_keys.slot(client);
    if let Some(keys) = slot.at(address).answers(need, op.now()) {
        return Ok(keys);
    }
    let _turn = slot.turn.lock().await;
    let (mut kept, now) = (slot.at(address), op.now());
    if let Some(keys) = kept.answers(need, now) {
        return Ok(keys);
    }
    if kept.may_try(now) {
        kept.tried_at = Some(now);
        // Written down first: whoever hangs up in the meantime has had this minute's try.
        slot.keep(kept.clone());
        match fetch(op, address).await {
            Ok(keys) => kept.keys = Some((Arc::new(keys), now)),
            Err(why) => tracing::warn!(%client, %why, "the client's keys were not fetched"),
        }
        slot.keep(kept.clone());
    }
    // Perhaps not the key that is meant: then the signature has none to be checked with.
    kept.within(STALE, now).cloned().ok_or(NoKeys::Unreachable)
}

async fn fetch(op: &Provider, address: &str) -> Result<JwkSet, String> {
    let body = op.outbound.get(address).await.map_err(|e| e.to_string())?;
    JwkSet::parse(&body).map_err(|e| e.to_string())
}

impl ClientKeys {
    fn slot(&self, client: &ClientId) -> Arc<Slot> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(client.clone()).or_default())
    }
}

impl Slot {
    /// What is kept of this address.
    fn at(&self, address: &str) -> Kept {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if kept.address == address {
            return kept;
        }
        Kept {
            address: address.to_owned(),
            ..Kept::default()
        }
    }

    fn keep(&self, kept: Kept) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    }
}
