//! Somebody else who changes the same account in this very moment. On PostgreSQL: SQLite has one writer at a time.

use std::time::Duration;

use countersign::base::Timestamp;
use countersign::model::User;
use countersign::model::throttle::ThrottleKey;
use countersign::storage::{Store, Tx};

use crate::harness::Files;
use crate::storage_door::int;

/// What the rival writes down: since when the account may sign nothing.
pub const SINCE: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);
/// Looks before giving up, `PAUSE` apart.
const LOOKS: u32 = 1_000;
const PAUSE: Duration = Duration::from_millis(20);

/// Holds the account, as every change of it does, and has changed it; not committed yet.
pub struct Rival {
    store: Store,
    tx: Tx,
}

impl Rival {
    pub async fn withholds_signing(files: &Files, username: &str) -> Self {
        let store = Store::open(&files.database).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let mut user = tx.user_by_name(username).await.unwrap().unwrap();
        let key = ThrottleKey::account(&user.id);
        tx.hold_throttle(&key, user.updated_at).await.unwrap();
        user.standing.signing_withheld_at = Some(SINCE);
        assert!(tx.save_user(&user).await.unwrap());
        Self { store, tx }
    }

    /// Commits once somebody waits for it.
    pub async fn lets_go_when_waited_for(self) {
        const WAITING: &str = "SELECT COUNT(*) AS n FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        for _ in 0..LOOKS {
            if int(&mut self.store.view().await.unwrap(), WAITING).await > 0 {
                return self.tx.commit().await.unwrap();
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("nobody waits for the account");
    }
}

pub async fn person(files: &Files, username: &str) -> User {
    let store = Store::open(&files.database).await.unwrap();
    let mut view = store.view().await.unwrap();
    view.user_by_name(username).await.unwrap().unwrap()
}
