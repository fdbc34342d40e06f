//! Rules on SQL: one door, one place, one dialect that both databases speak.

use crate::source::{Source, is_word, numbered};
use crate::{bad, finds, none, over, root};

/// The door, and what only one of the two databases needs.
const DRIVER_FILES: [&str; 4] = ["sql", "sqlite", "postgres", "migrate"];

// --- (c) One door to SQL, and SQL that both databases speak.

fn is_storage(file: &Source) -> bool {
    file.floor() == Some("storage")
}

fn is_driver(file: &Source) -> bool {
    let name = file.path.strip_prefix("src/storage/").unwrap_or_default();
    DRIVER_FILES.iter().any(|prefix| name.starts_with(prefix))
}

fn is_sql(text: &str) -> bool {
    let statements = [
        "SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH ", "CREATE ", "ALTER ", "DROP ",
    ];
    let text = text.trim_start().trim_start_matches(['\\', '\n', ' ']);
    statements.iter().any(|s| text.starts_with(s))
}

fn one_door(file: &Source) -> Vec<String> {
    let driver = file
        .words()
        .filter(|(_, word, _)| !is_driver(file) && word.starts_with("sqlx"));
    let driver = driver.map(|(line, ..)| {
        format!(
            "{}:{line}: only src/storage/{{{}}} name sqlx",
            file.path,
            DRIVER_FILES.join(",")
        )
    });
    let verbs = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "];
    let written = |text: &str| verbs.iter().any(|verb| text.trim_start().starts_with(verb));
    let sql = file
        .strings
        .iter()
        .filter(|(_, text)| !is_storage(file) && written(text));
    driver
        .chain(sql.map(|(line, _)| format!("{}:{line}: SQL is written in src/storage only", file.path)))
        .collect()
}

/// What only one of the two databases understands, or each in its own way.
const NOT_PORTABLE: [&str; 22] = [
    "for update",
    "for share",
    "ilike",
    "now(",
    "current_timestamp",
    "serial",
    "bigserial",
    "uuid",
    "timestamp",
    "timestamptz",
    "datetime",
    "jsonb",
    "::",
    "autoincrement",
    "strict",
    "array[",
    "[]",
    "any(",
    "->",
    "json_extract",
    "pragma",
    "?",
];

/// Lower case, with one space around every word and sign: ` now ( ) `.
fn spaced(sql: &str) -> String {
    let apart: String = sql
        .chars()
        .flat_map(|c| if is_word(c) { vec![c] } else { vec![' ', c, ' '] })
        .collect();
    format!(
        " {} ",
        apart.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
    )
}

fn not_portable(path: &str, first_line: usize, sql: &str) -> Vec<String> {
    let banned_in = |line: &str| {
        let line = spaced(line.split("--").next().unwrap_or_default());
        NOT_PORTABLE
            .into_iter()
            .filter(move |banned| line.contains(&spaced(banned)))
    };
    let finding = |n: usize, banned: &str| format!("{path}:{}: `{banned}` is not portable SQL", first_line + n - 1);
    numbered(sql)
        .flat_map(|(n, line)| banned_in(line).map(move |banned| finding(n, banned)))
        .collect()
}

fn portable(file: &Source) -> Vec<String> {
    let ours = |text: &&(usize, String)| is_storage(file) && !is_driver(file) && is_sql(&text.1);
    file.strings
        .iter()
        .filter(ours)
        .flat_map(|(line, sql)| not_portable(&file.path, *line, sql))
        .collect()
}

#[test]
fn the_project_keeps_one_door_to_sql() {
    none(over(&Source::below("src"), one_door));
}

#[test]
fn the_project_keeps_sql_portable() {
    none(over(&Source::below("src"), portable));
    for entry in std::fs::read_dir(root().join("migrations"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let path = format!("migrations/{}", entry.file_name().to_string_lossy());
        none(not_portable(
            &path,
            1,
            &std::fs::read_to_string(entry.path()).unwrap_or_default(),
        ));
    }
}

#[test]
fn a_second_door_can_fail() {
    finds(
        one_door(&bad("src/storage/users.rs", "use sqlx::Row;\n")),
        "src/storage/users.rs:1: only src/storage/{sql,",
    );
    finds(
        one_door(&bad("src/web/a.rs", "\nlet q = \"SELECT 1\";\n")),
        "src/web/a.rs:2: SQL is written",
    );
    none(one_door(&bad("src/storage/sqlite_writer.rs", "use sqlx::Row;\n")));
    none(one_door(&bad(
        "src/web/a.rs",
        "let t = \"Select a method\";\n#[cfg(test)]\nmod tests {\n    const Q: &str = \"SELECT 1\";\n}\n",
    )));
}

#[test]
fn sql_of_one_database_can_fail() {
    for sql in [
        "SELECT id FROM t\n  FOR UPDATE",
        "SELECT id\n FROM t WHERE at < now()",
        "SELECT id\n FROM t WHERE a::text = $1",
    ] {
        finds(
            portable(&bad("src/storage/t.rs", &format!("\nself.fetch(\"{sql}\")\n"))),
            "src/storage/t.rs:3: `",
        );
    }
    for sql in [
        "id UUID",
        "at TIMESTAMP",
        "b TEXT[]",
        "a -> 'b'",
        "n BIGSERIAL",
        ") STRICT;",
        "x ilike $1",
        "id = any($1)",
        "id = ?",
    ] {
        finds(not_portable("migrations/1.sql", 1, sql), "migrations/1.sql:1: `");
    }
    none(not_portable(
        "migrations/1.sql",
        1,
        "at BIGINT NOT NULL, -- not a TIMESTAMP\nstrictness TEXT, aaguid BYTEA CHECK (x >= 0)",
    ));
    none(portable(&bad("src/storage/sqlite.rs", "\"SELECT 1 FOR UPDATE\"")));
}
