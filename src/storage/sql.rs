//! The one door to SQL: three verbs over the two native drivers, rows read by name with four kinds.

use std::borrow::Cow;

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::query::Query;
use sqlx::sqlite::SqliteRow;
use sqlx::{Database, Decode, Either, Encode, Row as _, SqlStr, Type};

use super::postgres::{PgReader, PgWriter};
use super::sqlite::{Reader, Seat};
use super::{Error, FromText, Result, Value};
use crate::base::{Seconds, Timestamp};
use crate::model::audit::AuditRecord;

/// A transaction. Dropped without `commit`, it is rolled back; so it is after a failed or abandoned statement.
pub struct Tx {
    link: Link,
    failed: bool,
    /// Appended to the chain at commit, after everything else: its head is held as briefly as can be.
    records: Vec<AuditRecord>,
}

enum Link {
    Sqlite(Seat),
    SqliteView(Reader),
    Postgres(PgWriter),
    PostgresView(PgReader),
}

/// How a row becomes a value of ours.
pub trait FromRow: Sized {
    fn from_row(row: &Row) -> Result<Self>;
}

impl Tx {
    /// Runs one statement; how many rows it inserted, changed or deleted.
    pub async fn execute(&mut self, sql: &'static str, args: Vec<Value>) -> Result<u64> {
        if matches!(self.link, Link::SqliteView(_) | Link::PostgresView(_)) {
            return Err(Error::ReadOnly);
        }
        Ok(self.run(sql, args).await?.changed)
    }

    /// Runs two statements; the second one uses the first `shared` of the first one's arguments. On SQLite both travel
    /// to the driver's thread together, for the way there costs more than they do. Answers what the second changed.
    pub(super) async fn execute_both(
        &mut self,
        first: &'static str,
        second: &'static str,
        args: Vec<Value>,
        shared: usize,
    ) -> Result<u64> {
        match self.link {
            Link::Sqlite(_) => Ok(self.run([first, "; ", second].concat(), args).await?.changed),
            _ => {
                let same = args.iter().take(shared).cloned().collect();
                self.execute(first, args).await?;
                self.execute(second, same).await
            }
        }
    }

