//! What stands between this evidence and this requirement. The one answer for the redirect flow, CIBA, the
//! device flow, enrolment, the account pages, the chooser, the method's endpoint and the token.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::acr::AcrTable;
use super::amr::amr;
use super::evidence::{Enrolled, Evidence, Method, Proof};
use super::judge::{Ev, Judge, alike, ideal};
use super::requirement::{Requirement, Rule};
use crate::base::{AuthenticatorId, EventId, Timestamp};

/// What is to be done now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Nothing: this is what a token may say.
    Satisfied(Assurance),
    /// Prove more with what is enrolled.
    Prove {
        missing: Missing,
        /// Each helps; in the order of `enrolled`. Proving any of them, and asking again, comes to an end.
        acceptable: Vec<AuthenticatorId>,
        refused: Vec<(Method, Rule)>,
    },
    /// No enrolled authenticator would do, but one that could be set up now would. Binding an authenticator is
    /// itself step-up (800-63B-4 §4.1.2.1): decide about [`binding_requirement`] before setting up anything.
    Enrol {
        /// In the order of a chooser.
        acceptable: Vec<Method>,
        refused: Vec<(Method, Rule)>,
    },
    /// Nothing that can be done here and now would do.
    Never(Reason),
}

/// What a token may say of how the person proved themself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assurance {
    /// One string (OIDC Core §2).
    pub acr: String,
    /// RFC 8176, of the events behind the acr and the others of the same ceremonies.
    pub amr: Vec<String>,
    /// When the oldest of those events was: it vouches for nothing newer than that.
    pub auth_time: Timestamp,
    /// The events that stand behind it, oldest first.
    pub events: Vec<EventId>,
    /// Did all of them happen in one uninterrupted act?
    pub same_ceremony: bool,
}

/// What kind of proof is missing, for the heading of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The password would help: "Enter your password" (it comes before the second method).
    pub knowledge: bool,
    /// An authenticator that one has would help: "Prove with a second method", when `knowledge` is false.
    pub possession: bool,
    /// It was all proved before, but too long ago or not in one act: "Once more, because …".
    pub fresh: bool,
    /// The fewest further proofs that would do: 1 to 3.
    pub steps: usize,
}

/// Why it cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A policy demands an acr that nobody defined, or the request asks only for such.
    UnknownAcr(Vec<(String, Rule)>),
    /// Some method would do, but the person has no such authenticator and may not set one up here.
    NothingEnrolled {
        would_do: Vec<Method>,
        refused: Vec<(Method, Rule)>,
    },
    /// No method that is left could ever do.
    MethodsRefused(Vec<(Method, Rule)>),
    /// This person may not have such an acr at present, whatever is proved.
    Withheld { acr: String, rule: Rule },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownAcr(values) => {
                let said: Vec<_> = values.iter().map(|(v, rule)| format!("{v} ({rule})")).collect();
                write!(f, "nobody defined the acr that is demanded: {}", said.join(", "))
            }
            Self::NothingEnrolled { would_do, refused } => {
                let names: Vec<_> = would_do.iter().map(|m| m.as_str()).collect();
                write!(
                    f,
                    "no authenticator is enrolled that would do; accepted would be: {}",
                    names.join(", ")
                )?;
                if refused.is_empty() {
                    Ok(())
                } else {
                    write!(f, "; refused: {}", listed(refused))
                }
            }
            Self::Withheld { acr, rule } => write!(f, "{acr} is withheld from this account ({rule})"),
            Self::MethodsRefused(refused) => {
                write!(f, "every method that could do is refused: {}", listed(refused))
            }
        }
    }
}

/// `sms by policy epcs: deny_methods, voice by …`
pub(super) fn listed(refused: &[(Method, Rule)]) -> String {
    let said: Vec<_> = refused.iter().map(|(m, rule)| format!("{m} by {rule}")).collect();
    said.join(", ")
}

