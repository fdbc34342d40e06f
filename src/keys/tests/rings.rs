//! Turns of the ring.

use jsonwebtoken::jwk::{JwkSet as TheirSet, ThumbprintHash};
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};

use super::{NOW, pair_for};
use crate::base::{KeyId, Seconds, SystemEntropy, Timestamp};
use crate::keys::turn::{due, gone, missing};
use crate::keys::*;

const LIFE: Seconds = Seconds::hours(1);
const ISSUER: &str = "https://op.example";

fn sealer() -> Sealer {
    Sealer::new(vec![MasterKey::generate(&SystemEntropy)]).unwrap()
}

fn turning(sealer: &Sealer, now: Timestamp) -> Turning<'_> {
    Turning {
        sealer,
        entropy: &SystemEntropy,
        now,
        usage: Usage::Sig,
    }
}

fn full(sealer: &Sealer) -> Vec<KeyRecord> {
    let turning = turning(sealer, NOW);
    let current = Kind::OURS.map(|k| turning.first(&pair_for(k.algs()[0])).unwrap());
    let next = [Alg::Es256, Alg::EdDsa].map(|a| turning.record(&pair_for(a), Stage::Next).unwrap());
    current.into_iter().chain(next).collect()
}

fn apply(all: &mut Vec<KeyRecord>, changed: Vec<KeyRecord>) {
    for row in changed {
        all.retain(|r| r.kid != row.kid);
        all.push(row);
    }
}

fn expected(now: Timestamp) -> Expected<'static> {
    Expected {
        algs: &Alg::ALL,
        typ: TypRule::OneOf(&["at+jwt"]),
        issuer: Some(ISSUER),
        audience: None,
        expiry: Expiry::Required,
        now,
    }
}

fn claims(now: Timestamp) -> Value {
    json!({ "iss": ISSUER, "sub": "u", "exp": now.plus(LIFE).secs() })
}

fn listed(ring: &KeyRing) -> Vec<Value> {
    let set: Value = serde_json::from_slice(&ring.jwks().body).unwrap();
    set["keys"].as_array().unwrap().clone()
}

#[test]
fn every_algorithm_signs_and_anybody_verifies_with_our_jwks() {
    let sealer = sealer();
    let ring = KeyRing::open(&full(&sealer), &sealer, NOW).unwrap();
    assert_eq!(ring.algs(), [Alg::Es256, Alg::EdDsa, Alg::Rs256, Alg::Ps256]);
    assert_eq!(
        ring.sign(Alg::Es384, "JWT", &1).unwrap_err(),
        RingError::NoKey(Alg::Es384)
    );
    let theirs: TheirSet = serde_json::from_slice(&ring.jwks().body).unwrap();
    let far = json!({ "iss": ISSUER, "sub": "u", "exp": 4_000_000_000u64 });
    for alg in ring.algs() {
        let token = ring.sign(alg, "at+jwt", &far).unwrap();
        assert_eq!(ring.verify(&token, &expected(NOW)).unwrap().text("sub"), Some("u"));
        let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
        let jwk = theirs.find(&kid).unwrap();
        assert_eq!(jwk.common.key_algorithm.unwrap().to_string(), alg.name());
        let rules = Validation::new(alg.for_jsonwebtoken());
        let data = jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(jwk).unwrap(), &rules).unwrap();
        assert_eq!(data.claims["sub"], "u");
        assert!(
            kid.starts_with(&jwk.thumbprint(ThumbprintHash::SHA256).unwrap()),
            "RFC 7638"
        );
    }
}

