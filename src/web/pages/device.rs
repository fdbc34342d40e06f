//! A device that shows a code: which one, whether it is theirs, how it ended.

use serde::Serialize;

use crate::web::page::Page;

/// `device`: `user_code`; `action=continue`, then `action=allow|deny`.
#[derive(Clone, Debug, Serialize)]
pub struct Device {
    pub stage: DeviceStage,
    /// As it is shown on the device, or as it was typed.
    pub code: String,
    /// Who gets in if it is allowed.
    pub partner: Option<String>,
    /// The host of the partner's site.
    pub site: Option<String>,
    /// The network address that the device asked from.
    pub from: Option<String>,
    /// When it asked (microseconds).
    pub at: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceStage {
    Code,
    Confirm,
    Done,
    Refused,
}

impl Device {
    pub const fn at(stage: DeviceStage, code: String) -> Self {
        Self {
            stage,
            code,
            partner: None,
            site: None,
            from: None,
            at: None,
        }
    }
}

impl Page for Device {
    const ID: &'static str = "device";
    const TEMPLATE: &'static str = "device";

    fn samples() -> Vec<Self> {
        let bare = Self::at(DeviceStage::Confirm, "BCDF-GHJK".to_owned());
        vec![
            Self::at(DeviceStage::Code, String::new()),
            Self::at(DeviceStage::Code, "\"><script>alert(1)</script>".to_owned()),
            Self {
                partner: Some("Television <script>alert(1)</script>".to_owned()),
                site: Some("tv.example".to_owned()),
                from: Some("2001:db8::7".to_owned()),
                at: Some(1_800_000_000_000_000),
                ..bare.clone()
            },
            bare,
            Self::at(DeviceStage::Done, String::new()),
            Self::at(DeviceStage::Refused, String::new()),
        ]
    }
}
