//! To phones. What leaves is the opaque id of a request, and nothing of who signs in, where, or with whom.
//!
//! Owns: `apns` (Apple), `fcm` (Google), `webpush` (any browser's push service) with its `encrypt`. Which one takes a
//! message, its address says. Must not know: what the request is about.

mod apns;
mod encrypt;
mod fcm;
mod webpush;

use super::carrier::{CarrierError, Failure, Parcel};
use super::outbound::Outbound;
use super::settings::{PushSettings, SettingError};
use super::wire::Timeouts;
use crate::model::PushAddress;

#[cfg(test)]
pub(super) use encrypt::{Recipient, encrypt};

pub struct Push {
    apns: Option<apns::Apns>,
    fcm: Option<fcm::Fcm>,
    webpush: Option<webpush::WebPush>,
}

impl Push {
    pub(super) fn open(settings: &PushSettings, outbound: &Outbound, timeouts: Timeouts) -> Result<Self, CarrierError> {
        let apns = settings.apns.clone().map(|s| apns::Apns::open(s, timeouts));
        let fcm = settings.fcm.as_ref().map(|s| fcm::Fcm::open(s, timeouts));
        let webpush = settings.webpush.as_ref();
        let webpush = webpush.map(|s| webpush::WebPush::open(s, outbound.clone()));
        Ok(Self {
            apns: apns.transpose()?,
            fcm: fcm.transpose()?,
            webpush: webpush.transpose()?,
        })
    }

    /// Answers the service's own name for the message.
    pub(super) async fn deliver(&self, parcel: &Parcel<'_>) -> Result<Option<String>, Failure> {
        let Some(address) = &parcel.message.push else {
            return Err(Failure::permanent("the device asks by itself"));
        };
        // It came from a device, and goes into a path, a header and a key agreement.
        address.check().map_err(|e| Failure::gone(e.to_string()))?;
        let missing = || Failure::permanent(format!("{} is not set up", address.kind()));
        match address {
            PushAddress::Apns { token } => self.apns.as_ref().ok_or_else(missing)?.deliver(token, parcel).await,
            PushAddress::Fcm { token } => self.fcm.as_ref().ok_or_else(missing)?.deliver(token, parcel).await,
            PushAddress::Webpush { endpoint, p256dh, auth } => {
                let webpush = self.webpush.as_ref().ok_or_else(missing)?;
                webpush.deliver(endpoint, (p256dh, auth), parcel).await
            }
        }
    }
}

/// A service's own name for a message, or for what is wrong, as far as it is fit for log and audit.
fn name(text: &str) -> Option<String> {
    /// Theirs have 36 to 64 characters; of a longer one the beginning tells it from others, and opens nothing.
    const NAME_CHARS: usize = 64;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:%".contains(&b);
    let fit = !text.is_empty() && text.bytes().all(plain);
    fit.then(|| text.chars().take(NAME_CHARS).collect())
}

impl From<SettingError> for CarrierError {
    fn from(error: SettingError) -> Self {
        Self(error.to_string())
    }
}
