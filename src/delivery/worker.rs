//! Empties the outbox. Any number of nodes may run one each on the same database.
//!
//! ```text
//!                      ┌── a while later ──┐
//!   waiting ── take ──> sending ── taken by the carrier ──> sent
//!                        │  └────── refused for good ─────> failed
//!                        └───────── out of time ──────────> expired
//! ```
//!
//! Taking a message leases it: nobody else takes it while the lease holds, and when its node dies, the lease runs
//! out and another goes on. A node that dies between handing over and noting it down leads to one repetition at
//! most: the same text, with the same code, may arrive twice. The other order would lose it instead, and somebody
//! who waits for a code is better served by two than by none.

mod on_the_way;
mod pause;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::backchannel::{self, SessionEnd};
use super::carrier::{Carrier, Carriers, Failure, Outcome, Parcel};
use super::{ending, unseal};
use crate::base::encoding::base64url;
use crate::base::{ClientId, Clock, Entropy, Seconds, Timestamp};
use crate::factors::{Channel, Message};
use crate::keys::Sealer;
use crate::model::audit::{self, AuditRecord};
use crate::model::authenticator::FOUND_BY;
use crate::storage::outbox::{OutboxRow, Queue};
use crate::storage::{self, Store, Tx};
use on_the_way::OnTheWay;
use pause::{chance, longest, pause_micros};

/// How long a taken message is ours.
pub const LEASE: Seconds = Seconds(60);
/// After this much of the lease nothing is noted down any more: somebody else may be about to take the message.
const LEASE_USABLE: Duration = Duration::from_secs(50);
/// Whatever a carrier's own limits are, this is the end.
const DELIVERY: Duration = Duration::from_secs(25);
/// Messages on their way at once, per node and queue.
const AT_ONCE: usize = 16;
/// Notices on their way to one partner at once: one that answers slowly gets no more of the room than this.
const AT_ONCE_TO_A_PARTNER: i64 = 2;
/// People and carriers set no such bound: a carrier answers for all of them.
const AT_ONCE_TO_A_PERSON: i64 = i64::MAX;
/// Messages taken before the worker looks up again.
const AT_A_STRETCH: usize = 64;
/// An idle node asks this often whether another has left something behind.
const IDLE: Duration = Duration::from_secs(5);
/// Two nodes wanted the same message: the loser steps back for about this long.
const CONTENDED: Duration = Duration::from_millis(60);
/// Pause after a failure of the database.
const DATABASE_PAUSE: Duration = Duration::from_secs(1);

pub struct Worker {
    pub store: Store,
    pub sealer: Arc<Sealer>,
    pub carriers: Carriers,
    /// Decides what is due. The sandbox moves it; sleeping is done in real time.
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    /// Rung when something was put into the outbox here. One worker listens to it.
    pub wake: Arc<Notify>,
}

/// A message that is leased to us.
struct Job {
    row: OutboxRow,
    message: Message,
    taken: Instant,
    /// Its outcome is known, and noted down or about to be.
    ended: Arc<AtomicBool>,
}

enum Take {
    /// Somebody was faster.
    Nothing,
    /// Taken and done with in one transaction.
    Settled,
    Deliver(Box<Job>),
}

