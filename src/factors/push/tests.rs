//! What a signed answer is worth.

use proptest::prelude::*;

use super::*;

fn question(number: Option<&str>) -> Question {
    Question {
        nonce: "nonce-of-this-request".into(),
        number: number.map(str::to_owned),
        context: "{\"kind\":\"sign_in\"}".into(),
        session: None,
    }
}

fn said(of: &Question, decision: Decision, number: Option<&str>) -> Said {
    Said {
        request: "r".into(),
        nonce: of.nonce.clone(),
        decision,
        number: number.map(Secret::from),
        context_digest: base64url(&sha256(of.context.as_bytes())),
        unlock: Unlock::None,
        app_version: None,
    }
}

fn proof(verdict: Verdict) -> Proof {
    match verdict {
        Verdict::Proved(proved) => proved.proof,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_number_is_code_transfer_and_a_tap_is_none() {
    let asked = question(Some("482913"));
    let typed = proof(judge(&asked, &said(&asked, Decision::Approve, Some("482913"))));
    assert_eq!((typed.code_transfer, typed.user_present), (CodeTransfer::Typed, true));
    assert!(!typed.user_verified && !typed.hardware && !typed.attested);
    let tapped = question(None);
    let tap = proof(judge(&tapped, &said(&tapped, Decision::Approve, Some("482913"))));
    assert_eq!(
        tap.code_transfer,
        CodeTransfer::None,
        "a number that was not asked for proves nothing"
    );
}

#[test]
fn an_unlock_counts_only_as_the_app_has_said_it() {
    let asked = question(None);
    let unlocked = |unlock| {
        let answer = Said {
            unlock,
            ..said(&asked, Decision::Approve, None)
        };
        proof(judge(&asked, &answer))
    };
    assert_eq!(unlocked(Unlock::Face).activation, Activation::Face);
    assert!(!unlocked(Unlock::None).user_verified);
    let unknown: Unlock = serde_json::from_str("\"iris\"").unwrap();
    assert_eq!(unknown, Unlock::None, "what is not understood is not claimed");
}

#[test]
fn no_is_no_even_with_the_right_number() {
    let asked = question(Some("482913"));
    let no = |decision| judge(&asked, &said(&asked, decision, Some("482913")));
    assert_eq!(no(Decision::Deny), Verdict::Declined { not_me: false });
    assert_eq!(no(Decision::NotMe), Verdict::Declined { not_me: true });
}

proptest! {
    /// Another nonce, another digest, another number: never a proof.
    #[test]
    fn nothing_but_the_right_answer_proves(nonce in ".*", digest in ".*", number in proptest::option::of("[0-9]{0,8}")) {
        let asked = question(Some("482913"));
        let right = said(&asked, Decision::Approve, Some("482913"));
        let altered = [
            Said { nonce: nonce.clone(), ..right.clone() },
            Said { context_digest: digest, ..right.clone() },
            Said { number: number.map(Secret::new), ..right.clone() },
        ];
        for answer in altered {
            let same = answer.nonce == right.nonce
                && answer.context_digest == right.context_digest
                && answer.number.as_ref().map(|n| n.expose().as_str()) == Some("482913");
            prop_assert!(same || !matches!(judge(&asked, &answer), Verdict::Proved(_)));
        }
    }
}
