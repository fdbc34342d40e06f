//! `[delivery.lookup]`: who tells what kind of line a number belongs to.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use url::Url;

use super::{At, SettingError};
use crate::base::Secret;

/// Where the service of that name listens, unless `base_url` names another that speaks its protocol.
pub const TWILIO_LOOKUPS: &str = "https://lookups.twilio.com";

#[derive(Clone, Debug, Default)]
pub enum LookupSettings {
    /// Nobody is asked. A workspace that denies lines can then set up no phone.
    #[default]
    Off,
    /// The operator's own list of prefixes.
    Table(PathBuf),
    Twilio(TwilioLookupSettings),
}

#[derive(Clone, Debug)]
pub struct TwilioLookupSettings {
    pub base_url: Url,
    pub account_sid: String,
    pub auth_token: Secret<String>,
}

impl LookupSettings {
    /// With a relative file seen from `folder`.
    #[must_use]
    pub fn beside(self, folder: &Path) -> Self {
        match self {
            Self::Table(file) => Self::Table(folder.join(file)),
            other => other,
        }
    }
}

/// The table as it is written.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Written {
    transport: Option<String>,
    file: Option<PathBuf>,
    base_url: Option<String>,
    account_sid: Option<String>,
    auth_token: Option<Secret<String>>,
}

impl TryFrom<Written> for LookupSettings {
    type Error = SettingError;

    fn try_from(w: Written) -> Result<Self, SettingError> {
        let at = At("lookup");
        let chosen = w.transport.as_deref().unwrap_or("off").to_owned();
        no_strangers(at, &chosen, &w)?;
        match chosen.as_str() {
            "off" => Ok(Self::Off),
            "table" => {
                let file = w.file.filter(|f| !f.as_os_str().is_empty());
                file.map(Self::Table).ok_or_else(|| at.key("file", "is missing"))
            }
            "twilio" => {
                let (base_url, account_sid, auth_token) = at.account(
                    w.base_url.as_deref().unwrap_or(TWILIO_LOOKUPS),
                    w.account_sid,
                    w.auth_token,
                )?;
                Ok(Self::Twilio(TwilioLookupSettings {
                    base_url,
                    account_sid,
                    auth_token,
                }))
            }
            other => {
                let known = "use \"twilio\", \"table\" or \"off\"";
                Err(at.key("transport", format!("there is no transport \"{other}\": {known}")))
            }
        }
    }
}

/// A key of another transport is a mistake, most likely a forgotten or mistyped `transport`.
fn no_strangers(at: At, chosen: &str, w: &Written) -> Result<(), SettingError> {
    let written = [
        ("file", "table", w.file.is_some()),
        ("base_url", "twilio", w.base_url.is_some()),
        ("account_sid", "twilio", w.account_sid.is_some()),
        ("auth_token", "twilio", w.auth_token.is_some()),
    ];
    at.no_strangers(chosen, &["off", "table", "twilio"], &written)
}
