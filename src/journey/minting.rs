//! Tokens from a grant: what they say, and for how long.

use super::clients::alg;
use super::demand::SIGNING_TOKEN_LIFETIME;
use super::encryption::{Recipient, sealed};
use super::provider::{Current, Provider};
use super::subjects::subject;
use super::targets::Target;
use super::tokens::TokenFault;
use crate::base::encoding::hash_token;
use crate::base::{Entropy, GrantId, Seconds, Secret, Timestamp};
use crate::keys::RingError;
use crate::model::{Grant, User};
use crate::policy::FactorEvent;
use crate::protocol::claims::{
    ACCESS_TOKEN_TYP, AccessTokenClaims, Confirmation, EVIDENCE, IdTokenClaims, MayAct, Place, half_hash, select,
    wanted,
};
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::client::Client;
use crate::protocol::errors::OAuthError;
use crate::protocol::scope::Scopes;
use crate::protocol::token::{TokenResponse, TokenType};
use crate::protocol::words::TokenFormat;

/// Tokens for one person at one client.
pub struct Minting<'a> {
    pub op: &'a Provider,
    pub current: &'a Current,
    pub client: &'a Client,
    pub user: &'a User,
    pub now: Timestamp,
    /// To whom ID tokens are encrypted.
    pub encrypt_to: Option<&'a Recipient>,
}

/// An access token for a client: what it may open, for whom, and what whoever uses it has to hold.
pub struct Wanted<'a> {
    /// All that the client has of the grant; the token carries what means something where it is for.
    pub scope: Scopes,
    pub target: &'a Target,
    pub bound_to: Confirmation,
}

/// Tokens that may leave once what has to be kept of them is kept.
pub struct Minted {
    pub response: TokenResponse,
    pub access: AccessToken,
}

/// An access token in the form that its reader wants.
pub struct AccessToken {
    pub token: String,
    pub claims: AccessTokenClaims,
    /// It says nothing itself: the claims are kept, under its hash.
    pub opaque: bool,
}

impl AccessToken {
    pub fn seal(
        op: &Provider,
        current: &Current,
        claims: AccessTokenClaims,
        format: TokenFormat,
    ) -> Result<Self, RingError> {
        let opaque = format == TokenFormat::Opaque;
        let token = if opaque {
            op.entropy.token()
        } else {
            current.ring.sign(crate::keys::Alg::Es256, ACCESS_TOKEN_TYP, &claims)?
        };
        Ok(Self { token, claims, opaque })
    }

    pub fn response(&self, now: Timestamp) -> TokenResponse {
        TokenResponse {
            access_token: Secret::from(self.token.as_str()),
            token_type: TokenType::of(self.claims.cnf.as_ref()),
            expires_in: now.seconds_until(Timestamp::from_secs(self.claims.exp)),
            refresh_token: None,
            id_token: None,
            scope: self.claims.scope.clone(),
            authorization_details: self.claims.authorization_details.clone(),
            issued_token_type: None,
        }
    }
}

