/// Whoever includes this brings `Asked`, `Information`, `RegistrationRules`, `ErrorCode`, `Consent`, `Secret`, `Timestamp` and
/// serde_json's `Value` along.
fn registration_property(data: &[u8]) {
    let rules = RegistrationRules {
        policies: vec!["strangers".to_owned()],
        ..RegistrationRules::default()
    };
    let admitted = Asked::parse(data).and_then(|asked| rules.admit(asked));
    let mut metadata = match admitted {
        Ok(metadata) => metadata,
        Err(refused) => {
            let known = [
                ErrorCode::InvalidClientMetadata,
                ErrorCode::InvalidRedirectUri,
                ErrorCode::InvalidSoftwareStatement,
            ];
            assert!(known.contains(&refused.code), "{refused}");
            return;
        }
    };
    assert!(metadata.client_id.is_empty() && metadata.client_secret.is_none() && metadata.client_secret_hash.is_none());
    assert!(metadata.policies.is_empty() && metadata.registered, "{metadata:?}");
    metadata.client_id = "reg-x".to_owned();
    metadata.client_secret = Some(Secret::from("a-secret-that-we-have-made"));
    rules.govern(&mut metadata);
    let Ok(client) = metadata.check() else { return };
    assert_eq!(client.metadata.policies, ["strangers"]);
    assert_ne!(client.consent, Consent::Implicit);
    assert!(client.scope.is_within(&rules.scope), "{}", client.scope);
    assert!(client.grant_types.iter().all(|g| rules.grant_types.contains(g)));
    for uri in &client.metadata.redirect_uris {
        let lower = uri.to_ascii_lowercase();
        assert!(!uri.contains('#') && !lower.starts_with("javascript:") && !lower.starts_with("data:"), "{uri}");
    }
    let information = Information {
        client: &client,
        issued_at: Timestamp::from_secs(1),
        secret: None,
        access_token: "t",
        address: String::new(),
        statement: None,
    };
    let mut told = information.to_json(&rules.registrant_may_set);
    // What a client is told is the same client when it is sent back (RFC 7592 §2.2).
    for given in ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"] {
        told.as_object_mut().map(|members| members.remove(given));
    }
    let back = Asked::parse(told.to_string().as_bytes());
    let back = back.and_then(|asked| asked.check_update(&client).map(|()| asked));
    let back = back.and_then(|asked| rules.admit(asked)).unwrap_or_else(|e| panic!("{told}: {e}"));
    let same = |a: &Value, b: &Value| a.get("redirect_uris") == b.get("redirect_uris") && a.get("jwks") == b.get("jwks");
    assert!(same(&back.to_json(), &client.metadata.to_json()), "{told}");
}
