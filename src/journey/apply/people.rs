//! The users of a workspace file.

use serde_json::Value;

use super::{Action, ApplyFault, Change};
use crate::base::{AuthenticatorId, Secret, Timestamp, UserId};
use crate::factors::password;
use crate::factors::phone::Number;
use crate::factors::totp::Seed;
use crate::journey::account::held;
use crate::journey::ceremony::{AUTHENTICATOR_SECRET, unseal};
use crate::journey::enrolment::found_by;
use crate::journey::provider::Provider;
use crate::journey::session_end;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::authenticator::Facts;
use crate::model::file::{AuthenticatorEntry, UserEntry};
use crate::model::throttle::ThrottleKey;
use crate::model::workspace::{Pool, Problem};
use crate::model::{Authenticator, AuthenticatorStatus, User, UserStatus, Workspace};
use crate::policy::Method;
use crate::storage::Tx;

pub async fn apply(
    op: &Provider,
    tx: &mut Tx,
    workspace: &Workspace,
    entries: &[UserEntry],
    changes: &mut Vec<Change>,
) -> Result<(), ApplyFault> {
    for entry in entries {
        entry.check()?;
        let old = match tx.user_by_name(&User::key(&entry.username)).await? {
            Some(known) => held(tx, &known.id, op.now()).await?,
            None => None,
        };
        let new = user(op, workspace, entry, old.as_ref())?;
        let differs = old.as_ref().is_none_or(|old| {
            User {
                updated_at: old.updated_at,
                ..new.clone()
            } != *old
        });
        if differs && !tx.save_user(&new).await? {
            return Err(Problem::new(entry.place(), "the username or e-mail address belongs to somebody else").into());
        }
        if new.status != UserStatus::Active && old.as_ref().is_some_and(|o| o.status == UserStatus::Active) {
            session_end::end_access(op, tx, &new.id, op.now()).await?;
        }
        let mut keys = secrets(op, tx, entry, &new).await?;
        if differs && old.is_some() {
            keys.insert(0, "profile".to_owned());
        }
        match old {
            None => changes.push(Change::new("user", &new.username, Action::Create, Vec::new())),
            Some(_) if !keys.is_empty() => changes.push(Change::new("user", &new.username, Action::Change, keys)),
            Some(_) => {}
        }
    }
    Ok(())
}

fn user(op: &Provider, workspace: &Workspace, entry: &UserEntry, old: Option<&User>) -> Result<User, Problem> {
    let wrong = |key: &str, why: String| Problem::new(format!("{}: {key}", entry.place()), why);
    let pool = entry
        .pool
        .clone()
        .or_else(|| old.map(|u| u.pool.clone()))
        .unwrap_or_else(|| Pool::DEFAULT.to_owned());
    if workspace.pool(&pool).is_none() {
        return Err(wrong("pool", format!("there is no pool {pool}")));
    }
    let groups = entry
        .groups
        .clone()
        .or_else(|| old.map(|u| u.groups.clone()))
        .unwrap_or_default();
    if let Some(group) = groups.iter().find(|g| !workspace.groups.contains_key(*g)) {
        return Err(wrong("groups", format!("there is no group {group}")));
    }
    let status = match entry.status.as_deref() {
        None => old.map_or(UserStatus::Active, |u| u.status),
        Some(text) => {
            UserStatus::parse(text).ok_or_else(|| wrong("status", "must be active, suspended or closed".into()))?
        }
    };
    let mut standing = old.map(|u| u.standing.clone()).unwrap_or_default();
    if let Some(text) = &entry.identity_confirmed_at {
        let at = Timestamp::parse_rfc3339(text).ok_or("must be an RFC 3339 time, in quotation marks");
        // A time to come would outlast every recovery that is still to happen.
        let at = at.and_then(|at| (at <= op.now()).then_some(at).ok_or("lies in the future"));
        standing.identity_confirmed_at = Some(at.map_err(|why| wrong("identity_confirmed_at", why.into()))?);
    }
    let now = op.now();
    Ok(User {
        id: old.map_or_else(|| UserId::random(&op.entropy), |u| u.id.clone()),
        pool,
        username: entry.username.clone(),
        email: entry.email.clone().or_else(|| old.and_then(|u| u.email.clone())),
        // An operator who writes an address down vouches for it, unless the file says otherwise.
        email_verified: entry
            .email_verified
            .unwrap_or_else(|| old.map_or(entry.email.is_some(), |u| u.email_verified)),
        status,
        groups,
        claims: if entry.claims.is_empty() {
            old.map(|u| u.claims.clone()).unwrap_or_default()
        } else {
            entry.claims.clone()
        },
        standing,
        created_at: old.map_or(now, |u| u.created_at),
        updated_at: now,
    })
}

