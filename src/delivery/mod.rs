//! What leaves the house: the worker that empties the outbox, and the carriers that take a message away.
//!
//! Owns: `settings` (what `[delivery.*]` says), `carrier` (one enum, one variant a carrier; `wire` is their HTTP, `smtp`
//! speaks for itself), `push` (to phones), `backchannel` (to partners, of a session's end), `ping` (to clients that wait for an answer), `outbound` (the client for addresses that others have named), `worker` (takes, hands over, tries again, gives up), `lookup` (what kind of line a number belongs
//! to), `sandbox` (the outbox as developers see it).
//! Knows nothing of who is signing in; a message is all it sees. What is logged or audited here never holds a
//! code, a body or a whole number: the last three digits are all that may be read.

pub mod backchannel;
pub mod carrier;
pub mod lookup;
pub mod outbound;
mod ping;
mod push;
pub mod sandbox;
pub mod settings;
mod smtp;
#[cfg(test)]
mod tests;
mod twilio;
mod webhook;
mod wire;
pub mod worker;

pub use carrier::Carriers;
pub use lookup::{Lookup, LookupError};
pub use outbound::{Outbound, OutboundSettings};
pub use settings::Delivery;
pub use wire::Timeouts;
pub use worker::Worker;

use crate::factors::{Channel, Message};
use crate::keys::Sealer;
use crate::storage;
use crate::storage::outbox::{OutboxRow, Queue};

/// The purpose under which a message in the outbox is sealed, together with its row's id.
pub const MESSAGE: &str = "outbox";

/// Opens what `journey::outbox::enqueue` sealed.
pub fn unseal(sealer: &Sealer, row: &OutboxRow) -> Result<Message, storage::Error> {
    let place = || format!("outbox {}", row.id);
    let plain = sealer
        .open(MESSAGE, row.id.as_str(), &row.sealed)
        .map_err(|e| storage::Error::corrupt(place(), e))?;
    // serde's own words would repeat what it could not read.
    serde_json::from_slice(plain.expose()).map_err(|_| storage::Error::corrupt(place(), "not a message of ours"))
}

/// As much of an address as may be written down: the last three digits of a number, nothing of anything else.
pub fn ending(message: &Message) -> Option<String> {
    let phone = matches!(message.channel, Channel::Sms | Channel::Voice);
    let skip = message.to.chars().count().saturating_sub(3);
    // Shorter than any number: then even three digits would be too much of it.
    (phone && skip >= 3).then(|| message.to.chars().skip(skip).collect())
}

/// Where a message of this channel waits.
pub const fn queue(channel: Channel) -> Queue {
    match channel {
        Channel::Sms | Channel::Voice | Channel::Email | Channel::Push => Queue::People,
        Channel::Ping | Channel::Logout => Queue::Partners,
    }
}