impl Worker {
    /// Until `shutdown`; then what is on its way is brought to its end (seconds), and nothing new is taken.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let worker = Arc::new(self);
        let mut shutdown = pin!(shutdown);
        let mut on_the_way = OnTheWay::default();
        loop {
            let mut pause = IDLE;
            for queue in Queue::ALL {
                let again = worker.fill(queue, &mut on_the_way).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "the outbox cannot be read");
                    DATABASE_PAUSE
                });
                pause = pause.min(again);
            }
            let room = Queue::ALL.iter().any(|queue| on_the_way.has_room(*queue));
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(ended) = on_the_way.tasks.join_next_with_id() => on_the_way.ended(ended),
                () = worker.wake.notified(), if room => {}
                () = tokio::time::sleep(pause), if room => {}
            }
        }
        while let Some(ended) = on_the_way.tasks.join_next_with_id().await {
            on_the_way.ended(ended);
        }
    }

    /// Sets out with everything that is due and for which there is room; answers how long to sleep then.
    async fn fill(self: &Arc<Self>, queue: Queue, on_the_way: &mut OnTheWay) -> Result<Duration, storage::Error> {
        for _ in 0..AT_A_STRETCH {
            if !on_the_way.has_room(queue) {
                return Ok(IDLE);
            }
            let now = self.clock.now();
            // A read, so that an idle node never asks for the turn to write.
            let due = self.store.view().await?.next_due(bounded(queue), now).await?;
            match due.map(|due| due.micros().saturating_sub(now.micros())) {
                None => return Ok(IDLE),
                Some(wait) if wait > 0 => return Ok(Duration::from_micros(wait.unsigned_abs()).min(IDLE)),
                Some(_) => {}
            }
            match self.take(queue, now, on_the_way).await? {
                Take::Nothing => return Ok(self.aside()),
                Take::Settled => {}
                Take::Deliver(job) => on_the_way.set_out(Arc::clone(self), queue, job),
            }
        }
        Ok(Duration::ZERO)
    }

    /// Takes one message, and settles at once what no carrier need see. One a transaction: on PostgreSQL two nodes
    /// that each hold one row and want the other's would wait for each other.
    async fn take(&self, queue: Queue, now: Timestamp, on_the_way: &OnTheWay) -> Result<Take, storage::Error> {
        let mut tx = self.store.begin().await?;
        let Some(row) = tx.take_due(bounded(queue), now, now.plus(LEASE)).await? else {
            return Ok(Take::Nothing);
        };
        let taken = Instant::now();
        if let Some(known) = on_the_way.ids.values().find(|known| known.message == row.id) {
            if known.ended.load(Ordering::Acquire) {
                // Put off already, and its task about to go: it is looked at again in a moment.
                return Ok(Take::Nothing);
            }
            // The clock was moved past the lease of what we are delivering: it stays ours, for longer.
            tx.commit().await?;
            return Ok(Take::Settled);
        }
        let message = match unseal(&self.sealer, &row) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(id = %row.id, %error, "a message cannot be opened");
                tx.give_up(&row.id, "failed", "it cannot be opened").await?;
                tx.commit().await?;
                return Ok(Take::Settled);
            }
        };
        let ended = Arc::default();
        let job = Box::new(Job {
            row,
            message,
            taken,
            ended,
        });
        if job.row.expires_at <= now {
            self.give_up(&mut tx, &job, "expired", "its time ran out before a carrier took it")
                .await?;
        } else {
            match self.carriers.of(job.message.channel) {
                Some(Carrier::Outbox) => self.sent(&mut tx, &job, None).await?,
                Some(_) => {
                    tx.commit().await?;
                    return Ok(Take::Deliver(job));
                }
                None => {
                    self.give_up(&mut tx, &job, "failed", "no carrier takes this channel")
                        .await?
                }
            }
        }
        tx.commit().await?;
        Ok(Take::Settled)
    }

    async fn deliver(&self, job: &Job) {
        let Some(carrier) = self.carriers.of(job.message.channel) else {
            return;
        };
        let parcel = Parcel {
            id: &job.row.id,
            message: &job.message,
            now: self.clock.now(),
            created_at: job.row.created_at,
            expires_at: job.row.expires_at,
            entropy: &*self.entropy,
        };
        let outcome = tokio::time::timeout(DELIVERY, carrier.deliver(&parcel)).await;
        let outcome =
            outcome.unwrap_or_else(|_| Outcome::Failed(Failure::passing("the carrier did not answer in time")));
        job.ended.store(true, Ordering::Release);
        // Not noted down, it would be sent again: the database gets as many chances as the lease allows.
        while job.taken.elapsed() < LEASE_USABLE {
            match self.settle(job, &outcome).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(id = %job.row.id, %error, "what became of a message cannot be noted down"),
            }
            tokio::time::sleep(DATABASE_PAUSE).await;
        }
        tracing::error!(id = %job.row.id, "the lease of a message ran out: it may be sent a second time");
    }

    async fn settle(&self, job: &Job, outcome: &Outcome) -> Result<(), storage::Error> {
        let mut tx = self.store.begin().await?;
        match outcome {
            Outcome::Delivered { reference } => {
                self.sent(&mut tx, job, reference.as_deref()).await?;
                self.note_with_number(&mut tx, job, true).await?;
            }
            Outcome::Failed(failure) if failure.permanent => {
                self.give_up(&mut tx, job, "failed", &failure.why).await?;
                if failure.of_recipient {
                    self.note_with_number(&mut tx, job, false).await?;
                }
                if let Some(dead) = job.message.push.as_ref().filter(|_| failure.gone) {
                    tx.forget_push_address(&dead.hash()).await?;
                }
            }
            Outcome::Failed(failure) => self.put_off(&mut tx, job, failure).await?,
        }
        tx.commit().await
    }

    async fn sent(&self, tx: &mut Tx, job: &Job, reference: Option<&str>) -> Result<(), storage::Error> {
        if !tx.sent(&job.row.id).await? {
            lease_passed(job);
            return Ok(());
        }
        let mut record = self.record(job, true);
        if let Some(reference) = reference {
            record = record.with("carrier_reference", reference);
        }
        tx.audit(record);
        tracing::info!(id = %job.row.id, carrier = self.carrier(job), attempt = job.row.attempts, "a message was sent");
        Ok(())
    }

    /// Later, if it is any use then: a code that arrives after its time only confuses.
    async fn put_off(&self, tx: &mut Tx, job: &Job, failure: &Failure) -> Result<(), storage::Error> {
        let why = failure.why.as_str();
        let now = self.clock.now();
        let asked = now.plus(failure.retry_after.unwrap_or(Seconds(0)));
        let ours = now.micros().saturating_add(pause_micros(
            job.row.attempts,
            longest(job.message.channel),
            &*self.entropy,
        ));
        let at = asked.max(Timestamp::from_micros(ours));
        if at >= job.row.expires_at {
            let why = format!("{why}; no time is left for another try");
            return self.give_up(tx, job, "expired", &why).await;
        }
        if !tx.retry_later(&job.row.id, at, why).await? {
            lease_passed(job);
            return Ok(());
        }
        tracing::warn!(id = %job.row.id, carrier = self.carrier(job), attempt = job.row.attempts, why, "a message was not sent, another try follows");
        Ok(())
    }

    async fn give_up(&self, tx: &mut Tx, job: &Job, state: &str, why: &str) -> Result<(), storage::Error> {
        if !tx.give_up(&job.row.id, state, why).await? {
            lease_passed(job);
            return Ok(());
        }
        tx.audit(self.record(job, false).reason(why));
        tracing::warn!(id = %job.row.id, carrier = self.carrier(job), attempt = job.row.attempts, state, why, "a message was given up");
        Ok(())
    }

    /// Numbers that messages no longer reach are to be seen by their owners (S58).
    async fn note_with_number(&self, tx: &mut Tx, job: &Job, taken: bool) -> Result<(), storage::Error> {
        if !matches!(job.message.channel, Channel::Sms | Channel::Voice) {
            return Ok(());
        }
        let hashes = self.sealer.keyed_hashes(FOUND_BY, job.message.to.as_bytes());
        for hash in hashes
            .inspect_err(|error| tracing::error!(%error, "keyed hash"))
            .unwrap_or_default()
        {
            tx.note_delivery(&base64url(&hash), taken).await?;
        }
        Ok(())
    }

    fn record(&self, job: &Job, sent: bool) -> AuditRecord {
        let outcome = if sent {
            audit::Outcome::Success
        } else {
            audit::Outcome::Failure
        };
        let record = AuditRecord::new(event(job.message.channel, sent), outcome, self.clock.now())
            .with("message", job.row.id.as_str())
            .with("carrier", self.carrier(job))
            .with("attempt", job.row.attempts);
        if let Some(end) = session_end(&job.message) {
            let partner = ClientId::new(&job.message.to);
            return record
                .client(&partner)
                .subject(&end.user)
                .with("session", end.session.as_str());
        }
        match ending(&job.message) {
            Some(ending) => record.with("to_ending", ending),
            None => record,
        }
    }

    fn carrier(&self, job: &Job) -> &'static str {
        self.carriers
            .of(job.message.channel)
            .map_or("none", |carrier| carrier.name(&job.message))
    }

    /// Between a half and one and a half of `CONTENDED`, so that the same two do not meet again.
    fn aside(&self) -> Duration {
        CONTENDED / 2 + CONTENDED.mul_f64(chance(&*self.entropy))
    }
}

