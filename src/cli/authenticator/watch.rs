//! `authenticator watch`: each request as it comes. Listens; where that does not work it asks every few seconds.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;

use super::desk::{Desk, Seat};
use super::message::{Requests, Waiting};
use super::safe::safe_json;
use super::show;
use super::sse::Reader;
use super::trouble::Trouble;
use crate::cli::Failure;

/// Between two looks, and before listening anew.
const POLL: Duration = Duration::from_secs(5);
/// The server sends a comment every 25 s; after twice as long without one the connection is dead.
const SILENCE: Duration = Duration::from_secs(55);

pub async fn watch(desk: &Desk, account: Option<&str>) -> Result<(), Failure> {
    let seats = desk.seats(account)?;
    if seats.is_empty() {
        return Err(Failure::new(
            "no account is paired; see countersign authenticator pair --help",
        ));
    }
    if !desk.json {
        println!("Watching; Ctrl-C ends it.");
    }
    let all = join_all(seats.iter().map(|seat| async move {
        let trouble = follow(desk, seat).await;
        eprintln!("{}: {trouble}", show::account(&seat.account));
    }));
    tokio::select! {
        _ = all => Err(Failure::new("no account is left to watch")),
        pressed = tokio::signal::ctrl_c() => Ok(pressed?),
    }
}

/// Until this account cannot be watched any more; why.
async fn follow(desk: &Desk, seat: &Seat) -> Trouble {
    let mut seen = BTreeSet::new();
    let mut quiet = false;
    loop {
        let listened = listen(desk, seat, &mut seen).await;
        let polled = match listened {
            Err(trouble) if for_good(&trouble) => return trouble,
            _ => seat.phone.requests().await,
        };
        // Not the end of watching: it is only remembered for the next time.
        let _ = desk.remember(seat, None);
        match polled {
            Ok(list) => {
                show_new(desk, seat, list, &mut seen).await;
                quiet = false;
            }
            Err(trouble) if for_good(&trouble) => return trouble,
            // Once, not every five seconds.
            Err(trouble) if !quiet => {
                eprintln!("{}: {trouble}; trying on", show::account(&seat.account));
                quiet = true;
            }
            Err(_) => {}
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Trying again will not help.
fn for_good(trouble: &Trouble) -> bool {
    ["unregistered", "invalid_signature", "clock_skew", "app_too_old"]
        .iter()
        .any(|e| trouble.is(e))
}

/// Until the stream ends.
async fn listen(desk: &Desk, seat: &Seat, seen: &mut BTreeSet<String>) -> Result<(), Trouble> {
    let client = &seat.phone.client;
    let mut stream = seat.phone.events().await?;
    let mut reader = Reader::default();
    loop {
        let piece = tokio::time::timeout(SILENCE, stream.chunk()).await;
        let piece = piece
            .map_err(|_| client.silent())?
            .map_err(|e| client.unreachable(&e))?;
        let Some(piece) = piece else { return Ok(()) };
        let events = reader
            .feed(&piece)
            .map_err(|_| client.odd("an event is longer than any may be"))?;
        for event in events.iter().filter(|e| e.name == "requests") {
            show_new(desk, seat, client.read(event.data.as_bytes())?, seen).await;
        }
    }
}

async fn show_new(desk: &Desk, seat: &Seat, list: Requests, seen: &mut BTreeSet<String>) {
    // What waits no longer never comes back.
    seen.retain(|id| list.requests.iter().any(|w| w.id == *id));
    // The list has the newest first; people read downwards.
    for waiting in list.requests.iter().rev() {
        if seen.insert(waiting.id.clone()) {
            show_one(desk, seat, waiting).await;
        }
    }
}

async fn show_one(desk: &Desk, seat: &Seat, waiting: &Waiting) {
    match seat.phone.open(&waiting.id).await {
        Ok(asked) if desk.json => println!("{}", safe_json(&show::request_json(&asked, &seat.account).to_string())),
        Ok(asked) => println!("{}\n", show::request(&asked)),
        // Answered or over in the meantime.
        Err(trouble) => eprintln!("{}: {trouble}", show::account(&seat.account)),
    }
}
