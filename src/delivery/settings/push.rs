//! `[delivery.push]`: how phones are woken, by `apns`, `fcm` and `webpush`, each if it is there.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use url::Url;

use super::{At, SettingError, Transport, anchors};
use crate::base::Secret;
use crate::base::encoding::base64url;
use crate::keys::{KeyPair, Kind};

/// Where Apple and Google listen, unless `base_url` names another that speaks their protocol.
pub const APNS: &str = "https://api.push.apple.com";
pub const FCM: &str = "https://fcm.googleapis.com";
/// Characters of a key's and of a team's identifier with Apple.
const APPLE_ID_CHARS: usize = 10;

const AT_APNS: At = At("push.apns");
const AT_FCM: At = At("push.fcm");
const AT_WEBPUSH: At = At("push.webpush");

/// At least one of them.
#[derive(Clone, Debug)]
pub struct PushSettings {
    pub apns: Option<ApnsSettings>,
    pub fcm: Option<FcmSettings>,
    pub webpush: Option<WebPushSettings>,
}

#[derive(Clone, Debug)]
pub struct ApnsSettings {
    pub base_url: Url,
    key: PathBuf,
    pub key_id: String,
    pub team_id: String,
    /// The app's bundle identifier.
    pub topic: String,
    pub trust_anchor: Option<PathBuf>,
}

#[derive(Clone, Debug)]
pub struct FcmSettings {
    pub base_url: Url,
    service_account: PathBuf,
    /// Instead of the one in the file.
    token_uri: Option<Url>,
    pub trust_anchor: Option<PathBuf>,
}

#[derive(Clone, Debug)]
pub struct WebPushSettings {
    key: PathBuf,
    /// RFC 8292 §2.1: whom a push service writes to when something is wrong.
    pub contact: String,
}

/// What is read of the file that Google gives out.
pub struct ServiceAccount {
    pub key: KeyPair,
    pub key_id: Option<String>,
    pub email: String,
    pub project: String,
    pub token_uri: Url,
}

