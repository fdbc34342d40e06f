//! A new account that somebody makes for themself: it exists once its address is proved, not before.

use serde::{Deserialize, Serialize};
use serde_json::Map;

use super::commit;
use super::mailed::{self, Mailed, Opened, Post, Says, Tried};
use super::passwords::{self, Measure};
use crate::base::{AuthorizationId, Secret, UserId};
use crate::factors::password::rules::PasswordRefusal;
use crate::journey::provider::Provider;
use crate::journey::reply::Complaint;
use crate::journey::scene::{Scene, Trouble};
use crate::journey::visitor::Visitor;
use crate::model::audit::{AuditRecord, Outcome};
use crate::model::throttle::ThrottleKey;
use crate::model::user::Standing;
use crate::model::workspace::Pool;
use crate::model::{Purpose, Stage, User, UserStatus};
use crate::storage::Tx;

/// Where the pages are; the letter's link lies below it.
pub const PATH: &str = "/register-account";
/// Characters of each part of a name.
const LONGEST_NAME: usize = 100;
/// Characters of a sign-in's name that is carried along.
const LONGEST_SIGN_IN: usize = 64;

/// What somebody says of themself: kept sealed until the address is proved.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Applicant {
    pub given_name: String,
    pub family_name: String,
    /// The language of the page: letters are written in it.
    pub language: String,
    /// The partner's request to go on with.
    pub sign_in: Option<String>,
}

impl Applicant {
    /// `None` if the name is none: people have at least one, and it holds nothing that would turn a page around.
    pub fn new(given: &str, family: &str, language: &str, sign_in: Option<&str>) -> Option<Self> {
        let (given, family) = (given.trim(), family.trim());
        let sound = |c: char| !c.is_control() && !is_direction(c);
        let fits = |part: &str| part.chars().count() <= LONGEST_NAME && part.chars().all(sound);
        (!given.is_empty() && fits(given) && fits(family)).then(|| Self {
            given_name: given.to_owned(),
            family_name: family.to_owned(),
            language: language.to_owned(),
            sign_in: sign_in.map(|id| id.chars().take(LONGEST_SIGN_IN).collect()),
        })
    }

    fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name).trim().to_owned()
    }
}

/// Marks that change the direction of the text around them (Unicode Standard Annex 9).
const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What asking for an account leads to.
pub enum Begun {
    /// A letter went out. The ticket's name is for the browser that asked.
    Sent(String),
    Refused(Complaint),
    /// Nobody can make an account here.
    Closed,
}

/// Can people make accounts for themselves here?
pub async fn is_open(op: &Provider) -> Result<bool, Trouble> {
    let current = op.current_in(&mut op.store.view().await?).await?;
    Ok(current.workspace.open_pool().is_some())
}

/// A name and an address were typed. Whose address it is, or that it is nobody's, only its reader learns.
pub async fn begin(op: &Provider, visitor: &Visitor, address: &str, who: Applicant) -> Result<Begun, Trouble> {
    let mut tx = op.store.begin().await?;
    if op.current_in(&mut tx).await?.workspace.open_pool().is_none() {
        return Ok(Begun::Closed);
    }
    let begun = letter(op, &mut tx, visitor, address, who).await?;
    commit(op, tx).await?;
    Ok(begun)
}

/// The letter, or the one that says that there is an account, unless there have been too many.
async fn letter(
    op: &Provider,
    tx: &mut Tx,
    visitor: &Visitor,
    address: &str,
    who: Applicant,
) -> Result<Begun, Trouble> {
    if let Some(complaint) = mailed::too_many(op, tx, visitor, Purpose::Register, address).await? {
        return Ok(Begun::Refused(complaint));
    }
    let known = tx.user_by_login(&User::key(address)).await?.is_some();
    let letter = if known {
        Says::Instead {
            key: "register-known",
            path: Some("/account"),
        }
    } else {
        Says::Proof {
            key: "register",
            path: PATH,
        }
    };
    let language = who.language.clone();
    let post = Post {
        purpose: Purpose::Register,
        user: None,
        address,
        language: Some(&language),
        letter,
        about: who,
    };
    mailed::send(op, tx, visitor, post).await.map(Begun::Sent)
}

/// "Send another letter": the one before is worth nothing any more.
pub async fn again(op: &Provider, visitor: &Visitor, handle: &str) -> Result<Option<Begun>, Trouble> {
    let mut tx = op.store.begin().await?;
    let Some(opened) = mailed::waiting::<Applicant>(op, &mut tx, Purpose::Register, handle).await? else {
        return Ok(None);
    };
    let Mailed { address, about, .. } = opened.mailed;
    let begun = letter(op, &mut tx, visitor, &address, about).await?;
    if matches!(begun, Begun::Sent(_)) {
        tx.use_ticket(Purpose::Register, &opened.ticket.hash, op.now()).await?;
    }
    commit(op, tx).await?;
    Ok(Some(begun))
}

/// Is anything waiting under this name, and is it proved by this?
pub async fn find(op: &Provider, handle: &str, proof: Option<&str>) -> Result<Option<Mailed<Applicant>>, Trouble> {
    let mut view = op.store.view().await?;
    let found = match proof {
        Some(proof) => mailed::proved(op, &mut view, Purpose::Register, (handle, proof)).await?,
        None => mailed::waiting(op, &mut view, Purpose::Register, handle).await?,
    };
    Ok(found.map(|o| o.mailed))
}

