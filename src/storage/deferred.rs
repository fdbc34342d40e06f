//! What clients poll for at the token endpoint.

use super::{Error, FromRow, Result, Row, Tx, args, json};
use crate::base::{ClientId, Seconds, Timestamp};
use crate::model::deferred::{Deferred, DeferredState, Kind, SLOW_DOWN};

impl FromRow for Deferred {
    fn from_row(row: &Row) -> Result<Self> {
        let (kind, state) = (row.text("kind")?, row.text("state")?);
        Ok(Self {
            hash: row.text("hash")?,
            kind: Kind::parse(&kind).ok_or_else(|| Error::corrupt("deferred_requests.kind", &kind))?,
            client: ClientId::new(row.text("client_id")?),
            request: row.json("request")?,
            user_code: row.opt_text("user_code")?,
            origin: row.opt_text("origin")?,
            ping: row.opt_bytes("ping")?,
            state: DeferredState::parse(&state).ok_or_else(|| Error::corrupt("deferred_requests.state", &state))?,
            why: row.opt_text("why")?,
            pause: Seconds(row.int("pause")?),
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
        })
    }
}

impl Tx {
    pub async fn create_deferred(&mut self, d: &Deferred) -> Result<()> {
        self.execute(
            "INSERT INTO deferred_requests
                 (hash, kind, client_id, request, user_code, origin, ping, state, why, pause, polled_at, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', NULL, $8, NULL, $9, $10)",
            args![
                &d.hash,
                d.kind.as_str(),
                &d.client,
                json(&d.request)?,
                &d.user_code,
                &d.origin,
                d.ping.clone(),
                d.pause.0,
                d.created_at,
                d.expires_at
            ],
        )
        .await?;
        Ok(())
    }

    pub async fn deferred(&mut self, hash: &str) -> Result<Option<Deferred>> {
        self.fetch("SELECT * FROM deferred_requests WHERE hash = $1", args![hash])
            .await
    }

    /// The one that waits for whoever types this code.
    pub async fn deferred_by_user_code(&mut self, user_code: &str, now: Timestamp) -> Result<Option<Deferred>> {
        self.fetch(
            "SELECT * FROM deferred_requests WHERE user_code = $1 AND state = 'waiting' AND expires_at > $2",
            args![user_code, now],
        )
        .await
    }

    /// Ends the waiting; exactly one caller gets `true`.
    pub async fn settle_deferred(
        &mut self,
        hash: &str,
        state: DeferredState,
        why: Option<&str>,
        now: Timestamp,
    ) -> Result<bool> {
        let sql = "UPDATE deferred_requests SET state = $2, why = $3
                    WHERE hash = $1 AND state = 'waiting' AND expires_at > $4";
        Ok(self.execute(sql, args![hash, state.as_str(), why, now]).await? == 1)
    }

    /// One poll in its time. Of several at once one is.
    pub async fn poll_deferred(&mut self, hash: &str, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE deferred_requests SET polled_at = $2
                    WHERE hash = $1 AND state = 'waiting' AND (polled_at IS NULL OR polled_at + pause * 1000000 <= $2)";
        Ok(self.execute(sql, args![hash, now]).await? == 1)
    }

    /// One that came too early: from now on the client has to wait longer (RFC 8628 §3.5).
    pub async fn slow_deferred(&mut self, hash: &str, now: Timestamp) -> Result<()> {
        let sql = "UPDATE deferred_requests SET polled_at = $2, pause = pause + $3 WHERE hash = $1";
        self.execute(sql, args![hash, now, SLOW_DOWN.0]).await?;
        Ok(())
    }
}
