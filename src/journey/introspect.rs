//! Clients ask what a token is worth, now (RFC 7662, RFC 9701).

use super::access_tokens::Access;
use super::clients::{alg, authenticate};
use super::encryption::{recipient, sealed};
use super::minting::{asked_by, evidence};
use super::named::{Named, find};
use super::provider::Provider;
use super::subjects::subject;
use super::tokens::TokenFault;
use crate::model::{Grant, User, UserStatus, Workspace};
use crate::protocol::claims::{EVIDENCE, Place, wanted};
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::client::Client;
use crate::protocol::client_auth::ClientCredentials;
use crate::protocol::errors::OAuthError;
use crate::protocol::introspection::{Facts, Introspection, SIGNED_TYP, SignedIntrospection};
use crate::protocol::scope::Scopes;
use crate::protocol::token::TokenType;
use crate::protocol::token_named::TokenNamed;
use crate::storage::grants::RefreshRow;

pub enum Introspected {
    Json(Introspection),
    Jwt(String),
}

pub async fn introspect(
    op: &Provider,
    credentials: &ClientCredentials,
    token: &TokenNamed,
    signed: bool,
) -> Result<Introspected, TokenFault> {
    let current = op.current_in(&mut op.store.view().await?).await?;
    let caller = authenticate(op, &current, credentials).await?;
    let client = caller.client;
    if client.is_public() {
        // RFC 7662 §2.1, §4: a name alone would let anybody try which tokens are good.
        return Err(OAuthError::invalid_client("introspection is for clients that authenticate").into());
    }
    let to = recipient(op, client, client.encryption.introspection).await?;
    if caller.owes() {
        let mut tx = op.store.begin().await?;
        caller.spend(&mut tx).await??;
        tx.commit().await?;
    }
    let found = find(op, &current, &mut op.store.view().await?, token).await?;
    let standing = found.filter(|named| stands(&current.workspace, named) && concerns(client, named));
    let answer = standing.and_then(|named| {
        Some(Introspection::active(match named {
            Named::Access(access) => of_access(*access),
            Named::Refresh(row) => {
                let owner = current.workspace.clients.get(&row.grant.client)?;
                of_refresh(op, owner, *row)
            }
        }))
    });
    let answer = answer.unwrap_or_else(Introspection::inactive);
    // Whoever wants it encrypted gets it so, whatever else they would accept.
    if !signed && to.is_none() {
        return Ok(Introspected::Json(answer));
    }
    let claims = SignedIntrospection::new(&op.issuer.url, client.id.as_str(), op.now(), &answer);
    let jwt = current.ring.sign(alg(client.introspection_alg), SIGNED_TYP, &claims)?;
    Ok(Introspected::Jwt(sealed(op, to.as_ref(), jwt)?))
}

fn stands(workspace: &Workspace, named: &Named) -> bool {
    match named {
        Named::Access(access) => access.stands(workspace),
        // One that was turned is no longer good, though a partner that migrates is forgiven for a minute.
        Named::Refresh(row) => {
            row.used_at.is_none()
                && row.grant.revoked_at.is_none()
                && row.user.user.status == UserStatus::Active
                && workspace.clients.contains_key(&row.grant.client)
        }
    }
}

/// RFC 7662 §4, RFC 9701 §5: a token is told of only to whom it is for, or whose it is. A refresh token is for nobody else.
fn concerns(asker: &Client, named: &Named) -> bool {
    let addressed = match named {
        Named::Access(access) => access.is_for(asker),
        Named::Refresh(_) => false,
    };
    addressed || named.is_of(&asker.id)
}

/// What the token says, and what its person allows to be told.
fn of_access(access: Access) -> Facts {
    let Access { claims, person, .. } = access;
    let (mut username, mut proved) = (None, None);
    if let Some((grant, user)) = &person {
        (username, proved) = told(&claims.scope, asked_by(&claims.client_id, grant), grant, user);
    }
    Facts {
        // RFC 9449 §6.2: whoever serves with it has to see the key.
        token_type: Some(TokenType::of(claims.cnf.as_ref())),
        scope: claims.scope,
        client_id: claims.client_id,
        username,
        cnf: claims.cnf,
        exp: claims.exp,
        iat: Some(claims.iat),
        sub: claims.sub,
        aud: Some(claims.aud),
        iss: claims.iss,
        jti: Some(claims.jti),
        acr: claims.acr,
        amr: claims.amr,
        auth_time: claims.auth_time,
        act: claims.act,
        authorization_details: claims.authorization_details,
        evidence: proved,
    }
}

/// `owner`: whose token it is.
fn of_refresh(op: &Provider, owner: &Client, row: RefreshRow) -> Facts {
    let (grant, user) = (row.grant, row.user.user);
    let (username, proved) = told(
        &grant.frozen.request.scope,
        Some(&grant.frozen.request.claims),
        &grant,
        &user,
    );
    Facts {
        scope: grant.frozen.request.scope,
        client_id: grant.client.to_string(),
        username,
        token_type: None,
        cnf: None,
        exp: row.expires_at.secs(),
        iat: None,
        sub: subject(op, owner, &user.id),
        aud: None,
        iss: op.issuer.url.clone(),
        jti: None,
        acr: Some(grant.frozen.acr),
        amr: grant.frozen.amr,
        auth_time: Some(grant.frozen.auth_time.secs()),
        act: None,
        authorization_details: grant.frozen.request.authorization_details,
        evidence: proved,
    }
}

/// Name and evidence, to whom the person has allowed them, here as at userinfo.
fn told(
    scope: &Scopes,
    by_name: Option<&ClaimsRequest>,
    grant: &Grant,
    user: &User,
) -> (Option<String>, Option<serde_json::Value>) {
    let nothing = ClaimsRequest::default();
    let names = wanted(scope, by_name.unwrap_or(&nothing), Place::Userinfo);
    (
        names.contains("preferred_username").then(|| user.username.clone()),
        names.contains(EVIDENCE).then(|| evidence(&grant.frozen.events)),
    )
}