/// The code of the letter.
pub async fn code(op: &Provider, handle: &str, typed: &Secret<String>) -> Result<Tried<Applicant>, Trouble> {
    let mut tx = op.store.begin().await?;
    let tried = mailed::try_code(op, &mut tx, Purpose::Register, handle, typed).await?;
    tx.commit().await?;
    Ok(tried)
}

/// What choosing a password leads to.
pub enum Made {
    /// The account is there; its owner proves the password on the sign-in page. `sign_in`: a request of this browser
    /// that waits for that.
    Account {
        name: String,
        sign_in: Option<AuthorizationId>,
    },
    Unfit(PasswordRefusal),
    /// The letter's time is over, or it was used.
    Over,
    Closed,
}

/// The address is proved and a password is chosen: now the account exists.
pub async fn finish(
    op: &Provider,
    visitor: &Visitor,
    (handle, proof): (&str, &str),
    password: &Secret<String>,
) -> Result<Made, Trouble> {
    let Some(found) = find(op, handle, Some(proof)).await? else {
        return Ok(Made::Over);
    };
    let measure = Measure {
        alone: true,
        context: vec![found.address, found.about.name()],
    };
    let (hash, _turn) = passwords::hashed(op, visitor, password, measure.at(op)).await?;
    let hash = match hash {
        Ok(hash) => hash,
        Err(refusal) => return Ok(Made::Unfit(refusal)),
    };
    let mut tx = op.store.begin().await?;
    let current = op.current_in(&mut tx).await?;
    let Some(pool) = current.workspace.open_pool() else {
        return Ok(Made::Closed);
    };
    let proved = mailed::proved::<Applicant>(op, &mut tx, Purpose::Register, (handle, proof)).await?;
    let Some(Opened { ticket, mailed }) = proved else {
        return Ok(Made::Over);
    };
    // Exactly one caller gets on.
    if !tx.use_ticket(Purpose::Register, &ticket.hash, op.now()).await? {
        return Ok(Made::Over);
    }
    // Two letters to one address at once: the second waits here, and finds the account made.
    let address = ThrottleKey::mailed_code(&User::key(&mailed.address));
    tx.hold_throttle(&address, op.now()).await?;
    let user = user(op, pool, &mailed);
    if tx.save_user(&user).await? {
        passwords::put(op, &mut tx, &user, None, &hash).await?;
        record(op, &mut tx, visitor, &user);
    }
    tx.clear_failures(&address).await?;
    let sign_in = go_on(op, &mut tx, visitor, &mailed).await?;
    tx.commit().await?;
    Ok(Made::Account {
        name: mailed.address,
        sign_in,
    })
}

fn user(op: &Provider, pool: &Pool, mailed: &Mailed<Applicant>) -> User {
    let who = &mailed.about;
    let mut claims = Map::new();
    claims.insert("name".into(), who.name().into());
    claims.insert("given_name".into(), who.given_name.clone().into());
    if !who.family_name.is_empty() {
        claims.insert("family_name".into(), who.family_name.clone().into());
    }
    claims.insert("locale".into(), who.language.clone().into());
    User {
        id: UserId::random(&op.entropy),
        pool: pool.name.clone(),
        username: mailed.address.clone(),
        email: Some(mailed.address.clone()),
        email_verified: true,
        status: UserStatus::Active,
        groups: Vec::new(),
        claims,
        standing: Standing::default(),
        created_at: op.now(),
        updated_at: op.now(),
    }
}

fn record(op: &Provider, tx: &mut Tx, visitor: &Visitor, user: &User) {
    for event in ["account.created", "email.verified", "password.set"] {
        let record = AuditRecord::new(event, Outcome::Success, op.now());
        tx.audit(
            record
                .actor("user")
                .subject(&user.id)
                .ip(visitor.ip.as_deref())
                .with("pool", user.pool.as_str()),
        );
    }
}

/// Back into the request that the person came from, with the name filled in. Only where it is this browser's own: the
/// letter may have been opened anywhere.
async fn go_on(
    op: &Provider,
    tx: &mut Tx,
    visitor: &Visitor,
    mailed: &Mailed<Applicant>,
) -> Result<Option<AuthorizationId>, Trouble> {
    let Some(id) = mailed.about.sign_in.as_deref().map(AuthorizationId::new) else {
        return Ok(None);
    };
    let scene = match Scene::load(op, tx, &id, visitor).await {
        Ok(scene) if !scene.authorization.expired(scene.now) => scene,
        Ok(_) | Err(Trouble::Unknown | Trouble::Unowned | Trouble::Finished | Trouble::ClientGone) => return Ok(None),
        Err(e) => return Err(e),
    };
    if !matches!(scene.authorization.stage, Stage::Bound { .. }) {
        let name = mailed.address.clone();
        tx.move_authorization(
            &scene.authorization,
            &Stage::Named {
                name,
                phone_asked_at: None,
            },
        )
        .await?;
    }
    Ok(Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_name_or_two_and_turns_nothing_around() {
        let of = |given: &str, family: &str| Applicant::new(given, family, "en", None).map(|a| a.name());
        assert_eq!(of(" Ana ", "Rivera").as_deref(), Some("Ana Rivera"));
        assert_eq!(of("Sukarno", "").as_deref(), Some("Sukarno"));
        assert_eq!(of("", "Rivera"), None);
        assert_eq!(of("Ana\u{202e}", ""), None);
        assert_eq!(of("Ana\n", "x\u{7}"), None);
        assert_eq!(of(&"a".repeat(LONGEST_NAME + 1), ""), None);
    }
}
