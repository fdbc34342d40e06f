//! Codes (RFC 6749 §4.1.3).

use super::{Call, TokenFault};
use crate::base::Secret;
use crate::base::encoding::hash_token;
use crate::journey::demand::{Asked, Held, Parties};
use crate::model::audit::Outcome;
use crate::model::{Grant, User};
use crate::policy::Decision;
use crate::protocol::claims::Confirmation;
use crate::protocol::errors::OAuthError;
use crate::protocol::pkce;
use crate::protocol::token::TokenResponse;
use crate::protocol::words::GrantType;

impl Call<'_> {
    pub(super) async fn code(
        &mut self,
        code: &Secret<String>,
        (redirect_uri, verifier): (Option<&str>, Option<&pkce::CodeVerifier>),
        resources: &[String],
    ) -> Result<TokenResponse, TokenFault> {
        let hash = hash_token(code.expose());
        let Some(grant) = self.tx.redeem_code(&hash, &self.caller.client.id, self.now).await? else {
            return Err(self.code_is_gone(&hash).await?.into());
        };
        // From here on the code is spent, whatever comes: a wrong verifier is no free try.
        grant.frozen.request.check_redirect_uri(redirect_uri)?;
        pkce::verify(grant.frozen.request.code_challenge.as_ref(), verifier)?;
        // RFC 9449 §10: a stolen code is of no use without the key.
        self.must_hold(&Confirmation {
            jkt: grant.frozen.request.dpop_jkt.clone(),
            x5t_s256: None,
        })?;
        self.first_tokens(&grant, resources).await
    }

    /// What a grant yields whose code, or whatever stands for one, has just been spent.
    pub(super) async fn first_tokens(
        &mut self,
        grant: &Grant,
        resources: &[String],
    ) -> Result<TokenResponse, TokenFault> {
        let target = self.target(grant, resources)?;
        let found = self.tx.user_now(&grant.user).await?;
        let user = self.active(found)?;
        self.still_satisfied(grant, &user)?;
        let refresh = self.first_refresh(grant).await?;
        let scope = grant.frozen.request.scope.clone();
        let response = self.tokens((grant, &user), scope, &target, refresh).await?;
        let issued = self.grant_record("token.issued", Outcome::Success, grant);
        self.tx.audit(issued);
        Ok(response)
    }

    /// Why nobody may redeem it. One that was redeemed before ends its family (RFC 6749 §4.1.2, RFC 9700 §4.5).
    async fn code_is_gone(&mut self, hash: &str) -> Result<OAuthError, TokenFault> {
        if let Some(spent) = self
            .tx
            .spent_code(hash)
            .await?
            .filter(|s| s.client == self.caller.client.id && s.redeemed)
        {
            self.tx.revoke_grant(&spent.grant, self.now).await?;
            let reuse = self
                .record("code.reuse_detected", Outcome::Refused)
                .with("grant", spent.grant.as_str());
            self.tx.audit(reuse);
        }
        Ok(OAuthError::invalid_grant("the code is not valid"))
    }

    /// Policy as it is now, over the evidence as it was: the third place where it is enforced.
    fn still_satisfied(&mut self, grant: &Grant, user: &User) -> Result<(), TokenFault> {
        let parties = Parties {
            workspace: &self.current.workspace,
            client: self.caller.client,
            user: Some(user),
        };
        let asked = Asked::of(&grant.frozen.request, grant.frozen.arrived);
        let held = Held {
            events: &grant.frozen.events,
            last_active: grant.created_at,
            ceremony: None,
            enrolled: &[],
            remembered: grant.frozen.remembered,
            now: self.now,
        };
        match parties.decide(&asked, &held, false) {
            Decision::Satisfied(a) if a.acr == grant.frozen.acr => Ok(()),
            decision => {
                let denied = self
                    .grant_record("policy.method_denied", Outcome::Refused, grant)
                    .reason(format!("{decision:?}"));
                self.tx.audit(denied);
                Err(OAuthError::invalid_grant("the evidence behind this code no longer suffices").into())
            }
        }
    }

    async fn first_refresh(&mut self, grant: &Grant) -> Result<Option<Secret<String>>, TokenFault> {
        let request = &grant.frozen.request;
        let wanted = request.scope.contains("offline_access") && self.caller.client.may_use(GrantType::RefreshToken);
        // What stands for one act is not renewed (21 CFR 1311.115: each signing anew).
        if !wanted || grant.frozen.one_act {
            return Ok(None);
        }
        self.new_refresh(&grant.id, grant.expires_at).await.map(Some)
    }
}
