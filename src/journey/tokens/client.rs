//! Clients in their own name (RFC 6749 §4.4): no person, no session, no evidence, and so no grant is kept. A token stands for
//! as long as its client does.

use super::{Call, TokenFault, must_be};
use crate::base::Entropy;
use crate::journey::demand::{Asked, Parties};
use crate::journey::minting::AccessToken;
use crate::journey::targets::Target;
use crate::model::audit::Outcome;
use crate::policy::RequestDemand;
use crate::protocol::claims::{AccessTokenClaims, SCOPES};
use crate::protocol::client::Client;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::rar::AuthorizationDetails;
use crate::protocol::scope::Scopes;
use crate::protocol::subject::Subject;
use crate::protocol::token::TokenResponse;

impl Call<'_> {
    /// RFC 6749 §4.4.3: no refresh token. That the client has a secret to keep, its registration has shown.
    pub(super) async fn own(
        &mut self,
        asked: Option<&Scopes>,
        resources: &[String],
    ) -> Result<TokenResponse, TokenFault> {
        must_be(self.current, self.tx.generation().await?)?;
        let target = Target::of(self.op, &self.current.workspace, self.caller.client, resources)?;
        let scope = target.scope(&own_scope(self.caller.client, asked)?)?;
        self.needs_nobody(&scope, resources)?;
        let claims = self.own_claims(scope, &target);
        let access = AccessToken::seal(self.op, self.current, claims, target.format)?;
        self.keep(&access, None).await?;
        let issued = self
            .record("token.issued", Outcome::Success)
            .with("grant_type", "client_credentials")
            .with("scope", access.claims.scope.to_string())
            .with("aud", access.claims.aud.iter().collect::<Vec<_>>());
        self.tx.audit(issued);
        Ok(access.response(self.now))
    }

    fn own_claims(&self, scope: Scopes, target: &Target) -> AccessTokenClaims {
        AccessTokenClaims {
            iss: self.op.issuer.url.clone(),
            // RFC 9068 §2.2: where no person is involved, something that names the client. And §2.2.1: nobody was
            // authenticated, so nothing is said of how.
            sub: Subject::of_client(self.caller.client),
            aud: target.audience.clone(),
            client_id: self.caller.client.id.to_string(),
            exp: self.now.plus(target.lifetime).secs(),
            iat: self.now.secs(),
            jti: self.op.entropy.id(),
            scope,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            sid: None,
            cnf: self.held().claim(),
            authorization_details: AuthorizationDetails::default(),
            act: None,
            may_act: None,
        }
    }

    /// Where a policy demands that a person proves something, there is no way around it without one.
    fn needs_nobody(&self, scope: &Scopes, resources: &[String]) -> Result<(), OAuthError> {
        let need = Parties {
            workspace: &self.current.workspace,
            client: self.caller.client,
            user: None,
        }
        .requirement(&Asked {
            scope: scope.clone(),
            details: Vec::new(),
            resources: resources.to_vec(),
            request: RequestDemand::default(),
        });
        if need.all_of.is_empty() && need.max_age.is_none() {
            Ok(())
        } else {
            Err(OAuthError::new(
                ErrorCode::InvalidScope,
                "a policy demands that a person is authenticated for this",
            ))
        }
    }
}

/// What was asked and is registered; without asking, all that is registered and not about people.
fn own_scope(client: &Client, asked: Option<&Scopes>) -> Result<Scopes, OAuthError> {
    let wrong = |what: &str| OAuthError::new(ErrorCode::InvalidScope, what);
    let about_people = |name: &str| SCOPES.contains(&name);
    let registered: Scopes = client.scope.iter().filter(|name| !about_people(name)).collect();
    let Some(asked) = asked else {
        // RFC 6749 §3.3.
        return if registered.is_empty() {
            Err(wrong("no scope is registered for this client but those about people"))
        } else {
            Ok(registered)
        };
    };
    if asked.iter().any(about_people) {
        return Err(wrong("openid and its like are about a person, and here is none"));
    }
    let granted = asked.common(&registered);
    if granted.is_empty() {
        return Err(wrong("no scope of the request is registered for this client"));
    }
    Ok(granted)
}
