//! Messages to phones: each service, what its answers mean, and what becomes of dead addresses.

mod apns;
mod fcm;
mod settings;
mod webpush;
mod worker;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::service::{Call, Service, verified};
use super::*;
use crate::delivery::{Outbound, OutboundSettings};
use crate::keys::{Alg, KeyPair, Kind, PublicKey};
use crate::model::PushAddress;

/// What the message is about: all that may leave.
pub const REQUEST: &str = "RqAbCdEfGhIjKlMnOpQrStUv";
const NOW: i64 = 1_800_000_000;
const EXPIRES: i64 = NOW + 290;

/// The message that `journey` writes.
fn push_to(address: Option<PushAddress>) -> Message {
    Message {
        body: REQUEST.to_owned(),
        code: None,
        push: address,
        ..message(Channel::Push, "K3device")
    }
}

/// A file that only we may read, as operators are told to keep it.
fn secret_file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

fn pem(key: &KeyPair) -> String {
    let der = key.to_pkcs8().unwrap();
    let lines: Vec<String> = crate::base::encoding::base64(der.expose())
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    )
}

/// What `[delivery.push]` and `[outbound]` say, opened.
struct Post {
    carriers: Carriers,
}

impl Post {
    fn open(settings: &str, outbound: &OutboundSettings, timeouts: Timeouts) -> Self {
        let delivery: Delivery = toml::from_str(&format!("[push]\n{settings}")).unwrap();
        let outbound = Outbound::open(outbound, timeouts).unwrap();
        Self {
            carriers: Carriers::open(&delivery, &outbound, timeouts).unwrap(),
        }
    }

    async fn at(&self, now: i64, message: &Message) -> Outcome {
        let parcel = Parcel {
            id: &MessageId::new("m1"),
            message,
            now: Timestamp::from_secs(now),
            created_at: Timestamp::from_secs(NOW - 10),
            expires_at: Timestamp::from_secs(EXPIRES),
            entropy: &SystemEntropy,
        };
        self.carriers.of(Channel::Push).unwrap().deliver(&parcel).await
    }

    async fn deliver(&self, message: &Message) -> Outcome {
        self.at(NOW, message).await
    }
}

#[track_caller]
fn delivered(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Delivered { reference } => reference,
        Outcome::Failed(failure) => panic!("{failure:?}"),
    }
}

/// What every carrier makes of answers that say nothing about the address: status, `Retry-After`, may another try follow?
const TROUBLE: [(u16, Option<&str>, bool); 8] = [
    (429, Some("7"), true),
    (500, None, true),
    (502, None, true),
    (503, Some("30"), true),
    (302, None, false),
    (400, None, false),
    (403, None, false),
    (413, None, false),
];

fn trouble(n: usize) -> Say {
    let (status, pause, _) = TROUBLE[n];
    Say {
        header: pause.map(|seconds| ("Retry-After", seconds)),
        ..say(status)
    }
}

/// `TROUBLE`, one after the other, and then an answer that comes too late.
async fn troubled(post: &Post, message: &Message) {
    for (status, pause, again) in TROUBLE {
        let said = failure(post.deliver(message).await);
        assert_eq!((said.permanent, said.gone), (!again, false), "{status}: {said:?}");
        let pause = pause.map(|seconds| Seconds(seconds.parse().unwrap()));
        assert_eq!(said.retry_after, pause, "{status}");
        assert!(said.why.contains(&status.to_string()), "{said:?}");
        nothing_told(&said.why, message);
    }
}

/// Neither the request nor the address is written down.
#[track_caller]
fn nothing_told(why: &str, message: &Message) {
    assert!(!why.contains(REQUEST), "{why}");
    match message.push.as_ref().unwrap() {
        PushAddress::Webpush { endpoint, .. } => assert!(!why.contains(endpoint), "{why}"),
        PushAddress::Apns { token } | PushAddress::Fcm { token } => assert!(!why.contains(token), "{why}"),
    }
}

fn impatient_with_tls() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(5),
        total: Duration::from_millis(700),
    }
}

fn late() -> Say {
    Say {
        after: Duration::from_secs(20),
        ..say(200)
    }
}

#[track_caller]
fn too_late(outcome: Outcome) {
    let said = failure(outcome);
    assert!(!said.permanent && !said.gone, "{said:?}");
    assert!(said.why.contains("in time"), "{said:?}");
}
