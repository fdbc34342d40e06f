//! The door to SQL keeps the same promises on both databases.

use countersign::base::{Seconds, Timestamp, UserId};
use countersign::storage::{Error, FromRow, Result, Row, Store, Tx, args, json};
use tokio::task::JoinSet;

use crate::postgres::{PASSWORD, postgres};

/// Runs a story on an empty SQLite file and on an empty PostgreSQL database.
macro_rules! on_both {
    ($name:ident, |$url:ident| $story:expr) => {
        mod $name {
            use super::*;

            async fn story($url: String) {
                $story.await
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() {
                let folder = tempfile::tempdir().unwrap();
                story(sqlite_in(&folder)).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgresql() {
                story(postgres().fresh_database()).await;
            }
        }
    };
}
pub(crate) use on_both;

pub fn sqlite_in(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}/data/countersign.db", folder.path().display())
}

struct Int(i64);
impl FromRow for Int {
    fn from_row(row: &Row) -> Result<Self> {
        row.int("n").map(Self)
    }
}

pub async fn int(tx: &mut Tx, sql: &'static str) -> i64 {
    tx.fetch::<Int>(sql, args![]).await.unwrap().unwrap().0
}

/// A store with `counters(id, n)` that holds `(1, 0)`.
pub async fn with_counters(url: &str) -> Store {
    let store = Store::open(url).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.execute(
        "CREATE TABLE counters (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)",
        args![],
    )
    .await
    .unwrap();
    tx.execute("INSERT INTO counters (id, n) VALUES ($1, $2)", args![1_i64, 0_i64])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    store
}

pub async fn count(store: &Store) -> i64 {
    int(&mut store.view().await.unwrap(), "SELECT COUNT(*) AS n FROM counters").await
}

pub async fn insert(store: &Store, id: i64) -> Result<()> {
    let mut tx = store.begin().await?;
    tx.execute("INSERT INTO counters (id, n) VALUES ($1, 0)", args![id])
        .await?;
    tx.commit().await
}

on_both!(values_of_every_kind_come_back, |url| async {
    struct Everything;
    impl FromRow for Everything {
        fn from_row(row: &Row) -> Result<Self> {
            if row.bool("filled")? {
                assert_eq!(row.id::<UserId>("t")?, UserId::new("å\u{1F511}"));
                assert_eq!(row.time("i")?, Timestamp::from_micros(i64::MAX));
                assert_eq!(row.bytes("b")?, [0, 255, 1]);
                assert_eq!(row.json::<Vec<u8>>("j")?, [1, 2]);
                assert_eq!(row.opt_seconds("s")?, Some(Seconds(-1)));
            } else {
                assert_eq!(row.opt_id::<UserId>("t")?, None);
                assert_eq!(row.opt_time("i")?, None);
                assert_eq!(row.opt_bytes("b")?, None);
                assert_eq!(row.opt_json::<Vec<u8>>("j")?, None);
                assert_eq!((row.opt_bool("o")?, row.opt_int("s")?), (None, None));
                assert!(
                    matches!(row.text("t"), Err(Error::Corrupt { .. })),
                    "a NULL where a text must be"
                );
            }
            assert!(
                matches!(row.bytes("filled"), Err(Error::Corrupt { .. })),
                "another kind"
            );
            assert!(
                matches!(row.text("absent"), Err(Error::Corrupt { .. })),
                "no such column"
            );
            Ok(Self)
        }
    }
    const INSERT: &str = "INSERT INTO kinds (t, i, o, b, j, s, filled) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let store = Store::open(&url).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let table = "CREATE TABLE kinds (t TEXT, i BIGINT, o BOOLEAN, b BYTEA, j TEXT, s BIGINT, filled BOOLEAN NOT NULL)";
    tx.execute(table, args![]).await.unwrap();
    let (user, last) = (UserId::new("å\u{1F511}"), Timestamp::from_micros(i64::MAX));
    let body = json(&[1, 2]).unwrap();
    let changed = tx.execute(INSERT, args![user, last, true, [0_u8, 255, 1], body, Seconds(-1), true]);
    assert_eq!(changed.await.unwrap(), 1);
    let nothing = args![
        None::<UserId>,
        None::<Timestamp>,
        None::<bool>,
        None::<Vec<u8>>,
        None::<&str>,
        None::<i64>,
        false
    ];
    tx.execute(INSERT, nothing).await.unwrap();
    tx.commit().await.unwrap();

    let mut view = store.view().await.unwrap();
    assert_eq!(
        view.fetch_all::<Everything>("SELECT * FROM kinds", args![])
            .await
            .unwrap()
            .len(),
        2
    );
    let by_flag = view
        .fetch::<Everything>("SELECT * FROM kinds WHERE o = $1", args![true])
        .await;
    assert!(by_flag.unwrap().is_some());
    let exists = "SELECT CASE WHEN EXISTS (SELECT 1 FROM kinds) THEN 1 ELSE 0 END AS n";
    assert!(view.fetch::<()>(exists, args![]).await.unwrap().is_some());
});

on_both!(a_big_text_comes_back, |url| async {
    struct Text(String);
    impl FromRow for Text {
        fn from_row(row: &Row) -> Result<Self> {
            row.text("value").map(Self)
        }
    }
    let store = Store::open(&url).await.unwrap();
    let big = "0123456789abcdef".repeat(65_536);
    let mut tx = store.begin().await.unwrap();
    tx.execute("INSERT INTO meta (key, value) VALUES ('big', $1)", args![big])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut view = store.view().await.unwrap();
    let read = view
        .fetch::<Text>("SELECT value FROM meta WHERE key = 'big'", args![])
        .await
        .unwrap();
    assert!(read.unwrap().0 == big);
});

on_both!(a_text_with_a_nul_is_refused, |url| async {
    let store = Store::open(&url).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let refused = tx
        .execute("INSERT INTO meta (key, value) VALUES ($1, '')", args!["a\0b"])
        .await;
    assert!(matches!(refused, Err(Error::Statement(_))));
});

on_both!(of_32_racers_one_takes_the_row, |url| async {
    let store = with_counters(&url).await;
    let mut racers = JoinSet::new();
    for _ in 0..32 {
        let store = store.clone();
        racers.spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let sql = "UPDATE counters SET n = 1 WHERE id = $1 AND n = 0 RETURNING n";
            let won = tx.fetch::<Int>(sql, args![1_i64]).await.unwrap().is_some();
            tx.commit().await.unwrap();
            won
        });
    }
    let winners = racers.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(winners, 1);
});

