//! The authenticator for the terminal against the real server: pairing by the page's link, approving, refusing, removing.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::browser::Browser;
use crate::enrolment::{KIM, KIMS_ADDRESS, OPEN, chooser, names, start};
use crate::harness::{Op, failure};
use crate::page::Page;
use crate::relying_party::{AAL2, Ask};

const FILE: &str = "authenticator.json";

/// The terminal of whoever holds the device.
struct Terminal(Op);

impl Terminal {
    /// The option before everything else: what follows `--` is no option any more.
    fn arguments<'a>(words: &[&'a str]) -> Vec<&'a str> {
        let (command, rest) = words.split_first().unwrap();
        [&["authenticator", command, "--file", FILE], rest].concat()
    }

    fn says(&self, words: &[&str]) -> String {
        self.0.files.run_ok(&Self::arguments(words))
    }

    fn refuses(&self, words: &[&str]) -> String {
        let words = Self::arguments(words);
        failure(&self.0.files.run(&words), &words)
    }

    fn accounts(&self) -> Vec<Value> {
        serde_json::from_str(&self.says(&["list", "--json"])).unwrap()
    }

    fn waiting(&self) -> Vec<Value> {
        let accounts = self.accounts();
        let all = accounts.iter().flat_map(|a| a["requests"].as_array().unwrap().clone());
        all.collect()
    }
}

/// Kim's request, which asks for more than her password.
fn ask() -> Ask {
    OPEN.ask().essential(&[AAL2])
}

fn number(op: &Op, page: &Page) -> String {
    let number: String = page.inner("[data-number]").split_whitespace().collect();
    assert!(
        number.len() == 6 && number.bytes().all(|b| b.is_ascii_digit()),
        "{}",
        page.text()
    );
    op.secret("a number to be typed", &number);
    number
}

fn other_than(number: &str) -> &'static str {
    if number == "111111" { "222222" } else { "111111" }
}

/// The page of the set-up, and the link that it holds once it is revealed.
async fn link(browser: &mut Browser, ask: &Ask) -> (Page, String) {
    let page = chooser(browser, ask, &KIM).await;
    let page = browser.press(&page, "method", "push").await;
    assert_eq!(page.id(), "enrol-push", "{}", page.text());
    assert_eq!(page.inner("[data-pairing-link]"), "", "it is hidden first");
    let page = browser.press(&page, "action", "reveal").await;
    let link = page.link("[data-pairing-link]");
    let secret = link.strip_prefix(&browser.op.url("/authenticator#pair="));
    browser
        .op
        .secret("a pairing secret", secret.unwrap_or_else(|| panic!("{link}")));
    (page, link)
}

/// The device has redeemed the link; the page shows the number.
async fn begun(browser: &mut Browser, terminal: &Terminal, ask: &Ask) -> (Page, String) {
    let (page, link) = link(browser, ask).await;
    let said = terminal.says(&["pair", &link, "--name", "Kim's terminal"]);
    assert!(said.contains("authenticator approve --number NNNNNN"), "{said}");
    let page = browser.get(page.url.as_str()).await;
    let number = number(&browser.op, &page);
    (page, number)
}

/// Kim with a paired terminal, back at the partner.
async fn paired() -> (Op, Terminal) {
    let op = start().await;
    let terminal = Terminal(op.clone());
    let mut browser = Browser::new(&op);
    let ask = ask();
    let (page, number) = begun(&mut browser, &terminal, &ask).await;
    terminal.says(&["approve", "--number", &number]);
    let page = browser.get(page.url.as_str()).await;
    let page = browser.press(&page, "action", "continue").await;
    assert!(page.left, "{}", page.text());
    (op, terminal)
}

/// The page that waits for the device, and its number.
async fn waits(browser: &mut Browser, ask: &Ask) -> (Page, String) {
    let page = browser.through(ask, &KIM).await;
    assert_eq!(page.id(), "verify-push", "{}", page.text());
    let number = number(&browser.op, &page);
    (page, number)
}

