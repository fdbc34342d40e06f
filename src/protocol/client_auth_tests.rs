use super::*;
use crate::base::encoding::{base64, base64url};
use crate::protocol::ErrorCode;
use crate::protocol::authorize::tests::client;
use proptest::prelude::*;
use serde_json::json;

fn basic(pair: &str) -> String {
    format!("Basic {}", base64(pair.as_bytes()))
}

fn jwt(claims: &Value) -> String {
    format!("e30.{}.sig", base64url(claims.to_string().as_bytes()))
}

#[test]
fn each_method_is_recognised() {
    let assertion = jwt(&json!({"iss": "rp", "sub": "rp"}));
    let header = basic("r%3Ap:a+b%2Bc%25");
    for (headers, pairs, method, id, secret) in [
        (
            &[header.as_str()][..],
            &[][..],
            AuthMethod::ClientSecretBasic,
            "r:p",
            "a b+c%",
        ),
        (
            &[header.as_str()],
            &[("client_id", "r:p")],
            AuthMethod::ClientSecretBasic,
            "r:p",
            "a b+c%",
        ),
        (
            &[],
            &[("client_id", "rp"), ("client_secret", "s")],
            AuthMethod::ClientSecretPost,
            "rp",
            "s",
        ),
        (
            &[],
            &[
                ("client_assertion_type", JWT_BEARER),
                ("client_assertion", assertion.as_str()),
            ],
            AuthMethod::PrivateKeyJwt,
            "rp",
            assertion.as_str(),
        ),
        (&[], &[("client_id", "rp")], AuthMethod::None, "rp", ""),
    ] {
        let found = ClientCredentials::extract(headers, &Params::from_pairs(pairs.iter().copied())).unwrap();
        assert_eq!(found.client_id().as_str(), id);
        for other in AuthMethod::ALL {
            let assertion = method == AuthMethod::PrivateKeyJwt && *other == AuthMethod::ClientSecretJwt;
            assert_eq!(found.fits(*other), *other == method || assertion, "{method} as {other}");
        }
        match &found {
            ClientCredentials::Basic { secret: s, .. }
            | ClientCredentials::Post { secret: s, .. }
            | ClientCredentials::Assertion { assertion: s, .. } => assert_eq!(s.expose(), secret),
            ClientCredentials::Certificate { .. } | ClientCredentials::None { .. } => {}
        }
        assert!(secret.len() < 2 || !format!("{found:?}").contains(secret));
    }
}

fn refused(headers: &[&str], pairs: &[(&str, &str)]) -> ErrorCode {
    let params = Params::from_pairs(pairs.iter().copied());
    ClientCredentials::extract(headers, &params).unwrap_err().code
}

#[test]
fn headers_and_bodies_that_are_refused() {
    use ErrorCode::{InvalidClient, InvalidRequest};
    let good = basic("rp:s");
    let good = good.as_str();
    for (headers, pairs, code) in [
        (&[][..], &[][..], InvalidClient),
        (&[], &[("client_secret", "s")], InvalidClient),
        (&[], &[("client_id", "rp"), ("client_id", "rp")], InvalidRequest),
        (&[good, good], &[], InvalidRequest),
        (&[good], &[("client_secret", "s")], InvalidRequest),
        (&[good], &[("client_id", "other")], InvalidRequest),
        (&["Basic"], &[], InvalidClient),
        (&["Basic ???"], &[], InvalidClient),
        (&["Bearer abc"], &[], InvalidClient),
        (&[""], &[], InvalidClient),
        (&[&basic("rp")], &[], InvalidClient),
        (&[&basic("rp:%zz")], &[], InvalidClient),
        (&[&basic("rp:")], &[], InvalidClient),
        (&[&basic(":s")], &[], InvalidClient),
    ] {
        assert_eq!(refused(headers, pairs), code, "{headers:?} {pairs:?}");
    }
}

#[test]
fn assertions_that_are_refused_before_their_claims() {
    use ErrorCode::{InvalidClient, InvalidRequest};
    let good = basic("rp:s");
    let jwt = jwt(&json!({"iss": "rp", "sub": "rp"}));
    let (kind, jwt) = (
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", jwt.as_str()),
    );
    for (headers, pairs, code) in [
        (&[good.as_str()][..], &[kind, jwt][..], InvalidRequest),
        (&[], &[("client_secret", "s"), kind, jwt], InvalidRequest),
        (&[], &[("client_id", "other"), kind, jwt], InvalidRequest),
        (&[], &[jwt], InvalidRequest),
        (&[], &[kind], InvalidRequest),
        (&[], &[("client_assertion_type", "saml"), jwt], InvalidClient),
        (&[], &[kind, ("client_assertion", "x.y.z")], InvalidClient),
        (&[], &[kind, ("client_assertion", "e30.e30.s")], InvalidClient),
    ] {
        assert_eq!(refused(headers, pairs), code, "{pairs:?}");
    }
}

