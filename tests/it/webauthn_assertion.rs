//! An enrolled key answers: what its signature shows, and every answer that is not its.

use countersign::base::UserId;
use countersign::base::encoding::base64url;
use countersign::factors::webauthn::models::{Models, Rules};
use countersign::factors::webauthn::{Aaguid, owner};
use countersign::factors::{Credential, Verdict};
use countersign::model::MfaCode;
use serde_json::{Value, json};

use crate::key_maker::{Authority, entry, hyphens, payload};
use crate::security_key::{Kind, SecurityKey};
use crate::webauthn_desk::{Desk, HOME, proved, refused};

const BLUE: [u8; 16] = [0xb1; 16];
const FAILED: &str = "auth.factor.failed";
const ELSEWHERE: &str = "auth.webauthn.origin_mismatch";
const KEY: MfaCode = MfaCode::KeyNotRecognised;

/// The credential as the ceremony would store it.
fn renewed(credential: &Credential, proved: countersign::factors::Proved) -> Credential {
    let renewed = proved.renewed.expect("it is to be written");
    Credential {
        secret: renewed.secret,
        facts: renewed.facts,
        ..credential.clone()
    }
}

#[test]
fn the_options_name_the_keys_and_what_is_needed() {
    let desk = Desk::new();
    let mut key = SecurityKey::new();
    let all = [desk.credential("a", &mut key)];
    let read = |open: crate::webauthn_desk::Open| serde_json::from_str::<Value>(&open.options).unwrap();
    let options = read(desk.ask(&all, false));
    assert_eq!(options["rpId"], "id.example.org");
    assert_eq!(options["userVerification"], "preferred");
    let asked =
        json!([{ "type": "public-key", "id": base64url(&key.credentials[0].id), "transports": ["usb", "nfc"] }]);
    assert_eq!(options["allowCredentials"], asked);
    assert_eq!(read(desk.ask(&all, true))["userVerification"], "required");
    // Nobody is known: whichever finds itself, and it stands for both factors.
    let anyone = read(desk.ask(&[], false));
    assert_eq!(anyone["allowCredentials"], json!([]));
    assert_eq!(anyone["userVerification"], "required");
    assert_ne!(anyone["challenge"], options["challenge"]);
    assert_eq!(anyone["timeout"], 300_000);
}

#[test]
fn the_proof_is_what_was_signed_and_what_the_registration_showed() {
    let root = Authority::new("Cedar Keys Root");
    let rules = Rules {
        fips: [Aaguid::new(BLUE)].into(),
        ..Rules::default()
    };
    let mut desk = Desk::knowing(&payload(&[entry(BLUE, "Blue", &root)]), rules);
    let mut key = SecurityKey::new().uv(false).of(&root.batch(BLUE));
    let all = [desk.credential("a", &mut key)];
    let touched = desk.proved(&all, &mut key);
    assert_eq!(touched.by.as_ref(), Some(&all[0].id));
    let proof = &touched.proof;
    assert!(proof.user_present && !proof.user_verified && proof.attested && proof.hardware && proof.roaming);
    assert!(proof.fips_listed && !proof.backup_eligible && proof.aaguid == Some(hyphens(BLUE)));

    let all = [renewed(&all[0], touched)];
    assert!(!all[0].facts.key.as_ref().unwrap().verifies_user);
    key.user_verified = true;
    let verified = desk.proved(&all, &mut key);
    assert!(verified.proof.user_verified);
    assert!(
        renewed(&all[0], verified).facts.key.unwrap().verifies_user,
        "it has shown that it can"
    );

    // What the operator no longer says does not count any more.
    desk.models = Models::default();
    let proof = desk.proved(&all, &mut key).proof;
    assert!(proof.attested && proof.hardware && !proof.fips_listed);
    let mut gone = entry(BLUE, "Blue", &root);
    gone["statusReports"] = json!([{ "status": "ATTESTATION_KEY_COMPROMISE" }]);
    desk.models = Desk::knowing(&payload(&[gone]), Rules::default()).models;
    let proof = desk.proved(&all, &mut key).proof;
    assert!(!proof.attested && !proof.hardware && !proof.roaming && proof.user_verified);
}

