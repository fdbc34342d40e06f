//! A PostgreSQL server of our own, from the system's packages, for as long as this test process lives.
//!
//! A small shell script starts it and waits for its standard input to close: that happens whichever way this process
//! ends, so neither a failed test nor a kill leaves a server or its folder behind.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub const USER: &str = "countersign";
pub const PASSWORD: &str = "test-only";
/// Another process may take the free port before the server does.
const ATTEMPTS: u32 = 5;

const SCRIPT: &str = r#"
dir=$(mktemp -d "${TMPDIR:-/tmp}/countersign-postgres.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
trap : INT TERM HUP
printf %s "$PASSWORD" >"$dir/password"
"$BIN/initdb" -D "$dir/data" -U "$USER_NAME" --pwfile="$dir/password" -A password -E UTF8 --locale=C --no-sync \
    >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
"$BIN/postgres" -D "$dir/data" -p "$PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$dir" \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 -c shared_buffers=32MB \
    >"$dir/log" 2>&1 </dev/null &
server=$!
while kill -0 $server 2>/dev/null; do
    if "$BIN/pg_isready" -q -h 127.0.0.1 -p "$PORT" -U "$USER_NAME"; then
        echo ready
        cat >/dev/null
        kill -QUIT $server
        wait $server
        exit 0
    fi
    sleep 0.05
done
cat "$dir/log"
exit 1
"#;

pub struct Server {
    port: u16,
    bin: PathBuf,
    databases: AtomicU32,
    /// Its standard input is what keeps the server alive.
    _script: Child,
}

/// The server of this process; started by whoever asks first.
pub fn postgres() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let bin = binaries();
        let mut said = String::new();
        for _ in 0..ATTEMPTS {
            match start(&bin) {
                Ok(server) => return server,
                Err(why) => said = why,
            }
        }
        panic!("PostgreSQL from {} did not start:\n{said}", bin.display());
    })
}

impl Server {
    /// An empty database of its own.
    pub fn fresh_database(&self) -> String {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.psql(&format!("CREATE DATABASE {name}"));
        self.url(PASSWORD, &name)
    }

    pub fn url(&self, password: &str, database: &str) -> String {
        format!("postgres://{USER}:{password}@127.0.0.1:{}/{database}", self.port)
    }

    fn psql(&self, sql: &str) {
        let out = Command::new(self.bin.join("psql"))
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
                "-U",
                USER,
                "-d",
                "postgres",
            ])
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql])
            .env("PGPASSWORD", PASSWORD)
            .output()
            .expect("psql runs");
        assert!(out.status.success(), "{sql}: {}", String::from_utf8_lossy(&out.stderr));
    }
}

/// Debian keeps the server's programs out of PATH, one folder per version; the newest is taken.
fn binaries() -> PathBuf {
    let mut folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|dir| dir.flatten().map(|v| v.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    let has_all = |dir: &&PathBuf| {
        ["initdb", "postgres", "pg_isready", "psql"]
            .iter()
            .all(|p| dir.join(p).exists())
    };
    folders.iter().find(has_all).cloned().expect(
        "these tests start a PostgreSQL server: install it (Debian: apt-get install postgresql) or put initdb and postgres into PATH",
    )
}

fn start(bin: &Path) -> Result<Server, String> {
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .map_err(|e| e.to_string())?
        .port();
    let mut command = Command::new("sh");
    command
        .args(["-c", SCRIPT])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
        .env("BIN", bin)
        .env("PORT", port.to_string())
        .env("USER_NAME", USER)
        .env("PASSWORD", PASSWORD);
    // An interrupt from the terminal goes to this process; the script ends when its input does.
    command.process_group(0);
    if id(&["-u"]) == Some(0) {
        // PostgreSQL refuses to run as root.
        let user = ["postgres", "nobody"].into_iter().find(|u| id(&["-u", u]).is_some());
        let user = user.ok_or("running as root, and there is neither a user postgres nor nobody")?;
        command
            .uid(id(&["-u", user]).unwrap_or_default())
            .gid(id(&["-g", user]).unwrap_or_default());
        command.env_remove("TMPDIR");
    }
    let mut script = command.spawn().map_err(|e| e.to_string())?;
    let mut output = BufReader::new(script.stdout.take().ok_or("no output")?)
        .lines()
        .map_while(Result::ok);
    let first = output.next().unwrap_or_default();
    if first != "ready" {
        return Err(std::iter::once(first).chain(output).collect::<Vec<_>>().join("\n"));
    }
    Ok(Server {
        port,
        bin: bin.to_owned(),
        databases: AtomicU32::new(0),
        _script: script,
    })
}

fn id(args: &[&str]) -> Option<u32> {
    let out = Command::new("id").args(args).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(out.stdout).ok()?.trim().parse().ok()
}
