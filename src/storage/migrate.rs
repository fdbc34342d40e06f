//! Brings the schema up to date when the program starts. One transaction for all of it, under a lock, so that
//! any number of starting processes leave the same schema, and a failed upgrade leaves the old one.

use super::{Error, FromRow, Result, Row, Store, Tx};
use crate::args;
use crate::base::encoding::{hex, sha256};

/// `(version, name, text)`, ascending. A released migration is never edited: its checksum is in every database.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "foundation", include_str!("../../migrations/0001_foundation.sql")),
    (
        2,
        "self_service",
        include_str!("../../migrations/0002_self_service.sql"),
    ),
    (3, "push", include_str!("../../migrations/0003_push.sql")),
    (
        4,
        "pushed_requests",
        include_str!("../../migrations/0004_pushed_requests.sql"),
    ),
    (
        5,
        "access_tokens",
        include_str!("../../migrations/0005_access_tokens.sql"),
    ),
    (
        6,
        "deferred_requests",
        include_str!("../../migrations/0006_deferred_requests.sql"),
    ),
    (
        7,
        "registration",
        include_str!("../../migrations/0007_registration.sql"),
    ),
    (8, "logout", include_str!("../../migrations/0008_logout.sql")),
    (
        9,
        "pairwise_subjects",
        include_str!("../../migrations/0009_pairwise_subjects.sql"),
    ),
];

struct Applied {
    version: i64,
    checksum: String,
}

impl FromRow for Applied {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            version: row.int("version")?,
            checksum: row.text("checksum")?,
        })
    }
}

pub(super) async fn run(store: &Store) -> Result<()> {
    let mut tx = store.begin().await?;
    tx.lock_schema().await?;
    tx.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (
             version  BIGINT PRIMARY KEY,
             name     TEXT NOT NULL,
             checksum TEXT NOT NULL
         )",
        args![],
    )
    .await?;
    let applied: Vec<Applied> = tx
        .fetch_all(
            "SELECT version, checksum FROM schema_migrations ORDER BY version",
            args![],
        )
        .await?;
    check(&applied)?;
    for (version, name, text) in MIGRATIONS {
        if applied.iter().all(|a| a.version != *version) {
            apply(&mut tx, *version, name, text).await?;
        }
    }
    tx.commit().await
}

/// Is everything in this database known here, and the same?
fn check(applied: &[Applied]) -> Result<()> {
    let known = MIGRATIONS.last().map_or(0, |m| m.0);
    if let Some(newer) = applied.iter().map(|a| a.version).find(|v| *v > known) {
        return Err(Error::Newer { found: newer, known });
    }
    for (version, _, text) in MIGRATIONS {
        if applied
            .iter()
            .any(|a| a.version == *version && a.checksum != checksum(text))
        {
            return Err(Error::Altered(*version));
        }
    }
    Ok(())
}

async fn apply(tx: &mut Tx, version: i64, name: &str, text: &'static str) -> Result<()> {
    tx.batch(text).await?;
    tx.execute(
        "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
        args![version, name, checksum(text)],
    )
    .await?;
    Ok(())
}

/// Line ends do not count: a checkout may have changed them.
fn checksum(text: &str) -> String {
    hex(&sha256(text.replace("\r\n", "\n").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_in_the_list() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let listed: Vec<String> = MIGRATIONS.iter().map(|(v, n, _)| format!("{v:04}_{n}.sql")).collect();
        assert_eq!(files, listed);
    }

    #[test]
    fn versions_ascend_from_one() {
        // Not one by one: what is made side by side takes a number each, and may come in another order.
        assert_eq!(MIGRATIONS[0].0, 1);
        assert!(MIGRATIONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
