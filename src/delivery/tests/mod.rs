//! Tests of the floor: a gateway that answers as carriers do, and an outbox in a folder of its own.

#[path = "../../../tests/it/home_tls.rs"]
mod home_tls;
#[path = "../../../tests/it/smtp.rs"]
mod mail_server;
mod lookup;
mod numbers;
mod outbound;
mod push;
mod service;
mod settings;
mod smtp;
mod twilio;
mod webhook;
mod worker;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use tempfile::TempDir;
use tokio::sync::Notify;

use super::carrier::{Carriers, Failure, Outcome, Parcel};
use super::{Delivery, MESSAGE, Outbound, OutboundSettings, Timeouts, Worker, queue};
use crate::base::{Clock, MessageId, Seconds, SystemClock, SystemEntropy, Timestamp};
use crate::factors::{Channel, Message};
use crate::keys::{MasterKey, Sealer};
use crate::storage::Store;
use crate::storage::outbox::{OutboxRow, Queue};

pub const NUMBER: &str = "+14155550801";
pub const CODE: &str = "739154";
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub const TOKEN: &str = "token-of-the-account";

/// What the gateway was sent.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }
    pub fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }
}

/// What the gateway answers next.
#[derive(Clone, Default)]
pub struct Say {
    pub status: u16,
    pub header: Option<(&'static str, &'static str)>,
    pub body: String,
    pub after: Duration,
}

pub fn say(status: u16) -> Say {
    Say {
        status,
        ..Say::default()
    }
}

