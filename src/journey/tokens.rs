//! The token endpoint: codes and refresh tokens into tokens, one durable commit each.

use super::clients::{Authenticated, authenticate};
use super::demand::{Asked, Held, Parties};
use super::minting::Minting;
use super::possession::{self, Proof, Unproven};
use super::provider::{Current, LoadError, Provider};
use crate::base::encoding::hash_token;
use crate::base::{Entropy, GrantId, Seconds, Secret, Timestamp};
use crate::keys::RingError;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::{Grant, User, UserStatus};
use crate::policy::Decision;
use crate::protocol::client_auth::ClientCredentials;
use crate::protocol::dpop::{self, Shown};
use crate::protocol::errors::OAuthError;
use crate::protocol::pkce;
use crate::protocol::scope::Scopes;
use crate::protocol::token::{TokenRequest, TokenResponse};
use crate::protocol::words::{GrantType, RefreshRotation};
use crate::storage::users::UserNow;
use crate::storage::{self, Tx};

/// How long a turned refresh token still works under `migration`, so that a lost answer loses nothing.
const MIGRATION_WINDOW: Seconds = Seconds(60);

#[derive(Debug, thiserror::Error)]
pub enum TokenFault {
    #[error(transparent)]
    Refused(#[from] OAuthError),
    #[error(transparent)]
    Unproven(#[from] Unproven),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Storage(#[from] storage::Error),
    #[error(transparent)]
    Keys(#[from] RingError),
    /// Undone: what decides was changed in the meantime.
    #[error("the workspace was changed while the request was answered")]
    Stale,
}

/// One request at the token endpoint. What is refused is refused for good: a transaction that must end a
/// family commits although the answer is an error.
pub async fn exchange(
    op: &Provider,
    credentials: &ClientCredentials,
    request: TokenRequest,
    shown: &Shown<'_>,
    ip: Option<&str>,
) -> Result<TokenResponse, TokenFault> {
    // By what this process knows, which is nearly always current: a statement that is made anyway tells. If it was
    // not, nothing of it is kept, and all is done again by what is.
    const ATTEMPTS: usize = 3;
    let mut current = op.current();
    for _ in 0..ATTEMPTS {
        match attempt(op, &current, credentials, &request, shown, ip).await {
            Err(TokenFault::Stale) => current = op.current_in(&mut op.store.view().await?).await?,
            outcome => return outcome,
        }
    }
    Err(TokenFault::Stale)
}

async fn attempt(
    op: &Provider,
    current: &Current,
    credentials: &ClientCredentials,
    request: &TokenRequest,
    shown: &Shown<'_>,
    ip: Option<&str>,
) -> Result<TokenResponse, TokenFault> {
    // Before the turn to write is taken: strangers' signatures must not make everybody else wait.
    let (caller, proof) = match introduce(op, current, credentials, request, shown).await {
        Ok(introduced) => introduced,
        Err(refused) => {
            must_be(current, op.store.view().await?.generation().await?)?;
            return Err(refused);
        }
    };
    let mut tx = op.store.begin().await?;
    caller.spend(&mut tx).await??;
    let mut call = Call {
        op,
        tx,
        current,
        caller,
        proof,
        now: op.now(),
        ip,
    };
    let result = call.answer(request).await;
    if let Err(TokenFault::Refused(error)) = &result {
        must_be(current, call.tx.generation().await?)?;
        let refused = call.record("token.refused", Outcome::Refused).reason(error.to_string());
        call.tx.audit(refused);
    } else if result.is_err() {
        return result;
    }
    call.tx.commit().await?;
    result
}

async fn introduce<'a>(
    op: &Provider,
    current: &'a Current,
    credentials: &ClientCredentials,
    request: &TokenRequest,
    shown: &Shown<'_>,
) -> Result<(Authenticated<'a>, Option<Proof>), TokenFault> {
    let caller = authenticate(op, current, credentials).await?;
    request.check_permitted(caller.client)?;
    let proof = possession::check(op, caller.client, shown, None)?;
    if caller.client.require_dpop && proof.is_none() {
        // RFC 9449 §5.2.
        return Err(dpop::invalid("it is missing, and this client's tokens are bound to a key").into());
    }
    Ok((caller, proof))
}

/// Whoever decides, decides by what is stored now.
const fn must_be(current: &Current, generation: i64) -> Result<(), TokenFault> {
    if current.workspace.generation == generation {
        Ok(())
    } else {
        Err(TokenFault::Stale)
    }
}

struct Call<'a> {
    op: &'a Provider,
    tx: Tx,
    current: &'a Current,
    caller: Authenticated<'a>,
    proof: Option<Proof>,
    now: Timestamp,
    ip: Option<&'a str>,
}

impl Call<'_> {
    async fn answer(&mut self, request: &TokenRequest) -> Result<TokenResponse, TokenFault> {
        if let Some(proof) = &self.proof {
            proof.spend(&mut self.tx).await??;
        }
        match request {
            TokenRequest::AuthorizationCode {
                code,
                redirect_uri,
                verifier,
            } => self.code(code, redirect_uri.as_deref(), verifier.as_ref()).await,
            TokenRequest::RefreshToken { token, scope } => self.refresh(token, scope.as_ref()).await,
        }
    }

