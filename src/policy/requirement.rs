//! What is demanded: policies as operators write them, and the one requirement they resolve to.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::evidence::Method;
use crate::base::{Seconds, Timestamp};

/// One `[[policies]]` entry of a workspace. Every key only tightens, except the `allow_…` switches,
/// which are a partner's own acceptance of risk: `true` counts only where the client itself names the policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// An acr that must be satisfied whatever the request says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_acr: Option<String>,
    /// If present, no other method may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_methods: Option<BTreeSet<Method>>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub deny_methods: BTreeSet<Method>,
    /// Seconds. A factor event older than this does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_factor_age: Option<Seconds>,
    /// May a remembered browser skip a second factor (acr then stays what was proved)?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_remembered_browser: Option<bool>,
    /// May text message and voice count towards AAL2 (800-63B-4 §3.2.9)?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_restricted: Option<bool>,
    /// May a method be set up inside a sign-in?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_enrolment: Option<bool>,
    /// May a request on a phone be approved without typing the number that the browser shows, where no acr needs it?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_one_tap: Option<bool>,
    /// Must the possession factor be apart from the device that signs in?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separate_device: Option<bool>,
    /// Must security keys be attested?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_attestation: Option<bool>,
    /// If present, only these authenticator models (AAGUID, lower-case with hyphens).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_aaguids: Option<BTreeSet<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deny_synced_passkeys: Option<bool>,
    /// Must the possession factor be on the operator's FIPS 140 list?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_fips_listed: Option<bool>,
}

/// Where a rule comes from, in words an operator can search for: `policy epcs`, `workspace`, `pool default`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rule {
    pub source: String,
    /// The key of the source that decided: `deny_methods`, `required_acr`, `second_factor` …
    pub key: String,
}

impl Rule {
    pub fn new(source: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            key: key.into(),
        }
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.source, self.key)
    }
}

/// A number that has a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled<T> {
    pub value: T,
    pub rule: Rule,
}

/// Everything that stands between a person and a token, resolved from client, scopes, groups, pool and request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// Each must hold: what policies demand (`required_acr`).
    pub all_of: Vec<Ruled<String>>,
    /// At least one must hold, in the order of preference: what the request asks. Empty: nothing was asked.
    pub any_of: Vec<String>,
    /// Methods that may not be used, each with every rule that says so.
    pub refused: BTreeMap<Method, Vec<Rule>>,
    /// The shortest wins (policies' `max_factor_age`, the request's `max_age`).
    pub max_age: Option<Ruled<Seconds>>,
    /// Events before this moment do not count (`prompt=login`, `max_age=0`).
    pub not_before: Option<Timestamp>,
    pub allow_restricted: bool,
    pub allow_enrolment: bool,
    pub allow_one_tap: bool,
    pub allow_remembered_browser: bool,
    pub separate_device: Option<Rule>,
    pub require_attestation: Option<Rule>,
    pub allowed_aaguids: Option<Ruled<BTreeSet<String>>>,
    pub deny_synced_passkeys: Option<Rule>,
    pub require_fips_listed: Option<Rule>,
    /// What stands for one act cannot be had at present, whatever is proved: the account was recovered, say.
    pub withheld: Option<Rule>,
}
