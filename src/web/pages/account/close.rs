//! The end of an account.

use serde::Serialize;

use crate::web::page::Page;

/// `account-close`: `confirm=yes`, `action=close`.
#[derive(Clone, Debug, Serialize)]
pub struct CloseAccount {
    pub username: String,
    /// Partners that the person will not get into any more.
    pub partners: Vec<String>,
}

impl Page for CloseAccount {
    const ID: &'static str = "account-close";
    const TEMPLATE: &'static str = "account/close";

    fn samples() -> Vec<Self> {
        let of = |username: &str, partners: &[&str]| Self {
            username: username.to_owned(),
            partners: partners.iter().map(|p| (*p).to_owned()).collect(),
        };
        vec![
            of("rivera", &["Cedar Clinic EHR", "<script>alert(1)</script>"]),
            of("<script>alert(1)</script>", &[]),
        ]
    }
}

/// `account-closed`: it is done.
#[derive(Clone, Debug, Serialize)]
pub struct AccountClosed {}

impl Page for AccountClosed {
    const ID: &'static str = "account-closed";
    const TEMPLATE: &'static str = "account/closed";

    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}
