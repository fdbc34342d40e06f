//! A phone that approves (800-63B-4 §3.1.3, out of band): a request with a number, a signed answer that carries it.
//!
//! Signatures are verified before: what comes here is what the device's key has signed. The protocol is described in
//! `docs/authenticator-protocol.md`.

pub mod enrol;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::{
    Answer, Ask, Credential, Cx, Factor, Fresh, Kept, Memory, Opening, Person, Proved, Start, Verdict, Wanted,
};
use crate::base::encoding::{base64url, same, sha256};
use crate::base::{Seconds, Secret, SessionId};
use crate::model::MfaCode;
use crate::model::authenticator::Facts;
use crate::model::push::{App, PhoneFacts};
use crate::policy::{Activation, CodeTransfer, Method, Proof};

/// 800-63B-4 §3.1.3.2: at least six decimal digits.
pub const DIGITS: u32 = 6;
/// 800-63B-4 §3.1.3.2 allows ten minutes.
pub const LIFETIME: Seconds = Seconds::minutes(5);
/// Numbers that may be tried for one request: three of a million, then it is over.
pub const TRIES: i64 = 3;

pub struct Push;

/// What is kept of a device: its public key (RFC 7518 §6.2.1) and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub x: String,
    pub y: String,
    pub app: App,
    /// Evidence of the device's soundness, as it gave it. Believed for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integrity: Option<serde_json::Value>,
}

impl Device {
    pub fn read(credential: &Credential) -> Option<Self> {
        serde_json::from_slice(credential.secret.expose()).ok()
    }
}

/// A request that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub nonce: String,
    /// What the browser shows; `None` where a tap is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What the device shows (JSON), byte for byte; filled in by whoever knows what is asked.
    #[serde(default)]
    pub context: String,
    /// The session that it was asked from, to be ended if its owner says that it is not theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
}

impl Question {
    pub fn new(cx: &Cx<'_>) -> Self {
        Self {
            nonce: cx.entropy.token(),
            number: Some(cx.entropy.digits(DIGITS)),
            context: String::new(),
            session: None,
        }
    }

    pub fn read(kept: &Kept) -> Option<Self> {
        serde_json::from_str(&kept.0).ok()
    }

    pub fn keep(&self) -> Kept {
        Kept(serde_json::to_string(self).unwrap_or_default())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Approve,
    Deny,
    /// "This was not me".
    NotMe,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlock {
    Pin,
    Fingerprint,
    Face,
    /// Also what a newer app says that this version does not know: no more is claimed than is understood.
    #[default]
    #[serde(other)]
    None,
}

/// What a device has signed about a request. The signature was good.
#[derive(Clone, Debug, Deserialize)]
pub struct Said {
    pub request: String,
    pub nonce: String,
    pub decision: Decision,
    #[serde(default)]
    pub number: Option<Secret<String>>,
    pub context_digest: String,
    #[serde(default)]
    pub unlock: Unlock,
    #[serde(default)]
    pub app_version: Option<String>,
}

/// Is it about this question, as it was shown? Then what was decided counts.
fn judge(question: &Question, said: &Said) -> Verdict {
    let digest = base64url(&sha256(question.context.as_bytes()));
    let about = same(said.nonce.as_bytes(), question.nonce.as_bytes());
    if !about || !same(said.context_digest.as_bytes(), digest.as_bytes()) {
        return Verdict::Replayed;
    }
    match said.decision {
        Decision::Deny => return Verdict::Declined { not_me: false },
        Decision::NotMe => return Verdict::Declined { not_me: true },
        Decision::Approve => {}
    }
    let code_transfer = match (&question.number, &said.number) {
        (None, _) => CodeTransfer::None,
        (Some(expected), Some(typed)) if same(typed.expose().as_bytes(), expected.as_bytes()) => CodeTransfer::Typed,
        (Some(_), _) => return Verdict::Wrong,
    };
    Verdict::Proved(Proved {
        proof: Proof {
            user_verified: said.unlock != Unlock::None,
            user_present: true,
            code_transfer,
            activation: match said.unlock {
                Unlock::None => Activation::None,
                Unlock::Pin => Activation::Pin,
                Unlock::Fingerprint => Activation::Fingerprint,
                Unlock::Face => Activation::Face,
            },
            ..Proof::default()
        },
        ..Proved::default()
    })
}

impl Factor for Push {
    fn method(&self) -> Method {
        Method::Push
    }

    fn memory(&self) -> Memory {
        Memory::Device
    }

    fn start_enrolment(
        &self,
        cx: &Cx<'_>,
        _: &Person<'_>,
        _: &[Credential],
        wanted: &Wanted,
    ) -> Result<Start, MfaCode> {
        enrol::start(cx, wanted)
    }

    fn show_enrolment(&self, cx: &Cx<'_>, kept: &Kept) -> String {
        enrol::show(cx, kept)
    }

    fn finish_enrolment(&self, _: &Cx<'_>, kept: &Kept, answer: &Answer) -> Result<Fresh, MfaCode> {
        enrol::finish(kept, answer)
    }

    fn open(&self, cx: &Cx<'_>, _: &Ask<'_>) -> Opening {
        Opening {
            kept: Some((Question::new(cx).keep(), LIFETIME)),
            ..Opening::NOTHING
        }
    }

    fn check(&self, _: &Cx<'_>, kept: Option<&Kept>, _: &Credential, _: &[Credential], answer: &Answer) -> Verdict {
        match (kept.and_then(Question::read), answer) {
            (Some(question), Answer::Device(said)) => judge(&question, said),
            _ => Verdict::Wrong,
        }
    }
}

/// What is known of a device beside its key.
fn facts(device: &Device, unlocked: bool) -> Facts {
    Facts {
        phone: Some(Box::new(PhoneFacts {
            app: device.app.clone(),
            unlocks: unlocked,
        })),
        ..Facts::default()
    }
}
