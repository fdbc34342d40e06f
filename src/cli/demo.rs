//! `demo`: everything on this machine, seeded, without configuration or network.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actix_web::dev::Server;
use serde::Serialize;

use super::{Failure, story};
use crate::base::Clock;
use crate::config::{Config, read};
use crate::journey::Provider;
use crate::journey::apply::{How, apply};
use crate::model::file::WorkspaceFile;

mod registry;

#[path = "../../examples/cedar_clinic/clinic.rs"]
mod cedar_clinic;

/// The demo's workspace; ISSUER, PARTNER and REGISTRY stand for the addresses.
const WORKSPACE: &str = include_str!("demo/workspace.toml");

#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Where the demo keeps its database and keys
    #[arg(long, default_value = "demo-data")]
    pub data_dir: PathBuf,
    /// Play the story without a browser; exit 0 only if all of it held
    #[arg(long)]
    pub check: bool,
    /// Where the provider listens
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where the partner listens
    #[arg(long, default_value = "127.0.0.1:8081")]
    pub partner_listen: SocketAddr,
    /// Where the state's registry of dispensed prescriptions listens: an API that asks for a step-up
    #[arg(long, default_value = "127.0.0.1:8082")]
    pub registry_listen: SocketAddr,
    /// When ready, print one line of JSON instead of words
    #[arg(long)]
    pub json: bool,
}

/// A provider that was started.
pub struct Launched {
    pub server: Server,
    pub op: Arc<Provider>,
}

/// Starts a provider; the composition root does.
pub trait Launch {
    fn launch(&self, config: Config, listener: TcpListener) -> impl Future<Output = Result<Launched, Failure>>;
}

/// Where things are and who can sign in.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    pub issuer: String,
    pub partner: String,
    pub outbox: String,
    pub users: Vec<Person>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Person {
    pub username: String,
    pub password: String,
    pub role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp_secret: Option<String>,
}

pub async fn run(args: &DemoArgs, launcher: &impl Launch) -> Result<(), Failure> {
    // The check takes free ports and a folder of its own, so that it can run beside a demo.
    let scratch = args
        .check
        .then(|| args.data_dir.join(format!("check-{}", std::process::id())));
    let dir = scratch.clone().unwrap_or_else(|| args.data_dir.clone());
    let any = |address: SocketAddr| {
        if args.check {
            SocketAddr::new(address.ip(), 0)
        } else {
            address
        }
    };
    let (listener, partner) = (bind(any(args.listen))?, bind(any(args.partner_listen))?);
    let registry = bind(any(args.registry_listen))?;
    let issuer = format!("http://localhost:{}", listener.local_addr()?.port());
    let partner_url = format!("http://localhost:{}", partner.local_addr()?.port());
    let registry_url = format!("http://localhost:{}", registry.local_addr()?.port());
    let file = workspace(&issuer, &partner_url, &registry_url)?;
    let Launched { server, op } = launcher.launch(config(&issuer, &dir, args.check)?, listener).await?;
    apply(&op, &file, How::default()).await?;
    let clinic = clinic(&op, (&issuer, &partner_url, &registry_url))?;
    let api = registry::Registry::new(&issuer, &registry_url, &op)?;
    actix_web::rt::spawn(registry::serve(api, registry)?);
    let stage = stage(&file, issuer, partner_url);
    let clinic = cedar_clinic::serve(clinic, partner);
    if !args.check {
        announce(args, &stage)?;
        tokio::select! {
            done = server => return Ok(done?),
            done = clinic => return done.map_err(|e| Failure(e.to_string())),
        }
    }
    let (handle, server, clinic) = (
        server.handle(),
        actix_web::rt::spawn(server),
        actix_web::rt::spawn(clinic),
    );
    let told = story::tell(&stage).await;
    handle.stop(false).await;
    clinic.abort();
    let _ = server.await;
    if let Some(dir) = scratch {
        let _ = std::fs::remove_dir_all(dir);
    }
    told
}

fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|e| {
        Failure(format!(
            "{address} cannot be listened on: {e}; choose another with --listen, --partner-listen or --registry-listen"
        ))
    })
}

