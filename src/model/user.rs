//! People.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::{Timestamp, UserId};
use crate::policy::Method;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    Active,
    /// May not sign in; nothing is lost.
    Suspended,
    Closed,
}

impl UserStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Suspended, Self::Closed]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub pool: String,
    pub username: String,
    pub email: Option<String>,
    pub email_verified: bool,
    pub status: UserStatus,
    pub groups: Vec<String>,
    /// Standard claims (OIDC Core §5.1) other than `sub`, `email`, `email_verified`, `preferred_username`.
    pub claims: Map<String, Value>,
    pub standing: Standing,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What is known of a person beyond attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// When the operator last confirmed who this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_confirmed_at: Option<Timestamp>,
    /// Since when the account may sign nothing, because somebody got back into it without what had been proved before:
    /// a recovery never leaves the power to sign (800-63B-4 §4.2, 21 CFR 1311.105).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_withheld_at: Option<Timestamp>,
    /// The method that pages start with, instead of the pool's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred: Option<Method>,
    /// When a second method was last recommended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommended_at: Option<Timestamp>,
}

impl User {
    /// Has an operator confirmed who this is, and nobody got back into the account since by a recovery or a reset?
    pub fn identity_confirmed(&self) -> bool {
        let confirmed = self.standing.identity_confirmed_at;
        confirmed.is_some_and(|at| self.standing.signing_withheld_at.is_none_or(|since| at > since))
    }

    /// How names are compared: without case, without outer space.
    pub fn key(name: &str) -> String {
        name.trim().to_lowercase()
    }

    /// Every standard claim that we hold about this person (OIDC Core §5.1).
    pub fn all_claims(&self) -> Map<String, Value> {
        let mut all = self.claims.clone();
        all.insert("preferred_username".into(), self.username.clone().into());
        if let Some(email) = &self.email {
            all.insert("email".into(), email.clone().into());
            all.insert("email_verified".into(), self.email_verified.into());
        }
        all.insert("updated_at".into(), self.updated_at.secs().into());
        all
    }

    pub fn display_name(&self) -> &str {
        self.claims
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or(&self.username)
    }
}