#[test]
fn only_the_registered_method_and_secret_will_do() {
    let confidential = client(json!({}));
    let public = client(json!({"client_secret": null, "token_endpoint_auth_method": "none"}));
    let take = |headers: &[&str], pairs: &[(&str, &str)]| {
        ClientCredentials::extract(headers, &Params::from_pairs(pairs.iter().copied())).unwrap()
    };
    let right = take(&[&basic("rp:a-secret-of-sufficient-length")], &[]);
    let wrong = take(&[&basic("rp:a-secret-of-sufficient-lengtH")], &[]);
    let post = take(
        &[],
        &[("client_id", "rp"), ("client_secret", "a-secret-of-sufficient-length")],
    );
    let none = take(&[], &[("client_id", "rp")]);
    assert!(right.check_method(&confidential).is_ok());
    assert!(none.check_method(&public).is_ok());
    for (credentials, client) in [
        (&wrong, &confidential),
        (&post, &confidential),
        (&none, &confidential),
        (&right, &public),
    ] {
        assert_eq!(
            credentials.check_method(client).unwrap_err().code,
            ErrorCode::InvalidClient
        );
    }
}

const NOW: i64 = 1_800_000_000;

fn check(profile: Profile, changes: Value) -> Result<CheckedAssertion, OAuthError> {
    let mut claims = json!({"iss": "rp", "sub": "rp", "aud": "https://op.example", "exp": NOW + 60, "jti": "j"});
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    let id = ClientId::new("rp");
    check_assertion(
        &claims,
        &AssertionRules {
            client_id: &id,
            profile,
            issuer: "https://op.example",
            endpoints: &["https://op.example/token"],
            now: Timestamp::from_secs(NOW),
        },
    )
}

#[test]
fn assertions_that_fit() {
    let token_endpoint = "https://op.example/token";
    for changes in [
        json!({}),
        json!({"exp": NOW as f64 + 59.5}),
        json!({"exp": NOW + 3600}),
        json!({"exp": NOW - 9}),
        json!({"iat": NOW + 10, "nbf": NOW + 60}),
        json!({"iat": NOW - 100_000}),
    ] {
        assert!(check(Profile::Oidc, changes.clone()).is_ok(), "{changes}");
        assert!(check(Profile::Fapi2, changes.clone()).is_ok(), "{changes}");
    }
    for aud in [
        json!(token_endpoint),
        json!(["https://op.example"]),
        json!(["https://op.example", token_endpoint]),
    ] {
        assert!(check(Profile::Oidc, json!({"aud": aud})).is_ok(), "{aud}");
        assert!(check(Profile::Fapi2, json!({"aud": aud})).is_err(), "{aud}");
    }
    let expected = CheckedAssertion {
        jti: "j".to_owned(),
        forget_after: Timestamp::from_secs(NOW + 70),
    };
    assert_eq!(check(Profile::Oidc, json!({})), Ok(expected));
}

#[test]
fn assertions_that_do_not_fit() {
    for changes in [
        json!({"iss": "other"}),
        json!({"iss": null}),
        json!({"sub": "other"}),
        json!({"sub": null}),
        json!({"aud": null}),
        json!({"aud": []}),
        json!({"aud": "https://other.example"}),
        json!({"aud": "https://op.example/"}),
        json!({"aud": ["https://op.example", "https://other.example"]}),
        json!({"aud": 1}),
        json!({"exp": null}),
        json!({"exp": "1"}),
        json!({"exp": -1}),
        json!({"exp": 1e300}),
        json!({"exp": NOW - 10}),
        json!({"exp": NOW + 3661}),
        json!({"iat": NOW + 61}),
        json!({"iat": "now"}),
        json!({"nbf": NOW + 61}),
        json!({"jti": null}),
        json!({"jti": ""}),
        json!({"jti": 5}),
        json!({"jti": "x".repeat(MAX_JTI_BYTES + 1)}),
    ] {
        for profile in [Profile::Oidc, Profile::Fapi2] {
            assert_eq!(
                check(profile, changes.clone()).unwrap_err().code,
                ErrorCode::InvalidClient,
                "{changes}"
            );
        }
    }
}

proptest! {
    #[test]
    fn any_header_gives_an_answer(header in ".{0,80}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = ClientCredentials::extract(&[&header], &Params::default());
        let _ = ClientCredentials::extract(&[&format!("Basic {}", base64(&bytes))], &Params::default());
        let jwt = format!("{header}.{}.x", base64url(&bytes));
        let params = Params::from_pairs([("client_assertion_type", JWT_BEARER), ("client_assertion", jwt.as_str())]);
        let _ = ClientCredentials::extract(&[], &params);
    }
}
