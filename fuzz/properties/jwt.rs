/// The keys of RFC 7515 appendix A.3 and RFC 8037 appendix A.2, whose private halves sign nothing here. Whoever includes
/// this brings `jose`, `Alg`, `Expected`, `Expiry`, `JwkSet`, `TypRule`, `Timestamp` and `Value` along.
fn jwt_property(data: &[u8]) {
    const KEYS: &str = r#"{"keys": [
        {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
         "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    let text = String::from_utf8_lossy(data);
    let keys = JwkSet::parse(KEYS.as_bytes()).expect("public keys");
    let expected = Expected {
        algs: &Alg::ALL,
        typ: TypRule::Any,
        issuer: None,
        audience: None,
        expiry: Expiry::Ignored,
        now: Timestamp::from_secs(1_300_819_300),
    };
    // Nothing passes but what RFC 7515 prints, whatever is done to it.
    if let Ok(verified) = jose::verify(&text, &keys, &expected) {
        assert_eq!(verified.claims.get("iss").and_then(Value::as_str), Some("joe"), "{text:?}");
        assert_eq!(verified.claims.len(), 3, "{text:?}");
    }
    if let Ok((_, key)) = jose::verify_embedded(&text, &expected) {
        // A key that stands in the token is told as what it is.
        assert!(text.split('.').count() == 3 && !key.public.thumbprint().is_empty(), "{text:?}");
    }
    if jose::unsecured_claims(&text).is_ok() {
        // RFC 7515 appendix A.5: without a signature, and without the look of one.
        assert!(text.ends_with('.') && jose::verify(&text, &keys, &expected).is_err(), "{text:?}");
    }
    let _ = (jose::unverified_claims(&text), jose::unverified_kid(&text), JwkSet::parse(data));
}
