//! Several servers on one database are one provider; and a database that goes away comes back.

use countersign::storage::{Store, args};
use reqwest::StatusCode;

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::relying_party::{AAL2, BASIC, KEY};
use crate::workspace::{LEE, LEES, PAT};

async fn two_nodes(database: Database) -> (Op, Op) {
    let first = Op::on(database).await;
    let second = Op::serve(first.files.of_another_node()).await;
    (first, second)
}

/// RFC 6238 §5.2: a step is accepted once, wherever it is brought.
#[tokio::test]
async fn what_was_used_at_one_node_is_used_at_all() {
    for database in [Database::Sqlite, Database::Postgres] {
        let (here, there) = two_nodes(database).await;
        let code = here.totp(LEES).await;
        there.secret("a one-time code", &code);
        let mut results = Vec::new();
        for op in [&here, &there] {
            let mut browser = Browser::new(op);
            let page = browser.open(&BASIC.ask().acr(AAL2)).await;
            let page = browser.walk_to(&page, &LEE, "verify-totp").await;
            let page = browser.submit(&page, &[("code", &code)]).await;
            results.push((page.left, page.error()));
        }
        assert_eq!(
            results,
            [(true, String::new()), (false, "MFA-112".to_owned())],
            "{database:?}"
        );
        // Codes and refresh tokens as well.
        let ask = BASIC.ask().scope("openid offline_access");
        let answer = Browser::new(&here).sign_in(&ask, &PAT).await;
        let tokens = ask.redeem(&there, &answer).await;
        ask.redeem_raw(&here, answer.code()).await.refused(400, "invalid_grant");
        BASIC
            .refresh(&here, tokens.refresh_token())
            .await
            .refused(400, "invalid_grant");
        // And client assertions.
        let ask = KEY.ask();
        let answer = Browser::new(&here).sign_in(&ask, &PAT).await;
        ask.redeem(&there, &answer).await;
    }
}

/// Failures at all nodes are one count.
#[tokio::test]
async fn guesses_are_counted_over_all_nodes() {
    let (here, there) = two_nodes(Database::Postgres).await;
    let guess = async |op: &Op| {
        let mut browser = Browser::new(op);
        let page = browser.open(&BASIC.ask()).await;
        let page = browser
            .submit(&page, &[("username", "pat"), ("password", "wrong")])
            .await;
        page.error()
    };
    for n in 0..9 {
        assert_eq!(guess([&here, &there][n % 2]).await, "MFA-110");
    }
    assert_eq!(guess(&here).await, "MFA-113");
    assert_eq!(guess(&there).await, "MFA-113");
}

/// What an operator changes is obeyed by every node at once, not after a cache has expired.
#[tokio::test]
async fn a_policy_that_changes_is_obeyed_by_all_nodes() {
    let (here, there) = two_nodes(Database::Postgres).await;
    here.files.write(
        "tight.toml",
        "[workspace]\nname = \"Cedar Health ID\"\nmethods = [\"password\", \"totp\"]\n",
    );
    here.files.run_ok(&["apply", "tight.toml"]);
    for op in [&here, &there] {
        let mut browser = Browser::new(op);
        let page = browser.open(&BASIC.ask().acr(crate::relying_party::MFA)).await;
        let page = browser.step(&page, &LEE).await;
        assert!(!page.buttons("method").iter().any(|m| m == "sms"), "{}", page.text());
        assert_eq!(browser.get(&op.url("/readyz")).await.status, 200);
    }
}

/// All connections cut at once: who comes now is told to come again, and soon everything works as before.
#[tokio::test]
async fn a_database_that_cuts_every_connection_is_found_again() {
    let op = Op::on(Database::Postgres).await;
    Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    let store = Store::open(&op.files.database).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    tx.execute(cut, args![]).await.unwrap();
    tx.commit().await.unwrap();
    // A bad connection costs one request; there are not more of them than the pools hold.
    const CONNECTIONS: usize = 24;
    let (mut refused, mut answered) = (0, 0);
    while answered < CONNECTIONS {
        let sent = op.http.get(BASIC.ask().url(&op)).send().await.unwrap();
        match sent.status() {
            StatusCode::SEE_OTHER => answered += 1,
            StatusCode::SERVICE_UNAVAILABLE => {
                assert!(sent.headers().contains_key("retry-after"));
                refused += 1;
            }
            other => panic!("{other}"),
        }
        assert!(refused <= CONNECTIONS, "it is not found again");
    }
    Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
}
