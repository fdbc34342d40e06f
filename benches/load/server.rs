//! The server under load: the release binary, a folder of its own, and what /proc says of it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Result;

const BINARY: &str = env!("CARGO_BIN_EXE_countersign");
/// A start that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// Pause between attempts to connect; bounds the error of the start times.
const RETRY: Duration = Duration::from_micros(500);
/// `sysconf(_SC_CLK_TCK)` on Linux.
const TICKS_PER_SECOND: u64 = 100;
/// What goes on after a start or after load (next signing keys, idle memory given back) is over by then.
const SETTLED: Duration = Duration::from_millis(2500);

/// Configuration, keys and database of one server.
pub struct Home {
    folder: TempDir,
    pub port: u16,
}

pub struct Server {
    child: Child,
    pub port: u16,
    /// From exec to the first answer.
    pub took: Duration,
}

impl Home {
    pub fn new(database: Option<&str>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let database = database.unwrap_or("sqlite://countersign.db");
        let config = format!(
            "[server]\nissuer = \"http://localhost:{port}\"\nlisten = \"127.0.0.1:{port}\"\nworkers = 1\n\
             [database]\nurl = \"{database}\"\n[limits]\npassword_hashing = 1\n[sandbox]\nenabled = true\n\
             [log]\nlevel = \"warn\"\n"
        );
        std::fs::write(folder.path().join("countersign.toml"), config)?;
        Ok(Self { folder, port })
    }

    pub fn apply(&self, workspace: &str) -> Result<()> {
        std::fs::write(self.folder.path().join("workspace.toml"), workspace)?;
        let done = self
            .command(Command::new(BINARY), "apply")
            .arg("workspace.toml")
            .output()?;
        if done.status.success() {
            return Ok(());
        }
        Err(format!("apply failed: {}", String::from_utf8_lossy(&done.stderr)).into())
    }

    fn command(&self, mut command: Command, name: &str) -> Command {
        command
            .current_dir(self.folder.path())
            .args([name, "--config", "countersign.toml"]);
        command
    }
}

impl Server {
    pub fn start(home: &Home) -> Result<Self> {
        let log = std::fs::File::create(home.folder.path().join("server.log"))?;
        let mut command = home.command(on_its_core(Path::new(BINARY)), "serve");
        let begin = Instant::now();
        let child = command.stdout(Stdio::null()).stderr(log).spawn()?;
        let mut server = Self {
            child,
            port: home.port,
            took: Duration::ZERO,
        };
        while !alive(server.port) {
            if begin.elapsed() > PATIENCE || server.child.try_wait()?.is_some() {
                let log = std::fs::read_to_string(home.folder.path().join("server.log"))?;
                return Err(format!("the server did not start: {log}").into());
            }
            std::thread::sleep(RETRY);
        }
        server.took = begin.elapsed();
        Ok(server)
    }

    /// Waits until what follows a start or a burst is over.
    #[must_use]
    pub fn settle(self) -> Self {
        std::thread::sleep(SETTLED);
        self
    }

    /// User and system time so far.
    pub fn cpu(&self) -> Result<Duration> {
        let stat = self.proc("stat")?;
        // proc(5): the name in parentheses may hold spaces; utime and stime are the 12th and 13th field after it.
        let after = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        let ticks = after.split(' ').skip(11).take(2).map(str::parse::<u64>);
        let total = ticks.sum::<std::result::Result<u64, _>>()?;
        Ok(Duration::from_millis(total * 1000 / TICKS_PER_SECOND))
    }

    /// VmRSS in MiB.
    pub fn resident(&self) -> Result<f64> {
        let status = self.proc("status")?;
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or_default();
        let kib: f64 = line.split_whitespace().nth(1).unwrap_or_default().parse()?;
        Ok(kib / 1024.0)
    }

    fn proc(&self, file: &str) -> Result<String> {
        Ok(std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id()))?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn alive(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        Ok(answer == *b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

fn cores() -> usize {
    // Not `available_parallelism`: it says 1 once this process is pinned.
    std::fs::read_to_string("/proc/cpuinfo").map_or(1, |text| text.matches("processor\t").count())
}

pub fn can_pin() -> bool {
    cores() > 1 && Command::new("taskset").arg("--version").output().is_ok()
}

/// A program on the first core: taskset becomes it, so that the process is the program's.
pub fn on_its_core(program: &Path) -> Command {
    if !can_pin() {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(program);
    command
}

/// Out of the server's way.
pub fn pin_this_process() {
    if can_pin() {
        let (last, me) = ((cores() - 1).to_string(), std::process::id().to_string());
        let _ = Command::new("taskset").args(["-pc", &last, &me]).output();
    }
}
