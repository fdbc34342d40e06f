//! People and their authenticators.

use super::{Error, FromRow, Result, Row, Tx, args, json};
use crate::base::{AuthenticatorId, Timestamp, UserId};
use crate::model::authenticator::Facts;
use crate::model::{Authenticator, AuthenticatorStatus, User, UserStatus};

impl FromRow for User {
    fn from_row(row: &Row) -> Result<Self> {
        let status = row.text("status")?;
        Ok(Self {
            id: UserId::new(row.text("id")?),
            pool: row.text("pool")?,
            username: row.text("username")?,
            email: row.opt_text("email")?,
            email_verified: row.bool("email_verified")?,
            status: UserStatus::parse(&status).ok_or_else(|| Error::corrupt("users.status", &status))?,
            groups: row.json("groups")?,
            claims: row.json("claims")?,
            standing: row.json("standing")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }
}

impl FromRow for Authenticator {
    fn from_row(row: &Row) -> Result<Self> {
        let (method, status) = (row.text("method")?, row.text("status")?);
        Ok(Self {
            id: AuthenticatorId::new(row.text("id")?),
            user: UserId::new(row.text("user_id")?),
            method: method
                .parse()
                .map_err(|_| Error::corrupt("authenticators.method", &method))?,
            nickname: row.opt_text("nickname")?,
            primary: row.bool("is_primary")?,
            status: AuthenticatorStatus::parse(&status)
                .ok_or_else(|| Error::corrupt("authenticators.status", &status))?,
            secret: row.bytes("secret")?,
            last_step: row.opt_int("last_step")?,
            lookup: row.opt_text("lookup")?,
            facts: row.json("facts")?,
            created_at: row.time("created_at")?,
            last_used_at: row.opt_time("last_used_at")?,
        })
    }
}

/// A person, and the generation of what decides at the same moment.
#[derive(Clone, Debug)]
pub struct UserNow {
    pub user: User,
    pub generation: i64,
}

impl FromRow for UserNow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            user: User::from_row(row)?,
            generation: row.int("generation")?,
        })
    }
}

impl Tx {
    /// Both in one statement: a statement costs more than what it reads.
    pub async fn user_now(&mut self, id: &UserId) -> Result<Option<UserNow>> {
        self.fetch(
            "SELECT u.*, (SELECT value FROM generation WHERE one = 1) AS generation FROM users u WHERE u.id = $1",
            args![id],
        )
        .await
    }

    pub async fn user(&mut self, id: &UserId) -> Result<Option<User>> {
        self.fetch("SELECT * FROM users WHERE id = $1", args![id]).await
    }

    /// By name or by e-mail address, compared as `User::key` says.
    pub async fn user_by_login(&mut self, key: &str) -> Result<Option<User>> {
        self.fetch(
            "SELECT * FROM users WHERE username_key = $1 OR email_key = $1 ORDER BY username_key = $1 DESC LIMIT 1",
            args![key],
        )
        .await
    }

    pub async fn user_by_name(&mut self, key: &str) -> Result<Option<User>> {
        self.fetch("SELECT * FROM users WHERE username_key = $1", args![key])
            .await
    }

    pub async fn users(&mut self) -> Result<Vec<User>> {
        self.fetch_all("SELECT * FROM users ORDER BY username_key", args![])
            .await
    }

    /// Inserts or replaces; `false` if the name or the address belongs to somebody else.
    pub async fn save_user(&mut self, user: &User) -> Result<bool> {
        let email_key = user.email.as_deref().map(User::key);
        let taken: Option<User> = self
            .fetch(
                "SELECT * FROM users WHERE id <> $1 AND (username_key IN ($2, $3) OR email_key IN ($2, $3)) LIMIT 1",
                args![&user.id, User::key(&user.username), email_key.clone()],
            )
            .await?;
        if taken.is_some() {
            return Ok(false);
        }
        let written = self
            .execute(
                "INSERT INTO users (id, pool, username, username_key, email, email_key, email_verified, status, groups, claims, created_at, updated_at, standing)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                 ON CONFLICT (id) DO UPDATE SET pool = excluded.pool, username = excluded.username,
                   username_key = excluded.username_key, email = excluded.email, email_key = excluded.email_key,
                   email_verified = excluded.email_verified, status = excluded.status, groups = excluded.groups,
                   claims = excluded.claims, updated_at = excluded.updated_at,
                   standing = excluded.standing",
                args![
                    &user.id, &user.pool, &user.username, User::key(&user.username), user.email.clone(), email_key,
                    user.email_verified, user.status.as_str(), json(&user.groups)?, json(&user.claims)?,
                    user.created_at, user.updated_at, json(&user.standing)?,
                ],
            )
            .await?;
        Ok(written == 1)
    }

