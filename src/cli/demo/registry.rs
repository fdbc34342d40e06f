//! The demo's API: a state's registry of dispensed prescriptions. It knows the provider's issuer, what its own tokens are
//! for, and `countersign::resource_server`; nothing else of the provider.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::dev::Server;
use actix_web::http::{StatusCode, header};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::json;

use super::super::Failure;
use crate::base::{Clock, Seconds};
use crate::journey::Provider;
use crate::keys::JwkSet;
use crate::resource_server::{Demands, Refusal, ResourceServer, Token, presented};

/// How long ago the person may have been proved.
const MAX_AGE: Seconds = Seconds::minutes(5);
const REALM: &str = "registry";

pub struct Registry {
    server: ResourceServer,
    jwks_uri: String,
    http: reqwest::Client,
    keys: Mutex<Arc<JwkSet>>,
    /// For its clock alone, which the sandbox can move.
    op: Arc<Provider>,
}

impl Registry {
    pub fn new(issuer: &str, own: &str, op: &Arc<Provider>) -> Result<Self, Failure> {
        Ok(Self {
            server: ResourceServer::new(issuer, own),
            jwks_uri: format!("{issuer}/jwks"),
            http: reqwest::Client::new(),
            keys: Mutex::default(),
            op: Arc::clone(op),
        })
    }

    /// Two factors, some minutes ago at most.
    fn demands() -> Demands {
        Demands::default()
            .scope("history")
            .acr_values(&["urn:countersign:acr:aal2", "urn:countersign:acr:mfa"])
            .max_age(MAX_AGE)
    }

    async fn admit(&self, authorization: &[&str]) -> Result<Token, Refusal> {
        let jwt = presented(authorization)?;
        let now = self.op.clock.now();
        let known = self.known();
        let token = match self.server.verify(&jwt, &known, now) {
            // The keys have turned, or were never read: once.
            Err(Refusal::UnknownKey) => self.server.verify(&jwt, &*self.fetch().await?, now)?,
            verdict => verdict?,
        };
        Self::demands().check(&token, now)?;
        Ok(token)
    }

    fn known(&self) -> Arc<JwkSet> {
        Arc::clone(&self.keys.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn fetch(&self) -> Result<Arc<JwkSet>, Refusal> {
        let unreadable = |_| Refusal::UnknownKey;
        let answer = self.http.get(&self.jwks_uri).send().await.map_err(unreadable)?;
        let body = answer.bytes().await.map_err(unreadable)?;
        let keys = Arc::new(JwkSet::parse(&body).map_err(|_| Refusal::UnknownKey)?);
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&keys);
        Ok(keys)
    }
}

pub fn serve(registry: Registry, listener: TcpListener) -> Result<Server, Failure> {
    let registry = web::Data::new(registry);
    let app = move || {
        App::new()
            .app_data(registry.clone())
            .route("/history", web::get().to(history))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().listen(listener)?;
    Ok(server.run())
}

async fn history(request: HttpRequest, registry: web::Data<Registry>) -> HttpResponse {
    let headers = request.headers().get_all(header::AUTHORIZATION);
    let authorization: Vec<&str> = headers.map(|v| v.to_str().unwrap_or("unreadable")).collect();
    match registry.admit(&authorization).await {
        Ok(_) => HttpResponse::Ok().json(json!([
            {"drug": "Lacosamide 100 mg", "quantity": "60 tablets", "filled": "2026-10-20", "pharmacy": "Pearl Pharmacy, Portland"},
            {"drug": "Clobazam 10 mg", "quantity": "30 tablets", "filled": "2026-10-20", "pharmacy": "Pearl Pharmacy, Portland"},
            {"drug": "Amoxicillin 500 mg", "quantity": "21 capsules", "filled": "2026-03-02", "pharmacy": "Cedar Street Drug"},
        ])),
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            HttpResponse::build(status)
                .insert_header((header::WWW_AUTHENTICATE, refusal.challenge(REALM).to_string()))
                .finish()
        }
    }
}
