//! One issuer's clients, pools, policies and groups, as one immutable snapshot.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::phone::PhoneRules;
use super::registration::RegistrationRules;
use super::resource::{self, Resource};
use crate::base::ClientId;
use crate::policy::OwnAcr;
use crate::policy::{AcrTable, Method, Policy};
use crate::protocol::client::{Client, ClientMetadata};
use crate::protocol::rar::{DetailsType, DetailsTypes};

/// `[workspace]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub name: String,
    /// Methods that are enabled at all.
    pub methods: BTreeSet<Method>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_url: Option<String>,
    #[serde(skip_serializing_if = "PhoneRules::is_default")]
    pub phone: PhoneRules,
    #[serde(skip_serializing_if = "PushRules::is_default")]
    pub push: PushRules,
    #[serde(skip_serializing_if = "RegistrationRules::is_default")]
    pub registration: RegistrationRules,
}

/// `[workspace.push]`: what is demanded of phones that approve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PushRules {
    /// Apps below it are refused (MFA-135); compared number by number.
    pub minimum_app_version: String,
    /// "This was not me" suspends the account until the operator opens it again.
    pub suspend_when_reported: bool,
}

impl PushRules {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    fn check(&self) -> Result<(), Problem> {
        let number = |part: &str| !part.is_empty() && part.len() <= 9 && part.bytes().all(|b| b.is_ascii_digit());
        if self.minimum_app_version.split('.').all(number) {
            return Ok(());
        }
        let mend = "must be numbers with dots between them, such as 1.5.0";
        Err(Problem::new("workspace.push", format!("minimum_app_version {mend}")))
    }
}

impl Default for PushRules {
    fn default() -> Self {
        Self {
            minimum_app_version: "1.0.0".into(),
            suspend_when_reported: false,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "Countersign".into(),
            methods: Method::ALL.into(),
            support_url: None,
            phone: PhoneRules::default(),
            push: PushRules::default(),
            registration: RegistrationRules::default(),
        }
    }
}

/// `[[pools]]`: a set of users and the methods that they may use in each place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pool {
    pub name: String,
    pub first_factor: BTreeSet<Method>,
    pub second_factor: BTreeSet<Method>,
    pub preferred: Preferred,
    /// May strangers make an account in it for themselves? Off unless the operator says so: who has run a closed
    /// workspace must not find it open after an update. Only the default pool is ever entered this way.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub self_registration: bool,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            name: Self::DEFAULT.into(),
            first_factor: [Method::Password, Method::Webauthn, Method::Push].into(),
            second_factor: Method::ALL.into_iter().filter(|m| *m != Method::Password).collect(),
            preferred: Preferred::default(),
            self_registration: false,
        }
    }
}

impl Pool {
    /// The pool of users that name none.
    pub const DEFAULT: &'static str = "default";
}

/// The method that a page starts with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Preferred {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Method>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<Method>,
}

/// `[[groups]]`: tightens wherever a member signs in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Group {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub policies: Vec<String>,
}

/// `[[scopes]]`: tightens whenever the scope is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeRule {
    pub name: String,
    /// What the consent page says; the name itself if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub policies: Vec<String>,
}

/// Everything that decides, at one generation. Swapped whole; never changed in place.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Grows with every change; written into each audit record that a policy decided.
    pub generation: i64,
    pub settings: Settings,
    pub pools: BTreeMap<String, Pool>,
    pub policies: BTreeMap<String, Policy>,
    pub groups: BTreeMap<String, Group>,
    pub scopes: BTreeMap<String, ScopeRule>,
    pub details_types: DetailsTypes,
    pub resources: BTreeMap<String, Resource>,
    pub clients: BTreeMap<ClientId, Client>,
    pub acrs: AcrTable,
}

/// The kinds of `workspace_items`, in the order of a workspace file.
pub const KINDS: [&str; 9] = [
    "workspace",
    "pool",
    "policy",
    "group",
    "scope",
    "authorization_details",
    "resource",
    "acr",
    "client",
];

/// What is wrong with a workspace, in one sentence that names the entry and the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct Problem {
    pub place: String,
    pub problem: String,
}

impl Problem {
    pub fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

/// The parts before they are checked against each other.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    pub settings: Option<Settings>,
    pub pools: Vec<Pool>,
    pub policies: Vec<Policy>,
    pub groups: Vec<Group>,
    pub scopes: Vec<ScopeRule>,
    pub details_types: Vec<DetailsType>,
    pub resources: Vec<Resource>,
    pub acrs: Vec<OwnAcr>,
    pub clients: Vec<ClientMetadata>,
}

