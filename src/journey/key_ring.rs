//! Keeps our keys complete: made when missing, turned when old, deleted when nothing needs them.

use super::provider::{LoadError, Provider, records_of};
use crate::base::{KeyId, Seconds};
use crate::keys::turn::{self, KeyRecord, Stage, Turning};
use crate::keys::{KeyPair, Kind, RingError, Usage};
use crate::model::audit::{AuditRecord, Outcome};
use crate::protocol::client::{MAX_ACCESS_TOKEN_LIFETIME, MAX_ID_TOKEN_LIFETIME};
use crate::storage::Tx;
use crate::storage::workspace::KeyRow;

/// A current key signs for this long before the housekeeper turns the ring.
pub const ROTATE_EVERY: Seconds = Seconds::days(90);
/// A retired key verifies until the longest-lived token that it may have signed has expired. One that is encrypted to
/// opens for as long: many times what our key set may be cached for.
pub const VERIFY_FOR: Seconds = if MAX_ACCESS_TOKEN_LIFETIME.0 > MAX_ID_TOKEN_LIFETIME.0 {
    MAX_ACCESS_TOKEN_LIFETIME
} else {
    MAX_ID_TOKEN_LIFETIME
};

/// Makes what is missing. `only_current`: what must be there before the first request is answered; the next
/// keys may follow (an RSA key takes a tenth of a second).
pub async fn complete(op: &Provider, only_current: bool) -> Result<(), LoadError> {
    let known = records_of(&op.store.view().await?.signing_keys().await?)?;
    // Nobody encrypts to us before we have published a key: that may follow, where it costs much.
    let urgent = |usage: Usage, kind: Kind| usage == Usage::Sig || !kind.slow_to_generate();
    let wanted: Vec<(Usage, Kind, bool)> = turn::missing(&known)
        .into_iter()
        .filter(|(usage, kind, current)| !only_current || (*current && urgent(*usage, *kind)))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let pairs = generate(wanted.iter().map(|(_, kind, _)| *kind).collect()).await?;
    let mut tx = op.store.begin().await?;
    // The generation is also the lock: of two nodes that start at once the second finds the keys there.
    tx.next_generation().await?;
    let known = records_of(&tx.signing_keys().await?)?;
    let still = turn::missing(&known);
    for ((usage, kind, current), pair) in wanted.into_iter().zip(&pairs) {
        if still.contains(&(usage, kind, current)) {
            let turning = turning(op, usage);
            let record = if current {
                turning.first(pair)?
            } else {
                turning.record(pair, Stage::Next)?
            };
            save(&mut tx, &record).await?;
        }
    }
    tx.commit().await?;
    refresh(op).await
}

fn turning(op: &Provider, usage: Usage) -> Turning<'_> {
    Turning {
        sealer: &op.sealer,
        entropy: &op.entropy,
        now: op.now(),
        usage,
    }
}

/// Which keys are meant; `None`: all of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Which {
    pub usage: Option<Usage>,
    pub kind: Option<Kind>,
}

impl Which {
    fn places(self) -> Vec<(Usage, Kind)> {
        let usages = Usage::ALL
            .into_iter()
            .filter(|u| self.usage.is_none_or(|wanted| wanted == *u));
        let kinds = |usage: Usage| usage.kinds().iter().map(move |kind| (usage, *kind));
        let meant = |(_, kind): &(Usage, Kind)| self.kind.is_none_or(|wanted| wanted == *kind);
        usages.flat_map(kinds).filter(meant).collect()
    }
}

/// Next becomes current, current retires.
pub async fn rotate(op: &Provider, which: Which) -> Result<Vec<KeyRecord>, LoadError> {
    // Before the first server has run there are no next keys yet.
    complete(op, false).await?;
    let places = which.places();
    let fresh = generate(places.iter().map(|(_, kind)| *kind).collect()).await?;
    let mut tx = op.store.begin().await?;
    tx.next_generation().await?;
    let known = records_of(&tx.signing_keys().await?)?;
    let mut changed = Vec::new();
    for ((usage, _), pair) in places.into_iter().zip(&fresh) {
        changed.extend(turning(op, usage).rotate(&known, pair, VERIFY_FOR)?);
    }
    finish(op, tx, &changed, "rotated").await?;
    Ok(changed)
}

