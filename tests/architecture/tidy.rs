//! Rules on size, on what belongs together, and on what never enters the repository.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::source::{Source, is_word, numbered, words};
use crate::{bad, finds, none, over, root};

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 60;
const HANDLER_LINES: usize = 15;

// --- (d) A file is read in one sitting, a function fits a screen, a handler parses, calls, answers.

fn sizes(file: &Source) -> Vec<String> {
    let lines = file.raw.lines().count();
    let long = (lines > FILE_LINES).then(|| format!("{}:{FILE_LINES}: {lines} lines, at most {FILE_LINES}", file.path));
    let functions = file.functions().into_iter().filter(|f| f.body > FUNCTION_LINES);
    let functions = functions.map(|f| {
        format!(
            "{}:{}: `{}` has {} lines, at most {FUNCTION_LINES}",
            file.path, f.line, f.name, f.body
        )
    });
    long.into_iter().chain(functions).collect()
}

/// `(token, token)` of `.to(token::token)`: what the route tables name is a handler.
fn routed(files: &[Source]) -> BTreeSet<(String, String)> {
    let handler = |(_, word, rest): (usize, &str, &str)| {
        let path = rest
            .strip_prefix('(')
            .filter(|_| word == "to")?
            .split(')')
            .next()?
            .to_owned();
        let mut names: Vec<&str> = path.split("::").collect();
        let name = names.pop()?.to_owned();
        Some((names.pop().unwrap_or_default().to_owned(), name))
    };
    files
        .iter()
        .filter(|f| f.floor() == Some("web"))
        .flat_map(|f| f.words().filter_map(handler).collect::<Vec<_>>())
        .collect()
}

fn handlers(file: &Source, routed: &BTreeSet<(String, String)>) -> Vec<String> {
    let module = Path::new(file.path.trim_end_matches("/mod.rs"))
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned());
    let module = module.unwrap_or_default();
    let is_routed = |name: &str| routed.iter().any(|(m, n)| n == name && (*m == module || m.is_empty()));
    let long =
        |f: &crate::source::Function| file.floor() == Some("web") && f.body > HANDLER_LINES && is_routed(&f.name);
    let found = file.functions().into_iter().filter(long);
    found
        .map(|f| {
            format!(
                "{}:{}: handler `{}` has {} lines, at most {HANDLER_LINES}",
                file.path, f.line, f.name, f.body
            )
        })
        .collect()
}

#[test]
fn the_project_keeps_files_and_functions_short() {
    let files: Vec<Source> = ["src", "tests", "benches"]
        .into_iter()
        .flat_map(Source::below)
        .collect();
    none(over(&files, sizes));
    let routed = routed(&files);
    none(over(&files, |f| handlers(f, &routed)));
}

#[test]
fn size_can_fail() {
    finds(
        sizes(&bad("src/a.rs", &"\n".repeat(FILE_LINES + 1))),
        "src/a.rs:400: 401 lines",
    );
    let body = |n: usize| {
        bad(
            "src/web/token.rs",
            &format!(
                "impl A {{\n    pub async fn token(\n        a: A,\n    ) {{\n{}    }}\n}}\n",
                "        b();\n".repeat(n)
            ),
        )
    };
    finds(
        sizes(&body(FUNCTION_LINES + 1)),
        "src/web/token.rs:2: `token` has 61 lines",
    );
    none(sizes(&body(FUNCTION_LINES)));
    let table = routed(&[bad(
        "src/web/mod.rs",
        "    .route(\"/token\", web::post().to(token::token))\n",
    )]);
    finds(
        handlers(&body(HANDLER_LINES + 1), &table),
        "src/web/token.rs:2: handler `token` has 16 lines",
    );
    none(handlers(&body(HANDLER_LINES), &table));
    none(handlers(&body(HANDLER_LINES + 1), &BTreeSet::new()));
}

// --- (e) A factor is one source folder and one template folder.

fn factor_templates(root: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(root.join("src/factors"))
        .into_iter()
        .flatten()
        .flatten();
    let names = entries
        .filter(|e| e.path().is_dir())
        .map(|e| e.file_name().to_string_lossy().into_owned());
    let missing = names.filter(|name| !root.join("templates").join(name).is_dir());
    missing
        .map(|name| format!("src/factors/{name}/mod.rs:1: this factor has no folder templates/{name}"))
        .collect()
}

#[test]
fn the_project_keeps_templates_for_every_factor() {
    none(factor_templates(root()));
}

#[test]
fn a_factor_without_templates_can_fail() -> std::io::Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::create_dir_all(folder.path().join("src/factors/totp"))?;
    finds(
        factor_templates(folder.path()),
        "src/factors/totp/mod.rs:1: this factor has no folder",
    );
    std::fs::create_dir_all(folder.path().join("templates/totp"))?;
    none(factor_templates(folder.path()));
    Ok(())
}

// --- (f) A folder says what it owns.

fn opening(file: &Source) -> Vec<String> {
    let silent = file.path.ends_with("/mod.rs") && !file.raw.starts_with("//! ");
    silent
        .then(|| {
            format!(
                "{}:1: begins with `//!`: what the folder owns and what it must not know",
                file.path
            )
        })
        .into_iter()
        .collect()
}

