//! A push service as phones' makers run them: TLS, and HTTP/2 or 1.1 as ALPN decides. It answers what its test says, and
//! keeps what it was asked.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::Say;
use super::home_tls::home_made;
use crate::base::encoding::from_base64url;
use crate::keys::{Alg, PublicKey};

#[derive(Clone, Debug)]
pub struct Call {
    pub version: Version,
    pub method: String,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Call {
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no {name}"));
        value.to_str().unwrap()
    }
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Answers = dyn Fn(&Call, usize) -> Say + Send + Sync;

struct Shared {
    answer: Box<Answers>,
    calls: Mutex<Vec<Call>>,
}

pub struct Service {
    pub port: u16,
    folder: TempDir,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

impl Service {
    /// `answer` sees each call and how many came before it.
    pub async fn start(alpn: &[&str], answer: impl Fn(&Call, usize) -> Say + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (authority, mut config) = home_made();
        std::fs::write(folder.path().join("ca.pem"), authority).unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        let tls = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            answer: Box::new(answer),
            calls: Mutex::default(),
        });
        let task = tokio::spawn(serve(listener, tls, Arc::clone(&shared)));
        Self {
            port,
            folder,
            shared,
            task,
        }
    }

    /// The authority that signed its certificate, as a PEM file.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Its certificate says `localhost`.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap().clone()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Shared>) {
    while let Ok((tcp, _)) = listener.accept().await {
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            // Whoever does not trust us goes away here.
            let Ok(stream) = tls.accept(tcp).await else { return };
            let service = service_fn(|request| answer(Arc::clone(&shared), request));
            let http = auto::Builder::new(TokioExecutor::new());
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let call = Call {
        version: head.version,
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        headers: head.headers,
        body: body.collect().await?.to_bytes().to_vec(),
    };
    let say = {
        let mut calls = shared.calls.lock().unwrap();
        let say = (shared.answer)(&call, calls.len());
        calls.push(call);
        say
    };
    tokio::time::sleep(say.after).await;
    let mut response = Response::builder().status(say.status);
    if let Some((name, value)) = say.header {
        response = response.header(name, value);
    }
    Ok(response.body(Full::new(Bytes::from(say.body))).unwrap())
}

/// Header and claims of a JWS by this key; whatever else it is, is a failure.
#[track_caller]
pub fn verified(token: &str, alg: Alg, key: &PublicKey) -> (Value, Value) {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    assert!(key.verifies(alg, signed.as_bytes(), signature), "not by this key");
    let (header, claims) = signed.split_once('.').unwrap();
    let read = |part| serde_json::from_slice(&from_base64url(part).unwrap()).unwrap();
    (read(header), read(claims))
}
