//! A new account, a forgotten password, and a code generator that is set up on another screen.

use serde::Serialize;

use crate::web::page::Page;

/// `register`: fields `given_name`, `family_name`, `email`; then `code`, `action=resend`; then `username` (read only, for
/// password managers) and `password`.
#[derive(Clone, Debug, Serialize)]
pub struct Register {
    pub stage: RegisterStage,
    pub given_name: String,
    pub family_name: String,
    pub email: String,
    /// The sign-in to come back to; empty if there is none.
    pub sign_in: String,
    pub digits: u8,
    /// Characters that a password must have.
    pub shortest: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegisterStage {
    Who,
    Code,
    Password,
}

impl Page for Register {
    const ID: &'static str = "register";
    const TEMPLATE: &'static str = "register";

    fn samples() -> Vec<Self> {
        let of = |stage, name: &str| Self {
            stage,
            given_name: name.to_owned(),
            family_name: String::new(),
            email: "ana@mail.example".to_owned(),
            sign_in: "5yqkQ0aTz2".to_owned(),
            digits: 6,
            shortest: 15,
        };
        vec![
            of(RegisterStage::Who, "\"><script>alert(1)</script>"),
            of(RegisterStage::Code, ""),
            of(RegisterStage::Password, ""),
        ]
    }
}

/// `recover`: field `email`; then `code`, `action=resend`; or, from the letter's link, `action=continue`.
#[derive(Clone, Debug, Serialize)]
pub struct Recover {
    pub stage: RecoverStage,
    pub email: String,
    pub digits: u8,
    /// Where support is, if the operator says so.
    pub support: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecoverStage {
    Address,
    Code,
    Link,
}

impl Page for Recover {
    const ID: &'static str = "recover";
    const TEMPLATE: &'static str = "recover";

    fn samples() -> Vec<Self> {
        let of = |stage, support: Option<&str>| Self {
            stage,
            email: "\"><script>alert(1)</script>".to_owned(),
            digits: 6,
            support: support.map(str::to_owned),
        };
        vec![
            of(RecoverStage::Address, Some("https://cedar.example/help")),
            of(RecoverStage::Address, None),
            of(RecoverStage::Code, None),
            of(RecoverStage::Link, None),
        ]
    }
}

/// `recover`, at its end: `username` (read only, for password managers), `password`; `action=cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct NewPassword {
    pub username: String,
    pub shortest: usize,
}

impl Page for NewPassword {
    const ID: &'static str = "recover";
    const TEMPLATE: &'static str = "password/new";

    fn samples() -> Vec<Self> {
        vec![Self {
            username: "\"><script>alert(1)</script>".to_owned(),
            shortest: 15,
        }]
    }
}

/// `enrol-setup`: the secret of a code generator on the phone's own screen, once: `action=show`.
#[derive(Clone, Debug, Serialize)]
pub struct SetUpLink {
    pub shown: bool,
    /// As in `EnrolTotp`; empty until it is shown.
    pub secret: String,
    pub uri: String,
    pub svg: String,
}

impl Page for SetUpLink {
    const ID: &'static str = "enrol-setup";
    const TEMPLATE: &'static str = "totp/link";

    fn samples() -> Vec<Self> {
        let of = |shown, secret: &str, uri: &str, svg: &str| Self {
            shown,
            secret: secret.to_owned(),
            uri: uri.to_owned(),
            svg: svg.to_owned(),
        };
        vec![
            of(false, "", "", ""),
            of(
                true,
                "JBSW Y3DP EHPK 3PXP",
                "otpauth://totp/Cedar:rivera?secret=JBSWY3DPEHPK3PXP&issuer=Cedar",
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2 2\"><path d=\"M0 0h1v1H0z\"/></svg>",
            ),
        ]
    }
}
