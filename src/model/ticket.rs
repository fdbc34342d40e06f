//! A link or code that is good once.

use crate::base::{Seconds, Timestamp, UserId};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new address, before it counts.
    VerifyEmail,
    /// A new account, before it exists.
    Register,
    /// A forgotten password (800-63B-4 §4.2.1.2).
    ResetPassword,
    /// "This was not me": takes a change back.
    Undo,
    /// The secret of a code generator that is being set up, once, on another screen.
    SetUp,
    /// The secret by which a phone is paired.
    Pairing,
}

impl Purpose {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::Register => "register",
            Self::ResetPassword => "reset_password",
            Self::Undo => "undo",
            Self::SetUp => "set_up",
            Self::Pairing => "pairing",
        }
    }
    pub const fn lifetime(self) -> Seconds {
        match self {
            // 800-63B-4 §4.2.1.2 allows 24 hours by e-mail.
            Self::VerifyEmail | Self::Register => Seconds::hours(24),
            Self::ResetPassword => Seconds::hours(1),
            // Long enough for a letter that is read after a holiday.
            Self::Undo => Seconds::days(30),
            // As long as the set-up itself (800-63B-4 §4.1.2.2).
            Self::SetUp | Self::Pairing => Seconds::minutes(10),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub hash: String,
    pub purpose: Purpose,
    pub user: Option<UserId>,
    /// Sealed: what it is about.
    pub sealed: Vec<u8>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}
