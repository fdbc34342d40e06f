//! An address, proved by the code or the link of a letter: how an account begins, and how one is got back.
//!
//! ```text
//!   asked for ── letter ──► code typed, or link opened ──► used up, once, by what it was asked for
//!      │ ten wrong codes, another letter instead, out of time: worth nothing
//! ```
//! What was typed waits sealed in a ticket. The browser that asked holds the ticket's name, the letter holds the proof;
//! the name alone opens nothing. Neither is a factor (800-63B-4 §3.1.3.1: e-mail SHALL NOT be used for out-of-band
//! authentication), so no event comes of them: they show who reads the address, and that is all.
//!
//! Nobody learns here whether an address has an account: a letter goes out, and a ticket is kept, either way.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::base::encoding::{hash_token, same};
use crate::base::{Entropy, Seconds, Secret, Timestamp};
use crate::journey::notices::{self, Circumstances, Letter};
use crate::journey::provider::Provider;
use crate::journey::reply::Complaint;
use crate::journey::scene::Trouble;
use crate::journey::visitor::Visitor;
use crate::model::throttle::{FREE_TRIES, ThrottleKey};
use crate::model::{MfaCode, Purpose, Ticket, User};
use crate::storage::Tx;

/// Digits of a mailed code (800-63B-4 §4.2.1.2: at least 6).
pub const DIGITS: u8 = 6;
/// Letters are counted in windows of this length.
const LETTER_WINDOW: Seconds = Seconds::hours(1);
/// Letters of one purpose to one address in a window. Each holds a link that works: whoever uses them up for
/// somebody else keeps nobody out.
const LETTERS_TO_ONE_ADDRESS: i64 = 5;
/// Letters that one network address may ask for in a window: a clinic sits behind one.
const LETTERS_FROM_ONE_PLACE: i64 = 30;

/// What waits for its proof.
#[derive(Serialize, Deserialize)]
pub struct Mailed<T> {
    pub address: String,
    code: Secret<String>,
    proof: Secret<String>,
    pub about: T,
}

impl<T> Mailed<T> {
    /// Leads on from the page of the code as the letter's link does.
    pub const fn proof(&self) -> &Secret<String> {
        &self.proof
    }
}

/// A ticket with what is in it.
pub struct Opened<T> {
    pub ticket: Ticket,
    pub mailed: Mailed<T>,
}

/// One letter that is asked for.
pub struct Post<'a, T> {
    pub purpose: Purpose,
    /// Whose ticket it is; nobody's where the letter only says that there is no account.
    pub user: Option<&'a User>,
    pub address: &'a str,
    /// A BCP 47 tag.
    pub language: Option<&'a str>,
    pub letter: Says,
    pub about: T,
}

/// What the letter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// A code, and a link below this path.
    Proof { key: &'static str, path: &'static str },
    /// What there is to say instead, and perhaps where to go.
    Instead {
        key: &'static str,
        path: Option<&'static str>,
    },
}

/// May one more letter go out? By the address as it was typed, whether or not it is anybody's.
pub async fn too_many(
    op: &Provider,
    tx: &mut Tx,
    visitor: &Visitor,
    purpose: Purpose,
    address: &str,
) -> Result<Option<Complaint>, Trouble> {
    let now = op.now();
    let window = now.secs() / LETTER_WINDOW.0;
    let place = visitor.ip.as_deref().unwrap_or_default();
    let of_place = ThrottleKey::letters(purpose.as_str(), &format!("ip {place}"), window);
    let of_address = ThrottleKey::letters(purpose.as_str(), &User::key(address), window);
    let full = tx.count_use(&of_place, now).await? > LETTERS_FROM_ONE_PLACE
        || tx.count_use(&of_address, now).await? > LETTERS_TO_ONE_ADDRESS;
    Ok(full.then(|| Complaint::wait(op, window_end(now))))
}

fn window_end(now: Timestamp) -> Seconds {
    Seconds(LETTER_WINDOW.0 - now.secs() % LETTER_WINDOW.0)
}

/// The letter and its ticket; answers the ticket's name, for the browser that asked.
pub async fn send<T: Serialize>(
    op: &Provider,
    tx: &mut Tx,
    visitor: &Visitor,
    post: Post<'_, T>,
) -> Result<String, Trouble> {
    let (handle, proof, code) = (op.entropy.token(), op.entropy.token(), op.entropy.digits(DIGITS.into()));
    let below = |path: &str| format!("{}{path}", op.issuer.url);
    let letter = match post.letter {
        Says::Proof { key, path } => Letter {
            key,
            code: Some(code.clone()),
            link: Some(below(&format!("{path}/{handle}/{proof}"))),
            ..Letter::default()
        },
        Says::Instead { key, path } => Letter {
            key,
            link: path.map(below),
            ..Letter::default()
        },
    };
    let letter = Letter {
        facts: Some(Circumstances::of(op.now(), visitor, None)),
        ..letter
    };
    let mailed = Mailed {
        address: post.address.to_owned(),
        code: Secret::new(code),
        proof: Secret::new(proof),
        about: post.about,
    };
    let ticket = notices::ticket(op, post.purpose, post.user, &handle, &mailed)?;
    tx.create_ticket(&ticket).await?;
    notices::send_in(op, tx, post.language, post.address, &letter).await?;
    Ok(handle)
}

