//! `[delivery.sms]`, `[delivery.voice]`, `[delivery.email]`, `[delivery.push]` and `[delivery.lookup]` of `countersign.toml`.
//! A `Delivery` that exists can be connected to: every mistake is found while reading, and names its key.

mod email;
mod lookup;
mod push;

use std::path::Path;

use serde::Deserialize;
use url::{Host, Url};

use crate::base::Secret;
use crate::factors::Channel;
use crate::factors::phone::Number;

pub use email::{Login, Security, SmtpSettings, anchors};
pub use lookup::{LookupSettings, TwilioLookupSettings};
pub use push::{ApnsSettings, FcmSettings, PushSettings, ServiceAccount, WebPushSettings, application_server_key};

/// Where the carrier of that name listens, unless `base_url` names another that speaks its protocol.
pub const TWILIO: &str = "https://api.twilio.com";
/// RFC 2104 §3: a key shorter than the hash weakens it. 32 characters are 128 bits even when they are hexadecimal.
pub const SHORTEST_SECRET: usize = 32;

/// How messages leave; without any settings, none does: all stay in the outbox.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Written")]
pub struct Delivery {
    pub sms: Transport,
    pub voice: Transport,
    pub email: Transport,
    pub push: Transport,
    pub lookup: LookupSettings,
}

#[derive(Clone, Debug, Default)]
pub enum Transport {
    /// Nothing leaves; the sandbox shows it. Without a sandbox nobody would ever see the message.
    #[default]
    Outbox,
    Twilio(TwilioSettings),
    Webhook(WebhookSettings),
    Smtp(Box<SmtpSettings>),
    Push(Box<PushSettings>),
}

#[derive(Clone, Debug)]
pub struct TwilioSettings {
    pub base_url: Url,
    pub account_sid: String,
    pub auth_token: Secret<String>,
    pub sender: Sender,
}

/// On whose behalf. A call always comes from a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    From(String),
    MessagingService(String),
}

#[derive(Clone, Debug)]
pub struct WebhookSettings {
    pub url: Url,
    /// Key of the HMAC-SHA-256 by which the receiver knows us.
    pub secret: Secret<String>,
}

/// The key that is wrong, and what it must be. Never repeats a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("delivery.{channel}.{key}: {what}")]
pub struct SettingError {
    channel: &'static str,
    key: &'static str,
    what: String,
}

impl Delivery {
    /// Channels whose messages would stay in the outbox: fine in the sandbox, a silent loss anywhere else. Not `Push`: a
    /// device that gets no messages asks by itself.
    pub fn without_transport(&self) -> Vec<Channel> {
        let all = [
            (Channel::Sms, &self.sms),
            (Channel::Voice, &self.voice),
            (Channel::Email, &self.email),
        ];
        let lost = all
            .into_iter()
            .filter(|(_, transport)| matches!(transport, Transport::Outbox));
        lost.map(|(channel, _)| channel).collect()
    }

    /// The files that are named beside `base`, read once to see that they are there.
    pub fn beside(mut self, base: &Path) -> Result<Self, SettingError> {
        self.email = match self.email {
            Transport::Smtp(smtp) => Transport::Smtp(Box::new(smtp.beside(base)?)),
            other => other,
        };
        self.push = match self.push {
            Transport::Push(push) => Transport::Push(Box::new(push.beside(base)?)),
            other => other,
        };
        self.lookup = self.lookup.beside(base);
        Ok(self)
    }

    /// What browsers subscribe with, where Web Push is set up.
    pub fn webpush_key(&self) -> Result<Option<String>, SettingError> {
        match &self.push {
            Transport::Push(push) => push.webpush.as_ref().map(WebPushSettings::public_key).transpose(),
            _ => Ok(None),
        }
    }
}

/// The tables as they are written.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    sms: WrittenPhone,
    voice: WrittenPhone,
    email: email::WrittenEmail,
    push: push::Written,
    lookup: lookup::Written,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenPhone {
    transport: Option<String>,
    base_url: Option<String>,
    account_sid: Option<String>,
    auth_token: Option<Secret<String>>,
    from: Option<String>,
    messaging_service_sid: Option<String>,
    url: Option<String>,
    secret: Option<Secret<String>>,
}

impl TryFrom<Written> for Delivery {
    type Error = SettingError;

    fn try_from(written: Written) -> Result<Self, SettingError> {
        Ok(Self {
            sms: At("sms").phone(written.sms)?,
            voice: At("voice").phone(written.voice)?,
            email: At("email").email(written.email)?,
            push: written.push.transport()?,
            lookup: written.lookup.try_into()?,
        })
    }
}

