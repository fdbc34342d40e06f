//! The load run: how fast the real binary answers on one core, and what of the core each request takes.
//!
//! `cargo bench --bench load` (`-- --quick` for a short one). Loopback only, bounded in time, stops by itself.
//! The server is pinned to the first core and this program to the last, if there is `taskset` and a second core.

mod http;
mod measure;
mod partner;
mod report;
mod server;

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use measure::{Measured, Run};
use partner::{Lane, Site};
use server::{Home, Server};

/// Connections that ask at the same time, each kept alive.
const CONNECTIONS: usize = 64;
/// Sessions made by real sign-ins before anything is measured.
const SESSIONS: usize = 8;
/// An empty PostgreSQL database to run on as well.
const POSTGRES: &str = "COUNTERSIGN_BENCH_POSTGRES";
/// Says that this process is the one that only hashes.
const HASH_ONLY: &str = "--argon2id";

pub type Problem = Box<dyn std::error::Error>;
pub type Result<T, E = Problem> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| args.iter().any(|a| a == name);
    let quick = has("--quick");
    let done = if has(HASH_ONLY) {
        hash_only(length(quick));
        Ok(())
    } else if has("--bench") {
        run(quick)
    } else {
        println!("this is a benchmark: cargo bench --bench load");
        Ok(())
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("load: {problem}");
            ExitCode::FAILURE
        }
    }
}

const fn length(quick: bool) -> Duration {
    Duration::from_millis(if quick { 1000 } else { 5000 })
}

fn run(quick: bool) -> Result<()> {
    server::pin_this_process();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    report::machine();
    starts(if quick { 2 } else { 5 })?;
    runtime.block_on(load("SQLite", &Home::new(None)?, length(quick)))?;
    match std::env::var(POSTGRES) {
        Ok(url) => runtime.block_on(load("PostgreSQL", &Home::new(Some(&url))?, length(quick))),
        Err(_) => {
            println!("\nPostgreSQL: not measured; give an empty database in {POSTGRES}");
            Ok(())
        }
    }
}

/// From exec to the first answer; medians.
fn starts(times: usize) -> Result<()> {
    let (mut first, mut warm) = (Vec::new(), Vec::new());
    for _ in 0..times {
        let home = Home::new(None)?;
        first.push(Server::start(&home)?.took);
        // The next signing keys are made after the first answer; a warm start finds them there.
        let _ = Server::start(&home)?.settle();
        warm.push(Server::start(&home)?.took);
    }
    report::starts(&mut first, &mut warm);
    Ok(())
}

async fn load(database: &str, home: &Home, length: Duration) -> Result<()> {
    drop(Server::start(home)?.settle());
    home.apply(&partner::workspace(SESSIONS))?;
    let server = Server::start(home)?.settle();
    let idle = server.resident()?;
    let bare = bare_argon2id()?;
    let site = Site::new(server.port);
    let run = Run {
        server: &server,
        length,
    };
    let mut lanes = Vec::new();
    for n in 0..CONNECTIONS {
        lanes.push(Lane::open(&site, n % SESSIONS).await?);
    }
    let sessions = sessions(&mut lanes).await?;
    for (n, lane) in lanes.iter_mut().enumerate() {
        lane.session.clone_from(&sessions[n % SESSIONS]);
    }
    let mut rows: Vec<Measured> = Vec::new();
    let (lanes, row) = run.flow("GET /authorize, session", lanes, Lane::authorize).await?;
    rows.push(row);
    let (lanes, row) = run.flow("code exchange", lanes, Lane::exchange).await?;
    rows.push(row);
    let (lanes, row) = run.flow("refresh", lanes, Lane::refresh).await?;
    rows.push(row);
    let (lanes, row) = run.flow("userinfo", lanes, Lane::userinfo).await?;
    rows.push(row);
    let (_, row) = run.flow("sign-in with password", lanes, Lane::sign_in).await?;
    rows.push(row);
    let after = server.resident()?;
    report::flows(database, &rows, bare);
    report::memory(idle, after, server.settle().resident()?);
    Ok(())
}

async fn sessions(lanes: &mut [Lane]) -> Result<Vec<String>> {
    let mut sessions = Vec::new();
    for lane in lanes.iter_mut().take(SESSIONS) {
        lane.sign_in().await?;
        sessions.push(lane.session.clone());
    }
    Ok(sessions)
}

/// Verifications per second where the server runs, while it rests.
fn bare_argon2id() -> Result<f64> {
    let me = std::env::current_exe()?;
    let mut command: Command = server::on_its_core(&me);
    let output = command.arg(HASH_ONLY).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

fn hash_only(length: Duration) {
    let (begin, mut count) = (Instant::now(), 0.0);
    while begin.elapsed() < length {
        countersign::factors::password::pretend("correct horse battery staple");
        count += 1.0;
    }
    println!("{}", count / begin.elapsed().as_secs_f64());
}
