//! Tokens from a grant: what they say, and for how long.

use super::clients::alg;
use super::demand::SIGNING_TOKEN_LIFETIME;
use super::encryption::{Recipient, sealed};
use super::provider::{Current, Provider};
use super::subjects::subject;
use crate::base::encoding::hash_token;
use crate::base::{Entropy, GrantId, Seconds, Secret, Timestamp};
use crate::keys::RingError;
use crate::model::{Grant, User};
use crate::policy::FactorEvent;
use crate::protocol::claims::{
    ACCESS_TOKEN_TYP, AccessTokenClaims, Confirmation, EVIDENCE, IdTokenClaims, Place, half_hash, select, wanted,
};
use crate::protocol::client::Client;
use crate::protocol::scope::Scopes;
use crate::protocol::token::{TokenResponse, TokenType};

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

impl Minting<'_> {
    /// `bound_to`: what whoever uses the access token has to hold.
    pub fn tokens(
        &self,
        grant: &Grant,
        scope: Scopes,
        refresh_token: Option<Secret<String>>,
        bound_to: Confirmation,
    ) -> Result<TokenResponse, RingError> {
        let expires_in = self.lifetime(grant, self.client.access_token_lifetime);
        let frozen = &grant.frozen;
        let openid = scope.is_openid();
        let access = AccessTokenClaims {
            iss: self.op.issuer.url.clone(),
            sub: subject(self.op, self.client, &self.user.id),
            // RFC 9068 §2.2: without a resource indicator a default one; ours is the issuer, whose userinfo it opens.
            aud: self.op.issuer.url.clone(),
            client_id: self.client.id.to_string(),
            exp: self.now.plus(expires_in).secs(),
            iat: self.now.secs(),
            jti: access_token_id(&grant.id, &self.op.entropy),
            scope: scope.clone(),
            auth_time: Some(frozen.auth_time.secs()),
            acr: Some(frozen.acr.clone()),
            amr: frozen.amr.clone(),
            sid: Some(grant.session.to_string()),
            // RFC 9449 §6.1, RFC 8705 §3.1.
            cnf: bound_to.claim(),
            authorization_details: frozen.request.authorization_details.clone(),
        };
        let access_token = self
            .current
            .ring
            .sign(crate::keys::Alg::Es256, ACCESS_TOKEN_TYP, &access)?;
        let id_token = if openid {
            let at_hash = half_hash(self.client.id_token_alg, &access_token);
            Some(Secret::new(self.id_token(grant, &scope, Some(at_hash), None)?))
        } else {
            None
        };
        Ok(TokenResponse {
            access_token: Secret::new(access_token),
            token_type: TokenType::of(access.cnf.as_ref()),
            expires_in,
            refresh_token,
            id_token,
            scope,
            authorization_details: access.authorization_details,
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
            sid: Some(grant.session.to_string()),
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
fn access_token_id(grant: &GrantId, entropy: &dyn Entropy) -> String {
    format!("{grant}.{}", entropy.id())
}

pub fn grant_of(jti: &str) -> Option<GrantId> {
    jti.split_once('.').map(|(grant, _)| GrantId::new(grant))
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
