//! What people prove, and what tokens may say of it.

use super::*;
use crate::base::{AuthenticatorId, CeremonyId, EventId, Seconds, Timestamp};

pub(super) const AAL2: &str = built_in::ACR_AAL2;
pub(super) const MFA: &str = built_in::ACR_MFA;
pub(super) const EPCS: &str = built_in::ACR_EPCS;
pub(super) const NOW: Timestamp = Timestamp::from_secs(1_000_000);

fn proof(words: &str) -> Proof {
    let mut p = Proof::default();
    for word in words.split_whitespace() {
        match word {
            "uv" => p.user_verified = true,
            "attested" => p.attested = true,
            "hardware" => p.hardware = true,
            "roaming" => p.roaming = true,
            "fips" => p.fips_listed = true,
            "synced" => p.backup_eligible = true,
            "typed" => p.code_transfer = CodeTransfer::Typed,
            "face" => p.activation = Activation::Face,
            "same" => p.same_device = true,
            other => panic!("{other}"),
        }
    }
    p
}

/// `method words @age/ceremony`, for example `push typed face @10/c1`.
pub(super) fn event(text: &str) -> FactorEvent {
    let (what, place) = text.split_once('@').unwrap_or((text, "10/c"));
    let (method, words) = what.trim().split_once(' ').unwrap_or((what.trim(), ""));
    let (age, ceremony) = place.split_once('/').unwrap_or((place, "c"));
    FactorEvent {
        id: EventId::new(text),
        ceremony: CeremonyId::new(ceremony),
        authenticator: AuthenticatorId::new(method),
        method: method.parse().unwrap(),
        at: NOW.minus(Seconds(age.parse().unwrap())),
        nickname: None,
        proof: proof(words),
    }
}

pub(super) fn enrolled(text: &str) -> Enrolled {
    let e = event(text);
    Enrolled {
        id: AuthenticatorId::new(text),
        method: e.method,
        nickname: None,
        primary: false,
        usable: true,
        best: e.proof,
    }
}

pub(super) fn asks(any_of: &[&str]) -> Requirement {
    Requirement {
        any_of: any_of.iter().map(ToString::to_string).collect(),
        ..Requirement::default()
    }
}

pub(super) fn demands(value: &str) -> Requirement {
    let rule = Rule::new("policy p", "required_acr");
    Requirement {
        all_of: vec![Ruled {
            value: value.into(),
            rule,
        }],
        ..Requirement::default()
    }
}

pub(super) fn after(need: &Requirement, events: &[&str], has: &[&str]) -> Decision {
    let events: Vec<_> = events.iter().map(|e| event(e)).collect();
    let has: Vec<_> = has.iter().map(|e| enrolled(e)).collect();
    let ceremony = CeremonyId::new("c");
    let last_active = events.iter().map(|e| e.at).max().unwrap_or(NOW);
    let evidence = Evidence {
        events: &events,
        last_active,
        ceremony: Some(&ceremony),
    };
    decide(&AcrTable::default(), need, &evidence, &has, NOW)
}

fn satisfied(need: &Requirement, events: &[&str]) -> Option<Assurance> {
    match after(need, events, &[]) {
        Decision::Satisfied(a) => Some(a),
        _ => None,
    }
}

#[test]
fn a_token_says_how_the_person_proved_themself() {
    let table: &[(&[&str], &str, &str)] = &[
        (&["password"], "1fa", "pwd"),
        (&["totp"], "1fa", "otp"),
        (&["password", "totp"], "aal2", "pwd otp mfa"),
        (&["totp @5", "password @90"], "aal2", "pwd otp mfa"),
        (&["password", "sms"], "mfa", "pwd sms mca mfa"),
        (&["password", "voice"], "mfa", "pwd tel mca mfa"),
        (
            &["password", "recovery_code"],
            "aal2",
            "pwd urn:countersign:amr:recovery mfa",
        ),
        (&["recovery_code"], "1fa", "urn:countersign:amr:recovery"),
        (&["totp", "sms"], "1fa", "otp sms mca"),
        (&["push"], "1fa", "swk user mca"),
        (&["password", "push"], "mfa", "pwd swk user mca mfa"),
        (&["push face"], "mfa", "swk user face mca mfa"),
        (&["password", "push typed"], "aal2", "pwd swk user mca mfa"),
        (&["push typed face attested hardware"], "aal2", "hwk user face mca mfa"),
        (&["webauthn"], "phr", "swk user"),
        (&["webauthn uv synced"], "aal2-phr", "swk user mfa"),
        (&["password", "webauthn"], "aal2-phr", "pwd swk user mfa"),
        (&["webauthn attested hardware"], "phrh", "hwk user"),
        (&["webauthn attested"], "phr", "swk user"),
        (&["webauthn attested hardware synced"], "phr", "swk user"),
        (&["webauthn attested hardware uv"], "aal2-phr", "hwk user mfa"),
        (&["webauthn attested hardware fips uv"], "aal3", "hwk user mfa"),
        (
            &["webauthn attested hardware fips", "password"],
            "aal3",
            "pwd hwk user mfa",
        ),
        // Never the acr of a signing that nobody asked for.
        (
            &["password", "webauthn attested hardware roaming"],
            "aal2-phr",
            "pwd hwk user mfa",
        ),
    ];
    let tap = Requirement {
        allow_one_tap: true,
        ..Requirement::default()
    };
    for (events, acr, amr) in table {
        let a = satisfied(&tap, events).unwrap();
        assert_eq!(a.acr.trim_start_matches("urn:countersign:acr:"), *acr, "{events:?}");
        assert_eq!(a.amr.join(" "), *amr, "{events:?}");
    }
}