/// Decides. Pure: the same answer for the same arguments, and never a panic.
///
/// `evidence.last_active` is the last activity *before* the request at hand; `enrolled` are the authenticators
/// of the person whose evidence it is.
pub fn decide(
    table: &AcrTable,
    need: &Requirement,
    evidence: &Evidence<'_>,
    enrolled: &[Enrolled],
    now: Timestamp,
) -> Decision {
    if let Some(reason) = unknown_acr(table, need).or_else(|| withheld(table, need)) {
        return Decision::Never(reason);
    }
    let judge = Judge {
        table,
        need,
        last_active: evidence.last_active,
        ceremony: evidence.ceremony,
        now,
        timeless: false,
        setting_up: false,
    };
    let held = judge.valid(evidence.events);
    if let Some(assurance) = judge.named(&held).and_then(|acr| assurance(&judge, &held, acr)) {
        return Decision::Satisfied(assurance);
    }
    prove(&judge, &held, evidence, enrolled).unwrap_or_else(|| set_up(&judge, &held, evidence, enrolled))
}

/// What must be proved before an authenticator may be bound: the most of `aal2`, `mfa` and any factor that the
/// enrolled authenticators can prove (800-63B-4 §4.1.2.1), under the refusals and freshness of `need`.
pub fn binding_requirement(table: &AcrTable, need: &Requirement, enrolled: &[Enrolled], now: Timestamp) -> Requirement {
    let base = Requirement {
        all_of: Vec::new(),
        any_of: Vec::new(),
        ..need.clone()
    };
    let levels = [super::built_in::ACR_AAL2, super::built_in::ACR_MFA];
    let demanding = |acr: &str| {
        let rule = Rule::new("binding an authenticator", "required_acr");
        Requirement {
            all_of: vec![super::Ruled {
                value: acr.to_owned(),
                rule,
            }],
            ..base.clone()
        }
    };
    let nothing = Evidence {
        events: &[],
        last_active: now,
        ceremony: None,
    };
    let reachable = |r: &Requirement| matches!(decide(table, r, &nothing, enrolled, now), Decision::Prove { .. });
    levels.into_iter().map(demanding).find(reachable).unwrap_or(base)
}

fn unknown_acr(table: &AcrTable, need: &Requirement) -> Option<Reason> {
    let demanded = need.all_of.iter().filter(|acr| table.get(&acr.value).is_none());
    let mut values: Vec<_> = demanded.map(|acr| (acr.value.clone(), acr.rule.clone())).collect();
    if !need.any_of.is_empty() && need.any_of.iter().all(|v| table.get(v).is_none()) {
        values.extend(
            need.any_of
                .iter()
                .map(|v| (v.clone(), Rule::new("request", "acr_values"))),
        );
    }
    (!values.is_empty()).then_some(Reason::UnknownAcr(values))
}

/// Is what is demanded withheld from this person? (A request that names another acr beside it may have that one.)
fn withheld(table: &AcrTable, need: &Requirement) -> Option<Reason> {
    let rule = need.withheld.clone()?;
    let one_act = |value: &String| table.get(value).is_some_and(|acr| acr.only_when_asked);
    let demanded = need.all_of.iter().map(|acr| &acr.value).find(|acr| one_act(acr));
    let asked = need.any_of.first().filter(|_| need.any_of.iter().all(one_act));
    let acr = demanded.or(asked)?.clone();
    Some(Reason::Withheld { acr, rule })
}

