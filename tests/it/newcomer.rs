//! A partner that registers itself (RFC 7591), and looks after that (RFC 7592).

use serde_json::{Value, json};

use crate::harness::{Database, Op};
use crate::relying_party::{Auth, Reply, Rp};

pub const REDIRECT: &str = "https://newcomer.example/cb";

/// A workspace in which strangers may register, with more of that table.
pub fn rules(mode: &str, more: &str) -> String {
    format!(
        "[workspace]\nname = \"Cedar Health ID\"\n[[policies]]\nname = \"strangers\"\n\
         required_acr = \"urn:countersign:acr:mfa\"\n[workspace.registration]\nmode = \"{mode}\"\n{more}\n"
    )
}

pub async fn open(more: &str) -> Op {
    Op::with(Database::Sqlite, &rules("open", more)).await
}

/// A client as it was told of itself.
#[derive(Clone, Debug)]
pub struct Newcomer {
    pub told: Value,
}

/// What most of them say.
pub fn usual() -> Value {
    json!({"client_name": "Newcomer", "redirect_uris": [REDIRECT]})
}

/// With these members in place of the usual ones; `null` leaves one out.
pub fn with(more: &Value) -> Value {
    let mut all = usual();
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

pub async fn register_raw(op: &Op, token: Option<&str>, body: &Value) -> Reply {
    let mut request = op.http.post(op.url("/register")).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let reply = Reply::of(op, request.send().await.unwrap()).await;
    for (name, what) in [
        ("client_secret", "a client's secret"),
        ("registration_access_token", "a registration access token"),
    ] {
        if let Some(secret) = reply.json[name].as_str() {
            op.secret(what, secret);
        }
    }
    reply
}

pub async fn register(op: &Op, body: &Value) -> Newcomer {
    Newcomer::of(register_raw(op, None, body).await)
}

/// An initial access token of the operator's.
pub fn token(op: &Op, uses: u32) -> (String, String) {
    let uses = uses.to_string();
    let made = ["client", "registration-token", "create", "--uses", &uses, "--json"];
    let made: Value = serde_json::from_str(&op.files.run_ok(&made)).unwrap();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    op.secret("an initial access token", &text("token"));
    (text("id"), text("token"))
}

impl Newcomer {
    #[track_caller]
    pub fn of(reply: Reply) -> Self {
        assert_eq!(reply.status, 201, "{}", reply.json);
        assert_eq!(reply.headers["cache-control"], "no-store");
        Self { told: reply.json }
    }

    pub fn text(&self, name: &str) -> &str {
        self.told[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name}: {}", self.told))
    }

    pub fn id(&self) -> &str {
        self.text("client_id")
    }

    /// A call of its registration, by a token.
    pub async fn call(&self, op: &Op, method: reqwest::Method, token: &str, body: Option<&Value>) -> Reply {
        let mut request = op.http.request(method, self.text("registration_client_uri"));
        request = request.bearer_auth(token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let reply = Reply::of(op, request.send().await.unwrap()).await;
        if let Some(token) = reply.json["registration_access_token"].as_str() {
            op.secret("a registration access token", token);
        }
        reply
    }

    pub async fn read(&self, op: &Op) -> Reply {
        self.call(op, reqwest::Method::GET, self.text("registration_access_token"), None)
            .await
    }

    /// An update to what it is told to be, with other members.
    pub async fn update(&self, op: &Op, more: &Value) -> Reply {
        let mut body = self.told.clone();
        let members = body.as_object_mut().unwrap();
        for given in [
            "registration_access_token",
            "registration_client_uri",
            "client_secret_expires_at",
            "client_id_issued_at",
        ] {
            members.remove(given);
        }
        for (name, value) in more.as_object().unwrap() {
            members.insert(name.clone(), value.clone());
        }
        self.call(
            op,
            reqwest::Method::PUT,
            self.text("registration_access_token"),
            Some(&body),
        )
        .await
    }

    pub async fn remove(&self, op: &Op) -> Reply {
        self.call(
            op,
            reqwest::Method::DELETE,
            self.text("registration_access_token"),
            None,
        )
        .await
    }

    /// As a relying party with its secret.
    pub fn rp(&self) -> &'static Rp {
        let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        let auth = match self.told["client_secret"].as_str() {
            Some(secret) => Auth::Basic(leak(secret)),
            None => Auth::Public,
        };
        Box::leak(Box::new(Rp {
            id: leak(self.id()),
            redirect_uri: REDIRECT,
            auth,
        }))
    }
}
