//! What happened to an account, in its owner's words.

use serde::Serialize;

use crate::base::Timestamp;
use crate::policy::Method;
use crate::web::page::Page;

/// `account-activity`: reads only.
#[derive(Clone, Debug, Serialize)]
pub struct Activity {
    pub entries: Vec<ActivityView>,
    /// The page of what was before.
    pub older: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ActivityView {
    pub at: Timestamp,
    /// The message in `locales/`.
    pub key: String,
    pub event: String,
    /// It did not succeed, or was not allowed.
    pub refused: bool,
    pub method: Option<Method>,
    pub nickname: Option<String>,
    pub place: Option<String>,
    pub partner: Option<String>,
}

impl Page for Activity {
    const ID: &'static str = "account-activity";
    const TEMPLATE: &'static str = "account/activity";

    fn samples() -> Vec<Self> {
        let of = |event: &str, refused, partner: Option<&str>| ActivityView {
            at: Timestamp::from_secs(1_741_781_000),
            key: format!("activity-{}", event.replace('.', "-")),
            event: event.to_owned(),
            refused,
            method: partner.map(|_| Method::Totp),
            nickname: partner.map(|_| "<b>Office</b> iPhone".to_owned()),
            place: partner.map(|_| "192.0.2.1".to_owned()),
            partner: partner.map(str::to_owned),
        };
        let entries = vec![
            of("auth.session.created", false, Some("<script>alert(1)</script>")),
            of("policy.method_denied", true, None),
            of("other", false, None),
        ];
        vec![
            Self {
                entries,
                older: Some("/account/activity?before=1741781000000000".to_owned()),
            },
            Self {
                entries: vec![],
                older: None,
            },
        ]
    }
}
