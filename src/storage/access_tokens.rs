//! Access tokens that say nothing themselves, and the end of single ones of either kind.

use super::{FromRow, Result, Row, Tx, args, json};
use crate::base::{GrantId, Timestamp};
use crate::protocol::claims::AccessTokenClaims;

/// What a signed one would say.
struct Kept(AccessTokenClaims);

impl FromRow for Kept {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.json("claims")?))
    }
}

struct Key;

impl FromRow for Key {
    fn from_row(row: &Row) -> Result<Self> {
        row.text("key").map(|_| Self)
    }
}

impl Tx {
    /// `grant`: the family that it dies with; `None`: a client's own.
    pub async fn keep_access_token(
        &mut self,
        hash: &str,
        grant: Option<&GrantId>,
        claims: &AccessTokenClaims,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO access_tokens (hash, grant_id, claims, expires_at) VALUES ($1, $2, $3, $4)",
            args![hash, grant, json(claims)?, Timestamp::from_secs(claims.exp)],
        )
        .await?;
        Ok(())
    }

    pub async fn access_token(&mut self, hash: &str, now: Timestamp) -> Result<Option<AccessTokenClaims>> {
        let sql = "SELECT claims FROM access_tokens WHERE hash = $1 AND expires_at > $2";
        let kept: Option<Kept> = self.fetch(sql, args![hash, now]).await?;
        Ok(kept.map(|kept| kept.0))
    }

    /// Was this one token revoked? For those that no person's statement tells of.
    pub async fn was_called_back(&mut self, key: &str) -> Result<bool> {
        let found: Option<Key> = self
            .fetch("SELECT key FROM spent_tokens WHERE key = $1", args![key])
            .await?;
        Ok(found.is_some())
    }
}
