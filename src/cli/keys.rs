//! `keys list|rotate|retire`.

use super::{ConfigArg, Failure, print_json};
use crate::base::KeyId;
use crate::journey::key_ring::Which;
use crate::journey::{Provider, key_ring};
use crate::keys::{KeyRecord, Kind, Stage, Usage};

#[derive(Debug, clap::Subcommand)]
pub enum KeysCommand {
    /// All keys with their state: next, current, retired
    #[command(after_help = "Example:\n  countersign keys list --json")]
    List {
        #[command(flatten)]
        config: ConfigArg,
        #[arg(long)]
        json: bool,
    },
    /// The next key signs from now on; the current one only verifies, until its tokens have expired. A key that partners
    /// encrypt to is replaced by a new one, and opens for a day more
    #[command(after_help = "Example:\n  countersign keys rotate --kind P-256 --use sig")]
    Rotate {
        #[command(flatten)]
        config: ConfigArg,
        /// Only this kind of key, as `keys list` names it
        #[arg(long)]
        kind: Option<String>,
        /// Only keys that sign (sig), or that are encrypted to (enc)
        #[arg(long = "use")]
        usage: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// Take one key out of service
    #[command(after_help = "Example:\n  countersign keys retire KID --at-once")]
    Retire {
        #[command(flatten)]
        config: ConfigArg,
        /// As `keys list` shows it; some begin with a hyphen
        #[arg(allow_hyphen_values = true)]
        kid: String,
        /// Everything that it signed becomes invalid now, or that is encrypted to it unreadable
        #[arg(long)]
        at_once: bool,
        #[arg(long)]
        json: bool,
    },
}

impl KeysCommand {
    pub const fn config(&self) -> &ConfigArg {
        match self {
            Self::List { config, .. } | Self::Rotate { config, .. } | Self::Retire { config, .. } => config,
        }
    }
}

pub async fn run(op: &Provider, command: &KeysCommand) -> Result<(), Failure> {
    let (records, json) = match command {
        KeysCommand::List { json, .. } => (key_ring::list(op).await?, *json),
        KeysCommand::Rotate { kind, usage, json, .. } => {
            let which = Which {
                usage: usage_of(usage.as_deref())?,
                kind: kind_of(kind.as_deref())?,
            };
            (key_ring::rotate(op, which).await?, *json)
        }
        KeysCommand::Retire { kid, at_once, json, .. } => {
            (key_ring::retire(op, &KeyId::new(kid.clone()), *at_once).await?, *json)
        }
    };
    let lines: Vec<Line> = records.iter().map(Line::of).collect();
    if json {
        return print_json(&lines);
    }
    for line in lines {
        println!(
            "{:<8} {:<4} {:<8} {}  created {}{}",
            line.kind,
            line.usage,
            line.state,
            line.kid,
            line.created_at,
            line.until()
        );
    }
    Ok(())
}

fn kind_of(name: Option<&str>) -> Result<Option<Kind>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let names = || Kind::OURS.map(|k| k.name().to_owned()).join(", ");
    Kind::parse(name).map(Some).ok_or_else(|| {
        Failure(format!(
            "--kind {name}: there is no such kind of key; there are {}",
            names()
        ))
    })
}

fn usage_of(name: Option<&str>) -> Result<Option<Usage>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let none = || Failure(format!("--use {name}: keys are for sig or for enc"));
    Usage::parse(name).map(Some).ok_or_else(none)
}

#[derive(serde::Serialize)]
struct Line {
    kid: String,
    kind: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    state: &'static str,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    verifies_until: Option<String>,
}

impl Line {
    fn of(record: &KeyRecord) -> Self {
        Self {
            kid: record.kid.to_string(),
            kind: record.kind.name(),
            usage: record.usage.name(),
            state: record.stage.name(),
            created_at: record.created_at.rfc3339(),
            verifies_until: match record.stage {
                Stage::Retired { verify_until, .. } => Some(verify_until.rfc3339()),
                Stage::Next | Stage::Current { .. } => None,
            },
        }
    }
    fn until(&self) -> String {
        self.verifies_until
            .as_ref()
            .map(|t| format!(", verifies until {t}"))
            .unwrap_or_default()
    }
}
