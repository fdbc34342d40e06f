//! May this partner have that?

use serde::Serialize;
use serde_json::{Value, json};

use crate::protocol::rar::Detail;
use crate::web::page::Page;

/// `consent`: `action=allow|deny`.
#[derive(Clone, Debug, Serialize)]
pub struct Consent {
    pub scopes: Vec<ScopeView>,
    pub details: Vec<DetailView>,
    /// The account has a password and nothing else: a second method is recommended, here or later (S2).
    pub recommend: bool,
}

/// One object of `authorization_details` (RFC 9396): all of it, for all of it is allowed.
#[derive(Clone, Debug, Serialize)]
pub struct DetailView {
    /// The operator's words for the type, or its name.
    name: String,
    fields: Vec<FieldView>,
}

#[derive(Clone, Debug, Serialize)]
struct FieldView {
    name: String,
    /// Text, lists and pairs a line each; what is nested deeper as JSON.
    values: Vec<String>,
}

impl DetailView {
    pub fn new(detail: &Detail, description: Option<&str>) -> Self {
        Self {
            name: description.unwrap_or(&detail.name).to_owned(),
            fields: detail
                .fields
                .iter()
                .map(|(name, value)| FieldView::new(name, value))
                .collect(),
        }
    }
}

impl FieldView {
    fn new(name: &str, value: &Value) -> Self {
        let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        let plain = |v: &Value| !v.is_object() && !v.is_array();
        let values = match value {
            Value::Array(all) if all.iter().all(plain) => all.iter().map(text).collect(),
            Value::Object(all) if all.values().all(plain) => {
                all.iter().map(|(name, v)| format!("{name}: {}", text(v))).collect()
            }
            one => vec![text(one)],
        };
        Self {
            name: name.to_owned(),
            values,
        }
    }
}

/// A scope in words: ours for the scopes that everybody has, the operator's for others.
#[derive(Clone, Debug, Serialize)]
pub struct ScopeView {
    scope: String,
    known: bool,
    description: String,
}

/// The scopes that `locales/` has words for.
const KNOWN: [&str; 8] = [
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "offline_access",
    "evidence",
    "authenticators",
];

impl ScopeView {
    /// Without a description, a scope of the operator shows its bare name: better odd than silent.
    pub fn new(scope: &str, description: Option<&str>) -> Self {
        Self {
            scope: scope.to_owned(),
            known: description.is_none() && KNOWN.contains(&scope),
            description: description.unwrap_or(scope).to_owned(),
        }
    }
}

impl Page for Consent {
    const ID: &'static str = "consent";
    const TEMPLATE: &'static str = "consent";

    fn samples() -> Vec<Self> {
        let own = ScopeView::new("rx:sign", Some("Sign prescriptions <b>for</b> your patients"));
        let mut scopes: Vec<_> = KNOWN.iter().map(|scope| ScopeView::new(scope, None)).collect();
        scopes.extend([own, ScopeView::new("<script>alert(1)</script>", None)]);
        let mut fields = serde_json::Map::new();
        fields.insert("actions".into(), json!(["initiate", "<b>cancel</b>"]));
        fields.insert(
            "instructedAmount".into(),
            json!({"currency": "EUR", "amount": "123.50"}),
        );
        fields.insert("creditorName".into(), json!("Merchant A"));
        let payment = Detail {
            name: "https://pay.example/initiation".into(),
            fields,
        };
        let few = ["openid", "profile", "email"].map(|scope| ScopeView::new(scope, None));
        vec![
            Self {
                scopes: few.into(),
                details: Vec::new(),
                recommend: true,
            },
            Self {
                scopes,
                details: vec![
                    DetailView::new(&payment, Some("Initiate a payment")),
                    DetailView::new(&payment, None),
                ],
                recommend: false,
            },
        ]
    }
}
