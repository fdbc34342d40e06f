//! Where the account begins.

use serde::Serialize;

use crate::web::page::Page;

/// `account`: links to the other pages.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    pub name: String,
    /// How many methods beside the password are set up.
    pub methods: usize,
}

impl Page for Account {
    const ID: &'static str = "account";
    const TEMPLATE: &'static str = "account/home";

    fn samples() -> Vec<Self> {
        let of = |name: &str, methods| Self {
            name: name.to_owned(),
            methods,
        };
        vec![of("Dr. Ana Rivera", 2), of("<script>alert(1)</script>", 0)]
    }
}
