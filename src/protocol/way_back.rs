//! The link back from our own pages to the partner that sent somebody there. Never a redirect of ours: the person
//! presses it, and it is only drawn where the partner's own registration vouches for the address.

use url::Url;

use super::client::Client;
use super::params::encode;
use super::uri::{check_web, same_redirect};

/// Names of the parameters of a hand-over link.
pub const CLIENT_ID: &str = "client_id";
pub const RETURN_TO: &str = "return_to";

/// An address of a client that may stand behind "Return to …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayBack {
    client_id: String,
    url: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("return_to is no address of this client")]
pub struct NotTheirs;

impl WayBack {
    /// One of the registered `redirect_uris`, `post_logout_redirect_uris` or the `initiate_login_uri`, letter by letter
    /// (RFC 9700 §2.1); or an address of the web with the origin of `client_uri` (RFC 6454 §4: scheme, host, port).
    pub fn of(client: &Client, url: &str) -> Result<Self, NotTheirs> {
        let registered = &client.metadata;
        let mut exact = registered
            .redirect_uris
            .iter()
            .chain(&registered.post_logout_redirect_uris)
            .chain(&registered.initiate_login_uri);
        let known = exact.any(|one| same_redirect(one, url, client.application_type));
        if known
            || registered
                .client_uri
                .as_deref()
                .is_some_and(|home| same_origin(home, url))
        {
            return Ok(Self {
                client_id: client.id.to_string(),
                url: url.to_owned(),
            });
        }
        Err(NotTheirs)
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The query that keeps it on the next page of ours.
    pub fn query(&self) -> String {
        encode([(CLIENT_ID, self.client_id.as_str()), (RETURN_TO, self.url.as_str())])
    }
}

fn same_origin(home: &str, url: &str) -> bool {
    // Written as browsers and we read the same: no user name, no backslash, no space, http only on this machine.
    if check_web(url).is_err() || check_web(home).is_err() {
        return false;
    }
    match (Url::parse(home), Url::parse(url)) {
        (Ok(home), Ok(url)) => home.origin().is_tuple() && home.origin() == url.origin(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::client::ClientMetadata;
    use crate::protocol::words::{ApplicationType, AuthMethod};

    fn client(change: impl FnOnce(&mut ClientMetadata)) -> Client {
        let mut metadata = ClientMetadata {
            client_id: "ehr".into(),
            client_uri: Some("https://ehr.example/about".into()),
            redirect_uris: vec!["https://ehr.example:8443/cb".into()],
            post_logout_redirect_uris: vec!["https://out.example/bye".into()],
            token_endpoint_auth_method: Some(AuthMethod::None),
            ..ClientMetadata::default()
        };
        change(&mut metadata);
        metadata.check().unwrap()
    }

    #[test]
    fn s74_the_way_back_is_an_address_of_the_partner() {
        let client = client(|_| {});
        for good in [
            "https://ehr.example:8443/cb",
            "https://out.example/bye",
            "https://ehr.example/devices?tab=2",
            "https://ehr.example",
        ] {
            assert!(WayBack::of(&client, good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/devices",
            "//ehr.example/x",
            "https:ehr.example/x",
            "https://ehr.example@evil.example/",
            "https://ehr.example.evil.example/",
            "https://evil.example/?x=https://ehr.example/",
            "https://ehr.example:8443/other",
            "https://out.example/bye/more",
            "https://out.example/",
            "http://ehr.example/devices",
            "https://ehr.example\\@evil.example/",
            "https://ehr.example/\u{202e}",
            "https://ehr.example/ x",
            "https://ehr.example/#frag",
            "javascript:alert(1)",
            "data:text/html,x",
        ] {
            assert_eq!(WayBack::of(&client, bad), Err(NotTheirs), "{bad}");
        }
    }

    #[test]
    fn an_app_is_reached_by_its_registered_address_only() {
        let app = client(|m| {
            m.client_uri = None;
            m.application_type = Some(ApplicationType::Native);
            m.redirect_uris = vec!["com.example.app:/cb".into()];
        });
        assert!(WayBack::of(&app, "com.example.app:/cb").is_ok());
        assert!(WayBack::of(&app, "com.example.app:/other").is_err());
        assert!(WayBack::of(&app, "https://ehr.example/").is_err());
    }

    #[test]
    fn the_query_brings_it_back() {
        let back = WayBack::of(&client(|_| {}), "https://ehr.example/d?a=1&b=2").unwrap();
        assert_eq!(
            back.query(),
            "client_id=ehr&return_to=https%3A%2F%2Fehr.example%2Fd%3Fa%3D1%26b%3D2"
        );
    }
}
