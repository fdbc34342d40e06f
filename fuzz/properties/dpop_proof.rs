/// The claims of a proof whose signature was good, as JSON. Whoever includes this brings `dpop`, `Timestamp`, `Map` and
/// `Value` along.
fn dpop_proof_property(data: &[u8]) {
    const NOW: i64 = 1_800_000_000;
    let Ok(claims) = serde_json::from_slice::<Map<String, Value>>(data) else { return };
    let shown = dpop::Shown {
        headers: Vec::new(),
        method: "POST",
        url: "https://op.example/token".to_owned(),
        alias: None,
        certificate: None,
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let Ok(sound) = dpop::check(&claims, &shown, None, Timestamp::from_secs(NOW)) else { return };
    assert_eq!(text("htm"), Some("POST"));
    let htu = text("htu").expect("an address").to_ascii_lowercase();
    assert!(htu.starts_with("https://op.example"), "{htu}");
    let iat = claims.get("iat").and_then(Value::as_f64).expect("a time");
    assert!((iat - NOW as f64).abs() < 600.0, "{iat}");
    assert!(!sound.jti.is_empty() && sound.forget_after.secs() > NOW);
    assert!(dpop::check(&claims, &shown, Some("token"), Timestamp::from_secs(NOW)).is_err() || text("ath").is_some());
}
