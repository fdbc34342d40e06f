//! An API that our access tokens are for (RFC 8707), as operators write it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::workspace::{Problem, by_name};
use crate::base::Seconds;
use crate::protocol::client::{Client, MAX_ACCESS_TOKEN_LIFETIME};
use crate::protocol::scope::Scopes;
use crate::protocol::uri::check_resource;
use crate::protocol::words::TokenFormat;

/// `[[resources]]`: who may have tokens for it says `[[clients]] resources`, who it is `[[clients]] serves`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resource {
    /// What stands in `aud`; compared letter by letter.
    pub uri: String,
    /// What the consent page calls it; the address itself if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A token for it carries no others.
    pub scopes: Vec<String>,
    /// Seconds. Its tokens live no longer, whatever their client may have elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_lifetime: Option<Seconds>,
    /// What its tokens look like, whatever their client has elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<TokenFormat>,
    /// Names of `[[policies]]`: they tighten whenever a token for it is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
}

impl Resource {
    /// The first thing that is wrong with it.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let wrong = |key: &str, what: String| Err(Problem::new(format!("resources {}: {key}", self.uri), what));
        if let Err(what) = check_resource(&self.uri) {
            return wrong("uri", what);
        }
        // A scope that stands for several would be taken apart in the token.
        let one = |name: &String| !name.contains(' ') && Scopes::parse(name).is_ok_and(|s| !s.is_empty());
        if self.scopes.is_empty() || !self.scopes.iter().all(one) {
            return wrong("scopes", "must be a list of one or more scope names".to_owned());
        }
        let fits = |secs: Seconds| secs.0 >= 1 && secs <= MAX_ACCESS_TOKEN_LIFETIME;
        if !self.access_token_lifetime.is_none_or(fits) {
            let most = MAX_ACCESS_TOKEN_LIFETIME.0;
            return wrong("access_token_lifetime", format!("must be 1 to {most} seconds"));
        }
        Ok(())
    }
}

/// Each sound, with policies that are `known`.
pub(super) fn by_uri(
    all: Vec<Resource>,
    known: &impl Fn(String, &[String]) -> Result<(), Problem>,
) -> Result<BTreeMap<String, Resource>, Problem> {
    let resources = by_name("resources", all, |r: &Resource| &r.uri)?;
    for resource in resources.values() {
        resource.check()?;
        known(format!("resources {}", resource.uri), &resource.policies)?;
    }
    Ok(resources)
}

/// Does every client name only what is there?
pub(super) fn check_clients<'a>(
    resources: &BTreeMap<String, Resource>,
    clients: impl Iterator<Item = &'a Client>,
) -> Result<(), Problem> {
    for client in clients {
        let named = [
            ("resources", &client.metadata.resources),
            ("serves", &client.metadata.serves),
        ];
        for (key, uris) in named {
            if let Some(uri) = uris.iter().find(|uri| !resources.contains_key(*uri)) {
                return Err(Problem::new(
                    format!("clients {}: {key}", client.id),
                    format!("there is no resource {uri}"),
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::model::workspace::Parts;
    use serde_json::{Value, json};

    fn assembled(resource: Value, client: Value) -> Result<(), String> {
        let mut metadata = json!({"client_id": "a", "client_secret": "a-secret-of-sufficient-length",
            "redirect_uris": ["https://a.example/cb"]});
        metadata
            .as_object_mut()
            .unwrap()
            .extend(client.as_object().unwrap().clone());
        let parts = Parts {
            resources: vec![serde_json::from_value(resource).unwrap()],
            clients: vec![serde_json::from_value(metadata).unwrap()],
            ..Parts::default()
        };
        parts.assemble(1).map(drop).map_err(|problem| problem.to_string())
    }

    #[test]
    fn what_does_not_fit_is_refused_and_the_key_is_named() {
        let good = json!({"uri": "https://api.example", "scopes": ["orders"]});
        let permitted = json!({"resources": ["https://api.example"], "serves": ["https://api.example"]});
        assert_eq!(assembled(good.clone(), permitted), Ok(()));
        for (key, value) in [
            ("uri", json!("api.example")),
            ("uri", json!("https://api.example/#x")),
            ("scopes", json!([])),
            ("scopes", json!(["a b"])),
            ("scopes", json!([""])),
            ("scopes", json!(["\""])),
            ("access_token_lifetime", json!(0)),
            ("access_token_lifetime", json!(86_401)),
            ("policies", json!(["nobody-wrote-it"])),
        ] {
            let mut bad = good.clone();
            bad[key] = value;
            let told = assembled(bad, json!({})).unwrap_err();
            assert!(told.starts_with("resources ") && told.contains(key), "{told}");
        }
        for key in ["resources", "serves"] {
            let told = assembled(good.clone(), json!({ key: ["https://other.example"] })).unwrap_err();
            assert!(told.starts_with(&format!("clients a: {key}")), "{told}");
        }
    }
}