/// The password and the authenticators; answers what has changed.
async fn secrets(op: &Provider, tx: &mut Tx, entry: &UserEntry, user: &User) -> Result<Vec<String>, ApplyFault> {
    let held = tx.authenticators(&user.id).await?;
    let mut changed = Vec::new();
    if let Some(given) = &entry.password {
        let old = held.iter().find(|a| a.method == Method::Password);
        if set_password(op, tx, entry, user, old, given).await? {
            changed.push("password".to_owned());
        }
    }
    if entry.authenticators.iter().filter(|a| a.primary).count() > 1 {
        return Err(Problem::new(entry.place(), "two authenticators are primary").into());
    }
    for wanted in &entry.authenticators {
        let old = held
            .iter()
            .find(|a| a.method == wanted.method && a.nickname == wanted.nickname);
        let new = authenticator(op, entry, user, wanted, old)?;
        if old == Some(&new) {
            continue;
        }
        if new.primary {
            tx.clear_primary(&user.id).await?;
        }
        tx.save_authenticator(&new).await?;
        tx.clear_failures(&ThrottleKey::authenticator(&new.id)).await?;
        changed.push(
            format!("{} {}", wanted.method, wanted.nickname.as_deref().unwrap_or(""))
                .trim()
                .to_owned(),
        );
    }
    Ok(changed)
}

async fn set_password(
    op: &Provider,
    tx: &mut Tx,
    entry: &UserEntry,
    user: &User,
    old: Option<&Authenticator>,
    given: &Secret<String>,
) -> Result<bool, ApplyFault> {
    let wrong = |e: password::PasswordError| Problem::new(format!("{}: password", entry.place()), e.to_string());
    let imported = given.expose().starts_with('$') && given.expose()[1..].contains('$');
    if imported {
        password::check_scheme(given.expose()).map_err(wrong)?;
    }
    let stored = old.and_then(|a| unseal(op, a)).map(|c| c.secret);
    let same = stored.is_some_and(|s| match std::str::from_utf8(s.expose()) {
        Ok(hash) if imported => hash == given.expose(),
        Ok(hash) => password::verify(hash, given.expose()),
        Err(_) => false,
    });
    if same && old.is_some_and(|a| a.status == AuthenticatorStatus::Active) {
        return Ok(false);
    }
    let hash = if imported {
        given.expose().clone()
    } else {
        password::hash(&op.entropy, given).map_err(wrong)?
    };
    let id = old.map_or_else(|| AuthenticatorId::random(&op.entropy), |a| a.id.clone());
    let secret = op
        .sealer
        .seal(&op.entropy, AUTHENTICATOR_SECRET, id.as_str(), hash.as_bytes())?;
    tx.save_authenticator(&fresh(op, id, user, Method::Password, secret))
        .await?;
    for key in [
        ThrottleKey::login(&User::key(&user.username)),
        ThrottleKey::known_login(&User::key(&user.username)),
    ] {
        tx.clear_failures(&key).await?;
    }
    if old.is_some() {
        // Whoever knew the old one loses what it opened.
        session_end::end_access(op, tx, &user.id, op.now()).await?;
        tx.audit(
            AuditRecord::new("password.set", Outcome::Success, op.now())
                .actor("operator")
                .subject(&user.id),
        );
    }
    Ok(true)
}

fn fresh(op: &Provider, id: AuthenticatorId, user: &User, method: Method, secret: Vec<u8>) -> Authenticator {
    Authenticator {
        id,
        user: user.id.clone(),
        method,
        nickname: None,
        primary: false,
        status: AuthenticatorStatus::Active,
        secret,
        last_step: None,
        lookup: None,
        facts: Facts {
            added_by: Some("import".into()),
            ..Facts::default()
        },
        created_at: op.now(),
        last_used_at: None,
    }
}

