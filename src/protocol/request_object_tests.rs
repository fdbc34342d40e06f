use super::*;
use crate::protocol::authorize::tests::client;
use crate::protocol::client::ClientMetadata;
use crate::protocol::request_object;
use proptest::prelude::*;
use serde_json::json;

const ISSUER: &str = "https://op.example";
const NOW: i64 = 1_800_000_000;

fn rules(client: &Client) -> Rules<'_> {
    Rules {
        client,
        issuer: ISSUER,
        signed: true,
        now: Timestamp::from_secs(NOW),
    }
}

fn claims(changes: Value) -> Map<String, Value> {
    let mut all = json!({
        "iss": "rp", "aud": ISSUER, "client_id": "rp", "response_type": "code", "scope": "openid",
        "redirect_uri": "https://rp.example/cb", "max_age": 5, "claims": {"userinfo": {"email": null}},
        "exp": NOW + 60, "nbf": NOW, "iat": NOW, "jti": "once"
    });
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
    }
    all.as_object_mut().unwrap().retain(|_, v| *v != "absent");
    all.as_object().unwrap().clone()
}

fn read(changes: Value) -> Result<Params, OAuthError> {
    let client = client(json!({}));
    params(
        &claims(changes),
        &Params::from_pairs([("client_id", "rp")]),
        &rules(&client),
    )
}

#[test]
fn only_what_is_inside_counts() {
    let client = client(json!({}));
    let outside = Params::from_pairs([
        ("client_id", "rp"),
        ("state", "forged"),
        ("prompt", "none"),
        ("scope", "email"),
    ]);
    let found = params(&claims(json!({})), &outside, &rules(&client)).unwrap();
    let mut pairs: Vec<_> = found.iter().collect();
    pairs.sort_unstable();
    assert_eq!(
        pairs,
        [
            ("claims", r#"{"userinfo":{"email":null}}"#),
            ("client_id", "rp"),
            ("max_age", "5"),
            ("redirect_uri", "https://rp.example/cb"),
            ("response_type", "code"),
            ("scope", "openid"),
        ]
    );
}

#[test]
fn what_openid_wants_outside_may_be_missing_inside_unless_the_client_insists() {
    let outside = Params::from_pairs([
        ("client_id", "rp"),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "x"),
    ]);
    let bare = claims(json!({"client_id": "absent", "response_type": "absent", "scope": "absent"}));
    let found = params(&bare, &outside, &rules(&client(json!({})))).unwrap();
    assert_eq!(found.single("scope"), Ok(Some("openid")));
    assert!(!found.has("state"));
    let strict = client(json!({"require_signed_request_object": true, "jwks": {"keys": []}}));
    assert!(params(&bare, &outside, &rules(&strict)).is_err());
}

/// RFC 8707 §2.1.
#[test]
fn several_resources_are_a_list() {
    for (inside, found) in [
        (json!("urn:a"), &["urn:a"][..]),
        (json!(["urn:a", "urn:b"]), &["urn:a", "urn:b"]),
        (json!([]), &[]),
    ] {
        let params = read(json!({ "resource": inside })).unwrap();
        assert_eq!(params.all("resource").collect::<Vec<_>>(), found);
    }
    let long = "x".repeat(MAX_VALUE_BYTES + 1);
    assert!(read(json!({"resource": ["urn:a", long]})).is_err());
}

#[test]
fn what_does_not_fit_is_refused() {
    for changes in [
        json!({"iss": "absent"}),
        json!({"iss": "other"}),
        json!({"iss": ["rp"]}),
        json!({"aud": "absent"}),
        json!({"aud": "https://other.example"}),
        json!({"aud": ["https://other.example"]}),
        json!({"aud": []}),
        json!({"sub": "rp"}),
        json!({"exp": NOW}),
        json!({"exp": "soon"}),
        json!({"nbf": NOW + 600}),
        json!({"iat": NOW + 600}),
        json!({"client_id": "other"}),
        json!({"client_id": ["rp"]}),
        json!({"request": "x"}),
        json!({"request_uri": "https://rp.example/x"}),
        json!({"request_uri": null}),
        json!({"state": "a\u{0}b"}),
        json!({"state": "x".repeat(MAX_VALUE_BYTES + 1)}),
    ] {
        let error = read(changes.clone()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidRequestObject, "{changes}: {error}");
    }
    assert!(read(json!({"aud": [ISSUER, "https://other.example"], "exp": "absent", "nbf": "absent"})).is_ok());
    let different = Params::from_pairs([("client_id", "rp"), ("response_type", "code id_token")]);
    assert!(params(&claims(json!({})), &different, &rules(&client(json!({})))).is_err());
}

#[test]
fn unsigned_objects_need_not_say_whose_they_are() {
    let client = client(json!({}));
    let unsigned = Rules {
        signed: false,
        ..rules(&client)
    };
    let outside = Params::from_pairs([("client_id", "rp")]);
    assert!(params(&claims(json!({"iss": "absent", "aud": "absent"})), &outside, &unsigned).is_ok());
    assert!(params(&claims(json!({"iss": "other"})), &outside, &unsigned).is_err());
    assert!(params(&claims(json!({"aud": "https://other.example"})), &outside, &unsigned).is_err());
}

#[test]
fn fapi_objects_are_short_lived() {
    let fapi = client(json!({
        "profile": "fapi2", "client_secret": null, "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": []}, "response_types": ["code"], "grant_types": ["authorization_code"]
    }));
    let outside = Params::from_pairs([("client_id", "rp")]);
    for (changes, good) in [
        (json!({}), true),
        (json!({"nbf": NOW + 8}), true),
        (json!({"nbf": NOW - 3600}), false),
        (json!({"nbf": NOW - 3500, "exp": NOW + 100}), true),
        (json!({"nbf": NOW - 3601, "exp": NOW - 1}), false),
        (json!({"nbf": NOW, "exp": NOW + 3601}), false),
        (json!({"nbf": "absent"}), false),
        (json!({"exp": "absent"}), false),
        (json!({"response_type": "absent"}), true),
    ] {
        let found = params(&claims(changes.clone()), &outside, &rules(&fapi));
        assert_eq!(found.is_ok(), good, "{changes}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("rp")),
        Just(json!(ISSUER)),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..3).prop_map(|m| json!(m)),
        ]
    })
}

// What the fuzzer checks as well.
include!("../../fuzz/properties/request_object.rs");

proptest! {
    #[test]
    fn any_object_is_judged_by_who_signed_it(changes in proptest::collection::btree_map(
        prop_oneof![Just("iss".to_owned()), Just("aud".to_owned()), Just("exp".to_owned()), Just("state".to_owned())],
        any_json(), 0..4,
    )) {
        request_object_property(json!(claims(json!(changes))).to_string().as_bytes());
    }

    /// Whatever is claimed: an answer, and a request only of this client.
    #[test]
    fn any_claims_give_an_answer(
        changes in proptest::collection::btree_map(
            prop_oneof![
                Just("iss".to_owned()), Just("aud".to_owned()), Just("exp".to_owned()), Just("client_id".to_owned()),
                Just("state".to_owned()), Just("request".to_owned()), ".{0,8}".prop_map(|s| s),
            ],
            any_json(),
            0..5,
        )
    ) {
        if let Ok(found) = read(json!(changes)) {
            prop_assert_eq!(found.single("client_id"), Ok(Some("rp")));
            prop_assert!(!found.has("request") && !found.has("request_uri"));
            prop_assert_eq!(Params::parse(found.encode().as_bytes()).unwrap(), found);
        }
    }
}
