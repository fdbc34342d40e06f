//! JWE: the examples of the RFCs, what others made, and what attackers send.

use aws_lc_rs::agreement::{ECDH_P256, ECDH_P384, PrivateKey};
use serde_json::{Value, json};

use super::{NOW, rsa};
use crate::base::encoding::{base64url, from_base64url};
use crate::base::{KeyId, Seconds, SystemEntropy};
use crate::keys::jwe::{Encrypted, MAX_JWE, Opener, encrypt, looks_encrypted};
use crate::keys::*;
use crate::protocol::encryption::Encryption;
use crate::protocol::words::{ContentEncryption, EncryptionAlg};

/// RFC 7520 §5.4: ECDH-ES+A128KW on P-384, A128GCM.
const EXAMPLE_5_4: &str = "eyJhbGciOiJFQ0RILUVTK0ExMjhLVyIsImtpZCI6InBlcmVncmluLnRvb2tAdHVja2Jvcm91Z2guZXhhbXBsZSIsImVwayI6eyJrdHkiOiJFQy\
     IsImNydiI6IlAtMzg0IiwieCI6InVCbzRrSFB3Nmtiang1bDB4b3dyZF9vWXpCbWF6LUdLRlp1NHhBRkZrYllpV2d1dEVLNml1RURzUTZ3TmRO\
     ZzMiLCJ5Ijoic3AzcDVTR2haVkMyZmFYdW1JLWU5SlUyTW84S3BvWXJGRHI1eVBOVnRXNFBnRXdaT3lRVEEtSmRhWTh0YjdFMCJ9LCJlbmMiOi\
     JBMTI4R0NNIn0.0DJjBXri_kBcC46IkU5_Jk9BqaQeHdv2.mH-G2zVqgztUtnW_.tkZuOO9h95OgHJmkkrfLBisku8rGf6nzVxhRM3sVOhXgz5\
     NJ76oID7lpnAi_cPWJRCjSpAaUZ5dOR3Spy7QuEkmKx8-3RCMhSYMzsXaEwDdXta9Mn5B7cCBoJKB0IgEnj_qfo1hIi-uEkUpOZ8aLTZGHfpl0\
     5jMwbKkTe2yK3mjF6SBAsgicQDVCkcY9BLluzx1RmC3ORXaM0JaHPB93YcdSDGgpgBWMVrNU1ErkjcMqMoT_wtCex3w03XdLkjXIuEr2hWgeP-\
     nkUZTPU9EoGSPj6fAS-bSz87RCPrxZdj_iVyC6QWcqAu07WNhjzJEPc4jVntRJ6K53NgPQ5p99l3Z408OUqj4ioYezbS6vTPlQ.WuGzxmcreYj\
     pHGJoa17EBg";
/// RFC 7520 §5.5: ECDH-ES on P-256, A128CBC-HS256.
const EXAMPLE_5_5: &str = "eyJhbGciOiJFQ0RILUVTIiwia2lkIjoibWVyaWFkb2MuYnJhbmR5YnVja0BidWNrbGFuZC5leGFtcGxlIiwiZXBrIjp7Imt0eSI6IkVDIiwiY3\
     J2IjoiUC0yNTYiLCJ4IjoibVBVS1RfYkFXR0hJaGcwVHBqanFWc1AxclhXUXVfdndWT0hIdE5rZFlvQSIsInkiOiI4QlFBc0ltR2VBUzQ2ZnlX\
     dzVNaFlmR1RUMElqQnBGdzJTUzM0RHY0SXJzIn0sImVuYyI6IkExMjhDQkMtSFMyNTYifQ..yc9N8v5sYyv3iGQT926IUg.BoDlwPnTypYq-iv\
     jmQvAYJLb5Q6l-F3LIgQomlz87yW4OPKbWE1zSTEFjDfhU9IPIOSA9Bml4m7iDFwA-1ZXvHteLDtw4R1XRGMEsDIqAYtskTTmzmzNa-_q4F_ev\
     APUmwlO-ZG45Mnq4uhM1fm_D9rBtWolqZSF3xGNNkpOMQKF1Cl8i8wjzRli7-IXgyirlKQsbhhqRzkv8IcY6aHl24j03C-AR2le1r7URUhArM7\
     9BY8soZU0lzwI-sD5PZ3l4NDCCei9XkoIAfsXJWmySPoeRb2Ni5UZL4mYpvKDiwmyzGd65KqVw7MsFfI_K767G9C9Azp73gKZD0DyUn1mn0WW5\
     LmyX_yJ-3AROq8p1WZBfG-ZyJ6195_JGG2m9Csg.WCCkNa-x4BeB9hIDIfFuhg";
