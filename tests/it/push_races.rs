//! Two answers, two tabs, an answer and another request at the same moment: one of them wins, on both databases.

use serde_json::Value;

use crate::browser::Browser;
use crate::enrolment::{KIM, PARTNERS};
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::push::{asked, paired};
use crate::races::race;
use crate::relying_party::{AAL2, BASIC};
use crate::software_phone::{DENY, Heard, Phone, approve, number_of, wrong};

const RACERS: usize = 16;
const DATABASES: [Database; 2] = [Database::Sqlite, Database::Postgres];

struct Waiting {
    op: Op,
    phone: Phone,
    browser: Browser,
    page: Page,
    request: String,
    shown: Value,
}

async fn waiting(database: Database) -> Waiting {
    let op = Op::with(database, PARTNERS).await;
    let phone = paired(&op, &KIM).await;
    let mut browser = Browser::new(&op);
    let page = asked(&mut browser, &BASIC.ask().essential(&[AAL2]), &KIM).await;
    let request = phone.waiting().await.remove(0);
    let shown = phone.look(&request).await.0.body;
    Waiting {
        op,
        phone,
        browser,
        page,
        request,
        shown,
    }
}

/// Sends these answers at once.
async fn sent(op: &Op, request: &str, answers: Vec<String>) -> Vec<Heard> {
    let racers = answers.into_iter().map(|jws| {
        let (phone, request) = (Phone::new(op), request.to_owned());
        async move { phone.send(&request, &jws).await }
    });
    race(racers).await
}

/// How many codes were minted for partners.
fn codes(pages: &[Page]) -> usize {
    pages
        .iter()
        .filter(|p| p.left && !p.answer().get("code").is_empty())
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_answers_at_once_one_counts() {
    for database in DATABASES {
        let mut w = waiting(database).await;
        let mut answers = Vec::new();
        for n in 0..RACERS {
            let number = number_of(&w.page);
            let say = if n % 2 == 0 { approve(&number) } else { DENY };
            answers.push(w.phone.signed(&w.request, &w.shown, say).await);
        }
        let heard = sent(&w.op, &w.request, answers).await;
        let taken: Vec<&Heard> = heard.iter().filter(|h| h.status == 200).collect();
        assert_eq!(taken.len(), 1, "{database:?}: {heard:?}");
        assert!(
            heard.iter().all(|h| h.status == 200 || h.error() == (409, "answered")),
            "{heard:?}"
        );
        let page = w.browser.get(w.page.url.as_str()).await;
        assert_eq!(page.left, taken[0].body["status"] == "approved", "{database:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_numbers_at_once_three_are_looked_at() {
    for database in DATABASES {
        let w = waiting(database).await;
        let mut answers = Vec::new();
        for _ in 0..RACERS {
            let number = wrong(&number_of(&w.page));
            answers.push(w.phone.signed(&w.request, &w.shown, approve(&number)).await);
        }
        let heard = sent(&w.op, &w.request, answers).await;
        let tried = heard.iter().filter(|h| h.error() == (403, "wrong_number")).count();
        assert_eq!(tried, 3, "{database:?}: {heard:?}");
        let late = w.phone.signed(&w.request, &w.shown, approve(&number_of(&w.page))).await;
        assert_eq!(w.phone.send(&w.request, &late).await.error(), (409, "answered"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_tabs_that_take_one_approval_one_goes_to_the_partner() {
    for database in DATABASES {
        let w = waiting(database).await;
        w.phone.answer_the_one(approve(&number_of(&w.page))).await;
        let racers = (0..RACERS).map(|_| {
            let (mut browser, url) = (w.browser.clone(), w.page.url.to_string());
            async move { browser.get(&url).await }
        });
        let pages = race(racers).await;
        assert_eq!(codes(&pages), 1, "{database:?}");
        // One event in the session: the pairing's own was in another one.
        let events = w.op.audit("auth.factor.succeeded").await;
        let by_phone = |r: &&Value| r.to_string().contains(&w.phone.id);
        assert_eq!(events.iter().filter(by_phone).count(), 1, "{database:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_while_the_browser_asks_anew_counts_for_its_own_request_or_not_at_all() {
    for database in DATABASES {
        let mut w = waiting(database).await;
        let jws = w.phone.signed(&w.request, &w.shown, approve(&number_of(&w.page))).await;
        let (mut browser, page) = (w.browser.clone(), w.page.clone());
        let resend = tokio::spawn(async move { browser.press(&page, "action", "resend").await });
        let heard = w.phone.send(&w.request, &jws).await;
        let after = resend.await.unwrap();
        assert!(after.status < 500);
        match heard.error() {
            (200, "") => {}
            refused => assert_eq!(refused, (410, "expired"), "{database:?}"),
        }
        // Whatever came first, what waits now is answered as ever.
        let page = w.browser.get(w.page.url.as_str()).await;
        if !page.left && !after.left {
            w.phone.answer_the_one(approve(&number_of(&page))).await;
            assert!(w.browser.get(w.page.url.as_str()).await.left, "{database:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_approval_that_is_taken_and_a_cancel_at_once_one_answers_the_partner() {
    for database in DATABASES {
        let w = waiting(database).await;
        w.phone.answer_the_one(approve(&number_of(&w.page))).await;
        let racers = (0..RACERS).map(|n| {
            let (mut browser, page) = (w.browser.clone(), w.page.clone());
            async move {
                match n % 2 {
                    0 => browser.get(page.url.as_str()).await,
                    _ => browser.press(&page, "action", "cancel").await,
                }
            }
        });
        let pages = race(racers).await;
        assert_eq!(pages.iter().filter(|p| p.left).count(), 1, "{database:?}");
    }
}
