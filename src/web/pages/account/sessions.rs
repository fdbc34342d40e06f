//! Where somebody is signed in.

use serde::Serialize;

use crate::base::Timestamp;
use crate::policy::Method;
use crate::web::page::Page;

/// `account-sessions`: `session=ID`, `action=others|forget`.
#[derive(Clone, Debug, Serialize)]
pub struct Sessions {
    pub done: Option<&'static str>,
    pub here: Option<SessionView>,
    pub others: Vec<SessionView>,
    /// Browsers that are remembered, wherever they are.
    pub remembered: i64,
}

#[derive(Clone, Debug, Serialize)]
pub struct SessionView {
    pub id: String,
    /// "Firefox, Windows"; empty where nothing is known.
    pub browser: String,
    pub ip: Option<String>,
    pub since: Timestamp,
    pub last_active: Timestamp,
    /// How it was proved who it is.
    pub methods: Vec<Method>,
    /// The same in the words of RFC 8176, as a token would say it.
    pub amr: String,
}

impl Page for Sessions {
    const ID: &'static str = "account-sessions";
    const TEMPLATE: &'static str = "account/sessions";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_secs(1_741_781_000);
        let of = |id: &str, browser: &str, ip: Option<&str>| SessionView {
            id: id.to_owned(),
            browser: browser.to_owned(),
            ip: ip.map(str::to_owned),
            since: at,
            last_active: at,
            methods: vec![Method::Password, Method::Totp],
            amr: "pwd otp mfa".to_owned(),
        };
        let here = Some(of("s1", "Firefox, Windows", Some("192.0.2.1")));
        vec![
            Self {
                done: Some("ended"),
                here: here.clone(),
                others: vec![of("s2", "<script>alert(1)</script>", None), of("s3", "", None)],
                remembered: 2,
            },
            Self {
                done: None,
                here,
                others: vec![],
                remembered: 1,
            },
            Self {
                done: None,
                here: None,
                others: vec![],
                remembered: 0,
            },
        ]
    }
}