on_both!(dropped_means_rolled_back, |url| async {
    let store = with_counters(&url).await;
    let mut tx = store.begin().await.unwrap();
    tx.execute("UPDATE counters SET n = 5", args![]).await.unwrap();
    assert_eq!(int(&mut tx, "SELECT n FROM counters").await, 5, "it sees its own work");
    drop(tx);
    drop(store.begin().await.unwrap());
    assert_eq!(
        int(&mut store.begin().await.unwrap(), "SELECT n FROM counters").await,
        0
    );
    assert_eq!(int(&mut store.view().await.unwrap(), "SELECT n FROM counters").await, 0);
});

on_both!(a_failed_statement_fails_its_transaction_only, |url| async {
    let store = with_counters(&url).await;
    let mut tx = store.begin().await.unwrap();
    tx.execute("INSERT INTO counters (id, n) VALUES (2, 0)", args![])
        .await
        .unwrap();
    let conflict = tx
        .execute("INSERT INTO counters (id, n) VALUES (1, 0)", args![])
        .await
        .unwrap_err();
    assert!(conflict.is_conflict(), "{conflict}");
    let next = tx.execute("INSERT INTO counters (id, n) VALUES (3, 0)", args![]).await;
    assert!(matches!(next, Err(Error::RolledBack)));
    assert!(matches!(tx.commit().await, Err(Error::RolledBack)));
    let mut tx = store.begin().await.unwrap();
    let wrong = tx.execute("INSERT INTO no_such_table (id) VALUES (1)", args![]).await;
    assert!(matches!(wrong, Err(Error::Statement(_))), "{wrong:?}");
    drop(tx);
    insert(&store, 9).await.unwrap();
    assert_eq!(count(&store).await, 2);
});

