//! What an owner or an operator does to an authenticator that exists. Each transition is guarded by whose it is and
//! how it stands; creation and use are in `users`.

use super::{Result, Tx, args, json};
use crate::base::{AuthenticatorId, ClientId, Timestamp, UserId};
use crate::model::Grant;
use crate::model::authenticator::Facts;

impl Tx {
    /// `false` if it is not this person's, or if another one of theirs is called so.
    pub async fn rename_authenticator(&mut self, user: &UserId, id: &AuthenticatorId, name: &str) -> Result<bool> {
        let renamed = self
            .execute(
                "UPDATE authenticators SET nickname = $3 WHERE id = $2 AND user_id = $1
                   AND NOT EXISTS (SELECT 1 FROM authenticators o WHERE o.user_id = $1 AND o.id <> $2 AND o.nickname = $3)",
                args![user, id, name],
            )
            .await?;
        Ok(renamed == 1)
    }

    /// The one that was primary before no longer is. `false` if this one cannot be used.
    pub async fn make_primary(&mut self, user: &UserId, id: &AuthenticatorId) -> Result<bool> {
        self.clear_primary(user).await?;
        let sql = "UPDATE authenticators SET is_primary = $3 WHERE id = $2 AND user_id = $1 AND status = 'active'";
        Ok(self.execute(sql, args![user, id, true]).await? == 1)
    }

    /// Puts it aside; it cannot be primary meanwhile. `false` if it was not in use.
    pub async fn suspend_authenticator(&mut self, user: &UserId, id: &AuthenticatorId) -> Result<bool> {
        let sql = "UPDATE authenticators SET status = 'suspended', is_primary = $3
                    WHERE id = $2 AND user_id = $1 AND status = 'active'";
        Ok(self.execute(sql, args![user, id, false]).await? == 1)
    }

    /// `false` if it was not put aside. One that was disabled must be bound again (800-63B-4 §3.2.2).
    pub async fn reactivate_authenticator(&mut self, user: &UserId, id: &AuthenticatorId) -> Result<bool> {
        let sql = "UPDATE authenticators SET status = 'active' WHERE id = $2 AND user_id = $1 AND status = 'suspended'";
        Ok(self.execute(sql, args![user, id]).await? == 1)
    }

    /// `false` if it is not this person's, or somebody was first.
    pub async fn remove_authenticator(&mut self, user: &UserId, id: &AuthenticatorId) -> Result<bool> {
        let sql = "DELETE FROM authenticators WHERE id = $2 AND user_id = $1";
        Ok(self.execute(sql, args![user, id]).await? == 1)
    }

    /// Notes, with everybody's authenticators that are found by this, whether a message to them was taken. One that is
    /// changed in this very moment is left as it is: a count more or less decides nothing.
    pub async fn note_delivery(&mut self, lookup: &str, taken: bool) -> Result<()> {
        for a in self.authenticators_found_by(lookup).await? {
            let facts = Facts {
                undelivered: if taken {
                    0
                } else {
                    a.facts.undelivered.saturating_add(1)
                },
                ..a.facts.clone()
            };
            if facts != a.facts {
                let sql = "UPDATE authenticators SET facts = $3 WHERE id = $1 AND facts = $2";
                self.execute(sql, args![&a.id, json(&a.facts)?, json(&facts)?]).await?;
            }
        }
        Ok(())
    }

    /// What partners still hold of this person.
    pub async fn live_grants(&mut self, user: &UserId, now: Timestamp) -> Result<Vec<Grant>> {
        self.fetch_all(
            "SELECT id, client_id, user_id, session_id, body, created_at, expires_at, revoked_at FROM grants
              WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2",
            args![user, now],
        )
        .await
    }

    /// A partner's own choice of a person's primary authenticator; `false` if nothing was changed: it was the choice
    /// already, or is none of this person's that can be used.
    pub async fn set_partner_primary(
        &mut self,
        user: &UserId,
        client: &ClientId,
        id: &AuthenticatorId,
    ) -> Result<bool> {
        let written = self
            .execute(
                "INSERT INTO partner_primaries (user_id, client_id, authenticator_id)
                 SELECT user_id, $2, id FROM authenticators WHERE id = $3 AND user_id = $1 AND status = 'active'
                 ON CONFLICT (user_id, client_id) DO UPDATE SET authenticator_id = excluded.authenticator_id
                  WHERE partner_primaries.authenticator_id <> excluded.authenticator_id",
                args![user, client, id],
            )
            .await?;
        Ok(written == 1)
    }
}
