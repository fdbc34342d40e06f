//! Taking from the outbox: two queues that do not see each other, and recipients that have enough under way.

use countersign::base::{MessageId, Seconds, Timestamp};
use countersign::storage::Store;
use countersign::storage::outbox::{OutboxRow, Queue};

use crate::postgres::postgres;
use crate::storage_door::{on_both, sqlite_in};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const LEASE: Seconds = Seconds(60);

async fn put(store: &Store, id: &str, recipient: &str, queue: Queue, at: Timestamp) {
    let row = OutboxRow {
        id: MessageId::new(id),
        channel: "logout".to_owned(),
        recipient: recipient.to_owned(),
        sealed: Vec::new(),
        state: "waiting".to_owned(),
        attempts: 0,
        created_at: at,
        expires_at: NOW.plus(Seconds::hours(1)),
    };
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&row, queue).await.unwrap();
    tx.commit().await.unwrap();
}

async fn take(store: &Store, queue: Queue, at_once: i64, now: Timestamp) -> Option<String> {
    let mut tx = store.begin().await.unwrap();
    let due = tx.next_due((queue, at_once), now).await.unwrap();
    let taken = tx.take_due((queue, at_once), now, now.plus(LEASE)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        due.is_some_and(|due| due <= now),
        taken.is_some(),
        "what is due can be taken"
    );
    taken.map(|row| row.id.to_string())
}

on_both!(whoever_has_enough_under_way_is_passed_over, |url| async {
    let store = Store::open(&url).await.unwrap();
    for (n, id) in ["a", "b", "c"].into_iter().enumerate() {
        put(&store, id, "slow", Queue::Partners, NOW.minus(Seconds(10 - n as i64))).await;
    }
    put(&store, "d", "quick", Queue::Partners, NOW.minus(Seconds(1))).await;
    put(&store, "e", "slow", Queue::People, NOW).await;
    assert_eq!(take(&store, Queue::People, i64::MAX, NOW).await.as_deref(), Some("e"));
    let mut taken = Vec::new();
    while let Some(id) = take(&store, Queue::Partners, 2, NOW).await {
        taken.push(id);
    }
    assert_eq!(taken, ["a", "b", "d"]);
    // One of them has been answered.
    let mut tx = store.begin().await.unwrap();
    assert!(tx.sent(&MessageId::new("a")).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(take(&store, Queue::Partners, 2, NOW).await.as_deref(), Some("c"));
    assert_eq!(take(&store, Queue::Partners, 2, NOW).await, None);
    // A node has died with what it had: its leases run out.
    let later = NOW.plus(Seconds(61));
    assert!(take(&store, Queue::Partners, 2, later).await.is_some());
});
