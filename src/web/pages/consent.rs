//! May this partner have that?

use serde::Serialize;

use crate::web::page::Page;

/// `consent`: `action=allow|deny`.
#[derive(Clone, Debug, Serialize)]
pub struct Consent {
    pub scopes: Vec<ScopeView>,
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
        let few = ["openid", "profile", "email"].map(|scope| ScopeView::new(scope, None));
        vec![Self { scopes: few.into() }, Self { scopes }]
    }
}
