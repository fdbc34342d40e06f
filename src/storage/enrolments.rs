//! Authenticators on their way to exist.

use super::{Error, FromRow, Result, Row, Tx, args};
use crate::base::{AuthorizationId, Timestamp, UserId};
use crate::model::Enrolment;

impl FromRow for Enrolment {
    fn from_row(row: &Row) -> Result<Self> {
        let method = row.text("method")?;
        Ok(Self {
            id: row.text("id")?,
            authorization: AuthorizationId::new(row.text("authorization_id")?),
            user: UserId::new(row.text("user_id")?),
            method: method
                .parse()
                .map_err(|_| Error::corrupt("enrolments.method", &method))?,
            kept: row.bytes("kept")?,
            sends: row.int("sends")?,
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
        })
    }
}

impl Tx {
    /// A new one; the older one of the same sign-in dies with it.
    pub async fn begin_enrolment(&mut self, e: &Enrolment) -> Result<()> {
        self.close_enrolments(&e.authorization, e.created_at).await?;
        self.execute(
            "INSERT INTO enrolments (id, authorization_id, user_id, method, kept, sends, created_at, expires_at, closed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)",
            args![
                &e.id,
                &e.authorization,
                &e.user,
                e.method.as_str(),
                e.kept.clone(),
                e.sends,
                e.created_at,
                e.expires_at
            ],
        )
        .await?;
        Ok(())
    }

    pub async fn open_enrolment(&mut self, authorization: &AuthorizationId) -> Result<Option<Enrolment>> {
        self.fetch(
            "SELECT id, authorization_id, user_id, method, kept, sends, created_at, expires_at FROM enrolments
              WHERE authorization_id = $1 AND closed_at IS NULL",
            args![authorization],
        )
        .await
    }

    /// One that still waits for its answer, by its own name.
    pub async fn pending_enrolment(&mut self, id: &str) -> Result<Option<Enrolment>> {
        self.fetch(
            "SELECT id, authorization_id, user_id, method, kept, sends, created_at, expires_at FROM enrolments
              WHERE id = $1 AND closed_at IS NULL",
            args![id],
        )
        .await
    }

    /// What is kept of it from now on; `false` if it was changed meanwhile.
    pub async fn renew_enrolment(&mut self, old: &Enrolment, kept: &[u8]) -> Result<bool> {
        let sql = "UPDATE enrolments SET kept = $3 WHERE id = $1 AND kept = $2 AND closed_at IS NULL";
        let args = args![&old.id, old.kept.clone(), kept.to_vec()];
        Ok(self.execute(sql, args).await? == 1)
    }

    /// Uses it up; exactly one caller gets `true`.
    pub async fn close_enrolment(&mut self, id: &str, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE enrolments SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL";
        Ok(self.execute(sql, args![id, now]).await? == 1)
    }

    pub async fn close_enrolments(&mut self, authorization: &AuthorizationId, now: Timestamp) -> Result<()> {
        let sql = "UPDATE enrolments SET closed_at = $2 WHERE authorization_id = $1 AND closed_at IS NULL";
        self.execute(sql, args![authorization, now]).await?;
        Ok(())
    }

    /// Messages that this person's set-ups have sent since then.
    pub async fn enrolment_sends_since(&mut self, user: &UserId, since: Timestamp) -> Result<i64> {
        let sql = "SELECT CAST(COALESCE(SUM(sends), 0) AS BIGINT) AS n FROM enrolments WHERE user_id = $1 AND created_at > $2";
        let n: Option<super::Count> = self.fetch(sql, args![user, since]).await?;
        Ok(n.map_or(0, |c| c.0))
    }
}
