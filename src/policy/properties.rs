//! Laws that hold for every input. `PROPTEST_CASES=10000 cargo test policy::properties` looks harder.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::generators::*;
use super::*;
use crate::base::{AuthenticatorId, CeremonyId, EventId, Seconds, Timestamp};

fn resolve(client: &[Policy], scopes: &[Policy], groups: &[Policy], request: RequestDemand) -> Requirement {
    fn refer(all: &[Policy]) -> Vec<&Policy> {
        all.iter().collect()
    }
    let all: BTreeSet<_> = Method::ALL.into();
    Demands {
        client: &refer(client),
        scopes: &refer(scopes),
        groups: &refer(groups),
        workspace_methods: &all,
        pool: PoolMethods {
            name: "default",
            first_factor: &all,
            second_factor: &all,
        },
        request,
        default_acr_values: &[],
        withheld: None,
    }
    .resolve()
}

/// The decision when the session was last active `idle` seconds ago, in ceremony `c0`.
fn decided(need: &Requirement, events: &[FactorEvent], idle: i64, enrolled: &[Enrolled], now: Timestamp) -> Decision {
    let ceremony = CeremonyId::new("c0");
    let evidence = Evidence {
        events,
        last_active: NOW.minus(Seconds(idle)),
        ceremony: Some(&ceremony),
    };
    decide(&AcrTable::default(), need, &evidence, enrolled, now)
}

fn assurance(need: &Requirement, events: &[FactorEvent], idle: i64) -> Option<Assurance> {
    match decided(need, events, idle, &[], NOW) {
        Decision::Satisfied(a) => Some(a),
        Decision::Prove { .. } | Decision::Enrol { .. } | Decision::Never(_) => None,
    }
}

fn behind<'e>(a: &Assurance, events: &'e [FactorEvent]) -> Vec<&'e FactorEvent> {
    a.events
        .iter()
        .map(|id| events.iter().find(|e| e.id == *id).unwrap())
        .collect()
}

/// One thing more is demanded.
fn tightened(need: &Requirement, other: &Requirement, what: u8) -> Requirement {
    let mut n = need.clone();
    match what {
        0 => n.all_of.extend(other.all_of.clone()),
        1 => n.refused.extend(other.refused.clone()),
        2 => {
            n.max_age = Some(Ruled {
                value: n.max_age.map_or(Seconds(100), |a| a.value.min(Seconds(100))),
                rule: rule(""),
            })
        }
        3 => n.not_before = n.not_before.max(Some(NOW.minus(Seconds(100)))),
        4 => n.allow_restricted = false,
        5 => n.separate_device = Some(rule("")),
        6 => n.require_attestation = Some(rule("")),
        7 => n.deny_synced_passkeys = Some(rule("")),
        8 => n.require_fips_listed = Some(rule("")),
        9 if n.any_of.is_empty() => n.any_of.clone_from(&other.any_of),
        _ => n.any_of.truncate(1),
    }
    n
}

