//! Setting up a code generator: the secret is shown once, as a QR code and in letters, and counts only after a code of it
//! was typed (S85-S89).

use fast_qr::QRBuilder;
use fast_qr::convert::Builder;
use fast_qr::convert::svg::SvgBuilder;
use serde::{Deserialize, Serialize};

use super::{DIGITS, STEP_SECONDS, Seed, matching_step_of};
use crate::base::encoding::base32;
use crate::base::{Seconds, Secret};
use crate::factors::{Answer, Cx, Fresh, Kept, Person, Start, Wanted};
use crate::model::MfaCode;
use crate::model::authenticator::Facts;
use crate::policy::Proof;

/// RFC 4226 §4 recommends 160 bits.
const SEED_BYTES: usize = 20;
/// How long a secret that nobody has confirmed may be shown.
pub const LIFETIME: Seconds = Seconds::minutes(10);

/// What waits for the first code.
#[derive(Serialize, Deserialize)]
struct Pending {
    seed: Seed,
    account: String,
    /// It goes to another screen by link: the page that waits for its code never shows it.
    #[serde(default)]
    elsewhere: bool,
}

/// What the page shows.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Shown {
    /// In groups of four, as people copy it.
    pub secret: String,
    pub uri: String,
    /// The QR code of `uri`.
    pub svg: String,
}

pub(super) fn start(cx: &Cx<'_>, person: &Person<'_>, wanted: &Wanted) -> Result<Start, MfaCode> {
    let mut bytes = [0u8; SEED_BYTES];
    cx.entropy.fill(&mut bytes);
    let pending = Pending {
        seed: Seed {
            base32: Secret::new(base32(&bytes)),
        },
        account: person.username.to_owned(),
        elsewhere: matches!(wanted, Wanted::OnAnotherScreen),
    };
    let kept = serde_json::to_string(&pending).map_err(|_| MfaCode::SecretExpired)?;
    Ok(Start {
        kept: Kept(kept),
        lifetime: LIFETIME,
        send: None,
    })
}

pub(super) fn show(cx: &Cx<'_>, kept: &Kept) -> Option<Shown> {
    let pending: Pending = serde_json::from_str(&kept.0).ok()?;
    if pending.elsewhere {
        return None;
    }
    drawn(cx, &pending)
}

/// What the screen shows that the link leads to; nothing of a secret that was shown where it is set up.
pub fn on_another_screen(cx: &Cx<'_>, kept: &Kept) -> Option<Shown> {
    let pending: Pending = serde_json::from_str(&kept.0).ok()?;
    pending.elsewhere.then(|| drawn(cx, &pending)).flatten()
}

fn drawn(cx: &Cx<'_>, pending: &Pending) -> Option<Shown> {
    let secret = pending.seed.base32.expose();
    let uri = key_uri(&cx.site.name, &pending.account, secret);
    let code = QRBuilder::new(uri.as_str()).build().ok()?;
    let grouped: Vec<&str> = (0..secret.len())
        .step_by(4)
        .filter_map(|i| secret.get(i..(i + 4).min(secret.len())))
        .collect();
    Some(Shown {
        secret: grouped.join(" "),
        svg: SvgBuilder::default().margin(2).to_str(&code),
        uri,
    })
}

/// The "key URI" that authenticator apps read. What apps take for granted (SHA-1, 6 digits, 30 seconds) is said all the same.
fn key_uri(issuer: &str, account: &str, secret: &str) -> String {
    let encode = |text: &str| -> String {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        text.bytes()
            .map(|b| {
                if plain(b) {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect()
    };
    format!(
        "otpauth://totp/{}:{}?secret={secret}&issuer={}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}",
        encode(issuer),
        encode(account),
        encode(issuer)
    )
}

pub(super) fn finish(cx: &Cx<'_>, kept: &Kept, answer: &Answer) -> Result<Fresh, MfaCode> {
    let pending: Pending = serde_json::from_str(&kept.0).map_err(|_| MfaCode::SecretExpired)?;
    let Answer::Code(code) = answer else {
        return Err(MfaCode::CodeWrong);
    };
    let typed: Secret<String> = Secret::new(code.expose().chars().filter(|c| !c.is_whitespace()).collect());
    let step = matching_step_of(&pending.seed, cx.now, typed.expose()).ok_or(MfaCode::CodeWrong)?;
    let secret = serde_json::to_vec(&pending.seed).map_err(|_| MfaCode::SecretExpired)?;
    Ok(Fresh {
        secret: Secret::new(secret),
        facts: Facts::default(),
        found_by: None,
        // The code that confirmed it is spent (RFC 6238 §5.2).
        last_step: Some(step),
        proof: Some(Proof::default()),
        nickname: "Code generator".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{SystemEntropy, Timestamp, UserId};
    use crate::factors::Site;
    use crate::factors::webauthn::models::Models;

    #[test]
    fn s88_the_letters_and_the_qr_code_are_the_same_secret() {
        let site = Site {
            name: "Cedar Health ID".into(),
            issuer: "https://id.example".into(),
            host: "id.example".into(),
        };
        let models = Models::default();
        let cx = Cx {
            now: Timestamp::from_secs(59),
            entropy: &SystemEntropy,
            site: &site,
            models: &models,
        };
        let id = UserId::new("u");
        let person = Person {
            id: &id,
            username: "rivera@x",
            display_name: "Ana",
        };
        let started = start(&cx, &person, &Wanted::Nothing).unwrap();
        let shown = show(&cx, &started.kept).unwrap();
        let letters = shown.secret.replace(' ', "");
        assert_eq!(letters.len(), 32, "160 bits");
        assert!(
            shown.uri.contains(&format!("secret={letters}&")) && shown.uri.contains("Cedar%20Health%20ID:rivera%40x")
        );
        assert!(shown.svg.starts_with("<svg"));
        let code = Seed::parse(&letters).unwrap().code_at(cx.now).unwrap();
        let wrong = Answer::Code("000000".into());
        assert_eq!(finish(&cx, &started.kept, &wrong).err(), Some(MfaCode::CodeWrong));
        let fresh = finish(&cx, &started.kept, &Answer::Code(code.as_str().into())).unwrap();
        assert_eq!(fresh.last_step, Some(1));
        // A secret is shown on one screen, here or there.
        assert!(on_another_screen(&cx, &started.kept).is_none());
        let elsewhere = start(&cx, &person, &Wanted::OnAnotherScreen).unwrap();
        assert!(show(&cx, &elsewhere.kept).is_none() && on_another_screen(&cx, &elsewhere.kept).is_some());
    }
}
