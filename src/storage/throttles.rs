//! Failure counters (800-63B-4 §3.2.2).

use super::{FromRow, Result, Row, Tx, args};
use crate::base::Timestamp;
use crate::model::throttle::{Throttle, ThrottleKey, pause_after};

impl FromRow for Throttle {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            failures: row.int("failures")?,
            blocked_until: row.opt_time("blocked_until")?,
        })
    }
}

impl Tx {
    pub async fn throttle(&mut self, key: &ThrottleKey) -> Result<Throttle> {
        let row = self
            .fetch(
                "SELECT failures, blocked_until FROM throttles WHERE key = $1",
                args![key],
            )
            .await?;
        Ok(row.unwrap_or_default())
    }

    /// The counter as it is, held until the commit: two tries at the same moment see each other's failure.
    pub async fn hold_throttle(&mut self, key: &ThrottleKey, now: Timestamp) -> Result<Throttle> {
        let row = self
            .fetch(
                "INSERT INTO throttles (key, failures, blocked_until, updated_at) VALUES ($1, 0, NULL, $2)
                 ON CONFLICT (key) DO UPDATE SET updated_at = excluded.updated_at
                 RETURNING failures, blocked_until",
                args![key, now],
            )
            .await?;
        Ok(row.unwrap_or_default())
    }

    /// Counts one failure, and says how many there are now. Concurrent failures are all counted.
    pub async fn count_failure(&mut self, key: &ThrottleKey, now: Timestamp) -> Result<Throttle> {
        let counted: Option<Throttle> = self
            .fetch(
                "INSERT INTO throttles (key, failures, blocked_until, updated_at) VALUES ($1, 1, NULL, $2)
                 ON CONFLICT (key) DO UPDATE SET failures = throttles.failures + 1, updated_at = excluded.updated_at
                 RETURNING failures, blocked_until",
                args![key, now],
            )
            .await?;
        let mut throttle = counted.unwrap_or(Throttle {
            failures: 1,
            blocked_until: None,
        });
        if let Some(pause) = pause_after(throttle.failures) {
            throttle.blocked_until = Some(now.plus(pause));
            self.execute(
                "UPDATE throttles SET blocked_until = $2 WHERE key = $1",
                args![key, throttle.blocked_until],
            )
            .await?;
        }
        Ok(throttle)
    }

    /// Counts something that is limited but no failure; answers how often it has happened under this key.
    pub async fn count_use(&mut self, key: &ThrottleKey, now: Timestamp) -> Result<i64> {
        let counted: Option<Throttle> = self
            .fetch(
                "INSERT INTO throttles (key, failures, blocked_until, updated_at) VALUES ($1, 1, NULL, $2)
                 ON CONFLICT (key) DO UPDATE SET failures = throttles.failures + 1, updated_at = excluded.updated_at
                 RETURNING failures, blocked_until",
                args![key, now],
            )
            .await?;
        Ok(counted.map_or(1, |c| c.failures))
    }

    /// Success ends the series.
    pub async fn clear_failures(&mut self, key: &ThrottleKey) -> Result<()> {
        self.execute("DELETE FROM throttles WHERE key = $1", args![key]).await?;
        Ok(())
    }
}
