//! `authenticator pair`.

use std::io::Read;

use serde_json::json;
use zeroize::Zeroizing;

use super::desk::{Desk, Seat};
use super::file::Account;
use super::link::Link;
use super::message::{Decision, Unlock};
use super::phone::Phone;
use super::respond::{Answer, on_a_terminal, settle};
use super::{PairArgs, show};
use crate::cli::Failure;

/// Bytes of a link; longer ones are none.
const LONGEST_LINK: u64 = 4096;

pub async fn pair(desk: &Desk, args: &PairArgs) -> Result<(), Failure> {
    let link = Link::parse(&typed(&args.link)?, args.issuer.as_deref())?;
    // Before the secret is spent: a key that cannot be stored would be lost.
    drop(desk.book.hold()?);
    let begun = Phone::pair(&link, &args.name, desk.means.clone()).await?;
    let account = Account::of(&begun, &args.name)?;
    desk.add(account.clone())?;
    let (phone, request) = (begun.phone, begun.request);
    if !desk.json {
        println!("Paired, not yet confirmed: {}", show::account(&account));
        println!("Device {}, request {request}", phone.id);
    }
    if args.number.is_some() || (on_a_terminal() && !desk.json) {
        let answer = Answer {
            decision: Decision::Approve,
            number: args.number.as_deref(),
            unlock: Unlock::None,
        };
        return settle(desk, &Seat { account, phone }, &request, answer).await;
    }
    if desk.json {
        return desk.print_json(&json!({
            "account": account.device, "issuer": account.issuer, "workspace": account.workspace,
            "username": account.username, "request": request,
        }));
    }
    println!("Type the number that your browser shows: countersign authenticator approve --number NNNNNN");
    Ok(())
}

/// Arguments can be seen by other people of the same machine; standard input cannot.
fn typed(argument: &str) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    if argument == "-" {
        std::io::stdin().take(LONGEST_LINK).read_to_string(&mut text)?;
    } else {
        text.push_str(argument);
    }
    Ok(text)
}
