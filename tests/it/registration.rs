//! An account that somebody makes for themself: confirmed first, and no oracle for who has one already.

use crate::browser::Browser;
use crate::enrolment::wrong;
use crate::harness::{Database, Op};
use crate::page::Page;
use crate::recovery::letter;
use crate::relying_party::{BASIC, ONE, userinfo};
use crate::workspace::{PAT, Persona};

/// The tests' pool, opened.
pub const OPEN_POOL: &str = r#"
[[pools]]
name = "default"
first_factor = ["password", "webauthn", "push"]
second_factor = ["totp", "push", "webauthn", "sms", "voice", "recovery_code"]
preferred = { first = "password", second = "push" }
self_registration = true
"#;

const ANAS_ADDRESS: &str = "ana@mail.example";
const ANA: Persona = Persona {
    username: ANAS_ADDRESS,
    password: "four words, no secret",
    ..PAT
};

async fn start() -> Op {
    let op = Op::with(Database::Sqlite, OPEN_POOL).await;
    op.secret("a new password", ANA.password);
    op
}

fn answer<'a>(email: &'a str, given: &'a str) -> [(&'static str, &'a str); 3] {
    [("given_name", given), ("family_name", "Rivera"), ("email", email)]
}

/// The page that asks for the code of the letter.
async fn asked(browser: &mut Browser, op: &Op, email: &str) -> Page {
    let page = browser.get(&op.url("/register-account")).await;
    assert_eq!(page.id(), "register");
    browser.submit(&page, &answer(email, "Ana")).await
}

#[tokio::test]
async fn an_account_is_made_inside_a_partners_sign_in_which_then_goes_on() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, OPEN_POOL).await;
        let mut browser = Browser::new(&op);
        let ask = BASIC.ask().scope("openid profile email");
        let page = browser.open(&ask).await;
        let link = page.link_to("/register-account?sign_in=");
        let page = browser.get(&op.url(&link)).await;
        for (field, token) in [
            ("given_name", "given-name"),
            ("family_name", "family-name"),
            ("email", "email"),
        ] {
            assert_eq!(page.input(field, "autocomplete"), token);
        }
        let page = browser.submit(&page, &answer(ANAS_ADDRESS, "Ana")).await;
        assert_eq!(
            (page.id().as_str(), page.input("code", "autocomplete").as_str()),
            ("register", "one-time-code")
        );
        assert!(
            !op.files.run_ok(&["user", "list"]).contains(ANAS_ADDRESS),
            "not before the address is proved"
        );
        let code = letter(&op, ANAS_ADDRESS).await["code"].as_str().unwrap().to_owned();
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        let page = browser.submit(&page, &[("code", &spaced)]).await;
        assert_eq!(
            page.input("password", "autocomplete"),
            "new-password",
            "{}",
            page.text()
        );
        assert_eq!(page.input("username", "value"), ANAS_ADDRESS);
        let page = browser.submit(&page, &[("password", ANA.password)]).await;
        // Nobody is signed in by that: the password is proved where everybody does.
        assert_eq!(
            (page.id().as_str(), page.input("username", "value").as_str()),
            ("verify-password", ANAS_ADDRESS)
        );
        assert!(!browser.cookies.contains_key("countersign"));
        let page = browser.walk(page, &ANA).await;
        let tokens = ask.redeem(&op, &page.answer()).await;
        assert_eq!((tokens.acr(), tokens.amr()), (ONE, vec!["pwd"]));
        let info = userinfo(&op, tokens.access_token()).await.json;
        assert_eq!(
            (&info["email"], &info["email_verified"]),
            (&ANAS_ADDRESS.into(), &true.into())
        );
        assert_eq!((&info["name"], &info["locale"]), (&"Ana Rivera".into(), &"en".into()));
        for event in ["account.created", "email.verified", "password.set"] {
            assert_eq!(op.audit(event).await.len(), 1, "{event}");
        }
    }
}

#[tokio::test]
async fn the_link_of_the_letter_leads_to_the_password_in_any_browser() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    browser.languages = "es";
    // From within a sign-in of this browser, which the other one cannot touch.
    let page = browser.open(&BASIC.ask()).await;
    let begun = browser.get(&op.url(&page.link_to("/register-account?sign_in="))).await;
    let waiting = browser.submit(&begun, &answer(ANAS_ADDRESS, "Ana")).await;
    let link = letter(&op, ANAS_ADDRESS).await["link"].as_str().unwrap().to_owned();
    assert!(
        !waiting.html.contains(link.rsplit('/').next().unwrap()),
        "the proof is in the letter alone"
    );
    let mut phone = Browser::new(&op);
    // Mail programs look at links: that uses nothing up.
    Browser::new(&op).get(&link).await;
    let page = phone.get(&link).await;
    assert_eq!(page.input("password", "autocomplete"), "new-password");
    let page = phone.submit(&page, &[("password", ANA.password)]).await;
    assert_eq!(
        (page.id().as_str(), page.input("username", "value").as_str()),
        ("sign-in", ANAS_ADDRESS)
    );
    let page = phone.submit(&page, &[("password", ANA.password)]).await;
    assert_eq!(page.id(), "account", "{}", page.text());
    assert_eq!(
        op.files
            .run_ok(&["user", "show", ANAS_ADDRESS, "--json"])
            .matches("\"es\"")
            .count(),
        1
    );
    // Used up: neither the link nor the code makes a second one.
    for url in [link.as_str(), waiting.url.as_str()] {
        let over = browser.get(url).await;
        assert_eq!(
            (over.id().as_str(), over.error().as_str()),
            ("register", "invalid_request")
        );
        assert!(over.text().contains("correo nuevo"), "{}", over.text());
    }
}

