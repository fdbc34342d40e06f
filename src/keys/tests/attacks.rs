//! What is tried against JWT verifiers (RFC 8725 §2), each refused for its own reason.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::{NOW, claims, expected, pair_for, rsa, set_of};
use crate::base::Seconds;
use crate::base::encoding::base64url;
use crate::keys::jose::{MAX_JWS, unverified_claims, verify, verify_embedded};
use crate::keys::{Alg, Expected, Expiry, JoseError, JwkError, JwkSet, KeyPair, Kind, TypRule};

fn b64(value: &Value) -> String {
    base64url(value.to_string().as_bytes())
}

fn token(pair: &KeyPair, alg: Alg, header: Value) -> String {
    pair.sign_compact(alg, &header, &claims()).unwrap()
}

fn reason(token: &str, keys: &JwkSet, algs: &[Alg]) -> JoseError {
    verify(token, keys, &expected(algs)).unwrap_err()
}

#[test]
fn every_algorithm_verifies_and_only_where_it_is_allowed() {
    for alg in Alg::ALL {
        let pair = pair_for(alg);
        let keys = set_of(&pair, Some("k"), Some(alg));
        for header in [json!({ "alg": alg.name(), "kid": "k" }), json!({ "alg": alg.name() })] {
            let token = token(&pair, alg, header);
            assert_eq!(
                verify(&token, &keys, &expected(&Alg::ALL)).unwrap().text("sub"),
                Some("c"),
                "{alg}"
            );
            let others: Vec<Alg> = Alg::ALL.into_iter().filter(|other| *other != alg).collect();
            assert_eq!(
                reason(&token, &keys, &others),
                JoseError::AlgorithmRefused(alg.name().into())
            );
        }
    }
}

#[test]
fn none_is_refused_in_every_spelling() {
    let keys = set_of(&pair_for(Alg::Es256), None, None);
    for name in ["none", "None", "NONE", "nOnE", "", "es256", "HS256", "ES512"] {
        for signature in ["", "AAAA"] {
            let forged = format!("{}.{}.{signature}", b64(&json!({ "alg": name })), b64(&claims()));
            assert_eq!(
                reason(&forged, &keys, &Alg::ALL),
                JoseError::AlgorithmRefused(name.into())
            );
        }
    }
    let forged = format!("{}.{}.", b64(&json!({ "typ": "JWT" })), b64(&claims()));
    assert!(matches!(reason(&forged, &keys, &Alg::ALL), JoseError::BadHeader(_)));
}

