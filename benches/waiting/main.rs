//! From the phone's answer to the browser, while thousands of other pages wait: `cargo bench --bench waiting`.
//!
//! Drives the real binary over HTTP on loopback, and stops by itself. The server is pinned to the first core and this
//! program to the last, if there is `taskset` and a second core.

mod crowd;
#[path = "../load/http.rs"]
mod http;
mod person;
#[expect(dead_code, reason = "the load run looks at CPU time and starts as well")]
#[path = "../load/server.rs"]
mod server;

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::time::Duration;

use crowd::Crowd;
use person::Person;
use server::{Home, Server};

/// Pages that wait beside the one that is looked at, each of a browser of its own.
const PAGES: usize = 2_000;
/// People with a phone; each answers in turn.
const PEOPLE: usize = 8;
/// Answers that are timed.
const ANSWERS: usize = 240;
/// Not timed: whatever is made at first use is made by then.
const WARM_UP: usize = 24;
/// Files that both processes have open, and some.
const FILES: usize = PAGES + 500;
/// An empty PostgreSQL database to run on as well.
const POSTGRES: &str = "COUNTERSIGN_BENCH_POSTGRES";

pub type Problem = Box<dyn std::error::Error>;
pub type Result<T, E = Problem> = std::result::Result<T, E>;

fn main() -> ExitCode {
    if !std::env::args().any(|a| a == "--bench") {
        println!("this is a benchmark: cargo bench --bench waiting");
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("waiting: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    enough_files()?;
    server::pin_this_process();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load before the run {}", load.split(' ').next().unwrap_or_default());
    println!(
        "| database | other pages | answers | p50 ms | p95 ms | max ms | resident before, with, MiB | KiB a page |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    runtime.block_on(measure("SQLite", &Home::new(None)?))?;
    match std::env::var(POSTGRES) {
        Ok(url) => runtime.block_on(measure("PostgreSQL", &Home::new(Some(&url))?)),
        Err(_) => {
            println!("\nPostgreSQL: not measured; give an empty database in {POSTGRES}");
            Ok(())
        }
    }
}

/// The limit of open files is the shell's to raise: this program starts itself anew from one that has.
fn enough_files() -> Result<()> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find(|l| l.starts_with("Max open files"));
    let soft = line
        .and_then(|l| l.split_whitespace().nth(3))
        .and_then(|n| n.parse::<usize>().ok());
    if soft.is_none_or(|soft| soft >= FILES) {
        return Ok(());
    }
    let raised = format!("ulimit -n {FILES} && exec \"$0\" \"$@\"");
    let me = std::env::current_exe()?;
    let args = std::env::args_os().skip(1);
    Err(Command::new("sh")
        .args(["-c", &raised])
        .arg(me)
        .args(args)
        .exec()
        .into())
}

async fn measure(database: &str, home: &Home) -> Result<()> {
    drop(Server::start(home)?.settle());
    home.apply(&person::workspace(PEOPLE, home.port))?;
    let server = Server::start(home)?;
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        people.push(Person::with_a_phone(server.port, n).await?);
    }
    answers(&people, WARM_UP).await?;
    let alone = answers(&people, ANSWERS).await?;
    // The rows are there before the first look at the memory: what is measured is the waiting.
    let tickets = crowd::begun(server.port, PAGES).await?;
    let server = server.settle();
    let before = server.resident()?;
    row(database, 0, alone, None);
    let crowd = Crowd::waits(server.port, &tickets).await?;
    let server = server.settle();
    let with = server.resident()?;
    let latencies = answers(&people, ANSWERS).await?;
    row(database, PAGES, latencies, Some((before, with)));
    crowd.still_waits()
}

/// One after the other, each in a sign-in of its own; ascending.
async fn answers(people: &[Person], count: usize) -> Result<Vec<Duration>> {
    let mut took = Vec::with_capacity(count);
    for n in 0..count {
        took.push(people[n % people.len()].signs_in().await?);
    }
    took.sort_unstable();
    Ok(took)
}

fn row(database: &str, pages: usize, took: Vec<Duration>, memory: Option<(f64, f64)>) {
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    let (resident, each) = memory.map_or_else(Default::default, |(before, with)| {
        let each = (with - before) * 1024.0 / PAGES as f64;
        (format!("{before:.1}, {with:.1}"), format!("{each:.1}"))
    });
    println!(
        "| {database} | {pages} | {} | {:.1} | {:.1} | {:.1} | {resident} | {each} |",
        took.len(),
        at(50),
        at(95),
        at(100)
    );
}
