//! Partners with access.

use serde::Serialize;
use url::Url;

use crate::base::Timestamp;
use crate::web::page::{Page, PartnerView, web_only};
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
    /// Where a person begins there (OIDC Core §4).
    #[serde(serialize_with = "web_only")]
    pub open: Option<Url>,
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
                logo: Some("/partner-logo?client=ehr&v=5yqkQ0aTz2".to_owned()),
                ..PartnerView::default()
            },
            open: Url::parse("https://cedar.example/login?iss=https%3A%2F%2Fid.example.org").ok(),
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
