//! Who are you, and what is your password?

use serde::Serialize;

use crate::web::page::Page;

/// `sign-in`: fields `username`, `password`; `action=cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct SignIn {
    /// What was typed before, or the partner's `login_hint`.
    pub username: String,
    /// The password can be given here at once.
    pub with_password: bool,
    /// The password may stay empty, because there are other first factors; the page says so.
    pub password_optional: bool,
    /// A passkey can say itself whose it is; the browser offers it among its suggestions.
    pub passkey: Option<Passkey>,
    pub can_register: bool,
    pub can_recover: bool,
    /// The name of this sign-in, to come back to with a new account.
    pub sign_in: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Passkey {
    /// For `PublicKeyCredential.parseRequestOptionsFromJSON`.
    pub options: String,
    /// Comes back with the answer.
    pub kept: String,
}

impl Page for SignIn {
    const ID: &'static str = "sign-in";
    const TEMPLATE: &'static str = "sign-in";

    fn samples() -> Vec<Self> {
        let of = |username: &str, with_password, password_optional| Self {
            username: username.to_owned(),
            with_password,
            password_optional,
            passkey: None,
            can_register: false,
            can_recover: with_password,
            sign_in: "5yqkQ0aTz2".to_owned(),
        };
        let passkey = Passkey {
            options: "{\"challenge\":\"x\"}".to_owned(),
            kept: "c2VhbGVk".to_owned(),
        };
        vec![
            Self {
                passkey: Some(passkey),
                can_register: true,
                ..of("", true, true)
            },
            of("rivera", true, false),
            of("<script>alert(1)</script>\"", false, false),
        ]
    }
}

/// `verify-password`: fields `username` (read only, for password managers), `password`; `action=choose|cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyPassword {
    pub username: String,
    /// The person has signed in before and is asked once more: a step-up.
    pub again: bool,
    pub can_choose: bool,
    /// A phone may be asked instead: `method=push`.
    pub by_phone: bool,
}

impl Page for VerifyPassword {
    const ID: &'static str = "verify-password";
    const TEMPLATE: &'static str = "password/challenge";

    fn samples() -> Vec<Self> {
        let of = |username: &str, again, can_choose| Self {
            username: username.to_owned(),
            again,
            can_choose,
            by_phone: can_choose,
        };
        vec![
            of("rivera", false, false),
            of("rivera", true, true),
            of("\"><script>alert(1)</script>", false, true),
        ]
    }
}
