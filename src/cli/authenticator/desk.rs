//! What the commands share: the file, the accounts in it as phones, and what is written back.

use super::Place;
use super::client::Means;
use super::file::{Account, Book};
use super::phone::Phone;
use super::safe::{safe, safe_json};
use crate::cli::Failure;

pub struct Desk {
    pub book: Book,
    pub means: Means,
    pub json: bool,
}

/// An account and what speaks for it.
pub struct Seat {
    pub account: Account,
    pub phone: Phone,
}

impl Desk {
    pub fn open(place: &Place) -> Result<Self, Failure> {
        let path = place.file.clone().map_or_else(Book::usual_place, Ok)?;
        Ok(Self {
            book: Book::at(path),
            means: Means::of_the_system(),
            json: place.json,
        })
    }

    /// All accounts, or the one that is named.
    pub fn seats(&self, account: Option<&str>) -> Result<Vec<Seat>, Failure> {
        let mut accounts = self.book.read()?;
        if let Some(named) = account {
            accounts.retain(|a| a.device == named);
            if accounts.is_empty() {
                return Err(no_account(named));
            }
        }
        let seat = |account: Account| {
            let phone = account.phone(self.means.clone())?;
            Ok(Seat { account, phone })
        };
        accounts.into_iter().map(seat).collect()
    }

    pub fn add(&self, account: Account) -> Result<(), Failure> {
        let mut held = self.book.hold()?;
        held.accounts.push(account);
        held.save(&*self.means.entropy)
    }

    pub fn forget(&self, device: &str) -> Result<(), Failure> {
        let mut held = self.book.hold()?;
        held.accounts.retain(|a| a.device != device);
        held.save(&*self.means.entropy)
    }

    /// Writes down what was learned of an account: its owner's name, how far the clocks are apart.
    pub fn remember(&self, seat: &Seat, username: Option<&str>) -> Result<(), Failure> {
        let (offset, known) = (seat.phone.client.offset(), &seat.account);
        let username = username.unwrap_or(&known.username);
        if offset == known.clock_offset && username == known.username {
            return Ok(());
        }
        let mut held = self.book.hold()?;
        for account in held.accounts.iter_mut().filter(|a| a.device == known.device) {
            account.clock_offset = offset;
            username.clone_into(&mut account.username);
        }
        held.save(&*self.means.entropy)
    }

    /// Indented JSON, safe to look at.
    pub fn print_json(&self, value: &impl serde::Serialize) -> Result<(), Failure> {
        println!("{}", safe_json(&serde_json::to_string_pretty(value)?));
        Ok(())
    }
}

pub fn no_account(named: &str) -> Failure {
    Failure(format!(
        "{}: there is no such account in the file; see countersign authenticator list",
        safe(named)
    ))
}
