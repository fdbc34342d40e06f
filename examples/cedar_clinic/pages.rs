//! HTML. Every value goes through a template, and handlebars escapes every `{{value}}`: names, nicknames and error
//! descriptions come from outside.

use handlebars::{Handlebars, RenderError, TemplateError};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{
    Error,
    browsers::{Session, Signing},
    chart::{PATIENT, PRACTICE, PRESCRIPTIONS},
    registry::Dispensed,
};

pub const STYLE: &str = include_str!("pages/clinic.css");
pub const ICON: &str = include_str!("pages/icon.svg");

/// 21 CFR 1311.140(a)(3), word for word; it stands above the button that signs.
const STATEMENT: &str = "By completing the two-factor authentication protocol at this time, you are legally signing \
    the prescription(s) and authorizing the transmission of the above information to the pharmacy for dispensing. \
    The two-factor authentication protocol may only be completed by the practitioner whose name and DEA registration \
    number appear above.";

pub struct Pages(Handlebars<'static>);

impl Pages {
    pub fn new() -> Result<Self, Error> {
        let mut templates = Handlebars::new();
        templates.set_strict_mode(true);
        let broken = |error: TemplateError| Box::new(error);
        for (name, text) in [
            ("layout", include_str!("pages/layout.hbs")),
            ("welcome", include_str!("pages/welcome.hbs")),
            ("prescriptions", include_str!("pages/prescriptions.hbs")),
            ("signed", include_str!("pages/signed.hbs")),
            ("history", include_str!("pages/history.hbs")),
            ("refused", include_str!("pages/refused.hbs")),
        ] {
            templates.register_template_string(name, text).map_err(broken)?;
        }
        Ok(Self(templates))
    }

    pub fn render(&self, template: &str, content: &Value) -> Result<String, RenderError> {
        self.0.render(template, content)
    }
}

pub fn welcome(farewell: bool) -> Value {
    json!({"page": "clinic-home", "title": "Welcome", "user": null, "farewell": farewell})
}

pub fn prescriptions(session: &Session, now: i64) -> Value {
    json!({
        "page": "clinic-prescriptions",
        "title": "Prescriptions",
        "user": session.name,
        "practice": PRACTICE,
        "patient": PATIENT,
        "prescriptions": PRESCRIPTIONS,
        "today": clock_time(now).get(..10),
        "signed_at": session.signing.as_ref().map(|signing| clock_time(signing.at)),
        "csrf": session.form_token.secret(),
        "statement": STATEMENT,
    })
}

pub fn signed(session: &Session) -> Value {
    let proof = session.signing.as_ref().map(|Signing { proof, at, .. }| {
        let evidence = proof.evidence.iter().map(|factor| {
            json!({
                "method": factor.method,
                "name": method_name(&factor.method),
                "nickname": factor.nickname,
                "at": factor.at,
                "at_text": clock_time(factor.at),
            })
        });
        json!({
            "acr": proof.acr,
            "amr": proof.amr.join(" "),
            "auth_time": proof.auth_time,
            "auth_time_text": clock_time(proof.auth_time),
            "sub": proof.sub,
            "at_text": clock_time(*at),
            "evidence": evidence.collect::<Vec<_>>(),
        })
    });
    json!({
        "page": "clinic-signed",
        "title": "Prescriptions signed",
        "user": session.name,
        "practice": PRACTICE,
        "patient": PATIENT,
        "prescriptions": PRESCRIPTIONS,
        "proof": proof,
    })
}

pub fn history(session: &Session, dispensed: &[Dispensed]) -> Value {
    json!({
        "page": "clinic-history",
        "title": "Dispensing history",
        "user": session.name,
        "patient": PATIENT,
        "dispensed": dispensed,
    })
}

pub fn refused(code: &str, reason: &str) -> Value {
    let (title, advice) = match code {
        "unmet_authentication_requirements" => (
            "Not signed: the proof that signing needs was not possible",
            "Signing a controlled substance needs your password and an approved second factor, such as a code \
             generator or a security key. A text message or a phone call is not accepted.",
        ),
        "access_denied" => (
            "Cancelled",
            "You stopped at the identity provider. Nothing was signed or changed.",
        ),
        "login_required" => (
            "Not signed: another account",
            "Sign in at the identity provider with the account that you use here, then try again.",
        ),
        "registry_failure" | "registry_rejected" | "registry_step_up" => (
            "The registry does not answer",
            "The dispensing history cannot be shown now. Nothing was changed.",
        ),
        "not_found" => ("Page not found", "Check the address, or start from the first page."),
        "signed_out" => ("Please sign in again", "Go back to the first page and sign in."),
        "provider_failure" => (
            "The identity provider is not available",
            "Nothing was signed. Try again in a minute.",
        ),
        _ => ("Refused", "Nothing was signed or changed. Go back and try again."),
    };
    json!({"page": "clinic-refused", "title": title, "user": null, "code": code, "reason": reason, "advice": advice})
}

fn method_name(method: &str) -> &str {
    match method {
        "password" => "Password",
        "totp" => "Code generator",
        "push" => "Phone approval",
        "webauthn" => "Security key or passkey",
        "sms" => "Text message",
        "voice" => "Phone call",
        "recovery_code" => "Recovery code",
        other => other,
    }
}

/// `2026-11-22 09:41:07 UTC`
fn clock_time(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).map_or_else(
        |_| seconds.to_string(),
        |t| {
            let (hour, minute, second) = t.to_hms();
            format!("{} {hour:02}:{minute:02}:{second:02} UTC", t.date())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKUP: &str = "<b onclick='x'>\"&";

    /// Puts markup wherever a string stands.
    fn infect(content: &mut Value) {
        match content {
            Value::String(text) => *text = MARKUP.into(),
            Value::Array(items) => items.iter_mut().for_each(infect),
            Value::Object(members) => members.values_mut().for_each(infect),
            _ => {}
        }
    }

    #[test]
    fn every_template_draws_and_escapes_everything() {
        let factor = json!({"method": "totp", "name": "Code generator", "nickname": "n", "at": 1, "at_text": "t"});
        let signed = json!({
            "page": "clinic-signed", "title": "t", "user": "u", "practice": PRACTICE, "patient": PATIENT,
            "prescriptions": PRESCRIPTIONS,
            "proof": {"acr": "a", "amr": "pwd otp", "auth_time": 1, "auth_time_text": "t", "sub": "s", "at_text": "t",
                      "evidence": [factor]},
        });
        let prescriptions = json!({
            "page": "clinic-prescriptions", "title": "t", "user": "u", "practice": PRACTICE, "patient": PATIENT,
            "prescriptions": PRESCRIPTIONS, "today": "2026-11-22", "signed_at": "t", "csrf": "c", "statement": "s",
        });
        let pages = Pages::new().unwrap();
        for (template, mut content) in [
            ("welcome", welcome(true)),
            ("refused", refused("access_denied", "no")),
            ("prescriptions", prescriptions),
            ("signed", signed),
            (
                "history",
                json!({"page": "clinic-history", "title": "t", "user": "u", "patient": PATIENT,
                    "dispensed": [{"drug": "d", "quantity": "q", "filled": "f", "pharmacy": "p"}]}),
            ),
        ] {
            infect(&mut content);
            let html = pages.render(template, &content).unwrap();
            assert!(
                !html.contains("<b onclick") && html.contains("&lt;b onclick"),
                "{template}: {html}"
            );
            assert!(
                !html.contains(MARKUP) && !html.contains("style=") && !html.contains("<script"),
                "{template}"
            );
        }
    }

    #[test]
    fn times_are_readable_and_never_fail() {
        assert_eq!(clock_time(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(clock_time(1_763_804_467), "2025-11-22 09:41:07 UTC");
        assert_eq!(clock_time(i64::MAX), i64::MAX.to_string());
    }
}
