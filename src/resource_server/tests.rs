use serde_json::json;

use super::*;

const ISSUER: &str = "https://op.example";
const API: &str = "https://api.example";
const NOW: Timestamp = Timestamp::from_secs(1000);

fn server() -> ResourceServer {
    ResourceServer::new(ISSUER, API)
}

/// An answer with other members in place of its own; null leaves one out.
fn answer(other: Value) -> Value {
    let mut all = json!({"active": true, "iss": ISSUER, "aud": API, "sub": "s", "client_id": "c", "exp": 1001,
        "scope": "openid orders", "acr": "phr", "auth_time": 900});
    for (name, value) in other.as_object().unwrap() {
        all[name] = value.clone();
    }
    all.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    all
}

#[test]
fn an_answer_has_to_be_active_ours_for_us_and_in_time() {
    let token = server().introspected(&answer(json!({})), NOW).unwrap();
    assert_eq!((token.subject.as_str(), token.client_id.as_str()), ("s", "c"));
    let many = answer(json!({"aud": ["https://other.example", API]}));
    assert!(server().introspected(&many, NOW).is_ok());
    for other in [
        json!({"active": false}),
        json!({"active": "true"}),
        json!({"active": null}),
        json!({"iss": "https://evil.example"}),
        json!({"aud": "https://other.example"}),
        json!({"aud": []}),
        json!({"aud": null}),
        json!({"sub": null}),
        json!({"client_id": null}),
        json!({"exp": null}),
        json!({"exp": 1000}),
        json!({"scope": "\""}),
        json!({"cnf": {"jkt": "x"}}),
    ] {
        let refusal = server().introspected(&answer(other.clone()), NOW).unwrap_err();
        assert_eq!(refusal.status(), 401, "{other}");
        let said = refusal.challenge("api").error.unwrap();
        assert_eq!(said.code, ErrorCode::InvalidToken, "{other}");
    }
    assert!(server().introspected(&json!("active"), NOW).is_err());
}

#[test]
fn acr_values_are_a_set_and_age_counts_from_the_authentication() {
    let none = Demands::default();
    let phr = none.clone().acr_values(&["phrh", "phr"]);
    let epcs = none.clone().acr_values(&["urn:countersign:acr:epcs"]);
    let recent = |age| Demands::default().max_age(Seconds(age));
    for (demands, other, good) in [
        (&none, json!({"acr": null, "auth_time": null, "scope": null}), true),
        (&phr, json!({}), true),
        (&phr, json!({"acr": "phrh"}), true),
        (&phr, json!({"acr": "PHR"}), false),
        (&phr, json!({"acr": null}), false),
        (&epcs, json!({}), false),
        (&recent(100), json!({}), true),
        (&recent(99), json!({}), false),
        (&recent(0), json!({"auth_time": 1000}), true),
        (&recent(3600), json!({"auth_time": null}), false),
        (&phr.clone().max_age(Seconds(99)), json!({}), false),
        (&epcs.clone().max_age(Seconds(100)), json!({}), false),
    ] {
        let token = server().introspected(&answer(other.clone()), NOW).unwrap();
        match demands.check(&token, NOW) {
            Ok(()) => assert!(good, "{demands:?} {other}"),
            Err(refusal) => {
                assert!(!good && refusal.status() == 401, "{demands:?} {other}");
                let said = refusal.challenge("api");
                assert_eq!(
                    (said.acr_values, said.max_age),
                    (demands.acr_values.clone(), demands.max_age)
                );
            }
        }
    }
}

#[test]
fn what_is_missing_is_named_and_the_scope_comes_first() {
    let token = server().introspected(&answer(json!({})), NOW).unwrap();
    let demands = Demands::default().scope("orders sign").acr_values(&["phrh"]);
    let refusal = demands.check(&token, NOW).unwrap_err();
    assert_eq!(refusal.status(), 403);
    assert_eq!(
        refusal.challenge("api").to_string(),
        "Bearer realm=\"api\", error=\"insufficient_scope\", error_description=\"a scope is missing\", \
         scope=\"orders sign\""
    );
    assert!(Demands::default().scope("orders").check(&token, NOW).is_ok());
}

#[test]
fn the_token_comes_as_bearer_or_not_at_all() {
    assert_eq!(presented(&["Bearer t0k.en"]), Ok("t0k.en".to_owned()));
    for headers in [&[][..], &["Basic YTpi"], &["DPoP t0k.en"]] {
        let refusal = presented(headers).unwrap_err();
        assert_eq!(
            (refusal.status(), refusal.challenge("api").to_string()),
            (401, "Bearer realm=\"api\"".into())
        );
    }
    assert_eq!(presented(&["Bearer a", "Bearer a"]).unwrap_err().status(), 400);
}
