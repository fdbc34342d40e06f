//! `[delivery.email]`: how letters leave.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use lettre::message::Mailbox;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use url::Host;

use super::{At, SettingError, Transport, is_loopback_host};
use crate::base::Secret;

/// Where a server of mail takes letters: RFC 8314 §3.3 (TLS from the first byte), RFC 6409 §3.1 (STARTTLS), and
/// RFC 5321 §4.5.4.2 (what runs on this machine itself).
const SUBMISSIONS_PORT: u16 = 465;
const SUBMISSION_PORT: u16 = 587;
const LOCAL_PORT: u16 = 25;

#[derive(Clone, Debug)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub login: Option<Login>,
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    /// PEM: the only certificates that are believed, instead of the system's.
    pub trust_anchor: Option<PathBuf>,
}

#[derive(Clone, Debug)]
pub struct Login {
    pub username: String,
    pub password: Secret<String>,
}

/// Opportunistic encryption is not offered: whoever sits in between would only have to say that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// An upgrade that must succeed before anything of ours is said.
    StartTls,
    /// Only on this machine.
    None,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenEmail {
    transport: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    security: Option<String>,
    username: Option<String>,
    password: Option<Secret<String>>,
    from: Option<String>,
    reply_to: Option<String>,
    trust_anchor: Option<PathBuf>,
    url: Option<String>,
    secret: Option<Secret<String>>,
}

impl SmtpSettings {
    /// Relative paths are seen from `base`; the file is read, so that a mistake is found before a letter waits.
    pub(super) fn beside(mut self, base: &Path) -> Result<Self, SettingError> {
        if let Some(path) = self.trust_anchor.take() {
            let path = base.join(path);
            anchors(&path).map_err(|why| At("email").key("trust_anchor", why))?;
            self.trust_anchor = Some(path);
        }
        Ok(self)
    }
}

/// The certificates of a PEM file, as they are; at least one.
pub fn anchors(path: &Path) -> Result<Vec<u8>, String> {
    let pem = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let found = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    let found = found.map_err(|e| format!("{}: {e}", path.display()))?;
    if found.is_empty() {
        return Err(format!("{}: holds no certificate (PEM)", path.display()));
    }
    Ok(pem)
}

impl At {
    pub(super) fn email(self, w: WrittenEmail) -> Result<Transport, SettingError> {
        let chosen = w.transport.as_deref().unwrap_or("outbox").to_owned();
        let written = [
            ("host", "smtp", w.host.is_some()),
            ("port", "smtp", w.port.is_some()),
            ("security", "smtp", w.security.is_some()),
            ("username", "smtp", w.username.is_some()),
            ("password", "smtp", w.password.is_some()),
            ("from", "smtp", w.from.is_some()),
            ("reply_to", "smtp", w.reply_to.is_some()),
            ("trust_anchor", "smtp", w.trust_anchor.is_some()),
            ("url", "webhook", w.url.is_some()),
            ("secret", "webhook", w.secret.is_some()),
        ];
        self.no_strangers(&chosen, &["outbox", "smtp", "webhook"], &written)?;
        match chosen.as_str() {
            "outbox" => Ok(Transport::Outbox),
            "smtp" => self.smtp(w).map(|smtp| Transport::Smtp(Box::new(smtp))),
            "webhook" => self.webhook(w.url, w.secret).map(Transport::Webhook),
            other => {
                let known = "use \"smtp\", \"webhook\" or, in the sandbox, \"outbox\"";
                Err(self.key("transport", format!("there is no transport \"{other}\": {known}")))
            }
        }
    }

    fn smtp(self, w: WrittenEmail) -> Result<SmtpSettings, SettingError> {
        let host = self.host(w.host)?;
        let security = self.security(w.security.as_deref(), &host)?;
        if security == Security::None && w.trust_anchor.is_some() {
            return Err(self.key("trust_anchor", "is for TLS, but security = \"none\""));
        }
        if w.port == Some(0) {
            return Err(self.key("port", "must be from 1 to 65535"));
        }
        let usual = match security {
            Security::Tls => SUBMISSIONS_PORT,
            Security::StartTls => SUBMISSION_PORT,
            Security::None => LOCAL_PORT,
        };
        let reply_to = w.reply_to.map(|text| self.mailbox("reply_to", Some(text)));
        Ok(SmtpSettings {
            host,
            port: w.port.unwrap_or(usual),
            security,
            login: self.login(w.username, w.password)?,
            from: self.mailbox("from", w.from)?,
            reply_to: reply_to.transpose()?,
            trust_anchor: w.trust_anchor,
        })
    }

    /// A name or an IP address, and nothing else.
    fn host(self, host: Option<String>) -> Result<String, SettingError> {
        let host = self.filled("host", host)?;
        let wrong = || {
            self.key(
                "host",
                "must be a host name or an IP address alone: the port has a key of its own",
            )
        };
        let is_ip = host.parse::<IpAddr>().is_ok();
        if !is_ip && (host.contains([':', '/', '@', '[']) || Host::parse(&host).is_err()) {
            return Err(wrong());
        }
        Ok(host)
    }

    fn security(self, written: Option<&str>, host: &str) -> Result<Security, SettingError> {
        match written {
            None | Some("tls") => Ok(Security::Tls),
            Some("starttls") => Ok(Security::StartTls),
            Some("none") if is_loopback_host(host) => Ok(Security::None),
            Some("none") => Err(self.key(
                "security",
                "\"none\" is only for a host on this machine: letters hold codes; use \"tls\" or \"starttls\"",
            )),
            Some(_) => Err(self.key(
                "security",
                "must be \"tls\", \"starttls\" or, on this machine, \"none\"",
            )),
        }
    }

    fn login(self, username: Option<String>, password: Option<Secret<String>>) -> Result<Option<Login>, SettingError> {
        let password = password.filter(|p| !p.expose().is_empty());
        match (username, password) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(self.key("username", "is missing, but there is a password")),
            (Some(_), None) => Err(self.key("password", "is missing, but there is a username")),
            (username, Some(password)) => Ok(Some(Login {
                username: self.filled("username", username)?,
                password,
            })),
        }
    }

    fn mailbox(self, key: &'static str, text: Option<String>) -> Result<Mailbox, SettingError> {
        let text = self.filled(key, text)?;
        let wrong = || {
            self.key(
                key,
                "must be one address, such as Cedar Health ID <no-reply@cedar.example>",
            )
        };
        let mailbox: Mailbox = text.parse().map_err(|_| wrong())?;
        // The parser leaves alone what stands behind the first address.
        if !text
            .trim_end_matches('>')
            .ends_with(AsRef::<str>::as_ref(&mailbox.email))
        {
            return Err(wrong());
        }
        Ok(mailbox)
    }
}
