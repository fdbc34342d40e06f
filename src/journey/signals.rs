//! Who waits for what: a page for the answer of a phone, a phone for its next request.
//!
//! Each wait is a key in memory: no thread, no query until it is rung. What happened is in the database; a ring only says
//! that looking is worth it. Across nodes the rings travel by PostgreSQL's NOTIFY (`storage::Announcements`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::base::AuthorizationId;

/// What can be waited for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// Something has happened on a phone that bears on this sign-in.
    pub fn sign_in(id: &AuthorizationId) -> Self {
        Self(format!("sign-in {id}"))
    }

    /// What waits on this device has changed.
    pub fn device(id: &str) -> Self {
        Self(format!("device {id}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, Default)]
pub struct Signals {
    waiting: Arc<Mutex<HashMap<String, watch::Sender<()>>>>,
}

/// A place in the waiting room; left when dropped.
pub struct Wait {
    key: String,
    rings: watch::Receiver<()>,
    of: Signals,
}

impl Signals {
    /// From now on no ring is missed: look at the database after this, then wait.
    pub fn wait(&self, key: Key) -> Wait {
        let rings = self.locked(|map| map.entry(key.0.clone()).or_default().subscribe());
        Wait {
            key: key.0,
            rings,
            of: self.clone(),
        }
    }

    /// How many wait for this.
    pub fn crowd(&self, key: &Key) -> usize {
        self.locked(|map| map.get(&key.0).map_or(0, watch::Sender::receiver_count))
    }

    pub fn ring(&self, key: &str) {
        self.locked(|map| {
            if let Some(bell) = map.get(key) {
                bell.send_replace(());
            }
        });
    }

    /// Everybody looks: rings may have been missed.
    pub fn ring_all(&self) {
        self.locked(|map| map.values().for_each(|bell| bell.send_replace(())));
    }

    /// How many keys are waited for.
    pub fn len(&self) -> usize {
        self.locked(|map| map.len())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn locked<T>(&self, act: impl FnOnce(&mut HashMap<String, watch::Sender<()>>) -> T) -> T {
        act(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Wait {
    /// Until the next ring after this place was taken, or after the last one that was heard.
    pub async fn rung(&mut self) {
        // The bell is removed only with its last listener, so it cannot be gone.
        let _ = self.rings.changed().await;
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.of.locked(|map| {
            // This place still counts while it is being dropped.
            if map.get(&self.key).is_some_and(|bell| bell.receiver_count() <= 1) {
                map.remove(&self.key);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ring_between_looking_and_waiting_is_not_missed_and_the_room_is_left_empty() {
        let signals = Signals::default();
        let mut first = signals.wait(Key::device("a"));
        let second = signals.wait(Key::device("a"));
        let other = signals.wait(Key::device("b"));
        assert_eq!(signals.crowd(&Key::device("a")), 2);
        signals.ring(Key::device("a").as_str());
        first.rung().await;
        drop(second);
        signals.ring(Key::device("a").as_str());
        first.rung().await;
        drop((first, other));
        assert!(signals.is_empty());
    }
}