#[test]
fn a_synced_passkey_says_so_each_time() {
    let desk = Desk::new();
    let mut key = SecurityKey::synced().backup_state(false);
    let all = [desk.credential("a", &mut key)];
    let first = desk.proved(&all, &mut key);
    assert!(first.proof.backup_eligible && !first.proof.backup_state && !first.proof.hardware);
    assert!(first.renewed.is_none(), "nothing has changed");
    key.backup_state = true;
    let synced = desk.proved(&all, &mut key);
    assert!(synced.proof.backup_state);
    assert!(renewed(&all[0], synced).facts.key.unwrap().backup_state);
}

#[test]
fn a_counter_that_does_not_grow_is_an_alarm() {
    let desk = Desk::new();
    let mut key = SecurityKey::new().counter(10, 1);
    let mut all = [desk.credential("a", &mut key)];
    for counter in [11, 500] {
        key.counter = counter;
        let proved = desk.proved(&all, &mut key);
        all = [renewed(&all[0], proved)];
    }
    for counter in [500, 499, 0] {
        key.counter = counter;
        let verdict = desk.sign_in(&all, &mut key, false);
        refused(verdict, KEY, "auth.webauthn.counter_regress", "counter");
    }
    key.counter = 501;
    proved(desk.sign_in(&all, &mut key, false));
    // A counter that begins late is a counter.
    let mut still = SecurityKey::new().counter(0, 0);
    let all = [desk.credential("b", &mut still)];
    proved(desk.sign_in(&all, &mut still, false));
    still.counter = 3;
    assert!(desk.proved(&all, &mut still).renewed.is_some());
}

#[test]
fn whether_it_can_be_synced_is_fixed_for_life_and_only_the_key_raises_the_alarm() {
    let desk = Desk::new();
    for (mut key, to) in [(SecurityKey::new(), true), (SecurityKey::synced(), false)] {
        let all = [desk.credential("a", &mut key)];
        key.backup_eligible = to;
        key.backup_state = false;
        let verdict = desk.sign_in(&all, &mut key, false);
        refused(verdict, KEY, "auth.webauthn.be_changed", "synced");
        key.lies.signature = true;
        refused(desk.sign_in(&all, &mut key, false), KEY, FAILED, "signature");
    }
    let mut key = SecurityKey::new();
    let all = [desk.credential("a", &mut key)];
    key.backup_state = true;
    refused(desk.sign_in(&all, &mut key, false), KEY, FAILED, "synced");
}

#[test]
fn without_user_verification_it_does_not_do_where_that_is_required() {
    let desk = Desk::new();
    let mut key = SecurityKey::new();
    let all = [desk.credential("a", &mut key)];
    assert!(proved(desk.sign_in(&all, &mut key, true)).proof.user_verified);
    key.user_verified = false;
    refused(desk.sign_in(&all, &mut key, true), KEY, FAILED, "verify");
    // Where it is not required it does, and says what it is.
    assert!(!desk.proved(&all, &mut key).proof.user_verified);
    key.user_present = false;
    refused(desk.sign_in(&all, &mut key, false), KEY, FAILED, "touched");
}

#[test]
fn an_answer_for_another_site_is_refused_as_such() {
    let desk = Desk::new();
    let mut key = SecurityKey::new();
    let all = [desk.credential("a", &mut key)];
    for origin in [
        "https://id.example.org.evil.example",
        "http://id.example.org",
        "https://example.org",
        "null",
    ] {
        let open = desk.ask(&all, false);
        let answer = key.get(&open.options, origin);
        refused(
            desk.check(&open, &all, answer),
            MfaCode::WrongSite,
            ELSEWHERE,
            "another site",
        );
    }
    key.lies.framed_by = Some("https://evil.example");
    refused(
        desk.sign_in(&all, &mut key, false),
        MfaCode::WrongSite,
        ELSEWHERE,
        "frame",
    );
    key.lies.framed_by = None;
    key.lies.rp_id = Some("evil.example");
    refused(
        desk.sign_in(&all, &mut key, false),
        MfaCode::WrongSite,
        ELSEWHERE,
        "another site",
    );
}

