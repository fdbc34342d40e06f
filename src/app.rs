//! The composition root: the only file that names every floor.

use std::collections::BTreeSet;
use std::future::ready;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::dev::{Server, Service};
use actix_web::{App, HttpResponse, HttpServer, web};
use futures_util::future::Either;
use rustls::ServerConfig;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::base::{Clock, Seconds, SystemEntropy};
use crate::cli::{self, Args, Command, Failure};
use crate::config::{Config, ConfigError, LogFormat, TlsSection, breached, master_key, tls};
use crate::delivery::backchannel::Partners;
use crate::delivery::{Carriers, Lookup, Outbound, Timeouts, Worker};
use crate::factors::Channel;
use crate::journey::apply::can_look_up;
use crate::journey::registration::upkeep::forget_unused;
use crate::journey::{Fittings, Provider, checkpoint, key_ring};
use crate::model::audit::{AuditRecord, Outcome};
use crate::policy::Method;
use crate::storage::{Heard, Store};
use crate::web::site::Metrics;
use crate::web::{Web, certificate, mail::Mail, page::Pages};

/// Heads of the audit log are signed this often, if it has grown.
const SIGN_HEAD_EVERY: Seconds = Seconds::minutes(5);
/// Old rows are removed and keys looked after this often.
const SWEEP_EVERY: Seconds = Seconds::minutes(15);
/// Requests under way when the server is told to stop get this long (seconds).
const SHUTDOWN_SECONDS: u64 = 10;

/// For documents that a request waits for.
const WHILE_SOMEBODY_WAITS: Timeouts = Timeouts {
    connect: Duration::from_secs(3),
    total: Duration::from_secs(5),
};

pub fn main(args: Args) -> ExitCode {
    // One crypto stack for everything that speaks TLS.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match actix_web::rt::System::new().block_on(run(args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("countersign: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Failure> {
    match &args.command {
        Command::Demo(demo) => cli::demo::run(demo, &Launcher).await,
        Command::Serve(config) => serve(Config::load(&config.config)?).await,
        Command::CheckConfig(check) => {
            let config = Config::load(&check.config.config)?;
            breached::load(config.breached.as_deref())?;
            check_tls(&config)?;
            cli::apply::check(check, &lookup(&config)?)
        }
        Command::Apply(a) => cli::apply::apply(&*open(&a.config).await?, a).await,
        Command::Export(a) => cli::apply::export(&*open(&a.config).await?, a).await,
        Command::Policy(c) => cli::explain::run(&*open(c.config()).await?, c).await,
        Command::Keys(c) => cli::keys::run(&*open(c.config()).await?, c).await,
        Command::Audit(c) => cli::audit::run(&*open(c.config()).await?, c).await,
        Command::User(c) => cli::user::run(&*open(c.config()).await?, c).await,
        Command::Passwords(c) => cli::passwords::run(c),
        Command::Authenticator(c) => cli::authenticator::run(c).await,
        Command::Client(c) => cli::client::run(&*open(c.config()).await?, c).await,
    }
}

async fn open(config: &cli::ConfigArg) -> Result<Arc<Provider>, Failure> {
    provider(&Config::load(&config.config)?).await
}

/// The database opened and migrated, the keys complete.
async fn provider(config: &Config) -> Result<Arc<Provider>, Failure> {
    let from_env = std::env::var(master_key::VARIABLE).ok();
    let sealer = master_key::sealer(&config.keys_dir, from_env.as_deref(), &SystemEntropy)?;
    let store = Store::open(&config.database_url)
        .await
        .map_err(|e| ConfigError::new("database.url", e.to_string()))?;
    let fittings = Fittings {
        issuer: config.issuer.clone(),
        sandbox: config.sandbox,
        hashing_at_once: config.password_hashing,
        unreachable: unreachable(config),
        models: config.models.clone(),
        words: Arc::new(Mail::new(config.templates.as_deref())?),
        lookup: lookup(config)?,
        breached: breached::load(config.breached.as_deref())?,
        webpush_key: config
            .delivery
            .webpush_key()
            .map_err(|e| ConfigError::new("delivery", e.to_string()))?,
        outbound: outbound(config, WHILE_SOMEBODY_WAITS)?,
        mutual_tls: config.mutual_tls.open()?,
    };
    let op = Provider::open(store, sealer, fittings).await?;
    key_ring::complete(&op, true).await?;
    Ok(Arc::new(op))
}

fn lookup(config: &Config) -> Result<Lookup, ConfigError> {
    Lookup::open(&config.delivery.lookup).map_err(|e| ConfigError::new("delivery.lookup", e.to_string()))
}

