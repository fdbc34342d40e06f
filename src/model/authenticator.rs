//! One enrolled instance of a method ("Office iPhone"). A password is one, too.

use serde::{Deserialize, Serialize};

use crate::base::{AuthenticatorId, Timestamp, UserId};
use crate::policy::{CodeTransfer, Enrolled, Method, Proof};

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
    /// Who enrolled it: `import`, `operator`, or the partner's client_id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_by: Option<String>,
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
        Proof {
            fips_listed: self.facts.fips_listed,
            code_transfer,
            ..Proof::default()
        }
    }

    /// What a page calls it.
    pub fn label(&self) -> &str {
        self.nickname.as_deref().unwrap_or(self.method.as_str())
    }
}
