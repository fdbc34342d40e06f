//! Codes, refresh tokens, consents, and proofs that count once.

use super::users::UserNow;
use super::{Error, FromRow, Result, Row, Tx, args, json};
use crate::base::{AuthenticatorId, ClientId, GrantId, SessionId, Timestamp, UserId};
use crate::model::Grant;

impl FromRow for Grant {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: GrantId::new(row.text("id")?),
            client: ClientId::new(row.text("client_id")?),
            user: UserId::new(row.text("user_id")?),
            session: SessionId::new(row.text("session_id")?),
            frozen: row.json("body")?,
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
            revoked_at: row.opt_time("revoked_at")?,
        })
    }
}

/// A code that nobody may redeem: what is known of it.
#[derive(Clone, Debug)]
pub struct SpentCode {
    pub grant: GrantId,
    pub client: ClientId,
    pub redeemed: bool,
}

impl FromRow for SpentCode {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            grant: GrantId::new(row.text("id")?),
            client: ClientId::new(row.text("client_id")?),
            redeemed: row.opt_time("redeemed_at")?.is_some(),
        })
    }
}

/// A refresh token that was found, used or not, with its family and its person.
#[derive(Clone, Debug)]
pub struct RefreshRow {
    pub grant: Grant,
    pub user: UserNow,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

/// A grant that comes with its person in one row.
fn beside_the_user(row: &Row) -> Result<Grant> {
    Ok(Grant {
        id: GrantId::new(row.text("grant_id")?),
        client: ClientId::new(row.text("client_id")?),
        user: UserId::new(row.text("id")?),
        session: SessionId::new(row.text("session_id")?),
        frozen: row.json("body")?,
        created_at: row.time("granted_at")?,
        expires_at: row.time("grant_expires_at")?,
        revoked_at: row.opt_time("revoked_at")?,
    })
}

impl FromRow for RefreshRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            grant: beside_the_user(row)?,
            user: UserNow::from_row(row)?,
            expires_at: row.time("expires_at")?,
            used_at: row.opt_time("used_at")?,
        })
    }
}

/// The person behind an access token.
#[derive(Clone, Debug)]
pub struct Bearer {
    pub user: UserNow,
    pub revoked_at: Option<Timestamp>,
    /// This one token was revoked, whatever became of its family.
    pub called_back: bool,
}

impl FromRow for Bearer {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            user: UserNow::from_row(row)?,
            revoked_at: row.opt_time("revoked_at")?,
            called_back: row.opt_text("called_back")?.is_some(),
        })
    }
}

/// An access token's grant and person.
#[derive(Clone, Debug)]
pub struct Holder {
    pub grant: Grant,
    pub user: UserNow,
    pub called_back: bool,
}

impl FromRow for Holder {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            grant: beside_the_user(row)?,
            user: UserNow::from_row(row)?,
            called_back: row.opt_text("called_back")?.is_some(),
        })
    }
}

/// What is settled between a person and a client.
#[derive(Clone, Debug, Default)]
pub struct Consent {
    /// What the person has allowed before.
    pub scopes: Vec<String>,
    /// The client's own choice of the authenticator that it starts with.
    pub primary: Option<AuthenticatorId>,
}

impl FromRow for Consent {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            scopes: match row.opt_text("scopes")? {
                Some(text) => serde_json::from_str(&text).map_err(|e| Error::corrupt("consents.scopes", e))?,
                None => Vec::new(),
            },
            primary: row.opt_text("authenticator_id")?.map(AuthenticatorId::new),
        })
    }
}

impl Tx {
    pub async fn create_grant(&mut self, g: &Grant, code_hash: &str, code_expires_at: Timestamp) -> Result<()> {
        self.execute(
            "INSERT INTO grants (id, client_id, user_id, session_id, body, code_hash, code_expires_at, redeemed_at, revoked_at, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL, $8, $9)",
            args![&g.id, &g.client, &g.user, &g.session, json(&g.frozen)?, code_hash, code_expires_at, g.created_at, g.expires_at],
        )
        .await?;
        Ok(())
    }

    /// Takes the code, or learns that it is not there to be taken (RFC 6749 §4.1.2: once).
    pub async fn redeem_code(&mut self, code_hash: &str, client: &ClientId, now: Timestamp) -> Result<Option<Grant>> {
        self.fetch(
            "UPDATE grants SET redeemed_at = $3
              WHERE code_hash = $1 AND client_id = $2 AND redeemed_at IS NULL AND revoked_at IS NULL AND code_expires_at > $3
              RETURNING id, client_id, user_id, session_id, body, created_at, expires_at, revoked_at",
            args![code_hash, client, now],
        )
        .await
    }

    pub async fn spent_code(&mut self, code_hash: &str) -> Result<Option<SpentCode>> {
        self.fetch(
            "SELECT id, client_id, redeemed_at FROM grants WHERE code_hash = $1",
            args![code_hash],
        )
        .await
    }

