//! A question that waits for its answer: the code that was sent.

use crate::base::{AuthenticatorId, AuthorizationId, Seconds, Timestamp};

/// 800-63B-4 §3.1.3.2 allows 10 minutes.
pub const CODE_LIFETIME: Seconds = Seconds::minutes(5);
/// Messages to one authenticator within `SEND_WINDOW`.
pub const SENDS_PER_WINDOW: i64 = 5;
pub const SEND_WINDOW: Seconds = Seconds::minutes(10);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    pub id: String,
    pub authorization: AuthorizationId,
    pub authenticator: AuthenticatorId,
    /// Sealed: what the factor wants back when the answer comes.
    pub kept: Vec<u8>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}
