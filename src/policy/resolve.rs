//! From what everybody demands to one requirement. Deny wins, ages take the minimum, demands add up; the order
//! of policies does not matter. Only a client's own policies can accept a risk (`allow_…`).

use std::collections::{BTreeMap, BTreeSet};

use super::acr::rank;
use super::evidence::Method;
use super::requirement::{Policy, Requirement, Rule, Ruled};
use crate::base::{Seconds, Timestamp};

/// The two lists of an identity pool.
#[derive(Clone, Copy, Debug)]
pub struct PoolMethods<'a> {
    pub name: &'a str,
    pub first_factor: &'a BTreeSet<Method>,
    pub second_factor: &'a BTreeSet<Method>,
}

/// What one authorization request asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestDemand {
    /// In the client's order of preference (OIDC Core §3.1.2.1; or the values of an essential acr claim, §5.5.1.1).
    pub acr_values: Vec<String>,
    /// Must one of them be met? If not, whoever gets [`Decision::Never`](super::Decision) decides again about
    /// [`RequestDemand::without_acr`] and the token says the acr that is real.
    pub essential: bool,
    /// Seconds before the moment of deciding. Prefer [`RequestDemand::since`], which fixes the moment once.
    pub max_age: Option<Seconds>,
    /// Events before this moment do not count.
    pub not_before: Option<Timestamp>,
}

impl RequestDemand {
    /// Turns the protocol's `max_age` and `prompt=login` into a fixed moment, seen from when the request arrived.
    /// What is proved while answering the request then counts however long the person takes; `max_age=0`
    /// behaves as `prompt=login` (OIDC Core §3.1.2.1).
    #[must_use]
    pub fn since(mut self, arrived: Timestamp, max_age: Option<Seconds>, prompt_login: bool) -> Self {
        let by_age = max_age.map(|age| arrived.minus(Seconds(age.0.max(0))));
        let by_prompt = prompt_login.then_some(arrived);
        self.not_before = [self.not_before, by_age, by_prompt].into_iter().flatten().max();
        self
    }

    /// The same, asking for no acr: for a voluntary request that cannot be met (OIDC Core §5.5.1.1).
    #[must_use]
    pub fn without_acr(self) -> Self {
        Self {
            acr_values: Vec::new(),
            ..self
        }
    }
}

/// Everybody who has a say.
#[derive(Clone, Debug)]
pub struct Demands<'a> {
    /// The policies that the client names.
    pub client: &'a [&'a Policy],
    /// Those of the scopes and authorization-details types asked for.
    pub scopes: &'a [&'a Policy],
    /// Those of the groups that the person is a member of; empty while nobody is known.
    pub groups: &'a [&'a Policy],
    pub workspace_methods: &'a BTreeSet<Method>,
    pub pool: PoolMethods<'a>,
    pub request: RequestDemand,
    /// The client's, used where the request asks for no acr (OIDC Registration §2).
    pub default_acr_values: &'a [String],
    /// Why this person may have no acr that stands for one act.
    pub withheld: Option<Rule>,
}

