//! `apply`, `export`, `check-config`.

use std::path::{Path, PathBuf};

use super::{ConfigArg, Failure, print_json};
use crate::config::{ConfigError, read};
use crate::delivery::Lookup;
use crate::journey::Provider;
use crate::journey::apply::{self, How};
use crate::model::file::WorkspaceFile;

#[derive(Debug, clap::Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub config: ConfigArg,
    /// Only print the difference
    #[arg(long)]
    pub dry_run: bool,
    /// Also remove entries that the file does not have: never people, never clients that registered themselves
    #[arg(long)]
    pub prune: bool,
    /// Print the difference as JSON
    #[arg(long)]
    pub json: bool,
    /// The workspace file
    pub workspace: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub config: ConfigArg,
    /// Include password hashes, seeds, phone numbers and hashed client secrets
    #[arg(long)]
    pub with_secrets: bool,
    /// Include clients that registered themselves
    #[arg(long)]
    pub with_registered: bool,
}

#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub config: ConfigArg,
    /// A workspace file to check as well
    pub workspace: Option<PathBuf>,
}

/// Reads a workspace file; errors name file, line and key.
pub fn read_workspace(path: &Path) -> Result<WorkspaceFile, ConfigError> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|e| ConfigError::new(&name, format!("cannot be read: {e}")))?;
    let file: WorkspaceFile = read::file(&text, &name)?;
    for user in &file.users {
        user.check()
            .map_err(|p| ConfigError::new(format!("{name}: {}", p.place), p.problem))?;
    }
    Ok(file)
}

pub async fn apply(op: &Provider, args: &ApplyArgs) -> Result<(), Failure> {
    let file = read_workspace(&args.workspace)?;
    let changes = apply::apply(
        op,
        &file,
        How {
            dry_run: args.dry_run,
            prune: args.prune,
        },
    )
    .await
    .map_err(|e| Failure(format!("{}: {e}", args.workspace.display())))?;
    if args.json {
        return print_json(&changes);
    }
    for change in &changes {
        println!("{change}");
    }
    match (changes.iter().filter(|c| c.changes()).count(), args.dry_run) {
        (0, _) => println!("nothing to change"),
        (n, true) => println!("{n} changes, not applied (dry run)"),
        (n, false) => println!("{n} changes applied"),
    }
    Ok(())
}

pub async fn export(op: &Provider, args: &ExportArgs) -> Result<(), Failure> {
    let how = apply::Export {
        with_secrets: args.with_secrets,
        with_registered: args.with_registered,
    };
    let file = apply::export(op, how).await?;
    let text = toml::to_string(&file).map_err(|e| Failure(format!("the workspace cannot be written as TOML: {e}")))?;
    print!("{text}");
    Ok(())
}

/// What can be said about a workspace file without a database.
pub fn check(args: &CheckArgs, lookup: &Lookup) -> Result<(), Failure> {
    if let Some(path) = &args.workspace {
        let file = read_workspace(path)?;
        let checked = file.parts().assemble(0).and_then(|w| apply::can_look_up(&w, lookup));
        checked.map_err(|p| Failure(format!("{}: {p}", path.display())))?;
    }
    println!("ok");
    Ok(())
}
