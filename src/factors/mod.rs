//! The methods, one folder each: how a challenge is opened and how its answer is checked.
//! Knows nothing of throttling, replay stores, sessions or pages: the ceremony (journey) does all that once.

pub mod password;
pub mod phone;
pub mod totp;

use serde::{Deserialize, Serialize};

use crate::base::{AuthenticatorId, Entropy, Seconds, Secret, Timestamp};
use crate::policy::{Method, Proof};

/// What a factor may look at beside its own credentials.
pub struct Cx<'a> {
    pub now: Timestamp,
    pub entropy: &'a dyn Entropy,
    pub site: &'a Site,
}

/// Who we are, as messages and apps show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    pub name: String,
    pub issuer: String,
    pub host: String,
}

/// An enrolled authenticator with its secret unsealed.
#[derive(Clone, Debug)]
pub struct Credential {
    pub id: AuthenticatorId,
    pub nickname: Option<String>,
    pub secret: Secret<Vec<u8>>,
    /// The last time step that was accepted from it.
    pub last_step: Option<i64>,
}

/// What the ceremony keeps, sealed, until the answer comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept(pub String);

/// What opening a challenge asks the ceremony to do.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Kept until then; `None` where the credential itself is enough to check an answer.
    pub kept: Option<(Kept, Seconds)>,
    /// Goes into the outbox in the same transaction.
    pub send: Option<Message>,
}

/// A message to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub channel: Channel,
    pub to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    pub body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Sms,
    Voice,
    Email,
    Push,
}

impl Channel {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::Email => "email",
            Self::Push => "push",
        }
    }
}

/// What the person gave.
#[derive(Clone, Debug)]
pub enum Answer {
    Password(Secret<String>),
    Code(Secret<String>),
}

/// What the answer was worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Proved {
        proof: Proof,
        /// A time step that must be spent in the same transaction: each is accepted once.
        step: Option<i64>,
    },
    Wrong,
    /// Right, but of another of this person's devices.
    OtherDevice {
        nickname: String,
    },
    /// Right, but accepted before.
    Replayed,
}

/// A factor decides; the ceremony that called it acts.
pub trait Factor: Send + Sync {
    fn method(&self) -> Method;
    /// Does `check` take milliseconds of work? Then the ceremony runs it off the event loop.
    fn slow(&self) -> bool {
        false
    }
    /// Opens a challenge for one authenticator.
    fn open(&self, cx: &Cx<'_>, selected: &Credential) -> Opening;
    /// Checks an answer. `all` holds the person's credentials of this method, `selected` among them.
    fn check(
        &self,
        cx: &Cx<'_>,
        kept: Option<&Kept>,
        selected: &Credential,
        all: &[Credential],
        answer: &Answer,
    ) -> Verdict;
}

/// The list: a new method is one folder and one line here.
pub fn factor(method: Method) -> Option<&'static dyn Factor> {
    match method {
        Method::Password => Some(&password::Password),
        Method::Totp => Some(&totp::Totp),
        Method::Sms => Some(&phone::SMS),
        Method::Voice => Some(&phone::VOICE),
        Method::Push | Method::Webauthn | Method::RecoveryCode => None,
    }
}
