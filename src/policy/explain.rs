//! `policy explain`: the decision that the server takes, and everything that led to it, as JSON and in words.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::acr::AcrTable;
use super::decide::{Decision, Missing, decide, listed, refusals};
use super::evidence::{Enrolled, Evidence, Method};
use super::judge::Judge;
use super::requirement::{Requirement, Rule};
use crate::base::{AuthenticatorId, Timestamp};

/// Why a decision is as it is. Times are microseconds since the epoch, ages seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Every method, in the order of a chooser.
    pub methods: Vec<MethodLine>,
    /// What every policy demands: each must hold.
    pub demanded: Vec<DemandLine>,
    /// What the request asks: one must hold, the first preferred.
    pub asked: Vec<DemandLine>,
    /// Limits on when and how something is proved.
    pub limits: Vec<LimitLine>,
    /// What is enrolled, as given.
    pub authenticators: Vec<AuthenticatorLine>,
    /// Exactly what [`decide`] answers to the same arguments.
    pub decision: Decision,
}

/// One method and who refuses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MethodLine {
    pub method: Method,
    pub allowed: bool,
    /// Empty if it is allowed.
    pub rules: Vec<Rule>,
}

/// One acr and who wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DemandLine {
    pub acr: String,
    pub rule: Rule,
    /// What the value promises and takes, in words; `None` if nobody defined it.
    pub promise: Option<String>,
}

/// One limit and who sets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LimitLine {
    pub limit: String,
    /// `None` where no rule is the source: a switch that nobody turned on.
    pub rule: Option<Rule>,
}

/// One enrolled authenticator and what it is good for here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuthenticatorLine {
    pub id: AuthenticatorId,
    pub method: Method,
    pub nickname: Option<String>,
    pub usable: bool,
    /// Would proving it now bring the person further?
    pub helps: bool,
    /// Rules that keep it out.
    pub rules: Vec<Rule>,
}

/// Explains the decision that [`decide`] takes on these arguments.
pub fn explain(
    table: &AcrTable,
    need: &Requirement,
    evidence: &Evidence<'_>,
    enrolled: &[Enrolled],
    now: Timestamp,
) -> Explanation {
    let judge = Judge {
        table,
        need,
        last_active: evidence.last_active,
        ceremony: evidence.ceremony,
        now,
        timeless: false,
        setting_up: false,
    };
    let decision = decide(table, need, evidence, enrolled, now);
    let refused = refusals(&judge, enrolled, &BTreeSet::new());
    let method = |method| {
        let rules: Vec<_> = refused
            .iter()
            .filter(|(m, _)| *m == method)
            .map(|(_, rule)| rule.clone())
            .collect();
        MethodLine {
            method,
            allowed: rules.is_empty(),
            rules,
        }
    };
    let demand = |acr: &str, rule: Rule| DemandLine {
        acr: acr.to_owned(),
        rule,
        promise: table.get(acr).map(|p| format!("{}: {p}", p.promise)),
    };
    let request = Rule::new("request", "acr_values");
    Explanation {
        methods: Method::ALL.into_iter().map(method).collect(),
        demanded: need
            .all_of
            .iter()
            .map(|acr| demand(&acr.value, acr.rule.clone()))
            .collect(),
        asked: need.any_of.iter().map(|acr| demand(acr, request.clone())).collect(),
        limits: limits(need),
        authenticators: enrolled.iter().map(|e| authenticator(&judge, e, &decision)).collect(),
        decision,
    }
}

fn authenticator(judge: &Judge<'_>, e: &Enrolled, decision: &Decision) -> AuthenticatorLine {
    let named = judge.need.refused.get(&e.method).into_iter().flatten();
    let rules: BTreeSet<Rule> = named.chain(judge.broken(e.method, &e.best)).cloned().collect();
    AuthenticatorLine {
        id: e.id.clone(),
        method: e.method,
        nickname: e.nickname.clone(),
        usable: e.usable,
        helps: matches!(decision, Decision::Prove { acceptable, .. } if acceptable.contains(&e.id)),
        rules: rules.into_iter().collect(),
    }
}

