//! Rust source as the rules read it: without comments, with its string literals set apart.
//! A small scanner, not a parser: it trusts that `cargo fmt --check` and the compiler ran first.

use std::path::Path;

/// One file. All three texts have the same lines as the file itself.
pub struct Source {
    pub path: String,
    /// The file as it is.
    pub raw: String,
    /// Without comments; strings are empty, and so are test modules at the foot of the file.
    pub code: String,
    /// Without comments; strings and tests kept. What length is measured on.
    pub text: String,
    /// String literals outside the tests: line number and content.
    pub strings: Vec<(usize, String)>,
}

/// A function, found by the indentation that rustfmt gives it.
pub struct Function {
    pub name: String,
    pub line: usize,
    /// Lines between the braces that hold more than a comment.
    pub body: usize,
}

impl Source {
    pub fn new(path: &str, raw: &str) -> Self {
        let scanned = Scanner::run(raw);
        // A test module in a file of its own (`#[path = "client_tests.rs"] mod tests;`) is tests all through.
        let all = path.ends_with("_tests.rs") || path.ends_with("/tests.rs");
        let tests = if all {
            (1..=raw.lines().count()).collect()
        } else {
            test_lines(&scanned.code)
        };
        Self {
            path: path.to_owned(),
            raw: raw.to_owned(),
            code: blank(&scanned.code, &tests),
            text: scanned.text,
            strings: scanned
                .strings
                .into_iter()
                .filter(|(line, _)| !tests.contains(line))
                .collect(),
        }
    }

    /// Every `.rs` file below a folder of the project, in the order of their names.
    pub fn below(folder: &str) -> Vec<Self> {
        let mut files = Vec::new();
        gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
        files.sort();
        let path = |p: &std::path::PathBuf| {
            p.strip_prefix(env!("CARGO_MANIFEST_DIR"))
                .unwrap_or(p)
                .display()
                .to_string()
        };
        files
            .iter()
            .filter_map(|p| Some(Self::new(&path(p), &std::fs::read_to_string(p).ok()?)))
            .collect()
    }

    /// `web` for `src/web/token.rs` and for `src/web.rs`; None for `src/lib.rs` and what is not in `src`.
    pub fn floor(&self) -> Option<&str> {
        let rest = self.path.strip_prefix("src/")?;
        let first = rest.split('/').next()?;
        let name = first.strip_suffix(".rs").unwrap_or(first);
        (!matches!(name, "lib" | "main")).then_some(name)
    }

    /// Lines of the code with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        numbered(&self.code)
    }

    /// Identifiers and keywords with their line and what follows them on it.
    pub fn words(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        self.lines()
            .flat_map(|(n, line)| words(line).map(move |(word, rest)| (n, word, rest)))
    }

    pub fn functions(&self) -> Vec<Function> {
        let lines: Vec<&str> = self.text.lines().collect();
        let heads = lines
            .iter()
            .enumerate()
            .filter_map(|(at, line)| Some((at, line, function_name(line)?)));
        heads
            .filter_map(|(at, line, name)| {
                Some(Function {
                    name,
                    line: at + 1,
                    body: body(&lines, at, line)?,
                })
            })
            .collect()
    }
}

pub fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(i, line)| (i + 1, line))
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The words of a line, each with the rest of the line behind it.
pub fn words(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c| !is_word(c));
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        rest = behind;
        (!word.is_empty()).then_some((word, behind))
    })
}

