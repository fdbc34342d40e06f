//! Where registered clients come from, by what they prove it, and the tokens that let them in (RFC 7591, RFC 7592).

use super::{Count, FromRow, Result, Row, Text, Tx, args};
use crate::base::{ClientId, Timestamp};

/// Where one client comes from.
#[derive(Clone, Debug)]
pub struct Registered {
    pub client: ClientId,
    pub initial_token: Option<String>,
    pub statement: Option<String>,
    pub statement_issuer: Option<String>,
    pub registered_at: Timestamp,
    pub updated_at: Timestamp,
    /// As of the last sweep.
    pub last_used_at: Timestamp,
}

impl FromRow for Registered {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            client: ClientId::new(row.text("client_id")?),
            initial_token: row.opt_text("initial_token")?,
            statement: row.opt_text("statement")?,
            statement_issuer: row.opt_text("statement_issuer")?,
            registered_at: row.time("registered_at")?,
            updated_at: row.time("updated_at")?,
            last_used_at: row.time("last_used_at")?,
        })
    }
}

/// A token that lets clients in.
#[derive(Clone, Debug)]
pub struct InitialToken {
    pub id: String,
    pub description: Option<String>,
    pub uses_left: i64,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

impl FromRow for InitialToken {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            description: row.opt_text("description")?,
            uses_left: row.int("uses_left")?,
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
        })
    }
}

impl Tx {
    pub async fn create_registration(&mut self, r: &Registered, token_hash: &str) -> Result<()> {
        self.execute(
            "INSERT INTO client_registrations (client_id, token_hash, initial_token, statement, statement_issuer,
                                               registered_at, updated_at, last_used_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            args![
                &r.client,
                token_hash,
                r.initial_token.as_deref(),
                r.statement.as_deref(),
                r.statement_issuer.as_deref(),
                r.registered_at,
                r.updated_at,
                r.last_used_at
            ],
        )
        .await?;
        Ok(())
    }

    /// Of this client, to who holds its token.
    pub async fn registration(&mut self, client: &ClientId, token_hash: &str) -> Result<Option<Registered>> {
        self.fetch(
            "SELECT client_id, initial_token, statement, statement_issuer, registered_at, updated_at, last_used_at
               FROM client_registrations WHERE client_id = $1 AND token_hash = $2",
            args![client, token_hash],
        )
        .await
    }

    pub async fn registrations(&mut self) -> Result<Vec<Registered>> {
        self.fetch_all(
            "SELECT client_id, initial_token, statement, statement_issuer, registered_at, updated_at, last_used_at
               FROM client_registrations ORDER BY client_id",
            args![],
        )
        .await
    }

    pub async fn count_registrations(&mut self) -> Result<i64> {
        let sql = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM client_registrations";
        let n: Option<Count> = self.fetch(sql, args![]).await?;
        Ok(n.map_or(0, |c| c.0))
    }

    /// Writes an update down and turns the token with it; exactly one caller with the old token gets `true`.
    pub async fn turn_registration(&mut self, r: &Registered, old_hash: &str, new_hash: &str) -> Result<bool> {
        let sql = "UPDATE client_registrations SET token_hash = $3, statement = $4, updated_at = $5, last_used_at = $5
                    WHERE client_id = $1 AND token_hash = $2";
        let written = args![&r.client, old_hash, new_hash, r.statement.as_deref(), r.updated_at];
        Ok(self.execute(sql, written).await? == 1)
    }

    /// To who holds its token. `false`: it is not there, or the token is another's.
    pub async fn end_registration(&mut self, client: &ClientId, token_hash: &str) -> Result<bool> {
        let sql = "DELETE FROM client_registrations WHERE client_id = $1 AND token_hash = $2";
        Ok(self.execute(sql, args![client, token_hash]).await? == 1)
    }

    /// Nobody looks after this client any more but the operator.
    pub async fn forget_registration(&mut self, client: &ClientId) -> Result<bool> {
        let sql = "DELETE FROM client_registrations WHERE client_id = $1";
        Ok(self.execute(sql, args![client]).await? == 1)
    }

