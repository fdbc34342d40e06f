//! A folder with what the program needs: a configuration, a database, keys.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::postgres::postgres;
use crate::workspace;

const BIN: &str = env!("CARGO_BIN_EXE_countersign");

/// Ends the server when its standard input closes, which happens whichever way the test process ends.
const KEEPER: &str = r#"
exec 3<&0
"$@" 3<&- </dev/null &
pid=$!
{ cat <&3 >/dev/null; kill -KILL $pid; } >/dev/null 2>&1 &
exec 3<&-
wait $pid
"#;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// A folder with a configuration, a database and keys.
pub struct Files {
    folder: TempDir,
    pub database: String,
    /// More of the configuration.
    pub more: &'static str,
    /// More of its `[server]`.
    pub server: String,
    /// The path of the issuer; mostly empty.
    pub below: &'static str,
}

impl Files {
    /// An empty folder and an empty database, configured for any free port.
    pub fn empty(database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match database {
            Database::Sqlite => format!("sqlite://{}/data/countersign.db", folder.path().display()),
            Database::Postgres => postgres().fresh_database(),
        };
        let files = Self {
            folder,
            database: url,
            more: "",
            server: String::new(),
            below: "",
        };
        files.configure(0);
        files
    }

    /// The same with the tests' workspace in it. On SQLite a copy of what was made once.
    pub fn with_workspace(database: Database) -> Self {
        let files = Self::empty(database);
        match database {
            Database::Sqlite => template().iter().for_each(|(path, bytes)| files.put(path, bytes)),
            Database::Postgres => files.apply_workspace(),
        }
        files
    }

    /// Another node's: the same database and master key, a configuration of its own.
    pub fn of_another_node(&self) -> Self {
        let other = Self {
            folder: tempfile::tempdir().unwrap(),
            database: self.database.clone(),
            more: self.more,
            server: self.server.clone(),
            below: self.below,
        };
        let key = std::fs::read_to_string(self.path("keys/master.key")).unwrap();
        other.write("keys/master.key", &key);
        other.configure(0);
        other
    }

    fn apply_workspace(&self) {
        self.write("workspace.toml", &workspace::text());
        self.run_ok(&["apply", "workspace.toml"]);
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        self.put(Path::new(name), text.as_bytes());
    }

    fn put(&self, name: &Path, bytes: &[u8]) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    }

    /// Port 0: whichever is free.
    pub fn configure(&self, port: u16) {
        let (named, below) = (port.max(1), self.below);
        let text = format!(
            "[server]\nissuer = \"http://localhost:{named}{below}\"\nlisten = \"127.0.0.1:{port}\"\nworkers = 2\n{}\
             [database]\nurl = \"{}\"\n[keys]\ndir = \"keys\"\n[sandbox]\nenabled = true\n\
             [delivery.sms]\ntransport = \"outbox\"\n[delivery.voice]\ntransport = \"outbox\"\n\
             [log]\nlevel = \"info,countersign=trace,sqlx=debug,actix_web=debug,actix_http=debug\"\n{}",
            self.server, self.database, self.more
        );
        self.write("countersign.toml", &text);
    }

    pub fn keeper(&self) -> Child {
        let log = std::fs::File::create(self.path("log")).unwrap();
        let mut command = self.clean(Command::new("sh"));
        command.args(["-c", KEEPER, "sh", BIN, "serve", "--config", "countersign.toml"]);
        command
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        command.spawn().unwrap()
    }

    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.path("log")).unwrap_or_default()).into_owned()
    }

    fn clean(&self, mut command: Command) -> Command {
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("COUNTERSIGN_")) {
            command.env_remove(name);
        }
        command.current_dir(self.folder.path());
        command
    }

    /// The program, in this folder, with this folder's configuration.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.clean(Command::new(BIN));
        command.args(arguments).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command that has to succeed prints.
    pub fn run_ok(&self, arguments: &[&str]) -> String {
        let out = self.run(arguments);
        assert!(
            out.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&out.stderr)
        );
        String::from_utf8(out.stdout).unwrap()
    }

    /// What a command that has to fail with exit code 1 says: one line.
    pub fn run_fails(&self, arguments: &[&str]) -> String {
        failure(&self.run(arguments), arguments)
    }
}

/// One clear sentence and exit code 1.
pub fn failure(out: &Output, what: &[&str]) -> String {
    let said = String::from_utf8_lossy(&out.stderr);
    // Lines of the log begin with a date.
    let lines: Vec<&str> = said.lines().filter(|l| !l.starts_with("20")).collect();
    let said = lines.join("\n").trim().to_owned();
    assert_eq!(out.status.code(), Some(1), "{what:?}: {said}");
    assert_eq!(said.lines().count(), 1, "{what:?} says more than one sentence:\n{said}");
    assert!(said.starts_with("countersign: "), "{what:?}: {said}");
    said
}

/// The files of a folder with the workspace applied, made once for all tests.
fn template() -> &'static BTreeMap<PathBuf, Vec<u8>> {
    static TEMPLATE: OnceLock<BTreeMap<PathBuf, Vec<u8>>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let files = Files::empty(Database::Sqlite);
        files.apply_workspace();
        let folders = ["data", "keys"].map(|name| files.path(name));
        let entries = folders.iter().flat_map(|f| std::fs::read_dir(f).unwrap()).flatten();
        let read = |entry: std::fs::DirEntry| {
            let name = entry.path().strip_prefix(files.folder.path()).unwrap().to_owned();
            (name, std::fs::read(entry.path()).unwrap())
        };
        entries.map(read).collect()
    })
}
