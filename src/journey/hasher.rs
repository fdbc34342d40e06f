//! Slow verifications off the event loop, a bounded number at once, first come first served.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many may wait before newcomers are told to come back: at 15 ms each, about four seconds of queue.
const LONGEST_QUEUE: usize = 256;
/// How many of them from one address: a clinic behind one address may be busy, but not alone in the world.
const FROM_ONE_ADDRESS: usize = LONGEST_QUEUE / 2;

/// Bounds Argon2 to the machine's cores, so that everything else stays quick while sign-ins wait.
#[derive(Clone, Debug)]
pub struct Hasher {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    addresses: Arc<Mutex<HashMap<String, usize>>>,
}

/// The right to run one verification. Held until its result is written: what is in flight beyond the
/// failure limit is never more than the number of permits.
pub struct Turn {
    _running: OwnedSemaphorePermit,
    _place: Place,
}

/// A place in the queue; given back when dropped.
struct Place {
    _waiting: OwnedSemaphorePermit,
    address: String,
    addresses: Arc<Mutex<HashMap<String, usize>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = all.get_mut(&self.address) {
            *n -= 1;
            if *n == 0 {
                all.remove(&self.address);
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many sign-ins at once")]
pub struct Busy;

impl Hasher {
    pub fn new(at_once: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(at_once.max(1))),
            waiting: Arc::new(Semaphore::new(LONGEST_QUEUE)),
            addresses: Arc::default(),
        }
    }

    /// Waits for a turn; semaphores are fair.
    pub async fn turn(&self, address: Option<&str>) -> Result<Turn, Busy> {
        let place = self.place(address.unwrap_or_default())?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Busy)?;
        Ok(Turn {
            _running: running,
            _place: place,
        })
    }

    fn place(&self, address: &str) -> Result<Place, Busy> {
        let waiting = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| Busy)?;
        let mut all = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let n = all.entry(address.to_owned()).or_default();
        if *n >= FROM_ONE_ADDRESS {
            return Err(Busy);
        }
        *n += 1;
        Ok(Place {
            _waiting: waiting,
            address: address.to_owned(),
            addresses: Arc::clone(&self.addresses),
        })
    }

    /// Runs the work on a blocking thread. The turn goes with it: a visitor who hangs up does not make room
    /// for the next while the work still runs.
    pub async fn run<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<(T, Turn), Busy> {
        tokio::task::spawn_blocking(move || (work(), turn))
            .await
            .map_err(|_| Busy)
    }

    /// Is nobody being verified now?
    pub fn idle(&self) -> bool {
        self.waiting.available_permits() == LONGEST_QUEUE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_address_cannot_take_every_place() {
        let hasher = Hasher::new(1);
        let places: Vec<_> = (0..FROM_ONE_ADDRESS)
            .map(|_| hasher.place("10.0.0.1").unwrap())
            .collect();
        assert!(hasher.place("10.0.0.1").is_err());
        assert!(hasher.place("10.0.0.2").is_ok());
        drop(places);
        assert!(hasher.place("10.0.0.1").is_ok());
        assert!(hasher.idle());
    }
}
