//! Lists that operators bring along: passwords that nobody may choose, and the lines behind numbers.

use std::io::Write;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::files::{Database, Files, failure};

/// What the command says about a password on its standard input.
fn check(files: &Files, password: &str, more: &[&str]) -> Output {
    let mut command = files.command(&[&["passwords", "check", "--json"], more].concat());
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let typed = format!("{password}\n");
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The verdict; where it is a refusal, exit code 1 and one sentence that does not repeat the password.
#[track_caller]
fn verdict(files: &Files, password: &str, more: &[&str]) -> String {
    let out = check(files, password, more);
    let said: Value = serde_json::from_slice(&out.stdout).unwrap();
    let verdict = said["verdict"].as_str().unwrap().to_owned();
    assert!(said["strength"].as_u64().unwrap() <= 4);
    assert_eq!(out.status.success(), verdict == "accepted", "{verdict}");
    if verdict != "accepted" {
        let said = failure(&out, &["passwords", "check"]);
        assert!(said.contains(&verdict) && !said.contains(password), "{said}");
    }
    verdict
}

#[test]
fn a_password_is_tried_out_against_the_configured_list() {
    let mut files = Files::empty(Database::Sqlite);
    assert_eq!(verdict(&files, "violet onions grow slowly", &[]), "accepted");
    assert_eq!(verdict(&files, "Password1", &["--with-another-factor"]), "breached");
    assert_eq!(verdict(&files, "gk7#Lq2wV", &[]), "too-short");
    assert_eq!(verdict(&files, "gk7#Lq2wV", &["--with-another-factor"]), "accepted");
    let named = ["--with-another-factor", "--word", "rivera", "--word", "Cedar Health ID"];
    assert_eq!(verdict(&files, "cedar-rivera-1970", &named), "contains-name");
    assert_eq!(verdict(&files, "abcabcabcabcabcabc", &[]), "guessable");
    assert_eq!(verdict(&files, &"x9".repeat(2500), &[]), "too-long");

    // The operator's own replaces ours.
    files.write("list.txt", "violet onions grow slowly\r\n\npe\u{301}rez\n");
    let said = files.run_ok(&["passwords", "build", "--from", "list.txt", "--to", "own.filter"]);
    assert_eq!(said.trim(), "2 passwords in own.filter");
    files.more = "[passwords]\nbreached = \"own.filter\"\n";
    files.configure(0);
    assert_eq!(verdict(&files, "violet onions grow slowly", &[]), "breached");
    assert_eq!(verdict(&files, "Password1", &["--with-another-factor"]), "guessable");
}

#[test]
fn a_public_collection_is_read_by_its_hashes() {
    let mut files = Files::empty(Database::Sqlite);
    // SHA-1 of "violet onions grow slowly" and of "salamander-7".
    let lines = "EA3188762B966E573CFAFC8B7168DEDC58C8654F:3\r\nBFD56144D8C752C42EEC21955AF4339F044B3029:10434004\r\n";
    files.write("sha1.txt", lines);
    let build = |more: &[&str]| {
        let fixed = [
            "passwords",
            "build",
            "--from",
            "sha1.txt",
            "--to",
            "own.filter",
            "--json",
        ];
        let said = files.run_ok(&[&fixed, more].concat());
        serde_json::from_str::<Value>(&said).unwrap()["passwords"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(build(&["--sha1"]), 2);
    assert_eq!(build(&["--sha1", "--at-least", "10"]), 1);
    for (text, said) in [
        (
            "BFD56144D8C752C42EEC21955AF4339F044B3029:1\nnonsense\n",
            "sha1.txt:2: must be SHA1:count",
        ),
        (
            "BFD56144D8C752C42EEC21955AF4339F044B3029:many\n",
            "sha1.txt:1: must be SHA1:count",
        ),
        ("", "no password"),
    ] {
        files.write("sha1.txt", text);
        let error = files.run_fails(&["passwords", "build", "--from", "sha1.txt", "--to", "other", "--sha1"]);
        assert!(error.contains(said) && !files.path("other").exists(), "{error}");
    }
    let missing = files.run_fails(&["passwords", "build", "--from", "none.txt", "--to", "other"]);
    assert!(missing.contains("none.txt"), "{missing}");
    files.write("long.txt", &"x".repeat(100_000));
    let long = files.run_fails(&["passwords", "build", "--from", "long.txt", "--to", "other"]);
    assert!(long.contains("long.txt:1: is longer"), "{long}");
    files.more = "[passwords]\nbreached = \"own.filter\"\n";
    files.configure(0);
    assert_eq!(verdict(&files, "salamander-7", &["--with-another-factor"]), "breached");
}

#[test]
fn a_list_that_is_damaged_or_missing_stops_the_start() {
    let mut files = Files::empty(Database::Sqlite);
    files.write("list.txt", "one\ntwo\n");
    files.run_ok(&["passwords", "build", "--from", "list.txt", "--to", "own.filter"]);
    files.more = "[passwords]\nbreached = \"own.filter\"\n";
    files.configure(0);
    files.run_ok(&["check-config"]);
    let good = std::fs::read(files.path("own.filter")).unwrap();
    let mut bad = good.clone();
    bad[50] ^= 1;
    for (content, said) in [
        (&bad[..], "damaged"),
        (&good[..good.len() - 2], "damaged"),
        (b"one\ntwo\n", "passwords build"),
    ] {
        std::fs::write(files.path("own.filter"), content).unwrap();
        for command in [&["check-config"][..], &["serve"], &["keys", "list"]] {
            let error = files.run_fails(command);
            assert!(
                error.contains("passwords.breached") && error.contains(said),
                "{command:?}: {error}"
            );
        }
    }
    std::fs::remove_file(files.path("own.filter")).unwrap();
    let error = files.run_fails(&["serve"]);
    assert!(
        error.contains("own.filter") && error.contains("cannot be read"),
        "{error}"
    );
}

#[test]
fn lines_are_denied_only_where_somebody_can_tell_them() {
    let mut files = Files::empty(Database::Sqlite);
    files.write(
        "w.toml",
        "[workspace.phone]\ndefault_region = \"US\"\ndeny_line_types = [\"voip\"]\nunique_numbers = true\n",
    );
    for command in [&["check-config", "w.toml"][..], &["apply", "w.toml"]] {
        let error = files.run_fails(command);
        assert!(
            error.contains("w.toml") && error.contains("deny_line_types") && error.contains("[delivery.lookup]"),
            "{error}"
        );
    }
    files.more = "[delivery.lookup]\ntransport = \"table\"\nfile = \"lines.csv\"\n";
    files.configure(0);
    let missing = files.run_fails(&["check-config", "w.toml"]);
    assert!(
        missing.contains("delivery.lookup") && missing.contains("lines.csv"),
        "{missing}"
    );
    files.write("lines.csv", "+1415555,mobile\n+1415,fax\n");
    let wrong = files.run_fails(&["serve"]);
    assert!(wrong.contains("lines.csv:2") && wrong.contains("fax"), "{wrong}");
    files.write("lines.csv", "+1415555,mobile\n");
    files.run_ok(&["check-config", "w.toml"]);
    files.run_ok(&["apply", "w.toml"]);
    assert!(files.run_ok(&["apply", "w.toml"]).contains("nothing to change"));
    // It comes back as it was written.
    let exported = files.run_ok(&["export"]);
    assert!(
        exported.contains("deny_line_types = [\"voip\"]") && exported.contains("unique_numbers = true"),
        "{exported}"
    );
    for (text, said) in [
        ("default_region = \"usa\"", "phone.default_region"),
        ("deny_line_types = [\"fax\"]", "fax"),
        ("unique = true", "unique"),
    ] {
        files.write("w.toml", &format!("[workspace.phone]\n{text}\n"));
        let error = files.run_fails(&["check-config", "w.toml"]);
        assert!(error.contains("w.toml") && error.contains(said), "{error}");
    }
}