#[tokio::test]
async fn a_terminal_is_paired_by_the_link_and_counts_once_the_number_is_typed() {
    let op = start().await;
    let terminal = Terminal(op.clone());
    let mut browser = Browser::new(&op);
    let ask = ask();
    let (page, link) = link(&mut browser, &ask).await;
    let paired: Value = serde_json::from_str(&terminal.says(&["pair", &link, "--json"])).unwrap();
    assert_eq!(paired["issuer"], op.issuer.as_str());
    assert_ne!(
        paired["username"], KIM.username,
        "who holds a link is not told whose it is"
    );
    assert!(names(&op, "kim").await.is_empty(), "the link alone binds nothing");
    assert!(terminal.refuses(&["pair", &link]).contains("MFA-140"), "once");
    let page = browser.get(page.url.as_str()).await;
    let number = number(&op, &page);
    let [waiting] = &terminal.waiting()[..] else {
        panic!("one request waits")
    };
    assert_eq!(
        (&waiting["kind"], &waiting["id"]),
        (&"pairing".into(), &paired["request"])
    );
    assert!(
        terminal.refuses(&["approve"]).contains("--number"),
        "a tap is not enough"
    );
    assert!(terminal.says(&["approve", "--number", &number]).contains("Approved"));
    // The page goes on by itself, and it is the device that proved the second factor.
    let page = browser.get(page.url.as_str()).await;
    let page = browser.press(&page, "action", "continue").await;
    let tokens = ask.redeem(&op, &page.answer()).await;
    assert_eq!(tokens.acr(), AAL2);
    let [account] = &terminal.accounts()[..] else {
        panic!("one account")
    };
    assert_eq!(
        (&account["status"], &account["requests"]),
        (&"active".into(), &Value::Array(Vec::new()))
    );
}

#[tokio::test]
async fn a_sign_in_is_shown_and_approved_with_the_number() {
    let (op, terminal) = paired().await;
    let mut browser = Browser::new(&op);
    let ask = ask();
    let (page, number) = waits(&mut browser, &ask).await;
    let said = terminal.says(&["approve", "--number", &number, "--unlock", "pin"]);
    for shown in ["Open Partner", "kim", "127.0.0.1", "Approved"] {
        assert!(said.contains(shown), "{shown} is not shown:\n{said}");
    }
    let page = browser.get(page.url.as_str()).await;
    let tokens = ask.redeem(&op, &page.answer()).await;
    let amr = tokens.amr();
    assert_eq!(tokens.acr(), AAL2);
    assert!(["pwd", "swk", "pin", "mfa"].iter().all(|m| amr.contains(m)), "{amr:?}");
    assert!(
        terminal
            .refuses(&["approve", "--number", &number])
            .contains("no request waits")
    );
}

#[tokio::test]
async fn a_wrong_number_is_counted_and_the_third_ends_the_request() {
    let (op, terminal) = paired().await;
    let mut browser = Browser::new(&op);
    let (page, number) = waits(&mut browser, &ask()).await;
    let wrong = other_than(&number);
    for left in ["2 tries are left", "1 try is left", "the request is over"] {
        let said = terminal.refuses(&["approve", "--number", wrong]);
        assert!(said.contains(left) && said.contains("MFA-133"), "{said}");
    }
    assert!(terminal.waiting().is_empty());
    assert!(
        terminal
            .refuses(&["approve", "--number", &number])
            .contains("no request waits")
    );
    assert!(!browser.get(page.url.as_str()).await.left);
}

#[tokio::test]
async fn three_wrong_numbers_while_pairing_leave_nothing_behind() {
    let op = start().await;
    let terminal = Terminal(op.clone());
    let mut browser = Browser::new(&op);
    let (page, number) = begun(&mut browser, &terminal, &ask()).await;
    for _ in 0..3 {
        terminal.refuses(&["approve", "--number", other_than(&number)]);
    }
    assert!(terminal.accounts().is_empty(), "not on the terminal");
    browser.get(page.url.as_str()).await;
    assert!(names(&op, "kim").await.is_empty(), "and not on the server");
}

