//! What every use case works with: the store, the keys, the clock, and the current workspace.

use std::collections::BTreeSet;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use super::bearers::Bearers;
use super::client_keys::ClientKeys;
use super::hasher::Hasher;
use super::logos::Logos;
use super::mutual_tls::MutualTls;
use super::notices::Words;
use super::signals::Signals;
use super::subjects;
use crate::base::{Clock, SystemClock, SystemEntropy, Timestamp};
use crate::delivery::{Lookup, Outbound};
use crate::factors::password::Breached;
use crate::factors::webauthn::models::Models;
use crate::factors::{Cx, Site};
use crate::keys::{KeyRecord, KeyRing, RingError, SealError, Sealer};
use crate::model::Workspace;
use crate::model::errand::ACCOUNT_CLIENT;
use crate::model::workspace::{Parts, Problem};
use crate::policy::Method;
use crate::protocol::client::{Client, ClientMetadata};
use crate::protocol::subject::PairwiseSalt;
use crate::protocol::words::{AuthMethod, Consent};
use crate::storage::workspace::{Item, KeyRow};
use crate::storage::{self, Store, Tx};

/// Where we are, as the outside writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// Without a trailing slash; `iss` of every token and answer.
    pub url: String,
    /// Host and port, as a person sees them.
    pub host: String,
    /// The path below which the endpoints lie; empty at the root of a host.
    pub path: String,
    /// Is it https? Cookies are `__Host-` and Secure then.
    pub secure: bool,
}

/// Everything that decides or signs, at one generation.
pub struct Current {
    pub workspace: Workspace,
    pub ring: KeyRing,
    pub(super) bearers: Bearers,
}

pub struct Provider {
    pub store: Store,
    pub sealer: Arc<Sealer>,
    pub clock: SystemClock,
    pub entropy: SystemEntropy,
    pub issuer: Issuer,
    pub hasher: Hasher,
    /// Rung when something was put into the outbox.
    pub outbox: Arc<Notify>,
    /// Who waits for a phone's answer, and which phone for a request.
    pub signals: Signals,
    /// Is everything that would be sent to be seen?
    pub sandbox: bool,
    /// What is known of models of security keys.
    pub models: Arc<Models>,
    pub words: Arc<dyn Words>,
    /// Tells the line type of a phone number.
    pub lookup: Lookup,
    /// Passwords that nobody may choose.
    pub breached: Arc<Breached>,
    /// What browsers subscribe to messages with; `None`: Web Push is not set up.
    pub webpush_key: Option<String>,
    /// Reaches addresses that clients have named.
    pub outbound: Outbound,
    /// What is set up for clients with certificates.
    pub mutual_tls: MutualTls,
    pub(super) client_keys: ClientKeys,
    /// For `subjects::subject`.
    pub(super) salt: PairwiseSalt,
    pub(super) logos: Logos,
    /// In whose name our own pages ask.
    pub account: Client,
    /// Methods whose messages could not leave: as good as switched off.
    unreachable: BTreeSet<Method>,
    current: ArcSwap<Current>,
}

/// What a provider is made with, beside its database and its master key.
pub struct Fittings {
    pub issuer: Issuer,
    pub sandbox: bool,
    pub hashing_at_once: usize,
    pub unreachable: BTreeSet<Method>,
    pub models: Models,
    pub words: Arc<dyn Words>,
    pub lookup: Lookup,
    pub breached: Breached,
    pub webpush_key: Option<String>,
    /// Reaches addresses that clients have named.
    pub outbound: Outbound,
    /// For clients with certificates.
    pub mutual_tls: MutualTls,
}

