//! `/authenticator/v1`: the protocol of phones. No cookie counts here, but to tell that a phone is the browser that signs in.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::factors::push::DIGITS;
use crate::journey::push::device::{self, Waiting};
use crate::journey::push::{self, Call, Change, Profile, Refusal, itself, pair};
use crate::journey::signals::Key;
use crate::journey::{Provider, Trouble};
use crate::model::PushAddress;
use crate::model::push::App;
use crate::web::browser;
use crate::web::live::{self, Live};
use crate::web::site::Web;

type Answer = Result<HttpResponse, Refused>;

/// A refusal on the wire. The log has the rest.
pub struct Refused {
    why: Refusal,
    server_time: i64,
}

impl Refused {
    fn new(op: &Provider, why: Refusal) -> Self {
        Self {
            why,
            server_time: op.now().secs(),
        }
    }

    fn body(&self) -> Value {
        let (_, error) = self.why.on_the_wire();
        let mut body = json!({
            "error": error,
            "error_description": self.description(),
            "server_time": self.server_time,
        });
        if let Some(code) = self.why.code() {
            body["mfa"] = code.as_str().into();
        }
        match &self.why {
            Refusal::WrongNumber { left } => body["tries_left"] = (*left).into(),
            Refusal::AppTooOld { minimum } => body["minimum_app_version"] = minimum.as_str().into(),
            _ => {}
        }
        body
    }

    fn description(&self) -> String {
        match &self.why {
            // What went wrong inside is for the operator.
            Refusal::Trouble(_) => "this cannot be done at the moment".to_owned(),
            why => why.to_string(),
        }
    }
}

impl std::fmt::Debug for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.why.fmt(f)
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.why.fmt(f)
    }
}

impl actix_web::ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.why.on_the_wire().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        match &self.why {
            Refusal::Trouble(Trouble::Busy) => tracing::warn!("a phone was put off"),
            Refusal::Trouble(error) => tracing::error!(%error, "a phone could not be answered"),
            why => tracing::info!(%why, "a phone was refused"),
        }
        let mut response = plain(self.status_code());
        if let Refusal::SlowDown(wait) = &self.why {
            response.insert_header((header::RETRY_AFTER, wait.0.to_string()));
        }
        response.json(self.body())
    }
}

fn plain(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response
}

/// The request as its proof has to describe it.
fn call<'a>(request: &'a HttpRequest, web: &Web, body: &'a [u8]) -> Result<Call<'a>, Refused> {
    let proof = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok());
    let proof = proof.and_then(|v| v.strip_prefix("Device ")).map(str::trim);
    let below = request
        .path()
        .strip_prefix(&web.op.issuer.path)
        .unwrap_or(request.path());
    Ok(Call {
        method: request.method().as_str(),
        url: format!("{}{below}", web.op.issuer.url),
        body,
        proof: proof.ok_or_else(|| Refused::new(&web.op, Refusal::Invalid("`Authorization: Device` is missing")))?,
    })
}

/// GET `/authenticator/v1`
pub async fn discovery(web: web::Data<Web>) -> HttpResponse {
    let current = web.op.current();
    let settings = &current.workspace.settings;
    let mut body = json!({
        "versions": [1],
        "issuer": web.op.issuer.url,
        "name": settings.name,
        "server_time": web.op.now().secs(),
        "minimum_app_version": settings.push.minimum_app_version,
        "number_digits": DIGITS,
    });
    if let Some(key) = &web.op.webpush_key {
        body["webpush"] = json!({ "application_server_key": key });
    }
    plain(StatusCode::OK).json(body)
}

#[derive(Deserialize)]
struct Pairing {
    pairing: String,
}

#[derive(Deserialize)]
struct Said {
    answer: String,
}

fn read<'a, T: Deserialize<'a>>(op: &Provider, body: &'a [u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|_| Refused::new(op, Refusal::Invalid("the body is not the JSON expected")))
}

