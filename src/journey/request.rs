//! Which parameters count: those in the browser, or those that the client has pushed before.

use crate::base::encoding::hash_token;
use crate::base::{ClientId, Timestamp};
use crate::protocol::authorize::{Channel, NoReturn};
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
    #[error(transparent)]
    NoReturn(#[from] NoReturn),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Finds what the browser's parameters stand for.
pub async fn read(tx: &mut Tx, client: &ClientId, params: &Params, now: Timestamp) -> Result<Read, Unread> {
    let reference = params.single("request_uri").map_err(NoReturn::from)?;
    let Some(secret) = reference.and_then(request_uri::secret) else {
        return Ok(Read {
            params: params.clone(),
            channel: Channel::Browser,
            pushed: None,
        });
    };
    let hash = hash_token(secret);
    // RFC 9126 §2.2, §4 and §7.3: bound to the client, once, for a short time. There is no address to tell it to:
    // what stands beside the reference is anybody's.
    let found = tx.pushed(&hash, client, now).await?.ok_or_else(|| {
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