/// Why what is stored cannot be worked with.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Storage(#[from] storage::Error),
    #[error("the stored workspace does not hold together: {0}")]
    Workspace(#[from] Problem),
    #[error("the signing keys cannot be used: {0}")]
    Keys(#[from] RingError),
    #[error("the master key does not fit this database: {0}")]
    Seal(#[from] SealError),
}

impl Provider {
    pub async fn open(store: Store, sealer: Sealer, with: Fittings) -> Result<Self, LoadError> {
        let clock = SystemClock::default();
        let Fittings {
            issuer,
            sandbox,
            hashing_at_once,
            unreachable,
            models,
            words,
            lookup,
            breached,
            webpush_key,
            outbound,
            mutual_tls,
        } = with;
        let current = load(&mut store.view().await?, &sealer, clock.now(), &unreachable).await?;
        let salt = subjects::salt(&store, &sealer, &SystemEntropy).await?;
        Ok(Self {
            models: Arc::new(models),
            words,
            lookup,
            breached: Arc::new(breached),
            webpush_key,
            outbound,
            mutual_tls,
            client_keys: ClientKeys::default(),
            salt,
            logos: Logos::default(),
            account: account_client(&issuer)?,
            store,
            sealer: Arc::new(sealer),
            clock,
            entropy: SystemEntropy,
            issuer,
            hasher: Hasher::new(hashing_at_once),
            outbox: Arc::new(Notify::new()),
            signals: Signals::default(),
            sandbox,
            unreachable,
            current: ArcSwap::from_pointee(current),
        })
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What this process knows; a change made elsewhere may be missing for a moment. For metadata and pages
    /// without consequence; whoever decides takes `current_in`.
    pub fn current(&self) -> Arc<Current> {
        self.current.load_full()
    }

    /// What decides now, seen from within a transaction: reloaded if anybody in the cluster has changed it.
    pub async fn current_in(&self, tx: &mut Tx) -> Result<Arc<Current>, LoadError> {
        let known = self.current.load_full();
        if tx.generation().await? == known.workspace.generation {
            return Ok(known);
        }
        let fresh = Arc::new(load(tx, &self.sealer, self.now(), &self.unreachable).await?);
        self.current.store(Arc::clone(&fresh));
        Ok(fresh)
    }

    /// What factors may look at.
    pub fn cx<'a>(&'a self, now: Timestamp, site: &'a Site) -> Cx<'a> {
        Cx {
            now,
            entropy: &self.entropy,
            site,
            models: &self.models,
        }
    }

    pub fn site(&self, workspace: &Workspace) -> Site {
        Site {
            name: workspace.settings.name.clone(),
            issuer: self.issuer.url.clone(),
            host: self.issuer.host.clone(),
        }
    }
}

/// Our own pages as a client: it gets no tokens, and no partner can be it.
fn account_client(issuer: &Issuer) -> Result<Client, Problem> {
    let metadata = ClientMetadata {
        client_id: ACCOUNT_CLIENT.to_owned(),
        redirect_uris: vec![format!("{}/account", issuer.url)],
        token_endpoint_auth_method: Some(AuthMethod::None),
        consent: Some(Consent::Implicit),
        ..ClientMetadata::default()
    };
    metadata
        .check()
        .map_err(|e| Problem::new(ACCOUNT_CLIENT, format!("{} {}", e.member, e.problem)))
}

async fn load(
    tx: &mut Tx,
    sealer: &Sealer,
    now: Timestamp,
    unreachable: &BTreeSet<Method>,
) -> Result<Current, LoadError> {
    // The generation first: what changes while we read makes the copy older than it says, never newer.
    let generation = tx.generation().await?;
    let mut workspace = parts_of(&tx.items().await?)?.assemble(generation)?;
    workspace.settings.methods.retain(|m| !unreachable.contains(m));
    let records = records_of(&tx.signing_keys().await?)?;
    let ring = KeyRing::open(&records, sealer, now)?;
    Ok(Current {
        workspace,
        ring,
        bearers: Bearers::default(),
    })
}

/// Reads stored entries back.
pub fn parts_of(items: &[Item]) -> Result<Parts, Problem> {
    let mut parts = Parts::default();
    for item in items {
        let place = || format!("{} {}", item.kind, item.name);
        let broken = |e: serde_json::Error| Problem::new(place(), e.to_string());
        let body = &item.body;
        match item.kind.as_str() {
            "workspace" => parts.settings = Some(serde_json::from_str(body).map_err(broken)?),
            "pool" => parts.pools.push(serde_json::from_str(body).map_err(broken)?),
            "policy" => parts.policies.push(serde_json::from_str(body).map_err(broken)?),
            "group" => parts.groups.push(serde_json::from_str(body).map_err(broken)?),
            "resource" => parts.resources.push(serde_json::from_str(body).map_err(broken)?),
            "scope" => parts.scopes.push(serde_json::from_str(body).map_err(broken)?),
            "authorization_details" => parts.details_types.push(serde_json::from_str(body).map_err(broken)?),
            "acr" => parts.acrs.push(serde_json::from_str(body).map_err(broken)?),
            "client" => parts.clients.push(serde_json::from_str(body).map_err(broken)?),
            _ => {
                return Err(Problem::new(
                    place(),
                    "no such kind of entry: written by a newer version?",
                ));
            }
        }
    }
    Ok(parts)
}

pub fn records_of(rows: &[KeyRow]) -> Result<Vec<KeyRecord>, storage::Error> {
    rows.iter()
        .map(|row| {
            serde_json::from_str(&row.body).map_err(|e| storage::Error::corrupt(format!("signing_keys {}", row.kid), e))
        })
        .collect()
}