impl Demands<'_> {
    /// The one requirement.
    pub fn resolve(&self) -> Requirement {
        Requirement {
            all_of: self.all_of(),
            any_of: self.any_of(),
            refused: self.refused(),
            max_age: self.max_age(),
            not_before: self.request.not_before,
            allow_restricted: self.allowed(|p| p.allow_restricted),
            allow_enrolment: self.allowed(|p| p.allow_enrolment),
            allow_one_tap: self.allowed(|p| p.allow_one_tap),
            allow_remembered_browser: self.allowed(|p| p.allow_remembered_browser),
            separate_device: self.switch("separate_device", |p| p.separate_device),
            require_attestation: self.switch("require_attestation", |p| p.require_attestation),
            allowed_aaguids: self.allowed_aaguids(),
            deny_synced_passkeys: self.switch("deny_synced_passkeys", |p| p.deny_synced_passkeys),
            require_fips_listed: self.switch("require_fips_listed", |p| p.require_fips_listed),
            withheld: self.withheld.clone(),
        }
    }

    fn policies(&self) -> impl Iterator<Item = &Policy> {
        [self.client, self.scopes, self.groups].into_iter().flatten().copied()
    }

    /// The client's demands come first, for it knows their names; each group in the fixed order of naming.
    fn all_of(&self) -> Vec<Ruled<String>> {
        let mut all: Vec<Ruled<String>> = Vec::new();
        for source in [self.client, self.scopes, self.groups] {
            let demands = source
                .iter()
                .filter_map(|p| Some((p.required_acr.as_ref()?, rule(p, "required_acr"))));
            // Sorted, so that of two policies that demand the same the same one is named.
            let sorted: BTreeSet<_> = demands.map(|(acr, rule)| (rank(acr), acr, rule)).collect();
            for (_, acr, rule) in sorted {
                if !all.iter().any(|known| known.value == *acr) {
                    all.push(Ruled {
                        value: acr.clone(),
                        rule,
                    });
                }
            }
        }
        all
    }

    fn any_of(&self) -> Vec<String> {
        let asked = &self.request.acr_values;
        let values = if asked.is_empty() {
            self.default_acr_values
        } else {
            asked.as_slice()
        };
        let mut once = BTreeSet::new();
        values.iter().filter(|v| once.insert(*v)).cloned().collect()
    }

    fn refused(&self) -> BTreeMap<Method, Vec<Rule>> {
        let rules = |method: Method| -> BTreeSet<Rule> {
            let mut rules = BTreeSet::new();
            if !self.workspace_methods.contains(&method) {
                rules.insert(Rule::new("workspace", "methods"));
            }
            if !self.pool.first_factor.contains(&method) && !self.pool.second_factor.contains(&method) {
                // A password is missed in the first list, all else in the second.
                let key = if method == Method::Password {
                    "first_factor"
                } else {
                    "second_factor"
                };
                rules.insert(Rule::new(format!("pool {}", self.pool.name), key));
            }
            for p in self.policies() {
                if p.deny_methods.contains(&method) {
                    rules.insert(rule(p, "deny_methods"));
                }
                if p.allow_methods.as_ref().is_some_and(|only| !only.contains(&method)) {
                    rules.insert(rule(p, "allow_methods"));
                }
            }
            rules
        };
        let all = Method::ALL
            .into_iter()
            .map(|m| (m, rules(m).into_iter().collect::<Vec<_>>()));
        all.filter(|(_, rules)| !rules.is_empty()).collect()
    }

    fn max_age(&self) -> Option<Ruled<Seconds>> {
        let policies = self
            .policies()
            .filter_map(|p| Some((p.max_factor_age?, rule(p, "max_factor_age"))));
        let request = self.request.max_age.map(|age| (age, Rule::new("request", "max_age")));
        policies.chain(request).min().map(|(value, rule)| Ruled { value, rule })
    }

    /// Some policy turns it on; the first by name is named.
    fn switch(&self, key: &str, of: impl Fn(&Policy) -> Option<bool>) -> Option<Rule> {
        self.policies()
            .filter(|p| of(p) == Some(true))
            .map(|p| rule(p, key))
            .min()
    }

    /// `false` anywhere wins; `true` is heard from the client's own policies alone.
    fn allowed(&self, of: impl Fn(&Policy) -> Option<bool>) -> bool {
        let denied = self.policies().any(|p| of(p) == Some(false));
        let accepted = self.client.iter().any(|p| of(p) == Some(true));
        !denied && accepted
    }

    /// What every list contains.
    fn allowed_aaguids(&self) -> Option<Ruled<BTreeSet<String>>> {
        let lists = || self.policies().filter_map(|p| Some((p, p.allowed_aaguids.as_ref()?)));
        let lower = |list: &BTreeSet<String>| list.iter().map(|a| a.to_ascii_lowercase()).collect::<BTreeSet<_>>();
        let value = lists()
            .map(|(_, list)| lower(list))
            .reduce(|a, b| a.intersection(&b).cloned().collect())?;
        let rule = lists().map(|(p, _)| rule(p, "allowed_aaguids")).min()?;
        Some(Ruled { value, rule })
    }
}

