//! The list of passwords that nobody may choose: the operator's file, or the one in the program.

use std::path::Path;

use super::ConfigError;
use crate::factors::password::Breached;
use crate::factors::password::breached::LARGEST_BYTES;

/// `path`: the value of `passwords.breached`.
pub fn load(path: Option<&Path>) -> Result<Breached, ConfigError> {
    let Some(path) = path else {
        return Breached::built_in().map_err(|e| ConfigError::new("the built-in list of passwords", e.to_string()));
    };
    let wrong = |why: String| ConfigError::new(format!("passwords.breached: {}", path.display()), why);
    let unreadable = |e: std::io::Error| wrong(format!("cannot be read: {e}"));
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > LARGEST_BYTES {
        return Err(wrong(format!("has {size} bytes, at most {LARGEST_BYTES} are read")));
    }
    let file = std::fs::read(path).map_err(unreadable)?;
    Breached::read(&file).map_err(|e| wrong(e.to_string()))
}
