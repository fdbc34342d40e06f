//! Messages into the outbox, sealed: they may hold a code.

use super::provider::{LoadError, Provider};
use crate::base::{MessageId, Seconds, Timestamp};
use crate::delivery::{MESSAGE, queue};
use crate::factors::Message;
use crate::storage::Tx;
use crate::storage::outbox::OutboxRow;

/// In the caller's transaction: it leaves only if what it is about was written.
pub async fn enqueue(
    op: &Provider,
    tx: &mut Tx,
    id: MessageId,
    message: &Message,
    times: (Timestamp, Seconds),
) -> Result<(), LoadError> {
    let (now, lifetime) = times;
    let plain = serde_json::to_vec(message).map_err(|e| crate::storage::Error::corrupt("a message to be sent", e))?;
    let sealed = op.sealer.seal(&op.entropy, MESSAGE, id.as_str(), &plain)?;
    let row = OutboxRow {
        id,
        channel: message.channel.as_str().to_owned(),
        recipient: message.to.clone(),
        sealed,
        state: "waiting".to_owned(),
        attempts: 0,
        created_at: now,
        expires_at: now.plus(lifetime),
    };
    Ok(tx.enqueue(&row, queue(message.channel)).await?)
}