#[test]
fn an_answer_to_another_question_is_refused() {
    let desk = Desk::new();
    let mut key = SecurityKey::new();
    let all = [desk.credential("a", &mut key)];
    let open = desk.ask(&all, false);
    let answer = key.get(&open.options, HOME);
    refused(
        desk.check(&desk.ask(&all, false), &all, answer.clone()),
        KEY,
        FAILED,
        "challenge",
    );
    proved(desk.check(&open, &all, answer));
    key.lies.kind = Some("webauthn.create");
    refused(desk.sign_in(&all, &mut key, false), KEY, FAILED, "kind of question");
    key.lies.kind = None;
    key.lies.signature = true;
    refused(desk.sign_in(&all, &mut key, false), KEY, FAILED, "signature");
    for junk in ["", "{}", "null", "[1]"] {
        assert_eq!(desk.check(&open, &all, junk.into()), Verdict::Wrong);
    }
}

#[test]
fn the_key_must_be_one_of_those_that_were_asked_and_the_accounts() {
    let desk = Desk::new();
    let (mut one, mut two) = (SecurityKey::new(), SecurityKey::new().kind(Kind::Es384));
    let all = [desk.credential("one", &mut one), desk.credential("two", &mut two)];
    let both = desk.ask(&all, false);
    let answer = two.get(&both.options, HOME);
    assert_eq!(proved(desk.check(&both, &all, answer)).by, Some(all[1].id.clone()));
    let open = desk.ask(&all[..1], false);
    let options = serde_json::from_str(&open.options).unwrap();
    let answer = two.sign(0, &options, HOME);
    refused(desk.check(&open, &all, answer), KEY, FAILED, "those that were asked");
    // Another account's key, under the name of the first one.
    let mut stranger = SecurityKey::new();
    desk.credential("three", &mut stranger);
    let answer = stranger.sign(0, &options, HOME);
    let verdict = desk.check(&open, &all, answer.clone());
    assert!(
        matches!(
            &verdict,
            Verdict::Refused {
                event: FAILED,
                by: None,
                ..
            }
        ),
        "{verdict:?}"
    );
    let mut borrowed: Value = serde_json::from_str(&answer).unwrap();
    borrowed["rawId"] = json!(base64url(&one.credentials[0].id));
    refused(desk.check(&open, &all, borrowed.to_string()), KEY, FAILED, "signature");
}

#[test]
fn a_key_without_a_name_says_whose_it_is_and_only_the_truth() {
    let desk = Desk::new();
    let mut key = SecurityKey::synced();
    let all = [desk.credential("a", &mut key)];
    let open = desk.ask(&[], true);
    let answer = key.get(&open.options, HOME);
    assert_eq!(owner(&answer), Some(UserId::new("u-rivera")));
    assert!(proved(desk.check(&open, &all, answer)).proof.user_verified);
    key.lies.user_handle = Some("u-somebody".into());
    for asked in [&all[..0], &all[..]] {
        let open = desk.ask(asked, true);
        let answer = key.get(&open.options, HOME);
        refused(desk.check(&open, &all, answer), KEY, FAILED, "somebody else");
    }
    key.lies.user_handle = None;
    key.lies.no_user_handle = true;
    let open = desk.ask(&[], true);
    let answer = key.get(&open.options, HOME);
    assert_eq!(owner(&answer), None);
    refused(desk.check(&open, &all, answer), KEY, FAILED, "whose");
    assert!(key.try_get(&desk.ask(&all, true).options, HOME).is_some());
    // What says too much is nobody.
    key.lies.user_handle = Some("x".repeat(65));
    assert_eq!(owner(&key.get(&open.options, HOME)), None);
    for junk in ["", "{}", "[]"] {
        assert_eq!(owner(junk), None);
    }
}
