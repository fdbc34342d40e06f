//! What people are told by letter and by text message: what changed, when, from where, and how to take it back
//! (800-63B-4 §4.6). Which words, in which language, the web floor knows: `Words`.

use std::collections::BTreeMap;

use super::outbox;
use super::provider::{LoadError, Provider};
use super::scene::Trouble;
use super::visitor::Visitor;
use crate::base::encoding::hash_token;
use crate::base::{AuthenticatorId, Entropy, MessageId, Seconds, Timestamp};
use crate::factors::{Channel, Message, Site, phone::Number};
use crate::model::{AuthenticatorStatus, Purpose, Ticket, User};
use crate::policy::Method;
use crate::storage::Tx;
use serde::{Deserialize, Serialize};

/// How long a letter is tried to be delivered.
const LETTER_LIFETIME: Seconds = Seconds::hours(24);
/// What a ticket's sealed content is called.
pub const TICKET: &str = "ticket";

/// One letter. `key` names its words in `locales/`: `letter-KEY-subject`, `letter-KEY-text`.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    pub key: &'static str,
    /// Variables of the words: `method`, `nickname`, `email`, `partner` …
    pub args: BTreeMap<&'static str, String>,
    /// When, where from, with what; empty for a letter that is not about something that happened.
    pub facts: Option<Circumstances>,
    pub code: Option<String>,
    /// What the letter asks to open; `letter-KEY-link` is its text.
    pub link: Option<String>,
    /// "This was not me".
    pub undo: Option<String>,
}

/// What happened when, from where, with what browser, at which partner.
#[derive(Clone, Debug)]
pub struct Circumstances {
    pub at: Timestamp,
    pub place: Option<String>,
    pub browser: Option<String>,
    pub partner: Option<String>,
}

/// A letter in somebody's language.
#[derive(Clone, Debug)]
pub struct Written {
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The same in a few words, for a text message.
    pub short: String,
}

/// Who knows the words.
pub trait Words: Send + Sync {
    /// `language`: a BCP 47 tag, as far as one is known.
    fn write(&self, language: Option<&str>, site: &Site, letter: &Letter) -> Written;
    /// A browser as people know it: "Firefox on Windows".
    fn browser(&self, language: Option<&str>, user_agent: &str) -> String;
}

/// What "this was not me" takes back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Undo {
    /// The letter's key: what happened.
    pub what: String,
    /// This authenticator is suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticator: Option<AuthenticatorId>,
    /// This address becomes the account's again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Circumstances {
    pub fn of(now: Timestamp, visitor: &Visitor, partner: Option<&str>) -> Self {
        Self {
            at: now,
            place: visitor.ip.clone(),
            browser: visitor.short_user_agent(),
            partner: partner.map(str::to_owned),
        }
    }
}

/// Tells somebody that something of theirs has changed: at every address that is known to be theirs, with a link that
/// takes it back. In the transaction that changes it.
pub async fn tell(op: &Provider, tx: &mut Tx, user: &User, letter: Letter, undo: Undo) -> Result<(), Trouble> {
    let letter = with_undo(op, tx, user, letter, &undo).await?;
    inform(op, tx, user, &letter).await
}

/// The same, to the verified address alone: what happens too often for text messages.
pub async fn tell_by_mail(op: &Provider, tx: &mut Tx, user: &User, letter: Letter, undo: Undo) -> Result<(), Trouble> {
    let Some(email) = user.email.as_deref().filter(|_| user.email_verified) else {
        return Ok(());
    };
    let letter = with_undo(op, tx, user, letter, &undo).await?;
    send(op, tx, user, email, &letter).await
}

async fn with_undo(
    op: &Provider,
    tx: &mut Tx,
    user: &User,
    mut letter: Letter,
    undo: &Undo,
) -> Result<Letter, Trouble> {
    let token = op.entropy.token();
    let ticket = ticket(op, Purpose::Undo, Some(user), &token, undo)?;
    tx.create_ticket(&ticket).await?;
    letter.undo = Some(format!("{}/account/undo/{token}", op.issuer.url));
    Ok(letter)
}

