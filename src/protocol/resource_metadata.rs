//! What a protected resource says of itself (RFC 9728): who gives tokens for it, and which.

use serde::Serialize;
use url::Url;

use super::claims::{SCOPE_AUTHENTICATORS, SCOPES};
use super::metadata::{JWKS, USERINFO, endpoint};
use super::words::SigningAlg;

/// RFC 9728 §3: stands between the host and the path of the resource.
pub const PROTECTED_RESOURCE: &str = "/.well-known/oauth-protected-resource";
/// The list of a person's devices, for partners.
pub const AUTHENTICATORS_API: &str = "/account/api/v1/authenticators";

/// Paths of our own resources below the issuer. The issuer itself is what access tokens are made for.
pub const RESOURCES: [&str; 3] = ["", USERINFO, AUTHENTICATORS_API];

/// The document of one resource (RFC 9728 §2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProtectedResource {
    /// The address that clients call, letter by letter (§3.3).
    pub resource: String,
    pub authorization_servers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    pub bearer_methods_supported: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_signing_alg_values_supported: Vec<SigningAlg>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dpop_signing_alg_values_supported: Vec<SigningAlg>,
}

impl ProtectedResource {
    /// A resource that takes tokens of this issuer in the Authorization header.
    pub fn new(resource: &str, issuer: &str) -> Self {
        Self {
            resource: resource.to_owned(),
            authorization_servers: vec![issuer.to_owned()],
            jwks_uri: None,
            scopes_supported: Vec::new(),
            bearer_methods_supported: vec!["header".to_owned()],
            resource_signing_alg_values_supported: Vec::new(),
            resource_name: None,
            dpop_signing_alg_values_supported: Vec::new(),
        }
    }

    /// What it may be good to ask for.
    #[must_use]
    pub fn scopes(mut self, names: &[&str]) -> Self {
        self.scopes_supported = names.iter().map(|n| (*n).to_owned()).collect();
        self
    }

    /// For people.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.resource_name = Some(name.to_owned());
        self
    }

    /// One of ours; `None`: there is none at this path.
    pub fn of_ours(path: &str, issuer: &str, signing: &[SigningAlg]) -> Option<Self> {
        let mut ours = Self::new(&endpoint(issuer, path), issuer);
        // RFC 9449 §5.1: proofs are checked wherever they are shown.
        ours.dpop_signing_alg_values_supported = SigningAlg::ALL.to_vec();
        match path {
            "" => Some(ours),
            USERINFO => {
                // OIDC Core §5.3.1: in the header, or in a form; §5.3.2: signed where the client is registered so.
                ours.bearer_methods_supported.push("body".to_owned());
                ours.jwks_uri = Some(endpoint(issuer, JWKS));
                ours.resource_signing_alg_values_supported = signing.to_vec();
                Some(ours.scopes(SCOPES))
            }
            AUTHENTICATORS_API => Some(ours.scopes(&[SCOPE_AUTHENTICATORS])),
            _ => None,
        }
    }
}

/// Where the document of this resource is: `https://host/.well-known/oauth-protected-resource/path` (RFC 9728 §3.1).
/// `None`: the resource is no https or http address.
pub fn address(resource: &str) -> Option<String> {
    let url = Url::parse(resource).ok()?;
    if !matches!(url.scheme(), "https" | "http") {
        return None;
    }
    // As it is written: `/` at the end of a host alone is no path.
    let (scheme, rest) = resource.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let path = if path == "/" { "" } else { path };
    Some(format!("{scheme}://{host}{PROTECTED_RESOURCE}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_part_stands_between_host_and_path() {
        for (resource, expected) in [
            (
                "https://api.example",
                "https://api.example/.well-known/oauth-protected-resource",
            ),
            (
                "https://api.example/",
                "https://api.example/.well-known/oauth-protected-resource",
            ),
            (
                "https://api.example:8443/v1/orders",
                "https://api.example:8443/.well-known/oauth-protected-resource/v1/orders",
            ),
            (
                "https://api.example/v1?tenant=a",
                "https://api.example/.well-known/oauth-protected-resource/v1?tenant=a",
            ),
        ] {
            assert_eq!(address(resource).as_deref(), Some(expected));
        }
        assert_eq!(address("urn:example:api"), None);
    }

    #[test]
    fn each_of_ours_is_what_it_is_called_by() {
        for path in RESOURCES {
            let document = ProtectedResource::of_ours(path, "https://op.example/a", &[SigningAlg::Es256]).unwrap();
            assert_eq!(document.resource, format!("https://op.example/a{path}"));
            assert_eq!(document.authorization_servers, ["https://op.example/a"]);
        }
        assert_eq!(
            ProtectedResource::of_ours("/elsewhere", "https://op.example", &[]),
            None
        );
    }
}
