/// Whoever includes this brings `AuthorizationDetails` along.
fn authorization_details_property(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(details) = AuthorizationDetails::parse(&text) else { return };
    let written = serde_json::to_string(&details).expect("JSON");
    assert_eq!(AuthorizationDetails::parse(&written).as_ref(), Ok(&details), "{text:?}");
    assert!(!details.is_empty() && !details.types().is_empty());
    let deceives = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    // What is not text in the JSON's own writing stands in a string of it.
    assert!(!written.contains(deceives), "{written:?}");
}
