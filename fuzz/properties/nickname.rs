/// Whoever includes this brings `Nickname` and `propose` along.
fn nickname_property(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(name) = Nickname::read(&text) else { return };
    assert_eq!(Nickname::read(name.as_str()).as_ref(), Ok(&name), "{text:?}");
    assert!(name.as_str().chars().count() <= 64 && !name.key().is_empty(), "{text:?}");
    let other = Nickname::read(&propose(name.as_str(), &[name.as_str()]));
    let other = other.unwrap_or_else(|e| panic!("{text:?}: {e}"));
    assert_ne!(other.key(), name.key(), "{text:?}");
}
