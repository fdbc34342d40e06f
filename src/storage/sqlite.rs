//! SQLite behind the door: one writer that gathers transactions into shared commits, and a few readers.
//!
//! A durable commit costs a disk flush, and as much for one row as for a hundred. So transactions take turns on one
//! connection, each in a savepoint named `t` inside one open BEGIN (a *group*), and the group is committed when
//! nobody waits for the turn, when it is full, or by a *flusher* task that queues for the turn like everybody else.
//! Each transaction is answered after the COMMIT that holds it.
//!
//! A statement costs a hop to the driver's thread, so turns cost none of their own: what must happen between the last
//! transaction and this one travels as a prefix of this one's first statement (`Stage::entry`). The last one is rolled
//! back unless it said that it is to be kept, so dropping a `Seat` needs no work.
//!
//! Nothing here may be abandoned half-way: what changes the stage runs in `Finish`, which goes on in a task of its own
//! when the caller stops waiting. Should even that end early (the runtime stops), the stage stays `Unknown` and the
//! next in turn opens the connection afresh, which rolls the group back.

mod open;

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, oneshot};

use super::sql::{Answer, Outcome, sqlite_outcome};
use super::{Error, Result, Value};

/// Transactions that share one commit, at most: bounds how long the first of them waits.
const GROUP_LIMIT: usize = 128;
/// How long a transaction waits for its turn to write.
const PATIENCE: Duration = Duration::from_secs(30);
/// Connections that read. More than processors only adds memory.
const READERS: usize = 4;

#[derive(Clone)]
pub(super) struct Sqlite {
    shared: Arc<Shared>,
}

struct Shared {
    writer: Arc<Mutex<Writer>>,
    /// Transactions that wait for the turn.
    queued: AtomicUsize,
    writing: SqliteConnectOptions,
    reading: SqliteConnectOptions,
    idle_readers: std::sync::Mutex<Vec<SqliteConnection>>,
    reader_seats: Arc<Semaphore>,
    runtime: Handle,
}

/// What the turn is about.
struct Writer {
    connection: Option<SqliteConnection>,
    stage: Stage,
    /// Who is to be told how the open group's commit went.
    waiting: Vec<oneshot::Sender<Result<(), String>>>,
    /// Is a flusher on its way?
    flusher: bool,
}

/// What the connection holds while nobody has the turn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No group is open.
    Closed,
    /// A group is open; the last transaction in it stays.
    Kept,
    /// A group is open; the last transaction in it must be undone.
    Undone,
    /// Somebody was cut off between two stages.
    Unknown,
}

impl Stage {
    /// How a transaction enters: the statements before its first one, and how many they are.
    const fn entry(self) -> (&'static str, usize) {
        match self {
            // IMMEDIATE: a transaction that reads first and writes later would otherwise fail with "locked".
            Self::Closed | Self::Unknown => ("BEGIN IMMEDIATE; SAVEPOINT t; ", 2),
            Self::Kept => ("RELEASE t; SAVEPOINT t; ", 2),
            Self::Undone => ("ROLLBACK TO t; ", 1),
        }
    }
}

impl Sqlite {
    pub async fn open(path: &str) -> Result<Self> {
        let (writing, reading, connection) = open::open(path).await?;
        let writer = Writer {
            connection: Some(connection),
            stage: Stage::Closed,
            waiting: Vec::new(),
            flusher: false,
        };
        Ok(Self {
            shared: Arc::new(Shared {
                writer: Arc::new(Mutex::new(writer)),
                queued: AtomicUsize::new(0),
                writing,
                reading,
                idle_readers: std::sync::Mutex::new(Vec::new()),
                reader_seats: Arc::new(Semaphore::new(READERS)),
                runtime: Handle::current(),
            }),
        })
    }

    pub async fn begin(&self) -> Result<Seat> {
        let _queued = Queued::new(&self.shared.queued);
        let turn = tokio::time::timeout(PATIENCE, Turn::take(&self.shared)).await;
        let turn = turn.map_err(|_| Error::Unavailable("waited too long for the turn to write".into()))?;
        Ok(Seat {
            turn: Some(turn),
            entered: false,
        })
    }

    pub async fn view(&self) -> Result<Reader> {
        let seat = self.shared.reader_seats.clone().acquire_owned();
        let seat = seat.await.map_err(|e| Error::Unavailable(e.to_string()))?;
        let idle = self.shared.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.shared.reading.connect().await?,
        };
        Ok(Reader {
            connection: Some(connection),
            shared: self.shared.clone(),
            _seat: seat,
        })
    }
}

impl Shared {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that only reads. Each statement is its own (autocommit) read, so none keeps the log from shrinking.
pub(super) struct Reader {
    connection: Option<SqliteConnection>,
    shared: Arc<Shared>,
    _seat: OwnedSemaphorePermit,
}

impl Reader {
    pub async fn run(&mut self, sql: Cow<'static, str>, args: Vec<Value>) -> Result<Answer> {
        let connection = self.connection.as_mut().ok_or(Error::RolledBack)?;
        let answer = sqlite_outcome(connection, sql, args).await.answer();
        if answer.is_err() {
            self.connection = None;
        }
        answer
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // An abandoned statement is no harm: the driver's thread ends it before it takes the next.
        if let Some(connection) = self.connection.take() {
            self.shared.idle().push(connection);
        }
    }
}

/// One transaction's place in the group.
pub(super) struct Seat {
    /// None while a statement runs, and ever after if its caller stopped waiting.
    turn: Option<Turn>,
    /// Has its savepoint been made?
    entered: bool,
}

impl Seat {
    pub async fn run(&mut self, sql: Cow<'static, str>, args: Vec<Value>) -> Result<Answer> {
        let mut turn = self.turn.take().ok_or(Error::RolledBack)?;
        let (runtime, enter) = (turn.shared.runtime.clone(), !self.entered);
        let work = async move {
            let answer = turn.statement(enter, sql, args).await;
            (turn, answer)
        };
        let (turn, answer) = Finish::new(work, runtime).await;
        self.turn = Some(turn);
        self.entered = true;
        answer
    }

