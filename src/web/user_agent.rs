//! A browser in words that people know: "Chrome on Windows". What a client says of itself is a claim, good for
//! recognising one's own sign-ins and for nothing else; none of its own text is repeated.

use fluent_bundle::FluentArgs;

use super::locale::{Locale, Texts};

/// Characters of a `User-Agent` that are looked at.
const LONGEST: usize = 512;

/// The first that is named wins: most browsers also name those whose engine they share.
const BROWSERS: [(&str, &str); 18] = [
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Trident/", "Internet Explorer"),
    ("Safari/", "Safari"),
    ("AppleWebKit/", "WebView"),
];

/// Android names Linux, and an iPhone names Mac OS X.
const SYSTEMS: [(&str, &str); 9] = [
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
];

/// What is known of a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    pub browser: Option<&'static str>,
    pub system: Option<&'static str>,
}

/// Reads a `User-Agent` (RFC 9110 §10.1.5).
pub fn summary(user_agent: &str) -> Summary {
    let end = user_agent
        .char_indices()
        .nth(LONGEST)
        .map_or(user_agent.len(), |(at, _)| at);
    let text = &user_agent[..end];
    let first = |known: &[(&str, &'static str)]| {
        let found = known.iter().find(|(mark, _)| text.contains(mark));
        found.map(|(_, name)| *name)
    };
    Summary {
        browser: first(&BROWSERS),
        system: first(&SYSTEMS),
    }
}

/// The same in the reader's language.
pub fn words(texts: &Texts, locale: Locale, user_agent: &str) -> String {
    let found = summary(user_agent);
    let mut args = FluentArgs::new();
    args.set("browser", found.browser.unwrap_or_default());
    args.set("system", found.system.unwrap_or_default());
    let key = match (found.browser, found.system) {
        (Some(_), Some(_)) => "browser-on",
        (Some(name), None) => return name.to_owned(),
        (None, Some(_)) => "browser-some-on",
        (None, None) => "browser-unknown",
    };
    texts.get(locale, key, &args).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart_although_they_name_each_other() {
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
        let android = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko)";
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)";
        for (text, browser, system) in [
            (format!("{windows} Chrome/131.0.0.0 Safari/537.36"), "Chrome", "Windows"),
            (format!("{windows} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51"), "Edge", "Windows"),
            (format!("{windows} Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0"), "Opera", "Windows"),
            (format!("{iphone} Version/18.1 Mobile/15E148 Safari/604.1"), "Safari", "iPhone"),
            (format!("{iphone} CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1"), "Chrome", "iPhone"),
            (format!("{iphone} FxiOS/133.0 Mobile/15E148 Safari/605.1.15"), "Firefox", "iPhone"),
            (format!("{android} Chrome/131.0.0.0 Mobile Safari/537.36"), "Chrome", "Android"),
            (format!("{android} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36"), "Samsung Internet", "Android"),
            (format!("{mac} Version/18.1 Safari/605.1.15"), "Safari", "macOS"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0".to_owned(), "Firefox", "Linux"),
            ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36".to_owned(), "Chrome", "ChromeOS"),
        ] {
            let expected = Summary { browser: Some(browser), system: Some(system) };
            assert_eq!(summary(&text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_repeated() {
        let texts = Texts::load().unwrap();
        let said = |text: &str| words(&texts, Locale::En, text);
        assert_eq!(said("Firefox/133.0 on Windows"), "Firefox on Windows");
        assert_eq!(said("Firefox/133.0"), "Firefox");
        assert_eq!(said("curl/8.5 (Linux)"), "A browser or app on Linux");
        assert_eq!(said("<b>call +1 900 555 0100</b>"), "An unknown browser or app");
        assert_eq!(words(&texts, Locale::Es, "Firefox/133.0 Windows"), "Firefox en Windows");
        assert_eq!(summary(&"é".repeat(2 * LONGEST)).browser, None);
    }
}
