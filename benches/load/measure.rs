//! Many lanes at once for a bounded time: how many, how long each, and the server's CPU time.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;

use crate::Result;
use crate::server::Server;

pub struct Run<'a> {
    pub server: &'a Server,
    pub length: Duration,
}

pub struct Measured {
    pub name: &'static str,
    pub count: usize,
    pub wall: Duration,
    /// The server's, user and system.
    pub cpu: Duration,
    /// Ascending.
    latencies: Vec<Duration>,
}

impl Run<'_> {
    /// Each lane asks, waits for the answer, and asks again until the time is over or it has nothing left.
    pub async fn flow<L>(
        &self,
        name: &'static str,
        lanes: Vec<L>,
        step: impl AsyncFn(&mut L) -> Result<bool>,
    ) -> Result<(Vec<L>, Measured)> {
        let (step, begin, before) = (&step, Instant::now(), self.server.cpu()?);
        let deadline = begin + self.length;
        let ways = lanes.into_iter().map(async |mut lane| {
            let mut took = Vec::new();
            while Instant::now() < deadline {
                let asked = Instant::now();
                if !step(&mut lane).await? {
                    break;
                }
                took.push(asked.elapsed());
            }
            Ok::<_, crate::Problem>((lane, took))
        });
        let done = try_join_all(ways).await?;
        let (wall, cpu) = (begin.elapsed(), self.server.cpu()?.saturating_sub(before));
        let (lanes, took): (Vec<L>, Vec<_>) = done.into_iter().unzip();
        let mut latencies: Vec<Duration> = took.into_iter().flatten().collect();
        latencies.sort_unstable();
        let measured = Measured {
            name,
            count: latencies.len(),
            wall,
            cpu,
            latencies,
        };
        Ok((lanes, measured))
    }
}

impl Measured {
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.wall.as_secs_f64()
    }

    pub fn cpu_each(&self) -> Duration {
        self.cpu / u32::try_from(self.count.max(1)).unwrap_or(u32::MAX)
    }

    /// `percent` of the requests were answered in this time.
    pub fn percentile(&self, percent: usize) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        let at = (self.latencies.len() * percent / 100).min(last);
        self.latencies.get(at).copied().unwrap_or_default()
    }
}
