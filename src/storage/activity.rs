//! What a person may see of what happened to their account, and the browsers that they asked us to remember.

use super::{FromRow, Result, Row, Tx, args, json};
use crate::base::encoding::hash_token;
use crate::base::{Seconds, Timestamp, UserId};
use crate::model::audit::AuditRecord;

/// How long somebody's own history goes back; the audit log keeps everything.
const KEPT: Seconds = Seconds::days(730);

impl FromRow for AuditRecord {
    fn from_row(row: &Row) -> Result<Self> {
        row.json("body")
    }
}

impl Tx {
    /// In the transaction whose audit record it repeats.
    pub(super) async fn append_activity(&mut self, id: &str, record: &AuditRecord) -> Result<()> {
        let Some(user) = &record.subject else { return Ok(()) };
        // Somebody who was removed in this very transaction has no history any more.
        let sql = "INSERT INTO activity (id, user_id, at, body) SELECT $1, id, $3, $4 FROM users WHERE id = $2";
        self.execute(sql, args![id, user, record.at, json(record)?]).await?;
        Ok(())
    }

    /// Newest first.
    pub async fn activity(&mut self, user: &UserId, before: Timestamp, limit: i64) -> Result<Vec<AuditRecord>> {
        self.fetch_all(
            "SELECT body FROM activity WHERE user_id = $1 AND at < $2 ORDER BY at DESC, id DESC LIMIT $3",
            args![user, before, limit],
        )
        .await
    }

    pub(super) async fn sweep_activity(&mut self, now: Timestamp) -> Result<u64> {
        self.execute("DELETE FROM activity WHERE at < $1", args![now.minus(KEPT)])
            .await
    }

    pub async fn remember_browser(
        &mut self,
        token: &str,
        user: &UserId,
        user_agent: Option<&str>,
        times: (Timestamp, Timestamp),
    ) -> Result<()> {
        self.execute(
            "INSERT INTO remembered_browsers (hash, user_id, user_agent, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
            args![hash_token(token), user, user_agent, times.0, times.1],
        )
        .await?;
        Ok(())
    }

    pub async fn is_remembered(&mut self, token: &str, user: &UserId, now: Timestamp) -> Result<bool> {
        let sql = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM remembered_browsers WHERE hash = $1 AND user_id = $2 AND expires_at > $3";
        let n: Option<super::Count> = self.fetch(sql, args![hash_token(token), user, now]).await?;
        Ok(n.is_some_and(|c| c.0 > 0))
    }

    pub async fn forget_browsers(&mut self, user: &UserId) -> Result<u64> {
        self.execute("DELETE FROM remembered_browsers WHERE user_id = $1", args![user])
            .await
    }
}
