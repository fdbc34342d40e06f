//! Another password.

use serde::Serialize;

use crate::web::page::Page;

/// `account-password`: the field `new_password`.
#[derive(Clone, Debug, Serialize)]
pub struct ChangePassword {
    pub done: Option<&'static str>,
    /// For password managers, which keep both together.
    pub username: String,
    /// There is one to be replaced.
    pub replaces: bool,
}

impl Page for ChangePassword {
    const ID: &'static str = "account-password";
    const TEMPLATE: &'static str = "account/password";

    fn samples() -> Vec<Self> {
        let of = |done, username: &str, replaces| Self {
            done,
            username: username.to_owned(),
            replaces,
        };
        vec![
            of(Some("changed"), "rivera", true),
            of(None, "<script>alert(1)</script>", false),
        ]
    }
}
