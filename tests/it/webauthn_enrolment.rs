//! A security key is set up: what is asked of it, what its registration shows, and what is refused.

use std::collections::BTreeSet;

use countersign::base::encoding::{base64url, from_base64url, sha256};
use countersign::factors::webauthn::Aaguid;
use countersign::factors::webauthn::models::{Certification, Rules};
use countersign::model::MfaCode;
use serde_json::{Value, json};
use webauthn_authenticator_rs::AuthenticatorBackendHashedClientData;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;
use webauthn_rs_proto::{PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};

use crate::key_maker::{Authority, entry, hyphens, payload};
use crate::security_key::{Attestation, Kind, SecurityKey};
use crate::webauthn_desk::{Desk, HOME, held};

const BLUE: [u8; 16] = [0xb1; 16];
const GREEN: [u8; 16] = [0x6e; 16];
const TIMEOUT_MS: u32 = 1000;

fn set(models: &[[u8; 16]]) -> BTreeSet<Aaguid> {
    models.iter().map(|m| Aaguid::new(*m)).collect()
}

#[test]
fn a_key_is_asked_for_what_is_needed_and_no_more() {
    let desk = Desk::at("https://id.example.org:8443/tenant");
    let options: Value = serde_json::from_str(&desk.begin(&[]).options).unwrap();
    assert_eq!(
        options["rp"],
        json!({ "id": "id.example.org", "name": "Cedar Health ID" })
    );
    assert_eq!(options["user"]["id"], base64url(b"u-rivera"));
    assert_eq!(options["user"]["name"], "rivera");
    assert_eq!(options["user"]["displayName"], "Ana Rivera");
    assert_eq!(options["attestation"], "none", "nothing could be compared with one");
    assert_eq!(options["extensions"], json!({ "credProps": true }));
    let wish = &options["authenticatorSelection"];
    assert_eq!(wish["residentKey"], "preferred");
    assert_eq!(wish["requireResidentKey"], false);
    assert_eq!(wish["userVerification"], "preferred");
    let algorithms: Vec<_> = options["pubKeyCredParams"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["alg"].clone())
        .collect();
    assert_eq!(algorithms, [json!(-7), json!(-35), json!(-257)]);
    let again: Value = serde_json::from_str(&desk.begin(&[]).options).unwrap();
    assert_ne!(options["challenge"], again["challenge"]);
    assert_eq!(
        from_base64url(options["challenge"].as_str().unwrap()).unwrap().len(),
        32
    );

    let root = Authority::new("Cedar Keys Root");
    let knowing = Desk::knowing(&payload(&[entry(BLUE, "Blue", &root)]), Rules::default());
    let options: Value = serde_json::from_str(&knowing.begin(&[]).options).unwrap();
    assert_eq!(options["attestation"], "direct");
    assert_eq!(options["attestationFormats"], json!(["packed"]));
}

#[test]
fn an_address_is_no_relying_party() {
    for issuer in ["https://192.0.2.1", "http://127.0.0.1:8080", "https://[2001:db8::1]"] {
        assert_eq!(
            Desk::at(issuer).try_begin(&[]).err(),
            Some(MfaCode::MethodRefused),
            "{issuer}"
        );
    }
}

#[test]
fn a_key_that_is_held_is_not_enrolled_twice() {
    let desk = Desk::new();
    let mut key = SecurityKey::new();
    let first = desk.credential("a", &mut key);
    let open = desk.begin(std::slice::from_ref(&first));
    let options: Value = serde_json::from_str(&open.options).unwrap();
    assert!(key.is_excluded(&options));
    assert_eq!(options["excludeCredentials"][0]["transports"], json!(["usb", "nfc"]));
    // A key that answers all the same, with the identifier it has: the list is for browsers, the check is ours.
    let mut other = SecurityKey::new();
    let mut answer: Value = serde_json::from_str(&other.create(&open.options, HOME)).unwrap();
    let swap = |text: &Value| {
        let bytes = from_base64url(text.as_str().unwrap()).unwrap();
        let (old, new) = (&other.credentials[0].id, &key.credentials[0].id);
        let at = bytes.windows(old.len()).position(|w| w == old.as_slice()).unwrap();
        base64url(&[&bytes[..at], new, &bytes[at + old.len()..]].concat())
    };
    let object = swap(&answer["response"]["attestationObject"]);
    answer["response"]["attestationObject"] = json!(object);
    assert_eq!(
        desk.finish(&open, answer.to_string()).err(),
        Some(MfaCode::KeyNotRecognised)
    );
}