#[test]
fn the_jwks_shows_public_keys_with_distinct_names_and_a_strong_etag() {
    let sealer = sealer();
    let records = full(&sealer);
    let ring = KeyRing::open(&records, &sealer, NOW).unwrap();
    let keys = listed(&ring);
    assert_eq!(keys.len(), 6, "five keys, RSA under two algorithms");
    for key in &keys {
        assert_eq!(key["use"], "sig");
        assert!(Alg::parse(key["alg"].as_str().unwrap()).is_some());
        assert!(
            ["d", "p", "q", "dp", "dq", "qi", "k"]
                .iter()
                .all(|private| key.get(private).is_none())
        );
    }
    let mut names: Vec<&str> = keys.iter().map(|k| k["kid"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 6);
    assert!(ring.jwks().etag.starts_with('"') && ring.jwks().etag.len() == 45);
    assert_eq!(
        KeyRing::open(&records, &sealer, NOW).unwrap().jwks().etag,
        ring.jwks().etag
    );
    assert!(JwkSet::parse(&ring.jwks().body).unwrap().keys.len() == 6);
}

#[test]
fn old_tokens_verify_through_a_rotation_until_their_key_is_over() {
    let sealer = sealer();
    let mut all = full(&sealer);
    let before = KeyRing::open(&all, &sealer, NOW).unwrap();
    let old = before.sign(Alg::Es256, "at+jwt", &claims(NOW)).unwrap();

    let fresh = pair_for(Alg::Es256);
    let changed = turning(&sealer, NOW).rotate(&all, &fresh, LIFE).unwrap();
    assert_eq!(
        changed.iter().map(|r| r.stage.name()).collect::<Vec<_>>(),
        ["retired", "current", "next"]
    );
    apply(&mut all, changed);
    let after = KeyRing::open(&all, &sealer, NOW).unwrap();
    let new = after.sign(Alg::Es256, "at+jwt", &claims(NOW)).unwrap();
    assert!(after.verify(&old, &expected(NOW)).is_ok());
    assert!(after.verify(&new, &expected(NOW)).is_ok());
    assert!(
        before.verify(&new, &expected(NOW)).is_ok(),
        "a server that has not noticed knows the next key"
    );
    assert_eq!(listed(&after).len(), 7);
    assert_ne!(before.jwks().etag, after.jwks().etag);
    assert_eq!(after.jwks().changes_at, Some(NOW.plus(LIFE)));

    let over = NOW.plus(LIFE);
    let hint = Expected {
        expiry: Expiry::Ignored,
        ..expected(over)
    };
    assert_eq!(
        after.verify(&old, &hint).unwrap_err(),
        JoseError::UnknownKey,
        "a snapshot that is too old"
    );
    assert_eq!(gone(&all, over).len(), 1);
    assert_eq!(listed(&KeyRing::open(&all, &sealer, over).unwrap()).len(), 6);
}

#[test]
fn a_retired_key_cannot_sign_any_more() {
    let sealer = sealer();
    let mut all = full(&sealer);
    let changed = turning(&sealer, NOW).rotate(&all, &pair_for(Alg::EdDsa), LIFE).unwrap();
    let retired = changed[0].clone();
    assert!(
        sealer
            .open("signing-key", retired.kid.as_str(), &retired.sealed)
            .is_err(),
        "the private half is gone"
    );
    apply(&mut all, changed);
    // Somebody with the database puts it back into service.
    let revived = KeyRecord {
        stage: Stage::Current { activated_at: NOW },
        ..retired
    };
    assert!(matches!(
        KeyRing::open(&[revived], &sealer, NOW),
        Err(RingError::Seal(..))
    ));
}

#[test]
fn retiring_a_compromised_key_ends_its_tokens_at_once() {
    let sealer = sealer();
    let mut all = full(&sealer);
    let token = KeyRing::open(&all, &sealer, NOW)
        .unwrap()
        .sign(Alg::Es256, "at+jwt", &claims(NOW))
        .unwrap();
    let kid = all[0].kid.clone();
    let turn = turning(&sealer, NOW);
    assert_eq!(
        turn.retire(&all, &kid, &pair_for(Alg::EdDsa), Seconds(0)).unwrap_err(),
        RingError::WrongReplacement(Kind::P256)
    );
    let changed = turn.retire(&all, &kid, &pair_for(Alg::Es256), Seconds(0)).unwrap();
    apply(&mut all, changed);
    let ring = KeyRing::open(&all, &sealer, NOW).unwrap();
    assert_eq!(ring.verify(&token, &expected(NOW)).unwrap_err(), JoseError::UnknownKey);
    assert!(ring.sign(Alg::Es256, "at+jwt", &1).is_ok());
    let next = all
        .iter()
        .find(|r| r.kind == Kind::Ed25519 && r.stage == Stage::Next)
        .unwrap()
        .kid
        .clone();
    assert_eq!(turn.retire(&all, &next, &pair_for(Alg::EdDsa), LIFE).unwrap().len(), 2);
    let nobody = KeyId::new("nobody");
    assert_eq!(
        turn.retire(&all, &nobody, &pair_for(Alg::Es256), LIFE).unwrap_err(),
        RingError::UnknownKid(nobody)
    );
}

#[test]
fn a_shared_rsa_key_has_one_name_per_algorithm() {
    let sealer = sealer();
    let ring = KeyRing::open(&full(&sealer), &sealer, NOW).unwrap();
    let rs256 = ring.sign(Alg::Rs256, "at+jwt", &claims(NOW)).unwrap();
    let kid = ring.verify(&rs256, &expected(NOW)).unwrap().header.kid.unwrap();
    let header = json!({ "alg": "PS256", "typ": "at+jwt", "kid": kid });
    let crossed = super::rsa().sign_compact(Alg::Ps256, &header, &claims(NOW)).unwrap();
    assert_eq!(
        ring.verify(&crossed, &expected(NOW)).unwrap_err(),
        JoseError::KeyMismatch
    );
    let nameless = super::rsa()
        .sign_compact(Alg::Rs256, &json!({ "alg": "RS256" }), &claims(NOW))
        .unwrap();
    assert_eq!(
        ring.verify(&nameless, &expected(NOW)).unwrap_err(),
        JoseError::UnknownKey
    );
}

#[test]
fn the_ring_says_what_it_lacks_and_what_is_due() {
    let sealer = sealer();
    assert_eq!(missing(&[])[..3], Kind::OURS.map(|k| (Usage::Sig, k, true)));
    let all = full(&sealer);
    let enc = Kind::OPENING.map(|k| (Usage::Enc, k, true));
    assert_eq!(missing(&all), [&enc[..], &[(Usage::Sig, Kind::Rsa, false)]].concat());
    let quarter = Seconds::days(90);
    assert!(due(&all, quarter, NOW.plus(quarter)).is_empty());
    let kinds = due(&all, quarter, NOW.plus(Seconds(quarter.0 + 1)));
    let ripe = [Kind::P256, Kind::Ed25519].map(|k| (Usage::Sig, k));
    assert_eq!(kinds, ripe, "RSA has no next key to turn to");
    let turn = turning(&sealer, NOW);
    assert_eq!(
        turn.rotate(&all, super::rsa(), LIFE).unwrap_err(),
        RingError::NoNext(Kind::Rsa)
    );
    let twice = [&all[..], &[turn.first(&pair_for(Alg::Es256)).unwrap()]].concat();
    assert_eq!(
        KeyRing::open(&twice, &sealer, NOW).unwrap_err(),
        RingError::TwoCurrent(Kind::P256)
    );
}

#[test]
fn rows_survive_json_and_a_new_master_key() {
    let old = MasterKey::generate(&SystemEntropy);
    let first = Sealer::new(vec![old.clone()]).unwrap();
    let row = turning(&first, NOW).first(&pair_for(Alg::EdDsa)).unwrap();
    let json = serde_json::to_string(&row).unwrap();
    assert!(json.contains(r#""state":"current""#), "{json}");
    assert_eq!(serde_json::from_str::<KeyRecord>(&json).unwrap(), row);

    let both = Sealer::new(vec![MasterKey::generate(&SystemEntropy), old]).unwrap();
    let resealed = turning(&both, NOW).reseal(&row).unwrap().unwrap();
    assert!(turning(&both, NOW).reseal(&resealed).unwrap().is_none());
    assert!(KeyRing::open(std::slice::from_ref(&resealed), &both, NOW).is_ok());
    let why = KeyRing::open(&[resealed], &first, NOW).unwrap_err();
    assert!(matches!(why, RingError::Seal(_, SealError::UnknownMasterKey)));
}

#[test]
fn private_keys_are_pkcs8_version_1() {
    let pair = KeyPair::generate(Kind::Ed25519).unwrap();
    let der = pair.to_pkcs8().unwrap();
    assert_eq!(der.expose().len(), 48, "version 2 would carry the public key too");
    assert!(!format!("{pair:?}").contains("private"));
    for kind in [Kind::P256, Kind::P384, Kind::Ed25519] {
        let pair = KeyPair::generate(kind).unwrap();
        let again = KeyPair::from_pkcs8(kind, pair.to_pkcs8().unwrap().expose()).unwrap();
        assert_eq!(again.public().thumbprint(), pair.public().thumbprint());
        assert!(matches!(
            KeyPair::from_pkcs8(Kind::Rsa, b"0"),
            Err(KeyError::Parse(Kind::Rsa, _))
        ));
        assert!(matches!(pair.sign(Alg::Rs256, b""), Err(KeyError::WrongAlgorithm(..))));
    }
}