/// An RSA key in PKCS#8.
const THEIR_KEY: &str = "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC8wSkVuyq8WSy8t4l4auxFR_oIXLLiqKfruowLUxRm2MBgozQykWb00RdXyy\
     1bHE1isYKxGOpgMTX1jC1AGAKUf_-1qAUK4WVZFxZ7kI_mJOKTGBswWZJpyCZjHfqAVxcNzAEn_NVCxUFy11Qn5CYLSn-hWTLHxKXz71VkQcp6\
     E6inp0NP_5EW499cXQl4PDPU_Sm_OW11Rvf6XDfOFP4k6aisp-dAMbvJ13GcFRIBBlSOw1VybtHGriYlUYJkl7l3n6Zn6paPggUfZtLpzLTU_u\
     Ma-OQ3mCjxopRjAtjGAJoyaidX5FaCE9alvU3e_pjxQK6qOgknQ6D8n1pJq8mjAgMBAAECggEAEiJVCHKKzwo0NM2sExnjdcTnl4d5MJlEFLu_\
     egdzAm4YwWmi-XUkGPYm0d3CKRD_IEtUkB-7Xx8RnScb-9Hl5_VwkDfCg3XKVY5U_LpG3bU1rV_kampyMuAY5aHhYxSHsWDwy-Vlabyz80zbsX\
     Kgv90m7Bq60oJCiiNR88fCvgqPtKclB2X-5O487Zm4saGndDQB8DFkBUoIZk65XokzaDmi1ySCPH4lPaJ-3_wWtIBwoK6Q2he-FFIn776hsdJ_\
     IRs0RJX0YyYBfoGX_QjNdQ7hpWlw4d1xfvLOAxTGHB9UOMxSWCVFK5i_SInAkXUymZa6s2JiZ9WoOFEOGSxrvQKBgQDtKd_qrQLyzJhDMfrZs1\
     VDXoU1uRn2nWX2fXjhPTBkORZpoUEf8h1CFQ66cXCtbs8ok3nyf1f6T1vJRMCGq61l32_oZu_7Fo-cfPmu2V0AwNtXjtJlxVWweHvGPJf18C5i\
     JcL-EAmITqRx2UcwG5TIavzXOcCkXBdoMB7yLmQ__wKBgQDLvwJ3Ac1XL16qFvJVn9kI2xBm1hI3kA-lXp_uTVwj8-PfgFSC6rXq_p5zRXAS0q\
     2fNCPfkxTytopom3Sv7qA_iIcFfIk6LxcpnOObz7U44UoU0vRBk2dWZ9Or_Tbnd2fh1ueCnQvnhkn2zQuhb7sUvQC0x_825bAXp6Quhj92XQKB\
     gQDSbKkD62YGT4l5dUsBBaDNGXxP4mAq9BSX01QBZO0ev5gnOLAzy_oxu8VJn4U-HGcptVAp3NsOeIMT3TCFTKWZEdqU9WBQBAB_9FME1E80b-\
     ktkscTDTeuT_hiNzkNOYGuC5srGMecbUpyyTnkcVRdTq_vtoo6SotqIegTMR45uQKBgQDLskaTlkCl5pz87f4PbsU8Xk8ykNkbpbKOwWChjcQN\
     ybrLa3CShnej3jWpxwU6PFkKrsUis9igo7ESzkDF14tsmWFsMcq8WfINT2YbE3j5yfsXgKRknysULq9n5rsqhK1eE03Xvoz1RsPRs8Pp_VuLaz\
     42fzD_wHjh3V9-iAcQnQKBgEt8EBh9P694GkS5jCa4enYqnxtP0L4LHNqWwd4mSi2D4H2VPYLL9eeyhtlLy_DoOQObHB6I1jMUl4XhmGo6iayY\
     xakKgHw3SjS7fqhJ89-Pk0wd9OH4fpv7D62ArcfApO74XfNOW3VqB07U4S7Gq_zPFHz1sHJLQcKyIDp5w5fO";
