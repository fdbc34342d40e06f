//! A client looks after its own registration (RFC 7592), by the token that it was given with it.

use serde_json::Value;

use super::statement::Approved;
use super::upkeep::drop_client;
use super::{
    Entered, RegistrationFault, admitted, checked, counted, fresh_secret, hidden, holds_together, in_sector,
    needs_secret, record, settle, told,
};
use crate::base::encoding::hash_token;
use crate::base::{ClientId, Entropy, Secret, Timestamp};
use crate::journey::apply::item;
use crate::journey::provider::{Provider, parts_of};
use crate::model::Workspace;
use crate::model::registration::RegistrationRules;
use crate::protocol::client::{Client, ClientMetadata};
use crate::protocol::errors::{ErrorCode, OAuthError};
use crate::protocol::registration::Asked;
use crate::protocol::words::AuthMethod;
use crate::storage::Tx;
use crate::storage::registrations::Registered;

/// Whose registration, and by what it is theirs.
pub struct Managed<'a> {
    pub client: &'a str,
    pub token: &'a Secret<String>,
    pub ip: Option<&'a str>,
}

impl Managed<'_> {
    fn id(&self) -> ClientId {
        ClientId::new(self.client)
    }
    fn hash(&self) -> String {
        hash_token(self.token.expose())
    }
}

/// GET (RFC 7592 §2.1).
pub async fn read(op: &Provider, managed: &Managed<'_>) -> Result<Value, RegistrationFault> {
    let mut view = op.store.view().await?;
    let current = op.current_in(&mut view).await?;
    let rules = open(&current.workspace)?;
    let (client, registered) = held(&mut view, &current.workspace, managed).await?;
    Ok(told(op, rules, client, &registered, (managed.token.expose(), None)))
}

/// PUT (RFC 7592 §2.2). The token turns: what was seen in a log is of no use after the next change.
pub async fn update(op: &Provider, managed: &Managed<'_>, body: &[u8]) -> Result<Value, RegistrationFault> {
    let mut view = op.store.view().await?;
    let current = op.current_in(&mut view).await?;
    let rules = open(&current.workspace)?;
    let (client, registered) = held(&mut view, &current.workspace, managed).await?;
    drop(view);
    let now = op.now();
    counted(op, rules, (&format!("client {}", client.id), managed.ip), now).await?;
    let sound = wanted(op, &current.workspace, (client, &registered), body, now);
    let sound = in_sector(op, sound.map(|w| w.stored)).await;
    let mut tx = op.store.begin().await?;
    let changed = match sound {
        Err(refused) => Err(refused),
        Ok(()) => change(op, &mut tx, managed, body, now).await,
    };
    settle(op, tx, changed, managed.ip, now).await
}

/// DELETE (RFC 7592 §2.3).
pub async fn remove(op: &Provider, managed: &Managed<'_>) -> Result<(), RegistrationFault> {
    let mut view = op.store.view().await?;
    let current = op.current_in(&mut view).await?;
    open(&current.workspace)?;
    let (client, registered) = held(&mut view, &current.workspace, managed).await?;
    drop(view);
    let now = op.now();
    let mut tx = op.store.begin().await?;
    if !tx.end_registration(&client.id, &managed.hash()).await? {
        return Err(RegistrationFault::BadToken);
    }
    drop_client(&mut tx, &client.id, now).await?;
    tx.audit(record("client.deleted", client, &registered, now).ip(managed.ip));
    tx.commit().await?;
    op.current_in(&mut op.store.view().await?).await?;
    Ok(())
}

fn open(workspace: &Workspace) -> Result<&RegistrationRules, RegistrationFault> {
    let rules = &workspace.settings.registration;
    if rules.is_open() {
        Ok(rules)
    } else {
        Err(RegistrationFault::Closed)
    }
}

/// The client and where it comes from, to who holds its token.
async fn held<'w>(
    tx: &mut Tx,
    workspace: &'w Workspace,
    managed: &Managed<'_>,
) -> Result<(&'w Client, Registered), RegistrationFault> {
    let registered = tx.registration(&managed.id(), &managed.hash()).await?;
    let registered = registered.ok_or(RegistrationFault::BadToken)?;
    let client = workspace.clients.get(&registered.client);
    Ok((client.ok_or(RegistrationFault::BadToken)?, registered))
}