fn outbound(config: &Config, timeouts: Timeouts) -> Result<Outbound, ConfigError> {
    Outbound::open(&config.outbound, timeouts).map_err(|e| ConfigError::new("outbound", e.to_string()))
}

/// Without a carrier a message would stay in the outbox, where only the sandbox shows it.
fn unreachable(config: &Config) -> BTreeSet<Method> {
    if config.sandbox {
        return BTreeSet::new();
    }
    let lost = config.delivery.without_transport();
    let method = |channel: &Channel| match channel {
        Channel::Sms => Some(Method::Sms),
        Channel::Voice => Some(Method::Voice),
        Channel::Email | Channel::Push | Channel::Ping | Channel::Logout => None,
    };
    lost.iter().filter_map(method).collect()
}

async fn serve(config: Config) -> Result<(), Failure> {
    start_log(&config);
    let listener = listen(&config)?;
    let running = start(config, listener).await?;
    running.server.await?;
    Ok(())
}

pub fn listen(config: &Config) -> Result<TcpListener, Failure> {
    TcpListener::bind(config.listen)
        .map_err(|e| ConfigError::new("server.listen", format!("{} cannot be listened on: {e}", config.listen)).into())
}

/// Starts servers for the demo command, which must not know this floor.
pub struct Launcher;

impl cli::demo::Launch for Launcher {
    async fn launch(&self, config: Config, listener: TcpListener) -> Result<cli::demo::Launched, Failure> {
        start_log(&config);
        let Running { server, op } = start(config, listener).await?;
        Ok(cli::demo::Launched { server, op })
    }
}

pub struct Running {
    pub server: Server,
    pub op: Arc<Provider>,
}

/// The server, not yet polled, and its housekeeping, already at work.
pub async fn start(config: Config, listener: TcpListener) -> Result<Running, Failure> {
    let op = provider(&config).await?;
    let pages = Pages::new(config.templates.as_deref())?;
    let site = web::Data::new(Web {
        op: Arc::clone(&op),
        pages,
        trusted_proxies: config.trusted_proxies.clone(),
        certificate_header: config.mutual_tls.header.clone(),
        sandbox: config.sandbox,
        metrics: Metrics::default(),
    });
    note(&op, "service.started").await?;
    if let Err(problem) = can_look_up(&op.current().workspace, &op.lookup) {
        tracing::warn!(%problem, "no phone can be set up");
    }
    let server = http_server(&config, site, listener)?;
    housekeeping(&op);
    listen_to_others(&op);
    let worker = Worker {
        store: op.store.clone(),
        sealer: Arc::clone(&op.sealer),
        carriers: carriers(&config, &op)?,
        clock: Arc::new(op.clock.clone()),
        entropy: Arc::new(op.entropy),
        wake: Arc::clone(&op.outbox),
    };
    // Ends with the process: what is on its way is leased, and taken up again by whoever is left.
    tokio::spawn(worker.run(std::future::pending()));
    tracing::info!(issuer = %op.issuer.url, listen = %config.listen, sandbox = config.sandbox, "serving");
    Ok(Running { server, op })
}

/// Letters are told of everything that changes (800-63B-4 §4.6): that none leaves must be seen, though no method needs
/// them.
fn carriers(config: &Config, op: &Arc<Provider>) -> Result<Carriers, Failure> {
    let outbound = outbound(config, Timeouts::default())?;
    let open = Carriers::open(&config.delivery, &outbound, Timeouts::default());
    let open = open.map_err(|e| ConfigError::new("delivery", e.to_string()))?;
    let partners = Arc::clone(op) as Arc<dyn Partners>;
    let open = open.telling(partners, outbound);
    if config.sandbox {
        return Ok(open);
    }
    if config.delivery.without_transport().contains(&Channel::Email) {
        tracing::warn!(
            "no e-mail leaves: nobody is told of changes to their account; set [delivery.email], see docs/email.md"
        );
    }
    Ok(open.without_outbox())
}

/// Reads every certificate and key that is named.
fn check_tls(config: &Config) -> Result<(), ConfigError> {
    config.mutual_tls.open()?;
    config.tls.as_ref().map(tls::server).transpose()?;
    let mutual = config.mutual_tls.listen.as_ref();
    mutual.map(|(_, tls)| tls::mutual(tls)).transpose()?;
    Ok(())
}

