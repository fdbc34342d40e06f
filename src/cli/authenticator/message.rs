//! The messages of docs/authenticator-protocol.md. What a reader does not know it ignores.

use serde::{Deserialize, Serialize};

/// Of the program as an authenticator, not of the server in the same binary: `minimum_app_version` is compared with it.
pub const APP_VERSION: &str = "1.0.0";

// --- What is signed.

#[derive(Serialize)]
pub struct ProofClaims<'a> {
    pub aud: &'a str,
    pub iat: i64,
    pub jti: String,
    pub htm: &'a str,
    pub htu: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bh: Option<String>,
}

#[derive(Serialize)]
pub struct PairingClaims<'a> {
    pub aud: &'a str,
    pub iat: i64,
    pub secret: &'a str,
    pub app: App,
    pub device: Named<'a>,
    pub notifications: &'static str,
}

#[derive(Serialize)]
pub struct App {
    name: &'static str,
    version: &'static str,
    platform: &'static str,
    os: &'static str,
}

impl App {
    pub const OURS: Self = Self {
        name: "Countersign for the terminal",
        version: APP_VERSION,
        platform: "terminal",
        os: std::env::consts::OS,
    };
}

#[derive(Serialize)]
pub struct Named<'a> {
    pub name: &'a str,
}

#[derive(Serialize)]
pub struct AnswerClaims<'a> {
    pub aud: &'a str,
    pub iat: i64,
    pub request: &'a str,
    pub nonce: &'a str,
    pub decision: Decision,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<&'a str>,
    pub context_digest: &'a str,
    pub unlock: Unlock,
    pub app_version: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Approve,
    Deny,
    NotMe,
}

/// How the app was unlocked for this answer. What is said ends in `amr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Unlock {
    None,
    Pin,
    Fingerprint,
    Face,
}

// --- What is answered.

#[derive(Debug, Deserialize)]
pub struct Discovery {
    pub versions: Vec<u32>,
    pub issuer: String,
}

#[derive(Debug, Deserialize)]
pub struct Paired {
    pub device: String,
    pub account: Owner,
    /// The first request, which makes the device count.
    pub request: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Owner {
    pub workspace: String,
    pub username: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Requests {
    pub server_time: i64,
    pub requests: Vec<Waiting>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub id: String,
    pub kind: String,
    pub expires_at: i64,
}

#[derive(Debug, Deserialize)]
pub struct Details {
    pub id: String,
    pub nonce: String,
    pub expires_at: i64,
    pub number_digits: usize,
    pub server_time: i64,
    pub context: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Context {
    pub kind: String,
    pub issuer: String,
    pub workspace: String,
    pub account: String,
    pub device: String,
    pub partner: Option<Partner>,
    pub at: i64,
    pub ip: Option<String>,
    pub place: Option<String>,
    pub browser: Option<String>,
    #[serde(default)]
    pub lines: Vec<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Partner {
    pub name: String,
    pub uri: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    pub label: String,
    pub value: String,
}

#[derive(Debug, Deserialize)]
pub struct Answered {
    pub status: String,
}

#[derive(Debug, Deserialize)]
pub struct DeviceState {
    pub nickname: Option<String>,
    pub status: String,
    pub account: Owner,
}

/// The body of an error.
#[derive(Debug, Default, Deserialize)]
pub struct Refused {
    pub error: String,
    pub error_description: Option<String>,
    pub mfa: Option<String>,
    pub server_time: Option<i64>,
    pub tries_left: Option<u32>,
}
