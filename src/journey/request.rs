//! Which parameters count: those in the browser, those of a request object, or those that the client has pushed before.

use super::provider::Provider;
use super::request_object::{Object, params_of};
use crate::base::encoding::hash_token;
use crate::protocol::authorize::{Channel, NoReturn};
use crate::protocol::client::Client;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::params::Params;
use crate::protocol::request_uri;
use crate::storage::{self, Tx};

/// A request, read but not yet understood.
pub struct Read {
    pub params: Params,
    pub channel: Channel,
    /// The pushed request that the end of this one uses up.
    pub pushed: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// For the client, if what stands in the browser names an address of its.
    #[error(transparent)]
    Refused(#[from] OAuthError),
    #[error(transparent)]
    NoReturn(#[from] NoReturn),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Finds what the browser's parameters stand for. `object`: what `request_object::object` made of them.
pub async fn read(
    op: &Provider,
    tx: &mut Tx,
    client: &Client,
    params: &Params,
    object: Option<Result<Object, OAuthError>>,
) -> Result<Read, Unread> {
    let reference = params.single("request_uri").map_err(OAuthError::from)?;
    if let Some(secret) = reference.and_then(request_uri::secret) {
        return pushed(op, tx, client, secret).await;
    }
    Ok(Read {
        params: from_object(op, client, params, object)?,
        channel: Channel::Browser,
        pushed: None,
    })
}

/// The request itself where there is no object, which some clients must not leave out.
pub fn from_object(
    op: &Provider,
    client: &Client,
    params: &Params,
    object: Option<Result<Object, OAuthError>>,
) -> Result<Params, OAuthError> {
    let object = object.transpose()?;
    // RFC 9101 §10.5.
    if client.require_signed_request_object && !object.as_ref().is_some_and(|o| o.signed) {
        return Err(OAuthError::invalid_request("this client must sign its requests"));
    }
    match object {
        Some(object) => params_of(op, client, &object, params),
        None => Ok(params.clone()),
    }
}

async fn pushed(op: &Provider, tx: &mut Tx, client: &Client, secret: &str) -> Result<Read, Unread> {
    let hash = hash_token(secret);
    // RFC 9126 §2.2, §4 and §7.3: bound to the client, once, for a short time. There is no address to tell it to:
    // what stands beside the reference is anybody's.
    let found = tx.pushed(&hash, &client.id, op.now()).await?.ok_or_else(|| {
        NoReturn::Refused(OAuthError::new(
            ErrorCode::InvalidRequestUri,
            "request_uri is unknown, used, expired or another client's",
        ))
    })?;
    // RFC 9126 §4, RFC 9101 §6.3: only these; whatever the browser adds is ignored.
    Ok(Read {
        params: Params::from_pairs(found),
        channel: Channel::Pushed,
        pushed: Some(hash),
    })
}
