//! What exactly is to be allowed: `authorization_details` (RFC 9396).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::client::Client;
use super::errors::{ErrorCode, OAuthError};
use crate::base::text::{breaks_line, is_invisible, turns_direction};

/// Bytes of the parameter.
pub const MAX_DETAILS_BYTES: usize = 16 * 1024;
/// Objects in it: a person is to read all of them.
pub const MAX_DETAILS: usize = 20;
/// Objects and arrays within each other.
pub const MAX_DEPTH: usize = 8;

/// RFC 9396 §2.2: fields that mean the same in every type that has them.
const LISTS: [&str; 4] = ["locations", "actions", "datatypes", "privileges"];
const IDENTIFIER: &str = "identifier";

/// `[[authorization_details]]`: a type that clients may ask for, and what it demands whenever it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DetailsType {
    /// RFC 9396 §2: its name, a URI of whoever defines it where it goes beyond one partner.
    #[serde(rename = "type")]
    pub name: String,
    /// What the consent page says; the name itself if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Fields that must be there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    /// Fields that may be there. Any other is refused (RFC 9396 §5).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub optional: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
}

/// The types of a workspace, by name.
pub type DetailsTypes = BTreeMap<String, DetailsType>;

/// What is asked for, in the client's order. Sound as JSON; `check` says whether anybody here knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthorizationDetails(Vec<Detail>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    #[serde(rename = "type")]
    pub name: String,
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl AuthorizationDetails {
    pub fn parse(json: &str) -> Result<Self, OAuthError> {
        if json.len() > MAX_DETAILS_BYTES {
            return Err(invalid("it is too long"));
        }
        let root: Value = serde_json::from_str(json).map_err(|_| invalid("it is not valid JSON"))?;
        let Value::Array(details) = root else {
            return Err(invalid("it is not a JSON array"));
        };
        // RFC 9396 §2 speaks of an array of objects; an empty one asks for nothing, which nobody means.
        if details.is_empty() || details.len() > MAX_DETAILS {
            return Err(invalid(format!("it must have 1 to {MAX_DETAILS} objects")));
        }
        details.into_iter().map(detail).collect::<Result<_, _>>().map(Self)
    }

    /// RFC 9396 §5: what is not known, not complete or not permitted is refused, and the field is named.
    pub fn check(&self, known: &DetailsTypes, client: &Client) -> Result<(), OAuthError> {
        for Detail { name, fields } in &self.0 {
            let permitted = client.metadata.authorization_details_types.contains(name);
            let Some(kind) = known.get(name).filter(|_| permitted) else {
                return Err(invalid(format!("type {name} is not one that this client may ask for")));
            };
            if let Some(missing) = kind.required.iter().find(|f| !fields.contains_key(*f)) {
                return Err(invalid(format!("type {name} needs the field {missing}")));
            }
            let mut all = kind.required.iter().chain(&kind.optional);
            if let Some(odd) = fields.keys().find(|f| !all.clone().any(|known| known == *f)) {
                return Err(invalid(format!("type {name} has no field {odd}")));
            }
            if let Some(wrong) = all.find(|f| fields.get(*f).is_some_and(|value| !fits(f, value))) {
                return Err(invalid(format!("the field {wrong} is not as RFC 9396 says")));
            }
        }
        Ok(())
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Detail> {
        self.0.iter()
    }

    /// Each type that is asked for, in the order of asking.
    pub fn types(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for detail in &self.0 {
            if !names.contains(&detail.name) {
                names.push(detail.name.clone());
            }
        }
        names
    }
}

impl DetailsType {
    /// A type that can be asked for: with a name, and each field once.
    ///
    /// # Errors
    /// In words, what is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        let all: Vec<&String> = self.required.iter().chain(&self.optional).collect();
        let mut seen = std::collections::BTreeSet::new();
        match all.iter().find(|f| f.is_empty() || *f == &"type" || !seen.insert(**f)) {
            Some(field) => Err(format!("the field {field:?} is empty, named twice, or type itself")),
            None => Ok(()),
        }
    }
}

fn detail(value: Value) -> Result<Detail, OAuthError> {
    let Value::Object(mut fields) = value else {
        return Err(invalid("it has something that is no object"));
    };
    let Some(Value::String(name)) = fields.remove("type") else {
        return Err(invalid("an object has no type"));
    };
    let name = Value::String(name);
    if !fields.values().chain([&name]).all(|v| is_plain(v, MAX_DEPTH)) || !fields.keys().all(|k| is_readable(k)) {
        // What a person allows must be what they have read.
        return Err(invalid(
            "it has control or direction characters, numbers that are not whole (write them as text), or is nested too deeply",
        ));
    }
    match name {
        Value::String(name) => Ok(Detail { name, fields }),
        _ => Err(invalid("an object has no type")),
    }
}

fn fits(field: &str, value: &Value) -> bool {
    if LISTS.contains(&field) {
        return value
            .as_array()
            .is_some_and(|all| !all.is_empty() && all.iter().all(Value::is_string));
    }
    field != IDENTIFIER || value.is_string()
}

