//! Who the token is about (OIDC Core §5.3).

use std::sync::Arc;

use super::access_tokens::read;
use super::account::partners::list_for;
use super::bearers::Checked;
use super::clients::alg;
use super::encryption::recipient;
use super::minting::{asked_by, call_back_key, evidence, grant_of};
use super::possession::{self, Proof, Unproven};
use super::provider::{Current, LoadError, Provider};
use super::subjects::subject;
use crate::base::{ClientId, Timestamp};
use crate::keys::RingError;
use crate::model::{User, UserStatus};
use crate::protocol::bearer::{AccessTokenPresented, NoToken};
use crate::protocol::challenge::TokenScheme;
use crate::protocol::claims::{AUTHENTICATORS, Confirmation, EVIDENCE, Place, SCOPE_AUTHENTICATORS, select, wanted};
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::client::Client;
use crate::protocol::dpop::{self, Shown};
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
    /// The same in the scheme DPoP: a token that is bound to a key, or was presented as such.
    #[error(transparent)]
    Unproven(#[from] Unproven),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Storage(#[from] storage::Error),
    #[error(transparent)]
    Keys(#[from] RingError),
}

/// Claims as JSON, or signed or encrypted or both where the client is registered so (OIDC Core §5.3.2).
pub enum Userinfo {
    Json(serde_json::Value),
    Jwt(String),
}

/// An access token, and what was shown with it.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    pub token: &'a AccessTokenPresented,
    pub shown: &'a Shown<'a>,
}

pub async fn userinfo(op: &Provider, presented: Presented<'_>) -> Result<Userinfo, UserinfoFault> {
    let mut view = op.store.view().await?;
    let told = told(op, &mut view, presented).await?;
    // A connection that reads is not kept while another, or somebody's site, is waited for.
    drop(view);
    let claims = match told.encrypt_for {
        Some(client) => encrypted(op, &client, told.claims).await?,
        None => told.claims,
    };
    spend(op, told.proof.as_ref()).await?;
    Ok(claims)
}

/// OIDC Core §5.3.2: signed first, if at all.
async fn encrypted(op: &Provider, client: &Client, claims: Userinfo) -> Result<Userinfo, UserinfoFault> {
    let Some(to) = recipient(op, client, client.encryption.userinfo).await? else {
        return Ok(claims);
    };
    Ok(Userinfo::Jwt(match claims {
        Userinfo::Json(claims) => to.seal_claims(op, &claims)?,
        Userinfo::Jwt(signed) => to.seal_jwt(op, &signed)?,
    }))
}

async fn told(op: &Provider, view: &mut Tx, presented: Presented<'_>) -> Result<Told, UserinfoFault> {
    let known = op.current();
    // By what this process knows. The statement that reads the person says whether that is current.
    let first = tell(op, &known, view, presented).await;
    match &first {
        Ok(told) if told.generation == known.workspace.generation => return first,
        Ok(_) | Err(UserinfoFault::Refused(_) | UserinfoFault::Unproven(_)) => {}
        Err(_) => return first,
    }
    let current = op.current_in(view).await?;
    if Arc::ptr_eq(&current, &known) {
        return first;
    }
    tell(op, &current, view, presented).await
}

/// The last thing before an answer: a proof that opened the door opens it once (RFC 9449 §11.1).
pub async fn spend(op: &Provider, proof: Option<&Proof>) -> Result<(), UserinfoFault> {
    let Some(proof) = proof else { return Ok(()) };
    Ok(proof.spend_alone(op).await?.map_err(Unproven::from)?)
}

/// Whose token it is, as all of it is at this moment.
pub struct Known {
    pub checked: Arc<Checked>,
    pub user: User,
    pub generation: i64,
    /// For `spend`.
    pub proof: Option<Proof>,
}

/// The person behind an access token of ours, or `invalid_token`.
pub async fn bearer(
    op: &Provider,
    current: &Current,
    view: &mut Tx,
    presented: Presented<'_>,
) -> Result<Known, UserinfoFault> {
    let known = holder(op, current, view, presented).await;
    match known {
        // RFC 9449 §7.1: answered in the scheme that was used.
        Err(UserinfoFault::Refused(error)) if presented.token.scheme == TokenScheme::Dpop => {
            Err(Unproven::Refused(error).into())
        }
        known => known,
    }
}

async fn holder(
    op: &Provider,
    current: &Current,
    view: &mut Tx,
    presented: Presented<'_>,
) -> Result<Known, UserinfoFault> {
    let token = presented.token.token.expose();
    let invalid = || OAuthError::new(ErrorCode::InvalidToken, "the access token is not valid");
    let checked = match current.bearers.find(token, op.now()) {
        Some(checked) => checked,
        None => current.bearers.keep(token, check(op, current, view, token).await?),
    };
    let bearer = view.bearer(&checked.grant, &checked.call_back).await?;
    let stands = |b: &Bearer| b.revoked_at.is_none() && !b.called_back;
    let bearer = bearer.filter(stands).ok_or_else(invalid)?;
    let UserNow { user, generation } = bearer.user;
    let client = current.workspace.clients.get(&checked.client).ok_or_else(invalid)?;
    if user.status != UserStatus::Active {
        return Err(invalid().into());
    }
    let proof = must_hold(op, client, &checked.cnf, presented)?;
    Ok(Known {
        checked,
        user,
        generation,
        proof,
    })
}

