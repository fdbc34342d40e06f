//! Browser sessions, authorization requests on their way, and open challenges.

use super::{Error, FromRow, Result, Row, Text, Tx, args, json};
use crate::base::{AuthenticatorId, AuthorizationId, CeremonyId, ClientId, SessionId, Timestamp, UserId};
use crate::model::{Authorization, Challenge, Session, Stage};

impl FromRow for Session {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: SessionId::new(row.text("id")?),
            user: UserId::new(row.text("user_id")?),
            events: row.json("events")?,
            created_at: row.time("created_at")?,
            last_active: row.time("last_active")?,
        })
    }
}

impl FromRow for Authorization {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: AuthorizationId::new(row.text("id")?),
            browser_hash: row.opt_text("browser_hash")?,
            client: ClientId::new(row.text("client_id")?),
            subject: row.opt_text("subject")?.map(UserId::new),
            request: row.json("request")?,
            stage: row.json("stage")?,
            errand: row
                .opt_text("errand")?
                .map(|t| serde_json::from_str(&t))
                .transpose()
                .map_err(|e| Error::corrupt("authorizations.errand", e))?,
            ceremony: CeremonyId::new(row.text("ceremony")?),
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
            finished_at: row.opt_time("finished_at")?,
            pushed: row.opt_text("pushed")?,
            encrypt_to: row.opt_text("encrypt_to")?,
            deferred: row.opt_text("deferred")?,
        })
    }
}

impl FromRow for Challenge {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            authorization: AuthorizationId::new(row.text("authorization_id")?),
            authenticator: AuthenticatorId::new(row.text("authenticator_id")?),
            kept: row.bytes("kept")?,
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
        })
    }
}

/// Where a session's browser came from, for the person's own list of sessions.
#[derive(Clone, Debug, Default)]
pub struct Origin<'a> {
    pub ip: Option<&'a str>,
    pub user_agent: Option<&'a str>,
}

impl Tx {
    pub async fn session_by_cookie(&mut self, cookie_hash: &str) -> Result<Option<Session>> {
        let sql = "SELECT id, user_id, events, created_at, last_active FROM sessions WHERE cookie_hash = $1 AND ended_at IS NULL";
        self.fetch(sql, args![cookie_hash]).await
    }

    /// Those of a person that have not ended.
    pub async fn live_sessions(&mut self, user: &UserId) -> Result<Vec<Session>> {
        let sql = "SELECT * FROM sessions WHERE user_id = $1 AND ended_at IS NULL";
        self.fetch_all(sql, args![user]).await
    }

    pub async fn create_session(&mut self, session: &Session, cookie_hash: &str, origin: &Origin<'_>) -> Result<()> {
        self.execute(
            "INSERT INTO sessions (id, cookie_hash, user_id, events, created_at, last_active, ip, user_agent, ended_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)",
            args![
                &session.id,
                cookie_hash,
                &session.user,
                json(&session.events)?,
                session.created_at,
                session.last_active,
                origin.ip,
                origin.user_agent,
            ],
        )
        .await?;
        Ok(())
    }

    /// Stores new evidence under a new cookie (800-63B-4 §5.1.1). `false` if the old cookie is no longer
    /// the session's: somebody stepped up at the same time, or the session has ended.
    pub async fn step_up_session(&mut self, session: &Session, old_hash: &str, new_hash: &str) -> Result<bool> {
        let done = self
            .execute(
                "UPDATE sessions SET cookie_hash = $3, events = $4, last_active = $5
                  WHERE id = $1 AND cookie_hash = $2 AND ended_at IS NULL",
                args![
                    &session.id,
                    old_hash,
                    new_hash,
                    json(&session.events)?,
                    session.last_active
                ],
            )
            .await?;
        Ok(done == 1)
    }

    /// Writes activity down; `false` if the session has ended.
    pub async fn touch_session(&mut self, id: &SessionId, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE sessions SET last_active = CASE WHEN last_active < $2 THEN $2 ELSE last_active END
                    WHERE id = $1 AND ended_at IS NULL";
        Ok(self.execute(sql, args![id, now]).await? == 1)
    }

    pub async fn end_session(&mut self, id: &SessionId, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
        Ok(self.execute(sql, args![id, now]).await? == 1)
    }

    /// Ends everything that this person's proofs have opened: sessions, codes, refresh tokens. Answers which sessions.
    pub async fn end_access(&mut self, user: &UserId, now: Timestamp) -> Result<Vec<SessionId>> {
        let sessions = "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL RETURNING id AS t";
        let ended: Vec<Text> = self.fetch_all(sessions, args![user, now]).await?;
        let grants = "UPDATE grants SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL";
        self.execute(grants, args![user, now]).await?;
        Ok(ended.into_iter().map(|t| SessionId::new(t.0)).collect())
    }

