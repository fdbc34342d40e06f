//! The commands of an operator's day.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::browser::Browser;
use crate::harness::{Database, Files, Op};
use crate::relying_party::{BASIC, Rp};
use crate::workspace::{self, LEE, PAT};

const COMMANDS: [&[&str]; 32] = [
    &["demo"],
    &["serve"],
    &["apply"],
    &["export"],
    &["check-config"],
    &["policy", "explain"],
    &["keys", "list"],
    &["keys", "rotate"],
    &["keys", "retire"],
    &["audit", "verify"],
    &["audit", "export"],
    &["user", "list"],
    &["user", "show"],
    &["user", "suspend"],
    &["user", "activate"],
    &["user", "set-password"],
    &["user", "remove"],
    &["client", "list"],
    &["client", "show"],
    &["client", "rotate-secret"],
    &["client", "remove"],
    &["passwords", "build"],
    &["passwords", "check"],
    &["authenticator", "pair"],
    &["authenticator", "list"],
    &["authenticator", "approve"],
    &["authenticator", "deny"],
    &["authenticator", "watch"],
    &["authenticator", "remove"],
    &["keys"],
    &["user"],
    &[],
];

#[test]
fn every_command_helps_with_an_example() {
    let files = Files::empty(Database::Sqlite);
    for command in COMMANDS {
        let help = files.run_ok(&[command, &["--help"]].concat());
        let leaf = !matches!(command, ["keys"] | ["user"]);
        assert!(!leaf || help.contains("Example"), "{command:?} has no example:\n{help}");
        assert!(help.contains("Usage: countersign"), "{command:?}");
    }
    assert!(files.run_ok(&["--version"]).starts_with("countersign "));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let files = Files::empty(Database::Sqlite);
    for wrong in [
        &["dance"][..],
        &["apply"],
        &["keys"],
        &["keys", "retire"],
        &["serve", "--fast"],
        &["policy", "explain"],
        &[],
    ] {
        let out = files.run(wrong);
        assert_eq!(out.status.code(), Some(2), "{wrong:?}");
        assert!(out.stdout.is_empty() && !out.stderr.is_empty(), "{wrong:?}");
    }
}

#[test]
fn what_is_not_there_is_exit_code_1_and_named() {
    let files = Files::with_workspace(Database::Sqlite);
    for command in [
        &["user", "show", "nobody-here"][..],
        &["user", "suspend", "nobody-here"],
        &["user", "remove", "nobody-here"],
        &["client", "show", "nobody-here"],
        &["client", "remove", "nobody-here"],
        &["client", "rotate-secret", "nobody-here"],
        &["keys", "retire", "nobody-here"],
        &["policy", "explain", "--client", "basic", "--user", "nobody-here"],
        &["audit", "export", "--since", "nobody-here"],
    ] {
        assert!(files.run_fails(command).contains("nobody-here"), "{command:?}");
    }
}

#[test]
fn applying_twice_changes_nothing() {
    for database in [Database::Sqlite, Database::Postgres] {
        let files = Files::empty(database);
        files.write("workspace.toml", &workspace::text());
        let dry = files.run_ok(&["apply", "--dry-run", "workspace.toml"]);
        assert!(dry.contains("+ client basic") && dry.contains("+ user pat"), "{dry}");
        assert_eq!(
            files.run_ok(&["user", "list", "--json"]).trim(),
            "[]",
            "a dry run changes nothing"
        );
        assert_eq!(files.run_ok(&["client", "list", "--json"]).trim(), "[]");
        let first = files.run_ok(&["apply", "workspace.toml"]);
        for secret in workspace::secrets() {
            assert!(!first.contains(secret) && !dry.contains(secret), "{secret} is shown");
        }
        let second = files.run_ok(&["apply", "workspace.toml"]);
        assert!(second.contains("nothing to change"), "{second}");
        let changed = workspace::text().replace("Basic Partner", "Another Name");
        files.write("workspace.toml", &changed);
        let dry = files.run_ok(&["apply", "--dry-run", "workspace.toml"]);
        assert!(
            dry.contains("~ client basic (client_name)") && dry.contains("1 change"),
            "{dry}"
        );
        assert!(files.run_ok(&["client", "show", "basic"]).contains("Basic Partner"));
        files.run_ok(&["apply", "workspace.toml"]);
        assert!(files.run_ok(&["client", "show", "basic"]).contains("Another Name"));
    }
}

