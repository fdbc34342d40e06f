//! Which addresses may be registered, and when a requested one is the registered one.

use url::{Host, Url};

use super::words::ApplicationType;

/// Bytes of one registered address.
pub const MAX_URI_BYTES: usize = 2048;

/// Is this a redirect URI that a client may register? The error completes "redirect_uris …".
pub fn check_redirect(text: &str, application: ApplicationType) -> Result<(), String> {
    let url = absolute(text)?;
    match url.scheme() {
        "https" => host(&url, text),
        "http" if is_loopback(&url) => host(&url, text),
        "http" => Err(format!(
            "has {text}: http is only for loopback hosts (RFC 8252 §7.3); use https"
        )),
        // RFC 8252 §7.1: a private-use scheme is a reversed domain name, so it has a dot; `javascript` has none.
        scheme if scheme.contains('.') && application == ApplicationType::Native => Ok(()),
        scheme if scheme.contains('.') => Err(format!(
            "has {text}: private-use schemes need application_type native (RFC 8252 §7.1)"
        )),
        scheme => Err(format!("has {text}: scheme {scheme} is not permitted; use https")),
    }
}

/// Addresses that we or the browser fetch or show: https, on this machine http as well.
pub fn check_web(text: &str) -> Result<(), String> {
    let url = absolute(text)?;
    match url.scheme() {
        "https" => host(&url, text),
        "http" if is_loopback(&url) => host(&url, text),
        _ => Err(format!("is {text}: it must begin with https://")),
    }
}

/// What may name an API (RFC 8707 §2). The error completes "uri …".
pub fn check_resource(text: &str) -> Result<(), String> {
    absolute(text).map(drop)
}

/// The address without the fragment that is for whoever reads the document.
pub fn without_fragment(text: &str) -> &str {
    text.split_once('#').map_or(text, |(address, _)| address)
}

