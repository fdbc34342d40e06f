//! Phones: where messages reach them.

use super::{FromRow, Result, Row, Tx, args};
use crate::base::{AuthenticatorId, Timestamp};

struct Sealed(Vec<u8>);

impl FromRow for Sealed {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.bytes("sealed")?))
    }
}

impl Tx {
    /// Where messages to this device go; the older address is replaced. An address belongs to one installation, so it is
    /// kept by its hash to be found when it is gone.
    pub async fn save_push_address(
        &mut self,
        device: &AuthenticatorId,
        hash: &str,
        sealed: &[u8],
        now: Timestamp,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO push_addresses (authenticator_id, hash, sealed, updated_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (authenticator_id) DO UPDATE SET hash = $2, sealed = $3, updated_at = $4",
            args![device, hash, sealed.to_vec(), now],
        )
        .await?;
        Ok(())
    }

    pub async fn push_address(&mut self, device: &AuthenticatorId) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT sealed FROM push_addresses WHERE authenticator_id = $1";
        let found: Option<Sealed> = self.fetch(sql, args![device]).await?;
        Ok(found.map(|s| s.0))
    }

    pub async fn delete_push_address(&mut self, device: &AuthenticatorId) -> Result<()> {
        let sql = "DELETE FROM push_addresses WHERE authenticator_id = $1";
        self.execute(sql, args![device]).await?;
        Ok(())
    }

    /// Its push service knows this address no more. `true` if anybody had it.
    pub async fn forget_push_address(&mut self, hash: &str) -> Result<bool> {
        let sql = "DELETE FROM push_addresses WHERE hash = $1";
        Ok(self.execute(sql, args![hash]).await? > 0)
    }
}
