//! Many at once at the door to SQL, some of them cut off: nobody harms a neighbour, and nobody waits for ever.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::Poll;
use std::time::Duration;

use countersign::storage::{Error, Result, Store, Tx, args};
use tokio::task::JoinSet;

use crate::postgres::postgres;
use crate::storage_door::{count, insert, int, on_both, sqlite_in, with_counters};

on_both!(a_thousand_writers_at_once_all_stay, |url| async {
    let store = with_counters(&url).await;
    let mut writers = JoinSet::new();
    for id in 0..1000 {
        let store = store.clone();
        writers.spawn(async move { insert(&store, 100 + id).await.unwrap() });
    }
    writers.join_all().await;
    drop(store);
    assert_eq!(count(&Store::open(&url).await.unwrap()).await, 1001);
});

/// Adds one to the counter in two statements that only a transaction keeps together, and counts what it was told.
async fn add_one(store: &Store, told: &AtomicI64) -> Result<()> {
    add_one_in(store.begin().await?, told).await
}

async fn add_one_in(mut tx: Tx, told: &AtomicI64) -> Result<()> {
    tx.execute("UPDATE counters SET n = n + 1 WHERE id = $1", args![1_i64])
        .await?;
    tx.execute("UPDATE counters SET n = n + 1 WHERE id = $1", args![2_i64])
        .await?;
    tx.commit().await?;
    told.fetch_add(1, Ordering::SeqCst);
    Ok(())
}

/// Drives `work` for so many polls and drops it. Every third poll has a reason; the others are what `select!` does.
async fn polled(mut polls: i64, work: impl Future<Output = Result<()>>) {
    let mut work = Box::pin(work);
    poll_fn(|cx| {
        if polls == 0 {
            return Poll::Ready(());
        }
        polls -= 1;
        if polls % 3 != 0 {
            cx.waker().wake_by_ref();
        }
        work.as_mut().poll(cx).map(Result::unwrap)
    })
    .await;
}

async fn answered_at_once<F: Future + Unpin>(work: &mut F) -> bool {
    poll_fn(|cx| Poll::Ready(Pin::new(&mut *work).poll(cx).is_ready())).await
}

/// SQLite only: there transactions share a commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_comes_after_does_not_decide_over_a_commit() {
    #[derive(Clone, Copy, PartialEq)]
    enum Next {
        Nothing,
        RollsBack,
        IsCutOff,
    }
    let folder = tempfile::tempdir().unwrap();
    let store = with_counters(&sqlite_in(&folder)).await;
    let mut id = 100;
    for next in [Next::Nothing, Next::RollsBack, Next::IsCutOff] {
        loop {
            id += 1;
            // Both queue up behind a third, in this order: so the first to commit knows that somebody follows.
            let third = store.begin().await.unwrap();
            let (mut first, mut second) = (Box::pin(insert(&store, id)), Box::pin(store.begin()));
            assert!(!answered_at_once(&mut first).await);
            assert!(!answered_at_once(&mut second).await);
            drop(third);
            let second = async {
                let mut tx = second.await.unwrap();
                let mut statement = Box::pin(tx.execute("UPDATE counters SET n = 1", args![]));
                match next {
                    Next::Nothing => true,
                    Next::RollsBack => statement.await.is_ok(),
                    Next::IsCutOff => !answered_at_once(&mut statement).await,
                }
            };
            let both = async { tokio::join!(first, second) };
            let (first, done) = tokio::time::timeout(Duration::from_secs(60), both)
                .await
                .expect("nobody commits");
            first.unwrap();
            if done {
                break;
            }
        }
    }
    let touched = int(
        &mut store.view().await.unwrap(),
        "SELECT COUNT(*) AS n FROM counters WHERE n <> 0",
    )
    .await;
    assert_eq!(touched, 0, "what was not committed stayed");
    assert_eq!(count(&store).await, id - 99);
}

