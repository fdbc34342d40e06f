//! What decides: settings, pools, policies, groups, scopes, clients, acr values; and signing keys.

use super::{FromRow, Result, Row, Tx, args};
use crate::base::Timestamp;

/// One `[[…]]` entry as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub kind: String,
    pub name: String,
    pub body: String,
}

impl FromRow for Item {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            kind: row.text("kind")?,
            name: row.text("name")?,
            body: row.text("body")?,
        })
    }
}

/// A signing key as stored: JSON whose private part is sealed.
#[derive(Clone, Debug)]
pub struct KeyRow {
    pub kid: String,
    pub body: String,
    pub created_at: Timestamp,
}

impl FromRow for KeyRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            kid: row.text("kid")?,
            body: row.text("body")?,
            created_at: row.time("created_at")?,
        })
    }
}

impl Tx {
    pub async fn generation(&mut self) -> Result<i64> {
        let row: Option<super::Count> = self
            .fetch("SELECT value AS n FROM generation WHERE one = 1", args![])
            .await?;
        Ok(row.map_or(0, |c| c.0))
    }

    /// Tells every cache in the cluster that what it knows is old. Also a lock: of two writers that
    /// change what decides, the second waits for the first.
    pub async fn next_generation(&mut self) -> Result<i64> {
        let sql = "UPDATE generation SET value = value + 1 WHERE one = 1 RETURNING value AS n";
        let row: Option<super::Count> = self.fetch(sql, args![]).await?;
        Ok(row.map_or(0, |c| c.0))
    }

    pub async fn items(&mut self) -> Result<Vec<Item>> {
        self.fetch_all(
            "SELECT kind, name, body FROM workspace_items ORDER BY kind, name",
            args![],
        )
        .await
    }

    pub async fn save_item(&mut self, item: &Item) -> Result<()> {
        self.execute(
            "INSERT INTO workspace_items (kind, name, body) VALUES ($1, $2, $3)
             ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body",
            args![&item.kind, &item.name, &item.body],
        )
        .await?;
        Ok(())
    }

    /// `false` if there is one of this name already.
    pub async fn create_item(&mut self, item: &Item) -> Result<bool> {
        let sql =
            "INSERT INTO workspace_items (kind, name, body) VALUES ($1, $2, $3) ON CONFLICT (kind, name) DO NOTHING";
        Ok(self.execute(sql, args![&item.kind, &item.name, &item.body]).await? == 1)
    }

    pub async fn delete_item(&mut self, kind: &str, name: &str) -> Result<bool> {
        Ok(self
            .execute(
                "DELETE FROM workspace_items WHERE kind = $1 AND name = $2",
                args![kind, name],
            )
            .await?
            == 1)
    }

    pub async fn signing_keys(&mut self) -> Result<Vec<KeyRow>> {
        self.fetch_all(
            "SELECT kid, body, created_at FROM signing_keys ORDER BY created_at, kid",
            args![],
        )
        .await
    }

    pub async fn save_signing_key(&mut self, key: &KeyRow) -> Result<()> {
        self.execute(
            "INSERT INTO signing_keys (kid, body, created_at) VALUES ($1, $2, $3)
             ON CONFLICT (kid) DO UPDATE SET body = excluded.body",
            args![&key.kid, &key.body, key.created_at],
        )
        .await?;
        Ok(())
    }

    pub async fn delete_signing_key(&mut self, kid: &str) -> Result<bool> {
        Ok(self
            .execute("DELETE FROM signing_keys WHERE kid = $1", args![kid])
            .await?
            == 1)
    }

    pub async fn meta(&mut self, key: &str) -> Result<Option<String>> {
        let row: Option<super::Text> = self
            .fetch("SELECT value AS t FROM meta WHERE key = $1", args![key])
            .await?;
        Ok(row.map(|t| t.0))
    }

    /// Sets it if it is not there yet; answers what is there then.
    pub async fn meta_or_insert(&mut self, key: &str, value: &str) -> Result<String> {
        let sql = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
        self.execute(sql, args![key, value]).await?;
        Ok(self.meta(key).await?.unwrap_or_default())
    }
}