impl Parts {
    /// A `Workspace` that exists can decide: every name that is used is defined.
    pub fn assemble(self, generation: i64) -> Result<Workspace, Problem> {
        let acrs = acr_table(self.acrs)?;
        let policies = by_name("policies", self.policies, |p: &Policy| &p.name)?;
        demand_known(&acrs, policies.values())?;
        let known = &|place: String, names: &[String]| match names.iter().find(|n| !policies.contains_key(*n)) {
            Some(name) => Err(Problem::new(
                format!("{place}: policies"),
                format!("there is no policy {name}"),
            )),
            None => Ok(()),
        };
        let mut pools = by_name("pools", self.pools, |p: &Pool| &p.name)?;
        pools.entry(Pool::DEFAULT.to_owned()).or_default();
        let groups = by_name("groups", self.groups, |g: &Group| &g.name)?;
        groups
            .values()
            .try_for_each(|g| known(format!("groups {}", g.name), &g.policies))?;
        let scopes = by_name("scopes", self.scopes, |s: &ScopeRule| &s.name)?;
        scopes
            .values()
            .try_for_each(|s| known(format!("scopes {}", s.name), &s.policies))?;
        let details_types = by_name("authorization_details", self.details_types, |t: &DetailsType| &t.name)?;
        for kind in details_types.values() {
            let place = format!("authorization_details {}", kind.name);
            kind.check().map_err(|problem| Problem::new(&place, problem))?;
            known(place, &kind.policies)?;
        }
        let resources = resource::by_uri(self.resources, known)?;
        let settings = self.settings.unwrap_or_default();
        settings.registration.check(|name| policies.contains_key(name))?;
        let mut clients = BTreeMap::new();
        for metadata in governed(self.clients, &settings.registration) {
            known(format!("clients {}", metadata.client_id), &metadata.policies)?;
            let client = metadata
                .check()
                .map_err(|e| Problem::new(format!("clients {}", e.client), format!("{} {}", e.member, e.problem)))?;
            asks_for_known(&client, &details_types)?;
            if let Some(twice) = clients.insert(client.id.clone(), client) {
                return Err(Problem::new(format!("clients {}", twice.id), "is there twice"));
            }
        }
        resource::check_clients(&resources, clients.values())?;
        settings.phone.check()?;
        settings.push.check()?;
        Ok(Workspace {
            generation,
            settings,
            pools,
            policies,
            groups,
            scopes,
            details_types,
            resources,
            clients,
            acrs,
        })
    }
}

/// Clients that registered themselves live by the rules for these.
fn governed(mut clients: Vec<ClientMetadata>, rules: &RegistrationRules) -> Vec<ClientMetadata> {
    clients
        .iter_mut()
        .filter(|c| c.registered)
        .for_each(|c| rules.govern(c));
    clients
}

fn asks_for_known(client: &Client, types: &DetailsTypes) -> Result<(), Problem> {
    let mut asked = client.metadata.authorization_details_types.iter();
    match asked.find(|t| !types.contains_key(*t)) {
        Some(unknown) => Err(Problem::new(
            format!("clients {}: authorization_details_types", client.id),
            format!("there is no [[authorization_details]] of type {unknown}"),
        )),
        None => Ok(()),
    }
}

fn demand_known<'a>(acrs: &AcrTable, policies: impl Iterator<Item = &'a Policy>) -> Result<(), Problem> {
    for policy in policies {
        if let Some(acr) = policy.required_acr.as_ref().filter(|acr| acrs.get(acr).is_none()) {
            return Err(Problem::new(
                format!("policies {}: required_acr", policy.name),
                format!("nobody defines {acr}"),
            ));
        }
    }
    Ok(())
}

pub(super) fn by_name<T>(
    kind: &str,
    items: Vec<T>,
    name: impl Fn(&T) -> &String,
) -> Result<BTreeMap<String, T>, Problem> {
    let mut map = BTreeMap::new();
    for item in items {
        let key = name(&item).clone();
        if key.is_empty() {
            return Err(Problem::new(kind, "an entry has no name"));
        }
        if map.insert(key.clone(), item).is_some() {
            return Err(Problem::new(format!("{kind} {key}"), "is there twice"));
        }
    }
    Ok(map)
}

/// Entries may name each other in any order.
fn acr_table(mut rest: Vec<OwnAcr>) -> Result<AcrTable, Problem> {
    let mut ordered: Vec<OwnAcr> = Vec::new();
    loop {
        let table = AcrTable::new(&ordered).map_err(|e| Problem::new("acr", e.to_string()))?;
        let Some(at) = rest.iter().position(|own| table.get(&own.same_as).is_some()) else {
            return match rest.first() {
                None => Ok(table),
                Some(own) => Err(Problem::new(
                    format!("acr {}: same_as", own.value),
                    format!("nobody defines {}", own.same_as),
                )),
            };
        };
        ordered.push(rest.remove(at));
    }
}

impl Workspace {
    /// The pool that people may enter by themselves: it takes the password that they choose as a first factor.
    pub fn open_pool(&self) -> Option<&Pool> {
        let password = self.settings.methods.contains(&Method::Password);
        let open = |p: &&Pool| password && p.self_registration && p.first_factor.contains(&Method::Password);
        self.pool(Pool::DEFAULT).filter(open)
    }

    /// The pool of this name, or the default one.
    pub fn pool(&self, name: &str) -> Option<&Pool> {
        self.pools.get(name)
    }

    /// What the operator calls what a person allows: a scope, or an API that it is good for.
    pub fn words_for(&self, allowed: &str) -> Option<&str> {
        let scope = self.scopes.get(allowed).and_then(|rule| rule.description.as_deref());
        scope.or_else(|| self.resources.get(allowed).and_then(|api| api.name.as_deref()))
    }

    pub fn named_policies<'a>(&'a self, names: &'a [String]) -> Vec<&'a Policy> {
        names.iter().filter_map(|n| self.policies.get(n)).collect()
    }
}