/// The page says the same, whoever has the address; only its reader learns more.
#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let known = asked(&mut browser, &op, "Lee@Cedar.example").await;
    let unknown = asked(&mut browser, &op, "lea@cedar.example").await;
    let told = |page: &Page| page.text().to_lowercase().replace("lee@", "lea@");
    assert_eq!((known.status, told(&known)), (unknown.status, told(&unknown)));
    let letter = letter(&op, "Lee@Cedar.example").await;
    assert!(letter["code"].is_null(), "no code goes to an account: {letter}");
    assert_eq!(letter["link"], op.url("/account"));
    let page = browser.submit(&known, &[("code", "123456")]).await;
    assert_eq!(page.error(), "MFA-110");
    // An address that was never confirmed is somebody's, too.
    asked(&mut browser, &op, "pat@mail.example").await;
    assert!(op.outbox("pat@mail.example").await[0]["code"].is_null());
}

#[tokio::test]
async fn a_closed_pool_has_no_such_page() {
    let op = Op::start().await;
    let mut browser = Browser::new(&op);
    let page = browser.open(&BASIC.ask()).await;
    assert_eq!(page.link_to("/register-account"), "");
    assert_eq!(browser.get(&op.url("/register-account")).await.status, 404);
    // Nor does it take the form of one that was open a moment ago.
    op.files.write("open.toml", OPEN_POOL);
    op.files.run_ok(&["apply", "open.toml"]);
    let page = asked(&mut browser, &op, ANAS_ADDRESS).await;
    let code = letter(&op, ANAS_ADDRESS).await["code"].as_str().unwrap().to_owned();
    let page = browser.submit(&page, &[("code", &code)]).await;
    op.files
        .write("shut.toml", &OPEN_POOL.replace("self_registration = true", ""));
    op.files.run_ok(&["apply", "shut.toml"]);
    let refused = browser.submit(&page, &[("password", ANA.password)]).await;
    assert_eq!(refused.status, 404, "{}", refused.text());
    assert!(op.audit("account.created").await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_taken_is_named() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let first = browser.get(&op.url("/register-account")).await;
    for (fields, says) in [
        (answer("ana", "Ana"), "not an e-mail address"),
        (
            answer("ana@mail.example\r\nBcc: x@y.example", "Ana"),
            "not an e-mail address",
        ),
        (answer(ANAS_ADDRESS, "  "), "need a name"),
        (answer(ANAS_ADDRESS, "Ana\u{202e}"), "need a name"),
    ] {
        let page = browser.submit(&first, &fields).await;
        assert!(page.text().contains(says), "{says}: {}", page.text());
        assert!(!page.reference().is_empty() && page.input("family_name", "value") == "Rivera");
    }
    let page = asked(&mut browser, &op, ANAS_ADDRESS).await;
    let code = letter(&op, ANAS_ADDRESS).await["code"].as_str().unwrap().to_owned();
    let page = browser.submit(&page, &[("code", &code)]).await;
    let short = browser.submit(&page, &[("password", "short")]).await;
    assert!(short.text().contains("too short"), "{}", short.text());
    assert_eq!(
        short.input("username", "value"),
        ANAS_ADDRESS,
        "and it can be tried again"
    );
    let page = browser.submit(&short, &[("password", ANA.password)]).await;
    assert_eq!(page.id(), "sign-in");
}

/// Ten wrong codes end a letter; asking for another one wins a guesser nothing; the link works all the while.
#[tokio::test]
async fn guessing_codes_is_slowed_down() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let mut page = asked(&mut browser, &op, ANAS_ADDRESS).await;
    let code = letter(&op, ANAS_ADDRESS).await["code"].as_str().unwrap().to_owned();
    for left in (1..=9).rev() {
        page = browser.submit(&page, &[("code", &wrong(&code))]).await;
        assert_eq!(page.error(), "MFA-110");
        assert!(page.text().contains(&left.to_string()), "{left}: {}", page.text());
    }
    let over = browser.submit(&page, &[("code", &wrong(&code))]).await;
    assert!(over.text().contains("no longer of use"), "{}", over.text());
    let dead = browser.submit(&page, &[("code", &code)]).await;
    assert!(
        dead.text().contains("no longer of use"),
        "not even the right one: {}",
        dead.text()
    );
    let page = browser.submit(&over, &answer(ANAS_ADDRESS, "Ana")).await;
    let next = letter(&op, ANAS_ADDRESS).await;
    let paused = browser.submit(&page, &[("code", next["code"].as_str().unwrap())]).await;
    assert_eq!((paused.status, paused.error().as_str()), (429, "MFA-113"));
    let by_link = browser.get(next["link"].as_str().unwrap()).await;
    assert_eq!(by_link.input("password", "autocomplete"), "new-password");
    op.advance(31).await;
    let page = browser.submit(&page, &[("code", next["code"].as_str().unwrap())]).await;
    assert_eq!(page.input("password", "autocomplete"), "new-password");
}