/// Takes one key out of service; `at_once` ends every token that it signed.
pub async fn retire(op: &Provider, kid: &KeyId, at_once: bool) -> Result<Vec<KeyRecord>, LoadError> {
    let known = records_of(&op.store.view().await?.signing_keys().await?)?;
    let record = known
        .iter()
        .find(|r| r.kid == *kid)
        .ok_or_else(|| RingError::UnknownKid(kid.clone()))?;
    let (fresh, usage) = (generate(vec![record.kind]).await?, record.usage);
    let mut tx = op.store.begin().await?;
    tx.next_generation().await?;
    let known = records_of(&tx.signing_keys().await?)?;
    let verify_for = if at_once { Seconds(0) } else { VERIFY_FOR };
    let replacement = fresh.first().ok_or_else(|| RingError::UnknownKid(kid.clone()))?;
    let changed = turning(op, usage).retire(&known, kid, replacement, verify_for)?;
    finish(op, tx, &changed, "retired").await?;
    Ok(changed)
}

/// What the housekeeper does: turns what is due, deletes what is over.
pub async fn upkeep(op: &Provider) -> Result<(), LoadError> {
    let known = records_of(&op.store.view().await?.signing_keys().await?)?;
    for (usage, kind) in turn::due(&known, ROTATE_EVERY, op.now()) {
        let which = Which {
            usage: Some(usage),
            kind: Some(kind),
        };
        rotate(op, which).await?;
    }
    // The public halves of the keys that sign the audit log's heads stay: they must speak in years to come.
    let signs_heads = |kid: &KeyId| {
        let mut named = known.iter().filter(|r| r.kid == *kid);
        named.any(|r| r.usage == Usage::Sig && r.kind == Kind::P256)
    };
    let gone: Vec<KeyId> = turn::gone(&known, op.now())
        .into_iter()
        .filter(|kid| !signs_heads(kid))
        .collect();
    if gone.is_empty() {
        return Ok(());
    }
    let mut tx = op.store.begin().await?;
    for kid in gone {
        tx.delete_signing_key(kid.as_str()).await?;
    }
    tx.next_generation().await?;
    tx.commit().await?;
    refresh(op).await
}

pub async fn list(op: &Provider) -> Result<Vec<KeyRecord>, LoadError> {
    Ok(records_of(&op.store.view().await?.signing_keys().await?)?)
}

async fn finish(op: &Provider, mut tx: Tx, changed: &[KeyRecord], how: &str) -> Result<(), LoadError> {
    for record in changed {
        save(&mut tx, record).await?;
    }
    let kids: Vec<&str> = changed.iter().map(|r| r.kid.as_str()).collect();
    tx.audit(
        AuditRecord::new("admin.key_rotated", Outcome::Success, op.now())
            .actor("operator")
            .reason(how)
            .with("kids", kids.join(" ")),
    );
    tx.commit().await?;
    refresh(op).await
}

async fn refresh(op: &Provider) -> Result<(), LoadError> {
    op.current_in(&mut op.store.view().await?).await?;
    Ok(())
}

async fn save(tx: &mut Tx, record: &KeyRecord) -> Result<(), LoadError> {
    let body = crate::storage::json(record)?;
    Ok(tx
        .save_signing_key(&KeyRow {
            kid: record.kid.to_string(),
            body,
            created_at: record.created_at,
        })
        .await?)
}

/// On blocking threads, all at once.
async fn generate(kinds: Vec<Kind>) -> Result<Vec<KeyPair>, LoadError> {
    let tasks: Vec<_> = kinds
        .into_iter()
        .map(|kind| tokio::task::spawn_blocking(move || KeyPair::generate(kind)))
        .collect();
    let mut pairs = Vec::with_capacity(tasks.len());
    for task in tasks {
        let made = task
            .await
            .map_err(|e| crate::storage::Error::Unavailable(e.to_string()))?;
        pairs.push(made.map_err(RingError::from)?);
    }
    Ok(pairs)
}
