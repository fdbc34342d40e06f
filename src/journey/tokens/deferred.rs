//! What a client polls for: device codes (RFC 8628 §3.4) and `auth_req_id`s (CIBA Core §10.1, §11).

use super::{Call, TokenFault};
use crate::base::Secret;
use crate::base::encoding::hash_token;
use crate::model::Deferred;
use crate::model::deferred::{DeferredState, Kind, grant_key};
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::token::TokenResponse;
use crate::protocol::words::GrantType;

impl Call<'_> {
    pub(super) async fn deferred(
        &mut self,
        grant: GrantType,
        reference: &Secret<String>,
    ) -> Result<TokenResponse, TokenFault> {
        let kind = match grant {
            GrantType::Ciba => Kind::Backchannel,
            _ => Kind::Device,
        };
        let hash = hash_token(reference.expose());
        // CIBA Core §11: another client's is told what an unknown one is told, and nothing of it changes.
        let own = |d: &Deferred| d.client == self.caller.client.id && d.kind == kind;
        let Some(asked) = self.tx.deferred(&hash).await?.filter(own) else {
            return Err(OAuthError::invalid_grant("it is not valid").into());
        };
        if asked.state == DeferredState::Granted {
            let key = grant_key(&hash);
            let grant = self.tx.redeem_code(&key, &self.caller.client.id, self.now).await?;
            // A second time is no attack as it is with codes, which come through a browser: who is pinged and polls as well
            // asks twice.
            let grant = grant.ok_or_else(|| OAuthError::invalid_grant("it was used before, or not in time"))?;
            return self.first_tokens(&grant, &[]).await;
        }
        Err(self.not_yet(&asked).await?.into())
    }

    async fn not_yet(&mut self, asked: &Deferred) -> Result<OAuthError, TokenFault> {
        if asked.state == DeferredState::Denied {
            let why = asked.why.as_deref().unwrap_or("the person denied");
            return Ok(OAuthError::new(ErrorCode::AccessDenied, why));
        }
        if asked.expires_at <= self.now {
            return Ok(OAuthError::new(ErrorCode::ExpiredToken, "nobody answered in time"));
        }
        if self.tx.poll_deferred(&asked.hash, self.now).await? {
            return Ok(OAuthError::new(
                ErrorCode::AuthorizationPending,
                "nobody has answered yet",
            ));
        }
        // RFC 8628 §3.5: for this and all that follow.
        self.tx.slow_deferred(&asked.hash, self.now).await?;
        Ok(OAuthError::new(
            ErrorCode::SlowDown,
            "wait 5 seconds longer between two requests from now on",
        ))
    }
}
