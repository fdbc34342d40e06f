use super::*;

fn read(body: &Value) -> Result<ClientMetadata, OAuthError> {
    Asked::parse(body.to_string().as_bytes())?.read(&[])
}

/// A new member of `ClientMetadata` has to be put into one of the lists: may a stranger set it?
#[test]
fn of_every_member_it_is_said_who_may_set_it() {
    for name in ClientMetadata::member_names() {
        let lists = [MEMBERS, MAY_BE_OPENED, NEVER, GIVEN];
        let found = lists.iter().filter(|list| list.contains(name)).count();
        assert_eq!(found, 1, "say in protocol/registration.rs who may set {name}");
    }
}

#[test]
fn what_is_not_the_clients_is_refused_by_name() {
    let redirects = json!(["https://rp.example/cb"]);
    for name in NEVER.iter().chain(MAY_BE_OPENED) {
        let error = read(&json!({"redirect_uris": redirects, *name: "x"})).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidClientMetadata);
        assert!(error.description().starts_with(name), "{error}");
    }
}

#[test]
fn what_is_given_by_us_and_what_nobody_knows_says_nothing() {
    let client = read(&json!({
        "client_id": "basic", "client_secret": "x", "client_secret_expires_at": 5, "registration_access_token": "x",
        "client_name": "A", "client_name#es": "Á", "software_id": "x", "unheard_of": {"a": [1]}, "logo_uri": null
    }))
    .unwrap();
    assert_eq!(client.to_json(), json!({"client_id": "", "client_name": "A"}));
}

#[test]
fn an_error_names_the_member() {
    for (body, code, start) in [
        (
            json!({"redirect_uris": "x"}),
            ErrorCode::InvalidRedirectUri,
            "redirect_uris is malformed",
        ),
        (
            json!({"id_token_signed_response_alg": "none"}),
            ErrorCode::InvalidClientMetadata,
            "id_token_signed_response_alg is malformed",
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_something"}),
            ErrorCode::InvalidClientMetadata,
            "token_endpoint_auth_method is malformed",
        ),
        (
            json!({"software_statement": 5}),
            ErrorCode::InvalidSoftwareStatement,
            "software_statement",
        ),
    ] {
        let error = read(&body).unwrap_err();
        assert_eq!(error.code, code, "{body}");
        assert!(error.description().starts_with(start), "{error}");
    }
    for body in ["", "[]", "null", "{", "\"x\"", "{}{}"] {
        let error = Asked::parse(body.as_bytes()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidClientMetadata, "{body}");
    }
    let long = json!({"client_name": "x".repeat(MAX_METADATA_BYTES)});
    assert!(Asked::parse(long.to_string().as_bytes()).is_err());
}

/// RFC 7591 §2.3.
#[test]
fn a_statement_overrides_what_stands_beside_it() {
    let asked = Asked::parse(br#"{"client_name": "Mine", "tos_uri": "https://rp.example/tos"}"#).unwrap();
    let claims = json!({"iss": "x", "client_name": "Theirs", "client_id": "basic", "tos_uri": null});
    let client = asked.overridden(claims.as_object().unwrap()).read(&[]).unwrap();
    assert_eq!(client.client_name.as_deref(), Some("Theirs"));
    assert_eq!(client.tos_uri.as_deref(), Some("https://rp.example/tos"));
    assert_eq!(client.client_id, "");
    // Nor does it open what is nobody's to choose but the operator's.
    let claims = json!({"policies": []});
    assert!(
        Asked::default()
            .overridden(claims.as_object().unwrap())
            .read(&[])
            .is_err()
    );
}

fn registered() -> Client {
    let mut metadata = read(&json!({"redirect_uris": ["https://rp.example/cb"]})).unwrap();
    metadata.client_id = "reg-x".into();
    metadata.client_secret = Some(crate::base::Secret::from("s3cret-of-the-client"));
    metadata.policies = vec!["epcs".into()];
    metadata.check().unwrap()
}

/// RFC 7592 §2.2.
#[test]
fn an_update_names_the_client_and_sets_no_secret() {
    let client = registered();
    for (more, good) in [
        (json!({"client_id": "reg-x"}), true),
        (
            json!({"client_id": "reg-x", "client_secret": "s3cret-of-the-client"}),
            true,
        ),
        (json!({"client_id": "reg-x", "client_secret": "s3cret-of-mine"}), false),
        (json!({"client_id": "reg-x", "client_secret": 5}), false),
        (json!({"client_id": "reg-y"}), false),
        (json!({}), false),
        (json!({"client_id": "reg-x", "registration_access_token": "x"}), false),
        (json!({"client_id": "reg-x", "client_id_issued_at": 5}), false),
    ] {
        let asked = Asked::parse(more.to_string().as_bytes()).unwrap();
        assert_eq!(asked.check_update(&client).is_ok(), good, "{more}");
    }
}

#[test]
fn a_client_is_told_all_that_is_registered_and_nothing_of_the_operators() {
    let client = registered();
    let told = Information {
        client: &client,
        issued_at: Timestamp::from_secs(7),
        secret: None,
        access_token: "t",
        address: "https://op.example/register/reg-x".into(),
        statement: None,
    }
    .to_json(&[]);
    assert_eq!(told["grant_types"], json!(["authorization_code"]));
    assert_eq!(told["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(
        (&told["client_id_issued_at"], &told["client_secret_expires_at"]),
        (&json!(7), &json!(0))
    );
    for hidden in ["policies", "client_secret_hash", "client_secret", "registered"] {
        assert!(told.get(hidden).is_none(), "{hidden}");
    }
    // What was told can be sent back as an update, but for what RFC 7592 §2.2 forbids.
    let mut update = told.clone();
    for name in NOT_IN_AN_UPDATE {
        update.as_object_mut().unwrap().remove(*name);
    }
    let asked = Asked::parse(update.to_string().as_bytes()).unwrap();
    asked.check_update(&client).unwrap();
    asked.read(&[]).unwrap();
}
