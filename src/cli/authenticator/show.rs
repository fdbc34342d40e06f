//! How a request looks on a terminal. Every text in it is the server's, and passes `safe`.

use serde_json::{Value, json};

use super::file::Account;
use super::message::Waiting;
use super::phone::Asked;
use super::safe::safe;
use crate::base::Timestamp;

/// Who, for whom, from where, and what is signed: a line each.
pub fn request(asked: &Asked) -> String {
    let (context, details) = (&asked.context, &asked.details);
    let title = match context.kind.as_str() {
        "sign_in" => "Sign-in".to_owned(),
        "pairing" => "Pairing of this device".to_owned(),
        other => format!("Request ({})", safe(other)),
    };
    let known = |text: &Option<String>| text.as_deref().map_or("not known".to_owned(), safe);
    let partner = context.partner.as_ref().map(|partner| {
        let uri = partner
            .uri
            .as_deref()
            .map_or(String::new(), |uri| format!(" ({})", safe(uri)));
        format!("{}{uri}", safe(&partner.name))
    });
    let mut rows = vec![(
        "account".to_owned(),
        format!(
            "{} at {} ({})",
            safe(&context.account),
            safe(&context.workspace),
            safe(&context.issuer)
        ),
    )];
    rows.extend(partner.map(|partner| ("partner".to_owned(), partner)));
    rows.extend(context.message.iter().map(|text| ("message".to_owned(), safe(text))));
    rows.push(("browser".to_owned(), known(&context.browser)));
    rows.push(("address".to_owned(), known(&context.ip)));
    rows.push(("place".to_owned(), known(&context.place)));
    rows.push(("asked at".to_owned(), Timestamp::from_secs(context.at).rfc3339()));
    rows.push((
        "time left".to_owned(),
        time_left(details.expires_at, details.server_time),
    ));
    if !context.lines.is_empty() {
        rows.push(("signs".to_owned(), String::new()));
    }
    rows.extend(
        context
            .lines
            .iter()
            .map(|line| (format!("  {}", safe(&line.label)), safe(&line.value))),
    );
    let widest = rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    let lines = rows.iter().map(|(label, value)| format!("  {label:<widest$}  {value}"));
    let lines: Vec<String> = lines.map(|line| line.trim_end().to_owned()).collect();
    format!("{title}, request {}\n{}", safe(&details.id), lines.join("\n"))
}

/// The same for a program.
pub fn request_json(asked: &Asked, account: &Account) -> Value {
    json!({
        "request": asked.details.id,
        "account": account.device,
        "expires_at": asked.details.expires_at,
        "number_digits": asked.details.number_digits,
        "context": asked.context,
    })
}

pub fn waiting(waiting: &Waiting, now: i64) -> String {
    let kind = waiting.kind.replace('_', "-");
    format!(
        "{}  {}, {} left",
        safe(&waiting.id),
        safe(&kind),
        time_left(waiting.expires_at, now)
    )
}

pub fn account(account: &Account) -> String {
    format!(
        "{} at {} ({})",
        safe(&account.username),
        safe(&account.workspace),
        safe(&account.issuer)
    )
}

/// By the server's clock on both sides.
fn time_left(until: i64, now: i64) -> String {
    let seconds = until.saturating_sub(now).max(0);
    if seconds < 120 {
        format!("{seconds} s")
    } else {
        format!("{} min", seconds / 60)
    }
}
