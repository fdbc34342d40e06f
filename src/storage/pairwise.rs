//! Pairwise subjects that partners have been told.

use super::{FromRow, Result, Row, Tx, args};
use crate::base::UserId;
use crate::protocol::subject::Subject;

struct Behind(UserId);

impl FromRow for Behind {
    fn from_row(row: &Row) -> Result<Self> {
        row.text("user_id").map(|id| Self(UserId::new(id)))
    }
}

impl Tx {
    /// A partner is told it: from now on it can come back.
    pub async fn remember_subject(&mut self, subject: &Subject, user: &UserId) -> Result<()> {
        let sql = "INSERT INTO pairwise_subjects (subject, user_id) VALUES ($1, $2) ON CONFLICT (subject) DO NOTHING";
        self.execute(sql, args![subject.as_str(), user]).await?;
        Ok(())
    }

    pub async fn behind_subject(&mut self, subject: &str) -> Result<Option<UserId>> {
        let sql = "SELECT user_id FROM pairwise_subjects WHERE subject = $1";
        let found: Option<Behind> = self.fetch(sql, args![subject]).await?;
        Ok(found.map(|behind| behind.0))
    }
}
