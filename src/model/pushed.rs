//! An authorization request that a client left with us before it sends the browser (RFC 9126).

use crate::base::{ClientId, Seconds, Timestamp};

/// RFC 9126 §2.2: short; FAPI 2.0 §5.3.2.2: less than 600 seconds.
pub const PUSHED_LIFETIME: Seconds = Seconds(90);

/// The row. What it says is checked again when the browser comes, against the client as it is then.
#[derive(Clone, Debug)]
pub struct PushedRequest {
    /// Of the secret part of its `request_uri`.
    pub hash: String,
    pub client: ClientId,
    pub params: Vec<(String, String)>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}
