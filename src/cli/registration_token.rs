//! `client registration-token create|list|revoke`.

use serde_json::{Value, json};

use super::{ConfigArg, Failure, print_json};
use crate::base::Seconds;
use crate::journey::Provider;
use crate::journey::registration::tokens::{self, MOST_DAYS, MOST_USES};
use crate::storage::registrations::InitialToken;

#[derive(Debug, clap::Subcommand)]
pub enum TokenCommand {
    /// A new one, printed once: whoever has it may register so many clients
    #[command(
        after_help = "Example:\n  countersign client registration-token create --uses 1 --days 7 --description \"Cedar EHR\""
    )]
    Create(Create),
    /// All that can still be used, or could a day ago
    #[command(after_help = "Example:\n  countersign client registration-token list --json")]
    List {
        #[command(flatten)]
        config: ConfigArg,
        #[arg(long)]
        json: bool,
    },
    /// Void it; clients that registered by it stay
    #[command(after_help = "Example:\n  countersign client registration-token revoke 194702857213")]
    Revoke {
        #[command(flatten)]
        config: ConfigArg,
        /// As `list` shows it
        id: String,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
pub struct Create {
    #[command(flatten)]
    pub config: ConfigArg,
    /// Clients that may be registered by it
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_USES)))]
    pub uses: u32,
    /// Days until it expires
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_DAYS)))]
    pub days: u32,
    /// Whom it is for
    #[arg(long)]
    pub description: Option<String>,
    #[arg(long)]
    pub json: bool,
}

impl TokenCommand {
    pub const fn config(&self) -> &ConfigArg {
        match self {
            Self::Create(c) => &c.config,
            Self::List { config, .. } | Self::Revoke { config, .. } => config,
        }
    }
}

pub async fn run(op: &Provider, command: &TokenCommand) -> Result<(), Failure> {
    match command {
        TokenCommand::Create(create) => make(op, create).await,
        TokenCommand::List { json, .. } => list(op, *json).await,
        TokenCommand::Revoke { id, json, .. } => revoke(op, id, *json).await,
    }
}

fn described(token: &InitialToken) -> Value {
    json!({
        "id": token.id,
        "description": token.description,
        "uses_left": token.uses_left,
        "created_at": token.created_at.rfc3339(),
        "expires_at": token.expires_at.rfc3339(),
    })
}

async fn make(op: &Provider, create: &Create) -> Result<(), Failure> {
    let rules = op.current().workspace.settings.registration.clone();
    let lives = Seconds::days(create.days.into());
    let made = tokens::create(op, create.uses, lives, create.description.clone()).await?;
    if !rules.is_open() {
        eprintln!("nobody can use it yet: mode of [workspace.registration] is \"off\"");
    }
    if create.json {
        let mut answer = described(&made.token);
        answer["token"] = made.text.into();
        return print_json(&answer);
    }
    println!("{}", made.text);
    Ok(())
}

async fn list(op: &Provider, json: bool) -> Result<(), Failure> {
    let all = op.store.view().await?.initial_tokens().await?;
    if json {
        return print_json(&all.iter().map(described).collect::<Vec<_>>());
    }
    for token in &all {
        let whom = token.description.as_deref().unwrap_or("-");
        println!(
            "{}  {:>5} left  until {}  {whom}",
            token.id, token.uses_left, token.expires_at
        );
    }
    Ok(())
}

async fn revoke(op: &Provider, id: &str, json: bool) -> Result<(), Failure> {
    if !tokens::revoke(op, id).await? {
        return Err(Failure(format!("{id}: there is no such registration token")));
    }
    if json {
        return print_json(&json!({ "revoked": id }));
    }
    println!("{id} is revoked");
    Ok(())
}
