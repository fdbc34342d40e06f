//! Cedar Clinic EHR: a relying party that signs its users in over OpenID Connect and steps them up before they
//! sign prescriptions. Copy this folder; README.md says what to send, what to check, and why.
//!
//! ```sh
//! cargo run --example cedar_clinic -- --issuer http://localhost:8080 --client-id cedar-ehr \
//!     --client-secret … --listen 127.0.0.1:8081
//! ```

// By path, so that `clinic.rs` finds its modules beside itself wherever it is included from.
#[path = "clinic.rs"]
mod clinic;
#[cfg(test)]
mod fake_provider;
#[cfg(test)]
mod registry_story;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod story;

use std::{net::TcpListener, path::PathBuf, process::ExitCode, sync::Arc, time::SystemTime};

use anyhow::Context;
use clap::Parser;

#[derive(Parser)]
struct Arguments {
    /// The provider's issuer, exactly as its metadata spells it.
    #[arg(long)]
    issuer: String,
    #[arg(long)]
    client_id: String,
    #[arg(long, env = "CEDAR_CLIENT_SECRET", hide_env_values = true)]
    client_secret: String,
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: String,
    /// Where browsers reach this server; PUBLIC_URL/callback must be a registered redirect URI.
    #[arg(long, default_value = "http://localhost:8081")]
    public_url: String,
    /// The state's registry of dispensed prescriptions: an API that the provider knows as a resource.
    #[arg(long, default_value = "http://localhost:8082")]
    registry_url: String,
    /// PEM file with the certificates to trust for the provider, beside the system's.
    #[arg(long)]
    trust_anchor: Option<PathBuf>,
}

#[actix_web::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cedar_clinic: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let read = |path: PathBuf| std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()));
    let listener =
        TcpListener::bind(&arguments.listen).with_context(|| format!("cannot listen on {}", arguments.listen))?;
    println!("Cedar Clinic EHR: open {}", arguments.public_url);
    let settings = clinic::Settings {
        issuer: arguments.issuer,
        client_id: arguments.client_id,
        client_secret: arguments.client_secret,
        public_url: arguments.public_url,
        registry_url: arguments.registry_url,
        trust_anchor: arguments.trust_anchor.map(read).transpose()?,
        clock: clock(),
    };
    Ok(clinic::serve(settings, listener).await?)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where this program asks the system for the time"
)]
fn clock() -> clinic::Clock {
    Arc::new(SystemTime::now)
}
