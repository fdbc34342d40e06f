//! Inputs for the laws: small, and close to every limit.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::built_in::BUILT_IN;
use super::*;
use crate::base::{AuthenticatorId, CeremonyId, EventId, Seconds, Timestamp};

pub(super) const NOW: Timestamp = Timestamp::from_secs(1_000_000);
/// Seconds: around every limit.
pub(super) const AGES: [i64; 9] = [0, 5, 60, 120, 121, 890, 3500, 40_000, 90_000];

pub(super) fn method() -> impl Strategy<Value = Method> {
    select(&Method::ALL[..])
}

pub(super) fn proof() -> impl Strategy<Value = Proof> {
    let transfer = select(vec![CodeTransfer::None, CodeTransfer::Typed, CodeTransfer::Scanned]);
    let activation = select(vec![Activation::None, Activation::Pin, Activation::Fingerprint]);
    let aaguid = option::of(select(vec!["a".to_owned(), "b".to_owned()]));
    // Good proofs are rare by chance alone: half of the time most qualities are there.
    let bits = prop_oneof![any::<u8>(), any::<u8>().prop_map(|b| b | 0b0001_1111)];
    (bits, transfer, activation, aaguid).prop_map(|(bits, code_transfer, activation, aaguid)| Proof {
        user_verified: bits & 1 != 0,
        user_present: true,
        attested: bits & 2 != 0,
        hardware: bits & 4 != 0,
        fips_listed: bits & 8 != 0,
        roaming: bits & 16 != 0,
        backup_eligible: bits & 32 != 0 && bits & 128 != 0,
        backup_state: false,
        aaguid,
        code_transfer,
        activation,
        same_device: bits & 64 != 0 && bits & 128 != 0,
    })
}

pub(super) fn events() -> impl Strategy<Value = Vec<FactorEvent>> {
    let one = (method(), select(&AGES[..]), 0..2u8, 0..2u8, proof());
    vec(one, 0..6).prop_map(|all| {
        let named = |(i, (method, age, ceremony, device, proof))| FactorEvent {
            id: EventId::new(format!("e{i}")),
            ceremony: CeremonyId::new(format!("c{ceremony}")),
            authenticator: AuthenticatorId::new(format!("{method}{device}")),
            method,
            at: NOW.minus(Seconds(age)),
            nickname: None,
            proof,
        };
        all.into_iter().enumerate().map(named).collect()
    })
}

pub(super) fn enrolled() -> impl Strategy<Value = Vec<Enrolled>> {
    vec((method(), proof(), 0..8u8), 0..6).prop_map(|all| {
        let named = |(i, (method, best, luck)): (usize, (Method, Proof, u8))| Enrolled {
            id: AuthenticatorId::new(format!("a{i}")),
            method,
            nickname: None,
            primary: false,
            usable: luck > 0,
            best,
        };
        all.into_iter().enumerate().map(named).collect()
    })
}

pub(super) fn acr_value() -> impl Strategy<Value = String> {
    let mut values: Vec<String> = BUILT_IN.iter().map(|p| p.value.to_owned()).collect();
    values.push("unheard".to_owned());
    select(values)
}

pub(super) fn rule(key: &str) -> Rule {
    Rule::new("policy p", key)
}

pub(super) fn need() -> impl Strategy<Value = Requirement> {
    let methods = prop_oneof![Just(BTreeSet::new()), btree_set(method(), 0..4)];
    let ages = (
        option::weighted(0.3, select(&AGES[1..])),
        option::weighted(0.2, select(&AGES[..])),
    );
    let models = option::weighted(0.1, btree_set(select(vec!["a".to_owned(), "b".to_owned()]), 0..2));
    (
        vec(acr_value(), 0..3),
        vec(acr_value(), 0..3),
        methods,
        ages,
        any::<[u8; 3]>(),
        models,
    )
        .prop_map(|(all, any_of, methods, (max_age, before), luck, models)| Requirement {
            all_of: all
                .into_iter()
                .map(|value| Ruled {
                    value,
                    rule: rule("required_acr"),
                })
                .collect(),
            any_of,
            refused: methods
                .into_iter()
                .map(|m| (m, vec![rule("deny_methods")]))
                .collect::<BTreeMap<_, _>>(),
            max_age: max_age.map(|age| Ruled {
                value: Seconds(age),
                rule: rule("max_factor_age"),
            }),
            not_before: before.map(|age| NOW.minus(Seconds(age))),
            allow_restricted: luck[0] & 1 != 0,
            allow_enrolment: luck[0] & 2 != 0,
            allow_one_tap: luck[0] & 4 != 0,
            allow_remembered_browser: false,
            separate_device: (luck[1] < 40).then(|| rule("separate_device")),
            require_attestation: (luck[1] > 215).then(|| rule("require_attestation")),
            allowed_aaguids: models.map(|value| Ruled {
                value,
                rule: rule("allowed_aaguids"),
            }),
            deny_synced_passkeys: (luck[2] < 40).then(|| rule("deny_synced_passkeys")),
            require_fips_listed: (luck[2] > 225).then(|| rule("require_fips_listed")),
            withheld: (luck[0] > 225).then(|| rule("recovered")),
        })
}

pub(super) fn policies(up_to: usize) -> impl Strategy<Value = Vec<Policy>> {
    let sets = (
        option::weighted(0.2, btree_set(method(), 3..7)),
        btree_set(method(), 0..2),
    );
    let models = option::weighted(0.2, btree_set(select(vec!["a".to_owned(), "B".to_owned()]), 0..2));
    let age = option::weighted(0.3, select(&AGES[1..]));
    let one = (option::weighted(0.3, acr_value()), sets, age, any::<[u8; 7]>(), models);
    vec(one, 0..=up_to).prop_map(|all| {
        let named = |(i, drawn): (usize, (_, (_, _), Option<i64>, [u8; 7], _))| {
            let (required_acr, (allow_methods, deny_methods), age, luck, allowed_aaguids) = drawn;
            let switch = |i: usize| (luck[i] < 100).then_some(luck[i] < 30);
            Policy {
                name: format!("p{i}"),
                description: None,
                required_acr,
                allow_methods,
                deny_methods,
                max_factor_age: age.map(Seconds),
                allow_remembered_browser: switch(0),
                allow_restricted: switch(1),
                allow_enrolment: switch(2),
                allow_one_tap: switch(0),
                separate_device: switch(3),
                require_attestation: switch(4),
                allowed_aaguids,
                deny_synced_passkeys: switch(5),
                require_fips_listed: switch(6),
            }
        };
        all.into_iter().enumerate().map(named).collect()
    })
}
