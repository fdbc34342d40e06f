//! What an operator does for somebody at the desk.

use std::process::Stdio;

use serde_json::Value;

use crate::browser::Browser;
use crate::harness::{Database, Files, Op};
use crate::own_profile::at;
use crate::recovery::confirmed;
use crate::relying_party::{BASIC, EPCS, userinfo};
use crate::rival::{Rival, SINCE, person};
use crate::security::{add_totp, letters, open};
use crate::workspace::{Persona, RIVERA, RIVERAS_NUMBER, SAM, Second};

/// A reset is no way around a second factor: whoever sets up a new one with the password alone may sign nothing until
/// it is confirmed who that is.
#[tokio::test]
async fn a_reset_takes_the_methods_and_the_power_to_sign() {
    let op = Op::start().await;
    let tokens = Browser::new(&op)
        .tokens(&BASIC.ask().scope("openid profile"), &RIVERA)
        .await;
    let said = op.files.run_ok(&["user", "reset-mfa", "rivera"]);
    assert!(
        said.contains("4 removed") && said.contains("confirm-identity"),
        "{said}"
    );
    assert_eq!(userinfo(&op, tokens.access_token()).await.status, 401);
    let shown = op.files.run_ok(&["user", "show", "rivera", "--json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let left: Vec<&str> = shown["authenticators"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["method"].as_str().unwrap())
        .collect();
    assert_eq!(left, ["password"]);
    assert_eq!(letters(&op, "rivera@cedar.example").await.len(), 1);
    assert_eq!(
        letters(&op, RIVERAS_NUMBER).await.len(),
        1,
        "the number that was removed learns of it"
    );
    let reset = op.audit("admin.user_mfa_reset").await;
    assert_eq!(
        (&reset[0]["actor"], &reset[0]["detail"]["removed"]),
        (&"operator".into(), &4.into())
    );
    // With the password alone a new one can be set up …
    let alone = RIVERA.with(Second::Nothing);
    let mut browser = Browser::new(&op);
    let page = open(&mut browser, &alone).await;
    let page = add_totp(&mut browser, &page, &alone, "New phone").await;
    assert!(page.nicknames().contains(&"New phone".to_owned()), "{}", page.text());
    // … and nothing be signed with it.
    let page = browser.open(&EPCS.ask()).await;
    assert_eq!(page.answer().error(), "unmet_authentication_requirements");
    op.advance(60).await;
    op.files.run_ok(&["user", "confirm-identity", "rivera"]);
    assert_eq!(op.audit("identity.confirmed").await[0]["actor"], "operator");
    let page = browser.open(&EPCS.ask()).await;
    assert_eq!(page.id(), "verify-password", "{}", page.text());
}

#[test]
fn nobody_is_reset_by_a_wrong_name() {
    let files = Files::with_workspace(Database::Sqlite);
    files.configure(0);
    for command in ["reset-mfa", "confirm-identity"] {
        let said = files.run_fails(&["user", command, "nobody"]);
        assert!(said.contains("nobody: there is no such user"), "{said}");
    }
}

#[test]
fn a_confirmed_identity_can_be_imported_and_is_exported() {
    let files = Files::with_workspace(Database::Sqlite);
    files.configure(0);
    let user = |at: &str| format!("[[users]]\nusername = \"sam\"\nidentity_confirmed_at = {at}\n");
    files.write("confirmed.toml", &user("\"2026-03-01T08:00:00Z\""));
    files.run_ok(&["apply", "confirmed.toml"]);
    let exported = files.run_ok(&["export"]);
    assert!(
        exported.contains("identity_confirmed_at = \"2026-03-01T08:00:00Z\""),
        "{exported}"
    );
    files.write("wrong.toml", &user("\"last spring\""));
    let said = files.run_fails(&["apply", "wrong.toml"]);
    assert!(said.contains("users sam: identity_confirmed_at"), "{said}");
    // A confirmation that is still to come would outlast every recovery until then.
    files.write("early.toml", &user("\"2999-01-01T00:00:00Z\""));
    let said = files.run_fails(&["apply", "early.toml"]);
    assert!(
        said.contains("users sam: identity_confirmed_at") && said.contains("lies in the future"),
        "{said}"
    );
    assert_eq!(files.run_ok(&["export"]), exported);
}

/// What a partner is told and what a page says of a confirmed identity ends with a recovery.
#[tokio::test]
async fn after_a_recovery_an_identity_is_confirmed_only_once_it_is_confirmed_anew() {
    const NEW: &str = "four new words, no secret";
    let op = Op::start().await;
    let identity = async |who: &Persona| {
        let page = at(&mut Browser::new(&op), "/account/profile", who).await;
        page.text_of("[data-identity]")
    };
    assert_eq!(identity(&SAM).await, "Not confirmed");
    op.files.run_ok(&["user", "confirm-identity", "sam"]);
    assert!(identity(&SAM).await.starts_with("Confirmed on"));
    let mut browser = Browser::new(&op);
    let page = confirmed(&mut browser, "sam@mail.example").await;
    let page = browser.walk_to(&page, &SAM, "recover").await;
    browser.submit(&page, &[("password", NEW)]).await;
    let sam = Persona { password: NEW, ..SAM };
    assert_eq!(identity(&sam).await, "Not confirmed");
    op.files.run_ok(&["user", "confirm-identity", "sam"]);
    assert!(identity(&sam).await.starts_with("Confirmed on"));
}

/// Whoever confirms an identity writes the person anew: what another change has written meanwhile must still be there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn confirming_an_identity_while_the_account_is_changed_keeps_that_change() {
    let files = Files::with_workspace(Database::Postgres);
    let rival = Rival::withholds_signing(&files, "lee").await;
    let mut confirming = files.command(&["user", "confirm-identity", "lee"]);
    let mut confirming = confirming.stdout(Stdio::null()).spawn().unwrap();
    rival.lets_go_when_waited_for().await;
    assert!(confirming.wait().unwrap().success());
    let standing = person(&files, "lee").await.standing;
    assert!(standing.identity_confirmed_at.is_some());
    assert_eq!(standing.signing_withheld_at, Some(SINCE));
}
