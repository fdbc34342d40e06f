//! Signed heads of the audit log: whoever holds one can convict a log that was rewritten whole.

use serde::{Deserialize, Serialize};

use super::provider::{LoadError, Provider, records_of};
use crate::base::Timestamp;
use crate::keys::jose::unverified_claims;
use crate::keys::{Alg, Expected, Expiry, KeyRing, TypRule};
use crate::model::audit::{Broken, ChainWalk};
use crate::storage::audit::Checkpoint;

/// `typ` of a signed head.
pub const CHECKPOINT_TYP: &str = "countersign-audit-checkpoint+jwt";
/// Records read at once while verifying.
const PAGE: i64 = 2_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    pub iss: String,
    pub iat: i64,
    pub seq: i64,
    pub hash: String,
}

#[derive(Debug, thiserror::Error)]
pub enum AuditFault {
    #[error("{0}")]
    Broken(#[from] Broken),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Storage(#[from] crate::storage::Error),
}

/// Signs the head if it has moved since the last time; answers the JWS.
pub async fn sign_head(op: &Provider) -> Result<Option<String>, LoadError> {
    let mut tx = op.store.begin().await?;
    let current = op.current_in(&mut tx).await?;
    let head = tx.audit_head().await?;
    let last = tx.checkpoints().await?.last().map_or(0, |c| c.seq);
    if head.seq == last {
        return Ok(None);
    }
    let now = op.now();
    let claims = SignedHead {
        iss: op.issuer.url.clone(),
        iat: now.secs(),
        seq: head.seq,
        hash: head.hash,
    };
    let jws = current.ring.sign(Alg::Es256, CHECKPOINT_TYP, &claims)?;
    tx.save_checkpoint(claims.seq, now, &jws).await?;
    tx.commit().await?;
    Ok(Some(jws))
}

/// What a whole, sound log looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    pub records: i64,
    pub head: String,
    pub checkpoints: usize,
}

/// Walks the whole chain; names the first record that is changed, missing or out of order, and the end if
/// the last ones were cut off. Every signed head must fit, also those of keys that have long retired.
pub async fn verify(op: &Provider) -> Result<Verified, AuditFault> {
    let mut tx = op.store.view().await?;
    let records = records_of(&tx.signing_keys().await?)?;
    // As of long ago: so that the ring holds every key there ever was.
    let ring = KeyRing::open(&records, &op.sealer, Timestamp::from_secs(0)).map_err(LoadError::from)?;
    // Heads before the end: what is appended meanwhile lies beyond both.
    let checkpoints = tx.checkpoints().await?;
    let head = tx.audit_head().await?;
    let mut heads = checkpoints.iter().peekable();
    let mut walk = ChainWalk::default();
    while walk.seq < head.seq {
        let page = tx.audit_after(walk.seq, PAGE.min(head.seq - walk.seq)).await?;
        if page.is_empty() || page.iter().all(|r| r.seq > head.seq) {
            break;
        }
        for record in page.iter().take_while(|r| r.seq <= head.seq) {
            walk.step(record)?;
            if let Some(checkpoint) = heads.next_if(|c| c.seq == walk.seq) {
                fits(&ring, checkpoint, &walk)?;
            }
        }
    }
    walk.finish(head.seq, &head.hash)?;
    match heads.next() {
        Some(beyond) if beyond.seq > head.seq => Err(Broken::CutOff {
            last: head.seq,
            head: beyond.seq,
        }
        .into()),
        Some(other) => Err(Broken::Checkpoint { seq: other.seq }.into()),
        None => Ok(Verified {
            records: walk.seq,
            head: walk.hash,
            checkpoints: checkpoints.len(),
        }),
    }
}

fn fits(ring: &KeyRing, checkpoint: &Checkpoint, walk: &ChainWalk) -> Result<(), Broken> {
    let broken = || Broken::Checkpoint { seq: checkpoint.seq };
    let said = unverified_claims(&checkpoint.jws).map_err(|_| broken())?;
    let at = said.get("iat").and_then(serde_json::Value::as_i64).ok_or_else(broken)?;
    let expected = Expected {
        algs: &[Alg::Es256],
        typ: TypRule::OneOf(&[CHECKPOINT_TYP]),
        issuer: None,
        audience: None,
        expiry: Expiry::Ignored,
        // Seen from when it was signed: its key may have retired since.
        now: Timestamp::from_secs(at),
    };
    let head: SignedHead = ring
        .verify(&checkpoint.jws, &expected)
        .and_then(|v| v.read())
        .map_err(|_| broken())?;
    if head.seq == walk.seq && head.hash == walk.hash {
        Ok(())
    } else {
        Err(broken())
    }
}
