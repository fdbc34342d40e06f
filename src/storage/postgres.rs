//! PostgreSQL behind the door: two bounded pools.
//!
//! Why two: a task that holds a view while it begins to write can then never wait for itself, and `view` can be
//! read-only by a setting of its connections instead of a BEGIN and COMMIT around every read.

use std::str::FromStr;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use sqlx::{Connection, PgConnection, Transaction};

use super::{Error, Result};

/// Connections that write, per process.
const WRITERS: u32 = 16;
/// Connections that only read, per process.
const READERS: u32 = 8;
/// How long a request waits for a free connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// An unused connection is given back to the server after this.
const IDLE: Duration = Duration::from_secs(300);
/// A connection that rested longer is asked whether it still lives before it is used.
const TRUSTED: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection.
const STATEMENTS_KEPT: usize = 256;
/// 15.0, in the server's own counting.
const OLDEST: u32 = 150_000;

pub(super) type PgWriter = Transaction<'static, sqlx::Postgres>;
pub(super) type PgReader = PoolConnection<sqlx::Postgres>;

#[derive(Clone)]
pub(super) struct Postgres {
    writers: PgPool,
    readers: PgPool,
    listeners: PgPool,
}

/// Where nodes tell each other that something has happened.
pub(super) const CHANNEL: &str = "countersign";

impl Postgres {
    pub async fn open(url: &str) -> Result<Self> {
        // The parser's message may repeat parts of the URL, which holds the password.
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| {
                Error::Open("the database URL is not of the form postgres://user:password@host:port/name".into())
            })?
            .statement_cache_capacity(STATEMENTS_KEPT)
            .application_name("countersign")
            // As on SQLite: statements are not what the log is for.
            .disable_statement_logging();
        let first = tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options));
        let first = match first.await {
            Ok(connected) => connected.map_err(|e| refused(&options, &e))?,
            Err(_) => {
                return Err(Error::Open(format!(
                    "PostgreSQL at {} does not answer",
                    place(&options)
                )));
            }
        };
        let version = first.server_version_num().unwrap_or_default();
        let _ = first.close().await;
        if version < OLDEST {
            let found = version / 10_000;
            return Err(Error::Open(format!(
                "PostgreSQL at {} is version {found}; Countersign needs version 15 or newer",
                place(&options)
            )));
        }
        Ok(Self {
            listeners: pool(1, options.clone()),
            writers: pool(WRITERS, options.clone()),
            readers: pool(READERS, options.options([("default_transaction_read_only", "on")])),
        })
    }

    pub async fn begin(&self) -> Result<PgWriter> {
        // Said aloud: a server may be configured with another default.
        Ok(self.writers.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?)
    }

    /// A connection that hears what other nodes announce, beside the pools.
    pub async fn listen(&self) -> Result<Announcements> {
        let mut listener = PgListener::connect_with(&self.listeners).await?;
        listener.listen(CHANNEL).await?;
        Ok(Announcements(listener))
    }

    pub async fn view(&self) -> Result<PgReader> {
        Ok(self.readers.acquire().await?)
    }
}

/// What other nodes announce (`Tx::announce`).
pub struct Announcements(PgListener);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Key(String),
    /// The connection was lost and is there again: anything may have been missed.
    Gap,
}

impl Announcements {
    /// The next one. An error means that listening has to begin anew.
    pub async fn heard(&mut self) -> Result<Heard> {
        Ok(self
            .0
            .try_recv()
            .await?
            .map_or(Heard::Gap, |n| Heard::Key(n.payload().to_owned())))
    }
}

fn pool(size: u32, options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(PATIENCE)
        .idle_timeout(IDLE)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}

/// Host, port and name; never the password.
fn place(options: &PgConnectOptions) -> String {
    let name = options.get_database().unwrap_or_else(|| options.get_username());
    format!("{}:{}/{name}", options.get_host(), options.get_port())
}

fn refused(options: &PgConnectOptions, error: &sqlx::Error) -> Error {
    let (place, user) = (place(options), options.get_username());
    let code = error.as_database_error().and_then(|e| e.code());
    Error::Open(match code.as_deref() {
        Some("28P01") => format!("PostgreSQL at {place} refuses the password of user {user}"),
        Some("28000") => format!("PostgreSQL at {place} does not let user {user} in: {error}"),
        Some("3D000") => format!("PostgreSQL at {place} has no database of that name: create it first"),
        _ => format!("PostgreSQL at {place} cannot be reached: {error}"),
    })
}