fn limits(need: &Requirement) -> Vec<LimitLine> {
    let age = need
        .max_age
        .as_ref()
        .map(|age| (format!("factors at most {} s old", age.value.0), &age.rule));
    let models = need.allowed_aaguids.as_ref().map(|models| {
        let list: Vec<_> = models.value.iter().map(String::as_str).collect();
        (
            format!("only these models of security key: {}", list.join(", ")),
            &models.rule,
        )
    });
    let switch = |rule: &'static str, by: &'_ Option<Rule>| by.clone().map(|by| (rule.to_owned(), by));
    let ruled = age.into_iter().chain(models).map(|(limit, rule)| (limit, rule.clone()));
    let switches = [
        switch("the possession factor on another device", &need.separate_device),
        switch("security keys attested", &need.require_attestation),
        switch("no syncable passkeys", &need.deny_synced_passkeys),
        switch("the possession factor on the FIPS 140 list", &need.require_fips_listed),
    ];
    let mut lines: Vec<LimitLine> = ruled
        .chain(switches.into_iter().flatten())
        .map(|(limit, rule)| LimitLine {
            limit,
            rule: Some(rule),
        })
        .collect();
    let mut say = |limit: String| lines.push(LimitLine { limit, rule: None });
    if let Some(t) = need.not_before {
        say(format!("nothing proved before {t}"));
    }
    say(format!(
        "text message and voice towards AAL2: {}",
        yes(need.allow_restricted)
    ));
    say(format!("set-up inside a sign-in: {}", yes(need.allow_enrolment)));
    say(format!("push without a number: {}", yes(need.allow_one_tap)));
    say(format!("remembered browser: {}", yes(need.allow_remembered_browser)));
    lines
}

const fn yes(allowed: bool) -> &'static str {
    if allowed { "allowed" } else { "not allowed" }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Demanded")?;
        for line in self.demanded.iter().chain(&self.asked) {
            let promise = line.promise.as_deref().unwrap_or("nobody defined this value");
            writeln!(f, "  {} by {}\n      {promise}", line.acr, line.rule)?;
        }
        if self.demanded.is_empty() && self.asked.is_empty() {
            writeln!(f, "  any one factor")?;
        }
        for line in &self.limits {
            let by = line.rule.as_ref().map(|rule| format!(" by {rule}")).unwrap_or_default();
            writeln!(f, "  {}{by}", line.limit)?;
        }
        writeln!(f, "Methods")?;
        for line in &self.methods {
            let verdict = if line.allowed {
                "allowed".to_owned()
            } else {
                format!("refused by {}", joined(&line.rules))
            };
            writeln!(f, "  {:<14}{verdict}", line.method.as_str())?;
        }
        if !self.authenticators.is_empty() {
            writeln!(f, "Authenticators")?;
        }
        for line in &self.authenticators {
            let name = line.nickname.as_deref().unwrap_or(line.id.as_str());
            let verdict = match (line.usable, line.helps) {
                (false, _) => "cannot be used at present".to_owned(),
                (_, true) => "would help".to_owned(),
                _ if !line.rules.is_empty() => format!("refused by {}", joined(&line.rules)),
                _ => "would not bring the person further".to_owned(),
            };
            writeln!(f, "  {:<14}{name}: {verdict}", line.method.as_str())?;
        }
        write!(f, "Decision\n  {}", self.decision)
    }
}

fn joined(rules: &[Rule]) -> String {
    rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused = match self {
            Self::Satisfied(a) => {
                return write!(
                    f,
                    "satisfied: acr {}, amr [{}], auth_time {}",
                    a.acr,
                    a.amr.join(", "),
                    a.auth_time
                );
            }
            Self::Never(reason) => return write!(f, "never: {reason}"),
            Self::Prove {
                missing,
                acceptable,
                refused,
            } => {
                let ids: Vec<_> = acceptable.iter().map(AuthenticatorId::as_str).collect();
                write!(f, "prove: {missing}; acceptable: {}", ids.join(", "))?;
                refused
            }
            Self::Enrol { acceptable, refused } => {
                let names: Vec<_> = acceptable.iter().map(|m| m.as_str()).collect();
                write!(f, "set up one of: {}", names.join(", "))?;
                refused
            }
        };
        if refused.is_empty() {
            Ok(())
        } else {
            write!(f, "; refused: {}", listed(refused))
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.knowledge, self.possession) {
            (true, true) => "the password or another method",
            (true, false) => "the password",
            _ => "a method that the person has",
        })?;
        write!(f, ", {} step(s)", self.steps)?;
        f.write_str(if self.fresh {
            ", once more because it was too long ago or not in one act"
        } else {
            ""
        })
    }
}