fn gather(folder: &Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

fn function_name(line: &str) -> Option<String> {
    let modifiers = [
        "pub", "crate", "super", "self", "in", "async", "const", "unsafe", "extern",
    ];
    let mut words = words(line).skip_while(|(word, _)| modifiers.contains(word));
    let before = line.split("fn ").next()?;
    let plain = before.chars().all(|c| is_word(c) || " ()\":".contains(c));
    (plain && words.next()?.0 == "fn").then_some(())?;
    Some(words.next()?.0.to_owned())
}

/// None for a function without a body (`fn f();` in a trait).
fn body(lines: &[&str], head: usize, line: &str) -> Option<usize> {
    let indent = &line[..line.len() - line.trim_start().len()];
    let starts =
        |i: &usize| lines[*i].trim_end().ends_with(['{', '}', ';']) && (*i == head || at_indent(lines[*i], indent));
    let open = (head..lines.len()).find(starts)?;
    if !lines[open].trim_end().ends_with('{') {
        return lines[open].trim_end().ends_with('}').then_some(1);
    }
    let close = (open + 1..lines.len()).find(|i| lines[*i].strip_prefix(indent).is_some_and(|l| l.starts_with('}')))?;
    Some(lines[open + 1..close].iter().filter(|l| !l.trim().is_empty()).count())
}

fn at_indent(line: &str, indent: &str) -> bool {
    line.strip_prefix(indent).is_some_and(|rest| !rest.starts_with(' '))
}

/// The lines of top-level items under `#[cfg(test)]`.
fn test_lines(code: &str) -> std::collections::BTreeSet<usize> {
    let mut found = std::collections::BTreeSet::new();
    let mut inside = false;
    for (n, line) in numbered(code) {
        inside |= line.starts_with("#[cfg(test)]");
        if inside {
            found.insert(n);
        }
        let last = line.starts_with('}') || (line.trim_end().ends_with([';', '}']) && !line.starts_with([' ', '#']));
        inside &= !last;
    }
    found
}

fn blank(code: &str, lines: &std::collections::BTreeSet<usize>) -> String {
    numbered(code)
        .map(|(n, line)| {
            if lines.contains(&n) {
                "\n".to_owned()
            } else {
                format!("{line}\n")
            }
        })
        .collect()
}

#[derive(Default)]
struct Scanner {
    code: String,
    text: String,
    strings: Vec<(usize, String)>,
}

impl Scanner {
    fn run(raw: &str) -> Self {
        let chars: Vec<char> = raw.chars().collect();
        let mut out = Self::default();
        let mut i = 0;
        while i < chars.len() {
            let before = if i == 0 { ' ' } else { chars[i - 1] };
            i = match (chars[i], chars.get(i + 1)) {
                ('/', Some('/')) => out.hide(&chars, i, until(&chars, i, |c| c == '\n')),
                ('/', Some('*')) => out.hide(&chars, i, block_comment(&chars, i)),
                ('"', _) => out.string(&chars, i, 0),
                ('r', Some('"' | '#')) if !is_word(before) || "bc".contains(before) => out.raw_string(&chars, i),
                ('\'', _) => out.show(&chars, i, char_literal(&chars, i)),
                _ => out.show(&chars, i, i + 1),
            };
        }
        out
    }

    fn show(&mut self, chars: &[char], from: usize, to: usize) -> usize {
        let to = to.min(chars.len());
        self.code.extend(&chars[from..to]);
        self.text.extend(&chars[from..to]);
        to
    }

    /// A comment: only its line breaks stay.
    fn hide(&mut self, chars: &[char], from: usize, to: usize) -> usize {
        let breaks: String = chars[from..to].iter().filter(|c| **c == '\n').collect();
        self.code.push_str(&breaks);
        self.text.push_str(&breaks);
        to
    }

    fn raw_string(&mut self, chars: &[char], r: usize) -> usize {
        let quote = until(chars, r + 1, |c| c != '#');
        if chars.get(quote) != Some(&'"') {
            return self.show(chars, r, r + 1); // a raw identifier: r#type
        }
        self.show(chars, r, quote);
        self.string(chars, quote, quote - r)
    }

    /// `hashes` is 0 for a plain string, else one more than the number of `#` before it.
    fn string(&mut self, chars: &[char], quote: usize, hashes: usize) -> usize {
        let mut end = quote + 1;
        while end < chars.len() {
            match chars[end] {
                '\\' if hashes == 0 => end += 1,
                '"' if chars[end + 1..]
                    .iter()
                    .take(hashes.saturating_sub(1))
                    .filter(|c| **c == '#')
                    .count()
                    + 1
                    >= hashes =>
                {
                    break;
                }
                _ => {}
            }
            end += 1;
        }
        let end = end.min(chars.len());
        let content: String = chars[quote + 1..end].iter().collect();
        let line = self.code.matches('\n').count() + 1;
        self.code.push('"');
        self.code.extend(content.chars().filter(|c| *c == '\n'));
        self.code.push('"');
        self.text.push('"');
        self.text.push_str(&content);
        self.text.push('"');
        self.strings.push((line, content));
        end + 1
    }
}

fn until(chars: &[char], from: usize, stop: impl Fn(char) -> bool) -> usize {
    (from..chars.len()).find(|i| stop(chars[*i])).unwrap_or(chars.len())
}

fn block_comment(chars: &[char], from: usize) -> usize {
    let (mut depth, mut i) = (0, from);
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            break;
        }
    }
    i.min(chars.len())
}

/// `'x'` and `'\n'` end at their second quote; a lifetime is just its quote.
fn char_literal(chars: &[char], from: usize) -> usize {
    match (chars.get(from + 1), chars.get(from + 2)) {
        (Some('\\'), _) => until(chars, from + 3, |c| c == '\'') + 1,
        (Some(_), Some('\'')) => from + 3,
        _ => from + 1,
    }
}

#[test]
fn comments_and_strings_are_told_from_code() {
    let source = Source::new(
        "src/web/a.rs",
        "let a = \"crate::x // no\"; // crate::y\n/* crate::z\n /* in */ */ let b = r#\"say \"hi\"\"#;\nlet c: &'a str = f('\"', '\\'');\n",
    );
    assert_eq!(
        source.code,
        "let a = \"\"; \n\n let b = r#\"\"#;\nlet c: &'a str = f('\"', '\\'');\n"
    );
    assert_eq!(
        source.strings,
        [(1, "crate::x // no".to_owned()), (3, "say \"hi\"".to_owned())]
    );
}

#[test]
fn tests_at_the_foot_are_not_code_but_count_as_length() {
    let source = Source::new(
        "src/web/a.rs",
        "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {\n        c()\n    }\n}\nfn d() {}\n",
    );
    assert_eq!(source.code.trim(), "fn a() {}\n\n\n\n\n\n\nfn d() {}");
    let found: Vec<_> = source
        .functions()
        .into_iter()
        .map(|f| (f.name, f.line, f.body))
        .collect();
    assert_eq!(
        found,
        [("a".to_owned(), 1, 1), ("b".to_owned(), 4, 1), ("d".to_owned(), 8, 1)]
    );
}

#[test]
fn a_file_of_tests_is_not_code() {
    let source = Source::new(
        "src/web/a_tests.rs",
        "use super::super::b;\nconst Q: &str = \"SELECT 1\";\n",
    );
    assert!(source.code.trim().is_empty() && source.strings.is_empty());
}