#[tokio::test]
async fn what_is_denied_is_over() {
    let (op, terminal) = paired().await;
    let mut browser = Browser::new(&op);
    let (page, number) = waits(&mut browser, &ask()).await;
    assert!(terminal.says(&["deny"]).contains("Denied"));
    assert!(!browser.get(page.url.as_str()).await.left);
    assert!(
        terminal
            .refuses(&["approve", "--number", &number])
            .contains("no request waits")
    );
}

#[tokio::test]
async fn not_me_ends_the_sign_in_and_warns_the_owner() {
    let (op, terminal) = paired().await;
    let before = op.outbox(KIMS_ADDRESS).await.len();
    let mut browser = Browser::new(&op);
    let (page, _) = waits(&mut browser, &ask()).await;
    assert!(terminal.says(&["deny", "--not-me"]).contains("reported"));
    let page = browser.get(page.url.as_str()).await;
    assert!(!page.left || page.answer().error() == "access_denied", "{}", page.url);
    assert!(
        op.outbox(KIMS_ADDRESS).await.len() > before,
        "a letter went to the owner"
    );
}

/// The server's clock goes an hour ahead of the terminal's.
#[tokio::test]
async fn a_clock_that_is_off_is_corrected_for() {
    let (op, terminal) = paired().await;
    op.advance(3600).await;
    let mut browser = Browser::new(&op);
    let ask = ask();
    let (page, number) = waits(&mut browser, &ask).await;
    terminal.says(&["approve", "--number", &number]);
    assert!(browser.get(page.url.as_str()).await.left);
    let kept: Value = serde_json::from_slice(&std::fs::read(op.files.path(FILE)).unwrap()).unwrap();
    let offset = kept["accounts"][0]["clock_offset"].as_i64().unwrap();
    assert!((offset - 3600).abs() < 60, "remembered: {offset}");
}

#[tokio::test]
async fn a_removed_terminal_is_gone_on_both_sides() {
    let (op, terminal) = paired().await;
    let device = terminal.accounts()[0]["account"].as_str().unwrap().to_owned();
    let kept = std::fs::read(op.files.path(FILE)).unwrap();
    assert!(terminal.refuses(&["remove", "nobody-here"]).contains("nobody-here"));
    assert!(
        terminal.refuses(&["remove", "--", &device]).contains("MFA-180"),
        "it is all that Kim has beside the password"
    );
    let (page, number) = waits(&mut Browser::new(&op), &ask()).await;
    assert!(!page.left);
    terminal.says(&["approve", "--number", &number]);
    op.files.run_ok(&["user", "reset-mfa", "kim"]);
    assert!(names(&op, "kim").await.is_empty());
    // The file is worth nothing any more.
    std::fs::write(op.files.path(FILE), kept).unwrap();
    assert!(terminal.refuses(&["approve", "--number", "111111"]).contains("MFA-136"));
    assert!(terminal.refuses(&["remove", "--", &device]).contains("--forget"));
    terminal.says(&["remove", "--forget", "--", &device]);
    assert!(terminal.accounts().is_empty());
}

#[tokio::test]
async fn a_file_that_others_can_read_or_that_is_damaged_spends_no_link() {
    let op = start().await;
    let terminal = Terminal(op.clone());
    let mut browser = Browser::new(&op);
    let (_, link) = link(&mut browser, &ask()).await;
    let path = op.files.path(FILE);
    std::fs::write(&path, "{\"version\": 1, \"accounts\": [").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    assert!(terminal.refuses(&["pair", &link]).contains("chmod 600"));
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    assert!(terminal.refuses(&["pair", &link]).contains("is damaged"));
    std::fs::remove_file(&path).unwrap();
    assert!(terminal.says(&["pair", &link]).contains("Paired"));
}