#[test]
fn what_a_registration_shows_is_kept_as_facts() {
    let desk = Desk::new();
    let plain = desk.enrol(&mut SecurityKey::new().uv(false)).unwrap();
    assert!(plain.proof.is_none(), "nothing was signed");
    assert_eq!(plain.nickname, "Security key");
    let facts = plain.facts.key.unwrap();
    assert!(!facts.attested && !facts.verifies_user && !facts.discoverable && facts.aaguid.is_none());

    let mut synced = SecurityKey::synced();
    synced.aaguid = GREEN;
    let fresh = desk.enrol(&mut synced).unwrap();
    assert_eq!(fresh.nickname, "Passkey");
    assert_eq!(fresh.found_by.as_deref(), Some(synced.credentials[0].id.as_slice()));
    let facts = fresh.facts.key.unwrap();
    assert!(facts.backup_eligible && facts.backup_state && facts.verifies_user && facts.discoverable);
    // Under attestation `none` the AAGUID is known, and only a claim.
    assert_eq!(facts.aaguid, Some(hyphens(GREEN)));
    assert!(!facts.attested && facts.model.is_none() && !facts.hardware && !facts.roaming);
    // A signature of the key over itself says nothing of its model.
    assert!(
        !desk
            .facts(&mut SecurityKey::new().attestation(Attestation::OwnKey))
            .attested
    );
}

#[test]
fn a_model_is_proved_by_a_chain_to_its_own_root() {
    let (root, other) = (Authority::new("Cedar Keys Root"), Authority::new("Cedar Keys Root"));
    let mut soft = entry(GREEN, "Green", &other);
    soft["metadataStatement"]["keyProtection"] = json!(["software"]);
    soft["metadataStatement"]["attachmentHint"] = json!(["internal"]);
    let rules = Rules {
        fips: set(&[BLUE]),
        ..Rules::default()
    };
    let desk = Desk::knowing(&payload(&[entry(BLUE, "Blue Key 5", &root), soft]), rules);

    let fresh = desk.enrol(&mut SecurityKey::new().of(&root.batch(BLUE))).unwrap();
    assert_eq!(fresh.nickname, "Blue Key 5");
    let blue = fresh.facts.key.unwrap();
    assert!(blue.attested && blue.hardware && blue.roaming && blue.fips_listed);
    assert_eq!(
        (blue.aaguid, blue.model),
        (Some(hyphens(BLUE)), Some("Blue Key 5".into()))
    );

    let green = desk.facts(&mut SecurityKey::new().of(&other.batch(GREEN)));
    assert!(green.attested && !green.hardware && !green.roaming && !green.fips_listed);

    // The name is the same, the key is not.
    let stranger = desk.enrol(&mut SecurityKey::new().of(&other.batch(BLUE)));
    assert_eq!(stranger.err(), Some(MfaCode::KeyNotRecognised));
    let broken = Attestation::Broken(root.batch(BLUE));
    let mut key = SecurityKey::new().attestation(broken);
    key.aaguid = BLUE;
    assert_eq!(desk.enrol(&mut key).err(), Some(MfaCode::KeyNotRecognised));
    // Its own certificate names another model.
    let liar = root.batch_naming(BLUE, Some(GREEN));
    assert_eq!(
        desk.enrol(&mut SecurityKey::new().of(&liar)).err(),
        Some(MfaCode::KeyNotRecognised)
    );
    // Without an attestation the claim alone makes nothing of it.
    let mut claims = SecurityKey::new();
    claims.aaguid = BLUE;
    let facts = desk.facts(&mut claims);
    assert!(!facts.attested && !facts.fips_listed && !facts.hardware && facts.model.is_none());
}