/// Made by jwcrypto 1.6.1: RSA-OAEP-256, A256CBC-HS512.
const THEIRS: &str = "eyJhbGciOiAiUlNBLU9BRVAtMjU2IiwgImVuYyI6ICJBMjU2Q0JDLUhTNTEyIiwgImtpZCI6ICJ0aGVpcnMifQ.cfQXO_Jj0cPdrmUtS0RFsHc\
     8rOLgs04bryhVn7WDJNn0Q_YKWD-hSGuMMTstkRxw0kWzsKjMCFIogfFaghPD9l7xN_9wTqiW-84XEK1J4-z2qa_btt2Kx6bneUBJATVH2THcL\
     q8rcN-xJYw01QYNCOU2QmKi1Sk2XL6U-azvGwXM-1AbfSD9nyY399B4opnYWDCmku6p6gGY2RSchaGRtw25PXevovHMd2k9sdQi8q0oDBKBcF0\
     o1gr8TW5gC7BLZLU37MmLZGYaKqtovFo0rYxAXvWdXGO4Up3Lngt3TuyJjZ7KW1I1Cu9AMO3alsCxrIWqjJlr0qiBnYaIjHe1JQ.LOAQk_28ne\
     T8FbqQJ38rjQ.n70dwMV1iRQMKMY8RwGFbg.Qz5PvZ89txEwGVVDIFJ07DwwQ797uKqLAFAmYs_yT1I";
/// What RFC 7520 §5 encrypts, in the beginning.
const PLAIN: &str = "You can trust us to stick with you through thick and thin";

fn curve(kind: Kind, d: &str) -> Opener {
    let algorithm = if kind == Kind::P384 { &ECDH_P384 } else { &ECDH_P256 };
    Opener::Curve(PrivateKey::from_private_key(algorithm, &from_base64url(d).unwrap()).unwrap())
}

fn open(token: &str, key: &Opener) -> Result<String, JweError> {
    let plain = Encrypted::parse(token)?.open(key)?;
    Ok(String::from_utf8(plain).unwrap())
}

/// A recipient and what opens for it.
fn pair(kind: Kind) -> (EncryptionKey, Opener) {
    let pair = match kind {
        Kind::Rsa => rsa().to_pkcs8().unwrap(),
        other => KeyPair::generate(other).unwrap().to_pkcs8().unwrap(),
    };
    let public = KeyPair::from_pkcs8(kind, pair.expose()).unwrap().public().clone();
    let mut jwk = public.to_members();
    jwk.insert("kid".into(), "k".into());
    let key = EncryptionKey::from_value(&Value::Object(jwk)).unwrap();
    (key, Opener::from_pkcs8(kind, pair.expose()).unwrap())
}

fn every_way() -> impl Iterator<Item = (Kind, Encryption)> {
    let kinds = |alg: EncryptionAlg| match alg {
        EncryptionAlg::RsaOaep256 => vec![Kind::Rsa],
        _ => vec![Kind::P256, Kind::P384],
    };
    let algs = EncryptionAlg::ALL
        .iter()
        .flat_map(move |alg| kinds(*alg).into_iter().map(|kind| (kind, *alg)));
    algs.flat_map(|(kind, alg)| {
        let encs = ContentEncryption::ALL.iter();
        encs.map(move |enc| (kind, Encryption { alg, enc: *enc }))
    })
}

#[test]
fn the_examples_of_the_cookbook_are_opened() {
    let peregrin = curve(
        Kind::P384,
        "iTx2pk7wW-GqJkHcEkFQb2EFyYcO7RugmaW3mRrQVAOUiPommT0IdnYK2xDlZh-j",
    );
    assert!(open(EXAMPLE_5_4, &peregrin).unwrap().contains("through thick and thin"));
    let meriadoc = curve(Kind::P256, "r_kHyZ-a06rmxM3yESK84r1otSg-aQcVStkRhA-iCM8");
    assert!(open(EXAMPLE_5_5, &meriadoc).unwrap().starts_with(PLAIN));
    assert_eq!(open(EXAMPLE_5_5, &pair(Kind::P256).1), Err(JweError::Undecryptable));
}

#[test]
fn what_another_library_made_is_opened() {
    let key = Opener::from_pkcs8(Kind::Rsa, &from_base64url(THEIR_KEY).unwrap()).unwrap();
    assert_eq!(open(THEIRS, &key).unwrap(), "made elsewhere");
}

