//! Links and codes that are good once.

use super::{FromRow, Result, Row, Tx, args};
use crate::base::{Timestamp, UserId};
use crate::model::{Purpose, Ticket};

/// A ticket without its purpose, which the caller has named.
struct Found {
    user: Option<UserId>,
    sealed: Vec<u8>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl FromRow for Found {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            user: row.opt_text("user_id")?.map(UserId::new),
            sealed: row.bytes("sealed")?,
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
        })
    }
}

impl Tx {
    pub async fn create_ticket(&mut self, t: &Ticket) -> Result<()> {
        self.execute(
            "INSERT INTO tickets (hash, purpose, user_id, sealed, created_at, expires_at, used_at)
             VALUES ($1, $2, $3, $4, $5, $6, NULL)",
            args![
                &t.hash,
                t.purpose.as_str(),
                &t.user,
                t.sealed.clone(),
                t.created_at,
                t.expires_at
            ],
        )
        .await?;
        Ok(())
    }

    /// One that is still good.
    pub async fn ticket(&mut self, purpose: Purpose, hash: &str, now: Timestamp) -> Result<Option<Ticket>> {
        let found: Option<Found> = self
            .fetch(
                "SELECT user_id, sealed, created_at, expires_at FROM tickets
                  WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3",
                args![hash, purpose.as_str(), now],
            )
            .await?;
        Ok(found.map(|f| Ticket {
            hash: hash.to_owned(),
            purpose,
            user: f.user,
            sealed: f.sealed,
            created_at: f.created_at,
            expires_at: f.expires_at,
        }))
    }

    /// Uses it up; exactly one caller gets `true`.
    pub async fn use_ticket(&mut self, purpose: Purpose, hash: &str, now: Timestamp) -> Result<bool> {
        let sql =
            "UPDATE tickets SET used_at = $3 WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3";
        Ok(self.execute(sql, args![hash, purpose.as_str(), now]).await? == 1)
    }

    /// What was asked before and is no longer wanted: only the newest of a kind counts.
    pub async fn drop_tickets(&mut self, purpose: Purpose, user: &UserId) -> Result<()> {
        let sql = "DELETE FROM tickets WHERE purpose = $1 AND user_id = $2 AND used_at IS NULL";
        self.execute(sql, args![purpose.as_str(), user]).await?;
        Ok(())
    }
}