fn rule(policy: &Policy, key: &str) -> Rule {
    Rule::new(format!("policy {}", policy.name), key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(name: &str) -> Policy {
        Policy {
            name: name.into(),
            ..Policy::default()
        }
    }

    fn resolve(client: &[&Policy], groups: &[&Policy], request: RequestDemand, default: &[String]) -> Requirement {
        let all: BTreeSet<_> = Method::ALL.into();
        let first = BTreeSet::from([Method::Password]);
        let second = BTreeSet::from([Method::Totp, Method::Sms]);
        let pool = PoolMethods {
            name: "default",
            first_factor: &first,
            second_factor: &second,
        };
        let workspace_methods = &(&all - &BTreeSet::from([Method::Voice]));
        let default_acr_values = default;
        Demands {
            client,
            scopes: &[],
            groups,
            workspace_methods,
            pool,
            request,
            default_acr_values,
            withheld: None,
        }
        .resolve()
    }

    #[test]
    fn every_rule_that_refuses_is_named() {
        let deny = Policy {
            deny_methods: [Method::Sms, Method::Voice].into(),
            ..policy("epcs")
        };
        let only = Policy {
            allow_methods: Some([Method::Password, Method::Totp].into()),
            ..policy("b")
        };
        let need = resolve(&[&deny], &[&only], RequestDemand::default(), &[]);
        let said = |m| {
            need.refused
                .get(&m)
                .map(|r| r.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(
            said(Method::Sms).unwrap(),
            ["policy b: allow_methods", "policy epcs: deny_methods"]
        );
        assert_eq!(
            said(Method::Voice).unwrap(),
            [
                "policy b: allow_methods",
                "policy epcs: deny_methods",
                "pool default: second_factor",
                "workspace: methods"
            ]
        );
        assert_eq!(said(Method::Totp), None);
    }

    #[test]
    fn only_the_client_accepts_a_risk_and_anybody_refuses_it() {
        let yes = Policy {
            allow_restricted: Some(true),
            allow_enrolment: Some(true),
            ..policy("yes")
        };
        let no = Policy {
            allow_restricted: Some(false),
            allow_enrolment: Some(false),
            ..policy("no")
        };
        let need = |client: &[&Policy], groups: &[&Policy]| {
            let need = resolve(client, groups, RequestDemand::default(), &[]);
            (need.allow_restricted, need.allow_enrolment)
        };
        assert_eq!(need(&[], &[]), (false, false));
        assert_eq!(need(&[&yes], &[]), (true, true));
        assert_eq!(need(&[], &[&yes]), (false, false));
        assert_eq!(need(&[&yes, &no], &[]), (false, false));
        assert_eq!(need(&[&yes], &[&no]), (false, false));
    }

    #[test]
    fn demands_add_up_and_ages_take_the_minimum() {
        let a = Policy {
            required_acr: Some("phr".into()),
            max_factor_age: Some(Seconds(300)),
            ..policy("a")
        };
        let b = Policy {
            required_acr: Some("phr".into()),
            max_factor_age: Some(Seconds(120)),
            ..policy("b")
        };
        let asked = RequestDemand {
            max_age: Some(Seconds(200)),
            ..RequestDemand::default()
        };
        let need = resolve(&[&b, &a], &[&b], asked, &["x".into()]);
        assert_eq!(
            need.all_of,
            [Ruled {
                value: "phr".into(),
                rule: Rule::new("policy a", "required_acr")
            }]
        );
        assert_eq!(
            need.max_age.unwrap(),
            Ruled {
                value: Seconds(120),
                rule: Rule::new("policy b", "max_factor_age")
            }
        );
        assert_eq!(need.any_of, ["x"]);
    }

    #[test]
    fn what_the_request_asks_replaces_the_default() {
        let asked = RequestDemand {
            acr_values: vec!["a".into(), "b".into(), "a".into()],
            ..RequestDemand::default()
        };
        assert_eq!(resolve(&[], &[], asked.clone(), &["x".into()]).any_of, ["a", "b"]);
        assert!(resolve(&[], &[], asked.without_acr(), &[]).any_of.is_empty());
    }

    #[test]
    fn max_age_is_measured_from_when_the_request_came() {
        let at = Timestamp::from_secs;
        let since = |age, login| RequestDemand::default().since(at(1000), age, login).not_before;
        assert_eq!(since(None, false), None);
        assert_eq!(since(Some(Seconds(60)), false), Some(at(940)));
        assert_eq!(since(Some(Seconds(0)), false), Some(at(1000)));
        assert_eq!(since(Some(Seconds(60)), true), Some(at(1000)));
    }
}