fn config() -> ProptestConfig {
    // `PROPTEST_CASES` in the environment wins over the default of 256. No files of past failures: a case that
    // failed becomes a story.
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nobody_passes_without_a_factor(need in need(), events in events(), idle in select(&AGES[..])) {
        prop_assert!(assurance(&need, &[], idle).is_none());
        if let Some(a) = assurance(&need, &events, idle) {
            prop_assert!(!a.events.is_empty() && !a.amr.is_empty());
        }
    }

    #[test]
    fn one_more_event_never_hurts(need in need(), events in events(), idle in select(&AGES[..])) {
        let fewer = events.split_last().map_or(&[][..], |(_, rest)| rest);
        if assurance(&need, fewer, idle).is_some() {
            prop_assert!(assurance(&need, &events, idle).is_some());
        }
    }

    #[test]
    fn a_stricter_need_is_never_easier(a in need(), b in need(), what in 0..11u8, events in events(), idle in select(&AGES[..])) {
        if assurance(&tightened(&a, &b, what), &events, idle).is_some() {
            prop_assert!(assurance(&a, &events, idle).is_some());
        }
    }

    #[test]
    fn waiting_never_helps(need in need(), events in events(), has in enrolled(), wait in select(&AGES[..])) {
        let later = decided(&need, &events, 0, &has, NOW.plus(Seconds(wait)));
        if matches!(later, Decision::Satisfied(_)) {
            let now = decided(&need, &events, 0, &has, NOW);
            prop_assert!(matches!(now, Decision::Satisfied(_)), "{:?} became {:?}", now, later);
        }
    }

    #[test]
    fn following_the_advice_ends(
        need in need(), events in events(), has in enrolled(), picks in vec(any::<Index>(), 8), idle in select(&AGES[..]),
    ) {
        let mut events = events;
        let mut steps = 0;
        while let Decision::Prove { acceptable, missing, .. } = decided(&need, &events, idle, &has, NOW) {
            prop_assert!(steps <= has.len(), "still asked after proving all");
            let id = picks[steps].get(&acceptable);
            let e = has.iter().find(|e| e.id == *id).unwrap();
            prop_assert!(e.usable && missing.steps >= 1 && (missing.knowledge || missing.possession));
            events.push(FactorEvent {
                id: EventId::new(format!("new{steps}")),
                ceremony: CeremonyId::new("c0"),
                authenticator: e.id.clone(),
                method: e.method,
                at: NOW,
                nickname: None,
                proof: e.best.clone(),
            });
            steps += 1;
        }
        let end = decided(&need, &events, idle, &has, NOW);
        prop_assert!(steps == 0 || matches!(end, Decision::Satisfied(_)), "{:?}", end);
        // And if nothing was advised, proving everything at once would not have helped either.
        if !matches!(end, Decision::Satisfied(_)) {
            let all = has.iter().filter(|e| e.usable).map(|e| FactorEvent {
                id: EventId::new(e.id.as_str()), ceremony: CeremonyId::new("c0"), authenticator: e.id.clone(),
                method: e.method, at: NOW, nickname: None, proof: e.best.clone(),
            });
            let everything: Vec<_> = events.iter().cloned().chain(all).collect();
            prop_assert!(assurance(&need, &everything, idle).is_none());
        }
    }

    #[test]
    fn what_is_refused_never_stands_behind_an_acr(need in need(), events in events(), idle in select(&AGES[..])) {
        let Some(a) = assurance(&need, &events, idle) else { return Ok(()) };
        for e in behind(&a, &events) {
            let possession = e.method != Method::Password;
            let key = e.method == Method::Webauthn;
            prop_assert!(!need.refused.contains_key(&e.method));
            prop_assert!(need.max_age.as_ref().is_none_or(|age| !e.at.older_than(age.value, NOW)));
            prop_assert!(need.not_before.is_none_or(|t| e.at >= t));
            prop_assert!(need.require_fips_listed.is_none() || !possession || e.proof.fips_listed);
            prop_assert!(need.separate_device.is_none() || !possession || !e.proof.same_device);
            prop_assert!(need.require_attestation.is_none() || !key || e.proof.attested);
            prop_assert!(need.deny_synced_passkeys.is_none() || !key || !e.proof.backup_eligible);
            let listed = |m: &Ruled<BTreeSet<String>>| e.proof.aaguid.as_ref().is_some_and(|a| m.value.contains(a));
            prop_assert!(need.allowed_aaguids.as_ref().is_none_or(|m| !key || listed(m)));
        }
    }

    #[test]
    fn the_order_of_policies_and_events_does_not_matter(
        client in policies(3), scopes in policies(2), groups in policies(2), events in events(),
    ) {
        let turned = |all: &[Policy]| all.iter().rev().cloned().collect::<Vec<_>>();
        let need = resolve(&client, &scopes, &groups, RequestDemand::default());
        let again = resolve(&turned(&client), &turned(&scopes), &turned(&groups), RequestDemand::default());
        prop_assert_eq!(&need, &again);
        let backwards: Vec<_> = events.iter().rev().cloned().collect();
        prop_assert_eq!(assurance(&need, &events, 0), assurance(&need, &backwards, 0));
    }

    #[test]
    fn adding_a_demand_never_loosens(
        client in policies(2), more in policies(1), to in 0..3u8, asked in vec(acr_value(), 0..2), events in events(),
    ) {
        let mut more = more;
        if to == 0 {
            // A client's own policy may accept a risk, and only that: those switches do loosen.
            for p in &mut more {
                for accepts in [&mut p.allow_restricted, &mut p.allow_one_tap] {
                    *accepts = accepts.filter(|yes| !yes);
                }
            }
        }
        let before = resolve(&client, &[], &[], RequestDemand::default());
        let request = RequestDemand { acr_values: asked, ..RequestDemand::default() };
        let longer: Vec<_> = client.iter().chain(&more).cloned().collect();
        let after = match to {
            0 => resolve(&longer, &[], &[], request),
            1 => resolve(&client, &more, &[], request),
            _ => resolve(&client, &[], &more, request),
        };
        if assurance(&after, &events, 0).is_some() {
            prop_assert!(assurance(&before, &events, 0).is_some());
        }
    }

    #[test]
    fn amr_says_only_what_was_used(need in need(), events in events(), idle in select(&AGES[..])) {
        let Some(a) = assurance(&need, &events, idle) else { return Ok(()) };
        let used = behind(&a, &events);
        let says = |value: &str| a.amr.iter().any(|v| v == value);
        let by = |m: Method| used.iter().any(|e| e.method == m);
        prop_assert_eq!(says("otp"), by(Method::Totp));
        prop_assert_eq!(says("pwd"), by(Method::Password));
        prop_assert_eq!(says("sms"), by(Method::Sms));
        prop_assert_eq!(says("tel"), by(Method::Voice));
        prop_assert_eq!(says(amr::AMR_RECOVERY), by(Method::RecoveryCode));
        prop_assert_eq!(says("mca"), by(Method::Sms) || by(Method::Voice) || by(Method::Push));
        let signed = |e: &&&FactorEvent| matches!(e.method, Method::Push | Method::Webauthn);
        let in_hardware = |e: &&FactorEvent| e.proof.attested && e.proof.hardware && !e.proof.backup_eligible;
        prop_assert_eq!(says("hwk"), used.iter().filter(signed).any(in_hardware));
        prop_assert_eq!(says("pin"), used.iter().filter(signed).any(|e| e.proof.activation == Activation::Pin));
        let kinds: BTreeSet<_> = used.iter().flat_map(|e| amr::kinds(e.method, &e.proof)).collect();
        prop_assert_eq!(says("mfa"), kinds.len() >= 2);
        prop_assert_eq!(a.amr.iter().collect::<BTreeSet<_>>().len(), a.amr.len());
        prop_assert_eq!(Some(a.auth_time), used.iter().map(|e| e.at).min());
    }

    #[test]
    fn a_signing_takes_a_password_and_a_hard_token_in_one_act(events in events(), phr in any::<bool>()) {
        let acr = if phr { built_in::ACR_EPCS_PHR } else { built_in::ACR_EPCS };
        let need = Requirement { any_of: vec![acr.to_owned()], ..Requirement::default() };
        let Some(a) = assurance(&need, &events, 0) else { return Ok(()) };
        let used = behind(&a, &events);
        prop_assert!(a.same_ceremony && used.iter().any(|e| e.method == Method::Password));
        prop_assert!(used.iter().all(|e| !e.at.older_than(Seconds(120), NOW) && e.ceremony == used[0].ceremony));
        for e in used {
            prop_assert!(!matches!(e.method, Method::Sms | Method::Voice | Method::RecoveryCode));
            prop_assert!(e.method != Method::Push || (e.proof.code_transfer != CodeTransfer::None && !phr));
            prop_assert!(e.method != Method::Webauthn || (e.proof.attested && e.proof.roaming && !e.proof.backup_eligible));
        }
    }

    #[test]
    fn what_is_withheld_is_had_by_no_evidence(need in need(), events in events(), has in enrolled()) {
        let need = Requirement { withheld: Some(rule("recovered")), ..need };
        if let Decision::Satisfied(a) = decided(&need, &events, 0, &has, NOW) {
            prop_assert!(!a.acr.contains(":epcs"));
            prop_assert!(need.all_of.iter().all(|acr| !acr.value.contains(":epcs")));
        }
    }

    #[test]
    fn a_decision_is_in_order_and_explained(need in need(), events in events(), has in enrolled()) {
        let decision = decided(&need, &events, 0, &has, NOW);
        let ceremony = CeremonyId::new("c0");
        let evidence = Evidence { events: &events, last_active: NOW, ceremony: Some(&ceremony) };
        let explained = explain(&AcrTable::default(), &need, &evidence, &has, NOW);
        prop_assert_eq!(&explained.decision, &decision);
        prop_assert!(!explained.to_string().is_empty());
        let (refused, methods): (&[(Method, Rule)], Vec<Method>) = match &decision {
            Decision::Satisfied(a) => {
                let asked = need.any_of.contains(&a.acr) || need.all_of.iter().any(|v| v.value == a.acr);
                let signing = [built_in::ACR_EPCS, built_in::ACR_EPCS_PHR].contains(&a.acr.as_str());
                prop_assert!(asked || (need.any_of.is_empty() && need.all_of.is_empty() && !signing));
                return Ok(());
            }
            Decision::Prove { acceptable, refused, .. } => {
                let method = |id: &AuthenticatorId| has.iter().find(|e| e.id == *id).unwrap().method;
                (refused, acceptable.iter().map(method).collect())
            }
            Decision::Enrol { acceptable, refused } => {
                prop_assert!(need.allow_enrolment);
                (refused, acceptable.clone())
            }
            Decision::Never(Reason::NothingEnrolled { would_do, refused }) => (refused, would_do.clone()),
            Decision::Never(Reason::MethodsRefused(refused)) => {
                prop_assert!(!refused.is_empty());
                return Ok(());
            }
            Decision::Never(Reason::Withheld { acr, .. }) => {
                prop_assert!(need.withheld.is_some() && acr.contains(":epcs"));
                return Ok(());
            }
            Decision::Never(Reason::UnknownAcr(values)) => {
                prop_assert!(!values.is_empty());
                return Ok(());
            }
        };
        prop_assert!(!methods.is_empty());
        prop_assert!(refused.is_sorted() && refused.iter().collect::<BTreeSet<_>>().len() == refused.len());
        prop_assert!(refused.iter().all(|(m, _)| !methods.contains(m)));
    }
}
