//! Finding, making and opening the database file, with one clear sentence for each way that this can fail.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

use crate::storage::{Error, Result};

/// How long a statement waits while another process (a command of ours) writes.
const BUSY: Duration = Duration::from_secs(5);
/// Pause before asking again for the lock that `busy_timeout` does not wait for.
const RETRY: Duration = Duration::from_millis(20);
/// How often at most.
const RETRIES: u32 = 250;
/// Prepared statements kept by the writer: a transaction's first statement exists once per way to enter.
const WRITER_STATEMENTS: usize = 512;
/// Prepared statements kept by each reader.
const READER_STATEMENTS: usize = 128;
/// Page cache of the writer, in KiB.
const WRITER_CACHE: i64 = 2048;
/// Page cache of each reader, in KiB. Small, and without mmap: the system's cache is behind it, and a failing disk
/// under mmap is a signal instead of an error.
const READER_CACHE: i64 = 1024;

/// Options for writing, options for reading, and the first writing connection.
pub(super) async fn open(path: &str) -> Result<(SqliteConnectOptions, SqliteConnectOptions, SqliteConnection)> {
    if path.is_empty() || path.contains(['?', '#']) || path.starts_with(':') {
        return Err(Error::Open(
            "the database URL must be sqlite:// and the path of a file".into(),
        ));
    }
    let file = Path::new(path);
    make(file).map_err(|e| {
        let hint = "give the path of a file in a folder that this user may write";
        Error::Open(format!(
            "the database file {path} cannot be opened or made ({e}): {hint}"
        ))
    })?;
    let common = SqliteConnectOptions::new()
        .filename(file)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        // The driver would write each statement down; the log is for what happened, not how.
        .disable_statement_logging()
        .pragma("temp_store", "memory");
    let writing = common
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: in WAL mode anything less may lose the last commits when the power fails.
        .synchronous(SqliteSynchronous::Full)
        .statement_cache_capacity(WRITER_STATEMENTS)
        .pragma("cache_size", (-WRITER_CACHE).to_string());
    let reading = common
        .statement_cache_capacity(READER_STATEMENTS)
        .pragma("cache_size", (-READER_CACHE).to_string())
        .pragma("query_only", "ON");
    let connection = connect(&writing).await.map_err(|e| explain(path, e))?;
    Ok((writing, reading, connection))
}

/// Personal data rests here: the folder is made for this user alone, and so is the file.
fn make(file: &Path) -> io::Result<()> {
    if let Some(folder) = file.parent().filter(|f| !f.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    // An empty file is an empty database; SQLite gives its own files beside it the same mode.
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(file)?;
    Ok(())
}

/// Turning a new file to WAL takes a lock for which SQLite does not wait: several programs may start at once.
async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection> {
    let mut retries = 0;
    loop {
        match options.connect().await.map_err(Error::from) {
            Err(Error::Unavailable(_)) if retries < RETRIES => {
                retries += 1;
                tokio::time::sleep(RETRY).await;
            }
            outcome => return outcome,
        }
    }
}

fn explain(path: &str, error: Error) -> Error {
    Error::Open(match error {
        Error::Corrupt { .. } => format!("{path} is not a SQLite database, or it is damaged"),
        Error::ReadOnly => format!("the database {path} is read-only for this user"),
        other => format!("the database {path} cannot be opened, is its folder writable? ({other})"),
    })
}
