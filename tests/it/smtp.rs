//! A mail server on loopback, written by somebody else (aiosmtpd), and the letters that reached it.
//!
//! It ends when its standard input closes, which happens whichever way the test process ends.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tempfile::TempDir;

const SCRIPT: &str = include_str!("smtp_server.py");
/// Looks at the folder before giving up, `PAUSE` apart.
const LOOKS: u32 = 1_000;
const PAUSE: Duration = Duration::from_millis(20);

/// What the server is like.
#[derive(Clone, Default)]
pub struct Manner {
    /// What each letter is answered with, in turn; after the last, and without any: taken.
    pub answers: Vec<&'static str>,
    pub login: Option<(&'static str, &'static str)>,
    /// Chain and key, PEM files; with `at_once` it speaks TLS from the first byte, else after STARTTLS.
    pub certificate: Option<(PathBuf, PathBuf)>,
    pub at_once: bool,
}

pub struct Smtp {
    pub port: u16,
    folder: TempDir,
    server: Child,
}

/// A letter as the server's own reader took it apart.
#[derive(Clone, Debug, Deserialize)]
pub struct Mail {
    /// What the server answered.
    pub answer: String,
    pub from: String,
    pub to: Vec<String>,
    pub encrypted: bool,
    pub login: Option<String>,
    headers: Vec<(String, String)>,
    pub kind: String,
    /// Content type and text of each part.
    pub parts: Vec<(String, String)>,
    /// Every byte of it.
    pub raw: String,
}

impl Mail {
    /// The header; exactly one has that name.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some((_, value)), None) => value,
            _ => panic!("not one {name} in {:?}", self.headers),
        }
    }

    pub fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))
    }

    /// The text of the part of that type.
    #[track_caller]
    pub fn part(&self, kind: &str) -> &str {
        let found = self.parts.iter().find(|(k, _)| k == kind);
        &found.unwrap_or_else(|| panic!("no {kind} in {:?}", self.parts)).1
    }
}

impl Smtp {
    pub fn start(manner: &Manner) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let answers: Vec<&str> = manner.answers.iter().copied().chain(["250 2.0.0 Taken"]).collect();
        let setup = json!({
            "folder": folder.path(), "answers": answers, "login": manner.login,
            "certificate": manner.certificate, "at_once": manner.at_once,
        });
        let mut command = Command::new(python());
        command.args(["-c", SCRIPT, &setup.to_string()]);
        let mut server = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut said)
            .unwrap();
        let port = said.trim().parse();
        Self {
            port: port.unwrap_or_else(|_| panic!("the mail server did not start; it says why above")),
            folder,
            server,
        }
    }

    /// What arrived so far, taken or refused, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap().flatten();
        let mut files: Vec<PathBuf> = entries.map(|e| e.path()).collect();
        files.retain(|path| path.extension().is_some_and(|e| e == "json"));
        files.sort();
        let read = |path: PathBuf| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        files.into_iter().map(read).collect()
    }

    /// The same, as soon as there are that many.
    pub async fn wait_for(&self, count: usize) -> Vec<Mail> {
        for _ in 0..LOOKS {
            let mails = self.mails();
            if mails.len() >= count {
                return mails;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("{count} letters were expected, {} arrived", self.mails().len())
    }

    /// Its part of the configuration, as long as it wants neither TLS nor a login.
    pub fn settings(&self) -> String {
        format!(
            "transport = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\n\
             from = \"Cedar Health ID <no-reply@cedar.example>\"\n",
            self.port
        )
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let _ = self.server.wait();
    }
}

/// Debian's packages are seen by Debian's interpreter, which need not be the first in PATH.
fn python() -> &'static str {
    let has_it = |python: &&str| {
        let mut command = Command::new(python);
        let tried = command.args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    ["/usr/bin/python3", "python3"].into_iter().find(has_it).expect(
        "these tests start a mail server: install aiosmtpd for Python (Debian: apt-get install python3-aiosmtpd)",
    )
}
