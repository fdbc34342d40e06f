//! Clients give tokens back (RFC 7009).
//!
//! A refresh token ends its grant and with it everything that came of it. An access token ends alone: what was renewed
//! beside it stands. Either is felt wherever we are asked; who checks a JWT only by its signature learns of nothing.

use super::clients::authenticate;
use super::minting::call_back_key;
use super::named::{Named, find};
use super::provider::{Current, Provider};
use super::tokens::TokenFault;
use crate::base::{ClientId, Timestamp};
use crate::keys::{Alg, Expected, Expiry, TypRule};
use crate::model::audit::{AuditRecord, Outcome};
use crate::protocol::client_auth::ClientCredentials;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::token_named::TokenNamed;
use crate::storage::{self, Tx};

/// RFC 7009 §2.2: what is unknown, over, or another client's ends well and changes nothing.
pub async fn revoke(
    op: &Provider,
    credentials: &ClientCredentials,
    token: &TokenNamed,
    ip: Option<&str>,
) -> Result<(), TokenFault> {
    let current = op.current_in(&mut op.store.view().await?).await?;
    let caller = authenticate(op, &current, credentials).await?;
    let found = find(op, &current, &mut op.store.view().await?, token).await?;
    if found.is_none() && !caller.owes() {
        // Nothing to write down: no turn to write is taken.
        return supported(op, &current, token, &caller.client.id);
    }
    let now = op.now();
    let mut tx = op.store.begin().await?;
    caller.spend(&mut tx).await??;
    if let Some(named) = &found
        && let Some(record) = end(&mut tx, named, &caller.client.id, now).await?
    {
        let generation = current.workspace.generation;
        tx.audit(record.ip(ip).policy_version(generation));
    }
    tx.commit().await?;
    match found {
        Some(_) => Ok(()),
        None => supported(op, &current, token, &caller.client.id),
    }
}

/// What there is to tell of it. Whoever gives back the same token twice is told the same, and written down once.
async fn end(
    tx: &mut Tx,
    named: &Named,
    caller: &ClientId,
    now: Timestamp,
) -> Result<Option<AuditRecord>, storage::Error> {
    let record = |event: &str, outcome| {
        let record = AuditRecord::new(event, outcome, now).actor("client").client(caller);
        match named.grant() {
            Some(grant) => record.subject(&grant.user).with("grant", grant.id.as_str()),
            None => record,
        }
    };
    if !named.is_of(caller) {
        // RFC 7009 §2.1: refused; but who found a token is not told that it is one.
        let refused = record("token.revocation_refused", Outcome::Refused);
        return Ok(Some(refused.reason("the token is another client's")));
    }
    let over = named.grant().is_some_and(|grant| grant.revoked_at.is_some());
    let (kind, ended) = match named {
        Named::Refresh(row) => ("refresh_token", tx.revoke_grant(&row.grant.id, now).await?),
        Named::Access(_) if over => ("access_token", false),
        Named::Access(access) => {
            let until = Timestamp::from_secs(access.claims.exp);
            let key = call_back_key(&access.claims.jti);
            ("access_token", tx.spend_once(&key, until).await?)
        }
    };
    Ok(ended.then(|| record("token.revoked", Outcome::Success).with("kind", kind)))
}

/// RFC 7009 §2.2.1. The ID tokens of the caller are known and cannot be called back: saying that they were would be a lie.
fn supported(op: &Provider, current: &Current, token: &TokenNamed, caller: &ClientId) -> Result<(), TokenFault> {
    let TokenNamed::Jws(token) = token else {
        return Ok(());
    };
    let expected = Expected {
        algs: &Alg::ALL,
        typ: TypRule::OneOf(&["JWT"]),
        issuer: Some(&op.issuer.url),
        audience: Some(&[caller.as_str()]),
        expiry: Expiry::Ignored,
        now: op.now(),
    };
    match current.ring.verify(token.expose(), &expected) {
        Ok(_) => Err(OAuthError::new(
            ErrorCode::UnsupportedTokenType,
            "access tokens and refresh tokens can be revoked",
        )
        .into()),
        Err(_) => Ok(()),
    }
}