/// What an update makes of a client.
struct Wanted {
    client: Client,
    stored: ClientMetadata,
    statement: Option<Approved>,
    /// A new one.
    secret: Option<String>,
}

fn wanted(
    op: &Provider,
    workspace: &Workspace,
    (old, registered): (&Client, &Registered),
    body: &[u8],
    now: Timestamp,
) -> Result<Wanted, RegistrationFault> {
    let rules = &workspace.settings.registration;
    let asked = Asked::parse(body)?;
    asked.check_update(old)?;
    let admitted = admitted(op, rules, asked, now)?;
    let issuer = admitted.statement.as_ref().map(|s| &s.issuer);
    if registered.statement_issuer.is_some() && registered.statement_issuer.as_ref() != issuer {
        // What a statement has fixed cannot be shaken off by leaving it out (RFC 7591 §2.3).
        return Err(OAuthError::new(
            ErrorCode::InvalidSoftwareStatement,
            "this registration came with a software statement and needs one of the same issuer",
        )
        .into());
    }
    let mut metadata = admitted.metadata;
    metadata.client_id = old.id.to_string();
    let lasting = rules.client_secret_lifetime.0 == 0 && old.metadata.client_secret_expires_at.is_none();
    // Who comes to sign with the secret needs one that we can open.
    let signs = metadata.token_endpoint_auth_method == Some(AuthMethod::ClientSecretJwt);
    let secret = match &old.secret_hash {
        _ if !needs_secret(&metadata) => None,
        Some(hash) if lasting && (!signs || old.metadata.client_secret_sealed.is_some()) => {
            metadata.client_secret_hash = Some(hash.clone());
            metadata.client_secret_sealed = old.metadata.client_secret_sealed.clone().filter(|_| signs);
            None
        }
        _ => Some(fresh_secret(op, rules, &mut metadata, now)),
    };
    Ok(Wanted {
        stored: hidden(op, &metadata)?,
        client: checked(workspace, metadata)?,
        statement: admitted.statement,
        secret,
    })
}

/// Under the lock of the generation, as a registration is.
async fn change(
    op: &Provider,
    tx: &mut Tx,
    managed: &Managed<'_>,
    body: &[u8],
    now: Timestamp,
) -> Result<Entered, RegistrationFault> {
    let generation = tx.next_generation().await?;
    let parts = parts_of(&tx.items().await?)?;
    let workspace = parts.clone().assemble(generation)?;
    let rules = open(&workspace)?;
    let (old, mut registered) = held(tx, &workspace, managed).await?;
    let wanted = wanted(op, &workspace, (old, &registered), body, now)?;
    holds_together(parts, &wanted.stored)?;
    let token = op.entropy.token();
    registered.updated_at = now;
    registered.statement = wanted.statement.map(|s| s.text);
    if !tx
        .turn_registration(&registered, &managed.hash(), &hash_token(&token))
        .await?
    {
        return Err(RegistrationFault::BadToken);
    }
    let client = &wanted.client;
    tx.save_item(&item("client", client.id.as_str(), &wanted.stored.to_json())?)
        .await?;
    if looks_different(&old.metadata, &client.metadata) {
        tx.forget_consents(&client.id).await?;
    }
    Ok(Entered {
        answer: told(op, rules, client, &registered, (&token, wanted.secret.as_deref())),
        record: record("client.updated", client, &registered, now),
    })
}

/// Whoever agreed to the one has not agreed to the other: they are asked again.
fn looks_different(old: &ClientMetadata, new: &ClientMetadata) -> bool {
    let shown =
        |c: &ClientMetadata| [&c.client_name, &c.client_uri, &c.logo_uri, &c.policy_uri, &c.tos_uri].map(Clone::clone);
    shown(old) != shown(new) || old.redirect_uris != new.redirect_uris
}
