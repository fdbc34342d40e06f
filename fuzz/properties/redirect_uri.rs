/// Two addresses, one a line: what is registered, and what is asked for. Whoever includes this brings `check_redirect`,
/// `same_redirect` and `ApplicationType` along.
fn redirect_uri_property(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (registered, asked) = text.split_once('\n').unwrap_or((&text, &text));
    for application in [ApplicationType::Web, ApplicationType::Native] {
        if check_redirect(registered, application).is_err() {
            continue;
        }
        let url = url::Url::parse(registered).expect("an address");
        assert!(!registered.contains(['#', '\\', ' ']) && url.username().is_empty(), "{registered:?}");
        // RFC 9700 §4.1.3: no patterns where they would have to match.
        let on_the_web = ["http", "https"].contains(&url.scheme());
        assert!(!on_the_web || !url.host_str().is_some_and(|host| host.contains('*')), "{registered:?}");
        assert!(!["javascript", "data", "vbscript", "file", "blob", "about"].contains(&url.scheme()), "{registered:?}");
        assert!(same_redirect(registered, registered, application), "{registered:?}");
        if asked != registered && same_redirect(registered, asked, application) {
            // RFC 8252 §7.3: only the port of a native app on its own machine.
            let other = url::Url::parse(asked).expect("an address");
            assert_eq!((application, url.scheme(), other.scheme()), (ApplicationType::Native, "http", "http"));
            assert!(["127.0.0.1", "[::1]"].contains(&url.host_str().unwrap_or_default()), "{registered:?}");
            assert_eq!((url.host(), url.path(), url.query()), (other.host(), other.path(), other.query()), "{text:?}");
            assert!(other.username().is_empty() && other.password().is_none(), "{text:?}");
        }
    }
}
