//! Whom a request is about, and whether their phone alone can prove what is asked.

use serde_json::Map;

use crate::base::{AuthorizationId, CeremonyId, Entropy, EventId, SessionId, Timestamp, UserId};
use crate::journey::demand::{Asked, Held, Parties};
use crate::journey::provider::{Current, Provider};
use crate::journey::push::ask;
use crate::journey::records::record;
use crate::journey::scene::{Scene, Trouble};
use crate::journey::subjects;
use crate::journey::visitor::Visitor;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::throttle::ThrottleKey;
use crate::model::user::Standing;
use crate::model::workspace::Pool;
use crate::model::{
    Authenticator, AuthenticatorStatus, Authorization, Deferred, Session, Stage, User, UserStatus, Workspace,
};
use crate::policy::{Activation, CodeTransfer, Decision, FactorEvent, Method, Proof};
use crate::protocol::authorize::AuthorizationRequest;
use crate::protocol::backchannel::Hint;
use crate::protocol::client::Client;
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::storage::Tx;

/// In the place of a browser's hash: none has this one, so no browser can take the ceremony over.
const NO_BROWSER: &str = "none";

/// Somebody whose phone may be asked now, and would do.
pub struct Reached {
    pub scene: Scene,
    pub device: Authenticator,
    /// A tap is enough.
    pub tap: bool,
}

/// Why nobody is asked.
pub enum Miss {
    BadHint,
    /// Nobody of that name, or nobody with a phone: partners are told the same.
    Unknown,
    TooWeak(UserId),
    /// Too many requests, wrong numbers or denials.
    Restrained(UserId),
}

/// Could the best phone satisfy what this client asks, as far as that does not depend on the person? Answers whether a
/// tap would do.
pub fn possible(
    op: &Provider,
    current: &Current,
    client: &Client,
    (request, now): (&AuthorizationRequest, Timestamp),
) -> Result<bool, OAuthError> {
    let anybody = anybody(&current.workspace, now);
    let parties = Parties {
        workspace: &current.workspace,
        client,
        user: anybody.as_ref(),
    };
    let asked = Asked::of(request, now);
    let ceremony = CeremonyId::random(&op.entropy);
    let acr_by = |code_transfer| {
        let proof = Proof {
            user_verified: true,
            user_present: true,
            fips_listed: true,
            activation: Activation::Pin,
            code_transfer,
            ..Proof::default()
        };
        let events = [FactorEvent {
            id: EventId::random(&op.entropy),
            ceremony: ceremony.clone(),
            authenticator: crate::base::AuthenticatorId::new("any"),
            method: Method::Push,
            at: now,
            nickname: None,
            proof,
        }];
        let held = Held {
            events: &events,
            last_active: now,
            ceremony: Some(&ceremony),
            enrolled: &[],
            remembered: false,
            now,
        };
        acr(parties.decide(&asked, &held, false))
    };
    let best = acr_by(CodeTransfer::Typed).ok_or_else(too_weak)?;
    let tap = parties.requirement(&asked).allow_one_tap && acr_by(CodeTransfer::None).as_ref() == Some(&best);
    Ok(tap)
}

/// Whoever it is about will be of a pool, and it need not be the default one: somebody of a pool that begins with phones.
/// `None`: there is none.
fn anybody(workspace: &Workspace, now: Timestamp) -> Option<User> {
    let begins = |pool: &&Pool| pool.first_factor.contains(&Method::Push);
    let default = workspace.pool(Pool::DEFAULT).filter(begins);
    let pool = default.or_else(|| workspace.pools.values().find(begins))?;
    Some(User {
        id: UserId::new("anybody"),
        pool: pool.name.clone(),
        username: String::new(),
        email: None,
        email_verified: false,
        status: UserStatus::Active,
        groups: Vec::new(),
        claims: Map::new(),
        standing: Standing::default(),
        created_at: now,
        updated_at: now,
    })
}

fn too_weak() -> OAuthError {
    // `unmet_authentication_requirements` is registered for the authorization endpoint alone.
    OAuthError::new(
        ErrorCode::AccessDenied,
        "a phone alone cannot prove what this request or this client's policy demands",
    )
}

fn acr(decision: Decision) -> Option<String> {
    match decision {
        Decision::Satisfied(assurance) => Some(assurance.acr),
        _ => None,
    }
}

/// The person behind the hint, and the phone that is asked.
pub async fn find(
    op: &Provider,
    tx: &mut Tx,
    (current, client): (&Current, &Client),
    (hint, deferred): (&Hint, &Deferred),
) -> Result<Result<Reached, Miss>, Trouble> {
    let user = match hint {
        Hint::Login(name) => tx.user_by_login(&User::key(name)).await?,
        Hint::IdToken(jwt) => match hinted(op, tx, (current, client), jwt).await? {
            Some(id) => tx.user(&id).await?,
            None => return Ok(Err(Miss::BadHint)),
        },
    };
    let Some(user) = user else {
        return Ok(Err(Miss::Unknown));
    };
    let authorization = ceremony(op, &user.id, deferred);
    let mut scene = Scene::gather(op, tx, authorization, &Visitor::default()).await?;
    let phones = phones(&scene);
    if scene.user.is_none() || phones.is_empty() {
        return Ok(Err(Miss::Unknown));
    }
    let sufficient = phones.into_iter().find_map(|device| {
        let tap = suffices(op, &mut scene, &device)?;
        Some((device, tap))
    });
    let Some((device, tap)) = sufficient else {
        return Ok(Err(Miss::TooWeak(user.id)));
    };
    // Holding them also makes two requests at once wait for each other.
    for key in [ThrottleKey::account(&user.id), ThrottleKey::authenticator(&device.id)] {
        if tx.hold_throttle(&key, scene.now).await?.wait(scene.now).is_some() {
            return Ok(Err(Miss::Restrained(user.id)));
        }
    }
    if ask::restrained(tx, &scene, &user).await?.is_some() {
        return Ok(Err(Miss::Restrained(user.id)));
    }
    Ok(Ok(Reached { scene, device, tap }))
}

