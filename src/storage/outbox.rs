//! Messages that must leave: written in the transaction that decides, emptied by the delivery worker.

use super::{FromRow, Result, Row, Tx, args};
use crate::base::{MessageId, Timestamp};

/// Who waits for a message. Each queue leaves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Queue {
    People,
    Partners,
}

impl Queue {
    pub const ALL: [Self; 2] = [Self::People, Self::Partners];

    const fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Partners => "partners",
        }
    }
}

#[derive(Clone, Debug)]
pub struct OutboxRow {
    pub id: MessageId,
    pub channel: String,
    pub recipient: String,
    /// The message, sealed: it may hold a code.
    pub sealed: Vec<u8>,
    pub state: String,
    pub attempts: i64,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

impl FromRow for OutboxRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: MessageId::new(row.text("id")?),
            channel: row.text("channel")?,
            recipient: row.text("recipient")?,
            sealed: row.bytes("sealed")?,
            state: row.text("state")?,
            attempts: row.int("attempts")?,
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
        })
    }
}

impl Tx {
    pub async fn enqueue(&mut self, row: &OutboxRow, queue: Queue) -> Result<()> {
        self.execute(
            "INSERT INTO outbox (id, channel, recipient, sealed, state, attempts, next_attempt_at, created_at, expires_at, last_error, queue)
             VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $5, $6, NULL, $7)",
            args![
                &row.id, &row.channel, &row.recipient, row.sealed.clone(), row.created_at, row.expires_at, queue.as_str()
            ],
        )
        .await?;
        Ok(())
    }

    /// Takes one message that is due, for as long as `lease`: a worker that dies gives it back by itself. Passes over
    /// who has `at_once` under way already: whoever answers slowly holds up nobody else.
    pub async fn take_due(
        &mut self,
        (queue, at_once): (Queue, i64),
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<OutboxRow>> {
        self.fetch(
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1, next_attempt_at = $2
              WHERE id = (SELECT id FROM outbox
                           WHERE queue = $3 AND state IN ('waiting', 'sending') AND next_attempt_at <= $1
                             AND recipient NOT IN (SELECT recipient FROM outbox
                                                    WHERE queue = $3 AND state = 'sending' AND next_attempt_at > $1
                                                    GROUP BY recipient HAVING COUNT(*) >= $4)
                           ORDER BY next_attempt_at LIMIT 1)
                AND state IN ('waiting', 'sending') AND next_attempt_at <= $1
              RETURNING id, channel, recipient, sealed, state, attempts, created_at, expires_at",
            args![now, lease_until, queue.as_str(), at_once],
        )
        .await
    }

    /// Marks a try's outcome; `false` if somebody else has settled the message in the meantime.
    pub async fn sent(&mut self, id: &MessageId) -> Result<bool> {
        let sql = "UPDATE outbox SET state = 'sent', last_error = NULL WHERE id = $1 AND state = 'sending'";
        Ok(self.execute(sql, args![id]).await? == 1)
    }

    pub async fn retry_later(&mut self, id: &MessageId, at: Timestamp, error: &str) -> Result<bool> {
        let sql = "UPDATE outbox SET state = 'waiting', next_attempt_at = $2, last_error = $3
                    WHERE id = $1 AND state = 'sending'";
        Ok(self.execute(sql, args![id, at, error]).await? == 1)
    }

    pub async fn give_up(&mut self, id: &MessageId, state: &str, error: &str) -> Result<bool> {
        let sql = "UPDATE outbox SET state = $2, last_error = $3 WHERE id = $1 AND state = 'sending'";
        Ok(self.execute(sql, args![id, state, error]).await? == 1)
    }

    /// What has not left yet and no longer matters stays here: its code is dead.
    pub async fn withdraw(&mut self, id: &MessageId) -> Result<()> {
        self.execute(
            "UPDATE outbox SET state = 'expired' WHERE id = $1 AND state = 'waiting'",
            args![id],
        )
        .await?;
        Ok(())
    }

    /// Has nobody taken this message?
    pub async fn is_undelivered(&mut self, id: &MessageId) -> Result<bool> {
        let sql = "SELECT 1 AS n FROM outbox WHERE id = $1 AND state = 'failed'";
        Ok(self.fetch::<super::Count>(sql, args![id]).await?.is_some())
    }

    /// Newest last, for the sandbox.
    pub async fn outbox(&mut self) -> Result<Vec<OutboxRow>> {
        self.fetch_all(
            "SELECT id, channel, recipient, sealed, state, attempts, created_at, expires_at FROM outbox ORDER BY created_at, id",
            args![],
        )
        .await
    }

    pub async fn clear_outbox(&mut self) -> Result<u64> {
        self.execute("DELETE FROM outbox", args![]).await
    }

    /// When is the next message due that may be taken?
    pub async fn next_due(&mut self, (queue, at_once): (Queue, i64), now: Timestamp) -> Result<Option<Timestamp>> {
        let row: Option<super::Count> = self
            .fetch(
                "SELECT next_attempt_at AS n FROM outbox
                  WHERE queue = $2 AND state IN ('waiting', 'sending')
                    AND recipient NOT IN (SELECT recipient FROM outbox
                                           WHERE queue = $2 AND state = 'sending' AND next_attempt_at > $1
                                           GROUP BY recipient HAVING COUNT(*) >= $3)
                  ORDER BY next_attempt_at LIMIT 1",
                args![now, queue.as_str(), at_once],
            )
            .await?;
        Ok(row.map(|c| Timestamp::from_micros(c.0)))
    }
}
