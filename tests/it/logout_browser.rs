//! What the browser does for partners: frames of the signed-out page (Front-Channel Logout 1.0), and the state that their
//! pages compare (Session Management 1.0).

use countersign::base::encoding::{base64url, sha256};
use scraper::{Html, Selector};

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::logout_partners::{CHART, LAB, QUIET, client};
use crate::page::Page;
use crate::relying_party::{AAL2, BASIC, KEY, Rp, Tokens, basic};
use crate::workspace::{LEE, PAT};

static HERE: Rp = basic("here", "http://localhost:9/cb");
const STATE: &str = "countersign-state";
const OUT: &str = "https://chart.example/bye";

async fn provider() -> Op {
    let session = "frontchannel_logout_session_required = true";
    let more = [
        client(
            &CHART,
            &format!(
                "frontchannel_logout_uri = \"https://chart.example/out?a=1\"\n{session}\npost_logout_redirect_uris = [\"{OUT}\"]"
            ),
        ),
        client(&LAB, "frontchannel_logout_uri = \"https://lab.example/out\""),
        client(&QUIET, ""),
        client(&HERE, ""),
    ];
    Op::with(Database::Sqlite, &more.concat()).await
}

fn frames(page: &Page) -> Vec<String> {
    let html = Html::parse_document(&page.html);
    let all = Selector::parse("iframe").unwrap();
    html.select(&all).map(|f| f.attr("src").unwrap().to_owned()).collect()
}

fn directive(page: &Page, name: &str) -> Option<String> {
    let policy = page.headers["content-security-policy"].to_str().unwrap().to_owned();
    let all: Vec<&str> = policy.split(';').map(str::trim).collect();
    let found = all.iter().find(|d| d.split(' ').next() == Some(name));
    found.map(|d| d[name.len()..].trim().to_owned())
}

fn end(op: &Op, tokens: &Tokens, more: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("id_token_hint", tokens.id_token()).extend_pairs(more);
    op.url(&format!("/logout?{}", query.finish()))
}

#[tokio::test]
async fn the_signed_out_page_visits_every_partner_of_the_session_and_goes_on() {
    let op = provider().await;
    let mut browser = Browser::new(&op);
    let tokens = browser.tokens(&CHART.ask(), &LEE).await;
    for rp in [&LAB, &QUIET] {
        browser.tokens(&rp.ask(), &LEE).await;
    }
    let state = "\"><iframe src=https://evil.example></iframe>; frame-src *";
    let url = end(&op, &tokens, &[("post_logout_redirect_uri", OUT), ("state", state)]);
    let page = browser.get(&url).await;
    assert_eq!((page.status, page.id().as_str(), page.left), (200, "signed-out", false));
    let (issuer, sid) = (op.issuer.as_str(), tokens.id["sid"].as_str().unwrap());
    let mut named = url::form_urlencoded::Serializer::new(String::new());
    let named = named.append_pair("iss", issuer).append_pair("sid", sid).finish();
    assert_eq!(
        frames(&page),
        [
            format!("https://chart.example/out?a=1&{named}"),
            "https://lab.example/out".to_owned()
        ]
    );
    assert_eq!(
        directive(&page, "frame-src").unwrap(),
        "https://chart.example https://lab.example"
    );
    assert_eq!(directive(&page, "frame-ancestors").unwrap(), "'none'");
    // On by script, by refresh, or by hand: all to the one registered address.
    let on = page.link("a[data-forward]");
    let went = url::Url::parse(&on).unwrap();
    assert!(on.starts_with(OUT) && went.query_pairs().any(|(n, v)| n == "state" && v == state));
    assert!(
        page.html
            .contains("<noscript><meta http-equiv=\"refresh\" content=\"5;url=https://chart.example/bye?")
    );
    assert!(!browser.cookies.contains_key("countersign") && !browser.cookies.contains_key(STATE));
    // Nothing is left to visit.
    let page = browser.get(&url).await;
    assert!(page.left && page.url.as_str().starts_with(OUT));
}

#[tokio::test]
async fn without_an_address_to_go_to_the_page_stays_and_without_frames_there_is_no_page() {
    let op = provider().await;
    let mut browser = Browser::new(&op);
    let tokens = browser.tokens(&LAB.ask(), &LEE).await;
    let page = browser.get(&end(&op, &tokens, &[])).await;
    assert_eq!(frames(&page), ["https://lab.example/out"]);
    assert!(page.link("a[data-forward]").is_empty() && !page.html.contains("signed-out.js"));
    let tokens = browser.tokens(&QUIET.ask(), &LEE).await;
    let page = browser.get(&end(&op, &tokens, &[])).await;
    assert!(frames(&page).is_empty() && page.id() == "signed-out");
    assert_eq!(directive(&page, "frame-src").unwrap_or_default(), "'none'");
}

/// As the specification computes it (§3.2), from what the browser holds.
fn fits(state: &str, client: &str, origin: &str, browser: &Browser) -> bool {
    let (hash, salt) = state.split_once('.').unwrap();
    let held = browser.cookies.get(STATE).cloned().unwrap_or_default();
    let said = format!("{client} {origin} {held} {salt}");
    hash == base64url(&sha256(said.as_bytes()))
}

