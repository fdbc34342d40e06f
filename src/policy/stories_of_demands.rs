//! What is demanded, what may still be proved or set up, and why something can never be.

use std::collections::BTreeSet;

use super::stories::{AAL2, EPCS, MFA, NOW, after, asks, demands, enrolled, event};
use super::*;

#[test]
fn an_alias_is_returned_under_its_own_name() {
    let alias = "http://idmanagement.gov/ns/assurance/aal/2";
    let table = AcrTable::new(&[OwnAcr {
        value: alias.into(),
        same_as: AAL2.into(),
    }])
    .unwrap();
    let events = [event("password"), event("totp")];
    let evidence = Evidence {
        events: &events,
        last_active: NOW,
        ceremony: None,
    };
    let Decision::Satisfied(a) = decide(&table, &asks(&[alias]), &evidence, &[], NOW) else {
        panic!()
    };
    assert_eq!(a.acr, alias);
}

#[test]
fn an_acr_that_nobody_defined_is_never_met() {
    let never = |need| {
        matches!(
            after(&need, &["password", "totp"], &["password"]),
            Decision::Never(Reason::UnknownAcr(_))
        )
    };
    assert!(never(demands("unheard")));
    assert!(never(asks(&["unheard"])));
}

#[test]
fn qualities_keep_authenticators_out() {
    let rule = || Some(Rule::new("policy p", "x"));
    let has = [
        "password",
        "totp",
        "push typed",
        "webauthn",
        "webauthn synced",
        "webauthn attested roaming fips",
    ];
    let acceptable = |need: Requirement| match after(&need, &["password"], &has) {
        Decision::Prove { acceptable, .. } => acceptable.iter().map(ToString::to_string).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let key = "webauthn attested roaming fips";
    assert_eq!(acceptable(asks(&[AAL2])), has[1..]);
    let need = Requirement {
        require_fips_listed: rule(),
        ..asks(&[AAL2])
    };
    assert_eq!(acceptable(need), [key]);
    let need = Requirement {
        require_attestation: rule(),
        ..asks(&[AAL2])
    };
    assert_eq!(acceptable(need), ["totp", "push typed", key]);
    let need = Requirement {
        separate_device: rule(),
        ..asks(&[AAL2])
    };
    assert_eq!(acceptable(need), ["totp", "push typed", key]);
    let need = Requirement {
        deny_synced_passkeys: rule(),
        ..asks(&[AAL2])
    };
    assert_eq!(acceptable(need), ["totp", "push typed", "webauthn", key]);
    let value = BTreeSet::from(["cb69481e-8ff7-4039-93ec-0a2729a154a8".to_owned()]);
    let need = Requirement {
        allowed_aaguids: Some(Ruled {
            value,
            rule: rule().unwrap(),
        }),
        ..asks(&[AAL2])
    };
    assert_eq!(acceptable(need), ["totp", "push typed"]);
}

#[test]
fn who_has_nothing_fit_may_set_it_up_unless_it_is_for_signing() {
    let may = |need: Requirement| Requirement {
        allow_enrolment: true,
        ..need
    };
    let Decision::Enrol { acceptable, refused } = after(&may(asks(&[AAL2])), &["password"], &["password", "sms"])
    else {
        panic!()
    };
    assert_eq!(acceptable, [Method::Totp, Method::Push, Method::Webauthn]);
    assert!(refused.contains(&(Method::Sms, Rule::new(AAL2, "allow_restricted"))));
    let never = after(&asks(&[AAL2]), &["password"], &["password"]);
    assert!(matches!(never, Decision::Never(Reason::NothingEnrolled { .. })));
    let never = after(&may(demands(EPCS)), &["password"], &["password", "sms"]);
    let Decision::Never(Reason::NothingEnrolled { would_do, .. }) = &never else {
        panic!("{never:?}")
    };
    assert_eq!(*would_do, [Method::Totp, Method::Push, Method::Webauthn]);
    // Asked for either, one may set up for the other.
    assert!(matches!(
        after(&may(asks(&[EPCS, AAL2])), &["password"], &["password"]),
        Decision::Enrol { .. }
    ));
}

#[test]
fn when_every_method_is_banned_the_rules_are_named() {
    let mut need = demands("phr");
    need.refused
        .insert(Method::Webauthn, vec![Rule::new("policy p", "deny_methods")]);
    let never = after(&need, &["password"], &["password", "webauthn"]);
    let Decision::Never(reason @ Reason::MethodsRefused(_)) = never else {
        panic!("{never:?}")
    };
    assert!(
        reason.to_string().contains("webauthn by policy p: deny_methods"),
        "{reason}"
    );
}

#[test]
fn an_authenticator_out_of_use_is_never_acceptable() {
    let lost = Enrolled {
        usable: false,
        ..enrolled("totp")
    };
    let events = [event("password")];
    let evidence = Evidence {
        events: &events,
        last_active: NOW,
        ceremony: None,
    };
    let decision = decide(&AcrTable::default(), &asks(&[AAL2]), &evidence, &[lost], NOW);
    assert!(
        matches!(decision, Decision::Never(Reason::NothingEnrolled { .. })),
        "{decision:?}"
    );
}

#[test]
fn binding_takes_the_most_that_the_person_can_prove() {
    let acr = |has: &[&str]| {
        let has: Vec<_> = has.iter().map(|e| enrolled(e)).collect();
        let need = binding_requirement(&AcrTable::default(), &demands("phr"), &has, NOW);
        need.all_of.first().map(|acr| acr.value.clone())
    };
    assert_eq!(acr(&["password", "totp"]).as_deref(), Some(AAL2));
    assert_eq!(acr(&["password", "sms"]).as_deref(), Some(MFA));
    assert_eq!(acr(&["password"]), None);
}

#[test]
fn an_explanation_holds_the_decision_and_says_who_wants_what() {
    let events = [event("password @9/c0"), event("sms @8/c0")];
    let evidence = Evidence {
        events: &events,
        last_active: NOW,
        ceremony: None,
    };
    let mut need = demands(EPCS);
    need.refused
        .insert(Method::Sms, vec![Rule::new("policy epcs", "deny_methods")]);
    let has = [enrolled("password"), enrolled("sms"), enrolled("totp")];
    let table = AcrTable::default();
    let explained = explain(&table, &need, &evidence, &has, NOW);
    assert_eq!(explained.decision, decide(&table, &need, &evidence, &has, NOW));
    let text = explained.to_string();
    for line in [
        "  urn:countersign:acr:epcs by policy p: required_acr\n      two-factor signing of 21 CFR 1311.115: password and",
        "  sms           refused by policy epcs: deny_methods, urn:countersign:acr:epcs: acr\n",
        "  totp          allowed\n",
        "  totp          totp: would help\n",
        "Decision\n  prove: the password or another method, 2 step(s); acceptable: password, totp; refused: sms by",
    ] {
        assert!(text.contains(line), "{line:?} in\n{text}");
    }
    let json = serde_json::to_value(&explained).unwrap();
    assert_eq!(json["decision"]["prove"]["acceptable"][1], "totp");
}

#[test]
fn two_demands_that_no_single_authenticator_meets_take_three_proofs() {
    let need = Requirement {
        any_of: vec!["phr".into()],
        ..demands(EPCS)
    };
    let decision = after(&need, &[], &["password", "totp", "webauthn synced", "sms"]);
    let Decision::Prove {
        missing, acceptable, ..
    } = decision
    else {
        panic!("{decision:?}")
    };
    assert_eq!((missing.steps, acceptable.len()), (3, 3));
}
