//! `user list|show|suspend|activate|set-password|confirm-identity|reset-mfa|remove`.

use std::io::Read;

use super::{ConfigArg, Failure, print_json};
use crate::base::Secret;
use crate::journey::Provider;
use crate::journey::account::operator;
use crate::journey::apply::{How, apply};
use crate::journey::session_end;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::file::{UserEntry, WorkspaceFile};
use crate::model::{User, UserStatus};
use crate::storage::Tx;

#[derive(Debug, clap::Args)]
pub struct Named {
    #[command(flatten)]
    pub config: ConfigArg,
    /// The username or e-mail address
    pub name: String,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Subcommand)]
pub enum UserCommand {
    /// Everybody
    #[command(after_help = "Example:\n  countersign user list --json")]
    List {
        #[command(flatten)]
        config: ConfigArg,
        #[arg(long)]
        json: bool,
    },
    /// One person with their authenticators (no secrets)
    #[command(after_help = "Example:\n  countersign user show rivera")]
    Show(Named),
    /// No more sign-ins; sessions end now
    #[command(after_help = "Example:\n  countersign user suspend rivera")]
    Suspend(Named),
    /// May sign in again
    #[command(after_help = "Example:\n  countersign user activate rivera")]
    Activate(Named),
    /// Set the password, read from standard input; sessions end now
    #[command(after_help = "Example:\n  countersign user set-password rivera < password.txt")]
    SetPassword(Named),
    /// Somebody has shown who they are: what was withheld after a recovery or a reset comes back
    #[command(after_help = "Example:\n  countersign user confirm-identity rivera")]
    ConfirmIdentity(Named),
    /// Remove every method but the password; sessions end now, and nothing can be signed until identity is confirmed
    #[command(after_help = "Example:\n  countersign user reset-mfa rivera")]
    ResetMfa(Named),
    /// Remove somebody with everything of theirs (the audit log stays)
    #[command(after_help = "Example:\n  countersign user remove rivera")]
    Remove(Named),
}

impl UserCommand {
    pub const fn config(&self) -> &ConfigArg {
        match self {
            Self::List { config, .. } => config,
            Self::Show(n)
            | Self::Suspend(n)
            | Self::Activate(n)
            | Self::SetPassword(n)
            | Self::ConfirmIdentity(n)
            | Self::ResetMfa(n)
            | Self::Remove(n) => &n.config,
        }
    }
}

pub async fn run(op: &Provider, command: &UserCommand) -> Result<(), Failure> {
    match command {
        UserCommand::List { json, .. } => list(op, *json).await,
        UserCommand::Show(named) => show(op, named).await,
        UserCommand::Suspend(named) => status(op, named, UserStatus::Suspended).await,
        UserCommand::Activate(named) => status(op, named, UserStatus::Active).await,
        UserCommand::SetPassword(named) => set_password(op, named).await,
        UserCommand::ConfirmIdentity(named) => confirm_identity(op, named).await,
        UserCommand::ResetMfa(named) => reset_mfa(op, named).await,
        UserCommand::Remove(named) => remove(op, named).await,
    }
}

async fn find(tx: &mut Tx, name: &str) -> Result<User, Failure> {
    tx.user_by_login(&User::key(name))
        .await?
        .ok_or_else(|| Failure(format!("{name}: there is no such user")))
}

fn summary(user: &User) -> serde_json::Value {
    serde_json::json!({
        "id": user.id, "username": user.username, "email": user.email, "pool": user.pool,
        "status": user.status, "groups": user.groups, "created_at": user.created_at.rfc3339(),
    })
}

async fn list(op: &Provider, json: bool) -> Result<(), Failure> {
    let users = op.store.view().await?.users().await?;
    if json {
        return print_json(&users.iter().map(summary).collect::<Vec<_>>());
    }
    for user in &users {
        println!(
            "{:<24} {:<10} {}",
            user.username,
            user.status.as_str(),
            user.groups.join(", ")
        );
    }
    Ok(())
}