    pub async fn delete_user(&mut self, id: &UserId) -> Result<bool> {
        Ok(self.execute("DELETE FROM users WHERE id = $1", args![id]).await? == 1)
    }

    pub async fn set_user_status(&mut self, id: &UserId, status: UserStatus, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE users SET status = $2, updated_at = $3 WHERE id = $1";
        Ok(self.execute(sql, args![id, status.as_str(), now]).await? == 1)
    }

    pub async fn authenticators(&mut self, user: &UserId) -> Result<Vec<Authenticator>> {
        self.fetch_all(
            "SELECT * FROM authenticators WHERE user_id = $1 ORDER BY created_at, id",
            args![user],
        )
        .await
    }

    pub async fn authenticator(&mut self, id: &AuthenticatorId) -> Result<Option<Authenticator>> {
        self.fetch("SELECT * FROM authenticators WHERE id = $1", args![id])
            .await
    }

    /// Inserts or replaces one authenticator. Its counters start anew only when it is new.
    pub async fn save_authenticator(&mut self, a: &Authenticator) -> Result<()> {
        self.execute(
            "INSERT INTO authenticators (id, user_id, method, nickname, is_primary, status, secret, last_step, facts, created_at, last_used_at, lookup)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (id) DO UPDATE SET nickname = excluded.nickname, is_primary = excluded.is_primary,
               status = excluded.status, secret = excluded.secret, last_step = excluded.last_step, facts = excluded.facts,
               lookup = excluded.lookup",
            args![
                &a.id, &a.user, a.method.as_str(), a.nickname.clone(), a.primary, a.status.as_str(), a.secret.clone(),
                a.last_step, json(&a.facts)?, a.created_at, a.last_used_at,
                &a.lookup,
            ],
        )
        .await?;
        Ok(())
    }

    /// Inserts a new one; `false` if its credential already belongs to somebody (WebAuthn Level 3 §7.1).
    pub async fn add_authenticator(&mut self, a: &Authenticator) -> Result<bool> {
        let added = self
            .execute(
                "INSERT INTO authenticators (id, user_id, method, nickname, is_primary, status, secret, last_step, facts, created_at, last_used_at, lookup)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
                args![
                    &a.id, &a.user, a.method.as_str(), a.nickname.clone(), a.primary, a.status.as_str(), a.secret.clone(),
                    a.last_step, json(&a.facts)?, a.created_at, a.last_used_at, &a.lookup,
                ],
            )
            .await?;
        Ok(added == 1)
    }

    /// Everybody's authenticators that are found by this.
    pub async fn authenticators_found_by(&mut self, lookup: &str) -> Result<Vec<Authenticator>> {
        self.fetch_all(
            "SELECT * FROM authenticators WHERE lookup = $1 ORDER BY id",
            args![lookup],
        )
        .await
    }

    /// Writes a credential that a verification has changed; `false` if another verification was first.
    pub async fn renew_authenticator(&mut self, old: &Authenticator, secret: &[u8], facts: &Facts) -> Result<bool> {
        let sql = "UPDATE authenticators SET secret = $3, facts = $4 WHERE id = $1 AND secret = $2";
        Ok(self
            .execute(sql, args![&old.id, old.secret.clone(), secret, json(facts)?])
            .await?
            == 1)
    }

    pub async fn delete_authenticator(&mut self, id: &AuthenticatorId) -> Result<bool> {
        Ok(self
            .execute("DELETE FROM authenticators WHERE id = $1", args![id])
            .await?
            == 1)
    }

    /// Nobody is primary any more: the first half of naming another one.
    pub async fn clear_primary(&mut self, user: &UserId) -> Result<()> {
        self.execute(
            "UPDATE authenticators SET is_primary = $2 WHERE user_id = $1 AND is_primary",
            args![user, false],
        )
        .await?;
        Ok(())
    }

    /// Spends a verification: `false` if the authenticator may no longer be used, or if somebody has
    /// already used this time step (RFC 6238 §5.2), on whatever node.
    pub async fn use_authenticator(&mut self, id: &AuthenticatorId, step: Option<i64>, now: Timestamp) -> Result<bool> {
        let used = self
            .execute(
                "UPDATE authenticators SET last_used_at = $3, last_step = COALESCE($2, last_step)
                  WHERE id = $1 AND status = 'active' AND ($2 IS NULL OR last_step IS NULL OR last_step < $2)",
                args![id, step, now],
            )
            .await?;
        Ok(used == 1)
    }

    pub async fn disable_authenticator(&mut self, id: &AuthenticatorId) -> Result<bool> {
        let sql = "UPDATE authenticators SET status = 'disabled' WHERE id = $1 AND status = 'active'";
        Ok(self.execute(sql, args![id]).await? == 1)
    }
}
