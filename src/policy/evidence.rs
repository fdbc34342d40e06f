//! What was proved: factor events, and what each is worth at the least.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::{AuthenticatorId, CeremonyId, EventId, Timestamp};

/// A way to prove oneself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Password,
    Totp,
    Push,
    Webauthn,
    Sms,
    Voice,
    RecoveryCode,
}

impl Method {
    /// In the order in which a chooser offers them.
    pub const ALL: [Self; 7] = [
        Self::Password,
        Self::Totp,
        Self::Push,
        Self::Webauthn,
        Self::Sms,
        Self::Voice,
        Self::RecoveryCode,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::Push => "push",
            Self::Webauthn => "webauthn",
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::RecoveryCode => "recovery_code",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Method {
    type Err = UnknownMethod;
    fn from_str(text: &str) -> Result<Self, UnknownMethod> {
        Self::ALL.into_iter().find(|m| m.as_str() == text).ok_or(UnknownMethod)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such method")]
pub struct UnknownMethod;

/// One successful verification. Never changed afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorEvent {
    pub id: EventId,
    pub ceremony: CeremonyId,
    pub authenticator: AuthenticatorId,
    pub method: Method,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    #[serde(default)]
    pub proof: Proof,
}

/// What the verification showed beyond "the secret was right".
/// The default is the weakest reading: strength that is not self-evident is not assumed (800-63B-4 §4.1.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Proof {
    /// The authenticator stated, signed, that it verified its user (WebAuthn UV, the phone app's unlock).
    pub user_verified: bool,
    /// The authenticator stated, signed, that somebody was there (WebAuthn UP).
    pub user_present: bool,
    /// Attestation was verified against configured roots.
    pub attested: bool,
    /// The attested model keeps its key in hardware.
    pub hardware: bool,
    /// The attested model is on the operator's FIPS 140 list.
    pub fips_listed: bool,
    /// The attested model is a roaming one, apart from the computer.
    pub roaming: bool,
    /// WebAuthn BE: the key may be synced.
    pub backup_eligible: bool,
    /// WebAuthn BS: the key is synced.
    pub backup_state: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aaguid: Option<String>,
    /// How the number was carried from the browser to the phone.
    pub code_transfer: CodeTransfer,
    /// How the authenticator was unlocked, where it said so under its signature.
    pub activation: Activation,
    /// The authenticator seems to run on the device that is signing in.
    pub same_device: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeTransfer {
    #[default]
    None,
    Typed,
    Scanned,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    #[default]
    None,
    Pin,
    Fingerprint,
    Face,
}

/// What a session holds: its events, and when it was last used (for idle limits).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence<'a> {
    pub events: &'a [FactorEvent],
    pub last_active: Timestamp,
    /// The ceremony now under way, if any: what is proved next belongs to it, and an acr of one ceremony can
    /// only be met in it. `None`: evidence that was frozen when its ceremony ended.
    pub ceremony: Option<&'a CeremonyId>,
}

/// An authenticator as policy sees it: what it is, and the most that it could prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    pub id: AuthenticatorId,
    pub method: Method,
    pub nickname: Option<String>,
    pub primary: bool,
    /// False while suspended, disabled or pending: never acceptable then.
    pub usable: bool,
    /// The best that a verification with it can show.
    pub best: Proof,
}
