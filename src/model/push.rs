//! A phone that approves sign-ins: where messages reach it.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::base::encoding::{base64url, from_base64url, sha256};

/// Characters of an endpoint of Web Push; those of today's services have 200 to 1,000.
const ENDPOINT_CHARS: usize = 2048;
/// RFC 8291 §3.2: the secret that a browser shares with us, in bytes.
const AUTH_BYTES: usize = 16;
/// Characters of a token of APNs. Apple's have 64 today and 160 for some kinds; it names no bound.
const APNS_CHARS: std::ops::RangeInclusive<usize> = 64..=200;
/// Characters of a registration token of FCM; Google names no bound, those of today have fewer than 300.
const FCM_CHARS: usize = 4096;

/// What is wrong with an address; it does not repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address for messages is malformed: {0}")]
pub struct PushAddressError(&'static str);

/// Where a device's push service takes messages for it, in the words of the protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PushAddress {
    /// RFC 8030, with the keys of RFC 8291.
    Webpush {
        endpoint: String,
        p256dh: String,
        auth: String,
    },
    Apns {
        token: String,
    },
    Fcm {
        token: String,
    },
}

impl PushAddress {
    /// What it is found by when its push service says that it is gone.
    pub fn hash(&self) -> String {
        let at = match self {
            Self::Webpush { endpoint, .. } => endpoint,
            Self::Apns { token } | Self::Fcm { token } => token,
        };
        base64url(&sha256(at.as_bytes()))
    }

    /// As the protocol spells it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Webpush { .. } => "webpush",
            Self::Apns { .. } => "apns",
            Self::Fcm { .. } => "fcm",
        }
    }

    /// It comes from a device: is it one at all? Where an endpoint leads is looked at when something is sent there.
    pub fn check(&self) -> Result<(), PushAddressError> {
        match self {
            Self::Webpush { endpoint, p256dh, auth } => check_webpush(endpoint, p256dh, auth),
            Self::Apns { token } => {
                let hexadecimal = token.bytes().all(|b| b.is_ascii_hexdigit());
                let right = APNS_CHARS.contains(&token.len()) && token.len() % 2 == 0 && hexadecimal;
                or(right, "a token of APNs is 64 to 200 hexadecimal digits")
            }
            Self::Fcm { token } => {
                let printable = token.bytes().all(|b| b.is_ascii_graphic());
                let right = (1..=FCM_CHARS).contains(&token.len()) && printable;
                or(right, "a token of FCM is at most 4096 printable characters")
            }
        }
    }
}

fn or(right: bool, what: &'static str) -> Result<(), PushAddressError> {
    if right { Ok(()) } else { Err(PushAddressError(what)) }
}

fn check_webpush(endpoint: &str, p256dh: &str, auth: &str) -> Result<(), PushAddressError> {
    or(
        endpoint.len() <= ENDPOINT_CHARS,
        "an endpoint has at most 2048 characters",
    )?;
    let url = Url::parse(endpoint).map_err(|_| PushAddressError("the endpoint is not a URL"))?;
    // RFC 8030 §8: https always.
    or(
        url.scheme() == "https" && url.host().is_some(),
        "the endpoint must begin with https://",
    )?;
    or(
        url.username().is_empty() && url.password().is_none() && url.fragment().is_none(),
        "the endpoint must have no user name, password or fragment",
    )?;
    // RFC 8291 §3.1: an uncompressed point. One that is off the curve is refused now, not when somebody waits.
    let point = from_base64url(p256dh).filter(|p| p.len() == 65 && p.first() == Some(&4));
    let on_curve = point.is_some_and(|p| ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &p).is_ok());
    or(on_curve, "p256dh must be a point of P-256, uncompressed, in base64url")?;
    let auth = from_base64url(auth).filter(|secret| secret.len() == AUTH_BYTES);
    or(auth.is_some(), "auth must be 16 bytes in base64url")
}

/// The app on a device, as it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct App {
    pub name: String,
    pub version: String,
    /// `web`, `ios`, `android`, `terminal` …
    pub platform: String,
    pub os: String,
}

/// What is known of a phone beside its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PhoneFacts {
    pub app: App,
    /// It has stated, signed, that it was unlocked for an answer.
    pub unlocks: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8291 appendix A.
    const POINT: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    fn webpush(endpoint: &str, p256dh: &str, auth: &str) -> Result<(), String> {
        let [endpoint, p256dh, auth] = [endpoint, p256dh, auth].map(ToOwned::to_owned);
        let address = PushAddress::Webpush { endpoint, p256dh, auth };
        address.check().map_err(|e| e.to_string())
    }

    #[test]
    fn an_endpoint_is_an_https_url_without_anything_hidden_in_it() {
        let long = format!("https://push.example/{}", "a".repeat(2048));
        assert_eq!(webpush("https://push.example:8443/m/a?b=c", POINT, AUTH), Ok(()));
        for wrong in [
            "http://push.example/",
            "ftp://push.example/",
            "push.example",
            "https:///",
            "https://u@push.example/",
            "https://u:p@push.example/",
            "https://push.example/#f",
            &long,
        ] {
            let said = webpush(wrong, POINT, AUTH).unwrap_err();
            assert!(said.contains("endpoint") && !said.contains("push.example"), "{said}");
        }
    }

    #[test]
    fn keys_of_a_browser_are_a_point_on_the_curve_and_sixteen_bytes() {
        let off_curve = base64url(&[&[4u8][..], &[7; 64]].concat());
        let compressed = base64url(&[&[2u8][..], &[7; 32]].concat());
        for wrong in ["", "!", &off_curve, &compressed, AUTH] {
            assert!(webpush("https://push.example/", wrong, AUTH).is_err(), "{wrong}");
        }
        for wrong in ["", "!", POINT, &base64url(&[0; 15])] {
            assert!(webpush("https://push.example/", POINT, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn tokens_cannot_leave_the_path_or_the_field_that_they_go_into() {
        let apns = |token: &str| PushAddress::Apns { token: token.into() }.check().is_ok();
        let fcm = |token: &str| PushAddress::Fcm { token: token.into() }.check().is_ok();
        assert!(apns(&"0aF9".repeat(16)) && apns(&"a".repeat(200)));
        for wrong in [
            &"a".repeat(63),
            &"a".repeat(65),
            &"a".repeat(202),
            &"../a".repeat(16),
            "",
        ] {
            assert!(!apns(wrong), "{wrong}");
        }
        assert!(fcm("dQw4:APA91b-x_Y") && fcm(&"a".repeat(4096)));
        for wrong in ["", "a b", "a\n", "é", &"a".repeat(4097)] {
            assert!(!fcm(wrong), "{wrong}");
        }
    }
}