#[test]
fn where_models_share_a_root_the_certificate_must_name_its_model() {
    let root = Authority::new("Cedar Keys Root");
    let both = payload(&[entry(BLUE, "Blue", &root), entry(GREEN, "Green", &root)]);
    let desk = Desk::knowing(&both, Rules::default());
    assert!(desk.facts(&mut SecurityKey::new().of(&root.batch(BLUE))).attested);
    let unnamed = root.batch_naming(BLUE, None);
    assert!(!desk.facts(&mut SecurityKey::new().of(&unnamed)).attested);
    let alone = Desk::knowing(&payload(&[entry(BLUE, "Blue", &root)]), Rules::default());
    assert!(alone.facts(&mut SecurityKey::new().of(&unnamed)).attested);
}

#[test]
fn a_statement_that_nobody_here_can_check_counts_as_none() {
    let root = Authority::new("Cedar Keys Root");
    let desk = Desk::knowing(&payload(&[entry(BLUE, "Blue", &root)]), Rules::default());
    let mut key = SecurityKey::new().attestation(Attestation::Unknown("tpm"));
    key.aaguid = BLUE;
    let facts = desk.facts(&mut key);
    assert!(!facts.attested && facts.aaguid == Some(hyphens(BLUE)));
    // `none` with something inside is not a statement of that format.
    let refused = desk.enrol(&mut SecurityKey::new().attestation(Attestation::Unknown("none")));
    assert_eq!(refused.err(), Some(MfaCode::KeyNotRecognised));
}

#[test]
fn denied_unlisted_and_uncertified_models_are_refused() {
    let root = Authority::new("Cedar Keys Root");
    let mut revoked = entry(GREEN, "Green", &root);
    revoked["statusReports"] = json!([{ "status": "REVOKED" }, { "status": "UPDATE_AVAILABLE" }]);
    let both = payload(&[entry(BLUE, "Blue", &root), revoked]);
    let enrol = |rules: Rules, key: &mut SecurityKey| Desk::knowing(&both, rules).enrol(key).map(|_| ());
    let refused = Err(MfaCode::KeyNotRecognised);
    let blue = || SecurityKey::new().of(&root.batch(BLUE));

    assert_eq!(
        enrol(Rules::default(), &mut SecurityKey::new().of(&root.batch(GREEN))),
        refused
    );
    let mut claimed = SecurityKey::new();
    claimed.aaguid = GREEN;
    assert_eq!(
        enrol(Rules::default(), &mut claimed),
        refused,
        "revoked, and only claimed"
    );

    let deny = Rules {
        deny: set(&[BLUE]),
        ..Rules::default()
    };
    assert_eq!(enrol(deny, &mut blue()), refused);
    let allow = || Rules {
        allow: set(&[BLUE]),
        ..Rules::default()
    };
    assert_eq!(enrol(allow(), &mut blue()), Ok(()));
    claimed.aaguid = BLUE;
    assert_eq!(enrol(allow(), &mut claimed), refused, "listed, and not attested");
    assert_eq!(enrol(allow(), &mut SecurityKey::new()), refused);
    let minimum = |level| Rules {
        minimum: Some(level),
        ..Rules::default()
    };
    assert_eq!(enrol(minimum(Certification::L1), &mut blue()), Ok(()));
    assert_eq!(enrol(minimum(Certification::L2), &mut blue()), refused);
    assert_eq!(enrol(minimum(Certification::L1), &mut SecurityKey::synced()), refused);
}