/// Does whoever presents the token hold what it is bound to (RFC 9449 §7, RFC 8705 §3)?
fn must_hold(
    op: &Provider,
    client: &Client,
    cnf: &Confirmation,
    presented: Presented<'_>,
) -> Result<Option<Proof>, UserinfoFault> {
    let invalid = |what: &str| OAuthError::new(ErrorCode::InvalidToken, what);
    if cnf.x5t_s256.is_some() && cnf.x5t_s256 != presented.shown.certificate {
        // RFC 8705 §3: in the scheme that was used.
        return Err(invalid("the access token is bound to another certificate").into());
    }
    let refused = |what: &str| Unproven::Refused(invalid(what));
    match (presented.token.scheme, cnf.jkt.as_deref()) {
        (TokenScheme::Bearer, None) => Ok(None),
        // RFC 9449 §7.2: MUST be refused, or a stolen token would be as good as any.
        (TokenScheme::Bearer, Some(_)) => Err(refused("the access token is bound to a key").into()),
        (TokenScheme::Dpop, None) => Err(refused("the access token is bound to no key").into()),
        (TokenScheme::Dpop, Some(jkt)) => {
            let proof = possession::check(op, client, presented.shown, Some(presented.token.token.expose()))?;
            let proof = proof.ok_or_else(|| Unproven::Refused(dpop::invalid("it is missing")))?;
            if proof.jkt != jkt {
                // RFC 9449 §7.1.
                return Err(refused("the access token is bound to another key").into());
            }
            Ok(Some(proof))
        }
    }
}

/// What is answered.
struct Told {
    claims: Userinfo,
    /// What was current when the person was read.
    generation: i64,
    proof: Option<Proof>,
    /// A client that wants it encrypted.
    encrypt_for: Option<Box<Client>>,
}

async fn tell(
    op: &Provider,
    current: &Current,
    view: &mut Tx,
    presented: Presented<'_>,
) -> Result<Told, UserinfoFault> {
    let invalid = || OAuthError::new(ErrorCode::InvalidToken, "the access token is not valid");
    let Known {
        checked,
        user,
        generation,
        proof,
    } = bearer(op, current, view, presented).await?;
    let names = checked.names.iter().map(String::as_str).collect();
    let mut claims = select(&user.all_claims(), &names);
    if let Some(evidence) = &checked.evidence {
        claims.insert(EVIDENCE.into(), evidence.clone());
    }
    if checked.names.contains(AUTHENTICATORS) {
        let listed = list_for(view, &user, &checked.client).await?;
        claims.insert(AUTHENTICATORS.into(), listed);
    }
    let client = current.workspace.clients.get(&checked.client).ok_or_else(invalid)?;
    claims.insert("sub".into(), subject(op, client, &user.id).as_str().into());
    let claims = match client.metadata.userinfo_signed_response_alg {
        None => Userinfo::Json(claims.into()),
        Some(signing) => {
            claims.insert("iss".into(), op.issuer.url.clone().into());
            claims.insert("aud".into(), client.id.to_string().into());
            Userinfo::Jwt(current.ring.sign(alg(signing), "JWT", &claims)?)
        }
    };
    let encrypted = client.encryption.userinfo.is_some();
    Ok(Told {
        claims,
        generation,
        proof,
        encrypt_for: encrypted.then(|| Box::new(client.clone())),
    })
}

/// A token that is seen for the first time.
async fn check(op: &Provider, current: &Current, view: &mut Tx, token: &str) -> Result<Checked, UserinfoFault> {
    let invalid = || OAuthError::new(ErrorCode::InvalidToken, "the access token is not valid");
    let token = read(op, current, view, token).await?;
    // RFC 8707 §3, RFC 9068 §4: what is for an API opens that API; it could not bring it here either.
    let token = token.filter(|t| t.aud.names(&op.issuer.url)).ok_or_else(invalid)?;
    let Some(id) = grant_of(&token.jti) else {
        // RFC 6749 §4.4.
        let own = "the access token is a client's own: there is no person to tell of";
        return Err(OAuthError::new(ErrorCode::InvalidToken, own).into());
    };
    if !token.scope.is_openid() {
        return Err(OAuthError::new(ErrorCode::InsufficientScope, "scope openid is needed").into());
    }
    let grant = view.grant(&id).await?.ok_or_else(invalid)?;
    let nothing = ClaimsRequest::default();
    let by_name = asked_by(&token.client_id, &grant).unwrap_or(&nothing);
    let mut names = wanted(&token.scope, by_name, Place::Userinfo);
    let id_of_client = ClientId::new(&token.client_id);
    let client = current.workspace.clients.get(&id_of_client);
    if !client.is_some_and(|c| c.scope.contains(SCOPE_AUTHENTICATORS)) {
        // Asking for it by name is no way around the registration.
        names.remove(AUTHENTICATORS);
    }
    Ok(Checked {
        grant: id,
        call_back: call_back_key(&token.jti),
        client: id_of_client,
        expires_at: Timestamp::from_secs(token.exp),
        evidence: names.contains(EVIDENCE).then(|| evidence(&grant.frozen.events)),
        names: names.into_iter().map(str::to_owned).collect(),
        cnf: token.cnf.unwrap_or_default(),
    })
}
