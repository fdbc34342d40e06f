//! Everything that must outlive the process, in SQLite or PostgreSQL (floor: storage).
//!
//! Owns: the schema (`migrations/`), every SQL text, transactions. `sql` is the one door: it and its two halves
//! `sqlite` and `postgres` are the only files that name a database driver. Repositories are `impl Tx` blocks in
//! files beside this one, with one portable SQL text per method:
//! - `$n`; TEXT, BIGINT (times in microseconds), BOOLEAN, BYTEA; CHECK, foreign keys (never DEFERRABLE: on SQLite
//!   one late violation would fail its neighbours in the same commit), partial unique indexes, CTEs, RETURNING,
//!   ON CONFLICT. Not FOR UPDATE, ILIKE, now(), arrays, JSON operators, TIMESTAMP, UUID, SERIAL; no BEGIN, no
//!   COMMIT, no `;`. A sum is `CAST(SUM(x) AS BIGINT)`.
//! - a transition is one guarded `UPDATE … WHERE <still so> RETURNING`; `None` means somebody was first;
//! - a failed statement ends its transaction; an expected conflict is `ON CONFLICT DO NOTHING`.
//!
//! Must not know: HTTP, what a factor is, what a policy says.

mod access_tokens;
pub mod activity;
pub mod audit;
mod authenticators;
mod deferred;
mod enrolments;
pub mod grants;
mod migrate;
pub mod outbox;
pub mod own;
mod pairwise;
mod postgres;
mod push;
mod pushed;
pub mod registrations;
pub mod sessions;
mod sql;
mod sqlite;
mod sweep;
mod throttles;
mod tickets;
pub mod users;
mod value;
pub mod workspace;

use std::fmt::Display;

pub use postgres::{Announcements, Heard};
pub use sql::{FromRow, Row, Tx};
pub use value::{FromText, ToValue, Value, json};
// `args!` and `text_column!` are macros of this floor; Rust exports them at the crate's root.
pub use crate::{args, text_column};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with a database. The texts are for the operator's log and terminal, never for a browser.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be used as configured; says what to change.
    #[error("{0}")]
    Open(String),
    /// Written by a newer version of this program.
    #[error(
        "the database was written by a newer version of Countersign (schema {found}; this version knows up to {known}): use that version, or restore a backup from before"
    )]
    Newer { found: i64, known: i64 },
    /// An applied migration is not the one in this binary.
    #[error(
        "migration {0} of this database differs from the one in this version of Countersign: the schema was changed by hand or by an unreleased build"
    )]
    Altered(i64),
    /// A UNIQUE or PRIMARY KEY constraint. Only for reporting: expected conflicts are `ON CONFLICT`.
    #[error("the database already holds such a row: {0}")]
    Conflict(String),
    /// The statement failed, and its transaction with it.
    #[error("a database statement failed: {0}")]
    Statement(String),
    /// Busy, full or gone; the same may succeed later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// An earlier statement failed or was abandoned.
    #[error("this transaction has already failed and was rolled back")]
    RolledBack,
    /// A statement that writes was given to a `view`.
    #[error("this transaction may only read")]
    ReadOnly,
    /// A row does not mean what it must.
    #[error("the database holds something unreadable in {place}: {what}")]
    Corrupt { place: String, what: String },
}

impl Error {
    /// Will the same perhaps succeed in a moment?
    pub const fn passes(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
    pub fn corrupt(place: impl Into<String>, what: impl Display) -> Self {
        Self::Corrupt {
            place: place.into(),
            what: what.to_string(),
        }
    }

    /// A UNIQUE or PRIMARY KEY constraint was violated.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
}

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Store {
    native: Native,
}

#[derive(Clone)]
enum Native {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Store {
    /// Opens `sqlite://path` (made when missing) or `postgres://…` and brings its schema up to date.
    /// Must be called inside the Tokio runtime that lives as long as the program.
    pub async fn open(url: &str) -> Result<Self> {
        let native = if let Some(path) = url.strip_prefix("sqlite:") {
            Native::Sqlite(sqlite::Sqlite::open(path.strip_prefix("//").unwrap_or(path)).await?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Native::Postgres(postgres::Postgres::open(url).await?)
        } else {
            // The text may hold a password, so it is not repeated.
            return Err(Error::Open(
                "the database URL must begin with sqlite:// (then a path) or postgres://".into(),
            ));
        };
        let store = Self { native };
        migrate::run(&store).await?;
        Ok(store)
    }

    /// A writing transaction: read committed on PostgreSQL, one after the other on SQLite.
    /// On SQLite it holds the one turn to write: wait for nothing but the database while it lives, never begin a
    /// second one in its scope, and read through it what must agree with what it writes.
    pub async fn begin(&self) -> Result<Tx> {
        match &self.native {
            Native::Sqlite(db) => db.begin().await.map(Tx::sqlite),
            Native::Postgres(db) => db.begin().await.map(Tx::postgres),
        }
    }

    /// What other nodes announce; `None` where there is one node only.
    pub async fn announcements(&self) -> Result<Option<Announcements>> {
        match &self.native {
            Native::Sqlite(_) => Ok(None),
            Native::Postgres(db) => db.listen().await.map(Some),
        }
    }

    /// Reads without waiting for writers. Each statement sees everything that was committed before it, which is
    /// what read committed gives anyway: two reads that must agree are one statement. There is nothing to commit.
    pub async fn view(&self) -> Result<Tx> {
        match &self.native {
            Native::Sqlite(db) => db.view().await.map(Tx::sqlite_view),
            Native::Postgres(db) => db.view().await.map(Tx::postgres_view),
        }
    }
}

/// One number: `SELECT … AS n`.
pub(crate) struct Count(pub i64);

impl FromRow for Count {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.int("n")?))
    }
}

/// One text: `SELECT … AS t`.
pub(crate) struct Text(pub String);

impl FromRow for Text {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.text("t")?))
    }
}