    /// Ends what a client that goes has got, and what it left with us (RFC 7592 §2.3).
    pub async fn strip_client(&mut self, client: &ClientId, now: Timestamp) -> Result<()> {
        let grants = "UPDATE grants SET revoked_at = $2 WHERE client_id = $1 AND revoked_at IS NULL";
        self.execute(grants, args![client, now]).await?;
        for sql in [
            "DELETE FROM consents WHERE client_id = $1",
            "DELETE FROM partner_primaries WHERE client_id = $1",
            "DELETE FROM pushed_requests WHERE client_id = $1",
            "DELETE FROM session_clients WHERE client_id = $1",
        ] {
            self.execute(sql, args![client]).await?;
        }
        Ok(())
    }

    /// What people have agreed to was something else.
    pub async fn forget_consents(&mut self, client: &ClientId) -> Result<()> {
        let sql = "DELETE FROM consents WHERE client_id = $1";
        self.execute(sql, args![client]).await?;
        Ok(())
    }

    /// Notes when somebody last signed in to each. Before the grants that tell it are swept.
    pub async fn note_use_of_registered(&mut self) -> Result<u64> {
        self.execute(
            "UPDATE client_registrations SET last_used_at =
                    (SELECT MAX(g.created_at) FROM grants g WHERE g.client_id = client_registrations.client_id)
              WHERE EXISTS (SELECT 1 FROM grants g WHERE g.client_id = client_registrations.client_id
                               AND g.created_at > client_registrations.last_used_at)",
            args![],
        )
        .await
    }

    /// Last used before `since`, and nothing that it was granted lives on.
    pub async fn unused_registrations(&mut self, since: Timestamp, now: Timestamp) -> Result<Vec<ClientId>> {
        let found: Vec<Text> = self
            .fetch_all(
                "SELECT client_id AS t FROM client_registrations WHERE last_used_at < $1
                    AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.client_id = client_registrations.client_id
                                       AND g.revoked_at IS NULL AND g.expires_at > $2)
                  ORDER BY client_id",
                args![since, now],
            )
            .await?;
        Ok(found.into_iter().map(|t| ClientId::new(t.0)).collect())
    }

    pub async fn create_initial_token(&mut self, t: &InitialToken, hash: &str) -> Result<()> {
        self.execute(
            "INSERT INTO initial_access_tokens (id, hash, description, uses_left, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            args![
                &t.id,
                hash,
                t.description.as_deref(),
                t.uses_left,
                t.created_at,
                t.expires_at
            ],
        )
        .await?;
        Ok(())
    }

    pub async fn initial_tokens(&mut self) -> Result<Vec<InitialToken>> {
        self.fetch_all(
            "SELECT id, description, uses_left, created_at, expires_at FROM initial_access_tokens
              ORDER BY created_at, id",
            args![],
        )
        .await
    }

    /// Is it good for one more? Reading uses nothing up.
    pub async fn initial_token_is_good(&mut self, hash: &str, now: Timestamp) -> Result<bool> {
        let sql = "SELECT id AS t FROM initial_access_tokens WHERE hash = $1 AND uses_left > 0 AND expires_at > $2";
        let found: Option<Text> = self.fetch(sql, args![hash, now]).await?;
        Ok(found.is_some())
    }

    /// Uses it once, and answers which it is; of many at once no more get it than it has uses.
    pub async fn spend_initial_token(&mut self, hash: &str, now: Timestamp) -> Result<Option<String>> {
        let sql = "UPDATE initial_access_tokens SET uses_left = uses_left - 1
                    WHERE hash = $1 AND uses_left > 0 AND expires_at > $2 RETURNING id AS t";
        let spent: Option<Text> = self.fetch(sql, args![hash, now]).await?;
        Ok(spent.map(|t| t.0))
    }

    pub async fn revoke_initial_token(&mut self, id: &str) -> Result<bool> {
        let sql = "DELETE FROM initial_access_tokens WHERE id = $1";
        Ok(self.execute(sql, args![id]).await? == 1)
    }
}
