//! "Sign in & Security".

use serde::Serialize;

use crate::base::{AuthenticatorId, Timestamp};
use crate::policy::Method;
use crate::web::page::Page;

/// `account-security`: buttons `method` (add), `primary`, `preferred`, `reactivate`, and links to pages of their own.
#[derive(Clone, Debug, Serialize)]
pub struct AccountSecurity {
    /// What was just done.
    pub done: Option<Done>,
    /// The partner that sent the person here, and the way back to it.
    pub back: Option<PartnerLink>,
    /// What is set up, in the order in which it was.
    pub entries: Vec<MethodEntry>,
    pub needs_backup: bool,
    /// What can be added.
    pub addable: Vec<Method>,
    /// There are recovery codes already: new ones take their place.
    pub has_codes: bool,
    /// For links to pages below: `?client_id=…&return_to=…`, or nothing.
    pub query: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartnerLink {
    pub name: String,
    pub href: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Done {
    Renamed,
    Removed,
    Primary,
    Preferred,
    Reactivated,
    Lost,
}

impl Done {
    const ALL: [Self; 6] = [
        Self::Renamed,
        Self::Removed,
        Self::Primary,
        Self::Preferred,
        Self::Reactivated,
        Self::Lost,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Renamed => "renamed",
            Self::Removed => "removed",
            Self::Primary => "primary",
            Self::Preferred => "preferred",
            Self::Reactivated => "reactivated",
            Self::Lost => "lost",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.as_str() == text)
    }
}

/// One thing that is set up.
#[derive(Clone, Debug, Serialize)]
pub struct MethodEntry {
    pub id: AuthenticatorId,
    pub method: Method,
    /// What it is called; for a phone without a name its masked number.
    pub nickname: String,
    /// The masked number of a phone.
    pub number: Option<String>,
    pub facts: Vec<Fact>,
    /// The model of an attested key.
    pub model: Option<String>,
    pub codes_left: Option<u32>,
    pub added: Timestamp,
    pub added_by: AddedBy,
    /// The partner's name, where one had it set up.
    pub partner: Option<String>,
    pub last_used: Option<Timestamp>,
    pub primary: bool,
    pub preferred: bool,
    pub standing: Standing,
    /// It can be made the primary one, or its method the preferred one.
    pub can_be_primary: bool,
    pub can_be_preferred: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Active,
    Suspended,
    Disabled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddedBy {
    Organization,
    Account,
    Partner,
}

/// What is known of a passkey or key, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    Attested,
    Hardware,
    Synced,
    DeviceBound,
}

impl MethodEntry {
    fn sample(id: &str, method: Method, nickname: &str) -> Self {
        Self {
            id: AuthenticatorId::new(id),
            method,
            nickname: nickname.to_owned(),
            number: None,
            facts: Vec::new(),
            model: None,
            codes_left: None,
            added: Timestamp::from_secs(1_741_781_000),
            added_by: AddedBy::Account,
            partner: None,
            last_used: None,
            primary: false,
            preferred: false,
            standing: Standing::Active,
            can_be_primary: true,
            can_be_preferred: true,
        }
    }

    fn samples() -> Vec<Self> {
        let sample = Self::sample;
        vec![
            Self {
                primary: true,
                preferred: true,
                can_be_primary: false,
                can_be_preferred: false,
                last_used: Some(Timestamp::from_secs(1_751_781_000)),
                added_by: AddedBy::Organization,
                ..sample("q8Vw", Method::Totp, "Office iPhone")
            },
            Self {
                added_by: AddedBy::Partner,
                partner: Some("Cedar Clinic EHR".to_owned()),
                facts: vec![Fact::Attested, Fact::Hardware, Fact::DeviceBound],
                model: Some("Key <b>5</b>".to_owned()),
                ..sample("k3", Method::Webauthn, "<script>alert(1)</script>")
            },
            Self {
                facts: vec![Fact::Synced],
                standing: Standing::Disabled,
                can_be_primary: false,
                can_be_preferred: false,
                ..sample("k4", Method::Webauthn, "Phone")
            },
            Self {
                number: Some("(***) ***-*801".to_owned()),
                standing: Standing::Suspended,
                can_be_primary: false,
                can_be_preferred: false,
                ..sample("s1", Method::Sms, "Mobile")
            },
            Self {
                codes_left: Some(1),
                can_be_primary: false,
                can_be_preferred: false,
                ..sample("r1", Method::RecoveryCode, "Recovery codes")
            },
            Self {
                can_be_primary: false,
                can_be_preferred: false,
                ..sample("p1", Method::Password, "password")
            },
        ]
    }
}

impl Page for AccountSecurity {
    const ID: &'static str = "account-security";
    const TEMPLATE: &'static str = "account/security";

    fn samples() -> Vec<Self> {
        let full = Self {
            done: None,
            back: Some(PartnerLink {
                name: "Cedar <b>Clinic</b>".to_owned(),
                href: "https://cedar.example/devices?a=1&b=\"><script>".to_owned(),
            }),
            entries: MethodEntry::samples(),
            needs_backup: false,
            addable: vec![
                Method::Totp,
                Method::Webauthn,
                Method::Sms,
                Method::Voice,
                Method::RecoveryCode,
            ],
            has_codes: true,
            query: "?client_id=ehr&return_to=https%3A%2F%2Fcedar.example".to_owned(),
        };
        let bare = Self {
            back: None,
            entries: vec![],
            needs_backup: true,
            addable: vec![Method::Totp, Method::RecoveryCode],
            has_codes: false,
            query: String::new(),
            ..full.clone()
        };
        let done = |done| Self {
            done: Some(done),
            ..full.clone()
        };
        let mut all: Vec<Self> = Done::ALL.into_iter().map(done).collect();
        all.extend([full, bare]);
        all
    }
}
