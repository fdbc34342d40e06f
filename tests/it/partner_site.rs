//! A partner's own site behind TLS, of an authority that the provider is told to believe: one document for who asks, and
//! answers as they are ordered for who posts.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::harness::{Database, Files, Op};
use crate::home_tls::home_made;

/// Lets the provider reach it.
const OUTBOUND: &str = "[outbound]\ntrust_anchors = [\"ca.pem\"]\nallow_hosts = [\"localhost\"]\n";

pub struct Site {
    port: u16,
    /// PEM.
    authority: String,
    shared: Arc<Mutex<Shared>>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    document: String,
    /// Paths that were asked for.
    asked: Vec<String>,
    /// Path and body of what was posted.
    posted: Vec<(String, String)>,
    /// Statuses that are answered first, by path.
    orders: BTreeMap<String, VecDeque<u16>>,
    /// Requests as they came, head and body.
    heard: Vec<String>,
}

impl Site {
    pub async fn start() -> Self {
        let (authority, config) = home_made();
        let tls = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::<Mutex<Shared>>::default();
        let task = tokio::spawn(serve(listener, tls, Arc::clone(&shared)));
        Self {
            port,
            authority,
            shared,
            task,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// What stands at every path but `/gone` (404) and `/slow` (never).
    pub fn publish(&self, document: &str) {
        self.shared.lock().unwrap().document = document.to_owned();
    }

    /// The next answers there; 200 after them.
    pub fn order(&self, path: &str, statuses: &[u16]) {
        let orders = statuses.iter().copied().collect();
        self.shared.lock().unwrap().orders.insert(path.to_owned(), orders);
    }

    /// Bodies that were posted there.
    pub fn posted(&self, path: &str) -> Vec<String> {
        let shared = self.shared.lock().unwrap();
        let there = shared.posted.iter().filter(|(to, _)| to == path);
        there.map(|(_, body)| body.clone()).collect()
    }

    pub fn asked(&self) -> Vec<String> {
        self.shared.lock().unwrap().asked.clone()
    }

    /// The requests for this path, once there are as many: they come when the provider sends them.
    pub async fn heard(&self, path: &str, at_least: usize) -> Vec<String> {
        let wanted = format!(" {path} ");
        for _ in 0..500 {
            let all = self.shared.lock().unwrap().heard.clone();
            let found: Vec<String> = all
                .into_iter()
                .filter(|r| r.lines().next().unwrap().contains(&wanted))
                .collect();
            if found.len() >= at_least {
                return found;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("{path} was not asked for {at_least} times");
    }

    pub fn is_reached_by(&self, files: &mut Files) {
        files.write("ca.pem", &self.authority);
        files.more = OUTBOUND;
    }

    /// A provider that may reach this site, with more in its workspace.
    pub async fn provider(&self, more: &str) -> Op {
        self.provider_on(Database::Sqlite, more).await
    }

    pub async fn provider_on(&self, database: Database, more: &str) -> Op {
        let mut files = Files::with_workspace(database);
        self.is_reached_by(&mut files);
        files.configure(0);
        files.write("more.toml", more);
        files.run_ok(&["apply", "more.toml"]);
        Op::serve(files).await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Mutex<Shared>>) {
    while let Ok((tcp, _)) = listener.accept().await {
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            let Ok(mut stream) = tls.accept(tcp).await else { return };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else { return };
                head.push(byte);
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let Ok(posted) = body(&head, &mut stream).await else {
                return;
            };
            shared.lock().unwrap().heard.push(format!("{head}{posted}"));
            if head.starts_with("POST ") {
                shared.lock().unwrap().posted.push((path.clone(), posted));
            }
            if path == "/slow" {
                tokio::time::sleep(std::time::Duration::from_secs(30)).await;
            }
            let (body, ordered) = {
                let mut shared = shared.lock().unwrap();
                shared.asked.push(path.clone());
                let ordered = shared.orders.get_mut(&path).and_then(VecDeque::pop_front);
                (shared.document.clone(), ordered)
            };
            let status = ordered.unwrap_or(if path == "/gone" { 404 } else { 200 });
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} Said\r\nLocation: /elsewhere\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        });
    }
}

async fn body(head: &str, stream: &mut (impl AsyncReadExt + Unpin)) -> std::io::Result<String> {
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}
