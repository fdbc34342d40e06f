//! Authorization requests that partners have pushed.

use super::{FromRow, Result, Row, Tx, args, json};
use crate::base::{ClientId, Timestamp};
use crate::model::PushedRequest;

struct Said(Vec<(String, String)>);

impl FromRow for Said {
    fn from_row(row: &Row) -> Result<Self> {
        row.json("params").map(Self)
    }
}

impl Tx {
    pub async fn create_pushed(&mut self, p: &PushedRequest) -> Result<()> {
        self.execute(
            "INSERT INTO pushed_requests (hash, client_id, params, created_at, expires_at, used_at)
             VALUES ($1, $2, $3, $4, $5, NULL)",
            args![&p.hash, &p.client, json(&p.params)?, p.created_at, p.expires_at],
        )
        .await?;
        Ok(())
    }

    /// The parameters of one that this client may still use. Reading does not use it up.
    pub async fn pushed(
        &mut self,
        hash: &str,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<Option<Vec<(String, String)>>> {
        let sql = "SELECT params FROM pushed_requests
                    WHERE hash = $1 AND client_id = $2 AND used_at IS NULL AND expires_at > $3";
        let found: Option<Said> = self.fetch(sql, args![hash, client, now]).await?;
        Ok(found.map(|said| said.0))
    }

    /// Has nobody used it up yet? It may have expired since a sign-in began with it.
    pub async fn pushed_is_open(&mut self, hash: &str) -> Result<bool> {
        let sql = "SELECT params FROM pushed_requests WHERE hash = $1 AND used_at IS NULL";
        let found: Option<Said> = self.fetch(sql, args![hash]).await?;
        Ok(found.is_some())
    }

    /// Uses it up; exactly one caller gets `true`.
    pub async fn use_pushed(&mut self, hash: &str, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE pushed_requests SET used_at = $2 WHERE hash = $1 AND used_at IS NULL";
        Ok(self.execute(sql, args![hash, now]).await? == 1)
    }
}
