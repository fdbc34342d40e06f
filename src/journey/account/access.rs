//! Partners with access to the account, and the end of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Mistake, alone};
use crate::base::{ClientId, Timestamp};
use crate::journey::errands::Gate;
use crate::journey::provider::Provider;
use crate::journey::records::record;
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::model::audit::Outcome;
use crate::protocol::client::Client;
use crate::storage::Tx;

/// What one partner may see or do.
#[derive(Clone, Debug)]
pub struct Access {
    pub id: ClientId,
    /// `None`: it is no longer registered, and what was granted to it waits to run out.
    pub client: Option<Client>,
    pub scopes: BTreeSet<String>,
    pub since: Timestamp,
}

/// Who was allowed something, or holds a refresh token that still works; by name.
pub async fn list(tx: &mut Tx, scene: &Scene) -> Result<Vec<Access>, Trouble> {
    let Some(user) = &scene.user else {
        return Ok(Vec::new());
    };
    let mut all: BTreeMap<ClientId, Access> = BTreeMap::new();
    let mut add = |id: ClientId, scopes: Vec<String>, at: Timestamp| {
        let access = all.entry(id.clone()).or_insert_with(|| Access {
            client: scene.current.workspace.clients.get(&id).cloned(),
            id,
            scopes: BTreeSet::new(),
            since: at,
        });
        access.since = access.since.min(at);
        access.scopes.extend(scopes);
    };
    for consent in tx.own_consents(&user.id).await? {
        add(consent.client, consent.scopes, consent.at);
    }
    for grant in tx.lasting_grants(&user.id, scene.now).await? {
        let request = &grant.frozen.request;
        let scopes = request.scope.iter().map(str::to_owned);
        let allowed = scopes.chain(request.resources.iter().cloned()).collect();
        add(grant.client, allowed, grant.created_at);
    }
    let mut listed: Vec<Access> = all.into_values().collect();
    listed.sort_by_key(|a| a.name().to_lowercase());
    Ok(listed)
}

impl Access {
    pub fn name(&self) -> &str {
        self.client.as_ref().map_or(self.id.as_str(), |c| c.name.as_str())
    }
}

/// Takes back what a partner was allowed, and ends what it holds.
pub async fn revoke(op: &Provider, visitor: &Visitor, client: &str) -> Result<Answer, Trouble> {
    let mut tx = op.store.begin().await?;
    let Some(owner) = alone(op, &mut tx, visitor, Gate::SignedIn).await? else {
        return Ok(Answer::Shut);
    };
    let client = ClientId::new(client);
    if !tx.revoke_client(&owner.user.id, &client, owner.scene.now).await? {
        return Ok(Mistake::Gone.refuse(op));
    }
    tx.audit(record(&owner.scene, "consent.revoked", Outcome::Success, visitor).client(&client));
    tx.commit().await?;
    Ok(Answer::Done)
}
