//! Server-sent events (HTML Living Standard §9.2): a state, at once and whenever it has changed.
//!
//! A connection that waits holds a key in memory and a timer; nothing is asked until it is rung.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;

use crate::journey::signals::Wait;

/// Proxies cut connections that are silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(25);
/// A connection ends after this; browsers and apps begin another by themselves.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Milliseconds until a browser that was cut off tries again.
const RETRY: u32 = 2_000;

type Look = Box<dyn FnMut() -> Pin<Box<dyn Future<Output = Option<String>>>>>;

/// What somebody listens to.
pub struct Live {
    place: Wait,
    /// As it was told last; `None`: nothing was told yet.
    told: Option<String>,
    first: Option<String>,
    event: &'static str,
    look: Look,
    ends: tokio::time::Instant,
}

impl Live {
    /// `first`: as it is now, seen after `place` was taken. `look` answers `None` when there is nothing more to tell.
    pub fn new<F, T>(place: Wait, first: String, event: &'static str, mut look: F) -> Self
    where
        F: FnMut() -> T + 'static,
        T: Future<Output = Option<String>> + 'static,
    {
        Self {
            place,
            told: None,
            first: Some(first),
            event,
            look: Box::new(move || Box::pin(look())),
            ends: tokio::time::Instant::now() + LONGEST,
        }
    }

    async fn next(mut self) -> Option<(Bytes, Self)> {
        if let Some(first) = self.first.take() {
            let text = format!("retry: {RETRY}\n{}", event(self.event, &first));
            self.told = Some(first);
            return Some((Bytes::from(text), self));
        }
        loop {
            let beat = tokio::time::Instant::now() + HEARTBEAT;
            tokio::select! {
                () = self.place.rung() => {}
                () = tokio::time::sleep_until(self.ends.min(beat)) => {
                    if tokio::time::Instant::now() >= self.ends {
                        return None;
                    }
                    return Some((Bytes::from_static(b":\n\n"), self));
                }
            }
            let now = (self.look)().await?;
            if self.told.as_ref() != Some(&now) {
                let text = event(self.event, &now);
                self.told = Some(now);
                return Some((Bytes::from(text), self));
            }
        }
    }
}

/// `data` is one line: JSON or a word.
fn event(name: &str, data: &str) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

pub fn wants_events(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT);
    accept
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.contains("text/event-stream"))
}

pub fn stream(live: Live) -> HttpResponse {
    let events = stream::unfold(live, |live| async move {
        let (bytes, live) = live.next().await?;
        Some((Ok::<_, actix_web::Error>(bytes), live))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // nginx would gather events before it passes them on.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(events)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use futures_util::FutureExt;

    use super::*;
    use crate::journey::signals::{Key, Signals};

    #[tokio::test]
    async fn of_three_hundred_that_wait_nobody_looks_until_rung_and_then_only_the_one_that_was() {
        let (signals, looks) = (Signals::default(), Rc::new(Cell::new(0)));
        let mut waiting = Vec::new();
        for n in 0..300 {
            let looks = Rc::clone(&looks);
            let place = signals.wait(Key::device(&n.to_string()));
            let live = Live::new(place, "before".to_owned(), "state", move || {
                looks.set(looks.get() + 1);
                async { Some("after".to_owned()) }
            });
            let (first, live) = live.next().await.unwrap();
            assert_eq!(first, "retry: 2000\nevent: state\ndata: before\n\n");
            waiting.push(Box::pin(live.next()));
        }
        assert!(waiting.iter_mut().all(|w| w.now_or_never().is_none()));
        assert_eq!(looks.get(), 0);
        signals.ring(Key::device("7").as_str());
        let told: Vec<usize> = (0..300)
            .filter(|n| waiting[*n].as_mut().now_or_never().is_some())
            .collect();
        assert_eq!((told, looks.get()), (vec![7], 1));
        drop(waiting);
        assert!(signals.is_empty(), "whoever is gone leaves nothing behind");
    }
}
