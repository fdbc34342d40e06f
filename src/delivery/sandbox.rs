//! The outbox as the sandbox shows it.

use serde::Serialize;

use crate::factors::Channel;
use crate::keys::Sealer;
use crate::storage::{self, Store};

#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    pub id: String,
    pub channel: String,
    pub to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    pub body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    pub at: String,
}

/// Oldest first; with `to`, only what went to that address.
pub async fn messages(store: &Store, sealer: &Sealer, to: Option<&str>) -> Result<Vec<Shown>, storage::Error> {
    let rows = store.view().await?.outbox().await?;
    // What leaves for a client's server reaches it here too, and holds its secrets.
    let rows = rows.into_iter().filter(|r| r.channel != Channel::Ping.as_str());
    let wanted = rows.filter(|r| to.is_none_or(|to| is_to(to, &r.recipient)));
    wanted
        .map(|row| {
            let message = super::unseal(sealer, &row)?;
            Ok(Shown {
                id: row.id.to_string(),
                channel: message.channel.as_str().to_owned(),
                to: message.to,
                subject: message.subject,
                body: message.body,
                code: message.code,
                link: message.link,
                at: row.created_at.rfc3339(),
            })
        })
        .collect()
}

/// In a query the `+` of a number means a space unless it was written as `%2B`: both are understood.
fn is_to(asked: &str, recipient: &str) -> bool {
    asked == recipient
        || asked
            .strip_prefix(' ')
            .is_some_and(|rest| recipient.strip_prefix('+') == Some(rest))
}

pub async fn clear(store: &Store) -> Result<u64, storage::Error> {
    let mut tx = store.begin().await?;
    let gone = tx.clear_outbox().await?;
    tx.commit().await?;
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::is_to;

    #[test]
    fn a_number_is_found_with_its_plus_written_either_way() {
        assert!(is_to("+14155550801", "+14155550801"));
        assert!(is_to(" 14155550801", "+14155550801"));
        assert!(!is_to("14155550801", "+14155550801"));
        assert!(!is_to(" 14155550802", "+14155550801"));
    }
}