#[test]
fn every_algorithm_opens_what_it_sealed_and_nothing_that_was_touched() {
    for (kind, how) in every_way() {
        let (key, opener) = pair(kind);
        let token = encrypt(&key, how, true, b"a.b.c", &SystemEntropy).unwrap();
        assert!(looks_encrypted(&token));
        assert_eq!(open(&token, &opener).unwrap(), "a.b.c", "{how:?}");
        let header: Value = serde_json::from_slice(&from_base64url(token.split('.').next().unwrap()).unwrap()).unwrap();
        assert_eq!(
            (&header["alg"], &header["enc"], &header["kid"], &header["cty"]),
            (&json!(how.alg), &json!(how.enc), &json!("k"), &json!("JWT"))
        );
        let parts: Vec<&str> = token.split('.').collect();
        for touched in 1..5 {
            let mut bytes = from_base64url(parts[touched]).unwrap();
            let Some(last) = bytes.last_mut() else { continue };
            *last ^= 1;
            let mut forged: Vec<String> = parts.iter().map(ToString::to_string).collect();
            forged[touched] = base64url(&bytes);
            assert_eq!(
                open(&forged.join("."), &opener),
                Err(JweError::Undecryptable),
                "{how:?} {touched}"
            );
            // Cut short, above all the tag.
            forged[touched] = base64url(&bytes[..bytes.len() / 2]);
            assert!(open(&forged.join("."), &opener).is_err(), "{how:?} {touched}");
        }
        // The header is vouched for as well.
        let mut header = header;
        header["cty"] = "jwt".into();
        let forged = token.replacen(parts[0], &base64url(header.to_string().as_bytes()), 1);
        assert_eq!(open(&forged, &opener), Err(JweError::Undecryptable));
    }
}

#[test]
fn an_empty_text_and_a_long_one_are_opened_alike() {
    for (kind, how) in every_way().filter(|(kind, _)| *kind == Kind::P256) {
        let (key, opener) = pair(kind);
        for length in [0, 1, 15, 16, 17, 30_000] {
            let plain = "x".repeat(length);
            let token = encrypt(&key, how, false, plain.as_bytes(), &SystemEntropy).unwrap();
            assert_eq!(open(&token, &opener).unwrap(), plain);
        }
    }
}

/// A token with another header, of which nothing would open.
fn with_header(header: &Value) -> String {
    format!(
        "{}.AAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
        base64url(header.to_string().as_bytes())
    )
}

#[test]
fn what_is_weak_or_not_understood_is_refused_by_its_header() {
    let refused = |header: Value| Encrypted::parse(&with_header(&header)).err().unwrap();
    for alg in [
        "RSA1_5",
        "RSA-OAEP",
        "dir",
        "A256KW",
        "PBES2-HS256+A128KW",
        "ECDH-ES+A192KW",
        "none",
        "RS256",
    ] {
        let why = refused(json!({"alg": alg, "enc": "A256GCM"}));
        assert_eq!(why, JweError::AlgorithmRefused("alg"), "{alg}");
    }
    for enc in ["A192GCM", "A192CBC-HS384", "none", "A256CBC"] {
        let why = refused(json!({"alg": "RSA-OAEP-256", "enc": enc}));
        assert_eq!(why, JweError::AlgorithmRefused("enc"), "{enc}");
    }
    let good = json!({"alg": "RSA-OAEP-256", "enc": "A256GCM"});
    let with = |name: &str, value: Value| {
        let mut header = good.clone();
        header[name] = value;
        refused(header)
    };
    assert_eq!(with("zip", json!("DEF")), JweError::Compressed);
    assert_eq!(with("crit", json!(["exp"])), JweError::Critical);
    assert!(matches!(with("x", json!("y".repeat(3000))), JweError::BadHeader(_)));
    let twice = base64url(br#"{"alg":"dir","alg":"ECDH-ES","enc":"A256GCM"}"#);
    let forms = ["", "a.b.c", "a.b.c.d", "....", "a.b.c.d.e.f", &format!("{twice}....")];
    for form in forms {
        assert!(Encrypted::parse(form).is_err(), "{form}");
    }
    assert_eq!(
        Encrypted::parse(&"a".repeat(MAX_JWE + 1)).err().unwrap(),
        JweError::TooLong
    );
}

#[test]
fn a_point_off_the_curve_or_of_another_curve_opens_nothing() {
    let (key, opener) = pair(Kind::P256);
    let how = Encryption {
        alg: EncryptionAlg::EcdhEs,
        enc: ContentEncryption::A128Gcm,
    };
    let token = encrypt(&key, how, false, b"x", &SystemEntropy).unwrap();
    let (header, rest) = token.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&from_base64url(header).unwrap()).unwrap();
    let off = json!({"kty": "EC", "crv": "P-256", "x": header["epk"]["x"], "y": header["epk"]["x"]});
    let other = KeyPair::generate(Kind::P384).unwrap().public().to_members();
    let leaked = json!({"kty": "EC", "crv": "P-256", "x": header["epk"]["x"], "y": header["epk"]["y"], "d": "AA"});
    for epk in [off, Value::Object(other), leaked, json!("no"), Value::Null] {
        let mut header = header.clone();
        header["epk"] = epk;
        let forged = format!("{}.{rest}", base64url(header.to_string().as_bytes()));
        assert_eq!(open(&forged, &opener), Err(JweError::Undecryptable));
    }
}