/// The assurance that these valid events carry for this acr and everything that policies demand.
fn assurance(judge: &Judge<'_>, held: &[Ev<'_>], acr: &str) -> Option<Assurance> {
    let demanded = judge.need.all_of.iter().map(|a| a.value.as_str());
    let promises: Vec<_> = demanded.chain([acr]).filter_map(|v| judge.table.get(v)).collect();
    let kept = |events: &[Ev<'_>]| promises.iter().all(|p| judge.holds(p, events));

    // The youngest cut that still keeps every promise …
    let mut sorted = held.to_vec();
    sorted.sort_by(|a, b| (a.at, a.id).cmp(&(b.at, b.id)));
    let cut = (0..sorted.len())
        .rev()
        .find(|i| kept(sorted.get(*i..).unwrap_or_default()))?;
    // … without what it can spare, the oldest first.
    let mut chosen = sorted.get(cut..)?.to_vec();
    let mut i = 0;
    while i < chosen.len() {
        let mut fewer = chosen.clone();
        fewer.remove(i);
        if kept(&fewer) { chosen = fewer } else { i += 1 }
    }

    // What else was proved in the same acts belongs to the story: the latest of each authenticator.
    let acts: BTreeSet<_> = chosen.iter().map(|e| e.ceremony).collect();
    let mut told: BTreeSet<_> = chosen.iter().map(|e| e.authenticator).collect();
    for e in sorted.iter().rev() {
        let may_stand = promises.iter().all(|p| {
            let bystander = !p.one_ceremony || p.uses(e.method, e.proof, judge.need.allow_restricted);
            bystander && judge.within(p, e)
        });
        if may_stand && acts.contains(&e.ceremony) && told.insert(e.authenticator) {
            chosen.push(*e);
        }
    }
    chosen.sort_by(|a, b| (a.at, a.id).cmp(&(b.at, b.id)));
    Some(Assurance {
        acr: acr.to_owned(),
        amr: amr(chosen.iter().map(|e| (e.method, e.proof))),
        auth_time: chosen.first()?.at,
        events: chosen.iter().filter_map(|e| e.id.cloned()).collect(),
        same_ceremony: acts.len() == 1,
    })
}

/// The way on with what is enrolled, if there is one.
fn prove(judge: &Judge<'_>, held: &[Ev<'_>], evidence: &Evidence<'_>, enrolled: &[Enrolled]) -> Option<Decision> {
    let kinds = kinds_of_authenticators(judge, enrolled);
    let candidates: Vec<_> = kinds
        .iter()
        .map(|e| judge.would_be(e.method, &e.best, evidence.ceremony))
        .collect();
    let plans = judge.plans(held, &candidates);
    let steps = plans.first()?.len();
    let useful: BTreeSet<usize> = plans.into_iter().flatten().collect();
    let useful: Vec<&Enrolled> = useful.into_iter().filter_map(|i| kinds.get(i).copied()).collect();
    let helps = |e: &Enrolled| e.usable && judge.permits(e.method, &e.best) && useful.iter().any(|u| alike(u, e));
    let methods: BTreeSet<_> = useful.iter().map(|e| e.method).collect();
    let ever = Judge {
        timeless: true,
        ..*judge
    };
    Some(Decision::Prove {
        missing: Missing {
            knowledge: methods.contains(&Method::Password),
            possession: methods.iter().any(|m| *m != Method::Password),
            fresh: ever.named(&ever.valid(evidence.events)).is_some(),
            steps,
        },
        acceptable: enrolled.iter().filter(|e| helps(e)).map(|e| e.id.clone()).collect(),
        refused: refusals(judge, enrolled, &methods),
    })
}

/// One usable, permitted authenticator of each kind.
fn kinds_of_authenticators<'e>(judge: &Judge<'_>, enrolled: &'e [Enrolled]) -> Vec<&'e Enrolled> {
    let mut kinds: Vec<&Enrolled> = Vec::new();
    for e in enrolled.iter().filter(|e| e.usable && judge.permits(e.method, &e.best)) {
        if !kinds.iter().any(|k| alike(k, e)) {
            kinds.push(e);
        }
    }
    kinds
}

/// No enrolled authenticator would do: would one that could be set up?
fn set_up(judge: &Judge<'_>, held: &[Ev<'_>], evidence: &Evidence<'_>, enrolled: &[Enrolled]) -> Decision {
    let here = Judge {
        setting_up: true,
        ..*judge
    };
    let on_the_way = would_do(&here, held, evidence, enrolled);
    if judge.need.allow_enrolment && !on_the_way.is_empty() {
        let refused = refusals(judge, enrolled, &on_the_way.iter().copied().collect());
        return Decision::Enrol {
            acceptable: on_the_way,
            refused,
        };
    }
    let anywhere = would_do(judge, held, evidence, enrolled);
    let refused = refusals(judge, enrolled, &anywhere.iter().copied().collect());
    Decision::Never(if anywhere.is_empty() {
        Reason::MethodsRefused(refused)
    } else {
        Reason::NothingEnrolled {
            would_do: anywhere,
            refused,
        }
    })
}

