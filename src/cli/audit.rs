//! `audit verify|export`.

use super::{ConfigArg, Failure, print_json};
use crate::base::Timestamp;
use crate::journey::{Provider, checkpoint};

/// Records read at once.
const PAGE: i64 = 1_000;

#[derive(Debug, clap::Subcommand)]
pub enum AuditCommand {
    /// Prove that no record was changed, removed or moved
    #[command(after_help = "Example:\n  countersign audit verify --config countersign.toml")]
    Verify {
        #[command(flatten)]
        config: ConfigArg,
        #[arg(long)]
        json: bool,
    },
    /// Print the records, one JSON document a line
    #[command(after_help = "Example:\n  countersign audit export --since 2026-11-01T00:00:00Z")]
    Export {
        #[command(flatten)]
        config: ConfigArg,
        /// Only records from this moment on (RFC 3339)
        #[arg(long)]
        since: Option<String>,
    },
}

impl AuditCommand {
    pub const fn config(&self) -> &ConfigArg {
        match self {
            Self::Verify { config, .. } | Self::Export { config, .. } => config,
        }
    }
}

pub async fn run(op: &Provider, command: &AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::Verify { json, .. } => verify(op, *json).await,
        AuditCommand::Export { since, .. } => export(op, since.as_deref()).await,
    }
}

async fn verify(op: &Provider, json: bool) -> Result<(), Failure> {
    let sound = checkpoint::verify(op).await?;
    if json {
        return print_json(&sound);
    }
    println!(
        "{} records, unbroken; {} signed heads; head {}",
        sound.records, sound.checkpoints, sound.head
    );
    Ok(())
}

async fn export(op: &Provider, since: Option<&str>) -> Result<(), Failure> {
    let since = match since {
        None => None,
        Some(text) => Some(
            Timestamp::parse_rfc3339(text)
                .ok_or_else(|| Failure(format!("--since {text}: not a moment like 2026-11-01T00:00:00Z")))?,
        ),
    };
    let mut tx = op.store.view().await?;
    let mut seq = 0;
    loop {
        let page = tx.audit_after(seq, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        seq = last.seq;
        for record in &page {
            let body: serde_json::Value = serde_json::from_str(&record.body)?;
            let at = body
                .get("at")
                .and_then(serde_json::Value::as_i64)
                .map_or(Timestamp::from_micros(0), Timestamp::from_micros);
            if since.is_none_or(|since| at >= since) {
                let line = serde_json::json!({
                    "seq": record.seq, "time": at.rfc3339(), "record": body, "previous": record.previous, "hash": record.hash,
                });
                println!("{line}");
            }
        }
    }
}
