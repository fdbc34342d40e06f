//! The `claims` parameter (OIDC Core §5.5).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::claims::scope_of;
use super::errors::OAuthError;
use super::scope::Scopes;

/// Which claims are wanted beyond what the scopes bring, and where.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, ClaimRequest>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, ClaimRequest>,
}

/// One wanted claim (OIDC Core §5.5.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimRequest {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// `value`, or all of `values` in order of preference. Empty: any value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl ClaimsRequest {
    pub fn parse(json: &str) -> Result<Self, OAuthError> {
        let root: Value =
            serde_json::from_str(json).map_err(|_| OAuthError::invalid_request("claims is not valid JSON"))?;
        let Value::Object(root) = root else {
            return Err(OAuthError::invalid_request("claims is not a JSON object"));
        };
        // OIDC Core §5.5: other members than these two are ignored.
        let request = Self {
            id_token: members(root.get("id_token"), "id_token")?,
            userinfo: members(root.get("userinfo"), "userinfo")?,
        };
        request.check_strings("acr")?;
        request.check_strings("sub")?;
        let (a, b) = (
            request.subjects_of(&request.id_token),
            request.subjects_of(&request.userinfo),
        );
        if let (Some(a), Some(b)) = (a, b)
            && a.is_disjoint(&b)
        {
            return Err(OAuthError::invalid_request(
                "claims asks for two different values of sub",
            ));
        }
        Ok(request)
    }

    /// Without the claims that only a scope outside `allowed` would bring: a client gets nothing by
    /// asking here that it is not registered for. Silently, since a claim that is not given is no error (§5.5.1).
    #[must_use]
    pub fn within(mut self, allowed: &Scopes) -> Self {
        let may = |name: &String| scope_of(name).is_none_or(|scope| allowed.contains(scope));
        self.id_token.retain(|name, _| may(name));
        self.userinfo.retain(|name, _| may(name));
        self
    }

    pub fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.userinfo.is_empty()
    }

    /// The acr of the ID token: is it essential, and which values would do, best first.
    pub fn acr(&self) -> Option<(bool, Vec<String>)> {
        let acr = self.id_token.get("acr")?;
        Some((acr.essential, acr.texts().map(str::to_owned).collect()))
    }

    /// The person who has to answer, if the client says so (OIDC Core §3.1.2.2: a positive answer only for that `sub`).
    pub fn subjects(&self) -> Option<BTreeSet<String>> {
        match (self.subjects_of(&self.id_token), self.subjects_of(&self.userinfo)) {
            (Some(a), Some(b)) => Some(&a & &b),
            (a, b) => a.or(b),
        }
    }

    fn subjects_of(&self, wanted: &BTreeMap<String, ClaimRequest>) -> Option<BTreeSet<String>> {
        let sub = wanted.get("sub")?;
        (!sub.values.is_empty()).then(|| sub.texts().map(str::to_owned).collect())
    }

    fn check_strings(&self, name: &str) -> Result<(), OAuthError> {
        let all = [self.id_token.get(name), self.userinfo.get(name)];
        if all.into_iter().flatten().flat_map(|c| &c.values).all(Value::is_string) {
            Ok(())
        } else {
            Err(OAuthError::invalid_request(format!(
                "claims: values of {name} must be strings"
            )))
        }
    }
}

impl ClaimRequest {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.values.iter().filter_map(Value::as_str)
    }
}

fn members(value: Option<&Value>, place: &str) -> Result<BTreeMap<String, ClaimRequest>, OAuthError> {
    let wrong = || OAuthError::invalid_request(format!("claims: {place} is not as OIDC Core 5.5 says"));
    match value {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(Value::Object(wanted)) => wanted
            .iter()
            .map(|(name, how)| claim(how).map(|c| (name.clone(), c)).ok_or_else(wrong))
            .collect(),
        Some(_) => Err(wrong()),
    }
}

fn claim(how: &Value) -> Option<ClaimRequest> {
    let members = match how {
        // OIDC Core §5.5.1: null asks for the claim in the default manner.
        Value::Null => return Some(ClaimRequest::default()),
        Value::Object(members) => members,
        _ => return None,
    };
    let essential = match members.get("essential") {
        None => false,
        Some(flag) => flag.as_bool()?,
    };
    let values = match (members.get("value"), members.get("values")) {
        (None, None) => Vec::new(),
        (Some(one), None) => vec![one.clone()],
        (None, Some(Value::Array(many))) if !many.is_empty() => many.clone(),
        // §5.5.1 gives no meaning to both, nor to an empty choice.
        _ => return None,
    };
    Some(ClaimRequest { essential, values })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ErrorCode;
    use serde_json::json;

    #[test]
    fn the_example_of_core_is_read() {
        let json = json!({
            "userinfo": {
                "given_name": {"essential": true}, "nickname": null, "picture": null,
                "http://example.info/claims/groups": null
            },
            "id_token": {
                "auth_time": {"essential": true},
                "acr": {"values": ["urn:mace:incommon:iap:silver"]}
            },
            "verified": {"other": 1}
        });
        let request = ClaimsRequest::parse(&json.to_string()).unwrap();
        assert!(request.userinfo["given_name"].essential);
        assert_eq!(request.userinfo.len(), 4);
        assert_eq!(
            request.acr(),
            Some((false, vec!["urn:mace:incommon:iap:silver".to_owned()]))
        );
        assert_eq!(request.subjects(), None);
        let stored = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<ClaimsRequest>(&stored).unwrap(), request);
    }

    #[test]
    fn essential_acr_and_sub() {
        let request = ClaimsRequest::parse(
            r#"{"id_token":{"acr":{"essential":true,"values":["b","a"],"x":1},"sub":{"value":"u1"}},"userinfo":null}"#,
        )
        .unwrap();
        assert_eq!(request.acr(), Some((true, vec!["b".to_owned(), "a".to_owned()])));
        assert_eq!(request.subjects(), Some(BTreeSet::from(["u1".to_owned()])));
    }

    #[test]
    fn malformed_requests_are_refused() {
        for bad in [
            "",
            "x",
            "[]",
            "null",
            "1",
            r#"{"id_token":[]}"#,
            r#"{"id_token":{"acr":true}}"#,
            r#"{"id_token":{"acr":{"essential":"true"}}}"#,
            r#"{"id_token":{"acr":{"values":"x"}}}"#,
            r#"{"id_token":{"acr":{"values":[]}}}"#,
            r#"{"id_token":{"acr":{"values":[1]}}}"#,
            r#"{"id_token":{"acr":{"value":"a","values":["a"]}}}"#,
            r#"{"id_token":{"sub":{"value":1}}}"#,
            r#"{"id_token":{"sub":{"value":"a"}},"userinfo":{"sub":{"value":"b"}}}"#,
        ] {
            assert_eq!(
                ClaimsRequest::parse(bad).unwrap_err().code,
                ErrorCode::InvalidRequest,
                "{bad}"
            );
        }
        let deep = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
        assert!(ClaimsRequest::parse(&deep).is_err());
    }

    #[test]
    fn claims_of_scopes_that_are_not_registered_are_dropped() {
        let request = ClaimsRequest::parse(r#"{"userinfo":{"email":null,"name":null,"acr":null}}"#).unwrap();
        let request = request.within(&Scopes::parse("openid profile").unwrap());
        assert_eq!(request.userinfo.keys().collect::<Vec<_>>(), ["acr", "name"]);
    }
}
