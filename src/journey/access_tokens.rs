//! Our access tokens as they come back: one that says what it is worth, signed, or one that says nothing and is looked up.

use super::minting::{call_back_key, grant_of};
use super::provider::{Current, Provider};
use crate::base::ClientId;
use crate::base::encoding::hash_token;
use crate::keys::{Alg, Expected, Expiry, TypRule};
use crate::model::{Grant, User, UserStatus, Workspace};
use crate::protocol::claims::{ACCESS_TOKEN_TYP, AccessTokenClaims};
use crate::protocol::client::Client;
use crate::protocol::words::GrantType;
use crate::storage::{self, Tx};

/// An access token that has not expired, with what is behind it.
pub struct Access {
    pub claims: AccessTokenClaims,
    /// `None`: it is a client's own (RFC 6749 §4.4).
    pub person: Option<(Grant, User)>,
    called_back: bool,
}

/// What a token of ours says that has not expired; for whom it is, is another question, and whether it still stands.
pub async fn read(
    op: &Provider,
    current: &Current,
    view: &mut Tx,
    token: &str,
) -> Result<Option<AccessTokenClaims>, storage::Error> {
    // RFC 7515 §7.1: a signed one has dots. One that says nothing is 256 random bits, found by the hash of all of them.
    if token.contains('.') {
        return Ok(verify(op, current, token));
    }
    let kept = view.access_token(&hash_token(token), op.now()).await?;
    Ok(kept.filter(|claims| claims.iss == op.issuer.url))
}

/// Signature, type, issuer and lifetime.
fn verify(op: &Provider, current: &Current, token: &str) -> Option<AccessTokenClaims> {
    let expected = Expected {
        algs: &Alg::ALL,
        typ: TypRule::OneOf(&[ACCESS_TOKEN_TYP]),
        issuer: Some(&op.issuer.url),
        audience: None,
        expiry: Expiry::Required,
        now: op.now(),
    };
    current.ring.verify(token, &expected).ok()?.read().ok()
}

pub async fn find(
    op: &Provider,
    current: &Current,
    view: &mut Tx,
    token: &str,
) -> Result<Option<Access>, storage::Error> {
    let Some(claims) = read(op, current, view, token).await? else {
        return Ok(None);
    };
    let key = call_back_key(&claims.jti);
    let Some(grant) = grant_of(&claims.jti) else {
        let called_back = view.was_called_back(&key).await?;
        return Ok(Some(Access {
            claims,
            person: None,
            called_back,
        }));
    };
    let holder = view.holder(&grant, &key).await?;
    Ok(holder.map(|holder| Access {
        claims,
        person: Some((holder.grant, holder.user.user)),
        called_back: holder.called_back,
    }))
}

impl Access {
    /// The same as userinfo and the token endpoint ask. What a session or an authenticator takes with it when it ends
    /// is revoked with it.
    pub fn stands(&self, workspace: &Workspace) -> bool {
        let client = workspace.clients.get(&ClientId::new(&self.claims.client_id));
        let Some(client) = client.filter(|_| !self.called_back) else {
            return false;
        };
        match &self.person {
            Some((grant, user)) => {
                grant.revoked_at.is_none()
                    && user.status == UserStatus::Active
                    && workspace.clients.contains_key(&grant.client)
            }
            None => client.may_use(GrantType::ClientCredentials),
        }
    }

    /// Was it given to this client?
    pub fn is_of(&self, client: &ClientId) -> bool {
        self.claims.client_id == client.as_str()
    }

    /// Is this client whom it is for, by its own name or as an API that it is?
    pub fn is_for(&self, client: &Client) -> bool {
        let aud = &self.claims.aud;
        aud.names(client.id.as_str()) || client.metadata.serves.iter().any(|uri| aud.names(uri))
    }
}
