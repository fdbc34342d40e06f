//! Web Push: RFC 8030 (the request), RFC 8291 (encryption), RFC 8292 (who we are).

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION};
use serde_json::json;
use url::Url;

use super::encrypt::{Recipient, SALT_BYTES, encrypt};
use super::name;
use crate::base::encoding::from_base64url;
use crate::base::{Seconds, Timestamp};
use crate::delivery::carrier::{CarrierError, Failure, Parcel};
use crate::delivery::outbound::Outbound;
use crate::delivery::settings::{WebPushSettings, application_server_key};
use crate::delivery::wire;
use crate::keys::{Alg, KeyPair};

/// RFC 8292 §2 allows 24 hours; a push service needs a moment, and its clock may be wrong.
const TOKEN_LIFETIME: Seconds = Seconds::hours(1);

pub(super) struct WebPush {
    outbound: Outbound,
    key: KeyPair,
    public: String,
    contact: String,
}

impl WebPush {
    pub(super) fn open(settings: &WebPushSettings, outbound: Outbound) -> Result<Self, CarrierError> {
        let key = settings.key()?;
        Ok(Self {
            outbound,
            public: application_server_key(&key),
            key,
            contact: settings.contact.clone(),
        })
    }

    /// `keys`: `p256dh` and `auth`, as the browser wrote them.
    pub(super) async fn deliver(
        &self,
        endpoint: &str,
        keys: (&str, &str),
        parcel: &Parcel<'_>,
    ) -> Result<Option<String>, Failure> {
        let refused = |why: &str| Failure {
            of_recipient: true,
            ..Failure::permanent(why)
        };
        let request = self.outbound.post(endpoint).map_err(|e| refused(&e.to_string()))?;
        let body = sealed(keys, parcel).ok_or_else(|| refused("it cannot be encrypted for this browser"))?;
        let request = request
            .header(AUTHORIZATION, self.authorization(endpoint, parcel.now)?)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            // RFC 8030 §5.2: after its time nobody wants it; §5.3: somebody waits for it now.
            .header("TTL", parcel.now.seconds_until(parcel.expires_at).0)
            .header("Urgency", "high")
            .body(body);
        let answer = wire::send(request, parcel.now).await?;
        // RFC 8030 §7.3: a subscription that ended or never was.
        if matches!(answer.status, 404 | 410) {
            return Err(Failure::gone(format!("the push service answered {}", answer.status)));
        }
        answer.judge(None)?;
        Ok(reference(&answer.headers))
    }

    /// RFC 8292 §3.
    fn authorization(&self, endpoint: &str, now: Timestamp) -> Result<String, Failure> {
        let cannot = || Failure::permanent("the token for the push service cannot be made");
        let origin = Url::parse(endpoint).map_err(|_| cannot())?.origin();
        let claims = json!({
            "aud": origin.ascii_serialization(),
            "exp": now.plus(TOKEN_LIFETIME).secs(),
            "sub": self.contact,
        });
        let header = json!({"typ": "JWT", "alg": Alg::Es256.name()});
        let token = self.key.sign_compact(Alg::Es256, &header, &claims);
        let token = token.map_err(|_| cannot())?;
        Ok(format!("vapid t={token}, k={}", self.public))
    }
}

fn sealed((p256dh, auth): (&str, &str), parcel: &Parcel<'_>) -> Option<Vec<u8>> {
    let (p256dh, auth) = (from_base64url(p256dh)?, from_base64url(auth)?);
    let mut salt = [0; SALT_BYTES];
    parcel.entropy.fill(&mut salt);
    let own = PrivateKey::generate(&ECDH_P256).ok()?;
    let plain = json!({"request": parcel.message.body}).to_string();
    let to = Recipient {
        p256dh: &p256dh,
        auth: &auth,
    };
    encrypt(&to, &own, salt, plain.as_bytes()).ok()
}

/// The end of `Location` (RFC 8030 §5). Whole it could take the message back (§8.3), so it is not written down.
fn reference(headers: &HeaderMap) -> Option<String> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    name(location.rsplit('/').next()?)
}