    /// Runs one statement; its first row, if any.
    pub async fn fetch<T: FromRow>(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Option<T>> {
        self.run(sql, args).await?.rows.first().map(T::from_row).transpose()
    }

    /// Runs one statement; all its rows. Bound them with LIMIT.
    pub async fn fetch_all<T: FromRow>(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<T>> {
        self.run(sql, args).await?.rows.iter().map(T::from_row).collect()
    }

    /// Returns when everything written is on disk. An error means that nothing was written (or, when PostgreSQL
    /// went away while committing, that it cannot be known).
    pub async fn commit(mut self) -> Result<()> {
        let records = std::mem::take(&mut self.records);
        if !records.is_empty() {
            self.append_audit(&records).await?;
        }
        self.commit_inner().await
    }

    /// Will be in the log if and only if the transaction is committed.
    pub fn audit(&mut self, record: AuditRecord) {
        self.records.push(record);
    }

    /// Tells the other nodes that look after this database, once it is committed.
    pub async fn announce(&mut self, key: &str) -> Result<()> {
        match self.link {
            Link::Postgres(_) => {
                let told = self.execute("SELECT pg_notify('countersign', $1)", crate::args![key]);
                told.await.map(drop)
            }
            _ => Ok(()),
        }
    }

    async fn commit_inner(self) -> Result<()> {
        if self.failed {
            return Err(Error::RolledBack);
        }
        match self.link {
            Link::Sqlite(seat) => seat.commit().await,
            Link::Postgres(tx) => Ok(tx.commit().await?),
            Link::SqliteView(_) | Link::PostgresView(_) => Ok(()),
        }
    }

    async fn run(&mut self, sql: impl Into<Cow<'static, str>>, args: Vec<Value>) -> Result<Answer> {
        let sql = sql.into();
        if self.failed {
            return Err(Error::RolledBack);
        }
        // Failed until known to have gone well: whoever stops waiting leaves it so.
        self.failed = true;
        // PostgreSQL has no text with a NUL; SQLite would take it and cut it short in places.
        if args
            .iter()
            .any(|v| matches!(v, Value::Text(Some(t)) if t.contains('\0')))
        {
            return Err(Error::Statement("a text contains a NUL character".into()));
        }
        let answer = match &mut self.link {
            Link::Sqlite(seat) => seat.run(sql, args).await?,
            Link::SqliteView(reader) => reader.run(sql, args).await?,
            Link::Postgres(tx) => postgres_outcome(tx, sql, args).await.answer()?,
            Link::PostgresView(connection) => postgres_outcome(connection, sql, args).await.answer()?,
        };
        self.failed = false;
        Ok(answer)
    }

    /// Several statements in one text (migrations only).
    pub(super) async fn batch(&mut self, sql: &'static str) -> Result<()> {
        match &mut self.link {
            Link::Postgres(tx) => {
                sqlx::raw_sql(sql).execute(&mut **tx).await?;
            }
            // SQLite's own parser finds where a statement ends.
            _ => {
                self.run(sql, Vec::new()).await?;
            }
        }
        Ok(())
    }

    /// Only one process at a time changes the schema. On SQLite a writing transaction is alone anyway.
    pub(super) async fn lock_schema(&mut self) -> Result<()> {
        /// Any number that no other program uses on this database: "counters" in ASCII.
        const SCHEMA_LOCK: i64 = 0x636f_756e_7465_7273;
        if matches!(self.link, Link::Postgres(_)) {
            self.run("SELECT pg_advisory_xact_lock($1)", crate::args![SCHEMA_LOCK])
                .await?;
        }
        Ok(())
    }

    const fn over(link: Link) -> Self {
        Self {
            link,
            failed: false,
            records: Vec::new(),
        }
    }
    pub(super) const fn sqlite(seat: Seat) -> Self {
        Self::over(Link::Sqlite(seat))
    }
    pub(super) const fn sqlite_view(reader: Reader) -> Self {
        Self::over(Link::SqliteView(reader))
    }
    pub(super) const fn postgres(tx: PgWriter) -> Self {
        Self::over(Link::Postgres(tx))
    }
    pub(super) const fn postgres_view(connection: PgReader) -> Self {
        Self::over(Link::PostgresView(connection))
    }
}

/// What a statement gave.
#[derive(Default)]
pub(super) struct Answer {
    rows: Vec<Row>,
    changed: u64,
}

/// What a text of one or more statements gave, and how far it came.
pub(super) struct Outcome {
    /// Statements that ran to their end.
    pub done: usize,
    pub error: Option<sqlx::Error>,
    answer: Answer,
}

impl Outcome {
    pub fn answer(self) -> Result<Answer> {
        self.error.map_or(Ok(self.answer), |e| Err(e.into()))
    }
}

type Steps<'a, DB> = BoxStream<'a, Result<Either<<DB as Database>::QueryResult, <DB as Database>::Row>, sqlx::Error>>;

/// Runs to the very end even when one row would do: SQLite checks foreign keys in a statement's last step.
async fn drain<DB: Database>(
    mut steps: Steps<'_, DB>,
    row: fn(DB::Row) -> Native,
    changed: fn(&DB::QueryResult) -> u64,
) -> Outcome {
    let (mut done, mut answer) = (0, Answer::default());
    let error = loop {
        match steps.try_next().await {
            Ok(Some(Either::Right(next))) => answer.rows.push(Row(row(next))),
            Ok(Some(Either::Left(end))) => {
                done += 1;
                answer.changed = changed(&end);
            }
            Ok(None) => break None,
            Err(e) => break Some(e),
        }
    };
    Outcome { done, error, answer }
}

pub(super) async fn sqlite_outcome(
    connection: &mut sqlx::SqliteConnection,
    sql: Cow<'static, str>,
    args: Vec<Value>,
) -> Outcome {
    let query = query::<sqlx::Sqlite>(sql, args);
    let steps = sqlx::Executor::fetch_many(connection, query);
    drain::<sqlx::Sqlite>(steps, Native::Sqlite, sqlx::sqlite::SqliteQueryResult::rows_affected).await
}

async fn postgres_outcome(connection: &mut sqlx::PgConnection, sql: Cow<'static, str>, args: Vec<Value>) -> Outcome {
    let query = query::<sqlx::Postgres>(sql, args);
    let steps = sqlx::Executor::fetch_many(connection, query);
    drain::<sqlx::Postgres>(steps, Native::Postgres, sqlx::postgres::PgQueryResult::rows_affected).await
}

fn query<DB: Database>(sql: Cow<'static, str>, args: Vec<Value>) -> Query<'static, DB, DB::Arguments>
where
    Option<String>: Encode<'static, DB> + Type<DB>,
    Option<i64>: Encode<'static, DB> + Type<DB>,
    Option<bool>: Encode<'static, DB> + Type<DB>,
    Option<Vec<u8>>: Encode<'static, DB> + Type<DB>,
{
    use sqlx::{AssertSqlSafe, SqlSafeStr as _};
    let sql = match sql {
        Cow::Borrowed(text) => SqlStr::from_static(text),
        // Made of several `&'static str`, here and in sqlite.rs.
        Cow::Owned(text) => AssertSqlSafe(text).into_sql_str(),
    };
    args.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Text(v) => query.bind(v),
        Value::Int(v) => query.bind(v),
        Value::Bool(v) => query.bind(v),
        Value::Bytes(v) => query.bind(v),
    })
}

/// One row; columns by name.
pub struct Row(Native);

enum Native {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

macro_rules! columns {
    ($($get:ident, $opt:ident: $rust:ty;)*) => {$(
        pub fn $opt(&self, column: &str) -> Result<Option<$rust>> {
            self.read(column)
        }
        pub fn $get(&self, column: &str) -> Result<$rust> {
            present(column, self.read(column)?)
        }
    )*};
}

impl Row {
    columns! {
        text, opt_text: String;
        int, opt_int: i64;
        bool, opt_bool: bool;
        bytes, opt_bytes: Vec<u8>;
    }

