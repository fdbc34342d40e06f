//! The rules of ARCHITECTURE.md that the compiler cannot hold. Each rule is a function from source to findings
//! (`file:line: sentence`); `the_project_keeps_*` runs it on the project, `*_can_fail` on something bad.

#[path = "architecture/source.rs"]
mod source;
#[path = "architecture/sql.rs"]
mod sql;
#[path = "architecture/tidy.rs"]
mod tidy;

use std::collections::BTreeMap;
use std::path::Path;

use source::{Source, is_word, words};

const PURE: [&str; 7] = [
    "base",
    "protocol",
    "policy",
    "model",
    "factors",
    "keys",
    "resource_server",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn none(findings: Vec<String>) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

fn over(files: &[Source], rule: impl Fn(&Source) -> Vec<String>) -> Vec<String> {
    files.iter().flat_map(rule).collect()
}

fn bad(path: &str, code: &str) -> Source {
    Source::new(path, code)
}

/// Exactly one finding, and it starts with this.
#[track_caller]
fn finds(findings: Vec<String>, start: &str) {
    assert!(
        findings.len() == 1 && findings[0].starts_with(start),
        "expected one finding “{start}…”, got {findings:?}"
    );
}

// --- (a) A module uses only what stands before it in lib.rs.

struct Floors {
    order: Vec<String>,
    /// `#[macro_export]` puts a macro at the crate's root; it belongs to the floor that wrote it.
    macros: BTreeMap<String, String>,
}

impl Floors {
    fn read(lib: &Source, files: &[Source]) -> Self {
        let module = |line: &str| Some(line.trim().strip_prefix("pub mod ")?.trim_end_matches(';').to_owned());
        let mut macros = BTreeMap::new();
        for file in files {
            for (_, word, rest) in file.words().filter(|(_, word, _)| *word == "macro_rules") {
                let name = words(rest).next().map_or(word, |(name, _)| name);
                macros.insert(name.to_owned(), file.floor().unwrap_or_default().to_owned());
            }
        }
        Self {
            order: lib.lines().filter_map(|(_, line)| module(line)).collect(),
            macros,
        }
    }

    fn rank(&self, name: &str) -> Option<usize> {
        self.order.iter().position(|floor| floor == name)
    }

    fn rule(&self, file: &Source) -> Vec<String> {
        let Some(own) = file.floor() else { return Vec::new() };
        let Some(rank) = self.rank(own) else {
            return vec![format!(
                "{}:1: `{own}` is not a `pub mod` of lib.rs, so it has no floor",
                file.path
            )];
        };
        let mut findings = Vec::new();
        for (line, name) in used_from_root(file) {
            let floor = self.macros.get(&name).unwrap_or(&name);
            match self.rank(floor) {
                Some(used) if used <= rank => {}
                Some(_) => findings.push(format!(
                    "{}:{line}: `{own}` may not use `{floor}`, a later floor of lib.rs",
                    file.path
                )),
                None => findings.push(format!(
                    "{}:{line}: `crate::{name}` is no floor of lib.rs; name the floor itself",
                    file.path
                )),
            }
        }
        findings
    }
}

/// First segments of every path that starts at the crate's root: `crate::x`, `crate::{x::…, y}`, `super::super::x`.
fn used_from_root(file: &Source) -> Vec<(usize, String)> {
    let depth = file.path.trim_end_matches("/mod.rs").matches('/').count();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    let code = file.code.as_str();
    while let Some(step) = code[at..].find(|c| !is_word(c)).map(|end| (at, at + end)) {
        let (from, to) = step;
        let behind = match &code[from..to] {
            "crate" => code[to..].strip_prefix("::"),
            "super" => code[from..].strip_prefix("super::".repeat(depth).as_str()),
            _ => None,
        };
        found.extend(behind.into_iter().flat_map(first_segments).map(|name| (line, name)));
        let skipped = code[to..].find(is_word).map_or(code.len(), |word| to + word);
        line += code[from..skipped].matches('\n').count();
        at = skipped;
    }
    found
}

/// `x` of `x::y`; `x` and `z` of `{x::{y, w}, z}`.
fn first_segments(path: &str) -> Vec<String> {
    let first = |part: &str| words(part).next().map(|(word, _)| word.to_owned());
    let Some(group) = path.strip_prefix('{') else {
        return first(path).into_iter().collect();
    };
    let mut depth = 0;
    let inside = group.find(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth < 0
    });
    let mut depth = 0;
    let parts = group[..inside.unwrap_or(group.len())].split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth == 0 && c == ','
    });
    parts.filter_map(first).collect()
}

