//! An API finds the proof too weak, says so (RFC 9470), and opens to the token that comes back.

use super::browser::Browser;
use super::push::number;
use super::{claims, has, must, show, walk, walk_until};
use crate::cli::Failure;
use crate::cli::authenticator::message::Unlock;
use crate::cli::authenticator::phone::Phone;
use crate::cli::demo::{Person, Stage};

pub async fn tell(stage: &Stage, person: &Person, phone: &Phone) -> Result<(), Failure> {
    // Another browser: in the first one enough has been proved.
    let mut browser = Browser::new()?;
    let screen = browser.get(&format!("{}/login", stage.partner)).await?;
    walk(&mut browser, stage, screen, person).await?;
    let signed_in = claims(&mut browser, stage, "sign_in").await?;
    show("Signed in elsewhere", &signed_in);
    must(!has(&signed_in, "mfa"), "with the password alone")?;
    let screen = browser.get(&format!("{}/history", stage.partner)).await?;
    let waits = |screen: &super::browser::Screen| matches!(screen.page().as_str(), "choose-method" | "verify-push");
    let mut screen = walk_until(&mut browser, person, screen, waits).await?;
    if screen.page() == "choose-method" {
        screen = browser.press(&screen, "method", "push").await?;
    }
    must(screen.page() == "verify-push", "the registry asks for a second factor")?;
    let asked = phone.open_only().await?;
    phone.approve(&asked, Some(number(&screen)?), Unlock::None).await?;
    let screen = browser.get(&screen.url).await?;
    let history = walk(&mut browser, stage, screen, person).await?;
    must(
        history.page() == "clinic-history",
        &format!("the registry opens after the step-up ({})", history.error()),
    )?;
    println!("The registry opened to a token with the acr that it had asked for.");
    Ok(())
}
