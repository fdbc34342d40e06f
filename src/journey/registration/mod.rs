//! Clients register themselves (RFC 7591) and look after their registration (RFC 7592).
//!
//! A registered client stands in the workspace beside the operator's, marked as such: `[workspace.registration]` says what it
//! may be, and its policies are always those of that table. It never takes the place of a client that is there.

mod manage;
mod statement;
pub mod tokens;
pub mod upkeep;

use serde_json::Value;

pub use manage::{Managed, read, remove, update};

use super::apply::item;
use super::client_secrets;
use super::provider::{LoadError, Provider, parts_of};
use super::sector;
use crate::base::encoding::hash_token;
use crate::base::{Entropy, Seconds, Secret, Timestamp};
use crate::model::Workspace;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::nickname::Nickname;
use crate::model::registration::{Mode, RegistrationRules};
use crate::model::throttle::ThrottleKey;
use crate::model::workspace::{Parts, Problem};
use crate::protocol::client::{Client, ClientMetadata};
use crate::protocol::errors::OAuthError;
use crate::protocol::metadata::{REGISTER, endpoint};
use crate::protocol::registration::{Asked, Information, client_id, invalid_metadata};
use crate::protocol::words::{AssertionAlg, AuthMethod};
use crate::storage::registrations::Registered;
use crate::storage::{self, Tx};
use statement::Approved;

/// Tries are counted by the hour.
const WINDOW: Seconds = Seconds::hours(1);
/// Characters of a refusal that the audit log keeps: a stranger has written most of it.
const LONGEST_REASON: usize = 200;

