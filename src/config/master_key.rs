//! The master key that seals secrets at rest: from the environment, or a file that nobody else can read.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::ConfigError;
use crate::base::Entropy;
use crate::keys::{MasterKey, Sealer};

/// 256 bits as base64, base64url or hex; several, one a line, while they turn: the first seals, all open.
pub const VARIABLE: &str = "COUNTERSIGN_MASTER_KEY";
const FILE: &str = "master.key";

/// Reads the key; makes one on the first start.
pub fn sealer(dir: &Path, from_env: Option<&str>, entropy: &dyn Entropy) -> Result<Sealer, ConfigError> {
    if let Some(text) = from_env {
        return open(VARIABLE, text);
    }
    let path = dir.join(FILE);
    let place = path.display().to_string();
    match fs::read_to_string(&path) {
        Ok(text) => {
            refuse_readable(&path, &place)?;
            open(&place, &text)
        }
        Err(e) if e.kind() == ErrorKind::NotFound => create(dir, &path, &place, entropy),
        Err(e) => Err(ConfigError::new(place, format!("cannot be read: {e}"))),
    }
}

fn open(place: &str, text: &str) -> Result<Sealer, ConfigError> {
    let keys = MasterKey::parse_all(text).map_err(|e| ConfigError::new(place, e.to_string()))?;
    Sealer::new(keys).map_err(|e| ConfigError::new(place, e.to_string()))
}

fn refuse_readable(path: &Path, place: &str) -> Result<(), ConfigError> {
    let mode = fs::metadata(path)
        .map_err(|e| ConfigError::new(place, e.to_string()))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(ConfigError::new(
        place,
        format!("others can read it (mode {:o}); run chmod 600 on it", mode & 0o777),
    ))
}

fn create(dir: &Path, path: &Path, place: &str, entropy: &dyn Entropy) -> Result<Sealer, ConfigError> {
    let wrong = |e: std::io::Error| ConfigError::new(place, format!("cannot be created: {e}"));
    if !dir.exists() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(wrong)?;
    }
    let key = MasterKey::generate(entropy);
    let text = format!("{}\n", key.to_text().expose());
    // Never over a file that another starter has just written.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes())
                .and_then(|()| file.sync_all())
                .map_err(wrong)?;
            // The name itself must survive a power cut, too: without this key nothing sealed opens again.
            fs::File::open(dir).and_then(|d| d.sync_all()).map_err(wrong)?;
            open(place, &text)
        }
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            let theirs = fs::read_to_string(path).map_err(wrong)?;
            open(place, &theirs)
        }
        Err(e) => Err(wrong(e)),
    }
}
