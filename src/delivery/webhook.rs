//! A gateway of the operator's own: each message is posted to it as JSON, signed.
//!
//! ```text
//! POST <url>
//! Content-Type: application/json
//! Idempotency-Key: <id>
//! Countersign-Signature: t=<unix seconds>,v1=<hex of HMAC-SHA-256(secret, "<t>.<body>")>
//!
//! {"id": "…", "channel": "sms" | "voice" | "email", "to": "+14155550801", "body": "…", "code": "123456",
//!  "at": "2026-01-31T12:00:00Z", "expires_at": "2026-01-31T12:05:00Z"}
//! ```
//!
//! An e-mail has `subject` and `html` beside `body`, its plain text.
//!
//! How a receiver verifies: take `t` and `v1` apart at the comma; compute the HMAC over `t`, a full stop and the
//! body's bytes as they arrived (before any JSON parser); compare in constant time; refuse a `t` that is more than
//! five minutes away from its own clock; and answer a repeated `Idempotency-Key` as the first time, without sending
//! again. `code` is there for gateways with templates of their own. Later versions may add members and further
//! `v2=…` signatures: ignore what is unknown.
//!
//! What it answers: 2xx taken; 408, 425, 429 (`Retry-After` is kept to) and 5xx try again until `expires_at`;
//! anything else, 410 among it, is final. Redirects are not followed.

use aws_lc_rs::hmac;
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use serde::Serialize;

use super::carrier::{CarrierError, Failure, Parcel};
use super::settings::WebhookSettings;
use super::wire::{self, Timeouts};
use crate::base::Timestamp;
use crate::base::encoding::hex;

pub const SIGNATURE: &str = "Countersign-Signature";
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

pub struct Webhook {
    client: Client,
    settings: WebhookSettings,
}

#[derive(Serialize)]
struct Posted<'a> {
    id: &'a str,
    channel: &'a str,
    to: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    at: String,
    expires_at: String,
}

impl Webhook {
    pub(super) fn open(settings: WebhookSettings, timeouts: Timeouts) -> Result<Self, CarrierError> {
        let client = wire::client(&settings.url, timeouts)?;
        Ok(Self { client, settings })
    }

    pub(super) async fn deliver(&self, parcel: &Parcel<'_>) -> Result<Option<String>, Failure> {
        let posted = Posted {
            id: parcel.id.as_str(),
            channel: parcel.message.channel.as_str(),
            to: &parcel.message.to,
            subject: parcel.message.subject.as_deref(),
            body: &parcel.message.body,
            html: parcel.message.html.as_deref(),
            code: parcel.message.code.as_deref(),
            at: parcel.created_at.rfc3339(),
            expires_at: parcel.expires_at.rfc3339(),
        };
        let body = serde_json::to_string(&posted).map_err(|_| Failure::permanent("it cannot be written as JSON"))?;
        let request = self
            .client
            .post(self.settings.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(IDEMPOTENCY_KEY, parcel.id.as_str())
            .header(SIGNATURE, sign(self.settings.secret.expose(), parcel.now, &body))
            .body(body);
        wire::send(request, parcel.now).await?.judge(None)?;
        Ok(None)
    }
}

/// The time is signed too, so that a copy cannot be played back later.
fn sign(secret: &str, now: Timestamp, body: &str) -> String {
    let t = now.secs();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{t}.{body}").as_bytes());
    format!("t={t},v1={}", hex(tag.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// printf '1700000000.{"id":"m"}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    #[test]
    fn the_signature_is_what_others_compute() {
        let signed = sign(
            "0123456789abcdef0123456789abcdef",
            Timestamp::from_micros(1_700_000_000_999_999),
            "{\"id\":\"m\"}",
        );
        assert_eq!(
            signed,
            "t=1700000000,v1=8af418c76406f58268bb7930238de4814877a8c06280ee0d3db2d6dd0284132b"
        );
    }
}