fn absolute(text: &str) -> Result<Url, String> {
    if text.len() > MAX_URI_BYTES {
        return Err(format!("is longer than {MAX_URI_BYTES} bytes"));
    }
    // The URL parser forgives spaces, line breaks and backslashes; exact comparison must not.
    if !text
        .bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>'))
    {
        return Err("has characters that do not belong in a URI".to_owned());
    }
    let url = Url::parse(text).map_err(|error| format!("has {text}, which is no absolute URI ({error})"))?;
    // RFC 6749 §3.1.2: MUST be absolute and MUST NOT include a fragment component.
    if text.contains('#') {
        return Err(format!("has {text}: fragments are not permitted (RFC 6749 §3.1.2)"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has a user name or password in it".to_owned());
    }
    Ok(url)
}

fn host(url: &Url, text: &str) -> Result<(), String> {
    // `https:/host` and `https:host` are mended by the parser, but browsers and we must read the same.
    let written = text
        .get(url.scheme().len()..)
        .is_some_and(|rest| rest.starts_with("://"));
    match url.host_str() {
        // RFC 9700 §4.1.3: exact matching; a pattern would never match and only mislead.
        Some(host) if host.contains('*') => Err(format!("has {text}: patterns are not supported")),
        Some(_) if written => Ok(()),
        _ => Err(format!("has {text}, which names no host")),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Is `requested` the address `registered`? Compared as strings (RFC 9700 §2.1, RFC 3986 §6.2.1).
pub fn same_redirect(registered: &str, requested: &str, application: ApplicationType) -> bool {
    if registered == requested {
        return true;
    }
    // RFC 8252 §7.3: native apps take any port of the loopback address; everything else stays exact.
    application == ApplicationType::Native
        && match (loopback_without_port(registered), loopback_without_port(requested)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        }
}

/// Splits `http://127.0.0.1:port/rest` into host and rest.
fn loopback_without_port(text: &str) -> Option<(&str, &str)> {
    ["http://127.0.0.1", "http://[::1]"].into_iter().find_map(|host| {
        let after = text.strip_prefix(host)?;
        let rest = match after.strip_prefix(':') {
            Some(port) => {
                let end = port.find(['/', '?']).unwrap_or(port.len());
                let (digits, rest) = port.split_at(end);
                let sound = digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|p| p > 0);
                sound.then_some(rest)?
            }
            None => after,
        };
        // `http://127.0.0.1.evil.example` and `http://127.0.0.1@evil.example` are other hosts.
        (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // What the fuzzer checks as well.
    include!("../../fuzz/properties/redirect_uri.rs");

    proptest! {
        #[test]
        fn any_address_is_judged_alike(
            a in "(https?|com\\.a|javascript)://?(127\\.0\\.0\\.1|\\[::1\\]|a\\.b|u@a)(:[0-9]{0,5})?[/?#]?[a-z@:/?#\\\\]{0,6}",
            b in "https?://(127\\.0\\.0\\.1|\\[::1\\]|a\\.b)(:[0-9]{0,5})?[/?#]?[a-z@:/?#]{0,3}",
        ) {
            redirect_uri_property(a.as_bytes());
            redirect_uri_property(format!("{a}\n{b}").as_bytes());
        }
    }

    #[test]
    fn what_may_be_registered() {
        use ApplicationType::{Native, Web};
        for (text, application, good) in [
            ("https://rp.example/cb", Web, true),
            ("https://rp.example/cb?a=b", Web, true),
            ("https://rp.example", Web, true),
            ("http://localhost:8081/callback", Web, true),
            ("http://rp.localhost/callback", Web, true),
            ("http://127.0.0.1/cb", Native, true),
            ("http://[::1]:5/cb", Native, true),
            ("com.example.app:/cb", Native, true),
            ("com.example.app:/cb", Web, false),
            ("http://rp.example/cb", Web, false),
            ("http://localhost.evil.example/cb", Web, false),
            ("https://rp.example/cb#x", Web, false),
            ("https://rp.example/cb#", Web, false),
            ("/cb", Web, false),
            ("rp.example/cb", Web, false),
            ("javascript:alert(1)", Native, false),
            ("data:text/html,x", Native, false),
            ("urn:ietf:wg:oauth:2.0:oob", Native, false),
            ("https://*.rp.example/cb", Web, false),
            ("https://u:p@rp.example/cb", Web, false),
            ("https://rp.example/a b", Web, false),
            ("https://rp.example\\@evil.example", Web, false),
            ("https:rp.example/cb", Web, false),
            ("https:///rp.example/cb", Web, true),
            (" https://rp.example/cb", Web, false),
            ("https://rp.example/ñ", Web, false),
            ("", Web, false),
        ] {
            assert_eq!(check_redirect(text, application).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn only_loopback_ports_of_native_apps_are_free() {
        use ApplicationType::{Native, Web};
        for (registered, requested, application, same) in [
            ("https://a.example/cb", "https://a.example/cb", Web, true),
            ("https://a.example/cb", "https://a.example/cb/", Web, false),
            ("https://a.example/cb", "https://A.example/cb", Web, false),
            ("https://a.example/cb", "https://a.example/cb?x=1", Web, false),
            ("https://a.example/cb", "https://a.example:443/cb", Native, false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1234/cb", Native, true),
            ("http://127.0.0.1:5/cb", "http://127.0.0.1:1234/cb", Native, true),
            ("http://[::1]/cb", "http://[::1]:1234/cb", Native, true),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1234/cb", Web, false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1234/other", Native, false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:99999/cb", Native, false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:/cb", Native, false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:+1/cb", Native, false),
            (
                "http://127.0.0.1/cb",
                "http://127.0.0.1:80@evil.example/cb",
                Native,
                false,
            ),
            ("http://127.0.0.1", "http://127.0.0.1.evil.example", Native, false),
            ("http://127.0.0.1/cb", "http://[::1]/cb", Native, false),
            ("http://localhost/cb", "http://localhost:1234/cb", Native, false),
            ("com.example.app:/cb", "com.example.app:/cb", Native, true),
        ] {
            assert_eq!(
                same_redirect(registered, requested, application),
                same,
                "{registered} {requested}"
            );
        }
    }
}