/// POST `/authenticator/v1/pairings`
pub async fn pair(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> Answer {
    let said: Pairing = read(&web.op, &body)?;
    let visitor = browser::visitor(&request, &web);
    let redeemed = pair::redeem(&web.op, &visitor, &said.pairing).await;
    let redeemed = redeemed.map_err(|why| Refused::new(&web.op, why))?;
    Ok(plain(StatusCode::CREATED).json(json!({
        "device": redeemed.device,
        "account": {
            "issuer": web.op.issuer.url,
            "workspace": redeemed.workspace,
            "username": redeemed.username,
        },
        "request": redeemed.request,
        "expires_at": redeemed.expires_at.secs(),
        "server_time": web.op.now().secs(),
    })))
}

#[derive(Serialize)]
struct Listed {
    id: String,
    kind: &'static str,
    expires_at: i64,
}

fn list(waiting: Vec<Waiting>) -> Vec<Listed> {
    let listed = waiting.into_iter().map(|w| Listed {
        id: w.id,
        kind: w.kind,
        expires_at: w.expires_at.secs(),
    });
    listed.collect()
}

/// GET `/authenticator/v1/requests`
pub async fn requests(request: HttpRequest, web: web::Data<Web>) -> Answer {
    let call = call(&request, &web, b"")?;
    let refuse = |why| Refused::new(&web.op, why);
    let device = device::listener(&web.op, &call).await.map_err(refuse)?;
    let requests = list(device::waiting(&web.op, &device).await.map_err(refuse)?);
    Ok(plain(StatusCode::OK).json(json!({ "server_time": web.op.now().secs(), "requests": requests })))
}

/// GET `/authenticator/v1/events`
pub async fn events(request: HttpRequest, web: web::Data<Web>) -> Answer {
    let call = call(&request, &web, b"")?;
    let refuse = |why| Refused::new(&web.op, why);
    let device = device::listener(&web.op, &call).await.map_err(refuse)?;
    // Taken before the first look: whatever happens after that look rings.
    let place = web.op.signals.wait(Key::device(&device));
    let first = told(&web.op, &device).await.map_err(refuse)?;
    let op = Arc::clone(&web.op);
    Ok(live::stream(Live::new(place, first, "requests", move || {
        let (op, device) = (Arc::clone(&op), device.clone());
        async move { told(&op, &device).await.ok() }
    })))
}

/// Without the time, which would make each look another one.
async fn told(op: &Provider, device: &str) -> Result<String, Refusal> {
    let requests = list(device::waiting(op, device).await?);
    Ok(json!({ "requests": requests }).to_string())
}

/// GET `/authenticator/v1/requests/{id}`
pub async fn request(request: HttpRequest, web: web::Data<Web>, id: web::Path<String>) -> Answer {
    let shown = device::request(&web.op, &call(&request, &web, b"")?, &id).await;
    let shown = shown.map_err(|why| Refused::new(&web.op, why))?;
    Ok(plain(StatusCode::OK).json(json!({
        "id": shown.id,
        "nonce": shown.nonce,
        "expires_at": shown.expires_at.secs(),
        "number_digits": shown.digits,
        "context": shown.context,
        "server_time": web.op.now().secs(),
    })))
}

/// POST `/authenticator/v1/requests/{id}`
pub async fn answer(request: HttpRequest, web: web::Data<Web>, id: web::Path<String>, body: web::Bytes) -> Answer {
    let said: Said = read(&web.op, &body)?;
    let visitor = browser::visitor(&request, &web);
    let answered = push::answer(&web.op, &visitor, &id, &said.answer).await;
    let answered = answered.map_err(|why| Refused::new(&web.op, why))?;
    Ok(plain(StatusCode::OK).json(json!({ "status": answered.as_str() })))
}

fn profile(web: &Web, p: &Profile) -> HttpResponse {
    plain(StatusCode::OK).json(json!({
        "device": p.device,
        "nickname": p.nickname,
        "status": p.status,
        "account": { "issuer": web.op.issuer.url, "workspace": p.workspace, "username": p.username },
        "push": p.reached,
        "server_time": web.op.now().secs(),
    }))
}

/// GET `/authenticator/v1/device`
pub async fn device(request: HttpRequest, web: web::Data<Web>) -> Answer {
    let told = itself::profile(&web.op, &call(&request, &web, b"")?).await;
    told.map(|p| profile(&web, &p))
        .map_err(|why| Refused::new(&web.op, why))
}

#[derive(Deserialize)]
struct Anew {
    #[serde(default)]
    app: Option<App>,
    #[serde(default)]
    notifications: pair::Notifications,
    /// Missing: as it was. `null`: none.
    #[serde(default, deserialize_with = "present")]
    push: Option<Option<PushAddress>>,
}

fn present<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<Option<PushAddress>>, D::Error> {
    Deserialize::deserialize(d).map(Some)
}

/// PUT `/authenticator/v1/device`
pub async fn change(request: HttpRequest, web: web::Data<Web>, body: web::Bytes) -> Answer {
    let anew: Anew = read(&web.op, &body)?;
    let denied = anew.notifications == pair::Notifications::Denied;
    let change = Change {
        app: anew.app,
        address: if denied { Some(None) } else { anew.push },
    };
    let told = itself::change(&web.op, &call(&request, &web, &body)?, change).await;
    told.map(|p| profile(&web, &p))
        .map_err(|why| Refused::new(&web.op, why))
}

/// DELETE `/authenticator/v1/device`
pub async fn remove(request: HttpRequest, web: web::Data<Web>) -> Answer {
    let visitor = browser::visitor(&request, &web);
    let gone = itself::remove(&web.op, &visitor, &call(&request, &web, b"")?).await;
    gone.map_err(|why| Refused::new(&web.op, why))?;
    Ok(plain(StatusCode::NO_CONTENT).finish())
}