    /// The key that the client has shown.
    fn key(&self) -> Option<&str> {
        self.proof.as_ref().map(|proof| proof.jkt.as_str())
    }

    async fn code(
        &mut self,
        code: &Secret<String>,
        redirect_uri: Option<&str>,
        verifier: Option<&pkce::CodeVerifier>,
    ) -> Result<TokenResponse, TokenFault> {
        let hash = hash_token(code.expose());
        let Some(grant) = self.tx.redeem_code(&hash, &self.caller.client.id, self.now).await? else {
            return Err(self.code_is_gone(&hash).await?.into());
        };
        // From here on the code is spent, whatever comes: a wrong verifier is no free try.
        grant.frozen.request.check_redirect_uri(redirect_uri)?;
        pkce::verify(grant.frozen.request.code_challenge.as_ref(), verifier)?;
        // RFC 9449 §10: a stolen code is of no use without the key.
        self.must_hold(grant.frozen.request.dpop_jkt.as_deref())?;
        let found = self.tx.user_now(&grant.user).await?;
        let user = self.active(found)?;
        self.still_satisfied(&grant, &user)?;
        let refresh = self.first_refresh(&grant).await?;
        let minting = Minting {
            op: self.op,
            current: self.current,
            client: self.caller.client,
            user: &user,
            now: self.now,
        };
        let response = minting.tokens(&grant, grant.frozen.request.scope.clone(), refresh, self.key())?;
        let issued = self.grant_record("token.issued", Outcome::Success, &grant);
        self.tx.audit(issued);
        Ok(response)
    }

    /// What is bound to a key is of use only with that key.
    fn must_hold(&self, jkt: Option<&str>) -> Result<(), OAuthError> {
        match jkt {
            Some(jkt) if self.key() != Some(jkt) => Err(OAuthError::invalid_grant("it is bound to another key")),
            _ => Ok(()),
        }
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

    fn active(&self, found: Option<UserNow>) -> Result<User, TokenFault> {
        if let Some(UserNow { generation, .. }) = found {
            must_be(self.current, generation)?;
        }
        let user = found.map(|f| f.user).filter(|u| u.status == UserStatus::Active);
        user.ok_or_else(|| OAuthError::invalid_grant("the person may no longer sign in").into())
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

    async fn new_refresh(&mut self, grant: &GrantId, family_ends: Timestamp) -> Result<Secret<String>, TokenFault> {
        let secret = self.op.entropy.token();
        // RFC 9449 §5: whoever cannot show who they are shows the key. Confidential clients may change theirs.
        let token = match self.key() {
            Some(jkt) if self.caller.client.is_public() => possession::bound(&secret, jkt),
            _ => secret,
        };
        let idle = self.now.plus(self.caller.client.refresh_token_idle_lifetime);
        self.tx
            .create_refresh(&hash_token(&token), grant, self.now, idle.min(family_ends))
            .await?;
        Ok(Secret::new(token))
    }

    async fn refresh(&mut self, token: &Secret<String>, scope: Option<&Scopes>) -> Result<TokenResponse, TokenFault> {
        let invalid = || OAuthError::invalid_grant("the refresh token is not valid");
        let hash = hash_token(token.expose());
        let row = self.tx.refresh(&hash).await?.ok_or_else(invalid)?;
        let grant = &row.grant;
        // RFC 6749 §6: bound to the client. Another client's finding ends nothing: it may be an attack on the owner.
        if grant.client != self.caller.client.id || grant.revoked_at.is_some() || row.expires_at <= self.now {
            return Err(invalid().into());
        }
        self.must_hold(possession::key_of(token.expose()))?;
        let user = self.active(Some(row.user.clone()))?;
        self.still_permitted(grant, &user)?;
        let narrowed = grant.frozen.request.scope.narrow(scope)?;
        let successor = self.turn(&hash, &row).await?;
        let minting = Minting {
            op: self.op,
            current: self.current,
            client: self.caller.client,
            user: &user,
            now: self.now,
        };
        let response = minting.tokens(grant, narrowed, successor, self.key())?;
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

    fn record(&self, event: &str, outcome: Outcome) -> AuditRecord {
        AuditRecord::new(event, outcome, self.now)
            .actor("client")
            .client(&self.caller.client.id)
            .ip(self.ip)
            .policy_version(self.current.workspace.generation)
    }

    fn grant_record(&self, event: &str, outcome: Outcome, grant: &Grant) -> AuditRecord {
        self.record(event, outcome)
            .subject(&grant.user)
            .with("grant", grant.id.as_str())
            .with("acr", grant.frozen.acr.as_str())
            .with("amr", grant.frozen.amr.join(" "))
    }
}
