//! `client list|show|rotate-secret|remove|remove-unused|registration-token`.

use super::registration_token::{self, TokenCommand};
use super::{ConfigArg, Failure, print_json};
use crate::base::{ClientId, Entropy, Secret};
use crate::journey::Provider;
use crate::journey::apply::{How, apply};
use crate::journey::registration::upkeep::{drop_client, forget_unused};
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::file::WorkspaceFile;
use crate::protocol::client::Client;
use crate::storage::Tx;

#[derive(Debug, clap::Args)]
pub struct Named {
    #[command(flatten)]
    pub config: ConfigArg,
    /// The client_id
    pub id: String,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Subcommand)]
pub enum ClientCommand {
    /// All partners
    #[command(after_help = "Example:\n  countersign client list --json")]
    List {
        #[command(flatten)]
        config: ConfigArg,
        #[arg(long)]
        json: bool,
    },
    /// One partner's metadata (no secrets)
    #[command(after_help = "Example:\n  countersign client show cedar-ehr")]
    Show(Named),
    /// A new secret, printed once; the old one is void now
    #[command(after_help = "Example:\n  countersign client rotate-secret cedar-ehr")]
    RotateSecret(Named),
    /// Tokens that let partners register themselves: create, list, revoke
    #[command(subcommand)]
    RegistrationToken(TokenCommand),
    /// Remove registered partners that nobody has used for as long as [workspace.registration] says; serve does it by itself
    #[command(after_help = "Example:\n  countersign client remove-unused --json")]
    RemoveUnused {
        #[command(flatten)]
        config: ConfigArg,
        #[arg(long)]
        json: bool,
    },
    /// Remove a partner
    #[command(after_help = "Example:\n  countersign client remove cedar-ehr")]
    Remove(Named),
}

impl ClientCommand {
    pub const fn config(&self) -> &ConfigArg {
        match self {
            Self::List { config, .. } | Self::RemoveUnused { config, .. } => config,
            Self::Show(n) | Self::RotateSecret(n) | Self::Remove(n) => &n.config,
            Self::RegistrationToken(command) => command.config(),
        }
    }
}

pub async fn run(op: &Provider, command: &ClientCommand) -> Result<(), Failure> {
    match command {
        ClientCommand::List { json, .. } => list(op, *json).await,
        ClientCommand::Show(named) => show(op, named).await,
        ClientCommand::RotateSecret(named) => rotate_secret(op, named).await,
        ClientCommand::Remove(named) => remove(op, named).await,
        ClientCommand::RemoveUnused { json, .. } => remove_unused(op, *json).await,
        ClientCommand::RegistrationToken(command) => registration_token::run(op, command).await,
    }
}

/// The metadata as a partner may see it.
fn shown(client: &Client) -> serde_json::Value {
    let mut metadata = client.metadata.clone();
    metadata.client_secret_hash = None;
    metadata.client_secret_sealed = None;
    metadata.to_json()
}

async fn find(op: &Provider, tx: &mut Tx, id: &str) -> Result<Client, Failure> {
    let current = op.current_in(tx).await?;
    current
        .workspace
        .clients
        .get(&ClientId::new(id))
        .cloned()
        .ok_or_else(|| Failure(format!("{id}: there is no such client")))
}

async fn list(op: &Provider, json: bool) -> Result<(), Failure> {
    let current = op.current_in(&mut op.store.view().await?).await?;
    let clients = current.workspace.clients.values();
    if json {
        return print_json(&clients.map(shown).collect::<Vec<_>>());
    }
    for client in clients {
        println!("{:<24} {:<32} {}", client.id, client.name, client.auth);
    }
    Ok(())
}

async fn show(op: &Provider, named: &Named) -> Result<(), Failure> {
    let client = find(op, &mut op.store.view().await?, &named.id).await?;
    if named.json {
        return print_json(&shown(&client));
    }
    let text = toml::to_string(&shown(&client)).map_err(|e| Failure(e.to_string()))?;
    print!("{text}");
    Ok(())
}

async fn rotate_secret(op: &Provider, named: &Named) -> Result<(), Failure> {
    let client = find(op, &mut op.store.view().await?, &named.id).await?;
    if client.secret_hash.is_none() {
        return Err(Failure(format!(
            "{}: authenticates by {}, which needs no secret",
            named.id, client.auth
        )));
    }
    let mut secret = op.entropy.token();
    let mut metadata = client.metadata.clone();
    // RFC 7518 §3.2: some MACs need more than one token's length.
    while secret.len() < metadata.mac_alg().least_secret().unwrap_or_default() {
        secret.push_str(&op.entropy.token());
    }
    metadata.client_secret_hash = None;
    metadata.client_secret_sealed = None;
    metadata.client_secret = Some(Secret::new(secret.clone()));
    apply(
        op,
        &WorkspaceFile {
            clients: vec![metadata],
            ..WorkspaceFile::default()
        },
        How::default(),
    )
    .await?;
    let mut tx = op.store.begin().await?;
    tx.audit(
        AuditRecord::new("admin.secret_rotated", Outcome::Success, op.now())
            .actor("operator")
            .client(&client.id),
    );
    tx.commit().await?;
    if named.json {
        return print_json(&serde_json::json!({ "client_id": named.id, "client_secret": secret }));
    }
    println!("{secret}");
    Ok(())
}

async fn remove_unused(op: &Provider, json: bool) -> Result<(), Failure> {
    let gone = forget_unused(op).await?;
    if json {
        return print_json(&serde_json::json!({ "removed": gone }));
    }
    for client in &gone {
        println!("{client} is removed");
    }
    Ok(())
}

async fn remove(op: &Provider, named: &Named) -> Result<(), Failure> {
    let mut tx = op.store.begin().await?;
    let client = find(op, &mut tx, &named.id).await?;
    drop_client(&mut tx, &client.id, op.now()).await?;
    tx.audit(
        AuditRecord::new("admin.client_removed", Outcome::Success, op.now())
            .actor("operator")
            .client(&client.id),
    );
    tx.commit().await?;
    if named.json {
        return print_json(&serde_json::json!({ "removed": named.id }));
    }
    println!("{} is removed", named.id);
    Ok(())
}
