//! Firebase Cloud Messaging, HTTP v1 ("Send a message using FCM HTTP v1 API"), as a service account (RFC 7523 §2.1).

use std::sync::{Arc, PoisonError, RwLock};

use reqwest::Client;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;
use url::Url;

use super::name;
use crate::base::{Seconds, Secret, Timestamp};
use crate::delivery::carrier::{CarrierError, Failure, Parcel};
use crate::delivery::settings::{FcmSettings, ServiceAccount};
use crate::delivery::wire::{self, Answer, Timeouts};
use crate::keys::Alg;

/// What Google calls the right to send messages.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// RFC 7523 §2.1.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// The longest that Google takes an assertion for.
const ASSERTION_LIFETIME: Seconds = Seconds::hours(1);
/// What FCM says of a token that it does not know the form of, without naming the field.
const NO_TOKEN: &str = "The registration token is not a valid FCM registration token";
/// An access token is replaced so long before its end, so that none ends on its way.
const EARLY: Seconds = Seconds(60);

pub(super) struct Fcm {
    client: Client,
    /// Of the token endpoint, which may be another host with another idea of proxies.
    tokens: Client,
    base_url: Url,
    account: ServiceAccount,
    access: RwLock<Option<Arc<Access>>>,
    /// One asks for a new token; the others wait for it.
    asking: Mutex<()>,
}

struct Access {
    token: Secret<String>,
    from: Timestamp,
    until: Timestamp,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Secret<String>,
    expires_in: i64,
}

/// google.rpc.Status in JSON, as far as it is read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    name: Option<String>,
    error: Trouble,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Trouble {
    status: Option<String>,
    message: String,
    details: Vec<Detail>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Detail {
    /// Of google.firebase.fcm.v1.FcmError.
    error_code: Option<String>,
    /// Of google.rpc.BadRequest.
    field_violations: Vec<Violation>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Violation {
    field: String,
}

impl Fcm {
    pub(super) fn open(settings: &FcmSettings, timeouts: Timeouts) -> Result<Self, CarrierError> {
        let account = settings.account()?;
        let client = |place| wire::client_trusting(settings.trust_anchor.as_deref(), place, timeouts);
        Ok(Self {
            client: client(&settings.base_url)?,
            tokens: client(&account.token_uri)?,
            base_url: settings.base_url.clone(),
            account,
            access: RwLock::new(None),
            asking: Mutex::new(()),
        })
    }

    pub(super) async fn deliver(&self, device: &str, parcel: &Parcel<'_>) -> Result<Option<String>, Failure> {
        let access = self.access(parcel.now).await?;
        let ttl = parcel.now.seconds_until(parcel.expires_at).0;
        // Data alone: the app is woken, asks what waits, and shows that.
        let message = json!({"message": {
            "token": device,
            "data": {"request": parcel.message.body},
            "android": {"priority": "HIGH", "ttl": format!("{ttl}s")},
        }});
        let request = self.client.post(self.address()).bearer_auth(access.token.expose());
        let answer = wire::send(request.json(&message), parcel.now).await?;
        if answer.status == 401 {
            self.forget(&access);
            return Err(Failure::passing("FCM does not take the access token any more"));
        }
        let said: Said = serde_json::from_slice(&answer.body).unwrap_or_default();
        judge(&answer, &said)?;
        Ok(said.name.and_then(|n| name(n.rsplit('/').next()?)))
    }

    fn address(&self) -> Url {
        let mut url = self.base_url.clone();
        // An https address always has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            let project = self.account.project.as_str();
            path.pop_if_empty().extend(["v1", "projects", project, "messages:send"]);
        }
        url
    }

    async fn access(&self, now: Timestamp) -> Result<Arc<Access>, Failure> {
        if let Some(access) = self.kept(now) {
            return Ok(access);
        }
        let _turn = self.asking.lock().await;
        if let Some(access) = self.kept(now) {
            return Ok(access);
        }
        let access = Arc::new(self.ask(now).await?);
        *self.access.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&access));
        Ok(access)
    }

    fn kept(&self, now: Timestamp) -> Option<Arc<Access>> {
        let kept = self.access.read().unwrap_or_else(PoisonError::into_inner);
        let good = |access: &&Arc<Access>| access.from <= now && now < access.until;
        kept.as_ref().filter(good).cloned()
    }

    /// Unless another has replaced it already.
    fn forget(&self, refused: &Arc<Access>) {
        let mut kept = self.access.write().unwrap_or_else(PoisonError::into_inner);
        kept.take_if(|access| Arc::ptr_eq(access, refused));
    }

    async fn ask(&self, now: Timestamp) -> Result<Access, Failure> {
        let form = [("grant_type", GRANT.to_owned()), ("assertion", self.assertion(now)?)];
        let request = self.tokens.post(self.account.token_uri.clone()).form(&form);
        let answer = wire::send(request, now).await?;
        answer.judge(None).map_err(|failure| Failure {
            why: format!("no access token for FCM: {}", failure.why),
            // It is our account that is not taken, whoever the message is for.
            of_recipient: false,
            ..failure
        })?;
        let granted: Granted = serde_json::from_slice(&answer.body)
            .map_err(|_| Failure::passing("no access token for FCM: the answer is none of that protocol"))?;
        Ok(Access {
            token: granted.access_token,
            from: now,
            until: now.plus(Seconds(granted.expires_in)).minus(EARLY),
        })
    }

    /// RFC 7523 §3.
    fn assertion(&self, now: Timestamp) -> Result<String, Failure> {
        let header = json!({"alg": Alg::Rs256.name(), "typ": "JWT", "kid": self.account.key_id});
        let claims = json!({
            "iss": self.account.email,
            "scope": SCOPE,
            "aud": self.account.token_uri,
            "iat": now.secs(),
            "exp": now.plus(ASSERTION_LIFETIME).secs(),
        });
        let signed = self.account.key.sign_compact(Alg::Rs256, &header, &claims);
        signed.map_err(|_| Failure::permanent("the assertion for Google cannot be made"))
    }
}

/// A 404 alone is no dead token: a wrong `base_url` or project brings it for every phone.
fn judge(answer: &Answer, said: &Said) -> Result<(), Failure> {
    let details = &said.error.details;
    let code = details.iter().find_map(|d| d.error_code.as_deref());
    let of_token = |v: &Violation| v.field == "message.token";
    let dead = match code {
        Some("UNREGISTERED" | "SENDER_ID_MISMATCH") => true,
        // Said of any part of a message, so the part must be named.
        Some("INVALID_ARGUMENT") => {
            said.error.message == NO_TOKEN || details.iter().any(|d| d.field_violations.iter().any(of_token))
        }
        _ => false,
    };
    let reason = code.or(said.error.status.as_deref()).and_then(name);
    if dead {
        let why = reason.unwrap_or_default();
        return Err(Failure::gone(format!("FCM answered {} ({why})", answer.status)));
    }
    answer.judge(reason.as_deref())
}