async fn state_of(browser: &mut Browser, rp: &'static Rp) -> String {
    let ask = rp.ask();
    browser.sign_in(&ask, &LEE).await.get("session_state").to_owned()
}

#[tokio::test]
async fn the_state_lasts_as_long_as_the_session_of_one_person() {
    let op = provider().await;
    let mut browser = Browser::new(&op);
    let chart = state_of(&mut browser, &CHART).await;
    let here = state_of(&mut browser, &HERE).await;
    let holds = |browser: &Browser| {
        [
            fits(&chart, "chart", "https://chart.example", browser),
            fits(&here, "here", "http://localhost:9", browser),
        ]
    };
    assert_eq!(holds(&browser), [true, true]);
    // Each answer has a salt of its own; one partner's state is of no use to another.
    let again = state_of(&mut browser, &CHART).await;
    assert!(again != chart && fits(&again, "chart", "https://chart.example", &browser));
    assert!(!fits(&chart, "lab", "https://lab.example", &browser));
    // More is proved: the same person, the same session, a new cookie.
    let cookie = browser.cookies["countersign"].clone();
    browser.sign_in(&BASIC.ask().acr(AAL2), &LEE).await;
    assert_ne!(browser.cookies["countersign"], cookie);
    assert_eq!(holds(&browser), [true, true]);
    // Somebody else.
    let page = browser.open(&QUIET.ask().set("prompt", "select_account")).await;
    browser.walk(page, &PAT).await;
    assert_eq!(holds(&browser), [false, false]);
    let mut nobody = Browser::new(&op);
    let tokens = nobody.tokens(&CHART.ask(), &LEE).await;
    let mine = state_of(&mut nobody, &CHART).await;
    nobody.get(&end(&op, &tokens, &[])).await;
    assert!(!fits(&mine, "chart", "https://chart.example", &nobody));
}

/// Ended from another browser: the next answer takes the state away, so that the partners' pages see it too.
#[tokio::test]
async fn the_state_goes_once_the_browser_is_seen_without_its_session() {
    let op = provider().await;
    let mut browser = Browser::new(&op);
    let state = state_of(&mut browser, &CHART).await;
    let kept = browser.cookies[STATE].clone();
    // A browser that has lost it gets it back.
    browser.cookies.remove(STATE);
    state_of(&mut browser, &QUIET).await;
    assert_eq!(browser.cookies[STATE], kept);
    op.files.run_ok(&["user", "suspend", "lee"]);
    op.files.run_ok(&["user", "activate", "lee"]);
    let refused = browser.open(&crate::logout_partners::silent(&CHART)).await.answer();
    assert_eq!(refused.error(), "login_required");
    assert!(!refused.params.contains_key("session_state"));
    assert!(!fits(&state, "chart", "https://chart.example", &browser));
}

#[tokio::test]
async fn the_state_is_readable_and_the_session_is_not() {
    let op = provider().await;
    let mut browser = Browser::new(&op);
    let page = browser.through(&CHART.ask(), &LEE).await;
    let line = |name: &str| {
        let start = format!("{name}=");
        page.cookies_set.iter().find(|l| l.starts_with(&start)).unwrap().clone()
    };
    assert!(line("countersign").contains("HttpOnly") && line("countersign").contains("SameSite=Lax"));
    let state = line(STATE);
    assert!(!state.contains("HttpOnly") && state.contains("Path=/"), "{state}");
    let (session, state) = (&browser.cookies["countersign"], &browser.cookies[STATE]);
    assert!(session != state);
    // It opens nothing.
    let mut thief = Browser::new(&op);
    thief.cookies.insert("countersign".into(), state.clone());
    assert!(!thief.open(&QUIET.ask()).await.left);
}

/// The one page that any site may show in a frame.
#[tokio::test]
async fn the_page_for_frames_has_a_policy_of_its_own() {
    let op = provider().await;
    let page = Browser::new(&op).get(&op.url("/check-session")).await;
    assert_eq!((page.status, page.id().as_str()), (200, "check-session"));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert_eq!(
        policy,
        "default-src 'none'; script-src 'self'; frame-ancestors *; base-uri 'none'; form-action 'none'"
    );
    assert!(page.headers.get("x-frame-options").is_none() && !page.html.contains("<form"));
    for path in ["/logout", "/", "/account/unavailable"] {
        let other = Browser::new(&op).get(&op.url(path)).await;
        assert_eq!(other.headers["x-frame-options"], "DENY", "{path}");
        assert_eq!(directive(&other, "frame-ancestors").unwrap(), "'none'", "{path}");
    }
}

#[tokio::test]
async fn requests_that_are_no_openid_requests_get_no_state() {
    let op = provider().await;
    let ask = BASIC.ask().scope("profile").without("nonce");
    let answer = Browser::new(&op).sign_in(&ask, &LEE).await;
    assert!(!answer.params.contains_key("session_state"));
    // Signed answers carry it inside.
    let ask = KEY.ask().set("response_mode", "jwt");
    let page = Browser::new(&op).through(&ask, &LEE).await;
    let answer = page.answer();
    assert_eq!(answer.params.keys().collect::<Vec<_>>(), ["response"]);
    let claims = crate::relying_party::verify_claims(&op, answer.get("response"), "key", "JWT").await;
    assert!(claims["session_state"].as_str().unwrap().contains('.'));
}