#[derive(Deserialize)]
struct WrittenAccount {
    project_id: String,
    private_key_id: Option<String>,
    private_key: Secret<String>,
    client_email: String,
    token_uri: String,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Written {
    apns: Option<WrittenApns>,
    fcm: Option<WrittenFcm>,
    webpush: Option<WrittenWebPush>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenApns {
    base_url: Option<String>,
    key: Option<String>,
    key_id: Option<String>,
    team_id: Option<String>,
    topic: Option<String>,
    trust_anchor: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenFcm {
    base_url: Option<String>,
    service_account: Option<String>,
    token_uri: Option<String>,
    trust_anchor: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenWebPush {
    key: Option<String>,
    contact: Option<String>,
}

impl Written {
    pub(super) fn transport(self) -> Result<Transport, SettingError> {
        let settings = PushSettings {
            apns: self.apns.map(apns).transpose()?,
            fcm: self.fcm.map(fcm).transpose()?,
            webpush: self.webpush.map(webpush).transpose()?,
        };
        if settings.apns.is_none() && settings.fcm.is_none() && settings.webpush.is_none() {
            return Ok(Transport::Outbox);
        }
        Ok(Transport::Push(Box::new(settings)))
    }
}

fn apns(w: WrittenApns) -> Result<ApnsSettings, SettingError> {
    let at = AT_APNS;
    let topic = at.filled("topic", w.topic)?;
    let in_identifier = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-';
    if !topic.bytes().all(in_identifier) {
        return Err(at.key("topic", "must be the app's bundle identifier, such as org.example.app"));
    }
    Ok(ApnsSettings {
        base_url: at.base(w.base_url.as_deref().unwrap_or(APNS))?,
        key: at.file("key", w.key)?,
        key_id: at.apple_id("key_id", w.key_id)?,
        team_id: at.apple_id("team_id", w.team_id)?,
        topic,
        trust_anchor: w.trust_anchor,
    })
}

fn fcm(w: WrittenFcm) -> Result<FcmSettings, SettingError> {
    let at = AT_FCM;
    let token_uri = w.token_uri.map(|uri| at.address("token_uri", &uri));
    Ok(FcmSettings {
        base_url: at.base(w.base_url.as_deref().unwrap_or(FCM))?,
        service_account: at.file("service_account", w.service_account)?,
        token_uri: token_uri.transpose()?,
        trust_anchor: w.trust_anchor,
    })
}

fn webpush(w: WrittenWebPush) -> Result<WebPushSettings, SettingError> {
    let at = AT_WEBPUSH;
    let contact = at.filled("contact", w.contact)?;
    // RFC 8292 §2.1.
    let known = contact.starts_with("mailto:") && contact.contains('@') || contact.starts_with("https://");
    if !known || Url::parse(&contact).is_err() {
        return Err(at.key("contact", "must be such as mailto:ops@example.org or an https address"));
    }
    Ok(WebPushSettings {
        key: at.file("key", w.key)?,
        contact,
    })
}

impl At {
    fn file(self, key: &'static str, path: Option<String>) -> Result<PathBuf, SettingError> {
        self.filled(key, path).map(PathBuf::from)
    }

    fn base(self, text: &str) -> Result<Url, SettingError> {
        let url = self.address("base_url", text)?;
        if url.query().is_some() {
            return Err(self.key("base_url", "must end with its path: no query"));
        }
        Ok(url)
    }

    fn apple_id(self, key: &'static str, value: Option<String>) -> Result<String, SettingError> {
        let id = self.filled(key, value)?;
        if id.len() != APPLE_ID_CHARS || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(self.key(key, "must be the ten letters and digits that Apple shows"));
        }
        Ok(id)
    }

    /// A file that holds a secret: whoever else has an account on this machine must not read it.
    fn secret_file(self, key: &'static str, path: &Path) -> Result<Secret<Vec<u8>>, SettingError> {
        let wrong = |why: String| self.key(key, format!("{}: {why}", path.display()));
        let metadata = std::fs::metadata(path).map_err(|e| wrong(e.to_string()))?;
        let mode = metadata.permissions().mode();
        if mode & 0o007 != 0 {
            return Err(wrong(format!(
                "everybody can read it (mode {:o}); run chmod 600 on it",
                mode & 0o777
            )));
        }
        let read = std::fs::read(path).map_err(|e| wrong(e.to_string()))?;
        Ok(Secret::new(read))
    }

    fn pair(self, key: &'static str, path: &Path, kind: Kind, pem: &[u8]) -> Result<KeyPair, SettingError> {
        let wrong = |why: String| self.key(key, format!("{}: {why}", path.display()));
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem)
            .map_err(|_| wrong("holds no key between BEGIN PRIVATE KEY and END PRIVATE KEY (PKCS#8)".into()))?;
        KeyPair::from_pkcs8(kind, der.secret_pkcs8_der()).map_err(|e| wrong(e.to_string()))
    }

    fn anchor_beside(self, base: &Path, anchor: &mut Option<PathBuf>) -> Result<(), SettingError> {
        if let Some(path) = anchor {
            *path = base.join(&*path);
            anchors(path).map_err(|why| self.key("trust_anchor", why))?;
        }
        Ok(())
    }
}

impl PushSettings {
    /// Relative paths are seen from `base`; each file is read, so that a mistake is found before somebody waits.
    pub(super) fn beside(mut self, base: &Path) -> Result<Self, SettingError> {
        if let Some(apns) = &mut self.apns {
            apns.key = base.join(&apns.key);
            apns.key()?;
            AT_APNS.anchor_beside(base, &mut apns.trust_anchor)?;
        }
        if let Some(fcm) = &mut self.fcm {
            fcm.service_account = base.join(&fcm.service_account);
            fcm.account()?;
            AT_FCM.anchor_beside(base, &mut fcm.trust_anchor)?;
        }
        if let Some(webpush) = &mut self.webpush {
            webpush.key = base.join(&webpush.key);
            webpush.key()?;
        }
        Ok(self)
    }
}

impl ApnsSettings {
    pub fn key(&self) -> Result<KeyPair, SettingError> {
        let pem = AT_APNS.secret_file("key", &self.key)?;
        AT_APNS.pair("key", &self.key, Kind::P256, pem.expose())
    }
}

impl FcmSettings {
    pub fn account(&self) -> Result<ServiceAccount, SettingError> {
        let (at, path) = (AT_FCM, &self.service_account);
        let json = at.secret_file("service_account", path)?;
        // serde's own words might repeat a part of the key.
        let file: WrittenAccount = serde_json::from_slice(json.expose()).map_err(|_| {
            let what =
                "is not the JSON file of a service account, with project_id, private_key, client_email, token_uri";
            at.key("service_account", format!("{}: {what}", path.display()))
        })?;
        // It becomes a part of the path.
        if !file
            .project_id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-:.".contains(&b))
        {
            return Err(at.key("service_account", "its project_id is none"));
        }
        let token_uri = match &self.token_uri {
            Some(ours) => ours.clone(),
            None => at.address("service_account", &file.token_uri)?,
        };
        Ok(ServiceAccount {
            key: at.pair("service_account", path, Kind::Rsa, file.private_key.expose().as_bytes())?,
            key_id: file.private_key_id,
            email: file.client_email,
            project: file.project_id,
            token_uri,
        })
    }
}

impl WebPushSettings {
    pub fn key(&self) -> Result<KeyPair, SettingError> {
        let pem = AT_WEBPUSH.secret_file("key", &self.key)?;
        AT_WEBPUSH.pair("key", &self.key, Kind::P256, pem.expose())
    }

    /// What browsers call the application server key (RFC 8292 §3.2): the uncompressed point, in base64url.
    pub fn public_key(&self) -> Result<String, SettingError> {
        Ok(application_server_key(&self.key()?))
    }
}

pub fn application_server_key(pair: &KeyPair) -> String {
    pair.public()
        .point()
        .map_or_else(String::new, |point| base64url(&point))
}