    pub fn id<T: FromText>(&self, column: &str) -> Result<T> {
        self.text(column).map(T::from_text)
    }
    pub fn opt_id<T: FromText>(&self, column: &str) -> Result<Option<T>> {
        Ok(self.opt_text(column)?.map(T::from_text))
    }
    pub fn time(&self, column: &str) -> Result<Timestamp> {
        self.int(column).map(Timestamp::from_micros)
    }
    pub fn opt_time(&self, column: &str) -> Result<Option<Timestamp>> {
        Ok(self.opt_int(column)?.map(Timestamp::from_micros))
    }
    pub fn seconds(&self, column: &str) -> Result<Seconds> {
        self.int(column).map(Seconds)
    }
    pub fn opt_seconds(&self, column: &str) -> Result<Option<Seconds>> {
        Ok(self.opt_int(column)?.map(Seconds))
    }
    /// A TEXT column that holds a JSON document.
    pub fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T> {
        present(column, self.opt_json(column)?)
    }
    pub fn opt_json<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>> {
        let read = |text: String| serde_json::from_str(&text).map_err(|e| Error::corrupt(column_named(column), e));
        self.opt_text(column)?.map(read).transpose()
    }

    fn read<T>(&self, column: &str) -> Result<Option<T>>
    where
        T: Type<sqlx::Sqlite> + for<'r> Decode<'r, sqlx::Sqlite>,
        T: Type<sqlx::Postgres> + for<'r> Decode<'r, sqlx::Postgres>,
    {
        let value = match &self.0 {
            Native::Sqlite(row) => row.try_get(column),
            Native::Postgres(row) => row.try_get(column),
        };
        value.map_err(|e| Error::corrupt(column_named(column), e))
    }
}

/// Rows of one column, and rows nobody reads.
impl FromRow for () {
    fn from_row(_: &Row) -> Result<Self> {
        Ok(())
    }
}

fn present<T>(column: &str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::corrupt(column_named(column), "it is NULL"))
}

fn column_named(column: &str) -> String {
    format!("column {column}")
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match error {
            // `message` holds names of constraints, not values; the detail with the values stays behind.
            E::Database(e) if e.is_unique_violation() => Self::Conflict(e.message().to_owned()),
            E::Database(e) => by_code(&e.code().unwrap_or_default(), e.message()),
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => {
                Self::Unavailable(error.to_string())
            }
            other => Self::Statement(other.to_string()),
        }
    }
}

/// SQLite's codes are numbers whose low byte is the primary code (sqlite.org/rescode.html); PostgreSQL's are five
/// characters whose first two are the class (PostgreSQL, appendix A).
fn by_code(code: &str, message: &str) -> Error {
    let text = || message.to_owned();
    if code.len() == 5 {
        return match &code[..2] {
            _ if code == "25006" => Error::ReadOnly,
            // Connection, resources, operator (57P01: shutting down), system.
            "08" | "53" | "57" | "58" => Error::Unavailable(text()),
            _ => Error::Statement(text()),
        };
    }
    match code.parse::<u32>().unwrap_or_default() & 0xff {
        8 => Error::ReadOnly,
        // BUSY, LOCKED, NOMEM, IOERR, FULL, CANTOPEN.
        5 | 6 | 7 | 10 | 13 | 14 => Error::Unavailable(text()),
        11 | 26 => Error::corrupt("the database file", message),
        _ => Error::Statement(text()),
    }
}
