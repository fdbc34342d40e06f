//! The chained log. Nothing here updates or deletes a record.

use super::{FromRow, Result, Row, Tx, args, json};
use crate::base::Timestamp;
use crate::model::audit::{AuditRecord, ChainedRecord, chain_hash};

impl FromRow for ChainedRecord {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            seq: row.int("seq")?,
            body: row.text("body")?,
            previous: row.text("previous")?,
            hash: row.text("hash")?,
        })
    }
}

#[derive(Clone, Debug)]
pub struct Head {
    pub seq: i64,
    pub hash: String,
}

impl FromRow for Head {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            seq: row.int("seq")?,
            hash: row.text("hash")?,
        })
    }
}

/// A head that was signed: whoever holds a copy can convict a log that was rewritten whole.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    pub seq: i64,
    pub jws: String,
}

impl FromRow for Checkpoint {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            seq: row.int("seq")?,
            jws: row.text("jws")?,
        })
    }
}

/// One to four records in one statement. `$1` is the new head's hash, for the statement that goes with it.
const APPEND: [&str; 4] = [
    "INSERT INTO audit (seq, body, previous, hash) VALUES ($2, $3, $4, $5)",
    "INSERT INTO audit (seq, body, previous, hash) VALUES ($2, $3, $4, $5), ($6, $7, $8, $9)",
    "INSERT INTO audit (seq, body, previous, hash)
     VALUES ($2, $3, $4, $5), ($6, $7, $8, $9), ($10, $11, $12, $13)",
    "INSERT INTO audit (seq, body, previous, hash)
     VALUES ($2, $3, $4, $5), ($6, $7, $8, $9), ($10, $11, $12, $13), ($14, $15, $16, $17)",
];

impl Tx {
    /// Appends to the chain at commit: see `Tx::audit`. The head is one row: whoever moves it holds it
    /// until the commit, so that the chain cannot fork, on either database.
    pub(super) async fn append_audit(&mut self, records: &[AuditRecord]) -> Result<()> {
        let n = i64::try_from(records.len()).unwrap_or(i64::MAX);
        let head: Option<Head> = self
            .fetch(
                "UPDATE audit_head SET seq = seq + $1 WHERE one = 1 RETURNING seq, hash",
                args![n],
            )
            .await?;
        let head = head.ok_or_else(|| super::Error::corrupt("audit_head", "the one row is missing"))?;
        let (mut seq, mut previous) = (head.seq - n, head.hash);
        for several in records.chunks(APPEND.len()) {
            let mut rows = Vec::new();
            for record in several {
                seq += 1;
                let body = json(record)?;
                let hash = chain_hash(seq, &previous, &body);
                rows.extend(args![seq, body, &previous, &hash]);
                previous = hash;
            }
            let first = seq - i64::try_from(several.len()).unwrap_or_default() + 1;
            let mut args = args![&previous];
            args.append(&mut rows);
            let moved = "UPDATE audit_head SET hash = $1 WHERE one = 1";
            self.execute_both(APPEND[several.len() - 1], moved, args, 1).await?;
            for (seq, record) in (first..).zip(several).filter(|(_, r)| r.is_for_its_subject()) {
                self.append_activity(&format!("{seq:020}"), record).await?;
            }
        }
        Ok(())
    }

    pub async fn audit_head(&mut self) -> Result<Head> {
        let head: Option<Head> = self
            .fetch("SELECT seq, hash FROM audit_head WHERE one = 1", args![])
            .await?;
        head.ok_or_else(|| super::Error::corrupt("audit_head", "the one row is missing"))
    }

    /// The next records after `seq`, in order.
    pub async fn audit_after(&mut self, seq: i64, limit: i64) -> Result<Vec<ChainedRecord>> {
        let sql = "SELECT seq, body, previous, hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2";
        self.fetch_all(sql, args![seq, limit]).await
    }

    pub async fn save_checkpoint(&mut self, seq: i64, at: Timestamp, jws: &str) -> Result<()> {
        let sql = "INSERT INTO audit_checkpoints (seq, at, jws) VALUES ($1, $2, $3) ON CONFLICT (seq) DO NOTHING";
        self.execute(sql, args![seq, at, jws]).await?;
        Ok(())
    }

    pub async fn checkpoints(&mut self) -> Result<Vec<Checkpoint>> {
        self.fetch_all("SELECT seq, jws FROM audit_checkpoints ORDER BY seq", args![])
            .await
    }
}