#[derive(Clone, Default)]
struct Script {
    next: Arc<Mutex<VecDeque<Say>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

pub struct Gateway {
    pub url: String,
    script: Script,
    server: actix_web::dev::ServerHandle,
}

impl Gateway {
    /// Answers what `script` says, then 201 for ever.
    pub fn start(script: impl IntoIterator<Item = Say>) -> Self {
        let script = Script {
            next: Arc::new(Mutex::new(script.into_iter().collect())),
            seen: Arc::default(),
        };
        let data = web::Data::new(script.clone());
        let http = HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(answer)))
            .workers(1)
            .disable_signals()
            .bind(("127.0.0.1", 0))
            .unwrap();
        let url = format!("http://{}", http.addrs()[0]);
        let running = http.run();
        let server = running.handle();
        tokio::spawn(running);
        Self { url, script, server }
    }
    pub fn seen(&self) -> Vec<Seen> {
        self.script.seen.lock().unwrap().clone()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

async fn answer(script: web::Data<Script>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let headers = request.headers().iter();
    script.seen.lock().unwrap().push(Seen {
        method: request.method().to_string(),
        path: request.uri().to_string(),
        headers: headers
            .map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned()))
            .collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let say = script.next.lock().unwrap().pop_front();
    let say = say.unwrap_or_else(|| Say {
        body: "{\"sid\": \"SM5ca1ab1e\", \"status\": \"queued\"}".into(),
        ..say_created()
    });
    tokio::time::sleep(say.after).await;
    let mut response = HttpResponse::build(say.status.try_into().unwrap());
    if let Some(header) = say.header {
        response.insert_header(header);
    }
    response.body(say.body)
}

fn say_created() -> Say {
    say(201)
}

pub fn twilio_at(url: &str) -> Delivery {
    let account =
        format!("transport = \"twilio\"\nbase_url = \"{url}\"\naccount_sid = \"AC1\"\nauth_token = \"{TOKEN}\"");
    let from = "from = \"+14155550100\"";
    toml::from_str(&format!("[sms]\n{account}\n{from}\n[voice]\n{account}\n{from}\n")).unwrap()
}

pub fn webhook_at(url: &str) -> Delivery {
    let hook = format!("transport = \"webhook\"\nurl = \"{url}/hook?tenant=7\"\nsecret = \"{SECRET}\"\n");
    toml::from_str(&format!("[sms]\n{hook}\n[voice]\n{hook}\n")).unwrap()
}

/// Short enough to wait for, long enough for a slow machine.
pub fn impatient() -> Timeouts {
    Timeouts {
        connect: Duration::from_millis(400),
        total: Duration::from_millis(400),
    }
}

pub fn message(channel: Channel, to: &str) -> Message {
    Message {
        channel,
        to: to.to_owned(),
        subject: None,
        body: format!("{CODE} is your <Cedar & Sons> code."),
        html: None,
        code: Some(CODE.to_owned()),
        link: None,
        push: None,
    }
}

/// As it is without `[outbound]`.
pub fn carriers(delivery: &Delivery, timeouts: Timeouts) -> Carriers {
    let outbound = Outbound::open(&OutboundSettings::default(), timeouts).unwrap();
    Carriers::open(delivery, &outbound, timeouts).unwrap()
}

/// One try, without an outbox.
pub async fn hand_over(delivery: &Delivery, timeouts: Timeouts, message: &Message) -> Outcome {
    let carriers = carriers(delivery, timeouts);
    let parcel = Parcel {
        id: &MessageId::new("m1"),
        message,
        now: Timestamp::from_secs(1_800_000_000),
        created_at: Timestamp::from_secs(1_799_999_990),
        expires_at: Timestamp::from_secs(1_800_000_290),
        entropy: &SystemEntropy,
    };
    carriers.of(message.channel).unwrap().deliver(&parcel).await
}

#[track_caller]
pub fn failure(outcome: Outcome) -> Failure {
    match outcome {
        Outcome::Failed(failure) => {
            for secret in [NUMBER, CODE, TOKEN, SECRET, "Cedar"] {
                assert!(!failure.why.contains(secret), "{failure:?}");
            }
            failure
        }
        Outcome::Delivered { .. } => panic!("it was delivered"),
    }
}

/// An outbox on SQLite, with what its nodes share.
pub struct House {
    folder: TempDir,
    pub store: Store,
    pub sealer: Arc<Sealer>,
    pub clock: SystemClock,
    pub wake: Arc<Notify>,
}

/// A worker that runs.
pub struct Node {
    stop: tokio::sync::oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Node {
    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
    /// As a power failure would.
    pub async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

impl House {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder).await;
        let sealer = Sealer::new(vec![MasterKey::generate(&SystemEntropy)]).unwrap();
        Self {
            folder,
            store,
            sealer: Arc::new(sealer),
            clock: SystemClock::default(),
            wake: Arc::new(Notify::new()),
        }
    }

    /// Another process on the same database.
    pub async fn elsewhere(&self) -> Store {
        open(&self.folder).await
    }

    pub fn node(&self, store: &Store, delivery: &Delivery, timeouts: Timeouts) -> Node {
        self.node_of(store, carriers(delivery, timeouts))
    }

    pub fn node_of(&self, store: &Store, carriers: Carriers) -> Node {
        let worker = Worker {
            store: store.clone(),
            sealer: Arc::clone(&self.sealer),
            carriers,
            clock: Arc::new(self.clock.clone()),
            entropy: Arc::new(SystemEntropy),
            wake: Arc::clone(&self.wake),
        };
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(worker.run(async {
            let _ = stopped.await;
        }));
        Node { stop, task }
    }

    pub async fn enqueue(&self, message: &Message, lifetime: Seconds) -> MessageId {
        let id = MessageId::random(&SystemEntropy);
        let plain = serde_json::to_vec(message).unwrap();
        let now = self.clock.now();
        let row = OutboxRow {
            id: id.clone(),
            channel: message.channel.as_str().to_owned(),
            recipient: message.to.clone(),
            sealed: self.sealer.seal(&SystemEntropy, MESSAGE, id.as_str(), &plain).unwrap(),
            state: "waiting".to_owned(),
            attempts: 0,
            created_at: now,
            expires_at: now.plus(lifetime),
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.enqueue(&row, queue(message.channel)).await.unwrap();
        tx.commit().await.unwrap();
        self.wake.notify_one();
        id
    }

    pub async fn row(&self, id: &MessageId) -> OutboxRow {
        let rows = self.store.view().await.unwrap().outbox().await.unwrap();
        rows.into_iter().find(|row| row.id == *id).unwrap()
    }

    /// Waits until the message is in that state, and answers it.
    #[track_caller]
    pub fn until(&self, id: &MessageId, state: &'static str) -> impl Future<Output = OutboxRow> {
        let here = std::panic::Location::caller();
        async move {
            for _ in 0..500 {
                let row = self.row(id).await;
                if row.state == state {
                    return row;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            panic!("{here}: it is {} and not {state}", self.row(id).await.state)
        }
    }

    /// Moves the clock, and has the worker look at it.
    pub fn later(&self, by: Seconds) {
        self.clock.advance(by);
        self.wake.notify_one();
    }

    /// The audit log as text.
    pub async fn audit(&self) -> Vec<String> {
        let records = self.store.view().await.unwrap().audit_after(0, 1000).await.unwrap();
        records.into_iter().map(|record| record.body).collect()
    }
}

async fn open(folder: &TempDir) -> Store {
    let url = format!("sqlite://{}", folder.path().join("outbox.db").display());
    Store::open(&url).await.unwrap()
}
