//! Who the token is about (OIDC Core §5.3).

use std::sync::Arc;

use super::account::partners::list_for;
use super::bearers::Checked;
use super::clients::alg;
use super::minting::{call_back_key, evidence, grant_of};
use super::provider::{Current, LoadError, Provider};
use crate::base::Timestamp;
use crate::keys::{Alg, Expected, Expiry, RingError, TypRule};
use crate::model::{User, UserStatus};
use crate::protocol::bearer::{AccessTokenPresented, NoToken};
use crate::protocol::claims::{
    ACCESS_TOKEN_TYP, AUTHENTICATORS, AccessTokenClaims, EVIDENCE, Place, SCOPE_AUTHENTICATORS, select, wanted,
};
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::storage::grants::Bearer;
use crate::storage::users::UserNow;
use crate::storage::{self, Tx};

#[derive(Debug, thiserror::Error)]
pub enum UserinfoFault {
    #[error(transparent)]
    NoToken(#[from] NoToken),
    #[error(transparent)]
    Refused(#[from] OAuthError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Storage(#[from] storage::Error),
    #[error(transparent)]
    Keys(#[from] RingError),
}

/// Claims as JSON, or signed where the client is registered so (OIDC Core §5.3.2).
pub enum Userinfo {
    Json(serde_json::Value),
    Signed(String),
}

pub async fn userinfo(op: &Provider, presented: &AccessTokenPresented) -> Result<Userinfo, UserinfoFault> {
    let mut view = op.store.view().await?;
    let (known, token) = (op.current(), presented.token.expose());
    // By what this process knows. The statement that reads the person says whether that is current.
    let first = tell(op, &known, &mut view, token).await;
    match first {
        Ok((claims, generation)) if generation == known.workspace.generation => return Ok(claims),
        Ok(_) | Err(UserinfoFault::Refused(_)) => {}
        Err(fault) => return Err(fault),
    }
    let current = op.current_in(&mut view).await?;
    if !Arc::ptr_eq(&current, &known) {
        return Ok(tell(op, &current, &mut view, token).await?.0);
    }
    Ok(first?.0)
}

/// Whose token it is, as all of it is at this moment.
pub struct Known {
    pub checked: Arc<Checked>,
    pub user: User,
    pub generation: i64,
}

/// The person behind an access token of ours, or `invalid_token`.
pub async fn bearer(op: &Provider, current: &Current, view: &mut Tx, token: &str) -> Result<Known, UserinfoFault> {
    let invalid = || OAuthError::new(ErrorCode::InvalidToken, "the access token is not valid");
    let checked = match current.bearers.find(token, op.now()) {
        Some(checked) => checked,
        None => current.bearers.keep(token, check(op, current, view, token).await?),
    };
    let bearer = view.bearer(&checked.grant, &checked.call_back).await?;
    let stands = |b: &Bearer| b.revoked_at.is_none() && !b.called_back;
    let bearer = bearer.filter(stands).ok_or_else(invalid)?;
    let UserNow { user, generation } = bearer.user;
    if user.status != UserStatus::Active || !current.workspace.clients.contains_key(&checked.client) {
        return Err(invalid().into());
    }
    Ok(Known {
        checked,
        user,
        generation,
    })
}

/// The claims, and the generation that was current when the person was read.
async fn tell(op: &Provider, current: &Current, view: &mut Tx, token: &str) -> Result<(Userinfo, i64), UserinfoFault> {
    let invalid = || OAuthError::new(ErrorCode::InvalidToken, "the access token is not valid");
    let Known {
        checked,
        user,
        generation,
    } = bearer(op, current, view, token).await?;
    let names = checked.names.iter().map(String::as_str).collect();
    let mut claims = select(&user.all_claims(), &names);
    claims.insert("sub".into(), user.id.to_string().into());
    if let Some(evidence) = &checked.evidence {
        claims.insert(EVIDENCE.into(), evidence.clone());
    }
    if checked.names.contains(AUTHENTICATORS) {
        let listed = list_for(view, &user, &checked.client).await?;
        claims.insert(AUTHENTICATORS.into(), listed);
    }
    let client = current.workspace.clients.get(&checked.client).ok_or_else(invalid)?;
    let Some(signing) = client.metadata.userinfo_signed_response_alg else {
        return Ok((Userinfo::Json(claims.into()), generation));
    };
    claims.insert("iss".into(), op.issuer.url.clone().into());
    claims.insert("aud".into(), client.id.to_string().into());
    Ok((
        Userinfo::Signed(current.ring.sign(alg(signing), "JWT", &claims)?),
        generation,
    ))
}

/// A token that is seen for the first time.
async fn check(op: &Provider, current: &Current, view: &mut Tx, token: &str) -> Result<Checked, UserinfoFault> {
    let invalid = || OAuthError::new(ErrorCode::InvalidToken, "the access token is not valid");
    let token = verify(op, current, token).ok_or_else(invalid)?;
    if !token.scope.is_openid() {
        return Err(OAuthError::new(ErrorCode::InsufficientScope, "scope openid is needed").into());
    }
    let id = grant_of(&token.jti).ok_or_else(invalid)?;
    let grant = view.grant(&id).await?.ok_or_else(invalid)?;
    let mut names = wanted(&token.scope, &grant.frozen.request.claims, Place::Userinfo);
    let client = current.workspace.clients.get(&grant.client);
    if !client.is_some_and(|c| c.scope.contains(SCOPE_AUTHENTICATORS)) {
        // Asking for it by name is no way around the registration.
        names.remove(AUTHENTICATORS);
    }
    Ok(Checked {
        grant: id,
        call_back: call_back_key(&token.jti),
        client: grant.client.clone(),
        expires_at: Timestamp::from_secs(token.exp),
        evidence: names.contains(EVIDENCE).then(|| evidence(&grant.frozen.events)),
        names: names.into_iter().map(str::to_owned).collect(),
    })
}

/// Signature, type, issuer, audience and lifetime.
pub(super) fn verify(op: &Provider, current: &Current, token: &str) -> Option<AccessTokenClaims> {
    let expected = Expected {
        algs: &Alg::ALL,
        typ: TypRule::OneOf(&[ACCESS_TOKEN_TYP]),
        issuer: Some(&op.issuer.url),
        audience: Some(&[&op.issuer.url]),
        expiry: Expiry::Required,
        now: op.now(),
    };
    current.ring.verify(token, &expected).ok()?.read().ok()
}