impl Minting<'_> {
    pub fn tokens(
        &self,
        grant: &Grant,
        wanted: Wanted<'_>,
        refresh_token: Option<Secret<String>>,
    ) -> Result<Minted, TokenFault> {
        let claims = self.access_claims(grant, &wanted)?;
        let access = AccessToken::seal(self.op, self.current, claims, wanted.target.format)?;
        let id_token = if wanted.scope.is_openid() {
            let at_hash = half_hash(self.client.id_token_alg, &access.token);
            Some(Secret::new(self.id_token(grant, &wanted.scope, Some(at_hash), None)?))
        } else {
            None
        };
        let response = TokenResponse {
            refresh_token,
            id_token,
            ..access.response(self.now)
        };
        Ok(Minted { response, access })
    }

    fn access_claims(&self, grant: &Grant, wanted: &Wanted<'_>) -> Result<AccessTokenClaims, OAuthError> {
        let frozen = &grant.frozen;
        let expires_in = self.lifetime(grant, wanted.target.lifetime);
        Ok(AccessTokenClaims {
            iss: self.op.issuer.url.clone(),
            sub: subject(self.op, self.client, &self.user.id),
            aud: wanted.target.audience.clone(),
            client_id: self.client.id.to_string(),
            exp: self.now.plus(expires_in).secs(),
            iat: self.now.secs(),
            jti: access_token_id(&grant.id, &self.op.entropy),
            scope: wanted.target.scope(&wanted.scope)?,
            auth_time: Some(frozen.auth_time.secs()),
            acr: Some(frozen.acr.clone()),
            amr: frozen.amr.clone(),
            sid: grant.sid(),
            // RFC 9449 §6.1, RFC 8705 §3.1.
            cnf: wanted.bound_to.clone().claim(),
            authorization_details: frozen.request.authorization_details.clone(),
            act: None,
            may_act: self.client.metadata.may_act.clone().map(|sub| MayAct { sub }),
        })
    }

    /// OIDC Core §3.3.2.11: with c_hash.
    pub fn front_channel_id_token(&self, grant: &Grant, code: &str) -> Result<String, RingError> {
        let c_hash = half_hash(self.client.id_token_alg, code);
        self.id_token(grant, &grant.frozen.request.scope, None, Some(c_hash))
    }

    fn id_token(
        &self,
        grant: &Grant,
        scope: &Scopes,
        at_hash: Option<String>,
        c_hash: Option<String>,
    ) -> Result<String, RingError> {
        let frozen = &grant.frozen;
        let names = wanted(scope, &frozen.request.claims, Place::IdToken);
        let mut person = select(&self.user.all_claims(), &names);
        if names.contains(EVIDENCE) {
            person.insert(EVIDENCE.to_owned(), evidence(&frozen.events));
        }
        let claims = IdTokenClaims {
            iss: self.op.issuer.url.clone(),
            sub: subject(self.op, self.client, &self.user.id),
            aud: self.client.id.to_string(),
            exp: self
                .now
                .plus(self.lifetime(grant, self.client.id_token_lifetime))
                .secs(),
            iat: self.now.secs(),
            auth_time: Some(frozen.auth_time.secs()),
            // OIDC Core §12.2: a renewed ID token has no nonce of its own; the same one is allowed.
            nonce: frozen.request.nonce.clone(),
            acr: Some(frozen.acr.clone()),
            amr: frozen.amr.clone(),
            azp: None,
            at_hash,
            c_hash,
            sid: grant.sid(),
            person,
        };
        let signed = self.current.ring.sign(alg(self.client.id_token_alg), "JWT", &claims)?;
        sealed(self.op, self.encrypt_to, signed)
    }

    /// A token that stands for one act lives no longer than two minutes.
    fn lifetime(&self, grant: &Grant, asked: Seconds) -> Seconds {
        if grant.frozen.one_act {
            asked.min(SIGNING_TOKEN_LIFETIME)
        } else {
            asked
        }
    }
}

/// `jti` names the grant, so that an access token dies with its family wherever we check it.
pub fn access_token_id(grant: &GrantId, entropy: &dyn Entropy) -> String {
    format!("{grant}.{}", entropy.id())
}

/// `None`: no grant is behind it, because it is a client's own.
pub fn grant_of(jti: &str) -> Option<GrantId> {
    jti.split_once('.').map(|(grant, _)| GrantId::new(grant))
}

/// The claims that this client has asked for by name. What another client made of its token opens what its scope opens.
pub fn asked_by<'a>(client_id: &str, grant: &'a Grant) -> Option<&'a ClaimsRequest> {
    (grant.client.as_str() == client_id).then_some(&grant.frozen.request.claims)
}

/// Under what the revocation of one access token is written down. No client can bring it about with the `jti` of an
/// assertion, which is kept in the same place: its name has no spaces.
pub fn call_back_key(jti: &str) -> String {
    hash_token(&format!("access token\n{jti}"))
}

/// The claim `urn:countersign:evidence`: what was used, event by event.
pub fn evidence(events: &[FactorEvent]) -> serde_json::Value {
    let one_ceremony = events.windows(2).all(|pair| pair[0].ceremony == pair[1].ceremony);
    events
        .iter()
        .map(|e| crate::policy::evidence_claim(e, one_ceremony))
        .collect()
}
