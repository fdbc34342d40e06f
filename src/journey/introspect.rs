//! Clients ask what a token is worth, now (RFC 7662, RFC 9701).

use super::clients::{alg, authenticate};
use super::encryption::{recipient, sealed};
use super::minting::evidence;
use super::named::{Named, find};
use super::provider::{Current, Provider};
use super::subjects::subject;
use super::tokens::TokenFault;
use crate::base::ClientId;
use crate::model::{Grant, User, UserStatus};
use crate::protocol::claims::{EVIDENCE, Place, wanted};
use crate::protocol::client::Client;
use crate::protocol::client_auth::ClientCredentials;
use crate::protocol::errors::OAuthError;
use crate::protocol::introspection::{Facts, Introspection, SIGNED_TYP, SignedIntrospection};
use crate::protocol::scope::Scopes;
use crate::protocol::token::TokenType;
use crate::protocol::token_named::TokenNamed;

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
    let standing = found.filter(|named| stands(&current, named) && concerns(&client.id, named));
    let answer = standing.and_then(|named| {
        let owner = current.workspace.clients.get(&named.grant().client)?;
        Some(Introspection::active(facts(op, owner, named)))
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

/// The same as userinfo and the token endpoint ask. What a session or an authenticator takes with it when it ends
/// is revoked with it.
fn stands(current: &Current, named: &Named) -> bool {
    let (user, usable) = match named {
        Named::Access(found) => (&found.1.user.user, !found.1.called_back),
        // One that was turned is no longer good, though a partner that migrates is forgiven for a minute.
        Named::Refresh(row) => (&row.user.user, row.used_at.is_none()),
    };
    let grant = named.grant();
    usable
        && grant.revoked_at.is_none()
        && user.status == UserStatus::Active
        && current.workspace.clients.contains_key(&grant.client)
}

/// RFC 7662 §4, RFC 9701 §5: a token is told of only to whom it is for, or whose it is. A refresh token is for nobody else.
fn concerns(asker: &ClientId, named: &Named) -> bool {
    let addressed = match named {
        Named::Access(found) => found.0.aud == asker.as_str(),
        Named::Refresh(_) => false,
    };
    addressed || named.grant().client == *asker
}

/// `owner`: whose token it is. Whoever asks is told of the person as it is.
fn facts(op: &Provider, owner: &Client, named: Named) -> Facts {
    match named {
        Named::Access(found) => {
            let (claims, holder) = *found;
            Facts {
                // RFC 9449 §6.2: whoever serves with it has to see the key.
                token_type: Some(TokenType::of(claims.cnf.as_ref())),
                cnf: claims.cnf,
                exp: claims.exp,
                iat: Some(claims.iat),
                aud: Some(claims.aud),
                jti: Some(claims.jti),
                ..of(op, owner, (&holder.grant, &holder.user.user), claims.scope)
            }
        }
        Named::Refresh(row) => Facts {
            exp: row.expires_at.secs(),
            ..of(
                op,
                owner,
                (&row.grant, &row.user.user),
                row.grant.frozen.request.scope.clone(),
            )
        },
    }
}

/// What holds for every token of a grant.
fn of(op: &Provider, owner: &Client, (grant, user): (&Grant, &User), scope: Scopes) -> Facts {
    let frozen = &grant.frozen;
    let names = wanted(&scope, &frozen.request.claims, Place::Userinfo);
    Facts {
        client_id: grant.client.to_string(),
        // A name is told to whom the person has allowed it, here as at userinfo.
        username: names.contains("preferred_username").then(|| user.username.clone()),
        token_type: None,
        cnf: None,
        exp: 0,
        iat: None,
        sub: subject(op, owner, &user.id),
        aud: None,
        iss: op.issuer.url.clone(),
        jti: None,
        acr: frozen.acr.clone(),
        amr: frozen.amr.clone(),
        auth_time: frozen.auth_time.secs(),
        authorization_details: frozen.request.authorization_details.clone(),
        evidence: names.contains(EVIDENCE).then(|| evidence(&frozen.events)),
        scope,
    }
}
