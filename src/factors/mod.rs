//! The methods, one folder each: how an authenticator is set up, how a challenge is opened, how an answer is checked.
//! Knows nothing of throttling, replay stores, sessions or pages: the ceremony (journey) does all that once.

pub mod password;
pub mod phone;
pub mod push;
pub mod recovery;
pub mod totp;
pub mod webauthn;

use serde::{Deserialize, Serialize};

use crate::base::UserId;
use crate::base::{AuthenticatorId, Entropy, Seconds, Secret, Timestamp};
use crate::model::authenticator::Facts;
use crate::model::{MfaCode, PushAddress};
use crate::policy::{Method, Proof};
use webauthn::models::Models;

/// What a factor may look at beside its own credentials.
pub struct Cx<'a> {
    pub now: Timestamp,
    pub entropy: &'a dyn Entropy,
    pub site: &'a Site,
    /// What is known of models of security keys.
    pub models: &'a Models,
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
    pub facts: Facts,
}

/// Whose authenticator is set up.
#[derive(Clone, Debug)]
pub struct Person<'a> {
    pub id: &'a UserId,
    pub username: &'a str,
    pub display_name: &'a str,
}

/// What the person said beforehand of the authenticator that they set up.
#[derive(Clone, Debug)]
pub enum Wanted {
    Nothing,
    /// The secret is not shown where it is set up, but on another screen.
    OnAnotherScreen,
    /// The number that a code is sent to.
    Number(phone::Number),
}

/// A set-up that has begun.
#[derive(Clone, Debug)]
pub struct Start {
    /// Kept, sealed, until the person has confirmed.
    pub kept: Kept,
    pub lifetime: Seconds,
    /// Goes into the outbox in the same transaction.
    pub send: Option<Message>,
}

/// What a confirmed set-up leaves to be stored.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// Sealed by the ceremony.
    pub secret: Secret<Vec<u8>>,
    pub facts: Facts,
    /// What is hashed into `Authenticator::lookup`; `None` where nothing has to be found by it.
    pub found_by: Option<Vec<u8>>,
    pub last_step: Option<i64>,
    /// What the confirmation proved of possession; `None` where it proves nothing that is signed or secret.
    pub proof: Option<Proof>,
    /// What to call it if the person gives no name.
    pub nickname: String,
}

/// Where what `open` keeps waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// The credential is enough to check an answer.
    None,
    /// In the database: a new challenge kills the older one, and each is counted.
    Row,
    /// Sealed in the page, good once: opening the page costs no commit.
    Page,
    /// In the database, for the device that answers: `journey::push`.
    Device,
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
    /// What the page hands to the browser (JSON).
    pub show: Option<String>,
}

impl Opening {
    /// Nothing to keep, to send or to show.
    pub const NOTHING: Self = Self {
        kept: None,
        send: None,
        show: None,
    };
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub selected: &'a Credential,
    /// Every credential of this method that would do; `selected` among them.
    pub acceptable: &'a [Credential],
    /// Must the authenticator verify its user (PIN, fingerprint, face)?
    pub verify_user: bool,
}

/// A message to a person, or to a partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub channel: Channel,
    pub to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    pub body: String,
    /// The same as HTML, of an e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Where the device is reached, of a push message; `None`: it asks by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<PushAddress>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Sms,
    Voice,
    Email,
    Push,
    /// To a partner, of a session's end.
    Logout,
    /// To a client's own endpoint, not to a person (CIBA Core §10.2).
    Ping,
}

impl Channel {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::Email => "email",
            Self::Push => "push",
            Self::Logout => "logout",
            Self::Ping => "ping",
        }
    }
}

/// What the person gave.
#[derive(Clone, Debug)]
pub enum Answer {
    Password(Secret<String>),
    Code(Secret<String>),
    /// What the browser got from a security key or passkey (JSON).
    Key(String),
    /// What a phone has signed; the signature was good.
    Device(push::Said),
}

/// What a right answer leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proved {
    pub proof: Proof,
    /// Which of the person's credentials it was, where the answer says so.
    pub by: Option<AuthenticatorId>,
    /// A time step that must be spent in the same transaction: each is accepted once.
    pub step: Option<i64>,
    /// The credential as it is from now on. Of two answers at once one may write it.
    pub renewed: Option<Renewed>,
}

#[derive(Clone, Debug)]
pub struct Renewed {
    pub secret: Secret<Vec<u8>>,
    pub facts: Facts,
}

impl PartialEq for Renewed {
    fn eq(&self, other: &Self) -> bool {
        self.secret.expose() == other.secret.expose() && self.facts == other.facts
    }
}
impl Eq for Renewed {}

/// What the answer was worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Proved(Proved),
    Wrong,
    /// Right, but of another of this person's devices.
    OtherDevice {
        nickname: String,
    },
    /// Right, but accepted before, or about something else.
    Replayed,
    /// The person said no on their phone.
    Declined {
        /// "This was not me".
        not_me: bool,
    },
    /// Not acceptable for a reason that has a code and an audit event of its own.
    Refused {
        code: MfaCode,
        event: &'static str,
        reason: &'static str,
        by: Option<AuthenticatorId>,
    },
}

impl Verdict {
    /// The secret was right, and that is all there is to say.
    pub fn right() -> Self {
        Self::Proved(Proved::default())
    }
}

/// A factor decides; the ceremony that called it acts.
pub trait Factor: Send + Sync {
    fn method(&self) -> Method;
    /// Does `check` take milliseconds of work? Then the ceremony runs it off the event loop.
    fn slow(&self) -> bool {
        false
    }
    fn memory(&self) -> Memory {
        Memory::None
    }
    /// Begins to set up a new authenticator beside those that are `held`.
    fn start_enrolment(
        &self,
        cx: &Cx<'_>,
        person: &Person<'_>,
        held: &[Credential],
        wanted: &Wanted,
    ) -> Result<Start, MfaCode>;
    /// What the page of a set-up that has begun hands to the browser or shows (JSON): never again after it is confirmed.
    fn show_enrolment(&self, cx: &Cx<'_>, kept: &Kept) -> String;
    /// Confirms it: only now does the authenticator exist.
    fn finish_enrolment(&self, cx: &Cx<'_>, kept: &Kept, answer: &Answer) -> Result<Fresh, MfaCode>;
    /// Opens a challenge.
    fn open(&self, cx: &Cx<'_>, ask: &Ask<'_>) -> Opening;
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
        Method::Webauthn => Some(&webauthn::Webauthn),
        Method::RecoveryCode => Some(&recovery::Recovery),
        Method::Push => Some(&push::Push),
    }
}
