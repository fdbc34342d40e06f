//! The commands: one file each. A command gets what it needs opened, prints, and answers with an exit code.
//! Errors are one sentence on stderr; 0 is success, 1 failure, 2 wrong usage (by clap).

pub mod apply;
pub mod audit;
pub mod authenticator;
pub mod client;
pub mod demo;
pub mod explain;
pub mod keys;
pub mod passwords;
pub mod registration_token;
pub mod story;
pub mod user;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// An OpenID Provider whose tokens say exactly how the person proved themself.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    after_help = "Example:\n  countersign demo\n  countersign serve --config countersign.toml"
)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

/// Which configuration file a command works with.
#[derive(Clone, Debug, clap::Args)]
pub struct ConfigArg {
    /// The configuration file
    #[arg(long, short, default_value = "countersign.toml", env = "COUNTERSIGN_CONFIG")]
    pub config: PathBuf,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Everything on this machine, seeded: the provider, a partner, three people
    #[command(after_help = "Examples:\n  countersign demo\n  countersign demo --check")]
    Demo(demo::DemoArgs),
    /// Run the server
    #[command(after_help = "Example:\n  countersign serve --config countersign.toml")]
    Serve(ConfigArg),
    /// Bring the database to what a workspace file says; applying it again changes nothing
    #[command(after_help = "Example:\n  countersign apply --config countersign.toml --dry-run workspace.toml")]
    Apply(apply::ApplyArgs),
    /// Write the workspace as a file that apply takes
    #[command(after_help = "Example:\n  countersign export --config countersign.toml > workspace.toml")]
    Export(apply::ExportArgs),
    /// Check the configuration, and a workspace file, without changing anything
    #[command(after_help = "Example:\n  countersign check-config --config countersign.toml workspace.toml")]
    CheckConfig(apply::CheckArgs),
    /// Ask the policy engine
    #[command(subcommand)]
    Policy(explain::PolicyCommand),
    /// Signing keys: list, rotate, retire
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// The audit log: verify, export
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// People: list, show, suspend, activate, set a password, confirm who it is, reset their methods
    #[command(subcommand)]
    User(user::UserCommand),
    /// The list of passwords that nobody may choose: build, check
    #[command(subcommand)]
    Passwords(passwords::PasswordsCommand),
    /// Partners: list, show, a new secret
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// Approve sign-ins from this terminal, at any issuer: pair, list, approve, deny, watch, remove
    #[command(subcommand)]
    Authenticator(authenticator::AuthenticatorCommand),
}

/// What a command that failed says: one sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl Failure {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

macro_rules! failures {
    ($($from:ty),* $(,)?) => {$(
        impl From<$from> for Failure {
            fn from(e: $from) -> Self {
                Self(e.to_string())
            }
        }
    )*};
}

failures!(
    authenticator::trouble::Trouble,
    crate::config::ConfigError,
    crate::storage::Error,
    crate::journey::LoadError,
    crate::journey::Trouble,
    crate::journey::apply::ApplyFault,
    crate::journey::checkpoint::AuditFault,
    crate::web::page::Error,
    std::io::Error,
    serde_json::Error,
);

/// Prints a value as indented JSON.
pub fn print_json<T: serde::Serialize>(value: &T) -> Result<(), Failure> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
