//! A list from its making to its last code.

use super::*;
use crate::base::{AuthenticatorId, Entropy, SystemEntropy, Timestamp, UserId};
use crate::factors::Site;
use crate::factors::webauthn::models::Models;
use proptest::prelude::*;

fn with_cx<T>(entropy: &dyn Entropy, work: impl FnOnce(&Cx<'_>) -> T) -> T {
    let site = Site {
        name: "Cedar".into(),
        issuer: "https://id.example".into(),
        host: "id.example".into(),
    };
    work(&Cx {
        now: Timestamp::from_secs(0),
        entropy,
        site: &site,
        models: &Models::default(),
    })
}

fn begin(cx: &Cx<'_>) -> (Kept, Vec<String>) {
    let id = UserId::new("u");
    let person = Person {
        id: &id,
        username: "rivera",
        display_name: "Ana",
    };
    let start = Recovery.start_enrolment(cx, &person, &[], &Wanted::Nothing).unwrap();
    assert_eq!((start.lifetime, start.send), (LIFETIME, None));
    let shown: serde_json::Value = serde_json::from_str(&Recovery.show_enrolment(cx, &start.kept)).unwrap();
    let codes = shown["codes"].as_array().unwrap();
    let codes = codes.iter().map(|c| c.as_str().unwrap().to_owned()).collect();
    (start.kept, codes)
}

/// A confirmed list, and its codes.
fn enrolled(cx: &Cx<'_>) -> (Credential, Vec<String>) {
    let (kept, codes) = begin(cx);
    let fresh = Recovery.finish_enrolment(cx, &kept, &answer("saved")).unwrap();
    assert_eq!(
        (fresh.facts.codes_left, fresh.proof, fresh.last_step),
        (Some(10), None, None)
    );
    let credential = Credential {
        id: AuthenticatorId::new("a"),
        nickname: Some(fresh.nickname),
        secret: fresh.secret,
        last_step: None,
        facts: Facts {
            added_by: Some("account".into()),
            ..fresh.facts
        },
    };
    (credential, codes)
}

fn answer(code: &str) -> Answer {
    Answer::Code(code.into())
}

fn check(cx: &Cx<'_>, credential: &Credential, code: &str) -> Verdict {
    Recovery.check(cx, None, credential, std::slice::from_ref(credential), &answer(code))
}

/// What is left of the list after a right answer.
#[track_caller]
fn renewed(verdict: Verdict) -> Renewed {
    match verdict {
        Verdict::Proved(Proved {
            renewed: Some(r),
            step: None,
            by: None,
            ..
        }) => r,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_list_has_ten_different_codes_of_eighty_bits() {
    with_cx(&SystemEntropy, |cx| {
        let (_, codes) = begin(cx);
        assert_eq!(codes.len(), 10);
        for (i, code) in codes.iter().enumerate() {
            let groups: Vec<&str> = code.split('-').collect();
            assert!(groups.len() == 4 && groups.iter().all(|g| g.len() == 4), "{code}");
            assert!(!code.contains(['I', 'L', 'O', 'U']) && !codes[..i].contains(code));
        }
    });
}

#[test]
fn every_bit_of_chance_is_in_the_code() {
    struct Fixed([u8; 10]);
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            // Each code another, for equal ones are made again.
            static N: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);
            let n = N.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            for (i, byte) in out.iter_mut().enumerate() {
                *byte = self.0[i % 10] ^ if i == 9 { n } else { 0 };
            }
        }
    }
    let first = |bytes| codes::make(&Fixed(bytes))[0].expose().clone();
    assert!(first([0xff; 10]).starts_with("ZZZZ-ZZZZ-ZZZZ-ZZ"));
    assert!(first([0, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf]).starts_with("0123-4567-89AB-CD"));
}

#[test]
fn a_code_is_taken_once_however_it_is_typed() {
    with_cx(&SystemEntropy, |cx| {
        let (mut credential, codes) = enrolled(cx);
        for (i, code) in codes.iter().enumerate() {
            let typed = match i % 4 {
                0 => code.to_lowercase(),
                1 => format!(" {} ", code.replace('-', " ")),
                2 => code.replace('-', "\u{2013}").replace('0', "o").replace('1', "l"),
                _ => code.replace('-', "").replace('0', "O").replace('1', "I"),
            };
            let left = renewed(check(cx, &credential, &typed));
            assert_eq!(left.facts.codes_left, Some(9 - u32::try_from(i).unwrap()));
            assert_eq!(left.facts.added_by.as_deref(), Some("account"), "other facts stay");
            assert_eq!(
                check(
                    cx,
                    &Credential {
                        secret: left.secret.clone(),
                        ..credential.clone()
                    },
                    code
                ),
                Verdict::Replayed
            );
            credential.secret = left.secret;
            credential.facts = left.facts;
        }
        for code in &codes {
            assert_eq!(check(cx, &credential, code), Verdict::Replayed);
        }
    });
}

#[test]
fn what_is_no_code_of_the_list_is_wrong() {
    with_cx(&SystemEntropy, |cx| {
        let (credential, codes) = enrolled(cx);
        let (other, _) = enrolled(cx);
        assert_eq!(check(cx, &other, &codes[0]), Verdict::Wrong, "of another list");
        let short = &codes[0][..18];
        let long = format!("{}0", codes[0]);
        for typed in [
            "",
            "-",
            "0000-0000-0000-0000",
            short,
            long.as_str(),
            "ÄÖÜ",
            &"-".repeat(5000),
        ] {
            assert_eq!(check(cx, &credential, typed), Verdict::Wrong, "{typed}");
        }
        let password = Answer::Password(codes[0].as_str().into());
        assert_eq!(Recovery.check(cx, None, &credential, &[], &password), Verdict::Wrong);
        let broken = Credential {
            secret: Secret::new(b"{}".to_vec()),
            ..credential
        };
        assert_eq!(check(cx, &broken, &codes[0]), Verdict::Wrong);
    });
}

#[test]
fn what_is_stored_holds_no_code_and_no_hash_that_another_list_shares() {
    with_cx(&SystemEntropy, |cx| {
        let (kept, codes) = begin(cx);
        let stored = || {
            let fresh = Recovery.finish_enrolment(cx, &kept, &answer("")).unwrap();
            String::from_utf8(fresh.secret.expose().clone()).unwrap()
        };
        let (one, two) = (stored(), stored());
        for code in codes {
            let plain = code.replace('-', "");
            assert!(!one.contains(&code) && !one.contains(&plain));
        }
        let hashes = |text: &str| {
            let list: serde_json::Value = serde_json::from_str(text).unwrap();
            list["codes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|c| c["hash"].clone())
                .collect::<Vec<_>>()
        };
        assert!(hashes(&one).iter().all(|h| !hashes(&two).contains(h)));
        assert!(
            Recovery
                .finish_enrolment(cx, &Kept("{\"codes\":[]}".into()), &answer(""))
                .is_err()
        );
    });
}

proptest! {
    #[test]
    fn whatever_is_typed_is_answered(typed in any::<String>(), like in "[0-9A-Za-z \\-]{14,24}") {
        for typed in [typed, like] {
            if let Some(code) = read_code(&typed) {
                prop_assert_eq!(read_code(code.expose()).map(|c| c.expose().clone()), Some(code.expose().clone()));
            }
        }
    }
}
