//! The signed webhook, verified as a receiver would.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::*;

/// The recipe of webhook.rs, from the receiver's side: only what arrived is used.
fn verified(seen: &Seen, secret: &str) -> bool {
    let signature = seen.header("countersign-signature");
    let (t, v1) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    assert_eq!(t, "1800000000");
    let tag: Vec<u8> = (0..v1.len() / 2)
        .map(|i| u8::from_str_radix(&v1[2 * i..2 * i + 2], 16).unwrap())
        .collect();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::verify(&key, format!("{t}.{}", seen.body).as_bytes(), &tag).is_ok()
}

#[tokio::test]
async fn a_message_is_posted_signed_and_named() {
    let gateway = Gateway::start([say(204)]);
    let outcome = hand_over(
        &webhook_at(&gateway.url),
        Timeouts::default(),
        &message(Channel::Voice, NUMBER),
    )
    .await;
    assert_eq!(outcome, Outcome::Delivered { reference: None });
    let mut seen = gateway.seen().remove(0);
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/hook?tenant=7"));
    assert_eq!(seen.header("content-type"), "application/json");
    assert_eq!(seen.header("idempotency-key"), "m1");
    assert_eq!(
        serde_json::from_str::<Value>(&seen.body).unwrap(),
        json!({
            "id": "m1", "channel": "voice", "to": NUMBER, "code": CODE,
            "body": format!("{CODE} is your <Cedar & Sons> code."),
            "at": "2027-01-15T07:59:50Z", "expires_at": "2027-01-15T08:04:50Z",
        })
    );
    assert!(verified(&seen, SECRET));
    assert!(!verified(&seen, "another secret"));
    seen.body.push(' ');
    assert!(!verified(&seen, SECRET));
}

#[tokio::test]
async fn a_message_without_a_code_has_no_such_member() {
    let gateway = Gateway::start([]);
    let mut notice = message(Channel::Sms, NUMBER);
    notice.code = None;
    hand_over(&webhook_at(&gateway.url), Timeouts::default(), &notice).await;
    let body: Value = serde_json::from_str(&gateway.seen()[0].body).unwrap();
    assert!(body.get("code").is_none());
}

#[tokio::test]
async fn gone_is_final_and_trouble_is_not() {
    let busy = Say {
        header: Some(("Retry-After", "3")),
        ..say(503)
    };
    let gateway = Gateway::start([say(410), say(422), busy, say(302)]);
    let delivery = webhook_at(&gateway.url);
    let text = message(Channel::Sms, NUMBER);
    let mut failures = Vec::new();
    for _ in 0..4 {
        failures.push(failure(hand_over(&delivery, Timeouts::default(), &text).await));
    }
    let permanent: Vec<bool> = failures.iter().map(|f| f.permanent).collect();
    assert_eq!(permanent, [true, true, false, true]);
    assert_eq!(failures[2].retry_after, Some(Seconds(3)));
}

#[tokio::test]
async fn a_letter_has_its_subject_and_its_html() {
    let gateway = Gateway::start([]);
    let hook = format!(
        "[email]\ntransport = \"webhook\"\nurl = \"{}/mail\"\nsecret = \"{SECRET}\"",
        gateway.url
    );
    let letter = Message {
        subject: Some("Your password was changed".to_owned()),
        html: Some("<p>It was</p>".to_owned()),
        ..message(Channel::Email, "m.rivera@cedar.example")
    };
    let outcome = hand_over(&toml::from_str(&hook).unwrap(), Timeouts::default(), &letter).await;
    assert_eq!(outcome, Outcome::Delivered { reference: None });
    let seen = gateway.seen().remove(0);
    assert!(verified(&seen, SECRET));
    let body: Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!(body["channel"], "email");
    assert_eq!(body["subject"], "Your password was changed");
    assert_eq!(body["html"], "<p>It was</p>");
}
