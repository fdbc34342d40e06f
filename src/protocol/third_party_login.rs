//! Sign-ins that begin with us (OIDC Core §4): the address that sends a person to a client, which then asks as usual.

use url::Url;

/// `initiate_login_uri` with `iss`, so that a client of several providers knows whom to ask. There is no `login_hint`: what a
/// person is called here is nothing that a client knows before it asks; and no `target_link_uri`: we know of no page of its.
/// `None`: it is no address for a link.
pub fn initiation(initiate_login_uri: &str, issuer: &str) -> Option<Url> {
    let mut address = Url::parse(initiate_login_uri).ok()?;
    if !matches!(address.scheme(), "https" | "http") {
        return None;
    }
    address.query_pairs_mut().append_pair("iss", issuer);
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_is_said_and_what_stood_there_stays() {
        for (uri, expected) in [
            (
                "https://rp.example/go",
                Some("https://rp.example/go?iss=https%3A%2F%2Fop.example"),
            ),
            (
                "https://rp.example/go?a=b",
                Some("https://rp.example/go?a=b&iss=https%3A%2F%2Fop.example"),
            ),
            ("javascript:alert(1)", None),
            ("rp.example", None),
        ] {
            let found = initiation(uri, "https://op.example");
            assert_eq!(found.as_ref().map(Url::as_str), expected, "{uri}");
        }
    }
}
