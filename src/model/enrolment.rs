//! An authenticator on its way to exist: begun, not confirmed.
//!
//! ```text
//!   begun ── confirmed in time ──► an Authenticator
//!     │ another one is begun, cancelled, out of time: closed, and its secret is worth nothing
//! ```

use crate::base::{AuthorizationId, Timestamp, UserId};
use crate::policy::Method;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    pub id: String,
    pub authorization: AuthorizationId,
    pub user: UserId,
    pub method: Method,
    /// Sealed: what the factor wants back when the person confirms.
    pub kept: Vec<u8>,
    /// Messages that went out for it.
    pub sends: i64,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}