/// Nothing in it that would be shown as something else, or not at all.
fn is_plain(value: &Value, depth: usize) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        // RFC 8259 §6: what is read of any other number need not be what was written, and so not what was read aloud.
        Value::Number(number) => number.is_i64() || number.is_u64(),
        Value::String(text) => is_readable(text),
        Value::Array(all) => depth > 0 && all.iter().all(|v| is_plain(v, depth - 1)),
        Value::Object(all) => depth > 0 && all.iter().all(|(k, v)| is_readable(k) && is_plain(v, depth - 1)),
    }
}

/// No control characters, and none that turn the direction of what follows, cannot be seen or end a line.
fn is_readable(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() || turns_direction(c) || is_invisible(c) || breaks_line(c))
}

fn invalid(what: impl std::fmt::Display) -> OAuthError {
    OAuthError::new(
        ErrorCode::InvalidAuthorizationDetails,
        format!("authorization_details: {what}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::authorize::tests::client;
    use proptest::prelude::*;
    use serde_json::json;

    fn known() -> DetailsTypes {
        let payment = DetailsType {
            name: "payment".into(),
            required: vec!["actions".into(), "amount".into()],
            optional: vec!["identifier".into()],
            ..DetailsType::default()
        };
        [("payment".to_owned(), payment.clone()), ("other".to_owned(), payment)].into()
    }

    fn read(value: &Value) -> Result<AuthorizationDetails, OAuthError> {
        let asked = AuthorizationDetails::parse(&value.to_string())?;
        asked.check(&known(), &client(json!({"authorization_details_types": ["payment"]})))?;
        Ok(asked)
    }

    #[test]
    fn what_is_known_and_complete_is_read() {
        let value = json!([
            {"type": "payment", "actions": ["initiate"], "amount": {"value": "10.00"}, "identifier": "a"},
            {"type": "payment", "actions": ["cancel"], "amount": null}
        ]);
        let asked = read(&value).unwrap();
        assert_eq!(serde_json::to_value(&asked).unwrap(), value);
        assert_eq!(asked.types(), ["payment"]);
    }

    #[test]
    fn everything_else_is_refused() {
        let with = |more: Value| {
            let mut all = json!({"type": "payment", "actions": ["initiate"], "amount": 1});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!([all])
        };
        for (value, says) in [
            (json!({}), "not a JSON array"),
            (json!([]), "1 to 20 objects"),
            (json!([1]), "no object"),
            (json!([{"amount": 1}]), "no type"),
            (json!([{"type": 1}]), "no type"),
            (json!([{"type": "unheard"}]), "type unheard is not one"),
            (with(json!({"type": "other"})), "type other is not one"),
            (json!([{"type": "payment", "actions": ["a"]}]), "needs the field amount"),
            (with(json!({"account": "b"})), "has no field account"),
            (with(json!({"actions": "initiate"})), "the field actions"),
            (with(json!({"actions": []})), "the field actions"),
            (with(json!({"actions": [1]})), "the field actions"),
            (with(json!({"identifier": 7})), "the field identifier"),
            (with(json!({"amount": "1\u{202e}00"})), "direction characters"),
            (with(json!({"amount": 1.5})), "not whole"),
            (with(json!({"amount": {"value": 1e3}})), "not whole"),
            (with(json!({"amount": {"a\u{200b}": 1}})), "direction characters"),
            (with(json!({"amount": "1\u{3164}00"})), "direction characters"),
            (with(json!({"amount": "1\u{2028}00"})), "direction characters"),
            (with(json!({"amount": [[[[[[[[[1]]]]]]]]]})), "nested too deeply"),
        ] {
            let error = read(&value).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidAuthorizationDetails, "{value}");
            assert!(error.description().contains(says), "{value}: {}", error.description());
        }
        let long = format!("[{}]", " ".repeat(MAX_DETAILS_BYTES));
        assert!(
            AuthorizationDetails::parse(&long)
                .unwrap_err()
                .description()
                .contains("too long")
        );
    }

    #[test]
    fn a_type_names_each_field_once() {
        let kind = |required: &[&str], optional: &[&str]| DetailsType {
            required: required.iter().map(|f| (*f).to_owned()).collect(),
            optional: optional.iter().map(|f| (*f).to_owned()).collect(),
            ..DetailsType::default()
        };
        assert!(kind(&["a"], &["b"]).check().is_ok());
        for wrong in [kind(&["a"], &["a"]), kind(&[""], &[]), kind(&[], &["type"])] {
            assert!(wrong.check().is_err());
        }
    }

    // What the fuzzer checks as well.
    include!("../../fuzz/properties/authorization_details.rs");

    proptest! {
        #[test]
        fn any_text_gives_an_answer(text in "\\PC{0,200}|\\[\\{\"type\":\"[a-z\u{202e}]{1,5}\"(,\"[ab]\":(1|\"x\"|\\[\\]|null))?\\}\\]") {
            authorization_details_property(text.as_bytes());
        }
    }
}