fn http_server(config: &Config, site: web::Data<Web>, listener: TcpListener) -> Result<Server, Failure> {
    let mutual = config.mutual_tls.listen.as_ref();
    let mutual = mutual.map(|(at, tls)| bound(*at, tls)).transpose()?;
    let mutual_at = mutual.as_ref().map(|(listener, _)| listener.local_addr()).transpose()?;
    let server = HttpServer::new(move || {
        let counted = site.clone();
        App::new()
            .app_data(site.clone())
            .configure(crate::web::routes(&site))
            .wrap_fn(move |request, service| {
                let counted = counted.clone();
                let answer = if certificate::is_astray(&request, mutual_at) {
                    let nothing = HttpResponse::NotFound().finish();
                    Either::Left(ready(Ok(request.into_response(nothing))))
                } else {
                    Either::Right(service.call(request))
                };
                async move {
                    let answer = answer.await?;
                    let class = usize::from(answer.status().as_u16() / 100).clamp(1, 5) - 1;
                    counted.metrics.responses[class].fetch_add(1, Ordering::Relaxed);
                    Ok(answer)
                }
            })
    })
    .workers(config.workers)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .on_connect(certificate::keep);
    let server = match mutual {
        Some((listener, tls)) => server.listen_rustls_0_23(listener, tls)?,
        None => server,
    };
    let server = match &config.tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls::server(tls)?)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// Where clients with certificates call.
fn bound(at: SocketAddr, own: &TlsSection) -> Result<(TcpListener, ServerConfig), Failure> {
    let tls = tls::mutual(own)?;
    let busy = |e| ConfigError::new("server.mtls.listen", format!("{at} cannot be listened on: {e}"));
    Ok((TcpListener::bind(at).map_err(busy)?, tls))
}

async fn note(op: &Provider, event: &str) -> Result<(), Failure> {
    let mut tx = op.store.begin().await?;
    tx.audit(AuditRecord::new(event, Outcome::Success, op.now()));
    tx.commit().await?;
    Ok(())
}

/// What goes on beside the requests: next keys, signed heads, sweeping, caches that another node made old.
fn housekeeping(op: &Arc<Provider>) {
    let keys = Arc::clone(op);
    tokio::spawn(async move {
        report("the next signing keys", key_ring::complete(&keys, false).await);
    });
    let watch = Arc::clone(op);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            if let Ok(mut tx) = watch.store.view().await {
                report("the workspace", watch.current_in(&mut tx).await.map(drop));
            }
            if watch.hasher.idle() {
                crate::factors::password::release_memory();
            }
        }
    });
    let heads = Arc::clone(op);
    tokio::spawn(async move {
        // At once, too: what an earlier run left unsigned is not left so for longer.
        loop {
            report(
                "a signed head of the audit log",
                checkpoint::sign_head(&heads).await.map(drop),
            );
            tokio::time::sleep(SIGN_HEAD_EVERY.as_std()).await;
        }
    });
    let sweep = Arc::clone(op);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(SWEEP_EVERY.as_std()).await;
            report("clients that nobody uses", forget_unused(&sweep).await.map(drop));
            report("sweeping", sweep_once(&sweep).await);
            report("upkeep of the signing keys", key_ring::upkeep(&sweep).await);
        }
    });
}

/// What other nodes announce rings here, too. While the connection is lost nothing is heard: whoever waits looks again
/// once it is back.
fn listen_to_others(op: &Arc<Provider>) {
    const AGAIN: std::time::Duration = std::time::Duration::from_secs(1);
    let op = Arc::clone(op);
    tokio::spawn(async move {
        loop {
            match op.store.announcements().await {
                Ok(None) => return,
                Ok(Some(mut others)) => {
                    op.signals.ring_all();
                    loop {
                        match others.heard().await {
                            Ok(Heard::Key(key)) => op.signals.ring(&key),
                            Ok(Heard::Gap) => op.signals.ring_all(),
                            Err(error) => {
                                tracing::warn!(%error, "what other nodes announce cannot be heard");
                                break;
                            }
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "what other nodes announce cannot be heard"),
            }
            tokio::time::sleep(AGAIN).await;
        }
    });
}

async fn sweep_once(op: &Provider) -> Result<(), crate::journey::LoadError> {
    let mut tx = op.store.begin().await?;
    tx.sweep(op.clock.now()).await?;
    Ok(tx.commit().await?)
}

fn report<E: std::fmt::Display>(what: &str, result: Result<(), E>) {
    if let Err(e) = result {
        tracing::error!(%what, cause = %e, "housekeeping failed; it is tried again");
    }
}

fn start_log(config: &Config) {
    let filter = EnvFilter::try_new(&config.log_level).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE);
    // A second start in one process keeps the first log.
    let _ = match config.log_format {
        LogFormat::Text => log.with_ansi(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}
