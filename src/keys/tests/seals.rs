//! Seals hold only for what they were put on.

use crate::base::encoding::{base64, base64url, hex};
use crate::base::{Entropy, SystemEntropy};
use crate::keys::{MasterKey, SealError, Sealer};

fn master(n: u8) -> MasterKey {
    let bytes: Vec<u8> = (0..32).map(|i| i ^ n).collect();
    MasterKey::parse(&base64(&bytes)).unwrap()
}

fn sealer() -> Sealer {
    Sealer::new(vec![master(1)]).unwrap()
}

#[test]
fn what_was_sealed_opens_only_where_it_was_sealed() {
    let sealer = sealer();
    let sealed = sealer.seal(&SystemEntropy, "totp-seed", "a1", b"JBSWY3DP").unwrap();
    assert_eq!(sealer.open("totp-seed", "a1", &sealed).unwrap().expose(), b"JBSWY3DP");
    assert!(!sealed.windows(8).any(|w| w == b"JBSWY3DP"));
    for (purpose, id) in [
        ("totp-seed", "a2"),
        ("push-key", "a1"),
        ("totp-seeda", "1"),
        ("totp-see", "da1"),
    ] {
        assert_eq!(sealer.open(purpose, id, &sealed).unwrap_err(), SealError::Broken);
    }
    let empty = sealer.seal(&SystemEntropy, "p", "i", b"").unwrap();
    assert!(sealer.open("p", "i", &empty).unwrap().expose().is_empty());
}

#[test]
fn every_flipped_bit_is_noticed() {
    let sealer = sealer();
    let sealed = sealer.seal(&SystemEntropy, "p", "i", b"secret").unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut bad = sealed.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(sealer.open("p", "i", &bad).is_err(), "bit {bit}");
    }
    for length in 0..sealed.len() {
        assert!(sealer.open("p", "i", &sealed[..length]).is_err());
    }
    assert_eq!(
        sealer.open("p", "i", b"plain text from an import").unwrap_err(),
        SealError::NotSealed
    );
}

#[test]
fn an_old_master_key_opens_until_it_is_dropped() {
    let sealed = sealer().seal(&SystemEntropy, "p", "i", b"x").unwrap();
    let hash = sealer().keyed_hash("code", b"123456").unwrap();
    let both = Sealer::new(vec![master(2), master(1)]).unwrap();
    assert_eq!(both.open("p", "i", &sealed).unwrap().expose(), b"x");
    assert!(!both.is_current(&sealed));
    assert!(both.is_current(&both.seal(&SystemEntropy, "p", "i", b"x").unwrap()));
    assert!(both.keyed_hash_matches("code", b"123456", &hash));
    assert!(both.keyed_hashes("code", b"123456").unwrap().contains(&hash));
    let new = Sealer::new(vec![master(2)]).unwrap();
    assert_eq!(new.open("p", "i", &sealed).unwrap_err(), SealError::UnknownMasterKey);
    assert!(!new.keyed_hash_matches("code", b"123456", &hash));
    assert_eq!(Sealer::new(vec![]).unwrap_err(), SealError::NoMasterKey);
}

#[test]
fn keyed_hashes_differ_by_purpose_data_and_key() {
    let sealer = sealer();
    let hash = sealer.keyed_hash("code", b"123456").unwrap();
    assert_eq!(hash, sealer.keyed_hash("code", b"123456").unwrap());
    assert_ne!(hash, sealer.keyed_hash("csrf", b"123456").unwrap());
    assert_ne!(hash, sealer.keyed_hash("code", b"123457").unwrap());
    assert!(!sealer.keyed_hash_matches("code", b"123456", &hash[..31]));
}

#[test]
fn a_stuck_random_generator_does_not_share_keys_between_purposes() {
    struct Stuck;
    impl Entropy for Stuck {
        fn fill(&self, out: &mut [u8]) {
            out.fill(7);
        }
    }
    let sealer = sealer();
    let one = sealer.seal(&Stuck, "one", "i", b"same").unwrap();
    let two = sealer.seal(&Stuck, "two", "i", b"same").unwrap();
    assert_ne!(one[37..41], two[37..41]);
}

#[test]
fn master_keys_are_read_in_every_usual_form_and_never_repeated_in_errors() {
    let bytes: Vec<u8> = (200..232).collect();
    for text in [
        base64(&bytes),
        base64url(&bytes),
        hex(&bytes),
        hex(&bytes).to_uppercase(),
        format!(" {}\n", hex(&bytes)),
    ] {
        assert_eq!(MasterKey::parse(&text).unwrap().to_text().expose(), &base64url(&bytes));
    }
    for bad in [
        "",
        "correct horse",
        &base64(&bytes[..31]),
        &hex(&bytes)[..62],
        &base64(&[0; 32]),
    ] {
        let why = MasterKey::parse(bad).unwrap_err().to_string();
        assert!(
            why.contains("32 random bytes") && (bad.is_empty() || !why.contains(bad)),
            "{why}"
        );
    }
    let file = format!("# new\n{}\n\n# old\n{}\n", base64(&bytes), master(1).to_text().expose());
    assert_eq!(MasterKey::parse_all(&file).unwrap().len(), 2);
    assert_eq!(MasterKey::parse_all("# nothing\n").unwrap_err(), SealError::NoMasterKey);
    assert!(format!("{:?}", master(1)).contains("***"));
}
