//! TOML with errors that an operator can act on.

use serde::de::DeserializeOwned;
use toml::Table;
use toml::Value;

use super::ConfigError;

/// Names of our environment variables begin with this; a double underscore goes one level down.
const PREFIX: &str = "COUNTERSIGN_";
const LEVEL: &str = "__";

/// A file of ours, no environment.
pub fn file<T: DeserializeOwned>(text: &str, name: &str) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|e| error(text, name, &e))
}

/// A file, overridden by the environment.
pub fn with_environment<T: DeserializeOwned>(
    text: &str,
    name: &str,
    env: impl Iterator<Item = (String, String)>,
) -> Result<T, ConfigError> {
    let overrides: Vec<(String, String)> = env
        .filter(|(k, _)| k.starts_with(PREFIX) && k.contains(LEVEL))
        .collect();
    if overrides.is_empty() {
        return file(text, name);
    }
    let file: Table = toml::from_str(text).map_err(|e| error(text, name, &e))?;
    let mut table = file.clone();
    for (variable, value) in &overrides {
        overrule(&mut table, variable, value)?;
    }
    table.try_into().map_err(|e: toml::de::Error| {
        let message = e.message().to_owned();
        // The one that by itself is wrong in the same way, if the file alone is not.
        let says = |table: Table| table.try_into::<T>().is_err_and(|e| e.message() == message);
        let alone = |(variable, value): &&(String, String)| {
            let mut table = file.clone();
            overrule(&mut table, variable, value).is_ok() && says(table)
        };
        let guilty = overrides.iter().find(alone).filter(|_| !says(file.clone()));
        ConfigError::new(guilty.map_or(name, |(variable, _)| variable), one_line(&message))
    })
}

fn overrule(table: &mut Table, variable: &str, value: &str) -> Result<(), ConfigError> {
    let path = variable[PREFIX.len()..].to_ascii_lowercase();
    set(table, &path.split(LEVEL).collect::<Vec<_>>(), value)
        .ok_or_else(|| ConfigError::new(variable, "names a key below one that is not a table"))
}

/// A value as TOML would read it (`3`, `true`, `["a"]`), else as text.
fn set(table: &mut Table, path: &[&str], text: &str) -> Option<()> {
    match path {
        [] => None,
        [key] => {
            let parsed = toml::from_str::<Table>(&format!("v = {text}"))
                .ok()
                .and_then(|mut t| t.remove("v"));
            table.insert(
                (*key).to_owned(),
                parsed.unwrap_or_else(|| Value::String(text.to_owned())),
            );
            Some(())
        }
        [key, rest @ ..] => {
            let inner = table.entry(*key).or_insert_with(|| Value::Table(Table::new()));
            set(inner.as_table_mut()?, rest, text)
        }
    }
}

/// `countersign.toml:3: lissten: unknown field …`: file, line, key, problem, on one line.
pub fn error(text: &str, name: &str, e: &toml::de::Error) -> ConfigError {
    let Some(span) = e.span() else {
        return ConfigError::new(name, one_line(e.message()));
    };
    let before = &text[..span.start.min(text.len())];
    let number = before.matches('\n').count() + 1;
    let line = text.lines().nth(number - 1).unwrap_or_default();
    let place = match line.split_once('=') {
        Some((key, _)) => format!("{name}:{number}: {}", key.trim()),
        None if line.trim_start().starts_with('[') => format!("{name}:{number}: {}", line.trim()),
        None => format!("{name}:{number}"),
    };
    ConfigError::new(place, one_line(e.message()))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