#[derive(Debug, thiserror::Error)]
pub enum RegistrationFault {
    #[error("registration is off")]
    Closed,
    #[error("no token was brought")]
    NoToken,
    /// RFC 7592 §2: unknown clients are told the same as wrong tokens.
    #[error("the token is not good")]
    BadToken,
    #[error("there are as many clients as the workspace takes")]
    Full,
    #[error("too many tries")]
    TooMany { wait: Seconds },
    #[error(transparent)]
    Refused(#[from] OAuthError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

impl From<Problem> for RegistrationFault {
    fn from(e: Problem) -> Self {
        Self::Load(e.into())
    }
}

/// Who asks for a client of its own.
pub struct Newcomer<'a> {
    /// An initial access token.
    pub token: Option<&'a Secret<String>>,
    pub body: &'a [u8],
    pub ip: Option<&'a str>,
}

/// A request that the rules let pass.
struct Admitted {
    metadata: ClientMetadata,
    statement: Option<Approved>,
}

/// Makes a client of what is asked for. What the request costs an operator is bounded: without a good token, where one is
/// needed, nothing is written; and no place gets more than so many tries an hour.
pub async fn register(op: &Provider, who: &Newcomer<'_>) -> Result<Value, RegistrationFault> {
    let mut view = op.store.view().await?;
    let current = op.current_in(&mut view).await?;
    let rules = &current.workspace.settings.registration;
    let now = op.now();
    let pass = who.token.map(|t| hash_token(t.expose()));
    match (rules.mode, &pass) {
        (Mode::Off, _) => return Err(RegistrationFault::Closed),
        (Mode::InitialAccessToken, None) => return Err(RegistrationFault::NoToken),
        (_, Some(pass)) if !view.initial_token_is_good(pass, now).await? => return Err(RegistrationFault::BadToken),
        (Mode::InitialAccessToken | Mode::Open, _) => {}
    }
    drop(view);
    let place = format!("ip {}", who.ip.unwrap_or_default());
    counted(op, rules, (&place, who.ip), now).await?;
    let sound = Asked::parse(who.body).and_then(|asked| admitted(op, rules, asked, now));
    // Not worth the turn that it would take to register it, if it is refused already.
    let sound = in_sector(op, sound.map(|a| a.metadata)).await;
    let mut tx = op.store.begin().await?;
    let entered = match sound {
        Err(refused) => Err(refused),
        Ok(()) => enter(op, &mut tx, who.body, pass.as_deref(), now).await,
    };
    settle(op, tx, entered, who.ip, now).await
}

/// Writes down how it went: what was done, or that it was refused and nothing else.
async fn settle(
    op: &Provider,
    mut tx: Tx,
    outcome: Result<Entered, RegistrationFault>,
    ip: Option<&str>,
    now: Timestamp,
) -> Result<Value, RegistrationFault> {
    let record = match &outcome {
        Ok(entered) => entered.record.clone(),
        Err(RegistrationFault::Load(_) | RegistrationFault::Storage(_)) => return outcome.map(|e| e.answer),
        Err(refused) => refusal(refused, now),
    };
    tx.audit(record.ip(ip));
    tx.commit().await?;
    op.current_in(&mut op.store.view().await?).await?;
    outcome.map(|e| e.answer)
}

struct Entered {
    answer: Value,
    record: AuditRecord,
}

/// All that decides is read again under the lock of the generation: rules, clients, how many there are.
async fn enter(
    op: &Provider,
    tx: &mut Tx,
    body: &[u8],
    pass: Option<&str>,
    now: Timestamp,
) -> Result<Entered, RegistrationFault> {
    let generation = tx.next_generation().await?;
    let parts = parts_of(&tx.items().await?)?;
    let workspace = parts.clone().assemble(generation)?;
    let rules = &workspace.settings.registration;
    let mut wanted = admitted(op, rules, Asked::parse(body)?, now)?;
    if tx.count_registrations().await? >= i64::from(rules.max_clients) {
        return Err(RegistrationFault::Full);
    }
    let secret = named(op, rules, &mut wanted.metadata, now);
    let stored = hidden(op, &wanted.metadata)?;
    let client = checked(&workspace, wanted.metadata)?;
    holds_together(parts, &stored)?;
    let initial_token = match (rules.mode, pass) {
        (Mode::Off, _) => return Err(RegistrationFault::Closed),
        (Mode::InitialAccessToken, None) => return Err(RegistrationFault::NoToken),
        (Mode::Open, None) => None,
        // The last that can be refused: a use is spent on a client or not at all.
        (_, Some(pass)) => Some(
            tx.spend_initial_token(pass, now)
                .await?
                .ok_or(RegistrationFault::BadToken)?,
        ),
    };
    if !tx
        .create_item(&item("client", client.id.as_str(), &stored.to_json())?)
        .await?
    {
        return Err(storage::Error::Conflict(format!("client {}", client.id)).into());
    }
    let token = op.entropy.token();
    let approved = wanted.statement;
    let registered = Registered {
        client: client.id.clone(),
        initial_token,
        statement: approved.as_ref().map(|a| a.text.clone()),
        statement_issuer: approved.map(|a| a.issuer),
        registered_at: now,
        updated_at: now,
        last_used_at: now,
    };
    tx.create_registration(&registered, &hash_token(&token)).await?;
    Ok(Entered {
        answer: told(op, rules, &client, &registered, (&token, secret.as_deref())),
        record: record("client.registered", &client, &registered, now),
    })
}

/// What can be said of a request without the database.
fn admitted(op: &Provider, rules: &RegistrationRules, asked: Asked, now: Timestamp) -> Result<Admitted, OAuthError> {
    let (asked, statement) = statement::approve(&op.issuer.url, rules, asked, now)?;
    Ok(Admitted {
        metadata: rules.admit(asked)?,
        statement,
    })
}

/// A name for it, and a secret if it needs one.
fn named(op: &Provider, rules: &RegistrationRules, metadata: &mut ClientMetadata, now: Timestamp) -> Option<String> {
    metadata.client_id = client_id(&op.entropy.id()).to_string();
    needs_secret(metadata).then(|| fresh_secret(op, rules, metadata, now))
}

fn needs_secret(metadata: &ClientMetadata) -> bool {
    // RFC 7591 §2: the default.
    let method = metadata
        .token_endpoint_auth_method
        .unwrap_or(AuthMethod::ClientSecretBasic);
    method.uses_secret()
}

fn fresh_secret(op: &Provider, rules: &RegistrationRules, metadata: &mut ClientMetadata, now: Timestamp) -> String {
    // RFC 7518 §3.2: as long as the hash. One token has 43 characters.
    let secret = match metadata.token_endpoint_auth_signing_alg {
        Some(AssertionAlg::Hs384 | AssertionAlg::Hs512) => op.entropy.token() + &op.entropy.token(),
        _ => op.entropy.token(),
    };
    metadata.client_secret = Some(Secret::new(secret.clone()));
    let lives = rules.client_secret_lifetime;
    metadata.client_secret_expires_at = (lives.0 > 0).then(|| now.plus(lives).secs());
    secret
}

/// As it is stored.
fn hidden(op: &Provider, metadata: &ClientMetadata) -> Result<ClientMetadata, RegistrationFault> {
    let mut stored = metadata.clone();
    stored.check_secret().map_err(OAuthError::from)?;
    client_secrets::seal(op, &mut stored).map_err(LoadError::from)?;
    stored.hide_secret();
    Ok(stored)
}

/// What holds for every client, and that it does not call itself what a partner of the operator's is called.
fn checked(workspace: &Workspace, mut metadata: ClientMetadata) -> Result<Client, OAuthError> {
    workspace.settings.registration.govern(&mut metadata);
    let client = metadata.check()?;
    let key = |name: &str| Nickname::read(name).map(|n| n.key()).ok();
    let wanted = key(&client.name);
    let taken = |other: &Client| !other.metadata.registered && key(&other.name) == wanted;
    let ours = key(&workspace.settings.name) == wanted;
    if ours || workspace.clients.values().any(taken) {
        return Err(invalid_metadata("client_name is the name of another"));
    }
    Ok(client)
}

/// What would be there is looked at as a whole before it is written: one client that does not fit would stop everything.
fn holds_together(mut parts: Parts, stored: &ClientMetadata) -> Result<(), OAuthError> {
    parts.clients.retain(|c| c.client_id != stored.client_id);
    parts.clients.push(stored.clone());
    let whole = parts.assemble(0);
    whole.map(drop).map_err(|p| invalid_metadata(p.to_string()))
}

/// OIDC Registration §5: the document of the sector is read before anything is held. What is entered later is the same
/// body, so it holds for that too.
async fn in_sector<E>(op: &Provider, sound: Result<ClientMetadata, E>) -> Result<(), RegistrationFault>
where
    RegistrationFault: From<E>,
{
    let checked = sector::check(&op.outbound, &sound?).await;
    Ok(checked.map_err(|why| invalid_metadata(format!("sector_identifier_uri {why}")))?)
}

/// One more try of this place or client in this hour, in a transaction of its own: whatever becomes of the request it
/// counts, before anybody else is asked on its behalf.
async fn counted(
    op: &Provider,
    rules: &RegistrationRules,
    (whom, ip): (&str, Option<&str>),
    now: Timestamp,
) -> Result<(), RegistrationFault> {
    let key = ThrottleKey::registrations(whom, now.secs() / WINDOW.0);
    let mut tx = op.store.begin().await?;
    let over = tx.count_use(&key, now).await? - i64::from(rules.tries_per_hour);
    let wait = Seconds(WINDOW.0 - now.secs().rem_euclid(WINDOW.0));
    let many = RegistrationFault::TooMany { wait };
    if over == 1 {
        // The first of them; the log is not filled with the rest.
        tx.audit(refusal(&many, now).ip(ip));
    }
    tx.commit().await?;
    if over > 0 { Err(many) } else { Ok(()) }
}

fn refusal(fault: &RegistrationFault, now: Timestamp) -> AuditRecord {
    let reason: String = fault.to_string().chars().take(LONGEST_REASON).collect();
    AuditRecord::new("client.registration_refused", Outcome::Refused, now)
        .actor("client")
        .reason(reason)
}

fn record(event: &str, client: &Client, registered: &Registered, now: Timestamp) -> AuditRecord {
    let mut record = AuditRecord::new(event, Outcome::Success, now)
        .actor("client")
        .client(&client.id)
        .with("name", client.name.as_str())
        .with("redirect_uris", client.metadata.redirect_uris.clone());
    if let Some(token) = &registered.initial_token {
        record = record.with("initial_token", token.as_str());
    }
    if let Some(issuer) = &registered.statement_issuer {
        record = record.with("statement_issuer", issuer.as_str());
    }
    record
}

/// `new`: the registration access token, and the secret if there is a new one.
fn told(
    op: &Provider,
    rules: &RegistrationRules,
    client: &Client,
    registered: &Registered,
    (access_token, secret): (&str, Option<&str>),
) -> Value {
    let information = Information {
        client,
        issued_at: registered.registered_at,
        secret,
        access_token,
        address: endpoint(&op.issuer.url, &format!("{REGISTER}/{}", client.id)),
        statement: registered.statement.as_deref(),
    };
    information.to_json(&rules.registrant_may_set)
}