    pub async fn grant(&mut self, id: &GrantId) -> Result<Option<Grant>> {
        self.fetch(
            "SELECT id, client_id, user_id, session_id, body, created_at, expires_at, revoked_at FROM grants WHERE id = $1",
            args![id],
        )
        .await
    }

    /// Whose access tokens this grant stands behind, as all of it is at this moment: one statement, for userinfo.
    /// `call_back`: under what the token's own revocation would be written down.
    pub async fn bearer(&mut self, id: &GrantId, call_back: &str) -> Result<Option<Bearer>> {
        self.fetch(
            "SELECT u.*, g.revoked_at, (SELECT value FROM generation WHERE one = 1) AS generation,
                    (SELECT key FROM spent_tokens WHERE key = $2) AS called_back
               FROM grants g JOIN users u ON u.id = g.user_id WHERE g.id = $1",
            args![id, call_back],
        )
        .await
    }

    /// The same with all of the grant, for who asks what a token is worth.
    pub async fn holder(&mut self, id: &GrantId, call_back: &str) -> Result<Option<Holder>> {
        self.fetch(
            "SELECT u.*, g.id AS grant_id, g.client_id, g.session_id, g.body, g.created_at AS granted_at,
                    g.expires_at AS grant_expires_at, g.revoked_at,
                    (SELECT value FROM generation WHERE one = 1) AS generation,
                    (SELECT key FROM spent_tokens WHERE key = $2) AS called_back
               FROM grants g JOIN users u ON u.id = g.user_id WHERE g.id = $1",
            args![id, call_back],
        )
        .await
    }

    /// Ends the family: its refresh tokens and, wherever they are checked, its access tokens.
    pub async fn revoke_grant(&mut self, id: &GrantId, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        Ok(self.execute(sql, args![id, now]).await? == 1)
    }

    /// Ends what lives only as long as the session (`offline_access` survives it, Back-Channel Logout 1.0 §2.7).
    pub async fn revoke_session_grants(&mut self, session: &SessionId, now: Timestamp) -> Result<u64> {
        self.execute(
            "UPDATE grants SET revoked_at = $2 WHERE session_id = $1 AND revoked_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM refresh_tokens r WHERE r.grant_id = grants.id)",
            args![session, now],
        )
        .await
    }

    pub async fn create_refresh(
        &mut self,
        hash: &str,
        grant: &GrantId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO refresh_tokens (hash, grant_id, issued_at, expires_at, used_at) VALUES ($1, $2, $3, $4, NULL)",
            args![hash, grant, now, expires_at],
        )
        .await?;
        Ok(())
    }

    pub async fn refresh(&mut self, hash: &str) -> Result<Option<RefreshRow>> {
        self.fetch(
            "SELECT u.*, g.id AS grant_id, g.client_id, g.session_id, g.body, g.created_at AS granted_at,
                    g.expires_at AS grant_expires_at, g.revoked_at, r.expires_at, r.used_at,
                    (SELECT value FROM generation WHERE one = 1) AS generation
               FROM refresh_tokens r JOIN grants g ON g.id = r.grant_id JOIN users u ON u.id = g.user_id
              WHERE r.hash = $1",
            args![hash],
        )
        .await
    }

    /// Keeps one that does not rotate alive while it is used; `false` if it was turned before.
    pub async fn extend_refresh(&mut self, hash: &str, expires_at: Timestamp) -> Result<bool> {
        let sql = "UPDATE refresh_tokens SET expires_at = $2 WHERE hash = $1 AND used_at IS NULL";
        Ok(self.execute(sql, args![hash, expires_at]).await? == 1)
    }

    /// Turns a refresh token; exactly one caller gets `true`.
    pub async fn use_refresh(&mut self, hash: &str, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE refresh_tokens SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2";
        Ok(self.execute(sql, args![hash, now]).await? == 1)
    }

    pub async fn consent(&mut self, user: &UserId, client: &ClientId) -> Result<Consent> {
        // Both in one statement: a statement costs more than what it reads.
        let sql = "SELECT (SELECT scopes FROM consents WHERE user_id = $1 AND client_id = $2) AS scopes,
                          (SELECT authenticator_id FROM partner_primaries WHERE user_id = $1 AND client_id = $2) AS authenticator_id";
        Ok(self.fetch(sql, args![user, client]).await?.unwrap_or_default())
    }

    pub async fn save_consent(
        &mut self,
        user: &UserId,
        client: &ClientId,
        scopes: &[String],
        now: Timestamp,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO consents (user_id, client_id, scopes, granted_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (user_id, client_id) DO UPDATE SET scopes = excluded.scopes, granted_at = excluded.granted_at",
            args![user, client, json(&scopes)?, now],
        )
        .await?;
        Ok(())
    }

    /// Marks a one-time proof as used; `false` if it was used before (RFC 7523 §3, `jti`).
    pub async fn spend_once(&mut self, key: &str, expires_at: Timestamp) -> Result<bool> {
        let sql = "INSERT INTO spent_tokens (key, expires_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
        Ok(self.execute(sql, args![key, expires_at]).await? == 1)
    }
}
