/// The first byte picks the region, the rest is what was typed. Whoever includes this brings `Number` along.
fn phone_property(data: &[u8]) {
    // One of each kind of numbering plan, those whose trunk prefixes are rewritten among them, and some that are none.
    const REGIONS: [Option<&str>; 18] = [
        None,
        Some("US"),
        Some("MX"),
        Some("GB"),
        Some("DE"),
        Some("IT"),
        Some("AR"),
        Some("BR"),
        Some("BS"),
        Some("CR"),
        Some("JP"),
        Some("HU"),
        Some("SM"),
        Some("AU"),
        Some("CI"),
        Some("001"),
        Some(""),
        Some("us"),
    ];
    let Some((first, typed)) = data.split_first() else { return };
    let region = REGIONS[usize::from(*first) % REGIONS.len()];
    let typed = String::from_utf8_lossy(typed);
    let Ok(number) = Number::read(&typed, region) else { return };
    let again = |text: &str, region| Number::read(text, region);
    assert_eq!(Number::parse(&number.e164).as_ref(), Ok(&number), "{typed:?} in {region:?}");
    assert_eq!(again(&number.formatted(), None).as_ref(), Ok(&number), "{typed:?} in {region:?}");
    assert_eq!(again(&number.e164, region).as_ref(), Ok(&number), "{typed:?} in {region:?}");
    let shown = number.masked().chars().filter(char::is_ascii_digit).count();
    assert!(shown <= 3 + 3, "a country code and three digits at most: {}", number.masked());
}