#[test]
fn the_project_keeps_an_opening_in_every_folder() {
    none(over(&Source::below("src"), opening));
}

#[test]
fn a_silent_folder_can_fail() {
    finds(
        opening(&bad("src/web/mod.rs", "pub mod token;\n")),
        "src/web/mod.rs:1: begins with `//!`",
    );
}

// --- (g) Time and chance are arguments. Clippy bans most of these calls too, but not every spelling; AWS-LC's generator is
// left to clippy alone, because its signatures take one as an argument.

fn ambient(file: &Source) -> Vec<String> {
    let now = |word: &str, rest: &str| ["SystemTime", "Utc", "Local"].contains(&word) && rest.starts_with("::now");
    let chance = ["thread_rng", "OsRng", "now_utc", "now_local", "getrandom"];
    let outside = file.floor() != Some("base");
    let found = file
        .words()
        .filter(|(_, word, rest)| outside && (now(word, rest) || chance.contains(word)));
    found
        .map(|(line, word, _)| {
            format!(
                "{}:{line}: `{word}`: time and chance are arguments, see src/base",
                file.path
            )
        })
        .collect()
}

#[test]
fn the_project_keeps_time_and_chance_as_arguments() {
    none(over(&Source::below("src"), ambient));
}

#[test]
fn ambient_time_can_fail() {
    finds(
        ambient(&bad("src/web/a.rs", "let t = std::time::SystemTime::now();\n")),
        "src/web/a.rs:1: `SystemTime`",
    );
    finds(
        ambient(&bad("src/cli/a.rs", "\nlet r = rand::thread_rng();\n")),
        "src/cli/a.rs:2: `thread_rng`",
    );
    none(ambient(&bad(
        "src/base/clock.rs",
        "let t = std::time::SystemTime::now();\n",
    )));
}

// --- (h) Nothing in the repository depends on one machine or names a registry's host.

/// Written in halves, so that this file does not find itself.
fn unwanted() -> Vec<String> {
    let hosts = [
        ("crates", ".io"),
        ("npmjs", ".org"),
        ("npmjs", ".com"),
        ("pypi", ".org"),
        ("pythonhosted", ".org"),
        ("deb.debian", ".org"),
        ("security.debian", ".org"),
        ("proxy.golang", ".org"),
        ("maven.apache", ".org"),
        ("maven", ".org/maven2"),
    ];
    let paths = [("/work", "/"), ("/root", "/")];
    hosts.into_iter().chain(paths).map(|(a, b)| format!("{a}{b}")).collect()
}

fn foreign(path: &str, text: &str) -> Vec<String> {
    let unwanted = unwanted();
    let is_there = |line: &str, needle: &String| {
        line.match_indices(needle.as_str()).any(|(at, _)| {
            let inside = needle.starts_with('/') && line[..at].ends_with(|c| is_word(c) || "./-}$".contains(c));
            // Cargo.lock's own name for its default source; the host is not in it.
            let index = line[at + needle.len()..].starts_with("-index");
            !inside && !index
        })
    };
    let needles = |line: &str| {
        unwanted
            .iter()
            .filter(|needle| is_there(line, needle))
            .cloned()
            .collect::<Vec<_>>()
    };
    let finding = |n: usize, needle: String| format!("{path}:{n}: `{needle}` has no place in the repository");
    numbered(text)
        .flat_map(|(n, line)| needles(line).into_iter().map(move |needle| finding(n, needle)))
        .collect()
}

/// What git knows, or, outside a checkout, what lies here apart from what is built.
fn tracked() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    match listed {
        Ok(out) if out.status.success() => {
            let names = String::from_utf8_lossy(&out.stdout).into_owned();
            names
                .split('\0')
                .filter(|name| !name.is_empty())
                .map(|name| root().join(name))
                .collect()
        }
        _ => {
            let mut found = Vec::new();
            walk(root(), &mut found);
            found
        }
    }
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    let built = ["target", ".git", "node_modules", "screenshots", "data"];
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_file() {
            into.push(entry.path());
        } else if !built.iter().any(|name| entry.file_name() == *name) {
            walk(&entry.path(), into);
        }
    }
}

#[test]
fn the_project_keeps_machines_and_registries_out() {
    let files = tracked();
    assert!(files.len() > 10, "only {} files found", files.len());
    let read = |path: &PathBuf| {
        let text = std::fs::read(path)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default();
        foreign(&path.strip_prefix(root()).unwrap_or(path).display().to_string(), &text)
    };
    none(files.iter().flat_map(read).collect());
}

#[test]
fn a_machine_or_a_registry_can_fail() {
    let [registry, machine] = [unwanted()[1].clone(), unwanted()[10].clone()];
    finds(
        foreign(
            "package-lock.json",
            &format!("\n\"resolved\": \"https://registry.{registry}/x.tgz\""),
        ),
        "package-lock.json:2: `",
    );
    finds(foreign("test", &format!("cp {machine}shared x")), "test:1: `");
    none(foreign(
        "Cargo.lock",
        &format!("source = \"registry+https://example.org/{}-index\"", unwanted()[0]),
    ));
    none(foreign("README.md", &format!("a relative home{machine}of art")));
    assert_eq!(words("a-b").count(), 2);
}
