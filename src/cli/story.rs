//! `demo --check`: the story of the demo, played over HTTP as a browser would, each step checked.

mod browser;
mod push;
mod registry;

use serde_json::Value;

use self::browser::{Browser, Screen};
use super::Failure;
use super::demo::{Person, Stage};
use crate::base::{Clock, SystemClock};
use crate::factors::totp::Seed;
use crate::protocol::params::encode;

const EPCS: &str = "urn:countersign:acr:epcs";

/// Plays it; the first thing that does not hold is the failure.
pub async fn tell(stage: &Stage) -> Result<(), Failure> {
    let person = stage
        .users
        .iter()
        .find(|p| p.role == "prescriber")
        .ok_or_else(|| Failure::new("the demo has no prescriber"))?;
    let mut browser = Browser::new()?;
    sign_in(&mut browser, stage, person).await?;
    sms_is_refused(&mut browser, stage, person).await?;
    sms_is_refused_where_it_would_do(&mut browser, stage).await?;
    step_up(&mut browser, stage, person).await?;
    nothing_was_sent(&mut browser, stage).await?;
    let phone = push::tell(&mut browser, stage, person).await?;
    registry::tell(stage, person, &phone).await?;
    println!("The story held.");
    Ok(())
}

/// Walks the pages until the browser is back at the partner.
async fn walk(browser: &mut Browser, stage: &Stage, screen: Screen, person: &Person) -> Result<Screen, Failure> {
    walk_until(browser, person, screen, |screen| screen.url.starts_with(&stage.partner)).await
}

/// Answers the pages of a sign-in until the browser is where it should be.
async fn walk_until(
    browser: &mut Browser,
    person: &Person,
    mut screen: Screen,
    arrived: impl Fn(&Screen) -> bool,
) -> Result<Screen, Failure> {
    const MOST_PAGES: usize = 12;
    for _ in 0..MOST_PAGES {
        if arrived(&screen) {
            return Ok(screen);
        }
        screen = match screen.page().as_str() {
            "sign-in" => {
                browser
                    .submit(
                        &screen,
                        &[("username", &person.username), ("password", &person.password)],
                    )
                    .await?
            }
            "verify-password" => browser.submit(&screen, &[("password", &person.password)]).await?,
            "choose-method" => browser.submit(&screen, &[("method", "totp")]).await?,
            "verify-totp" => browser.submit(&screen, &[("code", &code(person)?)]).await?,
            "consent" => browser.submit(&screen, &[("action", "allow")]).await?,
            other => {
                return Err(Failure(format!(
                    "an unexpected page: {other} at {} ({})",
                    screen.url,
                    screen.error()
                )));
            }
        };
    }
    Err(Failure::new("the pages lead nowhere"))
}

fn code(person: &Person) -> Result<String, Failure> {
    let secret = person.totp_secret.as_deref().unwrap_or_default();
    let seed = Seed::parse(secret).map_err(|e| Failure(e.to_string()))?;
    seed.code_at(SystemClock::default().now())
        .ok_or_else(|| Failure::new("no code can be made"))
}

async fn claims(browser: &mut Browser, stage: &Stage, part: &str) -> Result<Value, Failure> {
    let screen = browser.get(&format!("{}/claims", stage.partner)).await?;
    let all: Value = serde_json::from_str(&screen.body)?;
    Ok(all.get(part).cloned().unwrap_or_default())
}

fn show(what: &str, claims: &Value) {
    println!(
        "{what}: acr {}, amr {}, auth_time {}",
        claims["acr"], claims["amr"], claims["auth_time"]
    );
}

async fn sign_in(browser: &mut Browser, stage: &Stage, person: &Person) -> Result<(), Failure> {
    let screen = browser.get(&format!("{}/login", stage.partner)).await?;
    let home = walk(browser, stage, screen, person).await?;
    must(
        home.page() == "clinic-prescriptions",
        "after signing in the partner shows the prescriptions",
    )?;
    let claims = claims(browser, stage, "sign_in").await?;
    show("Signed in", &claims);
    must(
        claims["acr"].as_str().is_some_and(|acr| acr != EPCS),
        "a plain sign-in never says epcs",
    )?;
    must(has(&claims, "pwd") && !has(&claims, "sms"), "amr says what was used")
}

