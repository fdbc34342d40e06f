//! The device grant (RFC 8628): a device shows a code, and somebody types it in a browser and signs in there.

mod ending;
mod typed;

pub(super) use ending::settle;
pub use ending::{DONE, REFUSED};
pub use typed::{Asking, Looked, confirm, deny, look};

use super::clients::{Authenticated, authenticate};
use super::demand::{Asked, Parties};
use super::provider::{Current, LoadError, Provider};
use crate::base::encoding::{base64url, hash_token};
use crate::base::{Entropy, Secret};
use crate::model::Deferred;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::deferred::{DEVICE_LIFETIME, DeferredState, Kind, POLL_PAUSE};
use crate::protocol::authorize::AuthorizationRequest;
use crate::protocol::client_auth::ClientCredentials;
use crate::protocol::device::{DeviceResponse, UserCode};
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::metadata::{DEVICE, endpoint};
use crate::protocol::params::Params;
use crate::protocol::words::GrantType;
use crate::storage;

/// What the keyed hash of a user code is called: too short for a plain one.
const USER_CODE: &str = "device-user-code";

#[derive(Debug, thiserror::Error)]
pub enum DeviceFault {
    #[error(transparent)]
    Refused(#[from] OAuthError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Keeps what a device asks, and gives it the code that it shows. A refused one spends the client's assertion all the same.
pub async fn start(
    op: &Provider,
    credentials: &ClientCredentials,
    params: &Params,
    ip: Option<&str>,
) -> Result<DeviceResponse, DeviceFault> {
    let current = op.current_in(&mut op.store.view().await?).await?;
    let caller = authenticate(op, &current, credentials).await?;
    let asked = asked(op, &current, &caller, params);
    if let (Err(refused), false) = (&asked, caller.owes()) {
        return Err(refused.clone().into());
    }
    let mut tx = op.store.begin().await?;
    caller.spend(&mut tx).await??;
    let record = |event, outcome| {
        AuditRecord::new(event, outcome, op.now())
            .actor("client")
            .client(&caller.client.id)
            .ip(ip)
            .policy_version(current.workspace.generation)
    };
    let answer = match asked {
        Ok(request) => {
            let (deferred, answer) = open(op, &caller, request, ip)?;
            tx.create_deferred(&deferred).await?;
            tx.audit(record("device.started", Outcome::Success));
            Ok(answer)
        }
        Err(refused) => {
            tx.audit(record("device.refused", Outcome::Refused).reason(refused.to_string()));
            Err(refused)
        }
    };
    tx.commit().await?;
    Ok(answer?)
}

fn asked(
    op: &Provider,
    current: &Current,
    caller: &Authenticated<'_>,
    params: &Params,
) -> Result<AuthorizationRequest, OAuthError> {
    let client = caller.client;
    if !client.may_use(GrantType::DeviceCode) {
        return Err(OAuthError::new(
            ErrorCode::UnauthorizedClient,
            format!("grant type {} is not registered for this client", GrantType::DeviceCode),
        ));
    }
    let request = AuthorizationRequest::deferred(params, client)?;
    let parties = Parties {
        workspace: &current.workspace,
        client,
        user: None,
    };
    match parties.one_act(&Asked::of(&request, op.now())) {
        // RFC 8628 §5.4, 21 CFR 1311.115: who signs sees what is signed, and where.
        Some(acr) => Err(OAuthError::invalid_request(format!(
            "{acr} stands for one act and is not given to a device; use the authorization endpoint or CIBA"
        ))),
        None => Ok(request),
    }
}

fn open(
    op: &Provider,
    caller: &Authenticated<'_>,
    request: AuthorizationRequest,
    ip: Option<&str>,
) -> Result<(Deferred, DeviceResponse), LoadError> {
    let (secret, code, now) = (op.entropy.token(), UserCode::random(&op.entropy), op.now());
    let user_code = op.sealer.keyed_hash(USER_CODE, code.as_str().as_bytes())?;
    let deferred = Deferred {
        hash: hash_token(&secret),
        kind: Kind::Device,
        client: caller.client.id.clone(),
        request,
        user_code: Some(base64url(&user_code)),
        origin: ip.map(str::to_owned),
        ping: None,
        state: DeferredState::Waiting,
        why: None,
        pause: POLL_PAUSE,
        created_at: now,
        expires_at: now.plus(DEVICE_LIFETIME),
    };
    let page = endpoint(&op.issuer.url, DEVICE);
    let answer = DeviceResponse {
        device_code: Secret::new(secret),
        // RFC 8628 §3.3.1: the person confirms all the same.
        verification_uri_complete: Secret::new(format!("{page}?user_code={}", code.shown())),
        user_code: Secret::new(code.shown()),
        verification_uri: page,
        expires_in: DEVICE_LIFETIME,
        interval: POLL_PAUSE,
    };
    Ok((deferred, answer))
}
