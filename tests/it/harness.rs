//! Starts the real program on a free port with a database of its own, and watches what it writes to its log.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Deref;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::base::Timestamp;
use countersign::factors::totp::Seed;
use serde_json::{Value, json};

pub use crate::files::{Database, Files, failure};
use crate::workspace::{self, Device};

/// Another process may take the free port before the server does.
const ATTEMPTS: u32 = 5;
/// Looks at `/healthz` before giving up, `PAUSE` apart.
const LOOKS: u32 = 1_000;
const PAUSE: Duration = Duration::from_millis(20);
/// Seconds of one step of a code generator.
const STEP: i64 = 30;

/// A running provider. Clones are the same one; it ends with the last of them.
#[derive(Clone)]
pub struct Op(Arc<Running>);

impl Deref for Op {
    type Target = Running;
    fn deref(&self) -> &Running {
        &self.0
    }
}

pub struct Running {
    pub issuer: String,
    pub address: SocketAddr,
    pub files: Files,
    pub http: reqwest::Client,
    keeper: Child,
    /// What may not be in the log, and what it is.
    secrets: Mutex<BTreeMap<String, &'static str>>,
    /// The last step that a code was taken from, by secret.
    steps: Mutex<BTreeMap<&'static str, i64>>,
}

impl Op {
    pub async fn start() -> Self {
        Self::on(Database::Sqlite).await
    }

    pub async fn on(database: Database) -> Self {
        Self::with(database, "").await
    }

    /// With more in the workspace than the tests' own.
    pub async fn with(database: Database, more: &str) -> Self {
        let files = Files::with_workspace(database);
        if !more.is_empty() {
            files.write("more.toml", more);
            files.run_ok(&["apply", "more.toml"]);
        }
        Self::serve(files).await
    }

    pub async fn serve(files: Files) -> Self {
        for attempt in 1.. {
            let port = free_port();
            files.configure(port);
            let mut keeper = files.keeper();
            let http = client(port);
            let issuer = format!("http://localhost:{port}{}", files.below);
            if is_up(&http, &issuer, &mut keeper).await {
                let secrets = workspace::secrets()
                    .into_iter()
                    .map(|s| (s.to_owned(), "of the workspace"));
                return Self(Arc::new(Running {
                    issuer,
                    address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
                    secrets: Mutex::new(secrets.collect()),
                    files,
                    http,
                    keeper,
                    steps: Mutex::default(),
                }));
            }
            let log = files.log();
            assert!(
                attempt < ATTEMPTS && log.contains("cannot be listened on"),
                "the server does not start:\n{log}"
            );
        }
        unreachable!("attempts are bounded");
    }
}

impl Running {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// From now on this may not be in the log.
    pub fn secret(&self, what: &'static str, value: &str) {
        self.secrets.lock().unwrap().insert(value.to_owned(), what);
    }

    pub async fn now(&self) -> Timestamp {
        self.advance(0).await
    }

    /// Moves the server's clock; answers what it shows then.
    pub async fn advance(&self, seconds: i64) -> Timestamp {
        let request = self.http.post(self.url("/sandbox/clock"));
        let answer = request
            .json(&json!({ "advance_seconds": seconds }))
            .send()
            .await
            .unwrap();
        let answer: Value = answer.json().await.unwrap();
        Timestamp::parse_rfc3339(answer["now"].as_str().unwrap()).unwrap()
    }

    /// What was sent to a number, oldest first.
    pub async fn outbox(&self, to: &str) -> Vec<Value> {
        let query = url::form_urlencoded::byte_serialize(to.as_bytes()).collect::<String>();
        let request = self.http.get(self.url(&format!("/sandbox/outbox?to={query}")));
        let sent = request.header("Accept", "application/json").send().await.unwrap();
        let sent: Vec<Value> = sent.json().await.unwrap();
        for code in sent.iter().filter_map(|m| m["code"].as_str()) {
            self.secret("a code that was sent", code);
        }
        sent
    }

    /// The code of the last message to a number.
    pub async fn last_code(&self, to: &str) -> String {
        let sent = self.outbox(to).await;
        let last = sent.last().unwrap_or_else(|| panic!("nothing was sent to {to}"));
        last["code"].as_str().unwrap().to_owned()
    }

