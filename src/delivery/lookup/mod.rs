//! What kind of line a number belongs to (S39): asked of a lookup service, or read from the operator's own table.
//! Knows nothing of whose number it is, nor which lines are denied beyond the rules that it is handed.

mod table;
mod twilio;

use std::path::Path;
use std::time::Duration;

use self::table::Table;
use self::twilio::Twilio;
use super::carrier::{CarrierError, Failure};
use super::settings::LookupSettings;
use super::wire::Timeouts;
use crate::base::Timestamp;
use crate::factors::phone::Number;
use crate::model::phone::{LineType, PhoneRules};

/// Somebody waits for the page meanwhile.
const PATIENCE: Timeouts = Timeouts {
    connect: Duration::from_secs(3),
    total: Duration::from_secs(5),
};
/// Bytes of a table: about 200,000 prefixes.
const LARGEST_TABLE: u64 = 4 << 20;

#[derive(Debug)]
pub enum Lookup {
    /// Nobody is asked.
    Off,
    Table(Table),
    Twilio(Twilio),
}

/// The kind of line is not known, now. It is not the number's fault: who denies lines says "try again later" (and sets up
/// nothing), never MFA-101.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    #[error("[delivery.lookup] is off, so nobody can tell the line type")]
    Off,
    /// Neither the number nor the credentials are in these words.
    #[error("the lookup failed: {0}")]
    Failed(String),
}

/// The lookup cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Client(#[from] CarrierError),
    /// Names the file, the line and the mend.
    #[error("{0}")]
    Table(String),
}

impl From<Failure> for LookupError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.why)
    }
}

impl Lookup {
    pub fn open(settings: &LookupSettings) -> Result<Self, OpenError> {
        Self::open_with(settings, PATIENCE)
    }

    pub(super) fn open_with(settings: &LookupSettings, timeouts: Timeouts) -> Result<Self, OpenError> {
        Ok(match settings {
            LookupSettings::Off => Self::Off,
            LookupSettings::Table(file) => Self::Table(read_table(file)?),
            LookupSettings::Twilio(settings) => Self::Twilio(Twilio::open(settings.clone(), timeouts)?),
        })
    }

    pub const fn is_off(&self) -> bool {
        matches!(self, Self::Off)
    }

    /// May this number be set up? Only where the rules deny any line is anybody asked: a lookup costs money, and tells
    /// another company who gets an account here.
    ///
    /// # Errors
    /// If it is not known: then the number is not set up.
    pub async fn allows(&self, rules: &PhoneRules, number: &Number, now: Timestamp) -> Result<bool, LookupError> {
        if !rules.needs_lookup() {
            return Ok(true);
        }
        let line = self.number_type(&number.e164, now).await?;
        let denied = rules.denies(line);
        if denied {
            tracing::info!(%line, end = %number.end(), "a number of a denied line was not taken");
        }
        Ok(!denied)
    }

    /// Asks. `e164`: a number in E.164 form.
    pub async fn number_type(&self, e164: &str, now: Timestamp) -> Result<LineType, LookupError> {
        // It becomes part of an address: nothing but a number is asked for.
        let number = Number::parse(e164).map_err(|_| LookupError::Failed("not a number in E.164 form".into()))?;
        match self {
            Self::Off => Err(LookupError::Off),
            Self::Table(table) => Ok(table.line_of(&number.e164)),
            Self::Twilio(twilio) => twilio.line_of(&number.e164, now).await,
        }
    }
}

fn read_table(file: &Path) -> Result<Table, OpenError> {
    let name = file.display();
    let unreadable = |e: std::io::Error| OpenError::Table(format!("{name}: cannot be read: {e}"));
    let size = std::fs::metadata(file).map_err(unreadable)?.len();
    if size > LARGEST_TABLE {
        return Err(OpenError::Table(format!(
            "{name}: has {size} bytes, at most {LARGEST_TABLE} are read"
        )));
    }
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    Table::read(&text).map_err(|e| OpenError::Table(format!("{name}:{e}")))
}
