//! What has had its day. Audit records are never among it.

use super::{Result, Tx, args};
use crate::base::{Seconds, Timestamp};

/// How long what is finished stays, so that a late visitor gets a true answer instead of "unknown".
const GRACE: Seconds = Seconds::days(1);

impl Tx {
    /// Removes what expired more than a day ago; answers how many rows went.
    pub async fn sweep(&mut self, now: Timestamp) -> Result<u64> {
        let old = now.minus(GRACE);
        let mut gone = 0;
        gone += self
            .execute("DELETE FROM authorizations WHERE expires_at < $1", args![old])
            .await?;
        gone += self
            .execute("DELETE FROM challenges WHERE expires_at < $1", args![old])
            .await?;
        gone += self
            .execute("DELETE FROM push_requests WHERE expires_at < $1", args![old])
            .await?;
        gone += self
            .execute("DELETE FROM pushed_requests WHERE expires_at < $1", args![old])
            .await?;
        gone += self
            .execute("DELETE FROM deferred_requests WHERE expires_at < $1", args![old])
            .await?;
        gone += self
            .execute("DELETE FROM spent_tokens WHERE expires_at < $1", args![old])
            .await?;
        gone += self
            .execute("DELETE FROM outbox WHERE expires_at < $1", args![old])
            .await?;
        gone += self
            .execute("DELETE FROM refresh_tokens WHERE expires_at < $1", args![old])
            .await?;
        gone += self
            .execute("DELETE FROM access_tokens WHERE expires_at < $1", args![old])
            .await?;
        gone += self
            .execute("DELETE FROM grants WHERE expires_at < $1", args![old])
            .await?;
        gone += self
            .execute("DELETE FROM enrolments WHERE expires_at < $1", args![old])
            .await?;
        gone += self
            .execute("DELETE FROM tickets WHERE expires_at < $1", args![old])
            .await?;
        gone += self
            .execute("DELETE FROM initial_access_tokens WHERE expires_at < $1", args![old])
            .await?;
        gone += self
            .execute("DELETE FROM remembered_browsers WHERE expires_at < $1", args![old])
            .await?;
        gone += self.sweep_activity(now).await?;
        let idle = "DELETE FROM throttles WHERE updated_at < $1 AND (blocked_until IS NULL OR blocked_until < $1)";
        gone += self.execute(idle, args![now.minus(Seconds::days(30))]).await?;
        let ended = "DELETE FROM sessions WHERE ended_at < $1 OR created_at < $1";
        gone += self.execute(ended, args![now.minus(Seconds::days(60))]).await?;
        Ok(gone)
    }
}
