//! Phones: where messages reach them, and what waits for an answer on them.

use super::{Error, FromRow, Result, Row, Tx, args};
use crate::base::{AuthenticatorId, AuthorizationId, Timestamp, UserId};
use crate::model::push_request::{Past, PushRequest, RequestState};

struct Sealed(Vec<u8>);

impl FromRow for Sealed {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.bytes("sealed")?))
    }
}

fn state_of(row: &Row) -> Result<RequestState> {
    let text = row.text("state")?;
    RequestState::parse(&text).ok_or_else(|| Error::corrupt("push_requests.state", &text))
}

impl FromRow for PushRequest {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            authorization: AuthorizationId::new(row.text("authorization_id")?),
            user: UserId::new(row.text("user_id")?),
            device: row.text("device_id")?,
            sealed: row.bytes("sealed")?,
            state: state_of(row)?,
            tries: row.int("tries")?,
            answer: row.opt_text("answer")?,
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
            answered_at: row.opt_time("answered_at")?,
        })
    }
}

impl FromRow for Past {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            state: state_of(row)?,
            created_at: row.time("created_at")?,
        })
    }
}

impl Tx {
    /// A new request; an older one of the same sign-in that still waits is withdrawn.
    pub async fn ask_device(&mut self, r: &PushRequest) -> Result<()> {
        self.withdraw_requests(&r.authorization).await?;
        self.execute(
            "INSERT INTO push_requests
                 (id, authorization_id, user_id, device_id, sealed, state, tries, answer, created_at, expires_at, answered_at)
             VALUES ($1, $2, $3, $4, $5, 'waiting', 0, NULL, $6, $7, NULL)",
            args![
                &r.id,
                &r.authorization,
                &r.user,
                &r.device,
                r.sealed.clone(),
                r.created_at,
                r.expires_at
            ],
        )
        .await?;
        Ok(())
    }

    /// Whatever waits for an answer to this sign-in waits no more.
    pub async fn withdraw_requests(&mut self, authorization: &AuthorizationId) -> Result<()> {
        let sql = "UPDATE push_requests SET state = 'withdrawn' WHERE authorization_id = $1 AND state = 'waiting'";
        self.execute(sql, args![authorization]).await?;
        Ok(())
    }

    pub async fn push_request(&mut self, id: &str) -> Result<Option<PushRequest>> {
        self.fetch(
            "SELECT id, authorization_id, user_id, device_id, sealed, state, tries, answer, created_at, expires_at, answered_at
               FROM push_requests WHERE id = $1",
            args![id],
        )
        .await
    }

    /// The newest request of this sign-in to this device.
    pub async fn last_push_request(
        &mut self,
        authorization: &AuthorizationId,
        device: &str,
    ) -> Result<Option<PushRequest>> {
        self.fetch(
            "SELECT id, authorization_id, user_id, device_id, sealed, state, tries, answer, created_at, expires_at, answered_at
               FROM push_requests WHERE authorization_id = $1 AND device_id = $2
              ORDER BY created_at DESC, id LIMIT 1",
            args![authorization, device],
        )
        .await
    }

    /// The newest request of this sign-in, whatever the device.
    pub async fn newest_push_request(&mut self, authorization: &AuthorizationId) -> Result<Option<PushRequest>> {
        self.fetch(
            "SELECT id, authorization_id, user_id, device_id, sealed, state, tries, answer, created_at, expires_at, answered_at
               FROM push_requests WHERE authorization_id = $1 ORDER BY created_at DESC, id LIMIT 1",
            args![authorization],
        )
        .await
    }

    /// What waits on this device, the newest first. Also of sign-ins that have gone on without it: their owner may want to say
    /// that it was not them.
    pub async fn waiting_requests(&mut self, device: &str, now: Timestamp) -> Result<Vec<PushRequest>> {
        self.fetch_all(
            "SELECT id, authorization_id, user_id, device_id, sealed, state, tries, answer, created_at, expires_at, answered_at
               FROM push_requests WHERE device_id = $1 AND state = 'waiting' AND expires_at > $2
              ORDER BY created_at DESC, id",
            args![device, now],
        )
        .await
    }

    /// What became of this person's requests since then, pairings aside.
    pub async fn past_requests(&mut self, user: &UserId, since: Timestamp) -> Result<Vec<Past>> {
        self.fetch_all(
            "SELECT r.state AS state, r.created_at AS created_at FROM push_requests r
               JOIN authenticators a ON a.id = r.device_id
              WHERE r.user_id = $1 AND r.created_at > $2 AND r.created_at >= a.created_at",
            args![user, since],
        )
        .await
    }

    /// Answers one that waits; exactly one caller gets `true`.
    pub async fn answer_request(
        &mut self,
        id: &str,
        state: RequestState,
        answer: Option<&str>,
        now: Timestamp,
    ) -> Result<bool> {
        let sql = "UPDATE push_requests SET state = $2, answer = $3, answered_at = $4
                    WHERE id = $1 AND state = 'waiting' AND expires_at > $4";
        Ok(self.execute(sql, args![id, state.as_str(), answer, now]).await? == 1)
    }

    /// One more wrong number; answers how many there were.
    pub async fn count_wrong_number(&mut self, id: &str) -> Result<Option<i64>> {
        let sql = "UPDATE push_requests SET tries = tries + 1 WHERE id = $1 AND state = 'waiting' RETURNING tries AS n";
        let n: Option<super::Count> = self.fetch(sql, args![id]).await?;
        Ok(n.map(|c| c.0))
    }

    /// Takes an approval into a session; exactly one caller gets `true`.
    pub async fn use_request(&mut self, id: &str) -> Result<bool> {
        let sql = "UPDATE push_requests SET state = 'used' WHERE id = $1 AND state = 'approved'";
        Ok(self.execute(sql, args![id]).await? == 1)
    }

    /// Where messages to this device go; the older address is replaced. An address belongs to one installation, so it is
    /// kept by its hash to be found when it is gone.
    pub async fn save_push_address(
        &mut self,
        device: &AuthenticatorId,
        hash: &str,
        sealed: &[u8],
        now: Timestamp,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO push_addresses (authenticator_id, hash, sealed, updated_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (authenticator_id) DO UPDATE SET hash = $2, sealed = $3, updated_at = $4",
            args![device, hash, sealed.to_vec(), now],
        )
        .await?;
        Ok(())
    }

    pub async fn push_address(&mut self, device: &AuthenticatorId) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT sealed FROM push_addresses WHERE authenticator_id = $1";
        let found: Option<Sealed> = self.fetch(sql, args![device]).await?;
        Ok(found.map(|s| s.0))
    }

    pub async fn delete_push_address(&mut self, device: &AuthenticatorId) -> Result<()> {
        let sql = "DELETE FROM push_addresses WHERE authenticator_id = $1";
        self.execute(sql, args![device]).await?;
        Ok(())
    }

    /// Its push service knows this address no more. `true` if anybody had it.
    pub async fn forget_push_address(&mut self, hash: &str) -> Result<bool> {
        let sql = "DELETE FROM push_addresses WHERE hash = $1";
        Ok(self.execute(sql, args![hash]).await? > 0)
    }
}