#[test]
fn who_proved_nothing_passes_nowhere() {
    assert_eq!(satisfied(&Requirement::default(), &[]), None);
    assert!(matches!(after(&asks(&[]), &[], &["password"]), Decision::Prove { .. }));
}

#[test]
fn s24_a_tap_counts_only_where_a_policy_says_that_it_is_enough() {
    let events = ["password", "push"];
    let tap = Requirement {
        allow_one_tap: true,
        ..asks(&[MFA])
    };
    assert_eq!(satisfied(&tap, &events).unwrap().acr, MFA);
    assert_eq!(satisfied(&asks(&[MFA]), &events), None);
    assert_eq!(satisfied(&asks(&[]), &events).unwrap().amr, ["pwd"]);
    assert_eq!(satisfied(&asks(&[MFA]), &["password", "push typed"]).unwrap().acr, MFA);
}

#[test]
fn signing_takes_two_fresh_factors_of_one_ceremony() {
    let yes: &[&[&str]] = &[
        &["password @100", "totp @5"],
        &["password @120", "totp @120"],
        &["password", "push typed"],
        &["password", "webauthn attested roaming"],
    ];
    let no: &[&[&str]] = &[
        &["password @121", "totp @5"],
        &["password @5", "totp @121"],
        &["password @50/c1", "totp @5/c2"],
        &["totp"],
        &["password", "sms"],
        &["password", "voice"],
        &["password", "recovery_code"],
        &["password", "push"],
        &["password", "push typed same"],
        &["password", "webauthn uv synced"],
        &["password", "webauthn attested roaming synced"],
        &["password", "webauthn attested hardware"],
        &["webauthn attested hardware roaming fips uv"],
    ];
    for events in yes {
        assert_eq!(satisfied(&asks(&[EPCS]), events).unwrap().acr, EPCS, "{events:?}");
    }
    for events in no {
        assert_eq!(satisfied(&asks(&[EPCS]), events), None, "{events:?}");
    }
    let phr = asks(&[built_in::ACR_EPCS_PHR]);
    assert!(satisfied(&phr, &["password", "webauthn attested roaming hardware"]).is_some());
    assert_eq!(satisfied(&phr, &["password", "totp"]), None);
}

#[test]
fn a_session_by_text_message_must_prove_again_to_sign() {
    let need = demands(EPCS);
    let decision = after(&need, &["password @60/c0", "sms @50/c0"], &["password", "sms", "totp"]);
    let Decision::Prove {
        missing,
        acceptable,
        refused,
    } = decision
    else {
        panic!("{decision:?}")
    };
    assert_eq!(
        missing,
        Missing {
            knowledge: true,
            possession: true,
            fresh: false,
            steps: 2
        }
    );
    assert_eq!(acceptable, ["password", "totp"].map(AuthenticatorId::new));
    let said: Vec<_> = refused.iter().map(|(m, r)| format!("{m} {r}")).collect();
    assert_eq!(
        said,
        ["sms", "voice", "recovery_code"].map(|m| format!("{m} {EPCS}: acr"))
    );
    // The password of this ceremony is proved: the second method is missing.
    let decision = after(&need, &["password @20/c", "sms @50/c0"], &["password", "sms", "totp"]);
    let Decision::Prove {
        missing, acceptable, ..
    } = decision
    else {
        panic!("{decision:?}")
    };
    assert_eq!(
        missing,
        Missing {
            knowledge: false,
            possession: true,
            fresh: false,
            steps: 1
        }
    );
    assert_eq!(acceptable, [AuthenticatorId::new("totp")]);
    let decision = after(&need, &["password @90/c", "totp @80/c"], &["password", "totp"]);
    assert!(
        matches!(decision, Decision::Satisfied(_)),
        "within 120 s of this ceremony"
    );
    // Both were proved, but for an earlier signing or too long ago: each signing is proved anew.
    for events in [["password @90/c0", "totp @80/c0"], ["password @190/c", "totp @180/c"]] {
        let decision = after(&need, &events, &["password", "totp"]);
        let again = matches!(
            decision,
            Decision::Prove {
                missing: Missing { fresh: true, .. },
                ..
            }
        );
        assert!(again, "{events:?}");
    }
}

