//! The phone app. Its screens are drawn by its own script; the page brings the words and the addresses.

use serde::Serialize;

use crate::web::page::Page;

#[derive(Clone, Debug, Serialize)]
pub struct Authenticator {
    /// The issuer, exactly: what a device says is for this one.
    pub issuer: String,
    pub version: &'static str,
}

impl Page for Authenticator {
    const ID: &'static str = "authenticator";
    const TEMPLATE: &'static str = "authenticator/app";

    fn samples() -> Vec<Self> {
        vec![Self {
            issuer: "https://id.example.org".to_owned(),
            version: "1.0.0",
        }]
    }
}
