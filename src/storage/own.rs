//! What somebody sees of their own access, and ends of it: sessions, partners, links. Every statement names the person,
//! so that an id alone reaches nobody else's.

use super::{FromRow, Result, Row, Text, Tx, args};
use crate::base::{ClientId, SessionId, Timestamp, UserId};
use crate::model::session::SESSION_LIFETIME;
use crate::model::{Grant, Purpose, Session, Ticket};

/// A session and the browser that it lives in.
#[derive(Clone, Debug)]
pub struct OwnSession {
    pub session: Session,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

impl FromRow for OwnSession {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            session: Session::from_row(row)?,
            ip: row.opt_text("ip")?,
            user_agent: row.opt_text("user_agent")?,
        })
    }
}

/// What a person has allowed a client, and when.
#[derive(Clone, Debug)]
pub struct OwnConsent {
    pub client: ClientId,
    pub scopes: Vec<String>,
    pub at: Timestamp,
}

impl FromRow for OwnConsent {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            client: ClientId::new(row.text("client_id")?),
            scopes: row.json("scopes")?,
            at: row.time("granted_at")?,
        })
    }
}

/// A ticket of which nobody but its owner has asked, so that the hash has to be read as well.
struct OwnTicket {
    hash: String,
    sealed: Vec<u8>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl FromRow for OwnTicket {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            hash: row.text("hash")?,
            sealed: row.bytes("sealed")?,
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
        })
    }
}

impl Tx {
    /// The sessions that are alive, the last used one first.
    pub async fn own_sessions(&mut self, user: &UserId, now: Timestamp) -> Result<Vec<OwnSession>> {
        self.fetch_all(
            "SELECT id, user_id, events, created_at, last_active, ip, user_agent FROM sessions
              WHERE user_id = $1 AND ended_at IS NULL AND created_at >= $2 ORDER BY last_active DESC, id",
            args![user, now.minus(SESSION_LIFETIME)],
        )
        .await
    }

    /// `false` if there is no such session, or if it is somebody else's.
    pub async fn end_own_session(&mut self, user: &UserId, id: &SessionId, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE sessions SET ended_at = $3 WHERE id = $2 AND user_id = $1 AND ended_at IS NULL";
        Ok(self.execute(sql, args![user, id, now]).await? == 1)
    }

    /// Ends all sessions but one; answers which.
    pub async fn end_other_sessions(
        &mut self,
        user: &UserId,
        kept: &SessionId,
        now: Timestamp,
    ) -> Result<Vec<SessionId>> {
        let ended: Vec<Text> = self
            .fetch_all(
                "UPDATE sessions SET ended_at = $3 WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL RETURNING id AS t",
                args![user, kept, now],
            )
            .await?;
        Ok(ended.into_iter().map(|t| SessionId::new(t.0)).collect())
    }

    /// Ends what was granted in other sessions, for good: codes, access and refresh tokens.
    pub async fn revoke_other_grants(&mut self, user: &UserId, kept: &SessionId, now: Timestamp) -> Result<u64> {
        let sql = "UPDATE grants SET revoked_at = $3 WHERE user_id = $1 AND session_id <> $2 AND revoked_at IS NULL";
        self.execute(sql, args![user, kept, now]).await
    }

    pub async fn remembered_browsers(&mut self, user: &UserId, now: Timestamp) -> Result<i64> {
        let sql =
            "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM remembered_browsers WHERE user_id = $1 AND expires_at > $2";
        let n: Option<super::Count> = self.fetch(sql, args![user, now]).await?;
        Ok(n.map_or(0, |c| c.0))
    }

    pub async fn own_consents(&mut self, user: &UserId) -> Result<Vec<OwnConsent>> {
        self.fetch_all(
            "SELECT client_id, scopes, granted_at FROM consents WHERE user_id = $1 ORDER BY client_id",
            args![user],
        )
        .await
    }

    /// Grants that a refresh token keeps alive, the oldest first.
    pub async fn lasting_grants(&mut self, user: &UserId, now: Timestamp) -> Result<Vec<Grant>> {
        self.fetch_all(
            "SELECT id, client_id, user_id, session_id, body, created_at, expires_at, revoked_at FROM grants
              WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2
                AND EXISTS (SELECT 1 FROM refresh_tokens r
                             WHERE r.grant_id = grants.id AND r.used_at IS NULL AND r.expires_at > $2)
              ORDER BY created_at, id",
            args![user, now],
        )
        .await
    }

    /// Takes everything back from one client; `false` if it had nothing.
    pub async fn revoke_client(&mut self, user: &UserId, client: &ClientId, now: Timestamp) -> Result<bool> {
        let consent = "DELETE FROM consents WHERE user_id = $1 AND client_id = $2";
        let consents = self.execute(consent, args![user, client]).await?;
        let grant = "UPDATE grants SET revoked_at = $3 WHERE user_id = $1 AND client_id = $2 AND revoked_at IS NULL";
        let grants = self.execute(grant, args![user, client, now]).await?;
        let primary = "DELETE FROM partner_primaries WHERE user_id = $1 AND client_id = $2";
        self.execute(primary, args![user, client]).await?;
        Ok(consents + grants > 0)
    }

    /// What somebody has asked for and not used yet.
    pub async fn own_ticket(&mut self, purpose: Purpose, user: &UserId, now: Timestamp) -> Result<Option<Ticket>> {
        let found: Option<OwnTicket> = self
            .fetch(
                "SELECT hash, sealed, created_at, expires_at FROM tickets
                  WHERE purpose = $1 AND user_id = $2 AND used_at IS NULL AND expires_at > $3
                  ORDER BY created_at DESC LIMIT 1",
                args![purpose.as_str(), user, now],
            )
            .await?;
        Ok(found.map(|f| Ticket {
            hash: f.hash,
            purpose,
            user: Some(user.clone()),
            sealed: f.sealed,
            created_at: f.created_at,
            expires_at: f.expires_at,
        }))
    }

    /// What was asked before counts no more; it stays, so that it can be counted.
    pub async fn retire_tickets(&mut self, purpose: Purpose, user: &UserId, now: Timestamp) -> Result<u64> {
        let sql = "UPDATE tickets SET used_at = $3 WHERE purpose = $1 AND user_id = $2 AND used_at IS NULL";
        self.execute(sql, args![purpose.as_str(), user, now]).await
    }

    /// How many were made since then, used or not.
    pub async fn tickets_since(&mut self, purpose: Purpose, user: &UserId, since: Timestamp) -> Result<i64> {
        let sql = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM tickets
                    WHERE purpose = $1 AND user_id = $2 AND created_at > $3";
        let n: Option<super::Count> = self.fetch(sql, args![purpose.as_str(), user, since]).await?;
        Ok(n.map_or(0, |c| c.0))
    }

    /// Leaves nothing that could open, change or bring back an account that is closed; the account's name stays taken.
    pub async fn strip_account(&mut self, user: &UserId) -> Result<()> {
        for sql in [
            "DELETE FROM authenticators WHERE user_id = $1",
            "DELETE FROM enrolments WHERE user_id = $1",
            "DELETE FROM tickets WHERE user_id = $1",
            "DELETE FROM consents WHERE user_id = $1",
            "DELETE FROM remembered_browsers WHERE user_id = $1",
        ] {
            self.execute(sql, args![user]).await?;
        }
        Ok(())
    }
}