/// The table that is being read.
#[derive(Clone, Copy)]
struct At(&'static str);

impl At {
    fn key(self, key: &'static str, what: impl Into<String>) -> SettingError {
        SettingError {
            channel: self.0,
            key,
            what: what.into(),
        }
    }

    fn phone(self, w: WrittenPhone) -> Result<Transport, SettingError> {
        let chosen = w.transport.as_deref().unwrap_or("outbox").to_owned();
        let written = [
            ("base_url", "twilio", w.base_url.is_some()),
            ("account_sid", "twilio", w.account_sid.is_some()),
            ("auth_token", "twilio", w.auth_token.is_some()),
            ("from", "twilio", w.from.is_some()),
            ("messaging_service_sid", "twilio", w.messaging_service_sid.is_some()),
            ("url", "webhook", w.url.is_some()),
            ("secret", "webhook", w.secret.is_some()),
        ];
        self.no_strangers(&chosen, &["outbox", "twilio", "webhook"], &written)?;
        match chosen.as_str() {
            "outbox" => Ok(Transport::Outbox),
            "twilio" => self.twilio(w).map(Transport::Twilio),
            "webhook" => self.webhook(w.url, w.secret).map(Transport::Webhook),
            other => {
                let known = "use \"twilio\", \"webhook\" or, in the sandbox, \"outbox\"";
                Err(self.key("transport", format!("there is no transport \"{other}\": {known}")))
            }
        }
    }

    /// A key of another transport is a mistake, most likely a forgotten or mistyped `transport`.
    /// `written`: each key, the transport that it belongs to, and whether it is there.
    fn no_strangers(
        self,
        chosen: &str,
        known: &[&str],
        written: &[(&'static str, &'static str, bool)],
    ) -> Result<(), SettingError> {
        let mut written = written.iter();
        match written.find(|(_, owner, set)| known.contains(&chosen) && *set && *owner != chosen) {
            Some((key, owner, _)) => Err(self.key(
                key,
                format!("belongs to transport = \"{owner}\", but the transport is \"{chosen}\""),
            )),
            None => Ok(()),
        }
    }

    fn twilio(self, w: WrittenPhone) -> Result<TwilioSettings, SettingError> {
        let (base_url, account_sid, auth_token) =
            self.account(w.base_url.as_deref().unwrap_or(TWILIO), w.account_sid, w.auth_token)?;
        Ok(TwilioSettings {
            base_url,
            account_sid,
            auth_token,
            sender: self.sender(w.from, w.messaging_service_sid)?,
        })
    }

    /// An address and who we are there.
    fn account(
        self,
        base_url: &str,
        sid: Option<String>,
        token: Option<Secret<String>>,
    ) -> Result<(Url, String, Secret<String>), SettingError> {
        let base_url = self.address("base_url", base_url)?;
        if base_url.query().is_some() {
            return Err(self.key("base_url", "must end with its path: no query"));
        }
        let sid = self.filled("account_sid", sid)?;
        // It becomes a part of the path.
        if !sid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Err(self.key("account_sid", "must be letters and digits (AC…)"));
        }
        let token = token.filter(|t| !t.expose().trim().is_empty());
        let token = token.ok_or_else(|| self.key("auth_token", "is missing"))?;
        Ok((base_url, sid, token))
    }

    fn sender(self, from: Option<String>, service: Option<String>) -> Result<Sender, SettingError> {
        let call = self.0 == Channel::Voice.as_str();
        match (from, service) {
            (None, Some(_)) if call => Err(self.key("messaging_service_sid", "is for texts; a call needs \"from\"")),
            (Some(_), Some(_)) => Err(self.key("messaging_service_sid", "set either this or \"from\", not both")),
            (None, Some(service)) => Ok(Sender::MessagingService(
                self.filled("messaging_service_sid", Some(service))?,
            )),
            (from, None) => {
                let from = self.filled("from", from)?;
                // A text may also come from a short code or a name.
                if call && Number::parse(&from).is_err() {
                    return Err(self.key("from", "must be a number in international form, such as +14155550100"));
                }
                Ok(Sender::From(from))
            }
        }
    }

    fn webhook(self, url: Option<String>, secret: Option<Secret<String>>) -> Result<WebhookSettings, SettingError> {
        let url = url.ok_or_else(|| self.key("url", "is missing"))?;
        let url = self.address("url", &url)?;
        let secret = secret.ok_or_else(|| self.key("secret", "is missing"))?;
        if secret.expose().chars().count() < SHORTEST_SECRET {
            let mend = "`openssl rand -hex 32` makes one";
            return Err(self.key("secret", format!("needs at least {SHORTEST_SECRET} characters; {mend}")));
        }
        Ok(WebhookSettings { url, secret })
    }

    fn filled(self, key: &'static str, value: Option<String>) -> Result<String, SettingError> {
        let value = value.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let value = value.ok_or_else(|| self.key(key, "is missing"))?;
        if value.chars().any(char::is_control) {
            return Err(self.key(key, "holds a control character"));
        }
        Ok(value)
    }

    /// What is posted there holds codes and credentials: TLS, unless it stays on this machine. An address may hold
    /// a password, so it is not repeated.
    fn address(self, key: &'static str, text: &str) -> Result<Url, SettingError> {
        let url = Url::parse(text).map_err(|e| self.key(key, format!("is not a URL ({e})")))?;
        let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        if !safe {
            return Err(self.key(key, "must begin with https:// (http:// only on this machine itself)"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(self.key(key, "must not hold a user name or password"));
        }
        if url.fragment().is_some() {
            return Err(self.key(key, "must not have a fragment (#…)"));
        }
        Ok(url)
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(is_loopback_host)
}

/// Does it name this machine? RFC 6761 §6.3 for the names.
fn is_loopback_host(host: &str) -> bool {
    let host = host.parse().map(Host::Ipv6).or_else(|_| Host::parse(host));
    match host {
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Host::Ipv4(ip)) => ip.is_loopback(),
        Ok(Host::Ipv6(ip)) => ip.is_loopback(),
        Err(_) => false,
    }
}