fn config(issuer: &str, dir: &Path, quiet: bool) -> Result<Config, Failure> {
    std::fs::create_dir_all(dir)
        .map_err(|e| Failure(format!("--data-dir {}: cannot be created: {e}", dir.display())))?;
    let level = if quiet { "warn" } else { "info" };
    let text = format!(
        "[server]\nissuer = \"{issuer}\"\nlisten = \"127.0.0.1:0\"\n[sandbox]\nenabled = true\n[log]\nlevel = \"{level}\"\n\
         [delivery.sms]\ntransport = \"outbox\"\n[delivery.voice]\ntransport = \"outbox\"\n\
         [delivery.email]\ntransport = \"outbox\"\n"
    );
    let dir = dir.canonicalize()?;
    Ok(Config::from_text(&text, "demo", &dir, std::iter::empty())?)
}

fn workspace(issuer: &str, partner: &str, registry: &str) -> Result<WorkspaceFile, Failure> {
    let text = WORKSPACE
        .replace("ISSUER", issuer)
        .replace("PARTNER", partner)
        .replace("REGISTRY", registry);
    Ok(read::file(&text, "demo/workspace.toml")?)
}

fn clinic(
    op: &Arc<Provider>,
    (issuer, public_url, registry): (&str, &str, &str),
) -> Result<cedar_clinic::Settings, Failure> {
    let file = workspace(issuer, public_url, registry)?;
    let client = file
        .clients
        .into_iter()
        .next()
        .ok_or_else(|| Failure::new("the demo has no partner"))?;
    let secret = client.client_secret.map(|s| s.expose().clone()).unwrap_or_default();
    let clock = op.clock.clone();
    Ok(cedar_clinic::Settings {
        issuer: issuer.to_owned(),
        client_id: client.client_id,
        client_secret: secret,
        public_url: public_url.to_owned(),
        registry_url: registry.to_owned(),
        trust_anchor: None,
        // The partner's clock follows the sandbox's.
        clock: Arc::new(move || {
            std::time::UNIX_EPOCH + std::time::Duration::from_micros(clock.now().micros().unsigned_abs())
        }),
    })
}

fn stage(file: &WorkspaceFile, issuer: String, partner: String) -> Stage {
    let role = |groups: &[String]| match groups.first().map(String::as_str) {
        Some("epcs_prescriber") => "prescriber",
        Some("administrators") => "administrator",
        _ => "patient",
    };
    let people = file.users.iter().map(|u| Person {
        username: u.username.clone(),
        password: u.password.as_ref().map(|p| p.expose().clone()).unwrap_or_default(),
        role: role(u.groups.as_deref().unwrap_or_default()).to_owned(),
        totp_secret: u
            .authenticators
            .iter()
            .find_map(|a| a.secret.as_ref().map(|s| s.expose().clone())),
    });
    Stage {
        outbox: format!("{issuer}/sandbox/outbox"),
        users: people.collect(),
        issuer,
        partner,
    }
}

fn announce(args: &DemoArgs, stage: &Stage) -> Result<(), Failure> {
    use std::io::Write;
    if args.json {
        println!("{}", serde_json::to_string(stage)?);
        return Ok(std::io::stdout().flush()?);
    }
    println!("\n  Cedar Clinic EHR (the partner)   {}", stage.partner);
    println!("  Countersign (the provider)       {}", stage.issuer);
    println!("  Text messages and calls          {}\n", stage.outbox);
    for person in &stage.users {
        println!(
            "  {:<14} {:<10} password  {}",
            person.role, person.username, person.password
        );
        if let Some(secret) = &person.totp_secret {
            println!("  {:<25} code generator secret  {secret}", "");
        }
    }
    println!("\n  Open the partner, sign in as the prescriber, and press \"Sign prescriptions\".");
    println!("  Add the secret to any authenticator app, or: oathtool --totp -b SECRET\n");
    println!(
        "  By push: {}/account/security, \"Push to your phone\", and reveal the link; then",
        stage.issuer
    );
    println!("    in another browser   {}/authenticator", stage.issuer);
    println!("    or in a terminal     countersign authenticator pair 'LINK'");
    println!("                         countersign authenticator approve --number NUMBER\n");
    Ok(std::io::stdout().flush()?)
}