#[test]
fn a_public_key_is_no_hmac_secret() {
    let pair = pair_for(Alg::Es256);
    let jwk = Value::Object(pair.public().to_members()).to_string();
    let message = format!("{}.{}", b64(&json!({ "alg": "HS256" })), b64(&claims()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, jwk.as_bytes());
    let forged = format!("{message}.{}", base64url(hmac::sign(&key, message.as_bytes()).as_ref()));
    let keys = set_of(&pair, None, None);
    assert_eq!(
        reason(&forged, &keys, &Alg::ALL),
        JoseError::AlgorithmRefused("HS256".into())
    );
}

#[test]
fn the_algorithm_of_the_key_counts_not_that_of_the_header() {
    // RSA: PKCS#1 under a PSS-only key, and the other way round; then kinds that do not fit at all.
    for (used, meant) in [(Alg::Rs256, Alg::Ps256), (Alg::Ps256, Alg::Rs256)] {
        let forged = token(rsa(), used, json!({ "alg": used.name(), "kid": "k" }));
        assert_eq!(
            reason(&forged, &set_of(rsa(), Some("k"), Some(meant)), &Alg::ALL),
            JoseError::KeyMismatch
        );
        // The header lies about what made the signature.
        let lied = token(rsa(), used, json!({ "alg": meant.name() }));
        assert_eq!(
            reason(&lied, &set_of(rsa(), None, None), &Alg::ALL),
            JoseError::BadSignature
        );
    }
    for alg in Alg::ALL {
        for other in Alg::ALL.into_iter().filter(|o| o.kind() != alg.kind()) {
            let keys = set_of(&pair_for(other), Some("k"), None);
            for kid in [json!({ "alg": alg.name() }), json!({ "alg": alg.name(), "kid": "k" })] {
                assert_eq!(
                    reason(&token(&pair_for(alg), alg, kid), &keys, &Alg::ALL),
                    JoseError::KeyMismatch
                );
            }
        }
    }
}

#[test]
fn a_signature_counts_only_whole_over_what_was_signed_and_by_the_right_key() {
    for alg in Alg::ALL {
        let pair = pair_for(alg);
        let keys = set_of(&pair, None, None);
        let good = token(&pair, alg, json!({ "alg": alg.name() }));
        let (message, signature) = good.rsplit_once('.').unwrap();
        let (header, _) = message.split_once('.').unwrap();
        let mut other = claims();
        other["sub"] = "admin".into();
        let bad = [
            format!("{message}.{}", &signature[..signature.len() - 4]),
            format!("{message}."),
            format!("{message}.{signature}AAAA"),
            format!("{message}.{signature}="),
            format!("{message}.!{}", &signature[1..]),
            format!("{header}.{}.{signature}", b64(&other)),
        ];
        for forged in bad {
            assert_eq!(
                reason(&forged, &keys, &Alg::ALL),
                JoseError::BadSignature,
                "{alg} {forged}"
            );
        }
        if alg.kind() != Kind::Rsa {
            let stranger = token(&pair_for(alg), alg, json!({ "alg": alg.name() }));
            assert_eq!(reason(&stranger, &keys, &Alg::ALL), JoseError::BadSignature);
        }
    }
    // CVE-2022-21449: r = s = 0.
    let zero = format!(
        "{}.{}.{}",
        b64(&json!({ "alg": "ES256" })),
        b64(&claims()),
        base64url(&[0; 64])
    );
    assert_eq!(
        reason(&zero, &set_of(&pair_for(Alg::Es256), None, None), &Alg::ALL),
        JoseError::BadSignature
    );
}

#[test]
fn a_kid_that_nobody_bears_is_an_unknown_key() {
    let pair = pair_for(Alg::Es256);
    let named = token(&pair, Alg::Es256, json!({ "alg": "ES256", "kid": "../../dev/null" }));
    assert_eq!(
        reason(&named, &set_of(&pair, Some("k"), None), &Alg::ALL),
        JoseError::UnknownKey
    );
    assert_eq!(
        reason(&named, &set_of(&pair, None, None), &Alg::ALL),
        JoseError::UnknownKey
    );
}

#[test]
fn headers_that_are_ambiguous_or_demanding_are_refused() {
    let pair = pair_for(Alg::Es256);
    let keys = set_of(&pair, None, None);
    let raw = |header: &str| {
        let message = format!("{}.{}", base64url(header.as_bytes()), b64(&claims()));
        let signature = pair.sign(Alg::Es256, message.as_bytes()).unwrap();
        format!("{message}.{}", base64url(&signature))
    };
    assert!(
        verify(
            &raw(r#"{"alg":"ES256","jku":"https://evil.example"}"#),
            &keys,
            &expected(&Alg::ALL)
        )
        .is_ok()
    );
    for critical in [
        r#"{"alg":"ES256","crit":["exp"],"exp":1}"#,
        r#"{"alg":"ES256","crit":[]}"#,
        r#"{"alg":"ES256","crit":["b64","b64"],"b64":false}"#,
        r#"{"alg":"ES256","b64":false}"#,
    ] {
        assert_eq!(reason(&raw(critical), &keys, &Alg::ALL), JoseError::Critical);
    }
    for twice in [
        r#"{"alg":"ES256","alg":"none"}"#,
        r#"{"alg":1}"#,
        r#"["ES256"]"#,
        r#"{"alg":"ES256","kid":7}"#,
        "{",
    ] {
        assert!(
            matches!(reason(&raw(twice), &keys, &Alg::ALL), JoseError::BadHeader(_)),
            "{twice}"
        );
    }
    // Claims that say a name twice.
    let payload = base64url(br#"{"sub":"c","sub":"admin"}"#);
    let message = format!("{}.{payload}", b64(&json!({ "alg": "ES256" })));
    let forged = format!(
        "{message}.{}",
        base64url(&pair.sign(Alg::Es256, message.as_bytes()).unwrap())
    );
    assert!(matches!(reason(&forged, &keys, &Alg::ALL), JoseError::BadClaims(_)));
    for shape in ["", ".", "a.b", "..", "a.b.c.d.e"] {
        assert!(verify(shape, &keys, &expected(&Alg::ALL)).is_err());
    }
    assert_eq!(reason(&"a".repeat(MAX_JWS + 1), &keys, &Alg::ALL), JoseError::TooLong);
}

#[test]
fn standard_claims_are_checked_to_the_second() {
    let pair = pair_for(Alg::EdDsa);
    let keys = set_of(&pair, None, None);
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        claims.as_object_mut().unwrap().retain(|_, v| !v.is_null());
        pair.sign_compact(Alg::EdDsa, &json!({ "alg": "EdDSA", "typ": "jwt" }), &claims)
            .unwrap()
    };
    let check = |token: &str| verify(token, &keys, &expected(&[Alg::EdDsa])).map(|_| ());
    let now = NOW.secs();
    assert_eq!(check(&with("exp", json!(now))), Err(JoseError::Expired));
    assert_eq!(check(&with("exp", json!(now + 1))), Ok(()));
    assert_eq!(check(&with("exp", Value::Null)), Err(JoseError::MissingClaim("exp")));
    assert!(matches!(
        check(&with("exp", json!("soon"))),
        Err(JoseError::BadClaims(_))
    ));
    assert!(
        matches!(check(&with("exp", json!(1.8e12))), Err(JoseError::BadClaims(_))),
        "milliseconds"
    );
    // FAPI 2.0 §5.3.2.1
    for claim in ["nbf", "iat"] {
        assert_eq!(check(&with(claim, json!(now + 10))), Ok(()));
        assert_eq!(check(&with(claim, json!(now + 61))), Err(JoseError::NotYetValid));
    }
    assert_eq!(
        check(&with("iss", json!("https://other.example"))),
        Err(JoseError::WrongIssuer)
    );
    assert_eq!(check(&with("iss", json!([super::ISSUER]))), Err(JoseError::WrongIssuer));
    assert_eq!(check(&with("aud", json!(["x", "https://op.example"]))), Ok(()));
    assert_eq!(
        check(&with("aud", json!("https://op.example/"))),
        Err(JoseError::WrongAudience)
    );
    assert_eq!(check(&with("aud", Value::Null)), Err(JoseError::MissingClaim("aud")));
    let late = Expected {
        now: NOW.plus(Seconds::days(9)),
        ..expected(&[Alg::EdDsa])
    };
    let token = with("sub", json!("c"));
    assert_eq!(verify(&token, &keys, &late).unwrap_err(), JoseError::Expired);
    assert!(
        verify(
            &token,
            &keys,
            &Expected {
                expiry: Expiry::Ignored,
                ..late
            }
        )
        .is_ok()
    );
    let typed = Expected {
        typ: TypRule::OneOf(&["at+jwt"]),
        ..expected(&[Alg::EdDsa])
    };
    assert_eq!(verify(&token, &keys, &typed).unwrap_err(), JoseError::WrongType);
}

#[test]
fn an_embedded_key_proves_itself_and_must_be_public() {
    let pair = pair_for(Alg::Es256);
    let mut jwk = Value::Object(pair.public().to_members());
    let open = Expected {
        typ: TypRule::OneOf(&["dpop+jwt"]),
        issuer: None,
        audience: None,
        expiry: Expiry::IfPresent,
        ..expected(&Alg::FAPI)
    };
    let proof = |jwk: &Value| {
        token(
            &pair,
            Alg::Es256,
            json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk }),
        )
    };
    let (_, key) = verify_embedded(&proof(&jwk), &open).unwrap();
    assert_eq!(key.public.thumbprint(), pair.public().thumbprint());
    let stranger = Value::Object(pair_for(Alg::Es256).public().to_members());
    assert_eq!(
        verify_embedded(&proof(&stranger), &open).unwrap_err(),
        JoseError::BadSignature
    );
    for private in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        jwk[private] = "AAAA".into();
        assert_eq!(
            verify_embedded(&proof(&jwk), &open).unwrap_err(),
            JoseError::EmbeddedKey(JwkError::Private)
        );
        jwk.as_object_mut().unwrap().remove(private);
    }
    let without = token(&pair, Alg::Es256, json!({ "alg": "ES256", "typ": "dpop+jwt" }));
    assert!(matches!(verify_embedded(&without, &open), Err(JoseError::BadHeader(_))));
    assert_eq!(unverified_claims(&without).unwrap()["sub"], "c");
}