#[tokio::test]
async fn letters_to_one_address_and_from_one_place_are_limited() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    // Whether or not the address has an account: else the limit would tell.
    for address in [ANAS_ADDRESS, "lee@cedar.example"] {
        let mut page = asked(&mut browser, &op, address).await;
        for _ in 0..4 {
            page = browser.press(&page, "action", "resend").await;
            assert_eq!((page.id().as_str(), page.error().as_str()), ("register", ""));
        }
        let refused = browser.press(&page, "action", "resend").await;
        assert_eq!((refused.status, refused.error().as_str()), (429, "MFA-113"));
        assert!(!refused.header("retry-after").is_empty());
        let refused = asked(&mut browser, &op, &address.to_uppercase()).await;
        assert_eq!(refused.error(), "MFA-113", "written otherwise it is the same");
        assert_eq!(op.outbox(address).await.len(), 5);
    }
    // The last letter is still good: a refused button takes nothing away.
    let last = letter(&op, ANAS_ADDRESS).await;
    let page = browser.get(last["link"].as_str().unwrap()).await;
    assert_eq!(page.input("password", "autocomplete"), "new-password");
    for n in 0..16 {
        asked(&mut browser, &op, &format!("a{n}@mail.example")).await;
    }
    let refused = asked(&mut browser, &op, "one-more@mail.example").await;
    assert_eq!(refused.error(), "MFA-113", "thirty from one place in an hour");
    op.advance(3601).await;
    let page = asked(&mut browser, &op, "one-more@mail.example").await;
    assert_eq!(page.error(), "");
}

/// Two letters to one address: the second finds the account made, and makes no other.
#[tokio::test]
async fn one_address_becomes_one_account() {
    for database in [Database::Sqlite, Database::Postgres] {
        let op = Op::with(database, OPEN_POOL).await;
        let mut browser = Browser::new(&op);
        let mut pages = Vec::new();
        for _ in 0..3 {
            asked(&mut browser, &op, ANAS_ADDRESS).await;
            let link = letter(&op, ANAS_ADDRESS).await["link"].as_str().unwrap().to_owned();
            pages.push(browser.get(&link).await);
        }
        let mut finishing = tokio::task::JoinSet::new();
        for page in pages.iter().cloned().chain([pages[0].clone()]) {
            let mut twin = browser.clone();
            finishing.spawn(async move { twin.submit(&page, &[("password", ANA.password)]).await });
        }
        for page in finishing.join_all().await {
            assert!(
                ["sign-in", "register"].contains(&page.id().as_str()),
                "{} {}",
                page.status,
                page.text()
            );
        }
        assert_eq!(op.audit("account.created").await.len(), 1);
        Browser::new(&op).tokens(&BASIC.ask(), &ANA).await;
    }
}

/// A form of another site's, or of another browser's, begins nothing.
#[tokio::test]
async fn forms_without_their_anti_forgery_value_begin_nothing() {
    let op = start().await;
    let mut browser = Browser::new(&op);
    let page = browser.get(&op.url("/register-account")).await;
    let others = Browser::new(&op).get(&op.url("/register-account")).await.csrf();
    assert_ne!(others, page.csrf());
    for csrf in [others.as_str(), "", "nonsense"] {
        let mut fields = answer(ANAS_ADDRESS, "Ana").to_vec();
        fields.push(("csrf", csrf));
        assert_eq!(browser.submit(&page, &fields).await.status, 400);
    }
    let elsewhere = browser
        .post_from_elsewhere(&op.url("/register-account"), &answer(ANAS_ADDRESS, "Ana"))
        .await;
    assert_eq!(elsewhere.status, 400);
    assert!(op.outbox(ANAS_ADDRESS).await.is_empty());
    // The name of a letter alone proves nothing.
    let waiting = asked(&mut browser, &op, ANAS_ADDRESS).await;
    let guessed = browser.get(&format!("{}/guessed", waiting.url)).await;
    assert!(guessed.text().contains("no longer of use"), "{}", guessed.text());
}
