//! CIBA Core 1.0: a partner asks for a person without a browser, and the person answers on their phone.
//!
//! The ceremony is the phone's request alone: no session is looked at and none is made. What that can never prove is refused
//! when it is asked for; what it has proved is judged by the same policy as everything else.

mod person;
mod ping;
mod settle;

pub(super) use settle::{approved, declined};

use super::clients::authenticate;
use super::provider::{Current, LoadError, Provider};
use super::push::{address, ask, commit};
use super::records::factor_record;
use super::request_object;
use super::scene::Trouble;
use super::signals::Key;
use super::visitor::Visitor;
use crate::base::encoding::hash_token;
use crate::base::{Entropy, Secret, Timestamp};
use crate::factors::push::{DIGITS, Question};
use crate::model::Deferred;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::deferred::{BACKCHANNEL_LIFETIME, DeferredState, Kind, POLL_PAUSE};
use crate::protocol::backchannel::{BackchannelRequest, BackchannelResponse, check_signed, signed_params};
use crate::protocol::client::Client;
use crate::protocol::client_auth::ClientCredentials;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::params::Params;
use crate::protocol::request_object::Rules;
use crate::protocol::words::GrantType;
use crate::storage::{self, Tx};
use person::Reached;

#[derive(Debug, thiserror::Error)]
pub enum BackchannelFault {
    #[error(transparent)]
    Refused(#[from] OAuthError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Storage(#[from] storage::Error),
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// A request whose signature, if it has one, was good.
struct Asked {
    of: BackchannelRequest,
    /// Of a signed one: its `jti`, and until when it could come again.
    once: Option<(String, Timestamp)>,
}

/// What a partner is told, and whom to ring once it is written.
struct Opened {
    response: BackchannelResponse,
    rings: Vec<Key>,
}

/// Asks a person on their phone. A refused request spends the client's assertion all the same.
pub async fn start(
    op: &Provider,
    credentials: &ClientCredentials,
    params: &Params,
    ip: Option<&str>,
) -> Result<BackchannelResponse, BackchannelFault> {
    let current = op.current_in(&mut op.store.view().await?).await?;
    let caller = authenticate(op, &current, credentials).await?;
    let asked = read(op, caller.client, params).await;
    if let (Err(refused), false) = (&asked, caller.owes()) {
        return Err(refused.clone().into());
    }
    let mut tx = op.store.begin().await?;
    caller.spend(&mut tx).await??;
    let visitor = Visitor {
        ip: ip.map(str::to_owned),
        ..Visitor::default()
    };
    let opened = match asked {
        Ok(asked) => open(op, &mut tx, &current, caller.client, (asked, &visitor)).await?,
        Err(refused) => Err(refused),
    };
    match opened {
        Ok(opened) => {
            commit(op, tx, &opened.rings).await?;
            Ok(opened.response)
        }
        Err(refused) => {
            let record = AuditRecord::new("ciba.refused", Outcome::Refused, op.now())
                .actor("client")
                .client(&caller.client.id)
                .ip(ip)
                .policy_version(current.workspace.generation);
            tx.audit(record.reason(refused.to_string()));
            tx.commit().await?;
            Err(refused.into())
        }
    }
}

/// Everything that needs no turn to write: the keys of a signed request may have to be fetched.
async fn read(op: &Provider, client: &Client, params: &Params) -> Result<Asked, OAuthError> {
    if !client.may_use(GrantType::Ciba) {
        return Err(OAuthError::new(
            ErrorCode::UnauthorizedClient,
            format!("grant type {} is not registered for this client", GrantType::Ciba),
        ));
    }
    check_signed(client, params)?;
    let Some(jws) = params.single("request")? else {
        let of = BackchannelRequest::parse(params, client)?;
        return Ok(Asked { of, once: None });
    };
    let claims = request_object::backchannel_claims(op, client, jws).await?;
    let rules = Rules {
        client,
        issuer: &op.issuer.url,
        signed: true,
        now: op.now(),
    };
    let (inside, jti, until) = signed_params(&claims, &rules)?;
    Ok(Asked {
        of: BackchannelRequest::parse(&inside, client)?,
        once: Some((jti, until)),
    })
}

async fn open(
    op: &Provider,
    tx: &mut Tx,
    current: &Current,
    client: &Client,
    (asked, visitor): (Asked, &Visitor),
) -> Result<Result<Opened, OAuthError>, BackchannelFault> {
    let Asked { of, once } = asked;
    if let Some((jti, until)) = once {
        // CIBA Core §7.1.1. Counted for its client, and apart from the assertions that it authenticates with.
        let key = hash_token(&format!("backchannel request\n{}\n{jti}", client.id));
        if !tx.spend_once(&key, until).await? {
            return Ok(Err(OAuthError::invalid_request("the signed request was used before")));
        }
    }
    let now = op.now();
    // Before anybody is looked up: what no phone can prove is refused whoever it is about.
    let tap = match person::possible(op, current, client, (&of.request, now)) {
        Ok(tap) => tap,
        Err(refused) => return Ok(Err(refused)),
    };
    let secret = op.entropy.token();
    let deferred = deferred(op, client, &of, (&secret, now))?;
    let mut rings = Vec::new();
    let number = match person::find(op, tx, (current, client), (&of.hint, &deferred)).await? {
        Ok(reached) => {
            rings.push(Key::device(reached.device.id.as_str()));
            ring(op, tx, &reached, (of.binding_message.as_deref(), visitor)).await?
        }
        Err(miss) => match person::missed(op, tx, (client, visitor), &miss).await? {
            Some(refused) => return Ok(Err(refused)),
            // Too many names were guessed: from here on one that leads nowhere looks as one that nobody answers.
            None => (!tap).then(|| op.entropy.digits(DIGITS)),
        },
    };
    tx.create_deferred(&deferred).await?;
    let response = BackchannelResponse {
        auth_req_id: Secret::new(secret),
        expires_in: now.seconds_until(deferred.expires_at),
        interval: deferred.pause,
        stepup_match_code: number.map(Secret::new),
    };
    Ok(Ok(Opened { response, rings }))
}

fn deferred(
    op: &Provider,
    client: &Client,
    of: &BackchannelRequest,
    (secret, now): (&str, Timestamp),
) -> Result<Deferred, LoadError> {
    let hash = hash_token(secret);
    let endpoint = client.metadata.backchannel_client_notification_endpoint.as_deref();
    let ping = match (endpoint, &of.notification_token) {
        (Some(endpoint), Some(token)) => Some(ping::keep(op, &hash, (endpoint, secret, token))?),
        _ => None,
    };
    let lifetime = of.requested_expiry.unwrap_or(BACKCHANNEL_LIFETIME);
    Ok(Deferred {
        kind: Kind::Backchannel,
        client: client.id.clone(),
        request: of.request.clone(),
        user_code: None,
        origin: None,
        ping,
        state: DeferredState::Waiting,
        why: None,
        pause: POLL_PAUSE,
        created_at: now,
        expires_at: now.plus(lifetime.min(BACKCHANNEL_LIFETIME)),
        hash,
    })
}

/// The phone is asked. Answers the number that the partner shows, if one has to be carried over.
async fn ring(
    op: &Provider,
    tx: &mut Tx,
    reached: &Reached,
    (message, visitor): (Option<&str>, &Visitor),
) -> Result<Option<String>, Trouble> {
    let Reached { scene, device, tap } = reached;
    let user = scene.user.as_ref().ok_or(Trouble::Unknown)?;
    let site = op.site(&scene.current.workspace);
    let mut question = Question::new(&op.cx(scene.now, &site));
    if *tap {
        question.number = None;
    }
    // Neither browser nor network address: those would be the partner's, and say nothing of who stands before it.
    let nobody = Visitor::default();
    let mut context = ask::about(op, scene, &nobody, ("sign_in", device.label()), user);
    context.message = message;
    question.context = ask::written(&context)?;
    let to = address(op, tx, &device.id).await?;
    tx.create_authorization(&scene.authorization).await?;
    let lifetime = scene.now.seconds_until(scene.authorization.expires_at);
    let request = ask::send(op, tx, scene, (device.id.as_str(), lifetime), (&question, to)).await?;
    tx.audit(factor_record(scene, "ciba.started", Outcome::Success, visitor, device).with("request", request.as_str()));
    Ok(question.number)
}