fn authenticator(
    op: &Provider,
    entry: &UserEntry,
    user: &User,
    wanted: &AuthenticatorEntry,
    old: Option<&Authenticator>,
) -> Result<Authenticator, ApplyFault> {
    let place = format!(
        "{}: authenticators {}",
        entry.place(),
        wanted.nickname.as_deref().unwrap_or(wanted.method.as_str())
    );
    let plain = plain_secret(wanted).map_err(|why| Problem::new(place.clone(), why))?;
    let mut new = match (old, &plain) {
        (Some(old), _) => old.clone(),
        (None, Some(_)) => fresh(
            op,
            AuthenticatorId::random(&op.entropy),
            user,
            wanted.method,
            Vec::new(),
        ),
        (None, None) => return Err(Problem::new(place, "is new and needs its secret or phone_number").into()),
    };
    if let Some((bytes, end)) = plain {
        let known = old
            .and_then(|a| unseal(op, a))
            .is_some_and(|c| c.secret.expose() == &bytes);
        if !known {
            new.status = AuthenticatorStatus::Active;
            new.last_step = None;
            new.secret = op
                .sealer
                .seal(&op.entropy, AUTHENTICATOR_SECRET, new.id.as_str(), &bytes)?;
        }
        if matches!(wanted.method, Method::Sms | Method::Voice) {
            let number = Number::parse(wanted.phone_number.as_deref().unwrap_or_default());
            let number = number.map_err(|e| Problem::new(place, e.to_string()))?;
            new.lookup = Some(found_by(op, number.e164.as_bytes())?);
        }
        new.facts.number_end = end;
    }
    new.nickname.clone_from(&wanted.nickname);
    new.primary = wanted.primary;
    new.facts.fips_listed = wanted.fips_listed;
    Ok(new)
}

/// What is sealed, and what of it may be shown.
type Plain = (Vec<u8>, Option<String>);

fn plain_secret(wanted: &AuthenticatorEntry) -> Result<Option<Plain>, String> {
    let bytes = |v: Result<Vec<u8>, serde_json::Error>| v.map_err(|e| e.to_string());
    match (wanted.method, &wanted.secret, &wanted.phone_number) {
        (_, None, None) => Ok(None),
        (Method::Totp, Some(secret), None) => {
            let seed = Seed::parse(secret.expose()).map_err(|e| format!("secret: {e}"))?;
            Ok(Some((bytes(serde_json::to_vec(&seed))?, None)))
        }
        (Method::Sms | Method::Voice, None, Some(number)) => {
            let number = Number::parse(number).map_err(|e| format!("phone_number: {e}"))?;
            let end = number.end();
            Ok(Some((bytes(serde_json::to_vec(&number))?, Some(end))))
        }
        (Method::Totp, ..) => Err("a code generator has a secret and no phone_number".into()),
        (Method::Sms | Method::Voice, ..) => Err("a phone has a phone_number and no secret".into()),
        (Method::Password, ..) => Err("a password is the user's key password, not an authenticator".into()),
        (other, ..) => Err(format!("{other} cannot be imported: its key is made where it is used")),
    }
}

pub async fn export(op: &Provider, tx: &mut Tx, with_secrets: bool) -> Result<Vec<UserEntry>, ApplyFault> {
    let mut entries = Vec::new();
    for user in tx.users().await? {
        let held = tx.authenticators(&user.id).await?;
        let secret_of = |a: &Authenticator| unseal(op, a).filter(|_| with_secrets).map(|c| c.secret);
        let password = held.iter().find(|a| a.method == Method::Password).and_then(secret_of);
        let listed = held.iter().filter(|a| a.method != Method::Password);
        entries.push(UserEntry {
            password: password
                .and_then(|s| String::from_utf8(s.expose().clone()).ok())
                .map(Secret::new),
            authenticators: listed.map(|a| authenticator_entry(a, secret_of(a))).collect(),
            username: user.username,
            pool: Some(user.pool),
            email: user.email,
            email_verified: Some(user.email_verified),
            groups: Some(user.groups),
            status: Some(user.status.as_str().to_owned()),
            identity_confirmed_at: user.standing.identity_confirmed_at.map(|at| at.rfc3339()),
            claims: user.claims,
        });
    }
    Ok(entries)
}

fn authenticator_entry(a: &Authenticator, secret: Option<Secret<Vec<u8>>>) -> AuthenticatorEntry {
    let text = |field: &str| {
        let value: Value = serde_json::from_slice(secret.as_ref()?.expose()).ok()?;
        value.get(field)?.as_str().map(str::to_owned)
    };
    AuthenticatorEntry {
        method: a.method,
        nickname: a.nickname.clone(),
        secret: text("base32").map(Secret::new),
        phone_number: text("e164"),
        primary: a.primary,
        fips_listed: a.facts.fips_listed,
    }
}
