//! A phone that approves: pairing, requests, answers, and what a browser makes of them.
//!
//! The phone's answer and the sign-in that it is for meet in the database: the phone marks its request `approved` with
//! what it has signed, and the browser that waits takes it into its session once, after judging the signed answer again.
//! So a sign-in goes on only in the browser that began it.

mod alarm;
mod answer;
pub(super) mod ask;
pub mod by_name;
mod claim;
pub mod device;
pub mod itself;
pub mod pair;
mod refusal;

pub use answer::{Answered, answer};
pub use ask::open;
pub(super) use claim::in_a_word;
pub use claim::{Seen, Waits, awaited, seen, state};
pub use device::Call;
pub use itself::{Change, Profile};
pub use refusal::Refusal;

use super::provider::{LoadError, Provider};
use super::scene::Trouble;
use super::signals::Key;
use crate::base::AuthenticatorId;
use crate::factors::Kept;
use crate::factors::push::Question;
use crate::model::PushAddress;
use crate::model::push_request::PushRequest;
use crate::storage::{self, Tx};

/// What a request's sealed content is called.
const REQUEST: &str = "push-request";
/// What a device's sealed address is called.
const ADDRESS: &str = "push-address";

fn seal_question(op: &Provider, id: &str, question: &Question) -> Result<Vec<u8>, LoadError> {
    Ok(op.sealer.seal(&op.entropy, REQUEST, id, question.keep().0.as_bytes())?)
}

/// What a request asks; `None` if the master key does not open it.
fn kept(op: &Provider, request: &PushRequest) -> Option<Kept> {
    let plain = op.sealer.open(REQUEST, &request.id, &request.sealed).ok()?;
    Some(Kept(String::from_utf8(plain.expose().clone()).ok()?))
}

/// Where messages to a device go from now on; `None`: nowhere, it asks by itself.
pub async fn keep_address(
    op: &Provider,
    tx: &mut Tx,
    device: &AuthenticatorId,
    address: Option<&PushAddress>,
) -> Result<(), Trouble> {
    let Some(address) = address else {
        return Ok(tx.delete_push_address(device).await?);
    };
    let plain = serde_json::to_vec(address).map_err(|e| storage::Error::corrupt("a push address", e))?;
    let sealed = op.sealer.seal(&op.entropy, ADDRESS, device.as_str(), &plain);
    let sealed = sealed.map_err(LoadError::from)?;
    Ok(tx.save_push_address(device, &address.hash(), &sealed, op.now()).await?)
}

pub(super) async fn address(
    op: &Provider,
    tx: &mut Tx,
    device: &AuthenticatorId,
) -> Result<Option<PushAddress>, Trouble> {
    let Some(sealed) = tx.push_address(device).await? else {
        return Ok(None);
    };
    let plain = op
        .sealer
        .open(ADDRESS, device.as_str(), &sealed)
        .map_err(LoadError::from)?;
    Ok(serde_json::from_slice(plain.expose()).ok())
}

/// Commits, and lets those look who wait for it.
pub(super) async fn commit(op: &Provider, mut tx: Tx, rings: &[Key]) -> Result<(), Trouble> {
    for key in rings {
        tx.announce(key.as_str()).await?;
    }
    tx.commit().await?;
    for key in rings {
        op.signals.ring(key.as_str());
    }
    op.outbox.notify_one();
    Ok(())
}