/// What waits under this name, whether or not it is proved: for the page of the code.
pub async fn waiting<T: DeserializeOwned>(
    op: &Provider,
    tx: &mut Tx,
    purpose: Purpose,
    handle: &str,
) -> Result<Option<Opened<T>>, Trouble> {
    let Some(ticket) = tx.ticket(purpose, &hash_token(handle), op.now()).await? else {
        return Ok(None);
    };
    let mailed = notices::read_ticket(op, &ticket)?;
    Ok(Some(Opened { ticket, mailed }))
}

/// The same, where the link was opened. It is not used up by that: programs look at the links of a letter, too.
pub async fn proved<T: DeserializeOwned>(
    op: &Provider,
    tx: &mut Tx,
    purpose: Purpose,
    (handle, proof): (&str, &str),
) -> Result<Option<Opened<T>>, Trouble> {
    let waiting = waiting::<T>(op, tx, purpose, handle).await?;
    Ok(waiting.filter(|o| same(o.mailed.proof.expose().as_bytes(), proof.as_bytes())))
}

/// What a typed code came to.
pub enum Tried<T> {
    Right(Opened<T>),
    Wrong(Complaint),
    /// That was the last try of this letter, or it was over already. `Some`: whose it was.
    Over(Option<Ticket>),
}

/// A typed code. Wrong ones are counted for the letter, whose tenth ends it, and for the address, so that asking for
/// another letter wins a guesser nothing (800-63B-4 §3.2.2).
pub async fn try_code<T: DeserializeOwned>(
    op: &Provider,
    tx: &mut Tx,
    purpose: Purpose,
    handle: &str,
    typed: &Secret<String>,
) -> Result<Tried<T>, Trouble> {
    let now = op.now();
    let Some(opened) = waiting::<T>(op, tx, purpose, handle).await? else {
        return Ok(Tried::Over(None));
    };
    let of_letter = ThrottleKey::ticket(&opened.ticket.hash);
    let of_address = ThrottleKey::mailed_code(&User::key(&opened.mailed.address));
    // Held until the commit: two tries at once see each other's failure.
    let tried = tx.hold_throttle(&of_letter, now).await?;
    if let Some(wait) = tx.hold_throttle(&of_address, now).await?.wait(now) {
        return Ok(Tried::Wrong(Complaint::wait(op, wait)));
    }
    if tried.failures >= FREE_TRIES {
        return Ok(Tried::Over(None));
    }
    let digits: String = typed.expose().chars().filter(|c| !c.is_whitespace()).collect();
    let right = same(digits.as_bytes(), opened.mailed.code.expose().as_bytes());
    if right {
        tx.clear_failures(&of_letter).await?;
        tx.clear_failures(&of_address).await?;
        return Ok(Tried::Right(opened));
    }
    tx.count_failure(&of_address, now).await?;
    let counted = tx.count_failure(&of_letter, now).await?;
    if counted.tries_left() > 0 {
        return Ok(Tried::Wrong(Complaint {
            tries_left: Some(counted.tries_left()),
            ..Complaint::plain(op, MfaCode::CodeWrong)
        }));
    }
    tx.use_ticket(purpose, &opened.ticket.hash, now).await?;
    Ok(Tried::Over(Some(opened.ticket)))
}

/// Bytes of an address (RFC 5321 §4.5.3.1.3: a path of 256, less its two brackets) …
const LONGEST_ADDRESS: usize = 254;
/// … and of what stands before the @ (§4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;

/// One address as letters can go to it: what needs quoting or another alphabet in a mail header is none (RFC 5322 §3.2.3;
/// RFC 6531 is not spoken by every carrier, and letters that only look like ours would pass for somebody else's address).
pub fn address(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let (local, domain) = typed.rsplit_once('@')?;
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    let named = |part: &str| !part.is_empty() && part.chars().all(atom);
    let host = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let label =
        |part: &str| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-') && part.chars().all(host);
    let sound = local.split('.').all(named) && domain.split('.').all(label) && domain.contains('.');
    (sound && local.len() <= LONGEST_LOCAL_PART && typed.len() <= LONGEST_ADDRESS).then(|| typed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_a_header_can_carry() {
        for good in [
            "ana@mail.example",
            "a@b.example",
            "ana.rivera+id@cedar.example",
            " a.b+c@x-y.example ",
            "o'neil@a.b.example",
        ] {
            assert_eq!(address(good).as_deref(), Some(good.trim()), "{good}");
        }
        let long = format!("a@{}example", "b.".repeat(LONGEST_ADDRESS / 2));
        let long_name = format!("{}@b.example", "a".repeat(LONGEST_LOCAL_PART + 1));
        for bad in [
            "",
            "ana",
            "@mail.example",
            "ana@",
            "ana@localhost",
            "a b@mail.example",
            "ana@mail..example",
            ".ana@mail.example",
            "ana@mail.example\r\nBcc: x@y.example",
            "Ana <ana@mail.example>",
            "ana@mail.example,b@mail.example",
            "\u{430}na@mail.example",
            "josé@correo.example",
            "a",
            "a@b",
            "a@@b.example",
            "<a@b.example>",
            "a@-b.example",
            "a@b-.example",
            "a@[127.0.0.1]",
            long.as_str(),
            long_name.as_str(),
        ] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }
}
