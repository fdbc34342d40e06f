//! 32 at once, on both databases: exactly one wins (RFC 6749 §4.1.2, RFC 9700 §4.14.2, RFC 6238 §5.2).

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::relying_party::{AAL2, BASIC, EPCS, KEY, MFA, Reply, userinfo};
use crate::workspace::{LEE, LEES_MOBILE, PAT, RIVERA, SAM};

pub const RACERS: usize = 32;
pub const DATABASES: [Database; 2] = [Database::Sqlite, Database::Postgres];

/// All at the same moment; their results in any order.
pub async fn race<T, F>(racers: impl IntoIterator<Item = F>) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let racers: Vec<F> = racers.into_iter().collect();
    let start = Arc::new(Barrier::new(racers.len()));
    let mut running = JoinSet::new();
    for racer in racers {
        let start = Arc::clone(&start);
        running.spawn(async move {
            start.wait().await;
            racer.await
        });
    }
    running.join_all().await
}

fn winners(replies: &[Reply]) -> Vec<&Reply> {
    for reply in replies {
        assert!(matches!(reply.status, 200 | 400), "{} {}", reply.status, reply.json);
        assert!(
            reply.status == 200 || reply.error() == "invalid_grant",
            "{}",
            reply.json
        );
    }
    replies.iter().filter(|r| r.status == 200).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_code_redeemed_by_many_at_once() {
    for database in DATABASES {
        let op = Op::on(database).await;
        let ask = BASIC.ask().scope("openid offline_access");
        let answer = Browser::new(&op).sign_in(&ask, &PAT).await;
        let racers = (0..RACERS).map(|_| {
            let (op, ask, code) = (op.clone(), ask.clone(), answer.code().to_owned());
            async move { ask.redeem_raw(&op, &code).await }
        });
        let replies = race(racers).await;
        let winners = winners(&replies);
        assert_eq!(winners.len(), 1, "{database:?}");
        // The others were reuse: what the winner got is worth nothing any more.
        let token = winners[0].json["access_token"].as_str().unwrap();
        assert_eq!(userinfo(&op, token).await.status, 401, "{database:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_refresh_token_turned_by_many_at_once() {
    for database in DATABASES {
        let op = Op::on(database).await;
        let ask = BASIC.ask().scope("openid offline_access");
        let tokens = Browser::new(&op).tokens(&ask, &PAT).await;
        let racers = (0..RACERS).map(|_| {
            let (op, token) = (op.clone(), tokens.refresh_token().to_owned());
            async move { BASIC.refresh(&op, &token).await }
        });
        let replies = race(racers).await;
        let winners = winners(&replies);
        assert_eq!(winners.len(), 1, "{database:?}");
        let token = winners[0].json["refresh_token"].as_str().unwrap();
        BASIC.refresh(&op, token).await.refused(400, "invalid_grant");
    }
}

/// A browser of its own for each racer, all at the page that asks for the code.
async fn at_the_code_page(op: &Op) -> Vec<(Browser, Page)> {
    let mut all = Vec::new();
    for _ in 0..RACERS {
        let mut browser = Browser::new(op);
        let page = browser.open(&BASIC.ask().acr(AAL2)).await;
        let mut page = browser.step(&page, &LEE).await;
        if page.id() == "choose-method" {
            page = browser.step(&page, &LEE).await;
        }
        assert_eq!(page.id(), "verify-totp");
        all.push((browser, page));
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_step_of_a_code_generator_used_by_many_at_once() {
    for database in DATABASES {
        let op = Op::on(database).await;
        let browsers = at_the_code_page(&op).await;
        let code = op.totp(crate::workspace::LEES).await;
        let racers = browsers.into_iter().map(|(mut browser, page)| {
            let code = code.clone();
            async move { browser.submit(&page, &[("code", &code)]).await }
        });
        let pages = race(racers).await;
        assert_eq!(pages.iter().filter(|p| p.left).count(), 1, "{database:?}");
        for page in pages.iter().filter(|p| !p.left) {
            assert!(
                matches!(page.error().as_str(), "MFA-112" | "MFA-113"),
                "{database:?}: {} {}",
                page.status,
                page.text()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_text_message_answered_by_many_at_once() {
    for database in DATABASES {
        let op = Op::on(database).await;
        let mut browser = Browser::new(&op);
        let page = browser.open(&BASIC.ask().acr(MFA)).await;
        let page = browser.step(&page, &SAM).await;
        let page = browser.step(&page, &SAM).await;
        let code = op.last_code(crate::workspace::SAMS_MOBILE).await;
        let racers = (0..RACERS).map(|_| {
            let (mut browser, page, code) = (browser.clone(), page.clone(), code.clone());
            async move { browser.submit(&page, &[("code", &code)]).await }
        });
        let pages = race(racers).await;
        let left: Vec<&Page> = pages
            .iter()
            .filter(|p| p.left && !p.answer().get("code").is_empty())
            .collect();
        assert_eq!(left.len(), 1, "{database:?}: one sign-in is one code");
    }
}

/// One browser, one page, the button pressed many times: one answer to the partner, and no failure counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_page_sent_many_times_at_once() {
    for database in DATABASES {
        let op = Op::on(database).await;
        let mut browser = Browser::new(&op);
        let page = browser.open(&BASIC.ask()).await;
        let racers = (0..RACERS).map(|_| {
            let (mut browser, page) = (browser.clone(), page.clone());
            async move {
                browser
                    .submit(&page, &[("username", "pat"), ("password", PAT.password)])
                    .await
            }
        });
        let pages = race(racers).await;
        let codes = pages
            .iter()
            .filter(|p| p.left && !p.answer().get("code").is_empty())
            .count();
        assert_eq!(codes, 1, "{database:?}");
        Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
    }
}

/// Wrong guesses at once are all counted: speed buys no more tries (800-63B-4 §3.2.2).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_guesses_at_once_are_all_counted() {
    for database in DATABASES {
        let op = Op::on(database).await;
        let mut browser = Browser::new(&op);
        let who = LEE.with(crate::workspace::Second::Sms(LEES_MOBILE));
        let page = browser.open(&BASIC.ask().acr(MFA)).await;
        let page = browser.step(&page, &who).await;
        let page = browser.step(&page, &who).await;
        let right = op.last_code(LEES_MOBILE).await;
        let racers = (0..RACERS).map(|n| {
            let (mut browser, page) = (browser.clone(), page.clone());
            let guess = format!("{:06}", (right.parse::<usize>().unwrap() + n + 1) % 1_000_000);
            async move { browser.submit(&page, &[("code", &guess)]).await }
        });
        let pages = race(racers).await;
        let tried = pages.iter().filter(|p| p.error() == "MFA-110").count();
        assert!(tried <= 9, "{database:?}: {tried} guesses were heard before the pause");
        assert_eq!(
            browser.submit(&page, &[("code", &right)]).await.error(),
            "MFA-113",
            "{database:?}"
        );
    }
}

/// One client assertion opens one door (RFC 7523 §3).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_client_assertion_used_by_many_at_once() {
    use crate::relying_party::{JWT_BEARER, assertion_claims, sign_assertion};
    for database in DATABASES {
        let op = Op::on(database).await;
        let assertion = sign_assertion(&assertion_claims(&op, "key").await);
        let racers = (0..RACERS).map(|_| {
            let (op, assertion) = (op.clone(), assertion.clone());
            async move {
                let fields = [
                    ("grant_type", "refresh_token"),
                    ("refresh_token", "nonsense"),
                    ("client_assertion_type", JWT_BEARER),
                    ("client_assertion", &assertion),
                ];
                Reply::of(&op, op.http.post(op.url("/token")).form(&fields).send().await.unwrap()).await
            }
        });
        let replies = race(racers).await;
        let heard = replies.iter().filter(|r| r.error() == "invalid_grant").count();
        let refused = replies.iter().filter(|r| r.error() == "invalid_client").count();
        assert_eq!((heard, refused), (1, RACERS - 1), "{database:?}");
        let _ = &KEY;
    }
}

/// The audit chain stays whole under load, and nobody waits for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sign_ins_at_once_all_succeed_and_the_log_is_unbroken() {
    for database in DATABASES {
        let op = Op::on(database).await;
        let racers = (0..RACERS).map(|_| {
            let op = op.clone();
            async move {
                let tokens = Browser::new(&op).tokens(&BASIC.ask(), &PAT).await;
                tokens.id["sub"].clone()
            }
        });
        let subs = race(racers).await;
        assert!(subs.iter().all(|s| *s == subs[0]));
        let tokens = Browser::new(&op).tokens(&EPCS.ask(), &RIVERA).await;
        assert_eq!(tokens.acr(), crate::relying_party::EPCS_ACR);
        let said = op.files.run_ok(&["audit", "verify"]);
        assert!(said.contains("unbroken"), "{said}");
    }
}