on_both!(tasks_cut_off_anywhere_harm_nobody, |url| async {
    const WRITERS: i64 = 64;
    const EACH: i64 = 8;
    const CUT: i64 = 420;
    let store = with_counters(&url).await;
    insert(&store, 2).await.unwrap();
    let told = Arc::new(AtomicI64::new(0));
    let cut_told = Arc::new(AtomicI64::new(0));
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (store, told) = (store.clone(), told.clone());
        writers.spawn(async move {
            for _ in 0..EACH {
                add_one(&store, &told).await.unwrap();
            }
        });
    }
    // Meanwhile others begin the same and are cut off after 0 to 20 polls, half of them counted from their turn on:
    // at every place where they wait.
    let mut cut = JoinSet::new();
    for n in 0..CUT {
        let (store, told) = (store.clone(), cut_told.clone());
        cut.spawn(async move {
            if n % 2 == 0 {
                polled(n % 21, add_one(&store, &told)).await;
            } else {
                let tx = store.begin().await.unwrap();
                polled(n % 21, add_one_in(tx, &told)).await;
            }
        });
    }
    let all = async { (writers.join_all().await, cut.join_all().await) };
    tokio::time::timeout(Duration::from_secs(60), all)
        .await
        .expect("the writer hangs");

    let mut tx = store.begin().await.unwrap();
    let (first, second) = (
        int(&mut tx, "SELECT n FROM counters WHERE id = 1").await,
        int(&mut tx, "SELECT n FROM counters WHERE id = 2").await,
    );
    assert_eq!(first, second, "half a transaction stayed");
    assert_eq!(told.load(Ordering::SeqCst), WRITERS * EACH);
    let least = WRITERS * EACH + cut_told.load(Ordering::SeqCst);
    // Who was cut off while it waited for the answer may have been committed.
    assert!(
        (least..=WRITERS * EACH + CUT).contains(&first),
        "{first} is not at least {least}"
    );
});

on_both!(an_abandoned_statement_fails_its_transaction, |url| async {
    let store = with_counters(&url).await;
    // The driver may be quick enough to answer at the first poll; then nothing was abandoned and we try again.
    let mut tx = loop {
        let mut tx = store.begin().await.unwrap();
        let mut statement = Box::pin(tx.execute("UPDATE counters SET n = 7", args![]));
        let answered = poll_fn(|cx| Poll::Ready(statement.as_mut().poll(cx).is_ready())).await;
        drop(statement);
        if !answered {
            break tx;
        }
    };
    let next = tx.execute("UPDATE counters SET n = 8", args![]).await;
    assert!(matches!(next, Err(Error::RolledBack)));
    assert!(matches!(tx.commit().await, Err(Error::RolledBack)));
    insert(&store, 2).await.unwrap();
    assert_eq!(
        int(&mut store.view().await.unwrap(), "SELECT n FROM counters WHERE id = 1").await,
        0
    );
});

on_both!(two_programs_may_write_one_database, |url| async {
    let (server, command) = (with_counters(&url).await, Store::open(&url).await.unwrap());
    let mut writers = JoinSet::new();
    for id in 0..100 {
        let store = if id % 2 == 0 { &server } else { &command }.clone();
        writers.spawn(async move { insert(&store, 100 + id).await.unwrap() });
    }
    writers.join_all().await;
    assert_eq!(count(&server).await, 101);
});

/// A violation that shows only at COMMIT; our schema has none of these, a full disk looks like it.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_commit_is_told_and_the_writer_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = with_counters(&sqlite_in(&folder)).await;
    let mut tx = store.begin().await.unwrap();
    let table = "CREATE TABLE late (id BIGINT REFERENCES counters (id) DEFERRABLE INITIALLY DEFERRED)";
    tx.execute(table, args![]).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.execute("INSERT INTO late (id) VALUES (77)", args![]).await.unwrap();
    assert!(matches!(tx.commit().await, Err(Error::Unavailable(_))));
    insert(&store, 2).await.unwrap();
    assert_eq!(count(&store).await, 2);
}
