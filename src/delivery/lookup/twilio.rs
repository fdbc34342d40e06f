//! Twilio's Lookup API of version 2, which others speak as well (`base_url`).

use reqwest::Client;
use serde::Deserialize;
use url::Url;

use super::LookupError;
use crate::base::Timestamp;
use crate::delivery::carrier::CarrierError;
use crate::delivery::settings::TwilioLookupSettings;
use crate::delivery::wire::{self, Timeouts};
use crate::model::phone::LineType;

const VERSION: &str = "v2";
const FIELDS: &str = "line_type_intelligence";

#[derive(Debug)]
pub struct Twilio {
    client: Client,
    settings: TwilioLookupSettings,
}

/// The members that are read. Carrier and country are left alone: nothing here needs them.
#[derive(Deserialize)]
struct Said {
    phone_number: Option<String>,
    valid: Option<bool>,
    line_type_intelligence: Option<Intelligence>,
}

#[derive(Deserialize)]
struct Intelligence {
    #[serde(rename = "type")]
    kind: Option<String>,
    error_code: Option<i64>,
}

impl Twilio {
    pub(super) fn open(settings: TwilioLookupSettings, timeouts: Timeouts) -> Result<Self, CarrierError> {
        let client = wire::client(&settings.base_url, timeouts)?;
        Ok(Self { client, settings })
    }

    pub(super) async fn line_of(&self, e164: &str, now: Timestamp) -> Result<LineType, LookupError> {
        let request = self
            .client
            .get(self.address(e164))
            .basic_auth(&self.settings.account_sid, Some(self.settings.auth_token.expose()));
        let answer = wire::send(request, now).await?;
        answer.judge(None)?;
        // serde's own words would repeat what it could not read, the number among it.
        let said: Said = serde_json::from_slice(&answer.body)
            .map_err(|_| LookupError::Failed("the answer is none of that protocol".into()))?;
        line(&said, e164)
    }

    fn address(&self, e164: &str) -> Url {
        let mut url = self.settings.base_url.clone();
        // An https address always has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend([VERSION, "PhoneNumbers", e164]);
        }
        url.query_pairs_mut().append_pair("Fields", FIELDS);
        url
    }
}

fn line(said: &Said, e164: &str) -> Result<LineType, LookupError> {
    let failed = |why: String| Err(LookupError::Failed(why));
    if said.phone_number.as_deref().is_some_and(|n| n != e164) {
        return failed("the answer is about another number".into());
    }
    if said.valid == Some(false) {
        return Ok(LineType::Unknown);
    }
    match &said.line_type_intelligence {
        Some(Intelligence {
            error_code: Some(code), ..
        }) => failed(format!("the service reports error {code}")),
        Some(Intelligence { kind: Some(kind), .. }) => Ok(line_of(kind)),
        _ => failed("the answer says no type of line".into()),
    }
}

/// `personal`, `uan`, `voicemail`, `pager`, and what is added to the list later, are nothing that we know.
fn line_of(kind: &str) -> LineType {
    match kind {
        "mobile" => LineType::Mobile,
        "landline" => LineType::Landline,
        "fixedVoip" => LineType::FixedVoip,
        "nonFixedVoip" => LineType::NonFixedVoip,
        "tollFree" => LineType::TollFree,
        "premium" | "sharedCost" => LineType::Premium,
        _ => LineType::Unknown,
    }
}
