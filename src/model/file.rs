//! A workspace as operators write it: `workspace.toml`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::resource::Resource;
use super::workspace::{Group, Parts, Pool, Problem, ScopeRule, Settings};
use crate::base::Secret;
use crate::policy::{Method, OwnAcr, Policy};
use crate::protocol::claims::{SCOPE_AUTHENTICATORS, SCOPE_CLAIMS};
use crate::protocol::client::ClientMetadata;
use crate::protocol::rar::DetailsType;

/// Unknown keys are an error at every level.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WorkspaceFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<Settings>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acr: Vec<OwnAcr>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<Pool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Policy>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<ScopeRule>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_details: Vec<DetailsType>,
    pub resources: Vec<Resource>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<ClientMetadata>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<UserEntry>,
}

/// `[[users]]`. Standard claims (OIDC Core §5.1) stand beside the other keys: `name = "Dr. Rivera"`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UserEntry {
    pub username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// Plain, or a hash of another product: argon2 and pbkdf2 as PHC strings, bcrypt as `$2b$…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// `active` or `suspended`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// RFC 3339: when the operator last made sure who this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_confirmed_at: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authenticators: Vec<AuthenticatorEntry>,
    #[serde(flatten)]
    pub claims: Map<String, Value>,
}

/// `[[users.authenticators]]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthenticatorEntry {
    pub method: Method,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// A code generator's seed in base32. May be left out where the authenticator is already there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret<String>>,
    /// E.164, for `sms` and `voice`.
    #[serde(default, alias = "phone", alias = "number", skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
    /// The operator holds a FIPS 140 certificate for this token.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fips_listed: bool,
}

impl UserEntry {
    pub fn place(&self) -> String {
        format!("users {}", self.username)
    }

    /// Every key beside the known ones must be a standard claim that the person has for themself.
    pub fn check(&self) -> Result<(), Problem> {
        if self.username.trim().is_empty() {
            return Err(Problem::new("users", "an entry has no username"));
        }
        let standard = |name: &str| {
            let ours = matches!(name, "email" | "email_verified" | "preferred_username" | "updated_at");
            !ours
                && SCOPE_CLAIMS.iter().any(|(scope, claims)| {
                    !matches!(*scope, "evidence" | SCOPE_AUTHENTICATORS) && claims.contains(&name)
                })
        };
        match self.claims.keys().find(|name| !standard(name)) {
            Some(name) => Err(Problem::new(
                self.place(),
                format!("unknown key {name}; other keys must be standard claims"),
            )),
            None => Ok(()),
        }
    }
}

impl WorkspaceFile {
    /// Everything but the users.
    pub fn parts(&self) -> Parts {
        Parts {
            settings: self.workspace.clone(),
            pools: self.pools.clone(),
            policies: self.policies.clone(),
            groups: self.groups.clone(),
            scopes: self.scopes.clone(),
            details_types: self.authorization_details.clone(),
            resources: self.resources.clone(),
            acrs: self.acr.clone(),
            clients: self.clients.clone(),
        }
    }
}
