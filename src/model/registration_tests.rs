use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::base::{Secret, Timestamp};
use crate::protocol::registration::Information;

// What the fuzzer checks as well.
include!("../../fuzz/properties/registration.rs");

fn asked(body: &Value) -> Asked {
    Asked::parse(body.to_string().as_bytes()).unwrap()
}

fn rules(toml: &str) -> RegistrationRules {
    toml::from_str(toml).unwrap()
}

fn checked(toml: &str) -> Result<(), Problem> {
    rules(toml).check(|name| name == "strangers")
}

#[test]
fn registration_is_off_unless_somebody_opens_it() {
    let rules = RegistrationRules::default();
    assert!(!rules.is_open() && rules.is_default());
    rules.check(|_| false).unwrap();
}

#[test]
fn what_the_operator_writes_is_judged() {
    for good in [
        "mode = \"open\"\npolicies = [\"strangers\"]",
        "mode = \"initial_access_token\"\nconsent = \"required\"\nprofile = \"fapi2\"",
        "redirect_hosts = [\"rp.example\", \"*.rp.example\", \"127.0.0.1\"]",
        "registrant_may_set = [\"access_token_lifetime\", \"profile\"]",
        "require_software_statement = true\n[[software_statement_issuers]]\nissuer = \"a\"\njwks = { keys = [] }",
    ] {
        assert_eq!(checked(good), Ok(()), "{good}");
    }
    for (wrong, key) in [
        ("policies = [\"nobody-knows\"]", "policies"),
        ("consent = \"implicit\"", "consent"),
        ("registrant_may_set = [\"policies\"]", "registrant_may_set"),
        ("registrant_may_set = [\"client_name\"]", "registrant_may_set"),
        ("redirect_hosts = [\"https://rp.example\"]", "redirect_hosts"),
        ("redirect_hosts = [\"*\"]", "redirect_hosts"),
        ("redirect_hosts = [\"RP.example\"]", "redirect_hosts"),
        ("redirect_hosts = [\"a.*.example\"]", "redirect_hosts"),
        ("client_secret_lifetime = -1", "client_secret_lifetime"),
        ("expire_unused_after_days = 400", "expire_unused_after_days"),
        ("require_software_statement = true", "require_software_statement"),
        (
            "[[software_statement_issuers]]\nissuer = \"a\"\njwks = { keys = [{ kty = \"oct\", k = \"x\" }] }",
            "software_statement_issuers a",
        ),
    ] {
        let problem = checked(wrong).unwrap_err();
        assert_eq!(problem.place, format!("workspace.registration: {key}"), "{wrong}");
    }
    assert!(toml::from_str::<RegistrationRules>("mode = \"everybody\"").is_err());
    assert!(toml::from_str::<RegistrationRules>("modes = \"open\"").is_err());
}

#[test]
fn a_client_gets_what_it_asks_for_within_the_rules() {
    let rules = rules("scope = \"openid email\"\nprofile = \"fapi2\"\nredirect_hosts = [\"*.rp.example\"]");
    for (body, refusal) in [
        (json!({"redirect_uris": ["https://a.rp.example/cb"]}), None),
        (json!({"scope": "openid"}), None),
        (json!({"scope": "openid authenticators"}), Some("scope")),
        (json!({"grant_types": ["implicit"]}), Some("grant_types")),
        (json!({"grant_types": ["password"]}), Some("grant_types")),
        (json!({"response_types": ["id_token code"]}), Some("response_types")),
        (json!({"response_types": ["token"]}), Some("response_types")),
        (
            json!({"redirect_uris": ["https://rp.example/cb"]}),
            Some("redirect_uris"),
        ),
        (
            json!({"redirect_uris": ["https://.rp.example/cb"]}),
            Some("redirect_uris"),
        ),
        (
            json!({"redirect_uris": ["https://evilrp.example/cb"]}),
            Some("redirect_uris"),
        ),
        (
            json!({"redirect_uris": ["https://a.rp.example.evil.example/cb"]}),
            Some("redirect_uris"),
        ),
        (json!({"redirect_uris": ["com.example.app:/cb"]}), Some("redirect_uris")),
        (
            json!({"post_logout_redirect_uris": ["https://evil.example/"]}),
            Some("post_logout_redirect_uris"),
        ),
        (
            json!({"initiate_login_uri": "http://localhost/go"}),
            Some("initiate_login_uri"),
        ),
        (json!({"client_name": "\u{202e}knab"}), Some("client_name")),
        (json!({"client_name": "  "}), Some("client_name")),
        (json!({"client_name": "x".repeat(65)}), Some("client_name")),
        (json!({"contacts": vec!["a@b.example"; 11]}), Some("contacts")),
        (json!({"policies": ["lenient"]}), Some("policies")),
        (json!({"profile": "oidc"}), Some("profile")),
    ] {
        let found = rules.admit(asked(&body));
        let why = found.as_ref().err().map(OAuthError::description);
        match refusal {
            None => assert!(found.is_ok(), "{body}: {why:?}"),
            Some(start) => assert!(why.is_some_and(|w| w.starts_with(start)), "{body}: {why:?}"),
        }
    }
    let client = rules.admit(asked(&json!({}))).unwrap();
    assert_eq!(client.scope, Some(rules.scope.clone()));
    assert_eq!(
        (client.profile, client.id_token_signed_response_alg),
        (Some(Profile::Fapi2), None)
    );
}

/// OIDC Registration §2.
#[test]
fn who_does_not_say_gets_what_the_specification_says() {
    let client = RegistrationRules::default().admit(asked(&json!({}))).unwrap();
    assert_eq!(client.id_token_signed_response_alg, Some(SigningAlg::Rs256));
    assert!(!client.scope.unwrap().contains("evidence"));
}

#[test]
fn what_is_opened_may_be_set_but_for_consent_that_nobody_is_asked_for() {
    let rules = rules("registrant_may_set = [\"consent\", \"access_token_lifetime\", \"profile\"]");
    let body = json!({"consent": "required", "access_token_lifetime": 60, "profile": "fapi2"});
    let mut client = rules.admit(asked(&body)).unwrap();
    rules.govern(&mut client);
    assert_eq!(
        (client.consent, client.profile),
        (Some(Consent::Required), Some(Profile::Fapi2))
    );
    let error = rules.admit(asked(&json!({"consent": "implicit"}))).unwrap_err();
    assert!(error.description().starts_with("consent"), "{error}");
}

/// Of things that are close to a registration.
fn body() -> impl Strategy<Value = Value> {
    let uri = prop_oneof![
        "(https|http|javascript|data|com\\.a)://?[a-z.@:/#?\\\\*]{0,20}",
        Just("https://rp.example/cb".to_owned()),
        Just("http://localhost:5/cb".to_owned()),
    ];
    let value = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        prop::collection::vec(uri, 0..3).prop_map(Value::from),
        Just(json!({"keys": []})),
        Just(json!("openid")),
        Just(json!("none")),
        Just(json!("implicit")),
    ];
    let name = prop::sample::select(ClientMetadata::member_names().to_vec());
    prop::collection::btree_map(name.prop_map(str::to_owned), value, 0..6).prop_map(|members| {
        let mut members: serde_json::Map<String, Value> = members.into_iter().collect();
        members
            .entry("redirect_uris")
            .or_insert_with(|| json!(["https://rp.example/cb"]));
        members.into()
    })
}

proptest! {
    #[test]
    fn any_bytes_get_an_answer(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        registration_property(&data);
    }

    #[test]
    fn no_body_gets_a_client_that_the_rules_do_not_allow(body in body()) {
        registration_property(body.to_string().as_bytes());
    }
}
