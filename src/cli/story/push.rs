//! The same step-up by push: the terminal's authenticator is paired with the prescriber and approves.

use super::browser::{Browser, Screen};
use super::{ask_to_sign, claims, has, must, says_epcs, show, walk_until};
use crate::cli::Failure;
use crate::cli::authenticator::client::Means;
use crate::cli::authenticator::link::Link;
use crate::cli::authenticator::message::Unlock;
use crate::cli::authenticator::phone::{Begun, Phone};
use crate::cli::demo::{Person, Stage};

const NAME: &str = "Terminal";

/// Answers the phone, which goes on being one.
pub async fn tell(browser: &mut Browser, stage: &Stage, person: &Person) -> Result<Phone, Failure> {
    let phone = pair(browser, stage, person).await?;
    step_up(browser, stage, person, &phone).await?;
    Ok(phone)
}

/// On the account's own pages, after proving there what binding asks for.
async fn pair(browser: &mut Browser, stage: &Stage, person: &Person) -> Result<Phone, Failure> {
    let at = |page: &'static str| move |screen: &Screen| screen.page() == page;
    let security = format!("{}/account/security", stage.issuer);
    let screen = browser.get(&security).await?;
    let screen = walk_until(browser, person, screen, at("account-security")).await?;
    let screen = browser.press(&screen, "method", "push").await?;
    let mut screen = walk_until(browser, person, screen, |screen| screen.page().starts_with("enrol")).await?;
    if screen.page() == "enrol" {
        screen = browser.press(&screen, "method", "push").await?;
    }
    must(screen.page() == "enrol-push", "a phone can be paired")?;
    must(
        screen.marked("data-pairing-link").is_none(),
        "the link is hidden until it is revealed",
    )?;
    let screen = browser.press(&screen, "action", "reveal").await?;
    let link = screen.marked("data-pairing-link").unwrap_or_default();
    let link = Link::parse(&link, None)?;
    let Begun { phone, request, .. } = Phone::pair(&link, NAME, Means::of_the_system()).await?;
    let screen = browser.get(&screen.url).await?;
    let asked = phone.open(&request).await?;
    phone.approve(&asked, Some(number(&screen)?), Unlock::None).await?;
    let screen = browser.get(&screen.url).await?;
    must(
        screen.text_of("data-nickname") == Some(NAME),
        "the browser that began it says that the phone is paired",
    )?;
    println!("Paired the terminal's authenticator as {NAME}");
    let screen = browser.press(&screen, "action", "continue").await?;
    must(
        screen.page() == "account-security",
        "and then the account's pages go on",
    )?;
    Ok(phone)
}

async fn step_up(browser: &mut Browser, stage: &Stage, person: &Person, phone: &Phone) -> Result<(), Failure> {
    let screen = ask_to_sign(browser, stage).await?;
    let chooses = |screen: &Screen| matches!(screen.page().as_str(), "choose-method" | "verify-push");
    let mut screen = walk_until(browser, person, screen, chooses).await?;
    if screen.page() == "choose-method" {
        screen = browser.press(&screen, "method", "push").await?;
    }
    must(screen.page() == "verify-push", "the page waits for the phone")?;
    let number = number(&screen)?;
    let asked = phone.open_only().await?;
    let partner = asked.context.partner.as_ref().map_or("nobody", |p| p.name.as_str());
    println!("The phone shows: {partner} asks for {}", asked.context.account);
    must(
        asked.context.account == person.username,
        "the phone shows whose sign-in it is",
    )?;
    must(
        phone.approve(&asked, None, Unlock::None).await.is_err(),
        "approving takes the number that the browser shows",
    )?;
    phone.approve(&asked, Some(number), Unlock::None).await?;
    let signed = browser.get(&screen.url).await?;
    must(
        signed.page() == "clinic-signed",
        &format!("the partner accepts the step-up by push ({})", signed.error()),
    )?;
    let claims = claims(browser, stage, "signing").await?;
    show("Signed prescriptions by push", &claims);
    must(
        ["pwd", "swk", "user", "mca", "mfa"].iter().all(|m| has(&claims, m)),
        "amr says password, a key in software, a person present, another channel, two factors",
    )?;
    must(!has(&claims, "otp"), "and nothing of the code generator")?;
    says_epcs(&claims)
}

pub fn number(screen: &Screen) -> Result<&str, Failure> {
    let number = screen.text_of("data-number").unwrap_or_default();
    must(
        number.len() == 6 && number.bytes().all(|b| b.is_ascii_digit()),
        &format!("the browser shows a number ({})", screen.page()),
    )?;
    Ok(number)
}
