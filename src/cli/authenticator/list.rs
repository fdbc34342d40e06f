//! `authenticator list|remove`.

use serde_json::{Value, json};

use super::desk::{Desk, Seat, no_account};
use super::message::{DeviceState, Requests};
use super::safe::safe;
use super::show;
use super::trouble::Trouble;
use crate::cli::Failure;

pub async fn list(desk: &Desk) -> Result<(), Failure> {
    let mut all = Vec::new();
    for seat in desk.seats(None)? {
        let asked = ask(&seat).await;
        let username = asked.as_ref().ok().map(|(state, _)| state.account.username.clone());
        desk.remember(&seat, username.as_deref())?;
        if desk.json {
            all.push(as_json(&seat, &asked));
        } else {
            print(&seat, &asked);
        }
    }
    if desk.json {
        return desk.print_json(&all);
    }
    Ok(())
}

async fn ask(seat: &Seat) -> Result<(DeviceState, Requests), Trouble> {
    Ok((seat.phone.state().await?, seat.phone.requests().await?))
}

fn as_json(seat: &Seat, asked: &Result<(DeviceState, Requests), Trouble>) -> Value {
    let account = &seat.account;
    let mut value = json!({
        "account": account.device, "issuer": account.issuer, "workspace": account.workspace,
        "username": account.username, "name": account.name,
    });
    match asked {
        Ok((state, requests)) => {
            value["username"] = state.account.username.clone().into();
            value["nickname"] = state.nickname.clone().into();
            value["status"] = state.status.clone().into();
            value["requests"] = json!(requests.requests);
        }
        Err(trouble) => {
            value["status"] = "unknown".into();
            value["problem"] = trouble.to_string().into();
            value["requests"] = json!([]);
        }
    }
    value
}

fn print(seat: &Seat, asked: &Result<(DeviceState, Requests), Trouble>) {
    let mut account = seat.account.clone();
    let status = match asked {
        Ok((state, _)) => {
            state.account.username.clone_into(&mut account.username);
            let name = state.nickname.as_deref().unwrap_or(&account.name);
            format!("{}, {}", safe(name), safe(&state.status))
        }
        Err(trouble) => format!("{}, {trouble}", safe(&account.name)),
    };
    println!("{}  {}\n  {status}", safe(&account.device), show::account(&account));
    for waiting in asked
        .iter()
        .flat_map(|(_, list)| list.requests.iter().map(|w| (w, list.server_time)))
    {
        println!("  {}", show::waiting(waiting.0, waiting.1));
    }
}

pub async fn remove(desk: &Desk, device: &str, forget: bool) -> Result<(), Failure> {
    if forget {
        // Without its key, which may be damaged.
        if !desk.book.read()?.iter().any(|a| a.device == device) {
            return Err(no_account(device));
        }
    } else {
        for seat in desk.seats(Some(device))? {
            seat.phone.unregister().await.map_err(|trouble| match trouble {
                gone if gone.is("unregistered") => Failure(format!(
                    "the server does not know this device any more, or has suspended it (MFA-136): add --forget to forget {} here",
                    safe(device)
                )),
                other => Failure(other.to_string()),
            })?;
        }
    }
    desk.forget(device)?;
    let done = format!(
        "{} is {}",
        safe(device),
        if forget { "forgotten here" } else { "removed" }
    );
    if desk.json {
        return desk.print_json(&json!({ "done": done }));
    }
    println!("{done}");
    Ok(())
}
