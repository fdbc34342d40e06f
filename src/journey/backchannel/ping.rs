//! "It is settled" to a client in ping mode (CIBA Core §10.2): kept sealed while the person is asked, sent by the outbox.

use crate::base::{Entropy, MessageId, Seconds, Secret, Timestamp};
use crate::factors::{Channel, Message};
use crate::journey::outbox;
use crate::journey::provider::{LoadError, Provider};
use crate::journey::scene::Trouble;
use crate::model::Deferred;
use crate::storage::{self, Tx};

/// What it is called while it is sealed.
const PING: &str = "backchannel-ping";
/// How long it is tried. A client that was never reached polls.
const LIFETIME: Seconds = Seconds::minutes(5);

/// What will be sent. The row holds hashes alone, so the reference has to be kept here.
pub fn keep(
    op: &Provider,
    hash: &str,
    (endpoint, auth_req_id, token): (&str, &str, &Secret<String>),
) -> Result<Vec<u8>, LoadError> {
    let message = Message {
        channel: Channel::Ping,
        to: endpoint.to_owned(),
        subject: None,
        body: serde_json::json!({ "auth_req_id": auth_req_id }).to_string(),
        html: None,
        code: Some(token.expose().clone()),
        link: None,
        push: None,
    };
    let plain = serde_json::to_vec(&message).map_err(|e| storage::Error::corrupt("a ping", e))?;
    Ok(op.sealer.seal(&op.entropy, PING, hash, &plain)?)
}

/// In the transaction that settles the request.
pub async fn send(op: &Provider, tx: &mut Tx, deferred: &Deferred, now: Timestamp) -> Result<(), Trouble> {
    let Some(sealed) = &deferred.ping else { return Ok(()) };
    let plain = op.sealer.open(PING, &deferred.hash, sealed).map_err(LoadError::from)?;
    // serde's own words would repeat what it could not read.
    let message: Message = serde_json::from_slice(plain.expose())
        .map_err(|_| storage::Error::corrupt("deferred_requests.ping", "not a message of ours"))?;
    Ok(outbox::enqueue(op, tx, MessageId::new(op.entropy.id()), &message, (now, LIFETIME)).await?)
}
