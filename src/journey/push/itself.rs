//! What a device says of itself: where it is reached, that it is gone.

use super::device::{Call, Caller, Known, answering, caller, view};
use super::pair::{not_too_old, short};
use super::{Refusal, commit, keep_address};
use crate::journey::account::methods::{is_last_of, pass_on};
use crate::journey::account::{end_what_it_opened, held, letter};
use crate::journey::demand::Parties;
use crate::journey::notices::{self, Undo};
use crate::journey::provider::Provider;
use crate::journey::signals::Key;
use crate::journey::visitor::Visitor;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::push::App;
use crate::model::{AuthenticatorStatus, MfaCode, PushAddress};
use crate::policy::Method;
use crate::storage::Tx;

/// A device as it is told about itself.
#[derive(Clone, Debug)]
pub struct Profile {
    pub device: String,
    pub nickname: String,
    pub status: &'static str,
    pub workspace: String,
    pub username: String,
    pub reached: bool,
}

/// What a device says anew about itself.
#[derive(Clone, Debug)]
pub struct Change {
    pub app: Option<App>,
    /// `Some(None)`: it takes no messages any more.
    pub address: Option<Option<PushAddress>>,
}

pub async fn profile(op: &Provider, call: &Call<'_>) -> Result<Profile, Refusal> {
    let mut tx = view(op).await?;
    let caller = caller(op, &mut tx, call).await?;
    describe(op, &mut tx, &caller).await
}

async fn describe(op: &Provider, tx: &mut Tx, caller: &Caller) -> Result<Profile, Refusal> {
    let current = op.current_in(tx).await?;
    let user = tx.user(&caller.user).await?.ok_or(Refusal::Unregistered)?;
    let (nickname, status, reached) = match &caller.known {
        Known::Bound(a) => (
            a.label().to_owned(),
            // The protocol has one word for all that cannot be used.
            match a.status {
                AuthenticatorStatus::Active => "active",
                _ => "suspended",
            },
            tx.push_address(&a.id).await?.is_some(),
        ),
        Known::Pending(_, pairing) => {
            let paired = pairing.device.as_ref().ok_or(Refusal::Unregistered)?;
            (paired.name.clone(), "pending", paired.address.is_some())
        }
    };
    let username = match caller.known {
        Known::Bound(_) => user.username,
        Known::Pending(..) => super::pair::masked(&user.username),
    };
    Ok(Profile {
        device: caller.id.clone(),
        nickname,
        status,
        workspace: current.workspace.settings.name.clone(),
        username,
        reached,
    })
}

/// Another address for messages, another version of the app.
pub async fn change(op: &Provider, call: &Call<'_>, change: Change) -> Result<Profile, Refusal> {
    let mut tx = op.store.begin().await?;
    let mut caller = answering(op, &mut tx, call).await?;
    let Known::Bound(bound) = &mut caller.known else {
        return Err(Refusal::Invalid("this device is not confirmed yet"));
    };
    if let Some(app) = &change.app {
        not_too_old(&*op.current_in(&mut tx).await?, &app.version)?;
    }
    if change.address.iter().flatten().any(|a| a.check().is_err()) {
        return Err(Refusal::Invalid("`push` is not an address of a push service"));
    }
    if let Some(address) = &change.address {
        keep_address(op, &mut tx, &bound.id, address.as_ref()).await?;
    }
    if let Some(app) = change.app {
        let mut facts = bound.facts.clone();
        facts.phone.get_or_insert_default().app = short(app);
        // Of two changes at once one is enough: both say what the device is now.
        tx.renew_authenticator(bound, &bound.secret, &facts).await?;
        bound.facts = facts;
    }
    let profile = describe(op, &mut tx, &caller).await?;
    commit(op, tx, &[]).await?;
    Ok(profile)
}

/// The device unregisters itself. Its owner is told, as of every change.
pub async fn remove(op: &Provider, visitor: &Visitor, call: &Call<'_>) -> Result<(), Refusal> {
    let mut tx = op.store.begin().await?;
    let gone = match caller(op, &mut tx, call).await?.known {
        Known::Pending(enrolment, _) => {
            tx.close_enrolment(&enrolment.id, op.now()).await?;
            return Ok(commit(op, tx, &[Key::sign_in(&enrolment.authorization)]).await?);
        }
        Known::Bound(bound) => *bound,
    };
    let user = held(&mut tx, &gone.user, op.now())
        .await?
        .ok_or(Refusal::Unregistered)?;
    let all = tx.authenticators(&user.id).await?;
    let current = op.current_in(&mut tx).await?;
    let parties = Parties {
        workspace: &current.workspace,
        client: &op.account,
        user: Some(&user),
    };
    let record = |outcome| {
        AuditRecord::new("authenticator.removed", outcome, op.now())
            .actor("device")
            .subject(&user.id)
            .ip(visitor.ip.as_deref())
            .with("method", Method::Push.as_str())
            .with("authenticator", gone.id.as_str())
    };
    if is_last_of(&parties, &all, &gone) {
        tx.audit(record(Outcome::Refused).reason(MfaCode::LastMethod.as_str()));
        commit(op, tx, &[]).await?;
        return Err(Refusal::LastAuthenticator);
    }
    if !tx.delete_authenticator(&gone.id).await? {
        return Err(Refusal::Unregistered);
    }
    end_what_it_opened(&mut tx, &user.id, &gone.id, op.now()).await?;
    pass_on(&mut tx, &all, &gone).await?;
    tx.audit(record(Outcome::Success).with("nickname", gone.label()));
    let told = letter("authenticator-removed", &gone, op.now(), visitor);
    let undo = Undo {
        what: "authenticator-removed".to_owned(),
        ..Undo::default()
    };
    notices::tell(op, &mut tx, &user, told, undo).await?;
    // Whoever listens in its name hears no more.
    Ok(commit(op, tx, &[Key::device(gone.id.as_str())]).await?)
}
