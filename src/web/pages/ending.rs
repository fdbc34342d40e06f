//! Where a journey ends without a token.

use serde::Serialize;

use crate::policy::Method;
use crate::web::page::Page;
use crate::web::pages::{Because, RefusedMethod};

/// `refused`: the frame's trouble says why (MFA-150, -151, -152); here stands what would do.
#[derive(Clone, Debug, Serialize)]
pub struct Refused {
    pub need: Option<Need>,
    /// Methods that the partner would take.
    pub accepted: Vec<Method>,
    pub refused: Vec<RefusedMethod>,
    /// Where another one can be chosen.
    pub choose_href: Option<String>,
}

/// What was asked for, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    Mfa,
    Aal2,
    PhishingResistant,
    Hardware,
    Epcs,
    Other,
}

impl Need {
    /// By the acr that was asked for; aliases are the operator's, so resolve them first.
    pub fn of_acr(acr: &str) -> Self {
        match acr {
            "urn:countersign:acr:mfa" => Self::Mfa,
            "urn:countersign:acr:aal2" => Self::Aal2,
            "phr" | "urn:countersign:acr:aal2-phr" => Self::PhishingResistant,
            "phrh" | "urn:countersign:acr:aal3" => Self::Hardware,
            "urn:countersign:acr:epcs" | "urn:countersign:acr:epcs-phr" => Self::Epcs,
            _ => Self::Other,
        }
    }

    #[cfg(test)]
    const ALL: [Self; 6] = [
        Self::Mfa,
        Self::Aal2,
        Self::PhishingResistant,
        Self::Hardware,
        Self::Epcs,
        Self::Other,
    ];
}

impl Page for Refused {
    const ID: &'static str = "refused";
    const TEMPLATE: &'static str = "refused";

    fn samples() -> Vec<Self> {
        let bare = Self {
            need: None,
            accepted: vec![],
            refused: vec![],
            choose_href: None,
        };
        let prescriber = Self {
            need: Some(Need::Epcs),
            accepted: vec![Method::Totp, Method::Push, Method::Webauthn],
            refused: vec![RefusedMethod {
                method: Method::Sms,
                because: Because::Prescriber,
                detail: None,
            }],
            choose_href: Some("/sign-in/5yqkQ0aTz2".to_owned()),
        };
        let back_only = Self {
            need: Some(Need::PhishingResistant),
            choose_href: Some("/sign-in/5yqkQ0aTz2?\"><script>".to_owned()),
            ..bare.clone()
        };
        vec![prescriber, bare, back_only]
    }
}

/// `error`: the frame's trouble is the content.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorPage {
    /// Only where an address to go back to is known to be good.
    pub back_href: Option<String>,
}

impl Page for ErrorPage {
    const ID: &'static str = "error";
    const TEMPLATE: &'static str = "error";

    fn samples() -> Vec<Self> {
        let back_href = Some("/sign-in/5yqkQ0aTz2".to_owned());
        vec![Self { back_href: None }, Self { back_href }]
    }
}

/// `signed-out`: done, or asks first (`action=logout|stay`).
#[derive(Clone, Debug, Default, Serialize)]
pub struct SignedOut {
    pub confirm: bool,
    /// The person was asked, and did not want to.
    pub stayed: bool,
    /// The partner's parameters, which the confirmation carries on.
    pub carried: Vec<(String, String)>,
    /// Where it goes on, once the frames have loaded.
    pub after: Option<String>,
    /// Pages of partners that end what they hold (Front-Channel Logout 1.0 §3).
    pub frames: Vec<String>,
}

impl Page for SignedOut {
    const ID: &'static str = "signed-out";
    const TEMPLATE: &'static str = "signed-out";

    fn samples() -> Vec<Self> {
        let carried = vec![("state".to_owned(), "\"><script>".to_owned())];
        let asks = Self {
            confirm: true,
            carried,
            ..Self::default()
        };
        vec![
            Self::default(),
            asks,
            Self {
                stayed: true,
                ..Self::default()
            },
            Self {
                after: Some("https://ehr.cedar.example/bye?state=%22%3E".to_owned()),
                frames: vec!["https://lab.example/logout?iss=https%3A%2F%2Fid.cedar.example&sid=s1".to_owned()],
                ..Self::default()
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use fluent_bundle::FluentArgs;

    use super::*;
    use crate::web::locale::{Locale, Texts};

    #[test]
    fn every_need_has_words() {
        let texts = Texts::load().unwrap();
        for need in Need::ALL {
            let name = serde_json::to_value(need).unwrap();
            let key = format!("need-{}", name.as_str().unwrap());
            assert!(texts.get(Locale::Es, &key, &FluentArgs::new()).is_some(), "{key}");
        }
        assert_eq!(Need::of_acr("urn:countersign:acr:epcs"), Need::Epcs);
        assert_eq!(Need::of_acr("urn:example:gold"), Need::Other);
    }
}