#[test]
fn the_project_keeps_imports_going_one_way() {
    let files = Source::below("src");
    let lib = files.iter().find(|f| f.path == "src/lib.rs");
    let floors = lib.map(|lib| Floors::read(lib, &files));
    assert!(
        floors.as_ref().is_some_and(|f| f.order.len() >= 6),
        "lib.rs lists the floors as `pub mod`"
    );
    none(
        floors
            .map(|floors| over(&files, |f| floors.rule(f)))
            .unwrap_or_default(),
    );
}

#[test]
fn imports_going_back_can_fail() {
    let lib = bad("src/lib.rs", "pub mod base;\npub mod storage;\npub mod web;\n");
    let door = bad("src/storage/sql.rs", "#[macro_export]\nmacro_rules! args {\n}\n");
    let floors = Floors::read(&lib, &[door]);
    let rule = |path: &str, code: &str| floors.rule(&bad(path, code));
    none(rule(
        "src/web/token.rs",
        "use crate::base::Clock;\nuse super::page;\nuse crate::web::{a, b::{c, d}};\n",
    ));
    none(rule(
        "src/base/a.rs",
        "// crate::web is far away\nconst A: &str = \"crate::web::b\";\n",
    ));
    finds(
        rule("src/base/a.rs", "\nuse crate::web::page;\n"),
        "src/base/a.rs:2: `base` may not use `web`",
    );
    finds(
        rule("src/base/a.rs", "use crate::{\n    base::{x, y},\n    storage,\n};\n"),
        "src/base/a.rs:1: `base` may not use `storage`",
    );
    finds(
        rule("src/base/mod.rs", "fn f() { super::web::f() }\n"),
        "src/base/mod.rs:1: `base` may not use `web`",
    );
    finds(
        rule("src/base/a.rs", "fn f() { super::super::web::f() }\n"),
        "src/base/a.rs:1: `base` may not use `web`",
    );
    finds(
        rule("src/base/a.rs", "fn f() {\n    crate::args![1]\n}\n"),
        "src/base/a.rs:2: `base` may not use `storage`",
    );
    finds(
        rule("src/base/a.rs", "use crate::Shortcut;\n"),
        "src/base/a.rs:1: `crate::Shortcut` is no floor",
    );
    finds(
        rule("src/attic/a.rs", ""),
        "src/attic/a.rs:1: `attic` is not a `pub mod`",
    );
}

// --- (b) Pure floors: no async, no I/O.

fn purity(file: &Source) -> Vec<String> {
    let starts = ["tokio", "sqlx", "reqwest", "actix"];
    // Addresses are values; sockets are not.
    let whole = [
        "async",
        "await",
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "ToSocketAddrs",
    ];
    let pure = file.floor().is_some_and(|floor| PURE.contains(&floor));
    let impure = |word: &str, rest: &str| {
        let module = rest
            .strip_prefix("::")
            .and_then(|path| words(path).next())
            .map_or("", |(name, _)| name);
        whole.contains(&word)
            || starts.iter().any(|s| word.starts_with(s))
            || (word == "std" && ["fs", "process", "thread"].contains(&module))
    };
    let found = file.words().filter(|(_, word, rest)| pure && impure(word, rest));
    found
        .map(|(line, word, rest)| format!("{}:{line}: a pure floor has no `{word}{}`", file.path, rest.trim_end()))
        .collect()
}

#[test]
fn the_project_keeps_pure_floors_pure() {
    none(over(&Source::below("src"), purity));
}

#[test]
fn purity_can_fail() {
    finds(
        purity(&bad("src/policy/a.rs", "\npub async fn f() {}\n")),
        "src/policy/a.rs:2: a pure floor has no `async",
    );
    finds(
        purity(&bad("src/keys/a.rs", "use std::fs;\n")),
        "src/keys/a.rs:1: a pure floor has no `std::fs",
    );
    finds(
        purity(&bad("src/factors/totp/mod.rs", "use actix_web::web;\n")),
        "src/factors/totp/mod.rs:1:",
    );
    finds(
        purity(&bad("src/base/a.rs", "use std::net::TcpStream;\n")),
        "src/base/a.rs:1:",
    );
    none(purity(&bad(
        "src/base/a.rs",
        "use std::net::IpAddr; // tokio\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n",
    )));
    none(purity(&bad(
        "src/storage/a.rs",
        "async fn f() { sqlx::query(\"\").await }\n",
    )));
}