#[tokio::test]
async fn an_export_is_a_file_that_apply_takes() {
    let op = Op::start().await;
    let plain = op.files.run_ok(&["export"]);
    for secret in workspace::secrets() {
        assert!(!plain.contains(secret), "{secret} is exported");
    }
    assert!(
        !plain.contains("client_secret_hash") && !plain.contains("$argon2"),
        "no secrets unless asked for"
    );
    // Onto itself: nothing changes, and the secrets that it does not name stay.
    op.files.write("exported.toml", &plain);
    let said = op.files.run_ok(&["apply", "exported.toml"]);
    assert!(said.contains("nothing to change"), "{said}");
    Browser::new(&op)
        .tokens(&BASIC.ask().acr(crate::relying_party::AAL2), &LEE)
        .await;
    // With secrets it is the whole workspace: another house can be built from it.
    let whole = op.files.run_ok(&["export", "--with-secrets"]);
    let other = Files::empty(Database::Sqlite);
    other.write("workspace.toml", &whole);
    other.run_ok(&["apply", "workspace.toml"]);
    assert!(other.run_ok(&["apply", "workspace.toml"]).contains("nothing to change"));
    let copy = Op::serve(other).await;
    Browser::new(&copy)
        .tokens(&BASIC.ask().acr(crate::relying_party::AAL2), &LEE)
        .await;
}

#[test]
fn pruning_removes_what_the_file_does_not_have() {
    let files = Files::with_workspace(Database::Sqlite);
    files.write("less.toml", "[workspace]\nname = \"Less\"\n");
    files.run_ok(&["apply", "less.toml"]);
    assert!(
        files.run_ok(&["client", "list"]).contains("basic"),
        "without --prune nothing goes"
    );
    let dry = files.run_ok(&["apply", "--dry-run", "--prune", "less.toml"]);
    assert!(dry.contains("- client basic"), "{dry}");
    files.run_ok(&["apply", "--prune", "less.toml"]);
    assert_eq!(files.run_ok(&["client", "list", "--json"]).trim(), "[]");
    assert!(
        files.run_ok(&["user", "list"]).contains("rivera"),
        "people are never pruned"
    );
}

/// What a command changes, a running server knows with the next request.
#[tokio::test]
async fn commands_reach_a_running_server() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    browser.tokens(&BASIC.ask(), &PAT).await;
    let said = op.files.run_ok(&["client", "rotate-secret", "basic", "--json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    let fresh = said["client_secret"].as_str().unwrap();
    op.secret("a client secret", fresh);
    let ask = BASIC.ask();
    let answer = browser.sign_in(&ask, &PAT).await;
    ask.redeem_raw(&op, answer.code()).await.refused(401, "invalid_client");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", answer.code()),
        ("redirect_uri", BASIC.redirect_uri),
        ("code_verifier", &ask.verifier),
    ];
    let reply = op
        .http
        .post(op.url("/token"))
        .basic_auth("basic", Some(fresh))
        .form(&fields)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 200);
    // A new password: the old one and every session are gone.
    let mut command = op.files.command(&["user", "set-password", "pat"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    op.secret("a password", "another-horse-pat");
    child.stdin.take().unwrap().write_all(b"another-horse-pat\n").unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(browser.open(&BASIC.ask()).await.id(), "sign-in");
    assert!(!browser.through(&BASIC.ask(), &PAT).await.left);
    let page = browser.open(&BASIC.ask()).await;
    let page = browser
        .submit(&page, &[("username", "pat"), ("password", "another-horse-pat")])
        .await;
    assert!(page.left);
    // Gone is gone.
    op.files.run_ok(&["client", "remove", "basic"]);
    let page = browser.open(&BASIC.ask()).await;
    assert_eq!((page.status, page.error().as_str()), (400, "invalid_client"));
    let gone: &Rp = &BASIC;
    gone.refresh(&op, "x").await.refused(401, "invalid_client");
}

#[test]
fn lists_and_details_show_no_secret() {
    let files = Files::with_workspace(Database::Sqlite);
    for command in [
        &["user", "list", "--json"][..],
        &["user", "show", "rivera", "--json"],
        &["user", "show", "rivera"],
        &["client", "list", "--json"],
        &["client", "show", "basic", "--json"],
        &["client", "show", "key"],
        &["audit", "export"],
    ] {
        let said = files.run_ok(command);
        for secret in workspace::secrets() {
            assert!(!said.contains(secret), "{command:?} shows {secret}");
        }
        assert!(
            !said.contains("$argon2") && !said.contains("secret_hash"),
            "{command:?}: {said}"
        );
        if command.contains(&"--json") {
            serde_json::from_str::<Value>(&said).unwrap();
        }
    }
}