/// A letter to every address that is known to be theirs, as it is: with no more to undo than it says itself.
pub async fn inform(op: &Provider, tx: &mut Tx, user: &User, letter: &Letter) -> Result<(), Trouble> {
    let now = op.now();
    for number in numbers(op, tx, user).await? {
        let text = message(op, user, (Channel::Sms, number.e164), letter);
        outbox::enqueue(op, tx, MessageId::random(&op.entropy), &text, (now, LETTER_LIFETIME)).await?;
    }
    if let Some(email) = user.email.as_deref().filter(|_| user.email_verified) {
        send(op, tx, user, email, letter).await?;
    }
    Ok(())
}

/// A letter to one address, whether or not it is verified yet.
pub async fn send(op: &Provider, tx: &mut Tx, user: &User, to: &str, letter: &Letter) -> Result<(), Trouble> {
    send_in(op, tx, language(user), to, letter).await
}

/// The same to somebody who has no account yet.
pub async fn send_in(
    op: &Provider,
    tx: &mut Tx,
    language: Option<&str>,
    to: &str,
    letter: &Letter,
) -> Result<(), Trouble> {
    let message = written(op, language, (Channel::Email, to.to_owned()), letter);
    let times = (op.now(), LETTER_LIFETIME);
    Ok(outbox::enqueue(op, tx, MessageId::random(&op.entropy), &message, times).await?)
}

/// A letter in somebody's language, as it goes to this address.
pub fn message(op: &Provider, user: &User, to: (Channel, String), letter: &Letter) -> Message {
    written(op, language(user), to, letter)
}

fn written(op: &Provider, language: Option<&str>, (channel, to): (Channel, String), letter: &Letter) -> Message {
    let site = op.site(&op.current().workspace);
    let words = op.words.write(language, &site, letter);
    let whole = channel == Channel::Email;
    Message {
        channel,
        to,
        subject: whole.then_some(words.subject),
        body: if whole { words.text } else { words.short },
        html: whole.then_some(words.html),
        code: letter.code.clone(),
        link: letter.link.clone().or_else(|| letter.undo.clone()),
        push: None,
    }
}

fn language(user: &User) -> Option<&str> {
    user.claims.get("locale").and_then(serde_json::Value::as_str)
}

/// Numbers that were proved to be the person's, each once.
async fn numbers(op: &Provider, tx: &mut Tx, user: &User) -> Result<Vec<Number>, Trouble> {
    let mut found: Vec<Number> = Vec::new();
    for a in tx.authenticators(&user.id).await? {
        if a.method != Method::Sms || a.status != AuthenticatorStatus::Active {
            continue;
        }
        let number = super::ceremony::number(op, &a);
        found.extend(number.filter(|n| !found.contains(n)));
    }
    Ok(found)
}

/// A link's ticket: what it is about is sealed, for it may name an address.
pub fn ticket<T: Serialize>(
    op: &Provider,
    purpose: Purpose,
    user: Option<&User>,
    token: &str,
    about: &T,
) -> Result<Ticket, Trouble> {
    let (now, hash) = (op.now(), hash_token(token));
    let plain = serde_json::to_vec(about).map_err(|e| crate::storage::Error::corrupt("a ticket to be written", e))?;
    let sealed = op
        .sealer
        .seal(&op.entropy, TICKET, &hash, &plain)
        .map_err(LoadError::from)?;
    Ok(Ticket {
        hash,
        purpose,
        user: user.map(|u| u.id.clone()),
        sealed,
        created_at: now,
        expires_at: now.plus(purpose.lifetime()),
    })
}

/// What a ticket is about.
pub fn read_ticket<T: serde::de::DeserializeOwned>(op: &Provider, ticket: &Ticket) -> Result<T, Trouble> {
    let broken = |what: String| crate::storage::Error::corrupt(format!("tickets {}", ticket.hash), what);
    let plain = op
        .sealer
        .open(TICKET, &ticket.hash, &ticket.sealed)
        .map_err(|e| broken(e.to_string()))?;
    Ok(serde_json::from_slice(plain.expose()).map_err(|_| broken("not a ticket of ours".into()))?)
}
