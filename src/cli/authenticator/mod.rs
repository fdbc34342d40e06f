//! `authenticator …`: the reference push authenticator, for the terminal. Speaks docs/authenticator-protocol.md to any
//! issuer, and knows nothing of this one's inside: `phone` is the protocol, `file` what lasts, the rest is for people.

pub mod client;
mod desk;
mod file;
#[cfg(test)]
mod file_tests;
pub mod link;
mod list;
pub mod message;
mod pair;
pub mod phone;
#[cfg(test)]
mod phone_tests;
mod respond;
mod safe;
mod show;
mod sse;
pub mod trouble;
mod watch;

use std::path::PathBuf;

use self::desk::Desk;
use self::message::{Decision, Unlock};
use super::Failure;

#[derive(Debug, clap::Args)]
pub struct Place {
    /// Where accounts and keys are kept [default: $XDG_DATA_HOME/countersign/authenticator.json]
    #[arg(long, env = "COUNTERSIGN_AUTHENTICATOR_FILE")]
    pub file: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct PairArgs {
    /// The link that the page shows, its secret, or the twelve digits of a call; - reads it from standard input
    pub link: String,
    /// Whose secret it is, where no link says it
    #[arg(long)]
    pub issuer: Option<String>,
    /// What the account's pages call this device
    #[arg(long, default_value = "Terminal")]
    pub name: String,
    /// The number that the browser shows, where it is known already: the first request is answered at once
    #[arg(long)]
    pub number: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, clap::Args)]
pub struct Which {
    /// The request, as list shows it; not needed while only one waits
    #[arg(allow_hyphen_values = true)]
    pub request: Option<String>,
    /// Only requests of this account (its device id, as list shows it)
    #[arg(long, allow_hyphen_values = true)]
    pub account: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, clap::Args)]
pub struct ApproveArgs {
    #[command(flatten)]
    pub which: Which,
    /// The number that the browser shows
    #[arg(long)]
    pub number: Option<String>,
    /// How this device was unlocked for the answer; it is told to partners (amr), so say only what happened
    #[arg(long, value_enum, default_value_t = Unlock::None)]
    pub unlock: Unlock,
}

#[derive(Debug, clap::Subcommand)]
pub enum AuthenticatorCommand {
    /// Make this terminal a device of an account
    #[command(
        after_help = "Examples:\n  countersign authenticator pair 'https://id.example/authenticator#pair=ABCD…'\n  countersign authenticator pair 'abcd efgh …' --issuer https://id.example --name Laptop"
    )]
    Pair(PairArgs),
    /// The accounts, and what waits for an answer
    #[command(after_help = "Example:\n  countersign authenticator list --json")]
    List(Place),
    /// Approve a sign-in, after showing it
    #[command(
        after_help = "Examples:\n  countersign authenticator approve --number 482913\n  countersign authenticator approve REQUEST --number 482913 --unlock pin"
    )]
    Approve(ApproveArgs),
    /// Refuse a sign-in
    #[command(after_help = "Example:\n  countersign authenticator deny --not-me")]
    Deny {
        #[command(flatten)]
        which: Which,
        /// It was somebody else: ends the sign-in and warns the account's owner
        #[arg(long)]
        not_me: bool,
    },
    /// Show each request as it comes, until Ctrl-C
    #[command(after_help = "Example:\n  countersign authenticator watch --json")]
    Watch {
        /// Only this account (its device id, as list shows it)
        #[arg(long, allow_hyphen_values = true)]
        account: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Unregister this device from an account, and forget its key
    #[command(after_help = "Example:\n  countersign authenticator remove DEVICE")]
    Remove {
        /// The account (its device id, as list shows it)
        #[arg(allow_hyphen_values = true)]
        account: String,
        /// Do not tell the server: for a device that it does not know any more
        #[arg(long)]
        forget: bool,
        #[command(flatten)]
        place: Place,
    },
}

pub async fn run(command: &AuthenticatorCommand) -> Result<(), Failure> {
    match command {
        AuthenticatorCommand::Pair(args) => pair::pair(&Desk::open(&args.place)?, args).await,
        AuthenticatorCommand::List(place) => list::list(&Desk::open(place)?).await,
        AuthenticatorCommand::Approve(args) => {
            let answer = respond::Answer {
                decision: Decision::Approve,
                number: args.number.as_deref(),
                unlock: args.unlock,
            };
            respond::respond(&Desk::open(&args.which.place)?, &args.which, answer).await
        }
        AuthenticatorCommand::Deny { which, not_me } => {
            let answer = respond::Answer {
                decision: if *not_me { Decision::NotMe } else { Decision::Deny },
                number: None,
                unlock: Unlock::None,
            };
            respond::respond(&Desk::open(&which.place)?, which, answer).await
        }
        AuthenticatorCommand::Watch { account, place } => watch::watch(&Desk::open(place)?, account.as_deref()).await,
        AuthenticatorCommand::Remove { account, forget, place } => {
            list::remove(&Desk::open(place)?, account, *forget).await
        }
    }
}
