//! Pushed authorization requests (RFC 9126): the client leaves its request with us, and sends the browser with a reference.

use super::clients::authenticate;
use super::possession::{self, Proof, Unproven};
use super::provider::{Current, LoadError, Provider};
use super::request::from_object;
use super::request_object;
use super::subjects::asked_for;
use super::targets;
use crate::base::encoding::hash_token;
use crate::base::{Entropy, Timestamp};
use crate::model::PushedRequest;
use crate::model::pushed::PUSHED_LIFETIME;
use crate::protocol::authorize::{AuthorizationRequest, Channel, return_address};
use crate::protocol::client::Client;
use crate::protocol::client_auth::ClientCredentials;
use crate::protocol::dpop::{self, Shown};
use crate::protocol::errors::OAuthError;
use crate::protocol::params::Params;
use crate::protocol::request_uri::{PushedResponse, pushed};
use crate::storage;

#[derive(Debug, thiserror::Error)]
pub enum PushFault {
    #[error(transparent)]
    Refused(#[from] OAuthError),
    #[error(transparent)]
    Unproven(#[from] Unproven),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Keeps a sound request. A refused one spends the client's assertion all the same.
pub async fn push(
    op: &Provider,
    credentials: &ClientCredentials,
    params: &Params,
    shown: &Shown<'_>,
) -> Result<PushedResponse, PushFault> {
    let current = op.current_in(&mut op.store.view().await?).await?;
    let caller = authenticate(op, &current, credentials).await?;
    let now = op.now();
    let proof = possession::check(op, caller.client, shown, None)?;
    let asked = asked(op, &current, caller.client, params, now).await?;
    let asked = asked.and_then(|asked| for_key(asked, proof.as_ref()));
    if let (Err(refused), false) = (&asked, caller.owes()) {
        // Nothing to write down: no turn to write is taken.
        return Err(refused.clone().into());
    }
    let mut tx = op.store.begin().await?;
    caller.spend(&mut tx).await??;
    let asked = match &proof {
        Some(proof) => proof.spend(&mut tx).await?.and(asked),
        None => asked,
    };
    let secret = op.entropy.token();
    if let Ok(asked) = &asked {
        let request = PushedRequest {
            hash: hash_token(&secret),
            client: caller.client.id.clone(),
            params: asked.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
            created_at: now,
            expires_at: now.plus(PUSHED_LIFETIME),
        };
        tx.create_pushed(&request).await?;
    }
    tx.commit().await?;
    asked?;
    Ok(PushedResponse::new(&secret, PUSHED_LIFETIME))
}

/// RFC 9449 §10.1: a key that is shown here is the one that the code is bound to.
fn for_key(asked: Params, proof: Option<&Proof>) -> Result<Params, OAuthError> {
    let Some(proof) = proof else { return Ok(asked) };
    match dpop::jkt(&asked)? {
        Some(named) if named == proof.jkt => Ok(asked),
        Some(_) => Err(OAuthError::invalid_request("dpop_jkt is not the key of the DPoP proof")),
        None => Ok(Params::from_pairs(
            asked.iter().chain([("dpop_jkt", proof.jkt.as_str())]),
        )),
    }
}

/// The request within the push, found sound.
async fn asked(
    op: &Provider,
    current: &Current,
    client: &Client,
    params: &Params,
    now: Timestamp,
) -> Result<Result<Params, OAuthError>, LoadError> {
    let plain = match pushed(params, &client.id) {
        Ok(plain) => plain,
        Err(refused) => return Ok(Err(refused)),
    };
    let object = request_object::object(op, &client.id, &plain).await?;
    // RFC 9126 §3: beside an object only who pushes counts.
    let beside = match object {
        Some(_) => Params::from_pairs([("client_id", client.id.as_str())]),
        None => plain,
    };
    let asked = match from_object(op, client, &beside, object) {
        Ok(asked) => asked,
        Err(refused) => return Ok(Err(refused)),
    };
    Ok(match check(op, (current, client), &asked, now).await? {
        Ok(()) => Ok(asked),
        Err(refused) => Err(refused),
    })
}

/// RFC 9126 §2.1: as the authorization endpoint would, but that every refusal is told to the client itself.
async fn check(
    op: &Provider,
    (current, client): (&Current, &Client),
    asked: &Params,
    now: Timestamp,
) -> Result<Result<(), OAuthError>, LoadError> {
    let understood = return_address(asked, client, &op.issuer.url)
        .map_err(OAuthError::from)
        .and_then(|address| {
            let request = AuthorizationRequest::parse(asked, client, &address, Channel::Pushed)?;
            request
                .authorization_details
                .check(&current.workspace.details_types, client)?;
            targets::check(op, &current.workspace, client, (&request.resources, &request.scope))?;
            Ok(request)
        });
    let request = match understood {
        Ok(request) => request,
        Err(refused) => return Ok(Err(refused)),
    };
    let mut view = op.store.view().await?;
    let subject = asked_for(op, &mut view, (current, client), &request, now).await?;
    Ok(subject.map(|_| ()))
}
