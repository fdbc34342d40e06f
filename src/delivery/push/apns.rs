//! Apple's push service, with a provider token ("Sending notification requests to APNs", "Establishing a token-based
//! connection to APNs"). HTTP/2, which both sides choose by ALPN (RFC 9113 §3.2).

use std::sync::{Mutex, PoisonError};

use a2::request::payload::PayloadLike;
use a2::{DefaultNotificationBuilder, ErrorBody, ErrorReason, NotificationBuilder};
use reqwest::Client;
use serde_json::json;
use url::Url;

use super::name;
use crate::base::{Seconds, Timestamp};
use crate::delivery::carrier::{CarrierError, Failure, Parcel};
use crate::delivery::settings::ApnsSettings;
use crate::delivery::wire::{self, Answer, Timeouts};
use crate::keys::{Alg, KeyPair};

/// Apple takes a token for an hour, and a new one at most every 20 minutes.
const TOKEN_LIFETIME: Seconds = Seconds::minutes(50);
/// What a phone shows until the app has asked what it is about. It is the key of its translations too: of an app that has
/// none, a phone shows the key.
const TITLE: &str = "Sign-in request";
const PUSH_TYPE: &str = "alert";
/// Deliver now.
const PRIORITY: &str = "10";

pub(super) struct Apns {
    client: Client,
    settings: ApnsSettings,
    key: KeyPair,
    token: Mutex<Option<Token>>,
}

#[derive(Clone, PartialEq, Eq)]
struct Token {
    text: String,
    made_at: Timestamp,
}

impl Apns {
    pub(super) fn open(settings: ApnsSettings, timeouts: Timeouts) -> Result<Self, CarrierError> {
        Ok(Self {
            client: wire::client_trusting(settings.trust_anchor.as_deref(), &settings.base_url, timeouts)?,
            key: settings.key()?,
            settings,
            token: Mutex::new(None),
        })
    }

    pub(super) async fn deliver(&self, device: &str, parcel: &Parcel<'_>) -> Result<Option<String>, Failure> {
        let token = self.token(None, parcel.now)?;
        let mut answer = self.send(device, &token, parcel).await?;
        if answer.status == 403 && reason(&answer) == Some(ErrorReason::ExpiredProviderToken) {
            // Their clock is ahead of ours, or ours went back: once, for a second new token would be one too many.
            let fresh = self.token(Some(&token), parcel.now)?;
            answer = self.send(device, &fresh, parcel).await?;
        }
        judge(&answer)?;
        let id = answer.headers.get("apns-id").and_then(|id| id.to_str().ok());
        Ok(id.and_then(name))
    }

    async fn send(&self, device: &str, token: &Token, parcel: &Parcel<'_>) -> Result<Answer, Failure> {
        let request = self
            .client
            .post(self.address(device))
            .bearer_auth(&token.text)
            .header("apns-topic", &self.settings.topic)
            .header("apns-push-type", PUSH_TYPE)
            .header("apns-priority", PRIORITY)
            .header("apns-expiration", parcel.expires_at.secs())
            .body(payload(device, &parcel.message.body)?);
        wire::send(request, parcel.now).await
    }

    fn address(&self, device: &str) -> Url {
        let mut url = self.settings.base_url.clone();
        // An https address always has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["3", "device", device]);
        }
        url
    }

    /// The token that all messages share, unless it is `expired`: then the one that follows it.
    fn token(&self, expired: Option<&Token>, now: Timestamp) -> Result<Token, Failure> {
        let mut kept = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let good = |token: &&Token| {
            let young = token.made_at <= now && !token.made_at.older_than(TOKEN_LIFETIME, now);
            young && expired != Some(*token)
        };
        if let Some(token) = kept.as_ref().filter(good) {
            return Ok(token.clone());
        }
        let header = json!({"alg": Alg::Es256.name(), "kid": self.settings.key_id});
        let claims = json!({"iss": self.settings.team_id, "iat": now.secs()});
        let text = self.key.sign_compact(Alg::Es256, &header, &claims);
        let text = text.map_err(|_| Failure::permanent("the token for APNs cannot be made"))?;
        let made = Token { text, made_at: now };
        *kept = Some(made.clone());
        Ok(made)
    }
}

/// The words are the app's own: it replaces them (`mutable-content`) once it has asked what waits.
fn payload(device: &str, request: &str) -> Result<String, Failure> {
    let cannot = |_| Failure::permanent("the message for APNs cannot be written");
    let words = DefaultNotificationBuilder::new()
        .title(TITLE)
        .title_loc_key(TITLE)
        .sound("default")
        .mutable_content();
    let mut payload = words.build(device, a2::NotificationOptions::default());
    payload.add_custom_data("request", &request).map_err(cannot)?;
    payload.to_json_string().map_err(cannot)
}

/// A reason that Apple added later is none that we act on.
fn reason(answer: &Answer) -> Option<ErrorReason> {
    let body: ErrorBody = serde_json::from_slice(&answer.body).ok()?;
    Some(body.reason)
}

/// `BadDeviceToken` and `DeviceTokenNotForTopic` forget nothing: a wrong `topic` or `base_url` brings them for every phone.
fn judge(answer: &Answer) -> Result<(), Failure> {
    let reason = reason(answer).map(|reason| format!("{reason:?}"));
    if answer.status == 410 {
        let why = reason.unwrap_or_default();
        return Err(Failure::gone(format!("APNs answered 410 ({why})")));
    }
    answer.judge(reason.as_deref())
}