/// CIBA Core §7.1: an ID token that we gave this client, however old.
async fn hinted(
    op: &Provider,
    tx: &mut Tx,
    (current, client): (&Current, &Client),
    jwt: &str,
) -> Result<Option<UserId>, Trouble> {
    let verified = subjects::hint(op, current, jwt, op.now());
    let ours = verified.filter(|hint| hint.audience().contains(&client.id.as_str()));
    match ours.as_ref().and_then(|hint| hint.text("sub")) {
        Some(sub) => Ok(subjects::person(op, tx, client, sub).await?),
        None => Ok(None),
    }
}

fn ceremony(op: &Provider, user: &UserId, deferred: &Deferred) -> Authorization {
    Authorization {
        id: AuthorizationId::new(op.entropy.token()),
        browser_hash: Some(NO_BROWSER.to_owned()),
        client: deferred.client.clone(),
        subject: Some(user.clone()),
        request: deferred.request.clone(),
        stage: Stage::bound(user.clone()),
        errand: None,
        ceremony: CeremonyId::random(&op.entropy),
        created_at: deferred.created_at,
        expires_at: deferred.expires_at,
        finished_at: None,
        pushed: None,
        encrypt_to: None,
        deferred: Some(deferred.hash.clone()),
    }
}

/// Those that can be asked: what the partner has chosen for itself first, then what the owner put first (S77).
fn phones(scene: &Scene) -> Vec<Authenticator> {
    let usable = |a: &&Authenticator| a.method == Method::Push && a.status == AuthenticatorStatus::Active;
    let mut phones: Vec<Authenticator> = scene.authenticators.iter().filter(usable).cloned().collect();
    phones.sort_by_key(|a| (scene.consent.primary.as_ref() != Some(&a.id), !a.primary));
    phones
}

/// Would the best that this phone can show do, all alone? Answers whether a tap would do as well.
fn suffices(op: &Provider, scene: &mut Scene, device: &Authenticator) -> Option<bool> {
    let best = device.enrolled().best;
    let tapped = Proof {
        code_transfer: CodeTransfer::None,
        ..best.clone()
    };
    let mut acr_by = |proof| {
        let event = event(op, scene, device, (proof, scene.now));
        scene.session = Some(in_memory(op, &device.user, event));
        let reached = acr(scene.decision(false));
        scene.session = None;
        reached
    };
    let reached = acr_by(best)?;
    let by_tap = acr_by(tapped);
    Some(scene.requirement().allow_one_tap && by_tap == Some(reached))
}

/// What an answer of the phone proves.
pub fn event(op: &Provider, scene: &Scene, device: &Authenticator, (mut proof, at): (Proof, Timestamp)) -> FactorEvent {
    proof.fips_listed |= device.facts.fips_listed;
    FactorEvent {
        id: EventId::random(&op.entropy),
        ceremony: scene.authorization.ceremony.clone(),
        authenticator: device.id.clone(),
        method: device.method,
        at,
        nickname: device.nickname.clone(),
        proof,
    }
}

/// All the evidence of this ceremony, as policy sees evidence. It is never stored: no browser has it.
pub fn in_memory(op: &Provider, user: &UserId, event: FactorEvent) -> Session {
    Session {
        id: SessionId::random(&op.entropy),
        user: user.clone(),
        created_at: event.at,
        last_active: event.at,
        events: vec![event],
    }
}

/// Nobody is asked: written down, and told, unless this client has missed so often that a list of names may be behind it.
/// Its honest requests go on all the same.
pub async fn missed(
    op: &Provider,
    tx: &mut Tx,
    (client, visitor): (&Client, &Visitor),
    miss: &Miss,
) -> Result<Option<OAuthError>, Trouble> {
    let now = op.now();
    let (why, about, told) = match miss {
        Miss::BadHint => {
            let told = OAuthError::invalid_request("id_token_hint is not an ID token that this client was given");
            return Ok(Some(told));
        }
        Miss::Unknown => {
            let told = OAuthError::new(ErrorCode::UnknownUserId, "nobody can be asked by this hint");
            ("nobody of that name, or nobody with a phone", None, told)
        }
        Miss::TooWeak(user) => ("the phone alone does not suffice", Some(user), too_weak()),
        Miss::Restrained(user) => {
            let told = OAuthError::new(ErrorCode::AccessDenied, "this person cannot be asked at present");
            ("too many requests, denials or wrong numbers", Some(user), told)
        }
    };
    let key = ThrottleKey::hints(&client.id);
    let silent = tx.hold_throttle(&key, now).await?.wait(now).is_some();
    if !silent {
        tx.count_failure(&key, now).await?;
    }
    let record = AuditRecord::new("ciba.not_asked", Outcome::Refused, now)
        .actor("client")
        .client(&client.id)
        .ip(visitor.ip.as_deref())
        .reason(why)
        .with("told", !silent);
    tx.audit(match about {
        Some(user) => record.subject(user),
        None => record,
    });
    Ok((!silent).then_some(told))
}

/// A record of the ceremony, which has no browser to say more.
pub fn about(scene: &Scene, event: &str, outcome: Outcome) -> AuditRecord {
    record(scene, event, outcome, &Visitor::default())
}