on_both!(foreign_keys_are_kept_even_when_a_row_is_returned, |url| async {
    let store = with_counters(&url).await;
    let mut tx = store.begin().await.unwrap();
    tx.execute("CREATE TABLE children (id BIGINT REFERENCES counters (id))", args![])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let orphan = tx
        .fetch::<()>("INSERT INTO children (id) VALUES (7) RETURNING id", args![])
        .await;
    assert!(matches!(orphan, Err(Error::Statement(_))), "an orphan was taken");
});

on_both!(a_view_sees_what_was_committed_and_cannot_write, |url| async {
    let store = with_counters(&url).await;
    let mut view = store.view().await.unwrap();
    for id in 2..20 {
        insert(&store, id).await.unwrap();
        assert_eq!(int(&mut view, "SELECT COUNT(*) AS n FROM counters").await, id);
        assert_eq!(count(&store).await, id);
    }
    let mut tx = store.begin().await.unwrap();
    tx.execute("DELETE FROM counters", args![]).await.unwrap();
    assert_eq!(count(&store).await, 19, "not before the commit");
    drop(tx);
    assert!(matches!(
        view.execute("DELETE FROM counters", args![]).await,
        Err(Error::ReadOnly)
    ));
    let sly = view.fetch::<()>("DELETE FROM counters RETURNING id", args![]).await;
    assert!(matches!(sly, Err(Error::ReadOnly)));
    assert_eq!(count(&store).await, 19);
});

on_both!(four_starters_make_one_schema, |url| async {
    let mut starters = JoinSet::new();
    for _ in 0..4 {
        let url = url.clone();
        starters.spawn(async move { Store::open(&url).await.map(drop) });
    }
    for outcome in starters.join_all().await {
        outcome.unwrap();
    }
    let store = Store::open(&url).await.unwrap();
    let mut view = store.view().await.unwrap();
    assert_eq!(
        int(
            &mut view,
            "SELECT COUNT(*) AS n FROM schema_migrations WHERE version = 1"
        )
        .await,
        1
    );
});

on_both!(a_database_from_the_future_is_left_alone, |url| async {
    let store = Store::open(&url).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let sql = "INSERT INTO schema_migrations (version, name, checksum) VALUES (99999, 'x', 'x')";
    tx.execute(sql, args![]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(
        Store::open(&url).await,
        Err(Error::Newer { found: 99_999, .. })
    ));
});

#[tokio::test]
async fn a_new_sqlite_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    // Held open: the last to close takes the log and its index away.
    let _open = with_counters(&sqlite_in(&folder)).await;
    let mode = |path: &str| {
        std::fs::metadata(folder.path().join(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode("data"), 0o700);
    for file in ["", "-wal", "-shm"] {
        assert_eq!(mode(&format!("data/countersign.db{file}")), 0o600, "{file}");
    }
}

async fn refusal(url: &str) -> String {
    Store::open(url).await.err().expect("must be refused").to_string()
}

#[tokio::test]
async fn what_cannot_be_opened_is_said_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(
        &file,
        "This is not a database, only a text that is long enough.\n".repeat(99),
    )
    .unwrap();
    let file = file.display();
    assert!(
        refusal(&format!("sqlite://{file}"))
            .await
            .contains("is not a SQLite database")
    );
    assert!(
        refusal(&format!("sqlite://{file}/x.db"))
            .await
            .contains("cannot be opened or made")
    );
    assert!(refusal("sqlite://").await.contains("path of a file"));
    assert!(
        refusal("mysql://root:hunter2@db/x")
            .await
            .contains("must begin with sqlite://")
    );

    let server = postgres();
    let wrong = refusal(&server.url("hunter2", "postgres")).await;
    assert!(
        wrong.contains("refuses the password of user countersign") && !wrong.contains("hunter2"),
        "{wrong}"
    );
    let absent = refusal(&server.url(PASSWORD, "absent")).await;
    assert!(absent.contains("has no database of that name"), "{absent}");
    // Port 1 is reserved: nothing listens there.
    let down = refusal("postgres://a:hunter2@127.0.0.1:1/x").await;
    assert!(
        down.contains("127.0.0.1:1/x cannot be reached") && !down.contains("hunter2"),
        "{down}"
    );
}
