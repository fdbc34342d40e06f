//! From a scene to the list of what is set up. Words and pictures only.

use actix_web::HttpRequest;

use crate::base::ClientId;
use crate::journey::account::methods::{lasting, needs_backup};
use crate::journey::{Scene, next};
use crate::model::authenticator::KeyFacts;
use crate::model::{Authenticator, AuthenticatorStatus};
use crate::policy::Method;
use crate::protocol::params::Params;
use crate::protocol::way_back::{CLIENT_ID, RETURN_TO, WayBack};
use crate::web::account::carried;
use crate::web::pages::{AccountSecurity, AddedBy, Done, Fact, MethodEntry, PartnerLink, Standing};
use crate::web::sign_in::wording::{is_phone, masked};

pub fn page(request: &HttpRequest, scene: &Scene) -> AccountSecurity {
    let params = Params::parse(request.query_string().as_bytes()).unwrap_or_default();
    let get = |name: &str| params.single(name).ok().flatten();
    AccountSecurity {
        done: get("done").and_then(Done::parse),
        back: way_back(scene, get(CLIENT_ID), get(RETURN_TO)),
        entries: scene.authenticators.iter().map(|a| entry(scene, a)).collect(),
        needs_backup: needs_backup(scene),
        addable: next::addable(scene),
        has_codes: scene.authenticators.iter().any(|a| a.method == Method::RecoveryCode),
        query: carried(request),
    }
}

/// Only an address that the partner's registration vouches for becomes a link (S74).
fn way_back(scene: &Scene, client: Option<&str>, to: Option<&str>) -> Option<PartnerLink> {
    let client = scene.current.workspace.clients.get(&ClientId::new(client?))?;
    let back = WayBack::of(client, to?).ok()?;
    Some(PartnerLink {
        name: client.name.clone(),
        href: back.url().to_owned(),
    })
}

/// What a page calls it: a phone without a name by its masked number.
pub fn name(a: &Authenticator) -> String {
    match &a.nickname {
        Some(nickname) => nickname.clone(),
        None if is_phone(a) => masked(a),
        None => a.method.to_string(),
    }
}

fn entry(scene: &Scene, a: &Authenticator) -> MethodEntry {
    let (added_by, partner) = added_by(scene, a);
    let active = a.status == AuthenticatorStatus::Active;
    let preferred = scene.user.as_ref().and_then(|u| u.standing.preferred) == Some(a.method);
    MethodEntry {
        id: a.id.clone(),
        method: a.method,
        nickname: name(a),
        number: is_phone(a).then(|| masked(a)),
        facts: a.facts.key.as_ref().map(facts).unwrap_or_default(),
        model: a.facts.key.as_ref().and_then(|k| k.model.clone()),
        codes_left: a.facts.codes_left,
        added: a.created_at,
        added_by,
        partner,
        last_used: a.last_used_at,
        primary: a.primary,
        preferred: preferred && active,
        standing: match a.status {
            AuthenticatorStatus::Active => Standing::Active,
            AuthenticatorStatus::Suspended => Standing::Suspended,
            AuthenticatorStatus::Disabled => Standing::Disabled,
        },
        can_be_primary: active && lasting(a) && !a.primary,
        can_be_preferred: active && lasting(a) && !preferred,
    }
}

fn added_by(scene: &Scene, a: &Authenticator) -> (AddedBy, Option<String>) {
    match a.facts.added_by.as_deref() {
        None | Some("import" | "operator") => (AddedBy::Organization, None),
        Some("account") => (AddedBy::Account, None),
        Some(client) => {
            let partner = scene.current.workspace.clients.get(&ClientId::new(client));
            (AddedBy::Partner, partner.map(|c| c.name.clone()))
        }
    }
}

fn facts(key: &KeyFacts) -> Vec<Fact> {
    let synced = key.backup_eligible || key.backup_state;
    [
        (key.attested, Fact::Attested),
        (key.hardware, Fact::Hardware),
        (synced, Fact::Synced),
        (!synced, Fact::DeviceBound),
    ]
    .into_iter()
    .filter_map(|(so, fact)| so.then_some(fact))
    .collect()
}
