//! Partners with access.

use serde::Serialize;

use crate::base::Timestamp;
use crate::web::page::{Page, PartnerView};
use crate::web::pages::ScopeView;

/// `account-privacy`: `client=ID`.
#[derive(Clone, Debug, Serialize)]
pub struct Privacy {
    pub done: Option<&'static str>,
    pub partners: Vec<AccessView>,
}

#[derive(Clone, Debug, Serialize)]
pub struct AccessView {
    pub client: String,
    pub partner: PartnerView,
    pub scopes: Vec<ScopeView>,
    pub since: Timestamp,
}

impl Page for Privacy {
    const ID: &'static str = "account-privacy";
    const TEMPLATE: &'static str = "account/privacy";

    fn samples() -> Vec<Self> {
        let of = |client: &str, name: &str| AccessView {
            client: client.to_owned(),
            partner: PartnerView {
                name: name.to_owned(),
                logo: url::Url::parse("https://cedar.example/logo.svg").ok(),
                ..PartnerView::default()
            },
            scopes: vec![
                ScopeView::new("profile", None),
                ScopeView::new("rx:sign", Some("Sign <b>for</b> you")),
            ],
            since: Timestamp::from_secs(1_741_781_000),
        };
        vec![
            Self {
                done: Some("revoked"),
                partners: vec![
                    of("ehr", "Cedar Clinic EHR"),
                    of("x\"><b>", "<script>alert(1)</script>"),
                ],
            },
            Self {
                done: None,
                partners: vec![],
            },
        ]
    }
}
