//! One enrolled instance of a method ("Office iPhone"). A password is one, too.

use serde::{Deserialize, Serialize};

use super::push::PhoneFacts;
use crate::base::{AuthenticatorId, Timestamp, UserId};
use crate::policy::{Activation, CodeTransfer, Enrolled, Method, Proof};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticatorStatus {
    Active,
    /// Its owner or an operator has put it aside.
    Suspended,
    /// Too many failures (800-63B-4 §3.2.2): must be bound again.
    Disabled,
}

impl AuthenticatorStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Disabled => "disabled",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Suspended, Self::Disabled]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticator {
    pub id: AuthenticatorId,
    pub user: UserId,
    pub method: Method,
    pub nickname: Option<String>,
    pub primary: bool,
    pub status: AuthenticatorStatus,
    /// Sealed: a seed, a number, a password hash. The factor alone knows what is inside.
    pub secret: Vec<u8>,
    /// The last accepted time step of a code generator (RFC 6238 §5.2: a step is accepted once).
    pub last_step: Option<i64>,
    /// What it is found by among all accounts: see `storage::users`.
    pub lookup: Option<String>,
    pub facts: Facts,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// What is known of the instance beyond its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The operator holds a FIPS 140 certificate for this token.
    pub fips_listed: bool,
    /// The end of the phone number, for masked display.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_end: Option<String>,
    /// Who enrolled it: `import`, `operator`, `account` (on our own pages), or the partner's client_id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_by: Option<String>,
    /// Of a security key or passkey: what its registration showed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyFacts>,
    /// Of a phone: what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Box<PhoneFacts>>,
    /// Of recovery codes: how many are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codes_left: Option<u32>,
    /// Messages in a row that the carrier would not take to this number (S58).
    #[serde(skip_serializing_if = "is_zero")]
    pub undelivered: u32,
}

/// What the keyed hash is made for by which a number is found: nobody who reads the table learns a number from it.
pub const FOUND_BY: &str = "authenticator-lookup";

/// So many messages in a row that the carrier would not take, and the number is taken to be out of use (S58).
pub const UNDELIVERED: u32 = 3;

impl Facts {
    pub const fn seems_outdated(&self) -> bool {
        self.undelivered >= UNDELIVERED
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// What the registration of a security key or passkey showed (WebAuthn Level 3 §7.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyFacts {
    /// The model, lower-case with hyphens. A claim only, unless `attested`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aaguid: Option<String>,
    /// What the metadata call the model; only of attested ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The attestation was verified up to a root of that model.
    pub attested: bool,
    /// The attested model keeps its keys in hardware.
    pub hardware: bool,
    /// The attested model is on the FIPS 140 list.
    pub fips_listed: bool,
    /// The attested model is one that is carried about, apart from the computer.
    pub roaming: bool,
    /// WebAuthn BE, fixed for life: may the key be synced?
    pub backup_eligible: bool,
    /// WebAuthn BS: is it synced, as last seen?
    pub backup_state: bool,
    /// It has verified its user at least once.
    pub verifies_user: bool,
    /// It can be found without a name (a passkey that a browser offers by itself).
    pub discoverable: bool,
}

impl KeyFacts {
    /// The most that an assertion with it can show.
    pub fn best_proof(&self) -> Proof {
        Proof {
            user_verified: self.verifies_user,
            user_present: true,
            ..self.standing_proof()
        }
    }

    /// What holds for every assertion with it, whatever the assertion itself says.
    pub fn standing_proof(&self) -> Proof {
        Proof {
            attested: self.attested,
            hardware: self.hardware,
            fips_listed: self.fips_listed,
            roaming: self.roaming,
            backup_eligible: self.backup_eligible,
            backup_state: self.backup_state,
            aaguid: self.aaguid.clone(),
            ..Proof::default()
        }
    }
}

impl Authenticator {
    pub fn enrolled(&self) -> Enrolled {
        Enrolled {
            id: self.id.clone(),
            method: self.method,
            nickname: self.nickname.clone(),
            primary: self.primary,
            usable: self.status == AuthenticatorStatus::Active,
            best: self.best_proof(),
        }
    }

    /// The most that a verification with it can show.
    fn best_proof(&self) -> Proof {
        let code_transfer = match self.method {
            Method::Push => CodeTransfer::Typed,
            _ => CodeTransfer::None,
        };
        let unlocks = self.facts.phone.as_ref().is_some_and(|p| p.unlocks);
        let of_key = self.facts.key.as_ref().map(KeyFacts::best_proof);
        let best = of_key.unwrap_or_default();
        Proof {
            fips_listed: self.facts.fips_listed || best.fips_listed,
            code_transfer,
            user_verified: best.user_verified || unlocks,
            activation: if unlocks { Activation::Pin } else { Activation::None },
            ..best
        }
    }

    /// What a page calls it.
    pub fn label(&self) -> &str {
        self.nickname.as_deref().unwrap_or(self.method.as_str())
    }
}
