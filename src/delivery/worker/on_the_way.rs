//! The deliveries of one node that are under way.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::task::{Id, JoinError, JoinSet};

use super::{AT_ONCE, Job, Worker};
use crate::base::MessageId;
use crate::storage::outbox::Queue;

/// What is being delivered, by task.
#[derive(Default)]
pub(super) struct OnTheWay {
    pub(super) tasks: JoinSet<()>,
    pub(super) ids: HashMap<Id, Known>,
}

pub(super) struct Known {
    pub(super) message: MessageId,
    queue: Queue,
    pub(super) ended: Arc<AtomicBool>,
}

impl OnTheWay {
    pub(super) fn has_room(&self, queue: Queue) -> bool {
        self.ids.values().filter(|known| known.queue == queue).count() < AT_ONCE
    }

    pub(super) fn set_out(&mut self, worker: Arc<Worker>, queue: Queue, job: Box<Job>) {
        let known = Known {
            message: job.row.id.clone(),
            queue,
            ended: Arc::clone(&job.ended),
        };
        let task = self.tasks.spawn(async move { worker.deliver(&job).await });
        self.ids.insert(task.id(), known);
    }

    pub(super) fn ended(&mut self, task: Result<(Id, ()), JoinError>) {
        let task = match task {
            Ok((task, ())) => task,
            Err(error) => {
                // The error's own text may quote what was being sent.
                let panicked = error.is_panic();
                tracing::error!(panicked, "a delivery broke off; its lease will run out");
                error.id()
            }
        };
        self.ids.remove(&task);
    }
}