    /// What the device shows now, whether or not it was used before.
    pub async fn shown(&self, device: Device) -> String {
        let code = code_at(device, self.now().await.secs() / STEP);
        self.secret("a one-time code", &code);
        code
    }

    /// A code that was not used yet; the clock moves if there is none.
    pub async fn totp(&self, device: Device) -> String {
        let mut step = self.now().await.secs() / STEP;
        let last = self.steps.lock().unwrap().get(device.secret).copied();
        if last.is_some_and(|last| step <= last) {
            step = self.advance(STEP).await.secs() / STEP;
        }
        self.steps.lock().unwrap().insert(device.secret, step);
        let code = code_at(device, step);
        self.secret("a one-time code", &code);
        code
    }

    pub async fn audit(&self, event: &str) -> Vec<Value> {
        let all = self.files.run_ok(&["audit", "export"]);
        let records = all.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let of_event = records.filter(|r| r["record"]["event"] == event);
        of_event.map(|r| r["record"].clone()).collect()
    }

    /// The id of somebody's authenticator, by its nickname.
    pub fn authenticator(&self, username: &str, nickname: &str) -> String {
        let shown = self.files.run_ok(&["user", "show", username, "--json"]);
        let shown: Value = serde_json::from_str(&shown).unwrap();
        let all = shown["authenticators"]
            .as_array()
            .expect("user show lists the authenticators");
        let found = all.iter().find(|a| a["nickname"] == nickname);
        found.unwrap_or_else(|| panic!("{username} has no {nickname}: {shown}"))["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// It may be in the log after all.
    fn forget(&self, value: &str) {
        self.secrets.lock().unwrap().remove(value);
    }

    fn leaked(&self) -> Vec<String> {
        let log = self.files.log();
        let secrets = self.secrets.lock().unwrap();
        let found = secrets.iter().filter(|(secret, _)| contains_word(&log, secret));
        found.map(|(secret, what)| format!("{what}: {secret}")).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
        let log = self.files.log();
        if std::thread::panicking() {
            let tail: Vec<&str> = log.lines().filter(|l| !l.contains("DEBUG")).collect();
            eprintln!(
                "--- the server's last lines\n{}",
                tail[tail.len().saturating_sub(12)..].join("\n")
            );
            return;
        }
        assert!(!log.contains("panicked"), "the server panicked:\n{log}");
        let leaked = self.leaked();
        assert!(leaked.is_empty(), "secrets are in the log: {leaked:?}");
    }
}

/// Short numbers count only where they stand alone, for six digits in a row are in many a time and id.
fn contains_word(log: &str, secret: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    log.match_indices(secret).any(|(at, _)| {
        let before = log[..at].chars().next_back();
        let after = log[at + secret.len()..].chars().next();
        secret.len() > 8 || !(before.is_some_and(part) || after.is_some_and(part))
    })
}

fn code_at(device: Device, step: i64) -> String {
    let seed = Seed::parse(device.secret).unwrap();
    seed.code_at(Timestamp::from_secs(step * STEP)).unwrap()
}

pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Follows no redirects, keeps no cookies.
fn client(port: u16) -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .resolve("localhost", SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap()
}

async fn is_up(http: &reqwest::Client, issuer: &str, keeper: &mut Child) -> bool {
    for _ in 0..LOOKS {
        if keeper.try_wait().unwrap().is_some() {
            return false;
        }
        let answer = http.get(format!("{issuer}/healthz")).send().await;
        if answer.is_ok_and(|a| a.status().is_success()) {
            return true;
        }
        tokio::time::sleep(PAUSE).await;
    }
    false
}

/// A scan that finds nothing proves nothing, unless it can find something.
#[tokio::test]
async fn the_scan_of_the_log_finds_what_is_there() {
    let op = Op::start().await;
    let port = op.address.port().to_string();
    for known in ["countersign::app: serving", port.as_str()] {
        op.secret("bait", known);
        assert_eq!(op.leaked(), [format!("bait: {known}")]);
        op.forget(known);
    }
    assert!(contains_word("code=123456 sent", "123456") && contains_word("123456", "123456"));
    assert!(!contains_word("12:00:00.123456Z 9123456 ab-123456", "123456"));
}
