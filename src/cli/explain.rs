//! `policy explain`: the decision that the server takes, in words and JSON.

use super::{ConfigArg, Failure, print_json};
use crate::base::ClientId;
use crate::journey::Provider;
use crate::journey::demand::{Asked, Parties, enrolled};
use crate::model::User;
use crate::policy::{Evidence, RequestDemand, explain};
use crate::protocol::client::Client;
use crate::protocol::scope::Scopes;

#[derive(Debug, clap::Subcommand)]
pub enum PolicyCommand {
    /// Which methods may be used, which are refused, and by which rule
    #[command(
        after_help = "Example:\n  countersign policy explain --client cedar-ehr --user rivera --acr urn:countersign:acr:epcs"
    )]
    Explain {
        #[command(flatten)]
        config: ConfigArg,
        /// The partner
        #[arg(long)]
        client: String,
        /// The person: with what they have enrolled, and their groups
        #[arg(long)]
        user: Option<String>,
        /// An acr that the request asks for; may be given several times, the first preferred
        #[arg(long)]
        acr: Vec<String>,
        /// The scopes of the request
        #[arg(long, default_value = "openid")]
        scope: String,
        /// A type of authorization details in the request; may be given several times
        #[arg(long, value_name = "TYPE")]
        details: Vec<String>,
        /// An API that the request names; may be given several times
        #[arg(long)]
        resource: Vec<String>,
        #[arg(long)]
        json: bool,
    },
}

impl PolicyCommand {
    pub const fn config(&self) -> &ConfigArg {
        match self {
            Self::Explain { config, .. } => config,
        }
    }
}

pub async fn run(op: &Provider, command: &PolicyCommand) -> Result<(), Failure> {
    let PolicyCommand::Explain {
        client,
        user,
        acr,
        scope,
        details,
        resource,
        json,
        ..
    } = command;
    let mut tx = op.store.view().await?;
    let current = op.current_in(&mut tx).await?;
    let ws = &current.workspace;
    let client = ws
        .clients
        .get(&ClientId::new(client.clone()))
        .ok_or_else(|| Failure(format!("--client {client}: there is no such client")))?;
    let user = match user {
        None => None,
        Some(name) => {
            let found = tx.user_by_login(&User::key(name)).await?;
            Some(found.ok_or_else(|| Failure(format!("--user {name}: there is no such user")))?)
        }
    };
    let held = match &user {
        Some(user) => enrolled(&tx.authenticators(&user.id).await?),
        None => Vec::new(),
    };
    let scope = Scopes::parse(scope).map_err(|_| Failure::new("--scope: not a list of scopes"))?;
    let request = demand(client, acr);
    let need = Parties {
        workspace: ws,
        client,
        user: user.as_ref(),
    }
    .requirement(&Asked {
        scope,
        details: details.clone(),
        resources: resource.clone(),
        request,
    });
    let now = op.now();
    let evidence = Evidence {
        events: &[],
        last_active: now,
        ceremony: None,
    };
    let explanation = explain(&ws.acrs, &need, &evidence, &held, now);
    if *json {
        return print_json(&explanation);
    }
    println!("{explanation}");
    Ok(())
}

/// As the request's, else the client's own.
fn demand(client: &Client, acr: &[String]) -> RequestDemand {
    let asked = if acr.is_empty() {
        client.metadata.default_acr_values.as_slice()
    } else {
        acr
    };
    RequestDemand {
        acr_values: asked.to_vec(),
        essential: !acr.is_empty(),
        ..RequestDemand::default()
    }
}
