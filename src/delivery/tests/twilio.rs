//! The carrier's REST API, as it is spoken.

use super::*;
use crate::base::encoding::base64;

fn fields(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_text_is_one_form_with_basic_authentication() {
    let gateway = Gateway::start([]);
    // A base with a path of its own, as compatible carriers have.
    let delivery = twilio_at(&format!("{}/api/", gateway.url));
    let outcome = hand_over(&delivery, Timeouts::default(), &message(Channel::Sms, NUMBER)).await;
    let reference = Some("SM5ca1ab1e".to_owned());
    assert_eq!(outcome, Outcome::Delivered { reference });
    let seen = &gateway.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("POST", "/api/2010-04-01/Accounts/AC1/Messages.json")
    );
    let basic = base64(format!("AC1:{TOKEN}").as_bytes());
    assert_eq!(seen.header("authorization"), format!("Basic {basic}"));
    assert_eq!(seen.header("content-type"), "application/x-www-form-urlencoded");
    let text = format!("{CODE} is your <Cedar & Sons> code.");
    assert_eq!(
        seen.form(),
        fields(&[("To", NUMBER), ("From", "+14155550100"), ("Body", &text)])
    );
}

#[tokio::test]
async fn a_text_may_come_from_a_messaging_service() {
    let gateway = Gateway::start([]);
    let settings = format!(
        "[sms]\ntransport = \"twilio\"\nbase_url = \"{}\"\naccount_sid = \"AC1\"\nauth_token = \"t\"\nmessaging_service_sid = \"MG7\"",
        gateway.url
    );
    let delivery: Delivery = toml::from_str(&settings).unwrap();
    hand_over(&delivery, Timeouts::default(), &message(Channel::Sms, NUMBER)).await;
    let form = gateway.seen()[0].form();
    assert_eq!(form[1], ("MessagingServiceSid".to_owned(), "MG7".to_owned()));
    assert!(form.iter().all(|(name, _)| name != "From"));
}

#[tokio::test]
async fn a_call_says_its_text_as_escaped_twiml() {
    let gateway = Gateway::start([]);
    hand_over(
        &twilio_at(&gateway.url),
        Timeouts::default(),
        &message(Channel::Voice, NUMBER),
    )
    .await;
    let seen = &gateway.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("POST", "/2010-04-01/Accounts/AC1/Calls.json")
    );
    let twiml = format!("<Response><Say>{CODE} is your &lt;Cedar &amp; Sons&gt; code.</Say></Response>");
    assert_eq!(
        seen.form(),
        fields(&[("To", NUMBER), ("From", "+14155550100"), ("Twiml", &twiml)])
    );
}

/// What the carrier says about a number repeats it.
fn refusal(status: u16, code: u32) -> Say {
    Say {
        body: format!("{{\"code\": {code}, \"message\": \"The number {NUMBER} with {CODE}\", \"status\": {status}}}"),
        ..say(status)
    }
}

#[tokio::test]
async fn answers_are_final_or_worth_another_try() {
    let busy = Say {
        header: Some(("Retry-After", "17")),
        ..refusal(429, 20429)
    };
    let moved = Say {
        header: Some(("Location", "/elsewhere")),
        ..say(307)
    };
    let gateway = Gateway::start([refusal(400, 21211), say(401), busy, say(500), moved, say(503)]);
    let delivery = twilio_at(&gateway.url);
    let text = message(Channel::Sms, NUMBER);
    let mut failures = Vec::new();
    for _ in 0..6 {
        failures.push(failure(hand_over(&delivery, Timeouts::default(), &text).await));
    }
    let permanent: Vec<bool> = failures.iter().map(|f| f.permanent).collect();
    assert_eq!(permanent, [true, true, false, false, true, false]);
    assert_eq!(failures[0].why, "the carrier answered 400 (error 21211)");
    assert_eq!(failures[1].why, "the carrier answered 401");
    assert_eq!(failures[2].retry_after, Some(Seconds(17)));
    // The redirect was not followed.
    assert_eq!(gateway.seen().len(), 6);
}

#[tokio::test]
async fn silence_and_a_closed_door_are_worth_another_try() {
    let late = Say {
        after: Duration::from_secs(5),
        ..say(201)
    };
    let gateway = Gateway::start([late]);
    let text = message(Channel::Sms, NUMBER);
    let silent = failure(hand_over(&twilio_at(&gateway.url), impatient(), &text).await);
    assert!(!silent.permanent);
    assert_eq!(silent.why, "the carrier did not answer in time");

    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let closed = failure(
        hand_over(
            &twilio_at(&format!("http://127.0.0.1:{port}")),
            Timeouts::default(),
            &text,
        )
        .await,
    );
    assert!(!closed.permanent);
    assert!(
        closed.why.starts_with("the carrier cannot be reached ("),
        "{}",
        closed.why
    );
    assert!(!closed.why.contains("AC1"), "{}", closed.why);
}

#[tokio::test]
async fn an_endless_answer_is_read_to_a_bound_and_believed() {
    let long = Say {
        body: "x".repeat(8 << 20),
        ..say(201)
    };
    let gateway = Gateway::start([long]);
    let outcome = hand_over(
        &twilio_at(&gateway.url),
        Timeouts::default(),
        &message(Channel::Sms, NUMBER),
    )
    .await;
    assert_eq!(outcome, Outcome::Delivered { reference: None });
}
