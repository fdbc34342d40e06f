//! The actors of the tests: a browser before the clinic, and the pages that it sees.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use actix_web::{
    App, body::MessageBody, cookie::Cookie, dev::ServiceResponse, http::StatusCode, http::header, test, web,
};
use scraper::{Html, Selector};
use serde_json::{Value, json};

use crate::clinic::{Clinic, Settings, routes};
use crate::fake_provider::{CLIENT_ID, CLIENT_SECRET, FakeProvider, FakeRegistry};

pub const NOW: i64 = 1_800_000_000;
pub const EPCS: &str = "urn:countersign:acr:epcs";

/// A browser before the clinic, and the provider behind both.
pub struct Scene {
    pub op: FakeProvider,
    pub registry: FakeRegistry,
    pub clinic: web::Data<Clinic>,
    pub cookie: Option<Cookie<'static>>,
    pub now: Arc<AtomicI64>,
}

pub struct Page {
    pub status: StatusCode,
    pub location: String,
    pub text: String,
}

impl Page {
    pub fn find(&self, selector: &str) -> Option<String> {
        let document = Html::parse_document(&self.text);
        let found = document.select(&Selector::parse(selector).unwrap()).next()?;
        Some(found.text().collect::<String>().trim().to_owned())
    }

    pub fn attribute(&self, selector: &str, name: &str) -> String {
        let document = Html::parse_document(&self.text);
        let found = document.select(&Selector::parse(selector).unwrap()).next();
        found
            .and_then(|element| element.attr(name).map(str::to_owned))
            .unwrap_or_default()
    }

    pub fn id(&self) -> String {
        self.attribute("body", "data-page")
    }

    pub fn error(&self) -> String {
        self.attribute("[data-error]", "data-error")
    }
}

impl Scene {
    pub fn new() -> Self {
        let op = FakeProvider::start();
        let registry = FakeRegistry::start();
        let now = Arc::new(AtomicI64::new(NOW));
        let clock = now.clone();
        let settings = Settings {
            issuer: op.issuer.clone(),
            client_id: CLIENT_ID.into(),
            client_secret: CLIENT_SECRET.into(),
            public_url: "http://localhost:8081".into(),
            registry_url: registry.url.clone(),
            trust_anchor: None,
            clock: Arc::new(move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst).cast_unsigned())),
        };
        Self {
            op,
            registry,
            clinic: web::Data::new(Clinic::new(settings).unwrap()),
            cookie: None,
            now,
        }
    }

    pub async fn send(&mut self, request: test::TestRequest) -> Page {
        let app = test::init_service(App::new().app_data(self.clinic.clone()).configure(routes)).await;
        let request = self
            .cookie
            .iter()
            .fold(request, |request, cookie| request.cookie(cookie.clone()));
        let answer: ServiceResponse<_> = test::call_service(&app, request.to_request()).await;
        if let Some(cookie) = answer.response().cookies().next() {
            assert!(
                cookie.http_only() == Some(true) && cookie.value().len() >= 43,
                "{cookie}"
            );
            self.cookie = Some(cookie.into_owned());
        }
        let location = answer
            .headers()
            .get(header::LOCATION)
            .map(|to| to.to_str().unwrap().to_owned());
        let status = answer.status();
        let body = answer.into_body().try_into_bytes().unwrap();
        Page {
            status,
            location: location.unwrap_or_default(),
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send(test::TestRequest::get().uri(path)).await
    }

    pub async fn back(&mut self, query: &str) -> Page {
        self.get(&format!("/callback?{query}")).await
    }

    pub fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    pub fn good_sign_in(&self) -> Value {
        json!({"sub": "rivera", "acr": "urn:countersign:acr:1fa", "amr": ["pwd"], "auth_time": self.now()})
    }

    pub fn good_signing(&self) -> Value {
        json!({
            "sub": "rivera", "acr": EPCS, "amr": ["pwd", "otp", "mfa"], "auth_time": self.now() - 20,
            "urn:countersign:evidence": [
                {"method": "password", "amr": ["pwd"], "at": self.now() - 20, "same_ceremony": true},
                {"method": "totp", "amr": ["otp"], "at": self.now() - 3, "nickname": "Office <iPhone>", "same_ceremony": true},
            ],
        })
    }

    /// Signs in, up to the prescriptions.
    pub async fn sign_in(&mut self) -> Page {
        let login = self.get("/login").await;
        let way_back = self.op.approve(&login.location, self.now(), self.good_sign_in());
        let done = self.back(&way_back).await;
        assert_eq!(
            (done.status, done.location.as_str()),
            (StatusCode::SEE_OTHER, "/"),
            "{}",
            done.text
        );
        self.get("/").await
    }

    /// Presses "Sign prescriptions"; returns where the browser is sent.
    pub async fn press_sign(&mut self) -> String {
        let page = self.get("/").await;
        let token = page.attribute("form[action='/sign'] input[name=csrf]", "value");
        let sent = self
            .send(test::TestRequest::post().uri("/sign").set_form([("csrf", token)]))
            .await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        sent.location
    }

    /// Signs in, presses the button, and comes back with a token whose claims were changed.
    pub async fn sign_with(&mut self, change: impl FnOnce(&mut Value)) -> Page {
        self.sign_in().await;
        let location = self.press_sign().await;
        let mut claims = self.good_signing();
        change(&mut claims);
        let way_back = self.op.approve(&location, self.now(), claims);
        self.back(&way_back).await
    }

    pub async fn assert_unsigned(&mut self) {
        let page = self.get("/").await;
        assert_eq!(page.id(), "clinic-prescriptions");
        assert_eq!(page.find("[data-prescription][data-state=signed]"), None);
        assert_eq!(self.get("/signed").await.location, "/");
    }
}
