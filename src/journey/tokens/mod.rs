//! The token endpoint: codes, refresh tokens and other tokens into tokens, one durable commit each.

mod client;
mod code;
mod deferred;
mod exchange;
mod refresh;

use super::clients::{Authenticated, authenticate};
use super::encryption::{Recipient, recipient};
use super::minting::{AccessToken, Minting, Wanted};
use super::possession::{self, Proof, Unproven};
use super::provider::{Current, LoadError, Provider};
use super::targets::Target;
use crate::base::encoding::hash_token;
use crate::base::{Entropy, GrantId, Secret, Timestamp};
use crate::keys::RingError;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::{Grant, User, UserStatus};
use crate::protocol::claims::Confirmation;
use crate::protocol::client_auth::ClientCredentials;
use crate::protocol::dpop::{self, Shown};
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::resource;
use crate::protocol::scope::Scopes;
use crate::protocol::token::{TokenRequest, TokenResponse};
use crate::storage::users::UserNow;
use crate::storage::{self, Tx};

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
    let (caller, proof, recipient) = match introduce(op, current, credentials, request, shown).await {
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
        recipient,
        certificate: shown.certificate.as_deref(),
        now: op.now(),
        ip,
    };
    let result = call.answer(request).await;
    if let Err(TokenFault::Refused(error)) = &result {
        must_be(current, call.tx.generation().await?)?;
        // RFC 8628 §3.5: who waits is not refused, and asks every few seconds.
        if error.code != ErrorCode::AuthorizationPending {
            let refused = call.record("token.refused", Outcome::Refused).reason(error.to_string());
            call.tx.audit(refused);
        }
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
) -> Result<(Authenticated<'a>, Option<Proof>, Option<Recipient>), TokenFault> {
    let caller = authenticate(op, current, credentials).await?;
    request.check_permitted(caller.client)?;
    if caller.client.require_certificate && shown.certificate.is_none() {
        // RFC 8705 §3: what is promised to APIs is kept.
        return Err(OAuthError::invalid_request(
            "a client certificate is missing, and this client's tokens are bound to one",
        )
        .into());
    }
    let proof = possession::check(op, caller.client, shown, None)?;
    if caller.client.require_dpop && proof.is_none() {
        // RFC 9449 §5.2.
        return Err(dpop::invalid("it is missing, and this client's tokens are bound to a key").into());
    }
    // Before the code is spent, and while no connection is held.
    let recipient = recipient(op, caller.client, caller.client.encryption.id_token).await?;
    Ok((caller, proof, recipient))
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
    /// To whom the ID token is encrypted.
    recipient: Option<Recipient>,
    /// The thumbprint of the one that was shown.
    certificate: Option<&'a str>,
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
                resources,
            } => {
                let proof = (redirect_uri.as_deref(), verifier.as_ref());
                self.code(code, proof, resources).await
            }
            TokenRequest::RefreshToken {
                token,
                scope,
                resources,
            } => self.refresh(token, scope.as_ref(), resources).await,
            TokenRequest::ClientCredentials { scope, resources } => self.own(scope.as_ref(), resources).await,
            TokenRequest::TokenExchange(request) => self.exchange(request).await,
            TokenRequest::Deferred { grant, reference } => self.deferred(*grant, reference).await,
        }
    }

    /// What tokens are bound to: the key that the client has shown, and its certificate, if it is registered so
    /// (RFC 8705 §3.4).
    fn held(&self) -> Confirmation {
        let bound = self.caller.client.require_certificate;
        Confirmation {
            jkt: self.proof.as_ref().map(|proof| proof.jkt.clone()),
            x5t_s256: self.certificate.filter(|_| bound).map(str::to_owned),
        }
    }

    /// What is bound to a key or a certificate is of use only with that.
    fn must_hold(&self, bound_to: &Confirmation) -> Result<(), OAuthError> {
        let key = self.proof.as_ref().map(|proof| &proof.jkt);
        if bound_to.jkt.is_some() && bound_to.jkt.as_ref() != key {
            return Err(OAuthError::invalid_grant("it is bound to another key"));
        }
        if bound_to.x5t_s256.is_some() && bound_to.x5t_s256.as_deref() != self.certificate {
            return Err(OAuthError::invalid_grant("it is bound to another certificate"));
        }
        Ok(())
    }

    /// For whom a token of this grant is: for all that it was asked for, or for a part.
    fn target(&self, grant: &Grant, asked: &[String]) -> Result<Target, OAuthError> {
        let resources = resource::narrow(&grant.frozen.request.resources, asked)?;
        Target::of(self.op, &self.current.workspace, self.caller.client, &resources)
    }

    /// Tokens of a grant for the client that it was given to.
    async fn tokens(
        &mut self,
        (grant, user): (&Grant, &User),
        scope: Scopes,
        target: &Target,
        refresh: Option<Secret<String>>,
    ) -> Result<TokenResponse, TokenFault> {
        let minting = Minting {
            op: self.op,
            current: self.current,
            client: self.caller.client,
            user,
            now: self.now,
            encrypt_to: self.recipient.as_ref(),
        };
        let wanted = Wanted {
            scope,
            target,
            bound_to: self.held(),
        };
        let minted = minting.tokens(grant, wanted, refresh)?;
        self.keep(&minted.access, Some(&grant.id)).await?;
        Ok(minted.response)
    }

    /// What says nothing itself is kept, in the commit that it leaves after.
    async fn keep(&mut self, access: &AccessToken, grant: Option<&GrantId>) -> Result<(), storage::Error> {
        if access.opaque {
            let hash = hash_token(&access.token);
            self.tx.keep_access_token(&hash, grant, &access.claims).await?;
        }
        Ok(())
    }

    fn active(&self, found: Option<UserNow>) -> Result<User, TokenFault> {
        if let Some(UserNow { generation, .. }) = found {
            must_be(self.current, generation)?;
        }
        let user = found.map(|f| f.user).filter(|u| u.status == UserStatus::Active);
        user.ok_or_else(|| OAuthError::invalid_grant("the person may no longer sign in").into())
    }

    async fn new_refresh(&mut self, grant: &GrantId, family_ends: Timestamp) -> Result<Secret<String>, TokenFault> {
        let secret = self.op.entropy.token();
        // RFC 9449 §5, RFC 8705 §4: whoever cannot show who they are shows what they hold. Confidential clients may
        // change that.
        let token = if self.caller.client.is_public() {
            possession::bound(secret, &self.held())
        } else {
            secret
        };
        let idle = self.now.plus(self.caller.client.refresh_token_idle_lifetime);
        self.tx
            .create_refresh(&hash_token(&token), grant, self.now, idle.min(family_ends))
            .await?;
        Ok(Secret::new(token))
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