/// The methods of which a new authenticator would open a way; those that need the fewest new ones.
fn would_do(judge: &Judge<'_>, held: &[Ev<'_>], evidence: &Evidence<'_>, enrolled: &[Enrolled]) -> Vec<Method> {
    let best: Vec<(Method, Proof)> = Method::ALL.into_iter().map(|m| (m, ideal(m, judge.need))).collect();
    let new: Vec<_> = best.iter().filter(|(m, p)| judge.permits(*m, p)).collect();
    let owned = kinds_of_authenticators(judge, enrolled);
    let candidates: Vec<_> = owned
        .iter()
        .map(|e| (e.method, &e.best))
        .chain(new.iter().map(|(m, p)| (*m, p)))
        .map(|(m, p)| judge.would_be(m, p, evidence.ceremony))
        .collect();
    let plans = judge.plans(held, &candidates);
    let news = |plan: &Vec<usize>| plan.iter().filter(|i| **i >= owned.len()).count();
    let fewest = plans.iter().map(news).min().unwrap_or(0);
    let mut methods: Vec<Method> = plans
        .iter()
        .filter(|plan| news(plan) == fewest)
        .flatten()
        .filter(|i| **i >= owned.len())
        .filter_map(|i| new.get(i - owned.len()).map(|(m, _)| *m))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    // Saved codes are for getting back in: offered only where nothing else is.
    if methods.len() > 1 {
        methods.retain(|m| *m != Method::RecoveryCode);
    }
    methods
}

/// Every method that may not or can never be used, with every rule that says so, sorted, none twice.
/// What is acceptable all the same (for another acr, by another authenticator) is left out.
pub(super) fn refusals(judge: &Judge<'_>, enrolled: &[Enrolled], acceptable: &BTreeSet<Method>) -> Vec<(Method, Rule)> {
    let mut refused = BTreeSet::new();
    for method in Method::ALL.into_iter().filter(|m| !acceptable.contains(m)) {
        let by_name = judge.need.refused.get(&method).into_iter().flatten().cloned();
        let rules = by_name
            .chain(by_quality(judge, enrolled, method))
            .chain(by_acr(judge, method));
        refused.extend(rules.map(|rule| (method, rule)));
    }
    refused.into_iter().collect()
}

/// Rules that no authenticator of this method can keep, or none that the person has.
fn by_quality(judge: &Judge<'_>, enrolled: &[Enrolled], method: Method) -> BTreeSet<Rule> {
    let mut rules: BTreeSet<Rule> = judge.broken(method, &ideal(method, judge.need)).cloned().collect();
    let own = || enrolled.iter().filter(|e| e.usable && e.method == method);
    if own().all(|e| judge.broken(method, &e.best).next().is_some()) {
        rules.extend(own().flat_map(|e| judge.broken(method, &e.best)).cloned());
    }
    // An enrolled one that keeps them all proves the ideal too modest: a certified code generator, say.
    if own().any(|e| judge.broken(method, &e.best).next().is_none()) {
        BTreeSet::new()
    } else {
        rules
    }
}

/// Demanded acr values that can never be met by this method.
fn by_acr(judge: &Judge<'_>, method: Method) -> Vec<Rule> {
    let bar = |value: &str| {
        let key = judge.table.get(value)?.bar(method, judge.need.allow_restricted)?;
        Some(Rule::new(value, key))
    };
    let mut rules: Vec<Rule> = judge.need.all_of.iter().filter_map(|acr| bar(&acr.value)).collect();
    let known = || judge.need.any_of.iter().filter(|v| judge.table.get(v).is_some());
    if known().all(|v| bar(v).is_some()) {
        rules.extend(known().filter_map(|v| bar(v)));
    }
    rules
}
