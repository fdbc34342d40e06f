//! `authenticator approve|deny`: finds the request, shows it, asks for the number, answers.

use std::io::{BufRead, IsTerminal, Write};

use serde_json::Value;

use super::desk::{Desk, Seat};
use super::message::{Decision, Unlock};
use super::phone::{Asked, Choice};
use super::safe::safe;
use super::trouble::Trouble;
use super::{Which, show};
use crate::cli::Failure;

#[derive(Clone, Copy)]
pub struct Answer<'a> {
    pub decision: Decision,
    pub number: Option<&'a str>,
    pub unlock: Unlock,
}

pub async fn respond(desk: &Desk, which: &Which, answer: Answer<'_>) -> Result<(), Failure> {
    let seats = desk.seats(which.account.as_deref())?;
    let (seat, request) = find(&seats, which.request.as_deref()).await?;
    settle(desk, seat, &request, answer).await
}

/// The one request that is meant. An account that cannot be asked does not keep the others from being answered.
async fn find<'a>(seats: &'a [Seat], named: Option<&str>) -> Result<(&'a Seat, String), Failure> {
    if let ([only], Some(named)) = (seats, named) {
        // Asked for by its id, so that the server says what has become of it.
        return Ok((only, named.to_owned()));
    }
    let (mut waiting, mut troubles) = (Vec::new(), Vec::new());
    for seat in seats {
        match seat.phone.requests().await {
            Ok(list) => waiting.extend(list.requests.into_iter().map(|w| (seat, w, list.server_time))),
            Err(trouble) => troubles.push(format!("{}: {trouble}", show::account(&seat.account))),
        }
    }
    waiting.retain(|(_, w, _)| named.is_none_or(|named| named == w.id));
    match waiting.as_slice() {
        [(seat, one, _)] => Ok((*seat, one.id.clone())),
        [] => Err(Failure(match (named, troubles.first()) {
            (_, Some(trouble)) => trouble.clone(),
            (Some(named), None) => format!(
                "{}: no such request waits; see countersign authenticator list",
                safe(named)
            ),
            (None, None) if seats.is_empty() => {
                "no account is paired; see countersign authenticator pair --help".to_owned()
            }
            (None, None) => "no request waits for an answer".to_owned(),
        })),
        several => {
            let list: Vec<String> = several.iter().map(|(_, w, now)| show::waiting(w, *now)).collect();
            Err(Failure(format!("several requests wait; name one: {}", list.join("; "))))
        }
    }
}

/// Shows one request and answers it.
pub async fn settle(desk: &Desk, seat: &Seat, request: &str, answer: Answer<'_>) -> Result<(), Failure> {
    let outcome = ask_and_answer(desk, seat, request, answer).await;
    let remembered = desk.remember(seat, None);
    // A pairing that was refused, or got a third wrong number, leaves nothing on the server; so it leaves nothing here.
    let over = outcome
        .as_ref()
        .map_or_else(Ended::is, |(kind, status)| kind == "pairing" && status != "approved");
    if over && seat.phone.state().await.is_err_and(|t| t.is("unregistered")) {
        desk.forget(&seat.phone.id)?;
    }
    let (_, status) = outcome.map_err(|e| Failure(e.0.to_string()))?;
    if !desk.json {
        println!("{}", said(&status));
    }
    // After what has become of the answer, which matters more.
    remembered
}

/// Why an answer was not taken, and whether the request was a pairing.
struct Ended(Trouble, bool);

impl Ended {
    fn is(&self) -> bool {
        let last = self.0.refusal().is_some_and(|r| r.body.tries_left == Some(0));
        self.1 && last
    }
}

impl From<Trouble> for Ended {
    fn from(trouble: Trouble) -> Self {
        Self(trouble, false)
    }
}

/// Kind and status.
async fn ask_and_answer(
    desk: &Desk,
    seat: &Seat,
    request: &str,
    answer: Answer<'_>,
) -> Result<(String, String), Ended> {
    let asked = seat.phone.open(request).await?;
    let pairing = asked.context.kind == "pairing";
    if !desk.json {
        println!("{}", show::request(&asked));
    }
    loop {
        let number = number(&asked, answer)?;
        let choice = Choice {
            decision: answer.decision,
            number: number.as_deref(),
            unlock: answer.unlock,
        };
        match seat.phone.answer(&asked, choice).await {
            Ok(status) => {
                if desk.json {
                    let mut value = show::request_json(&asked, &seat.account);
                    value["status"] = Value::from(status.clone());
                    desk.print_json(&value).map_err(|e| Trouble::Usage(e.0))?;
                }
                return Ok((asked.context.kind, status));
            }
            // Whoever types it at the prompt may look again.
            Err(trouble) if answer.number.is_none() && again(&trouble) => eprintln!("{trouble}"),
            Err(trouble) => return Err(Ended(trouble, pairing)),
        }
    }
}

fn again(trouble: &Trouble) -> bool {
    trouble.is("wrong_number")
        && trouble
            .refusal()
            .is_some_and(|r| r.body.tries_left.is_some_and(|n| n > 0))
}

/// What has to be sent as the number: typed now, said before, or nothing where a tap is enough.
fn number(asked: &Asked, answer: Answer<'_>) -> Result<Option<String>, Trouble> {
    let digits = asked.details.number_digits;
    if answer.decision != Decision::Approve {
        return Ok(None);
    }
    if digits == 0 {
        if answer.number.is_none() && on_a_terminal() {
            prompt("Press Enter to approve, Ctrl-C not to: ")?;
        }
        return Ok(None);
    }
    let wrong = format!("the number that the browser shows has {digits} digits");
    match answer.number {
        Some(said) => well_formed(said, digits).map(Some).ok_or(Trouble::Usage(wrong)),
        None if on_a_terminal() => loop {
            // A slip of the finger is not worth one of the three tries.
            match well_formed(&prompt("The number that your browser shows: ")?, digits) {
                None => eprintln!("{wrong}"),
                number => return Ok(number),
            }
        },
        None => Err(Trouble::Usage(
            "the number that the browser shows is missing: add --number NNNNNN".to_owned(),
        )),
    }
}

fn well_formed(typed: &str, digits: usize) -> Option<String> {
    let clean: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (clean.len() == digits && clean.bytes().all(|b| b.is_ascii_digit())).then_some(clean)
}

pub fn on_a_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

fn prompt(text: &str) -> Result<String, Trouble> {
    eprint!("{text}");
    let _ = std::io::stderr().flush();
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        // The end of the input is no consent.
        Ok(0) => Err(Trouble::Usage("nothing was typed, and nothing answered".to_owned())),
        Ok(_) => Ok(line.trim().to_owned()),
        Err(e) => Err(Trouble::Usage(format!("the terminal cannot be read: {e}"))),
    }
}

fn said(status: &str) -> String {
    match status {
        "approved" => "Approved.".to_owned(),
        "denied" => "Denied.".to_owned(),
        "reported" => "Denied, and reported: the account's owner is warned.".to_owned(),
        other => format!("The server says: {}", safe(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_digits_however_they_are_grouped() {
        assert_eq!(well_formed("482 913", 6).as_deref(), Some("482913"));
        assert_eq!(well_formed("482-913 ", 6).as_deref(), Some("482913"));
        for wrong in ["", "48291", "4829134", "48291x", "٤٨٢٩١٣"] {
            assert_eq!(well_formed(wrong, 6), None, "{wrong}");
        }
    }
}
