//! The audit log: complete, chained, and whoever touches it is found out.

use countersign::base::Timestamp;
use countersign::model::audit::{AuditRecord, Outcome};
use countersign::storage::{Store, args};
use serde_json::Value;

use crate::browser::Browser;
use crate::harness::{Database, Files, Op};
use crate::relying_party::{BASIC, EPCS};
use crate::workspace::{self, PAT, RIVERA};

/// A log with a good number of records, and the folder that it is in; nobody serves it any more.
async fn some_log(database: Database) -> Op {
    let op = Op::on(database).await;
    let mut browser = Browser::new(&op);
    browser.tokens(&BASIC.ask(), &PAT).await;
    browser
        .tokens(&EPCS.ask().set("prompt", "select_account"), &RIVERA)
        .await;
    op
}

fn records(files: &Files) -> Vec<Value> {
    let all = files.run_ok(&["audit", "export"]);
    all.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn tamper(files: &Files, sql: &'static str, seq: i64) {
    let store = Store::open(&files.database).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(tx.execute(sql, args![seq]).await.unwrap() > 0, "{sql}");
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_untouched_log_is_whole() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = some_log(database).await;
        let said = op.files.run_ok(&["audit", "verify", "--json"]);
        let said: Value = serde_json::from_str(&said).unwrap();
        let all = records(&op.files);
        assert_eq!(said["records"], all.len());
        assert_eq!(said["head"], all.last().unwrap()["hash"]);
        for (n, pair) in all.windows(2).enumerate() {
            assert_eq!(pair[0]["hash"], pair[1]["previous"], "record {n}");
            assert_eq!(pair[0]["seq"].as_i64().unwrap() + 1, pair[1]["seq"].as_i64().unwrap());
        }
    }
}

#[tokio::test]
async fn each_way_of_tampering_names_the_record() {
    const CHANGE: &str = "UPDATE audit SET body = replace(body, 'success', 'failure') WHERE seq = $1";
    const REMOVE: &str = "DELETE FROM audit WHERE seq = $1";
    const CUT_OFF: &str = "DELETE FROM audit WHERE seq > $1";
    const RENUMBER: &str = "UPDATE audit SET seq = seq + 1000 WHERE seq = $1";
    const FIRST: &str = "DELETE FROM audit WHERE seq < $1";
    for database in [Database::Sqlite, Database::Postgres] {
        for (sql, seq, named) in [
            (CHANGE, 4, "4"),
            (REMOVE, 4, "4"),
            (CUT_OFF, 6, "6"),
            (RENUMBER, 5, "5"),
            (FIRST, 3, "1"),
        ] {
            let op = some_log(database).await;
            assert!(records(&op.files).len() > 8);
            op.files.run_ok(&["audit", "verify"]);
            tamper(&op.files, sql, seq).await;
            let said = op.files.run_fails(&["audit", "verify"]);
            assert!(said.contains(named), "{database:?}, {sql}: {said}");
        }
    }
}

/// The last records cut off together with the head that named them: only a signed head tells.
#[tokio::test]
async fn a_log_and_head_that_were_cut_off_together_differ_from_the_signed_head() {
    const LOOKS: u32 = 200;
    let op = Op::start().await;
    let verified = || {
        let said = op.files.run_ok(&["audit", "verify", "--json"]);
        serde_json::from_str::<Value>(&said).unwrap()
    };
    // A server signs the head soon after it has started.
    let mut looks = 0;
    while verified()["checkpoints"] == 0 {
        looks += 1;
        assert!(looks < LOOKS, "no head was signed: {}", verified());
    }
    let last = records(&op.files).last().unwrap()["seq"].as_i64().unwrap();
    tamper(&op.files, "DELETE FROM audit WHERE seq >= $1", last).await;
    tamper(
        &op.files,
        "UPDATE audit_head SET seq = $1 - 1, hash = (SELECT hash FROM audit ORDER BY seq DESC LIMIT 1) WHERE one = 1",
        last,
    )
    .await;
    let said = op.files.run_fails(&["audit", "verify"]);
    assert!(said.contains(&last.to_string()), "{said}");
}

#[tokio::test]
async fn a_sign_in_leaves_its_whole_story() {
    let op = some_log(Database::Sqlite).await;
    let all = records(&op.files);
    let events: Vec<&str> = all.iter().map(|r| r["record"]["event"].as_str().unwrap()).collect();
    for event in [
        "service.started",
        "config.changed",
        "auth.factor.succeeded",
        "auth.session.created",
        "auth.method_selected",
        "acr.satisfied",
        "token.issued",
        "auth.session.ended",
    ] {
        assert!(events.contains(&event), "{event} is not in {events:?}");
    }
    let satisfied = op.audit("acr.satisfied").await;
    let signing = satisfied.last().unwrap();
    assert_eq!(signing["detail"]["acr"], "urn:countersign:acr:epcs");
    assert_eq!(signing["detail"]["amr"], "pwd otp mfa");
    assert_eq!(
        (&signing["client"], &signing["actor"]),
        (&Value::from("epcs"), &Value::from("user"))
    );
    assert_eq!(signing["ip"], "127.0.0.1");
    assert!(signing["policy_version"].is_i64() && signing["subject"].is_string());
}

/// No secret is in the log that auditors read.
#[tokio::test]
async fn no_secret_is_in_the_audit_log() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let ask = BASIC
        .ask()
        .scope("openid offline_access")
        .acr(crate::relying_party::AAL2);
    let answer = browser.sign_in(&ask, &RIVERA).await;
    let tokens = ask.redeem(&op, &answer).await;
    let text = op.files.run_ok(&["audit", "export"]);
    let mut secrets = workspace::secrets();
    secrets.extend([
        answer.code(),
        tokens.access_token(),
        tokens.refresh_token(),
        tokens.id_token(),
    ]);
    secrets.extend(browser.cookies.values().map(String::as_str));
    for secret in secrets {
        assert!(!text.contains(secret), "{secret}");
    }
}

/// `--since` cuts the beginning off, exactly.
#[tokio::test]
async fn export_since_a_moment() {
    let op = Op::start().await;
    Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    let from = op.advance(3600).await;
    Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    let later = op.files.run_ok(&["audit", "export", "--since", &from.rfc3339()]);
    let later: Vec<Value> = later.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let all = records(&op.files);
    assert!(!later.is_empty() && later.len() < all.len());
    assert_eq!(all[all.len() - later.len()..], later[..]);
    assert!(
        later
            .iter()
            .all(|r| r["time"].as_str().unwrap() >= from.rfc3339().as_str())
    );
}

/// However many records one transaction writes, each has its place.
#[tokio::test]
async fn transactions_with_few_and_many_records_make_one_chain() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::on(database).await;
        let store = Store::open(&op.files.database).await.unwrap();
        for many in 1..=9 {
            let mut tx = store.begin().await.unwrap();
            for n in 0..many {
                tx.audit(AuditRecord::new(
                    "config.changed",
                    Outcome::Success,
                    Timestamp::from_secs(n),
                ));
            }
            tx.commit().await.unwrap();
        }
        let mut abandoned = store.begin().await.unwrap();
        abandoned.audit(AuditRecord::new(
            "config.changed",
            Outcome::Failure,
            Timestamp::from_secs(0),
        ));
        drop(abandoned);
        op.files.run_ok(&["audit", "verify"]);
        let all = records(&op.files);
        assert_eq!(
            all.iter()
                .filter(|r| r["record"]["event"] == "config.changed" && r["record"]["outcome"] == "failure")
                .count(),
            0
        );
        assert!(all.len() >= 45, "{}", all.len());
    }
}
