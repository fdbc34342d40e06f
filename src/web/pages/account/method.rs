//! The pages of one method: its name, its removal, its loss. And what happens when a phone is changed.

use serde::Serialize;

use crate::base::{AuthenticatorId, Timestamp};
use crate::policy::Method;
use crate::web::page::Page;

/// `account-rename`: field `nickname`; `action=rename`.
#[derive(Clone, Debug, Serialize)]
pub struct AccountRename {
    pub method: Method,
    /// As it is called now.
    pub old: String,
    /// What stands in the field: the old name, what was typed, or a free one that we propose.
    pub nickname: String,
    pub back_href: String,
}

impl Page for AccountRename {
    const ID: &'static str = "account-rename";
    const TEMPLATE: &'static str = "account/rename";

    fn samples() -> Vec<Self> {
        vec![Self {
            method: Method::Totp,
            old: "<script>alert(1)</script>".to_owned(),
            nickname: "\"><script>alert(1)</script>".to_owned(),
            back_href: "/account/security".to_owned(),
        }]
    }
}

/// `account-remove`: `action=remove`, after a warning of what it means.
#[derive(Clone, Debug, Serialize)]
pub struct AccountRemove {
    pub method: Method,
    pub nickname: String,
    pub added: Timestamp,
    /// It cannot be removed: nothing else would let the person in (MFA-180).
    pub last: bool,
    /// Prescriptions of controlled substances could not be signed any more (S82).
    pub signing: bool,
    /// Another one becomes the primary one.
    pub primary: bool,
    pub back_href: String,
}

impl Page for AccountRemove {
    const ID: &'static str = "account-remove";
    const TEMPLATE: &'static str = "account/remove";

    fn samples() -> Vec<Self> {
        let of = |nickname: &str, last, signing, primary| Self {
            method: Method::Totp,
            nickname: nickname.to_owned(),
            added: Timestamp::from_secs(1_741_781_000),
            last,
            signing,
            primary,
            back_href: "/account/security".to_owned(),
        };
        vec![
            of("Office iPhone", false, true, true),
            of("<script>alert(1)</script>", false, false, false),
            of("Only one", true, true, false),
        ]
    }
}

/// `account-lost`: `<button name="authenticator" value="ID">`; one press puts it aside.
#[derive(Clone, Debug, Serialize)]
pub struct AccountLost {
    pub done: bool,
    pub choices: Vec<LostChoice>,
    /// Nothing else is set up that would prove more than the password.
    pub only: bool,
    pub security_href: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct LostChoice {
    pub id: AuthenticatorId,
    pub method: Method,
    pub nickname: String,
}

impl Page for AccountLost {
    const ID: &'static str = "account-lost";
    const TEMPLATE: &'static str = "account/lost";

    fn samples() -> Vec<Self> {
        let choice = |method, nickname: &str| LostChoice {
            id: AuthenticatorId::new("q8Vw"),
            method,
            nickname: nickname.to_owned(),
        };
        let of = |done, only, choices| Self {
            done,
            choices,
            only,
            security_href: "/account/security".to_owned(),
        };
        vec![
            of(
                false,
                false,
                vec![
                    choice(Method::Totp, "Office iPhone"),
                    choice(Method::Webauthn, "<script>alert(1)</script>"),
                ],
            ),
            of(false, true, vec![choice(Method::Sms, "(***) ***-*801")]),
            of(true, true, vec![]),
        ]
    }
}

/// `account-help-phone`: what happens when a phone is changed (S75).
#[derive(Clone, Copy, Debug, Serialize)]
pub struct HelpPhone {}

impl Page for HelpPhone {
    const ID: &'static str = "account-help-phone";
    const TEMPLATE: &'static str = "account/help-phone";

    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}