    /// A partner takes part in a session, for the first time or again.
    pub async fn join_session(&mut self, id: &SessionId, client: &ClientId) -> Result<()> {
        let sql = "INSERT INTO session_clients (session_id, client_id) VALUES ($1, $2)
                   ON CONFLICT (session_id, client_id) DO NOTHING";
        self.execute(sql, args![id, client]).await?;
        Ok(())
    }

    /// The partners that took part in a session.
    pub async fn session_clients(&mut self, id: &SessionId) -> Result<Vec<ClientId>> {
        let sql = "SELECT client_id AS t FROM session_clients WHERE session_id = $1 ORDER BY client_id";
        let clients: Vec<Text> = self.fetch_all(sql, args![id]).await?;
        Ok(clients.into_iter().map(|t| ClientId::new(t.0)).collect())
    }

    pub async fn create_authorization(&mut self, a: &Authorization) -> Result<()> {
        self.execute(
            "INSERT INTO authorizations (id, browser_hash, client_id, subject, request, stage, ceremony, created_at, expires_at, finished_at, errand, pushed, encrypt_to, deferred)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10, $11, $12, $13)",
            args![
                &a.id, &a.browser_hash, &a.client, &a.subject, json(&a.request)?, json(&a.stage)?, &a.ceremony, a.created_at,
                a.expires_at, a.errand.as_ref().map(json).transpose()?, &a.pushed,
                &a.encrypt_to,
                &a.deferred,
            ],
        )
        .await?;
        Ok(())
    }

    pub async fn authorization(&mut self, id: &AuthorizationId) -> Result<Option<Authorization>> {
        self.fetch("SELECT * FROM authorizations WHERE id = $1", args![id])
            .await
    }

    /// The first browser that shows up owns it.
    pub async fn bind_browser(&mut self, id: &AuthorizationId, browser_hash: &str) -> Result<bool> {
        let sql = "UPDATE authorizations SET browser_hash = $2 WHERE id = $1 AND browser_hash IS NULL";
        Ok(self.execute(sql, args![id, browser_hash]).await? == 1)
    }

    /// Moves on from the stage that was read; `false` if it has moved in the meantime.
    pub async fn move_authorization(&mut self, a: &Authorization, to: &Stage) -> Result<bool> {
        let sql = "UPDATE authorizations SET stage = $3 WHERE id = $1 AND stage = $2 AND finished_at IS NULL";
        Ok(self.execute(sql, args![&a.id, json(&a.stage)?, json(to)?]).await? == 1)
    }

    /// Ends it; exactly one caller gets `true`, and only that one may answer the partner.
    /// Nothing more can be proved for it.
    pub async fn expire_authorization(&mut self, id: &AuthorizationId, now: Timestamp) -> Result<()> {
        let sql = "UPDATE authorizations SET expires_at = $2 WHERE id = $1 AND expires_at > $2";
        self.execute(sql, args![id, now]).await?;
        Ok(())
    }

    pub async fn finish_authorization(&mut self, id: &AuthorizationId, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE authorizations SET finished_at = $2 WHERE id = $1 AND finished_at IS NULL";
        Ok(self.execute(sql, args![id, now]).await? == 1)
    }

    pub async fn open_challenge(
        &mut self,
        id: &AuthorizationId,
        authenticator: &AuthenticatorId,
    ) -> Result<Option<Challenge>> {
        self.fetch(
            "SELECT id, authorization_id, authenticator_id, kept, created_at, expires_at FROM challenges
              WHERE authorization_id = $1 AND authenticator_id = $2 AND closed_at IS NULL",
            args![id, authenticator],
        )
        .await
    }

    /// A new challenge; the older one of the same place dies with it.
    pub async fn replace_challenge(&mut self, c: &Challenge) -> Result<()> {
        self.execute(
            "UPDATE challenges SET closed_at = $3 WHERE authorization_id = $1 AND authenticator_id = $2 AND closed_at IS NULL",
            args![&c.authorization, &c.authenticator, c.created_at],
        )
        .await?;
        self.execute(
            "INSERT INTO challenges (id, authorization_id, authenticator_id, kept, created_at, expires_at, closed_at)
             VALUES ($1, $2, $3, $4, $5, $6, NULL)",
            args![
                &c.id,
                &c.authorization,
                &c.authenticator,
                c.kept.clone(),
                c.created_at,
                c.expires_at
            ],
        )
        .await?;
        Ok(())
    }

    /// Uses a challenge up; exactly one caller gets `true`.
    pub async fn close_challenge(&mut self, id: &str, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE challenges SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL";
        Ok(self.execute(sql, args![id, now]).await? == 1)
    }

    /// How many challenges were opened for this authenticator since then.
    pub async fn challenges_since(&mut self, authenticator: &AuthenticatorId, since: Timestamp) -> Result<i64> {
        let sql =
            "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM challenges WHERE authenticator_id = $1 AND created_at > $2";
        let n: Option<super::Count> = self.fetch(sql, args![authenticator, since]).await?;
        Ok(n.map_or(0, |c| c.0))
    }
}