#[test]
fn another_site_another_question_and_another_challenge_are_refused() {
    let desk = Desk::new();
    let open = desk.begin(&[]);
    let finish =
        |key: &mut SecurityKey, origin: &str| desk.finish(&open, key.create(&open.options, origin)).map(|_| ());
    for origin in [
        "https://id.example.org.evil.example",
        "http://id.example.org",
        "https://id.example.org:444",
    ] {
        assert_eq!(
            finish(&mut SecurityKey::new(), origin),
            Err(MfaCode::WrongSite),
            "{origin}"
        );
    }
    let lie = |change: fn(&mut SecurityKey)| {
        let mut key = SecurityKey::new();
        change(&mut key);
        key
    };
    let elsewhere = Err(MfaCode::WrongSite);
    assert_eq!(
        finish(&mut lie(|k| k.lies.rp_id = Some("evil.example")), HOME),
        elsewhere
    );
    assert_eq!(
        finish(&mut lie(|k| k.lies.framed_by = Some("https://evil.example")), HOME),
        elsewhere
    );
    let refused = Err(MfaCode::KeyNotRecognised);
    assert_eq!(finish(&mut lie(|k| k.lies.kind = Some("webauthn.get")), HOME), refused);
    assert_eq!(finish(&mut lie(|k| k.user_present = false), HOME), refused);
    assert_eq!(
        finish(&mut lie(|k| k.backup_state = true), HOME),
        refused,
        "synced, and not able to be"
    );
    assert_eq!(
        finish(&mut lie(|k| k.lies.challenge = Some(base64url(&[7; 32]))), HOME),
        refused
    );
    // An answer to one set-up does not serve in another.
    let answer = SecurityKey::new().create(&open.options, HOME);
    assert_eq!(
        desk.finish(&desk.begin(&[]), answer.clone()).err(),
        Some(MfaCode::KeyNotRecognised)
    );
    assert!(desk.finish(&open, answer.clone()).is_ok());
    // Longer than any browser's answer.
    let long = answer.replacen('{', &format!("{{\"x\":\"{}\",", "x".repeat(64 * 1024)), 1);
    assert_eq!(desk.finish(&open, long).err(), Some(MfaCode::KeyNotRecognised));
    for junk in ["", "{}", "null", "[]", "\u{0}"] {
        assert_eq!(desk.finish(&open, junk.into()).err(), Some(MfaCode::KeyNotRecognised));
    }
}

#[test]
fn only_algorithms_that_were_offered_are_taken_and_each_on_its_curve() {
    let desk = Desk::new();
    let enrol = |kind| desk.enrol(&mut SecurityKey::new().kind(kind)).map(|_| ());
    for kind in [Kind::Es256, Kind::Es384, Kind::Rs256] {
        assert_eq!(enrol(kind), Ok(()), "{kind:?}");
        let mut key = SecurityKey::new().kind(kind);
        let all = [desk.credential("a", &mut key)];
        assert!(desk.proved(&all, &mut key).proof.user_verified, "{kind:?}");
    }
    for kind in [Kind::Ps256, Kind::Es256OnP384] {
        assert_eq!(enrol(kind), Err(MfaCode::KeyNotRecognised), "{kind:?}");
    }
}

/// Client data, as browsers write them.
fn client_data(kind: &str, challenge: &[u8]) -> Vec<u8> {
    json!({ "type": kind, "challenge": base64url(challenge), "origin": HOME, "crossOrigin": false })
        .to_string()
        .into_bytes()
}

#[test]
fn an_authenticator_of_others_is_understood() {
    let desk = Desk::new();
    let mut passkey = SoftPasskey::new(true);
    let open = desk.begin(&[]);
    let options: PublicKeyCredentialCreationOptions = serde_json::from_str(&open.options).unwrap();
    let client = client_data("webauthn.create", &options.challenge);
    let made = passkey.perform_register(sha256(&client).to_vec(), options, TIMEOUT_MS);
    let mut made = made.unwrap();
    made.response.client_data_json = client;
    let all = [held(
        "a",
        desk.finish(&open, serde_json::to_string(&made).unwrap()).unwrap(),
    )];

    let open = desk.ask(&all, true);
    let options: PublicKeyCredentialRequestOptions = serde_json::from_str(&open.options).unwrap();
    let client = client_data("webauthn.get", &options.challenge);
    let signed = passkey.perform_auth(sha256(&client).to_vec(), options, TIMEOUT_MS);
    let mut signed = signed.unwrap();
    signed.response.client_data_json = client;
    let verdict = desk.check(&open, &all, serde_json::to_string(&signed).unwrap());
    assert!(crate::webauthn_desk::proved(verdict).proof.user_verified);
}
