/// The claims of a request object whose signature was good, as JSON. Whoever includes this brings `request_object`,
/// `ClientMetadata`, `Params`, `Timestamp`, `Map` and `Value` along.
fn request_object_property(data: &[u8]) {
    const NOW: i64 = 1_800_000_000;
    let Ok(claims) = serde_json::from_slice::<Map<String, Value>>(data) else { return };
    let metadata = serde_json::json!({"client_id": "rp", "client_secret": "a-secret-of-sufficient-length",
        "redirect_uris": ["https://rp.example/cb"]});
    let client = serde_json::from_value::<ClientMetadata>(metadata).expect("metadata").check().expect("a client");
    let rules = request_object::Rules {
        client: &client,
        issuer: "https://op.example",
        signed: true,
        now: Timestamp::from_secs(NOW),
    };
    let outside = Params::from_pairs([("client_id", "rp"), ("scope", "openid"), ("state", "forged")]);
    let Ok(found) = request_object::params(&claims, &outside, &rules) else { return };
    // Only this client's, for us, within its time; only what is inside counts, and it leads nowhere else.
    assert_eq!(found.single("client_id"), Ok(Some("rp")));
    assert!(!found.has("request") && !found.has("request_uri"));
    assert_eq!(claims.get("iss").and_then(Value::as_str), Some("rp"));
    assert!(claims.get("exp").and_then(Value::as_f64).is_none_or(|exp| exp > (NOW - 60) as f64));
    assert!(!found.has("state") || claims.contains_key("state"));
    assert_eq!(Params::parse(found.encode().as_bytes()).as_ref(), Ok(&found));
}
