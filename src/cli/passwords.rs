//! `passwords build|check`: needs no database.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::{ConfigArg, Failure, print_json};
use crate::base::Secret;
use crate::config::{Config, breached};
use crate::factors::password::breached::{Breached, MOST_PASSWORDS, key_of, key_of_sha1};
use crate::factors::password::rules::{PasswordRefusal, Rules, check_new, strength};

/// Bytes of a line of a list; longer ones are no passwords that anybody may set.
const LONGEST_LINE: u64 = 4096 + 2;

#[derive(Debug, clap::Subcommand)]
pub enum PasswordsCommand {
    /// Make the file that `[passwords] breached` names, from a list with one password a line
    #[command(
        after_help = "Examples:\n  countersign passwords build --from list.txt --to pwned.filter\n  countersign passwords build --from pwned-passwords-sha1.txt --sha1 --at-least 20 --to pwned.filter"
    )]
    Build {
        /// One password a line, in UTF-8
        #[arg(long)]
        from: PathBuf,
        /// The file to write; replaced whole if it exists
        #[arg(long)]
        to: PathBuf,
        /// Lines are `SHA1:count`, as Have I Been Pwned publishes them
        #[arg(long)]
        sha1: bool,
        /// Only passwords that were seen this often
        #[arg(long, requires = "sha1", default_value_t = 1)]
        at_least: u64,
        #[arg(long)]
        json: bool,
    },
    /// Would this password be taken? It is read from standard input
    #[command(
        after_help = "Example:\n  countersign passwords check --with-another-factor --word rivera < password.txt"
    )]
    Check {
        #[command(flatten)]
        config: ConfigArg,
        /// It is only ever used together with another factor
        #[arg(long)]
        with_another_factor: bool,
        /// What a guesser knows of the person: username, e-mail address, name (several times)
        #[arg(long)]
        word: Vec<String>,
        #[arg(long)]
        json: bool,
    },
}

pub fn run(command: &PasswordsCommand) -> Result<(), Failure> {
    match command {
        PasswordsCommand::Build {
            from,
            to,
            sha1,
            at_least,
            json,
        } => {
            let read = if *sha1 { sha1_key(*at_least) } else { plain_key() };
            let built = Breached::build(keys(from, read)?).map_err(|e| Failure(format!("{}: {e}", from.display())))?;
            write(to, &built.to_bytes()).map_err(|e| Failure(format!("{}: cannot be written: {e}", to.display())))?;
            let (passwords, place) = (built.passwords(), to.display().to_string());
            if *json {
                return print_json(&serde_json::json!({ "passwords": passwords, "file": place }));
            }
            println!("{passwords} passwords in {place}");
            Ok(())
        }
        PasswordsCommand::Check {
            config,
            with_another_factor,
            word,
            json,
        } => {
            let config = Config::load(&config.config)?;
            let list = breached::load(config.breached.as_deref())?;
            let words: Vec<&str> = word.iter().map(String::as_str).collect();
            let rules = Rules {
                alone: !with_another_factor,
                context: &words,
                breached: &list,
            };
            check(&from_stdin()?, rules, *json)
        }
    }
}

fn check(password: &Secret<String>, rules: Rules<'_>, json: bool) -> Result<(), Failure> {
    let verdict = check_new(password, rules);
    let code = verdict.map_or_else(PasswordRefusal::code, |()| "accepted");
    if json {
        let strength = strength(password, rules.context);
        print_json(&serde_json::json!({ "verdict": code, "strength": strength }))?;
    } else if verdict.is_ok() {
        println!("accepted");
    }
    verdict.map_err(|why| Failure(format!("refused ({code}): {why}")))
}

fn from_stdin() -> Result<Secret<String>, Failure> {
    let mut text = zeroize::Zeroizing::new(String::new());
    // More than any password may have, so that a longer one is refused and not cut.
    std::io::stdin().take(LONGEST_LINE + 1).read_to_string(&mut text)?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::new("standard input holds no password"));
    }
    Ok(Secret::from(password))
}

/// What a line is in a set: nothing (left out), a key, or a mistake.
type ReadLine = Box<dyn Fn(&str) -> Result<Option<u64>, &'static str>>;

fn plain_key() -> ReadLine {
    Box::new(|line| Ok((!line.is_empty()).then(|| key_of(line))))
}

fn sha1_key(at_least: u64) -> ReadLine {
    const WHAT: &str = "must be SHA1:count, 40 hexadecimal digits and a number";
    Box::new(move |line| {
        let (hash, count) = line.split_once(':').unwrap_or((line, "1"));
        let key = key_of_sha1(hash).ok_or(WHAT)?;
        let count: u64 = count.trim().parse().map_err(|_| WHAT)?;
        Ok((count >= at_least).then_some(key))
    })
}

/// Line by line: a public collection has a billion of them.
fn keys(from: &Path, read: ReadLine) -> Result<Vec<u64>, Failure> {
    let name = from.display();
    let unreadable = |e: std::io::Error| Failure(format!("{name}: cannot be read: {e}"));
    let mut file = BufReader::new(File::open(from).map_err(unreadable)?);
    let (mut keys, mut line, mut number) = (Vec::new(), Vec::new(), 0u64);
    loop {
        line.clear();
        number += 1;
        let n = (&mut file)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
            .map_err(unreadable)?;
        if n == 0 {
            return Ok(keys);
        }
        let wrong = |what: &str| Failure(format!("{name}:{number}: {what}"));
        if n as u64 == LONGEST_LINE && line.last() != Some(&b'\n') {
            return Err(wrong("is longer than any password may be"));
        }
        let text = std::str::from_utf8(&line).map_err(|_| wrong("is not UTF-8"))?;
        let text = text.strip_prefix('\u{feff}').filter(|_| number == 1).unwrap_or(text);
        keys.extend(read(text.trim_end_matches(['\r', '\n'])).map_err(wrong)?);
        if keys.len() > MOST_PASSWORDS {
            return Err(wrong(
                "more passwords than a list may have; --at-least takes only those that were seen often",
            ));
        }
    }
}

/// Beside it first, so that a server that starts meanwhile never reads half a list.
fn write(to: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut beside = to.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, bytes)?;
    std::fs::rename(&beside, to)
}