#[test]
fn the_key_that_says_it_is_for_encryption_is_chosen() {
    let members = |kid: &str, more: Value| {
        let mut jwk = KeyPair::generate(Kind::P256).unwrap().public().to_members();
        jwk.insert("kid".into(), kid.into());
        jwk.extend(more.as_object().unwrap().clone());
        Value::Object(jwk)
    };
    let chosen = |keys: Vec<Value>, alg| {
        let set = JwkSet::from_value(&json!({ "keys": keys })).unwrap();
        set.recipient(alg).and_then(|key| key.kid.clone())
    };
    let sig = || members("sig", json!({"use": "sig"}));
    let any = || members("any", json!({}));
    let enc = || members("enc", json!({"use": "enc"}));
    let exact = || members("exact", json!({"use": "enc", "alg": "ECDH-ES"}));
    let ops = || members("ops", json!({"key_ops": ["verify"]}));
    let alg = EncryptionAlg::EcdhEs;
    assert_eq!(chosen(vec![sig(), ops()], alg), None);
    assert_eq!(chosen(vec![sig(), any()], alg).as_deref(), Some("any"));
    assert_eq!(chosen(vec![any(), enc()], alg).as_deref(), Some("enc"));
    assert_eq!(chosen(vec![enc(), exact()], alg).as_deref(), Some("exact"));
    assert_eq!(chosen(vec![exact()], EncryptionAlg::EcdhEsA256Kw), None);
    assert_eq!(chosen(vec![enc(), any()], EncryptionAlg::RsaOaep256), None);
    let verifying = JwkSet::from_value(&json!({"keys": [enc(), exact(), any()]})).unwrap();
    assert_eq!(verifying.keys.len(), 1, "a key for encryption verifies nothing");
}

#[test]
fn a_retired_key_opens_for_a_while_and_is_no_longer_published() {
    let sealer = Sealer::new(vec![MasterKey::generate(&SystemEntropy)]).unwrap();
    let turning = Turning {
        sealer: &sealer,
        entropy: &SystemEntropy,
        now: NOW,
        usage: Usage::Enc,
    };
    let first = KeyPair::generate(Kind::P256).unwrap();
    let mut all = vec![turning.first(&first).unwrap()];
    let published = |ring: &KeyRing| {
        let set: Value = serde_json::from_slice(&ring.jwks().body).unwrap();
        set["keys"].as_array().unwrap().clone()
    };
    let ring = KeyRing::open(&all, &sealer, NOW).unwrap();
    let jwk = published(&ring).remove(0);
    assert_eq!(jwk["use"], "enc");
    assert_eq!(ring.encryption_algs().len(), 3, "the three of a curve");
    assert!(ring.algs().is_empty(), "it signs nothing");
    let how = Encryption {
        alg: EncryptionAlg::EcdhEsA128Kw,
        enc: ContentEncryption::A256CbcHs512,
    };
    let to = EncryptionKey::from_value(&jwk).unwrap();
    let token = encrypt(&to, how, false, b"x", &SystemEntropy).unwrap();
    assert_eq!(ring.decrypt(&token, NOW).unwrap(), b"x");

    let fresh = KeyPair::generate(Kind::P256).unwrap();
    let life = Seconds::hours(1);
    for row in turning.rotate(&all, &fresh, life).unwrap() {
        all.retain(|r| r.kid != row.kid);
        all.push(row);
    }
    let json = serde_json::to_string(&all).unwrap();
    let all: Vec<KeyRecord> = serde_json::from_str(&json).unwrap();
    let ring = KeyRing::open(&all, &sealer, NOW).unwrap();
    assert_eq!(published(&ring).len(), 1);
    assert_eq!(published(&ring)[0]["kid"], json!(fresh.public().thumbprint()));
    assert_eq!(ring.decrypt(&token, NOW).unwrap(), b"x");
    assert_eq!(ring.decrypt(&token, NOW.plus(life)), Err(JweError::UnknownKey));
    let later = KeyRing::open(&all, &sealer, NOW.plus(life)).unwrap();
    assert_eq!(later.decrypt(&token, NOW.plus(life)), Err(JweError::UnknownKey));
    let retired = turning
        .retire(&all, &KeyId::new(jwk["kid"].as_str().unwrap()), &fresh, Seconds(0))
        .unwrap();
    let ring = KeyRing::open(&retired, &sealer, NOW).unwrap();
    assert_eq!(ring.decrypt(&token, NOW), Err(JweError::UnknownKey));
}
