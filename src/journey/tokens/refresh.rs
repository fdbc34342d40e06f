//! Refresh tokens (RFC 6749 §6, RFC 9700 §4.14).

use super::{Call, TokenFault};
use crate::base::encoding::hash_token;
use crate::base::{Seconds, Secret};
use crate::journey::demand::{Asked, Parties};
use crate::journey::possession;
use crate::model::audit::Outcome;
use crate::model::{Grant, User};
use crate::protocol::errors::OAuthError;
use crate::protocol::scope::Scopes;
use crate::protocol::token::TokenResponse;
use crate::protocol::words::RefreshRotation;
use crate::storage;

/// How long a turned refresh token still works under `migration`, so that a lost answer loses nothing.
const MIGRATION_WINDOW: Seconds = Seconds(60);

impl Call<'_> {
    pub(super) async fn refresh(
        &mut self,
        token: &Secret<String>,
        scope: Option<&Scopes>,
        resources: &[String],
    ) -> Result<TokenResponse, TokenFault> {
        let invalid = || OAuthError::invalid_grant("the refresh token is not valid");
        let hash = hash_token(token.expose());
        let row = self.tx.refresh(&hash).await?.ok_or_else(invalid)?;
        let grant = &row.grant;
        // RFC 6749 §6: bound to the client. Another client's finding ends nothing: it may be an attack on the owner.
        if grant.client != self.caller.client.id || grant.revoked_at.is_some() || row.expires_at <= self.now {
            return Err(invalid().into());
        }
        self.must_hold(&possession::binding_of(token.expose()))?;
        let user = self.active(Some(row.user.clone()))?;
        self.still_permitted(grant, &user)?;
        let narrowed = grant.frozen.request.scope.narrow(scope)?;
        let target = self.target(grant, resources)?;
        target.scope(&narrowed)?;
        let successor = self.turn(&hash, &row).await?;
        let response = self.tokens((grant, &user), narrowed, &target, successor).await?;
        let refreshed = self.grant_record("token.refreshed", Outcome::Success, grant);
        self.tx.audit(refreshed);
        Ok(response)
    }

    /// Rotation as the client has it. A token that was turned before ends the family (RFC 9700 §4.14.2).
    async fn turn(
        &mut self,
        hash: &str,
        row: &storage::grants::RefreshRow,
    ) -> Result<Option<Secret<String>>, TokenFault> {
        let grant = &row.grant;
        let rotation = self.caller.client.refresh_rotation;
        if rotation == RefreshRotation::None {
            let idle = self.now.plus(self.caller.client.refresh_token_idle_lifetime);
            // One that was turned while the client still rotated stays used up.
            if self.tx.extend_refresh(hash, idle.min(grant.expires_at)).await? {
                return Ok(None);
            }
            return Err(OAuthError::invalid_grant("the refresh token was used before").into());
        }
        let in_window = row
            .used_at
            .is_some_and(|used| !used.older_than(MIGRATION_WINDOW, self.now));
        let forgiven = rotation == RefreshRotation::Migration && in_window;
        if !forgiven && !self.tx.use_refresh(hash, self.now).await? {
            self.tx.revoke_grant(&grant.id, self.now).await?;
            let reuse = self.grant_record("refresh.reuse_detected", Outcome::Refused, grant);
            self.tx.audit(reuse);
            return Err(OAuthError::invalid_grant("the refresh token was used before").into());
        }
        self.new_refresh(&grant.id, grant.expires_at).await.map(Some)
    }

    /// A renewal proves nothing new, and age is the business of whoever reads auth_time; but a method that
    /// policy has come to forbid does not live on in renewed tokens.
    fn still_permitted(&self, grant: &Grant, user: &User) -> Result<(), TokenFault> {
        let parties = Parties {
            workspace: &self.current.workspace,
            client: self.caller.client,
            user: Some(user),
        };
        let need = parties.requirement(&Asked::of(&grant.frozen.request, grant.frozen.arrived));
        match grant
            .frozen
            .events
            .iter()
            .find(|e| need.refused.contains_key(&e.method))
        {
            Some(_) => Err(OAuthError::invalid_grant("the method of this sign-in is no longer accepted").into()),
            None => Ok(()),
        }
    }
}