/// The chooser does not offer it, says why, and its endpoint refuses it.
async fn sms_is_refused(browser: &mut Browser, stage: &Stage, person: &Person) -> Result<(), Failure> {
    let mut screen = ask_to_sign(browser, stage).await?;
    must(screen.page() == "verify-password", "signing asks for the password anew")?;
    screen = browser.submit(&screen, &[("password", &person.password)]).await?;
    must(screen.page() == "choose-method", "the second factor can be chosen")?;
    let offered = screen.choices("method");
    println!("Offered for signing: {}", offered.join(", "));
    must(offered.iter().any(|m| m == "totp"), "a code generator is offered")?;
    must(
        !offered.iter().any(|m| m == "sms" || m == "voice"),
        "a text message or call is not offered to a prescriber",
    )?;
    must(
        screen.body.contains("data-refused=\"sms\""),
        "the chooser says why a text message is missing",
    )?;
    let refused = browser.submit(&screen, &[("method", "sms")]).await?;
    println!(
        "A text message all the same: HTTP {}, {}",
        refused.status,
        refused.error()
    );
    must(
        (400..500).contains(&refused.status),
        "the endpoint of the text message answers 4xx",
    )?;
    must(refused.error() == "MFA-150", "the refusal names its code")
}

/// Two factors are asked, for which a text message would be enough: it is the policy for prescribers that refuses it.
async fn sms_is_refused_where_it_would_do(browser: &mut Browser, stage: &Stage) -> Result<(), Failure> {
    let query = [
        ("client_id", "cedar-ehr"),
        ("redirect_uri", &format!("{}/callback", stage.partner)),
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("acr_values", "urn:countersign:acr:mfa"),
    ];
    let screen = browser
        .get(&format!("{}/authorize?{}", stage.issuer, encode(query)))
        .await?;
    must(screen.page() == "choose-method", "a second factor is asked for")?;
    let offered = screen.choices("method");
    must(offered.iter().any(|m| m == "totp"), "a code generator is offered")?;
    must(
        !offered.iter().any(|m| m == "sms" || m == "voice"),
        "the policy for prescribers refuses the telephone",
    )?;
    let refused = browser.submit(&screen, &[("method", "sms")]).await?;
    must(
        refused.status == 403 && refused.error() == "MFA-150",
        "and so does the endpoint",
    )
}

async fn step_up(browser: &mut Browser, stage: &Stage, person: &Person) -> Result<(), Failure> {
    let screen = ask_to_sign(browser, stage).await?;
    let signed = walk(browser, stage, screen, person).await?;
    must(
        signed.page() == "clinic-signed",
        &format!("the partner accepts the step-up ({})", signed.error()),
    )?;
    let claims = claims(browser, stage, "signing").await?;
    show("Signed prescriptions", &claims);
    must(
        has(&claims, "pwd") && has(&claims, "otp") && has(&claims, "mfa"),
        "amr says password, code generator, two factors",
    )?;
    says_epcs(&claims)
}

fn says_epcs(claims: &Value) -> Result<(), Failure> {
    must(claims["acr"] == EPCS, "the ID token says epcs")?;
    must(
        !has(claims, "sms") && !has(claims, "tel"),
        "amr says nothing of a telephone",
    )?;
    let auth_time = claims["auth_time"].as_i64().unwrap_or(0);
    must(
        (SystemClock::default().now().secs() - auth_time).abs() <= 120,
        "auth_time is of this signing",
    )
}

async fn ask_to_sign(browser: &mut Browser, stage: &Stage) -> Result<Screen, Failure> {
    let home = browser.get(&format!("{}/", stage.partner)).await?;
    browser.submit(&home, &[]).await
}

async fn nothing_was_sent(browser: &mut Browser, stage: &Stage) -> Result<(), Failure> {
    let outbox = browser.get(&stage.outbox).await?;
    let messages: Vec<Value> = serde_json::from_str(&outbox.body)?;
    must(messages.is_empty(), "no message left the house")
}

fn has(claims: &Value, method: &str) -> bool {
    claims["amr"]
        .as_array()
        .is_some_and(|amr| amr.iter().any(|m| m == method))
}

fn must(holds: bool, what: &str) -> Result<(), Failure> {
    if holds {
        Ok(())
    } else {
        Err(Failure(format!("the story does not hold: {what}")))
    }
}
