//! Resource indicators (RFC 8707): for which APIs an access token shall be.

use super::client::Client;
use super::errors::{ErrorCode, OAuthError};
use super::params::Params;
use super::uri::check_resource;

/// How many one request may name.
pub const MAX_RESOURCES: usize = 10;

pub fn invalid_target(what: impl AsRef<str>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidTarget, what)
}

/// Every `resource` of a request, in its order, each once. May the client have tokens for it is another question.
pub fn asked(params: &Params) -> Result<Vec<String>, OAuthError> {
    for uri in params.all("resource") {
        // RFC 8707 §2.
        check_resource(uri).map_err(|_| invalid_target("resource must be an absolute URI without a fragment"))?;
    }
    distinct(params.all("resource"))
}

/// Those that this client may have tokens for.
pub fn for_client(params: &Params, client: &Client) -> Result<Vec<String>, OAuthError> {
    let asked = asked(params)?;
    check_permitted(&asked, client)?;
    Ok(asked)
}

/// Where more than one parameter says for whom (RFC 8693 §2.1).
pub fn distinct<'a>(named: impl Iterator<Item = &'a str>) -> Result<Vec<String>, OAuthError> {
    let mut found: Vec<String> = Vec::new();
    for uri in named {
        if !found.iter().any(|known| known == uri) {
            found.push(uri.to_owned());
        }
    }
    if found.len() > MAX_RESOURCES {
        return Err(invalid_target(format!(
            "no more than {MAX_RESOURCES} resources can be named"
        )));
    }
    Ok(found)
}

/// Its registration says which APIs a client may have tokens for. That all of them are known is seen when a workspace
/// is put together.
pub fn check_permitted(resources: &[String], client: &Client) -> Result<(), OAuthError> {
    if resources.iter().all(|uri| client.metadata.resources.contains(uri)) {
        Ok(())
    } else {
        // RFC 8707 §2: what is unknown and what is not permitted looks alike.
        Err(invalid_target(
            "a resource is unknown, or not registered for this client",
        ))
    }
}

/// What a token request gets of what was granted: all of it, or the part that it names.
pub fn narrow(granted: &[String], asked: &[String]) -> Result<Vec<String>, OAuthError> {
    match asked {
        [] => Ok(granted.to_vec()),
        // RFC 8707 §2.2: a subset of what was asked at the authorization endpoint.
        part if part.iter().all(|uri| granted.contains(uri)) => Ok(part.to_vec()),
        _ => Err(invalid_target("a resource was not named in the authorization request")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::authorize::tests::client;
    use serde_json::json;

    fn read(uris: &[&str]) -> Result<Vec<String>, ErrorCode> {
        asked(&Params::from_pairs(uris.iter().map(|uri| ("resource", *uri)))).map_err(|e| e.code)
    }

    #[test]
    fn resources_are_absolute_uris_without_fragment() {
        for good in ["https://api.example", "https://api.example/v1?x=1", "urn:example:api"] {
            assert_eq!(read(&[good]), Ok(vec![good.to_owned()]));
        }
        for bad in [
            "api.example",
            "/v1",
            "https://api.example/#",
            "https://api.example#x",
            "https://u:p@api.example",
            "https://api.example/a b",
            "https://api.example\\@evil.example",
        ] {
            assert_eq!(read(&[bad]), Err(ErrorCode::InvalidTarget), "{bad}");
            assert_eq!(read(&["https://api.example", bad]), Err(ErrorCode::InvalidTarget));
        }
    }

    #[test]
    fn they_repeat_each_counted_once_and_there_is_a_bound() {
        assert_eq!(read(&[]), Ok(Vec::new()));
        assert_eq!(
            read(&["https://b.example", "https://a.example", "https://b.example"]),
            Ok(vec!["https://b.example".to_owned(), "https://a.example".to_owned()])
        );
        let many: Vec<String> = (0..=MAX_RESOURCES).map(|n| format!("urn:example:{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(read(&many), Err(ErrorCode::InvalidTarget));
        assert!(read(&many[1..]).is_ok());
    }

    #[test]
    fn only_what_is_registered_and_was_granted() {
        let client = client(json!({"resources": ["https://a.example", "https://b.example"]}));
        let [a, b, c] = ["https://a.example", "https://b.example", "https://c.example"].map(str::to_owned);
        assert!(check_permitted(&[b.clone(), a.clone()], &client).is_ok());
        assert!(check_permitted(&[], &client).is_ok());
        assert!(check_permitted(&[a.clone(), c.clone()], &client).is_err());
        assert!(check_permitted(&["https://a.example/".to_owned()], &client).is_err());
        let granted = [a.clone(), b.clone()];
        assert_eq!(narrow(&granted, &[]), Ok(granted.to_vec()));
        assert_eq!(narrow(&granted, std::slice::from_ref(&b)), Ok(vec![b]));
        for wider in [vec![c.clone()], vec![a.clone(), c]] {
            assert_eq!(narrow(&granted, &wider).unwrap_err().code, ErrorCode::InvalidTarget);
        }
        // Who named none was granted none.
        assert_eq!(narrow(&[], &[a]).unwrap_err().code, ErrorCode::InvalidTarget);
    }
}