/// A queue, and how much of it may be under way to one recipient.
const fn bounded(queue: Queue) -> (Queue, i64) {
    match queue {
        Queue::People => (queue, AT_ONCE_TO_A_PERSON),
        Queue::Partners => (queue, AT_ONCE_TO_A_PARTNER),
    }
}

fn session_end(message: &Message) -> Option<SessionEnd> {
    (message.channel == Channel::Logout)
        .then(|| backchannel::read(&message.body))
        .flatten()
}

/// Another node has taken it up, or it was withdrawn: what became of it is theirs to say.
fn lease_passed(job: &Job) {
    tracing::warn!(id = %job.row.id, attempt = job.row.attempts, "a message is no longer ours");
}

const fn event(channel: Channel, sent: bool) -> &'static str {
    match (channel, sent) {
        (Channel::Sms, true) => "auth.sms.sent",
        (Channel::Sms, false) => "auth.sms.undelivered",
        (Channel::Voice, true) => "auth.voice.sent",
        (Channel::Voice, false) => "auth.voice.undelivered",
        (Channel::Push, true) => "auth.push.sent",
        (Channel::Push, false) => "auth.push.undelivered",
        (Channel::Ping, true) => "ciba.pinged",
        (Channel::Ping, false) => "ciba.not_pinged",
        (Channel::Email, true) => "notification.sent",
        (Channel::Email, false) => "notification.failed",
        (Channel::Logout, true) => "logout.backchannel_sent",
        (Channel::Logout, false) => "logout.backchannel_failed",
    }
}