    pub async fn commit(mut self) -> Result<()> {
        let mut turn = self.turn.take().ok_or(Error::RolledBack)?;
        if !self.entered {
            return Ok(());
        }
        let (tell, told) = oneshot::channel();
        turn.writer.stage = Stage::Kept;
        turn.writer.waiting.push(tell);
        let alone = turn.shared.queued.load(Ordering::SeqCst) == 0;
        if alone || turn.writer.waiting.len() >= GROUP_LIMIT {
            let runtime = turn.shared.runtime.clone();
            Finish::new(async move { turn.flush().await }, runtime).await;
        } else {
            drop(turn);
        }
        let outcome = told.await.unwrap_or_else(|_| Err("the program is stopping".into()));
        outcome.map_err(Error::Unavailable)
    }
}

/// The right to use the writing connection; dropping it hands it on.
struct Turn {
    writer: OwnedMutexGuard<Writer>,
    shared: Arc<Shared>,
}

impl Turn {
    /// Tokio's mutex is fair: who asked first is first.
    async fn take(shared: &Arc<Shared>) -> Self {
        Self {
            writer: shared.writer.clone().lock_owned().await,
            shared: shared.clone(),
        }
    }

    async fn statement(&mut self, enter: bool, sql: Cow<'static, str>, args: Vec<Value>) -> Result<Answer> {
        if !enter {
            return self.ask(sql, args).await?.answer();
        }
        if self.writer.stage == Stage::Unknown {
            self.reset("an unfinished transaction had to be rolled back").await;
        }
        let before = std::mem::replace(&mut self.writer.stage, Stage::Unknown);
        let (entry, steps) = before.entry();
        let outcome = self.ask([entry, &*sql].concat().into(), args).await;
        let error = match outcome {
            Ok(outcome) if outcome.done >= steps => {
                self.writer.stage = Stage::Undone;
                return outcome.answer();
            }
            Ok(Outcome { error: Some(e), .. }) => e.into(),
            Ok(_) => Error::Unavailable("the connection ended early".into()),
            Err(e) => e,
        };
        // It could not even be entered (another process holds the file, or the disk is full, and then SQLite has
        // rolled the whole group back): whoever is in the group learns it.
        self.reset(&error.to_string()).await;
        Err(error)
    }

    /// Commits the open group and tells everybody in it.
    async fn flush(&mut self) {
        let text = match self.writer.stage {
            Stage::Closed => return,
            Stage::Unknown => return self.reset("an unfinished transaction had to be rolled back").await,
            // COMMIT releases what savepoints are left.
            Stage::Kept => "COMMIT",
            Stage::Undone if self.writer.waiting.is_empty() => "ROLLBACK",
            Stage::Undone => "ROLLBACK TO t; COMMIT",
        };
        self.writer.stage = Stage::Unknown;
        match self.ask(text.into(), Vec::new()).await.and_then(Outcome::answer) {
            Ok(_) => self.close_group(&Ok(())),
            Err(e) => self.reset(&e.to_string()).await,
        }
    }

    async fn ask(&mut self, sql: Cow<'static, str>, args: Vec<Value>) -> Result<Outcome> {
        let connection = match &mut self.writer.connection {
            Some(connection) => connection,
            none => none.insert(self.shared.writing.connect().await?),
        };
        Ok(sqlite_outcome(connection, sql, args).await)
    }

    /// Ends the group without a commit, whatever state the connection is in: closing it rolls back.
    async fn reset(&mut self, why: &str) {
        if let Some(connection) = self.writer.connection.take() {
            let _ = connection.close().await;
        }
        self.close_group(&Err(why.to_owned()));
    }

    fn close_group(&mut self, outcome: &Result<(), String>) {
        self.writer.stage = Stage::Closed;
        for tell in self.writer.waiting.drain(..) {
            // Who stopped waiting need not be told.
            let _ = tell.send(outcome.clone());
        }
    }
}

impl Drop for Turn {
    /// An open group is never left without somebody on the way to close it.
    fn drop(&mut self) {
        if self.writer.stage == Stage::Closed || self.writer.flusher {
            return;
        }
        self.writer.flusher = true;
        let shared = self.shared.clone();
        self.shared.runtime.spawn(async move {
            let mut turn = Self::take(&shared).await;
            turn.writer.flusher = false;
            turn.flush().await;
        });
    }
}

/// Counts one waiter for as long as it waits.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Work that goes to its end even if its caller stops waiting.
struct Finish<T: Send + 'static> {
    work: Option<BoxFuture<'static, T>>,
    runtime: Handle,
}

impl<T: Send + 'static> Finish<T> {
    fn new(work: impl Future<Output = T> + Send + 'static, runtime: Handle) -> Self {
        Self {
            work: Some(work.boxed()),
            runtime,
        }
    }
}

impl<T: Send + 'static> Future for Finish<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Some(work) = &mut self.work else {
            // Polled after its end: there is nothing to wait for.
            return Poll::Pending;
        };
        let output = ready!(work.as_mut().poll(cx));
        self.work = None;
        Poll::Ready(output)
    }
}

impl<T: Send + 'static> Drop for Finish<T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.runtime.spawn(work);
        }
    }
}
