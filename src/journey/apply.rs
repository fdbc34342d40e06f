//! A workspace file into the database: all of it, or nothing. Applying it again changes nothing.

mod people;

use std::collections::BTreeMap;

use serde::Serialize;

use super::client_secrets;
use super::provider::{LoadError, Provider, parts_of};
use super::sector::{self, NotInSector};
use crate::base::{ClientId, Timestamp};
use crate::delivery::Lookup;
use crate::model::Workspace;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::file::WorkspaceFile;
use crate::model::workspace::{Parts, Problem};
use crate::protocol::client::ClientMetadata;
use crate::storage::workspace::Item;
use crate::storage::{self, Tx};

/// One line of the difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub kind: String,
    pub name: String,
    pub action: Action,
    /// Which keys change; never their values, for some are secrets.
    pub keys: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Create,
    Change,
    Remove,
    /// Not in the file, and there all the same: a client that registered itself.
    Keep,
}

impl Change {
    fn new(kind: &str, name: &str, action: Action, keys: Vec<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            name: name.to_owned(),
            action,
            keys,
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = match self.action {
            Action::Create => '+',
            Action::Change => '~',
            Action::Remove => '-',
            Action::Keep => '=',
        };
        write!(f, "{sign} {} {}", self.kind, self.name)?;
        if self.keys.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.keys.join(", "))
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ApplyFault {
    #[error(transparent)]
    Problem(#[from] Problem),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

impl From<NotInSector> for ApplyFault {
    fn from(e: NotInSector) -> Self {
        match e {
            NotInSector::Problem(e) => e.into(),
            NotInSector::Storage(e) => e.into(),
        }
    }
}

impl From<crate::keys::SealError> for ApplyFault {
    fn from(e: crate::keys::SealError) -> Self {
        Self::Load(e.into())
    }
}

/// How a file is applied.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Only say what would change.
    pub dry_run: bool,
    /// Remove entries (never users, never clients that registered themselves) that the file does not have.
    pub prune: bool,
}

impl Change {
    /// Will the workspace be another one by it?
    pub fn changes(&self) -> bool {
        self.action != Action::Keep
    }
}

/// What differs, and (unless it is a dry run) no longer does.
pub async fn apply(op: &Provider, file: &WorkspaceFile, how: How) -> Result<Vec<Change>, ApplyFault> {
    sector::check_changed(op, &file.clients).await?;
    let mut tx = op.store.begin().await?;
    // The generation is also the lock between two operators.
    tx.next_generation().await?;
    let stored = tx.items().await?;
    let wanted = merge(op, &stored, items_of(sealed(op, file)?)?, how)?;
    // What would be there is checked as a whole before anything is written.
    let workspace = parts_of(&wanted)?.assemble(0)?;
    if file.workspace.is_some() {
        can_look_up(&workspace, &op.lookup)?;
    }
    let mut changes = write_items(&mut tx, &stored, &wanted).await?;
    take_over(&mut tx, &stored, &wanted).await?;
    people::apply(op, &mut tx, &workspace, &file.users, &mut changes).await?;
    if how.prune {
        changes.extend(kept(&stored, file));
    }
    if how.dry_run || !changes.iter().any(Change::changes) {
        return Ok(changes);
    }
    tx.audit(record(&changes, op.now()));
    tx.commit().await?;
    op.current_in(&mut op.store.view().await?).await?;
    Ok(changes)
}

/// The file's entries, with the secrets of clients that sign with them as they are kept.
fn sealed(op: &Provider, file: &WorkspaceFile) -> Result<Parts, ApplyFault> {
    let mut parts = file.parts();
    for client in &mut parts.clients {
        client_secrets::seal(op, client)?;
    }
    Ok(parts)
}

/// Where lines are denied and nobody tells the line of a number, no phone could ever be set up.
pub fn can_look_up(workspace: &Workspace, lookup: &Lookup) -> Result<(), Problem> {
    if workspace.settings.phone.needs_lookup() && lookup.is_off() {
        return Err(Problem::new(
            "workspace: phone.deny_line_types",
            "needs somebody who tells the line of a number: set [delivery.lookup] in the configuration",
        ));
    }
    Ok(())
}

fn record(changes: &[Change], now: Timestamp) -> AuditRecord {
    let lines = changes.iter().filter(|c| c.changes());
    let lines: Vec<String> = lines.map(ToString::to_string).collect();
    AuditRecord::new("config.changed", Outcome::Success, now)
        .actor("operator")
        .reason("apply")
        .with("changes", lines)
}

pub(super) fn item<T: Serialize>(kind: &str, name: &str, value: &T) -> Result<Item, Problem> {
    let broken = |e: serde_json::Error| Problem::new(format!("{kind} {name}"), e.to_string());
    let value = serde_json::to_value(value).map_err(broken)?;
    Ok(Item {
        kind: kind.to_owned(),
        name: name.to_owned(),
        body: value.to_string(),
    })
}

/// The file's entries as they are stored: secrets as hashes.
fn items_of(parts: Parts) -> Result<Vec<Item>, Problem> {
    let Parts {
        settings,
        pools,
        policies,
        groups,
        scopes,
        details_types,
        resources,
        acrs,
        clients,
    } = parts;
    let mut items = Vec::new();
    if let Some(settings) = &settings {
        items.push(item("workspace", "settings", settings)?);
    }
    for x in &pools {
        items.push(item("pool", &x.name, x)?);
    }
    for x in &policies {
        items.push(item("policy", &x.name, x)?);
    }
    for x in &groups {
        items.push(item("group", &x.name, x)?);
    }
    for x in &scopes {
        items.push(item("scope", &x.name, x)?);
    }
    for x in &details_types {
        items.push(item("authorization_details", &x.name, x)?);
    }
    for x in &resources {
        items.push(item("resource", &x.uri, x)?);
    }
    for x in &acrs {
        items.push(item("acr", &x.value, x)?);
    }
    for mut x in clients {
        x.check_secret()
            .map_err(|e| Problem::new(format!("clients {}", e.client), format!("{} {}", e.member, e.problem)))?;
        x.hide_secret();
        items.push(item("client", &x.client_id, &x.to_json())?);
    }
    twice(&items)?;
    Ok(items)
}

/// The table of a workspace file that holds this kind of entry.
fn table_of(kind: &str) -> String {
    match kind {
        "workspace" | "acr" | "authorization_details" => kind.to_owned(),
        "policy" => "policies".to_owned(),
        other => format!("{other}s"),
    }
}

fn twice(items: &[Item]) -> Result<(), Problem> {
    let mut seen = std::collections::BTreeSet::new();
    match items.iter().find(|i| !seen.insert((&i.kind, &i.name))) {
        Some(i) => Err(Problem::new(
            format!("{} {}", table_of(&i.kind), i.name),
            "is there twice",
        )),
        None => Ok(()),
    }
}

/// What will be there: the file's entries, and (unless pruned) the others. A client that names no secret
/// keeps the one it has.
fn merge(op: &Provider, stored: &[Item], wanted: Vec<Item>, how: How) -> Result<Vec<Item>, Problem> {
    let mut all: BTreeMap<(String, String), Item> = BTreeMap::new();
    let stays = stored.iter().filter(|i| !how.prune || registered_itself(i));
    all.extend(stays.map(|i| ((i.kind.clone(), i.name.clone()), i.clone())));
    for mut new in wanted {
        let old = stored.iter().find(|i| i.kind == new.kind && i.name == new.name);
        if let (Some(old), "client") = (old, new.kind.as_str()) {
            keep_secret(op, old, &mut new)?;
        }
        all.insert((new.kind.clone(), new.name.clone()), new);
    }
    Ok(all.into_values().collect())
}

/// A file says what the operator's clients are. Those that registered themselves are no part of it, unless it names them.
fn registered_itself(item: &Item) -> bool {
    let client = || serde_json::from_str::<ClientMetadata>(&item.body);
    item.kind == "client" && client().is_ok_and(|c| c.registered)
}

/// A registered client that a file names is the operator's from now on, and nobody else's to change.
async fn take_over(tx: &mut Tx, stored: &[Item], wanted: &[Item]) -> Result<(), ApplyFault> {
    for old in stored.iter().filter(|i| registered_itself(i)) {
        let new = wanted.iter().find(|i| i.kind == old.kind && i.name == old.name);
        if new.is_some_and(|new| !registered_itself(new)) {
            tx.forget_registration(&ClientId::new(&old.name)).await?;
        }
    }
    Ok(())
}

fn kept(stored: &[Item], file: &WorkspaceFile) -> Vec<Change> {
    let named = |item: &Item| file.clients.iter().any(|c| c.client_id == item.name);
    let left_out = stored.iter().filter(|i| registered_itself(i) && !named(i));
    let keys = vec!["registered".to_owned()];
    left_out
        .map(|i| Change::new(&i.kind, &i.name, Action::Keep, keys.clone()))
        .collect()
}

fn keep_secret(op: &Provider, old: &Item, new: &mut Item) -> Result<(), Problem> {
    let read = |i: &Item| serde_json::from_str::<ClientMetadata>(&i.body);
    let broken = |e: serde_json::Error| Problem::new(format!("client {}", new.name), e.to_string());
    let (old, mut fresh) = (read(old).map_err(broken)?, read(new).map_err(broken)?);
    let named = fresh.client_secret_hash.is_some();
    let takes_secret = fresh.token_endpoint_auth_method == old.token_endpoint_auth_method;
    // The same secret, sealed another time, is no change.
    let same = named && fresh.client_secret_hash == old.client_secret_hash && client_secrets::is_sound(op, &old);
    if (!named || same) && takes_secret && old.client_secret_hash.is_some() {
        fresh.client_secret_hash = old.client_secret_hash;
        fresh.client_secret_sealed = old.client_secret_sealed;
        new.body = fresh.to_json().to_string();
    }
    Ok(())
}

async fn write_items(tx: &mut Tx, stored: &[Item], wanted: &[Item]) -> Result<Vec<Change>, ApplyFault> {
    let mut changes = Vec::new();
    for new in wanted {
        let old = stored.iter().find(|i| i.kind == new.kind && i.name == new.name);
        match old {
            Some(old) if old.body == new.body => continue,
            Some(old) => changes.push(Change::new(
                &new.kind,
                &new.name,
                Action::Change,
                changed_keys(old, new),
            )),
            None => changes.push(Change::new(&new.kind, &new.name, Action::Create, Vec::new())),
        }
        tx.save_item(new).await?;
    }
    for old in stored {
        if !wanted.iter().any(|i| i.kind == old.kind && i.name == old.name) {
            tx.delete_item(&old.kind, &old.name).await?;
            changes.push(Change::new(&old.kind, &old.name, Action::Remove, Vec::new()));
        }
    }
    Ok(changes)
}

fn changed_keys(old: &Item, new: &Item) -> Vec<String> {
    let read =
        |i: &Item| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&i.body).unwrap_or_default();
    let (old, new) = (read(old), read(new));
    let mut keys: Vec<String> = old
        .keys()
        .chain(new.keys())
        .filter(|k| old.get(*k) != new.get(*k))
        .cloned()
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

/// What an export holds beside the operator's own words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Export {
    /// Without secrets it can be shown; `apply` then keeps what is there.
    pub with_secrets: bool,
    /// Clients that registered themselves: elsewhere they are known, but nobody can look after them.
    pub with_registered: bool,
}

/// The workspace as a file that `apply` takes.
pub async fn export(op: &Provider, how: Export) -> Result<WorkspaceFile, ApplyFault> {
    let with_secrets = how.with_secrets;
    let mut tx = op.store.view().await?;
    let parts = parts_of(&tx.items().await?)?;
    let users = people::export(op, &mut tx, with_secrets).await?;
    let hide = |mut c: ClientMetadata| {
        if !with_secrets {
            c.client_secret_hash = None;
            c.client_secret_sealed = None;
        }
        c
    };
    Ok(WorkspaceFile {
        workspace: parts.settings,
        acr: parts.acrs,
        pools: parts.pools,
        policies: parts.policies,
        groups: parts.groups,
        scopes: parts.scopes,
        authorization_details: parts.details_types,
        resources: parts.resources,
        clients: parts
            .clients
            .into_iter()
            .filter(|c| how.with_registered || !c.registered)
            .map(hide)
            .collect(),
        users,
    })
}
