//! Who somebody is to us, and the address that waits to be confirmed.

use serde::Serialize;
use url::Url;

use crate::base::Timestamp;
use crate::policy::Method;
use crate::web::locale::Locale;
use crate::web::page::{Page, web_only};

/// `account-profile`: `action=save|email|confirm|withdraw`, `replace=AUTHENTICATOR`.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    /// What has just been done: `profile-done-…`.
    pub done: Option<&'static str>,
    pub name: String,
    pub given_name: String,
    pub family_name: String,
    /// The operator has confirmed the name: it is not edited here.
    pub name_confirmed: bool,
    pub username: String,
    pub email: Option<String>,
    pub email_verified: bool,
    /// What stands in the field for another address.
    pub wanted: String,
    /// An address that waits for the code of its letter.
    pub pending: Option<String>,
    pub phones: Vec<PhoneView>,
    /// Messages to one of the numbers do not arrive.
    pub outdated: bool,
    pub member_since: Timestamp,
    pub identity_confirmed: Option<Timestamp>,
    pub languages: Vec<LanguageChoice>,
    /// A current factor has been proved: the forms are shown.
    pub editing: bool,
    /// The numbers stand there in full.
    pub revealed: bool,
    #[serde(serialize_with = "web_only")]
    pub support: Option<Url>,
}

#[derive(Clone, Debug, Serialize)]
pub struct PhoneView {
    pub authenticator: String,
    pub method: Method,
    pub number: String,
    pub nickname: Option<String>,
    pub outdated: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct LanguageChoice {
    code: &'static str,
    name: &'static str,
    chosen: bool,
}

impl LanguageChoice {
    /// All that we speak; the first of them by default.
    pub fn all(chosen: Option<Locale>) -> Vec<Self> {
        let of = |locale: Locale| Self {
            code: locale.as_str(),
            name: locale.own_name(),
            chosen: chosen == Some(locale),
        };
        Locale::ALL.into_iter().map(of).collect()
    }
}

impl Page for Profile {
    const ID: &'static str = "account-profile";
    const TEMPLATE: &'static str = "account/profile";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_secs(1_741_781_000);
        let phone = |method, outdated| PhoneView {
            authenticator: "a1".to_owned(),
            method,
            number: "(***) ***-*801".to_owned(),
            nickname: Some("Mobile <b>1</b>".to_owned()),
            outdated,
        };
        let full = Self {
            done: Some("saved"),
            name: "Dr. Ana Rivera".to_owned(),
            given_name: "Ana".to_owned(),
            family_name: "Rivera".to_owned(),
            name_confirmed: true,
            username: "rivera".to_owned(),
            email: Some("rivera@cedar.example".to_owned()),
            email_verified: true,
            wanted: "\"><script>alert(1)</script>".to_owned(),
            pending: Some("<script>alert(1)</script>@new.example".to_owned()),
            phones: vec![phone(Method::Sms, true), phone(Method::Voice, false)],
            outdated: true,
            member_since: at,
            identity_confirmed: Some(at),
            languages: LanguageChoice::all(Some(Locale::Es)),
            editing: true,
            revealed: true,
            support: Url::parse("https://cedar.example/help").ok(),
        };
        let bare = Self {
            done: None,
            name: "<script>alert(1)</script>".to_owned(),
            given_name: String::new(),
            family_name: String::new(),
            name_confirmed: false,
            email: None,
            email_verified: false,
            wanted: String::new(),
            pending: None,
            phones: vec![],
            outdated: false,
            identity_confirmed: None,
            languages: LanguageChoice::all(None),
            editing: false,
            revealed: false,
            support: None,
            ..full.clone()
        };
        let editing = Self {
            editing: true,
            email: Some("pat@mail.example".to_owned()),
            wanted: "pat@mail.example".to_owned(),
            ..bare.clone()
        };
        vec![full, bare, editing]
    }
}

/// `account-email`: the link of a letter, before anything is changed; `action=confirm`.
#[derive(Clone, Debug, Serialize)]
pub struct ConfirmEmail {
    /// `None`: the link is no longer good, or belongs to somebody else.
    pub email: Option<String>,
}

impl Page for ConfirmEmail {
    const ID: &'static str = "account-email";
    const TEMPLATE: &'static str = "account/email";

    fn samples() -> Vec<Self> {
        let email = Some("<script>alert(1)</script>@new.example".to_owned());
        vec![Self { email }, Self { email: None }]
    }
}
