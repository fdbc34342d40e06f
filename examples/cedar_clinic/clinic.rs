//! The relying party itself: settings, start, routes.
//!
//! | file | holds |
//! |---|---|
//! | `provider.rs` | the conversation with the OpenID Provider: discovery, requests, code exchange, ID token |
//! | `proof.rs` | what an ID token must show before prescriptions count as signed; pure, and the part to get right |
//! | `browsers.rs` | what we remember of each browser: requests under way, session |
//! | `registry.rs` | somebody else's API, and the step-up that it asks for |
//! | `desk.rs`, `history.rs` | the HTTP handlers |
//! | `pages.rs`, `chart.rs` | HTML, and the patient of the story |

mod browsers;
mod chart;
mod desk;
mod history;
mod pages;
mod proof;
mod provider;
mod registry;

use std::{net::TcpListener, sync::Arc, time::SystemTime};

use actix_web::{App, HttpServer, web};

use self::{browsers::Browsers, pages::Pages, provider::Provider, registry::Registry};

/// What time it is. Handed in, so that tests (and a demo whose provider has a movable clock) decide.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

pub struct Settings {
    /// Exactly as the provider's metadata spells it; compared character by character.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    /// Scheme, host and port under which browsers reach us, without a path. `/callback` below it is our redirect
    /// URI and `/` our post-logout redirect URI; both must be registered at the provider.
    pub public_url: String,
    /// Where the state's registry of dispensed prescriptions is; its tokens are for this address.
    pub registry_url: String,
    /// PEM certificates to trust for the provider beside the system's.
    pub trust_anchor: Option<Vec<u8>>,
    pub clock: Clock,
}

/// Why the clinic cannot start, or cannot serve on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{value}` is not a URL that can serve as {name}")]
    Url {
        name: &'static str,
        value: String,
        source: openidconnect::url::ParseError,
    },
    #[error("the HTTP client cannot be set up (is the trust anchor PEM?)")]
    Client(#[from] reqwest::Error),
    #[error("a page template is broken")]
    Template(#[from] Box<handlebars::TemplateError>),
    #[error("the server cannot go on")]
    Server(#[from] std::io::Error),
}

/// Everything that a request needs; one for all workers.
pub struct Clinic {
    provider: Provider,
    registry: Registry,
    browsers: Browsers,
    pages: Pages,
    public_url: String,
    clock: Clock,
}

impl Clinic {
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Ok(Self {
            pages: Pages::new()?,
            browsers: Browsers::default(),
            public_url: settings.public_url.trim_end_matches('/').to_owned(),
            clock: settings.clock.clone(),
            registry: Registry::new(&settings.registry_url)?,
            provider: Provider::new(settings)?,
        })
    }
}

/// Serves on `listener` until the process is told to stop. The provider need not be up yet: it is looked up at the
/// first sign-in.
pub async fn serve(settings: Settings, listener: TcpListener) -> Result<(), Error> {
    let clinic = web::Data::new(Clinic::new(settings)?);
    let app = move || App::new().app_data(clinic.clone()).configure(routes);
    // Apart from the `await`, so that the future is `Send` and can be spawned.
    let server = HttpServer::new(app)
        .workers(1)
        .shutdown_timeout(3)
        .listen(listener)?
        .run();
    server.await?;
    Ok(())
}

/// All routes; they expect a `web::Data<Clinic>` among the application's data.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/", web::get().to(desk::home))
        .route("/login", web::get().to(desk::login))
        .route("/sign", web::post().to(desk::sign))
        .route("/callback", web::get().to(desk::callback))
        .route("/signed", web::get().to(desk::signed))
        .route("/history", web::get().to(history::history))
        .route("/claims", web::get().to(desk::claims))
        .route("/logout", web::get().to(desk::logout))
        .route("/healthz", web::get().to(desk::healthz))
        .route("/clinic.css", web::get().to(desk::style))
        .route("/icon.svg", web::get().to(desk::icon))
        .default_service(web::to(desk::not_found));
}