async fn show(op: &Provider, named: &Named) -> Result<(), Failure> {
    let mut tx = op.store.view().await?;
    let user = find(&mut tx, &named.name).await?;
    let mut shown = summary(&user);
    let listed = tx.authenticators(&user.id).await?;
    shown["claims"] = serde_json::Value::Object(user.claims.clone());
    shown["authenticators"] = listed
        .iter()
        .map(|a| {
            serde_json::json!({
                "id": a.id, "method": a.method, "nickname": a.nickname, "primary": a.primary,
                "status": a.status, "added": a.created_at.rfc3339(), "last_used": a.last_used_at.map(|t| t.rfc3339()),
            })
        })
        .collect();
    if named.json {
        return print_json(&shown);
    }
    println!(
        "{} ({}), {}, pool {}",
        user.username,
        user.id,
        user.status.as_str(),
        user.pool
    );
    for a in &listed {
        let primary = if a.primary { ", primary" } else { "" };
        println!(
            "  {:<14} {:<24} {}{primary}",
            a.method,
            a.nickname.as_deref().unwrap_or("-"),
            a.status.as_str()
        );
    }
    Ok(())
}

async fn status(op: &Provider, named: &Named, status: UserStatus) -> Result<(), Failure> {
    let mut tx = op.store.begin().await?;
    let user = find(&mut tx, &named.name).await?;
    tx.set_user_status(&user.id, status, op.now()).await?;
    if status != UserStatus::Active {
        session_end::end_access(op, &mut tx, &user.id, op.now()).await?;
    }
    let event = if status == UserStatus::Active {
        "account.activated"
    } else {
        "account.suspended"
    };
    tx.audit(
        AuditRecord::new(event, Outcome::Success, op.now())
            .actor("operator")
            .subject(&user.id),
    );
    tx.commit().await?;
    said(named, &format!("{} is {}", user.username, status.as_str()))
}

async fn set_password(op: &Provider, named: &Named) -> Result<(), Failure> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::new("standard input holds no password"));
    }
    let mut tx = op.store.view().await?;
    let user = find(&mut tx, &named.name).await?;
    drop(tx);
    let entry = UserEntry {
        username: user.username.clone(),
        password: Some(Secret::from(password)),
        ..UserEntry::default()
    };
    apply(
        op,
        &WorkspaceFile {
            users: vec![entry],
            ..WorkspaceFile::default()
        },
        How::default(),
    )
    .await?;
    said(named, &format!("{} has a new password", user.username))
}

async fn confirm_identity(op: &Provider, named: &Named) -> Result<(), Failure> {
    let mut tx = op.store.begin().await?;
    let user = find(&mut tx, &named.name).await?;
    operator::confirm_identity(op, &mut tx, &user.id).await?;
    tx.commit().await?;
    said(named, &format!("the identity of {} is confirmed", user.username))
}

async fn reset_mfa(op: &Provider, named: &Named) -> Result<(), Failure> {
    let mut tx = op.store.begin().await?;
    let user = find(&mut tx, &named.name).await?;
    let removed = operator::reset_mfa(op, &mut tx, &user.id).await?;
    tx.commit().await?;
    let text = format!(
        "{} has no second method any more ({removed} removed) and may sign nothing until `user confirm-identity`",
        user.username
    );
    said(named, &text)
}

async fn remove(op: &Provider, named: &Named) -> Result<(), Failure> {
    let mut tx = op.store.begin().await?;
    let user = find(&mut tx, &named.name).await?;
    // Partners are told while it is known who they are.
    session_end::end_access(op, &mut tx, &user.id, op.now()).await?;
    tx.delete_user(&user.id).await?;
    tx.audit(
        AuditRecord::new("account.removed", Outcome::Success, op.now())
            .actor("operator")
            .subject(&user.id),
    );
    tx.commit().await?;
    said(named, &format!("{} is removed", user.username))
}

fn said(named: &Named, text: &str) -> Result<(), Failure> {
    if named.json {
        return print_json(&serde_json::json!({ "done": text }));
    }
    println!("{text}");
    Ok(())
}