#[test]
fn nothing_but_its_own_factors_stands_behind_a_signing() {
    let a = satisfied(&asks(&[EPCS]), &["password @50", "sms @40", "totp @30"]).unwrap();
    assert_eq!(a.amr, ["pwd", "otp", "mfa"]);
    // Elsewhere the whole ceremony is told.
    let a = satisfied(&asks(&[AAL2]), &["password @50", "sms @40", "totp @30"]).unwrap();
    assert_eq!(a.amr, ["pwd", "otp", "sms", "mca", "mfa"]);
}

#[test]
fn restricted_methods_reach_aal2_only_where_the_partner_accepts_it() {
    let risky = Requirement {
        allow_restricted: true,
        ..asks(&[AAL2])
    };
    for method in ["sms", "voice"] {
        assert_eq!(satisfied(&asks(&[AAL2]), &["password", method]), None);
        assert_eq!(satisfied(&risky, &["password", method]).unwrap().acr, AAL2);
    }
    let Decision::Prove { refused, .. } = after(&asks(&[AAL2]), &[], &["password", "sms", "totp"]) else {
        panic!()
    };
    assert!(refused.contains(&(Method::Sms, Rule::new(AAL2, "allow_restricted"))));
}

#[test]
fn a_syncable_passkey_is_no_hardware_and_signs_nothing() {
    let synced = ["password", "webauthn attested hardware roaming fips uv synced"];
    for acr in [built_in::ACR_PHRH, built_in::ACR_AAL3, EPCS, built_in::ACR_EPCS_PHR] {
        assert_eq!(satisfied(&asks(&[acr]), &synced), None, "{acr}");
    }
    assert!(satisfied(&asks(&[built_in::ACR_AAL2_PHR]), &synced).is_some());
}

#[test]
fn evidence_ages_and_sessions_idle() {
    let hours = |h: i64| format!("{}", h * 3600);
    let day = [format!("password @{}", hours(25)), format!("totp @{}", hours(1))];
    let day: Vec<_> = day.iter().map(String::as_str).collect();
    assert_eq!(satisfied(&asks(&[AAL2]), &day), None);
    assert_eq!(satisfied(&Requirement::default(), &day).unwrap().acr, built_in::ACR_1FA);
    // Idle: last active with the latest event.
    assert!(satisfied(&asks(&[AAL2]), &["password @3600", "totp @3600"]).is_some());
    assert_eq!(satisfied(&asks(&[AAL2]), &["password @3601", "totp @3601"]), None);
    assert!(satisfied(&asks(&[built_in::ACR_PHR]), &["webauthn @80000"]).is_some());
}

#[test]
fn what_the_ceremony_under_way_proves_does_not_revive_an_idle_session() {
    let events = [event("password @9000/old"), event("totp @5/c")];
    let ceremony = CeremonyId::new("c");
    let evidence = Evidence {
        events: &events,
        last_active: NOW.minus(Seconds(8000)),
        ceremony: Some(&ceremony),
    };
    let has = [enrolled("password"), enrolled("totp")];
    let decision = decide(&AcrTable::default(), &asks(&[AAL2]), &evidence, &has, NOW);
    let Decision::Prove { acceptable, .. } = decision else {
        panic!("{decision:?}")
    };
    assert_eq!(acceptable, [AuthenticatorId::new("password")]);
}

#[test]
fn auth_time_is_that_of_the_oldest_factor_and_the_youngest_proof_counts() {
    let a = satisfied(&asks(&[AAL2]), &["password @900/a", "totp @60/b", "password @50/b"]).unwrap();
    assert_eq!((a.auth_time, a.same_ceremony), (NOW.minus(Seconds(60)), true));
    let a = satisfied(&asks(&[AAL2]), &["password @900/a", "totp @60/b"]).unwrap();
    assert_eq!((a.auth_time, a.same_ceremony), (NOW.minus(Seconds(900)), false));
    // The password of the same act belongs to the story of the key.
    let a = satisfied(&asks(&["phr"]), &["password @70/a", "webauthn @60/a"]).unwrap();
    assert_eq!(
        (a.auth_time, a.amr.join(" ")),
        (NOW.minus(Seconds(70)), "pwd swk user mfa".into())
    );
}

#[test]
fn the_first_of_what_was_asked_is_named_and_every_demand_holds() {
    let events = ["password", "totp"];
    assert_eq!(
        satisfied(&asks(&["phr", "unheard", MFA, AAL2]), &events).unwrap().acr,
        MFA
    );
    let both = Requirement {
        any_of: vec![MFA.into()],
        ..demands("phr")
    };
    assert_eq!(satisfied(&both, &events), None);
    assert_eq!(satisfied(&both, &["password", "webauthn"]).unwrap().acr, MFA);
    assert_eq!(satisfied(&demands(MFA), &events).unwrap().acr, MFA);
}
