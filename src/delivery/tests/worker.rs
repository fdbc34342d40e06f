//! The outbox, emptied.

use std::collections::BTreeMap;
use std::io;

use tracing_subscriber::fmt::MakeWriter;

use super::*;

const LIFETIME: Seconds = Seconds::minutes(5);

/// Of each audit record about messages: event, carrier and reason.
async fn told(house: &House) -> Vec<(String, String, String)> {
    let records = house.audit().await;
    let read = |body: &String| {
        let record: serde_json::Value = serde_json::from_str(body).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        (
            text(&record["event"]),
            text(&record["detail"]["carrier"]),
            text(&record["reason"]),
        )
    };
    records.iter().map(read).collect()
}

fn line(event: &str, carrier: &str, reason: &str) -> (String, String, String) {
    (event.into(), carrier.into(), reason.into())
}

#[tokio::test]
async fn what_stays_in_the_outbox_is_sent_at_once() {
    let house = House::new().await;
    let node = house.node(&house.store, &Delivery::default(), Timeouts::default());
    let text = house.enqueue(&message(Channel::Sms, NUMBER), LIFETIME).await;
    let mail = house
        .enqueue(&message(Channel::Email, "rivera@cedar.example"), LIFETIME)
        .await;
    house.until(&text, "sent").await;
    house.until(&mail, "sent").await;
    node.stop().await;
    let expected = [
        line("auth.sms.sent", "outbox", ""),
        line("notification.sent", "outbox", ""),
    ];
    assert_eq!(told(&house).await, expected);
    let shown = crate::delivery::sandbox::messages(&house.store, &house.sealer, Some(NUMBER))
        .await
        .unwrap();
    assert_eq!(shown[0].code.as_deref(), Some(CODE));
    assert!(house.audit().await[0].contains("\"to_ending\":\"801\""));
    assert!(!house.audit().await[1].contains("rivera"));
}

/// Where nobody looks into the outbox, a message that stays there was not sent, and the log says so.
#[tokio::test]
async fn outside_the_sandbox_nothing_is_called_sent_that_stays() {
    let house = House::new().await;
    let carriers = carriers(&Delivery::default(), Timeouts::default());
    let node = house.node_of(&house.store, carriers.without_outbox());
    let mail = house
        .enqueue(&message(Channel::Email, "rivera@cedar.example"), LIFETIME)
        .await;
    house.until(&mail, "failed").await;
    node.stop().await;
    let expected = [line("notification.failed", "none", "no carrier takes this channel")];
    assert_eq!(told(&house).await, expected);
}

#[tokio::test]
async fn what_fails_for_now_is_tried_again_and_what_fails_for_good_is_not() {
    let gateway = Gateway::start([say(500), say(201), say(400)]);
    let house = House::new().await;
    let node = house.node(&house.store, &twilio_at(&gateway.url), Timeouts::default());
    let text = house.enqueue(&message(Channel::Sms, NUMBER), LIFETIME).await;
    house.until(&text, "waiting").await;
    while gateway.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    house.until(&text, "waiting").await;
    // Not before its pause is over.
    house.wake.notify_one();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(gateway.seen().len(), 1);
    house.later(Seconds(3));
    assert_eq!(house.until(&text, "sent").await.attempts, 2);

    let call = house.enqueue(&message(Channel::Voice, NUMBER), LIFETIME).await;
    house.until(&call, "failed").await;
    house.later(Seconds(100));
    tokio::time::sleep(Duration::from_millis(200)).await;
    node.stop().await;
    assert_eq!(gateway.seen().len(), 3);
    let expected = [
        line("auth.sms.sent", "twilio", ""),
        line("auth.voice.undelivered", "twilio", "the carrier answered 400"),
    ];
    assert_eq!(told(&house).await, expected);
}

#[tokio::test]
async fn a_carrier_that_asks_for_a_pause_gets_it() {
    let busy = Say {
        header: Some(("Retry-After", "40")),
        ..say(429)
    };
    let gateway = Gateway::start([busy]);
    let house = House::new().await;
    let id = house.enqueue(&message(Channel::Sms, NUMBER), LIFETIME).await;
    let before = house.clock.now();
    let node = house.node(&house.store, &twilio_at(&gateway.url), Timeouts::default());
    let due = loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let row = house.row(&id).await;
        if row.state == "waiting" && row.attempts == 1 {
            let mut view = house.store.view().await.unwrap();
            break view.next_due((Queue::People, 16), before).await.unwrap().unwrap();
        }
    };
    assert!(due >= before.plus(Seconds(40)) && due < before.plus(Seconds(50)));
    house.later(Seconds(41));
    house.until(&id, "sent").await;
    node.stop().await;
}

#[tokio::test]
async fn out_of_time_is_the_end() {
    let busy = Say {
        header: Some(("Retry-After", "3600")),
        ..say(503)
    };
    let gateway = Gateway::start([busy]);
    let house = House::new().await;
    let old = house.enqueue(&message(Channel::Sms, NUMBER), LIFETIME).await;
    house.later(LIFETIME);
    let node = house.node(&house.store, &twilio_at(&gateway.url), Timeouts::default());
    house.until(&old, "expired").await;
    assert!(gateway.seen().is_empty());
    // A pause that ends too late is not waited for.
    let hopeless = house.enqueue(&message(Channel::Sms, NUMBER), LIFETIME).await;
    house.until(&hopeless, "expired").await;
    node.stop().await;
    let late = "the carrier answered 503; no time is left for another try";
    let expected = [
        line(
            "auth.sms.undelivered",
            "twilio",
            "its time ran out before a carrier took it",
        ),
        line("auth.sms.undelivered", "twilio", late),
    ];
    assert_eq!(told(&house).await, expected);
}

#[tokio::test]
async fn what_cannot_be_opened_is_given_up_and_holds_nobody_up() {
    let house = House::new().await;
    let foreign = house.enqueue(&message(Channel::Sms, NUMBER), LIFETIME).await;
    let push = house.enqueue(&message(Channel::Push, "device"), LIFETIME).await;
    let fine = house.enqueue(&message(Channel::Sms, NUMBER), LIFETIME).await;
    let mut tx = house.store.begin().await.unwrap();
    // A row under another id: the seal does not fit.
    let mut moved = house.row(&foreign).await;
    moved.id = MessageId::new("moved");
    tx.enqueue(&moved, Queue::People).await.unwrap();
    tx.commit().await.unwrap();
    let node = house.node(&house.store, &Delivery::default(), Timeouts::default());
    house.until(&moved.id, "failed").await;
    house.until(&push, "sent").await;
    house.until(&fine, "sent").await;
    node.stop().await;
    assert!(told(&house).await.contains(&line("auth.push.sent", "outbox", "")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_send_each_message_once() {
    let slow = Say {
        after: Duration::from_millis(30),
        ..say(201)
    };
    let gateway = Gateway::start(vec![slow; 50]);
    let house = House::new().await;
    let delivery = twilio_at(&gateway.url);
    let mut ids = Vec::new();
    for n in 0..50 {
        ids.push(
            house
                .enqueue(&message(Channel::Sms, &format!("+1415555{n:04}")), LIFETIME)
                .await,
        );
    }
    let second = house.elsewhere().await;
    let nodes = [
        house.node(&house.store, &delivery, Timeouts::default()),
        house.node(&second, &delivery, Timeouts::default()),
    ];
    for id in &ids {
        assert_eq!(house.until(id, "sent").await.attempts, 1);
    }
    for node in nodes {
        node.stop().await;
    }
    let mut times = BTreeMap::new();
    for seen in gateway.seen() {
        *times.entry(seen.form()[0].1.clone()).or_insert(0) += 1;
    }
    assert_eq!(times.len(), 50);
    assert!(times.values().all(|n| *n == 1), "{times:?}");
    assert_eq!(house.audit().await.len(), 50);
}

#[tokio::test]
async fn a_node_that_died_is_followed_when_its_lease_is_over() {
    let stuck = Say {
        after: Duration::from_secs(60),
        ..say(201)
    };
    let gateway = Gateway::start([stuck]);
    let house = House::new().await;
    let delivery = webhook_at(&gateway.url);
    let first = house.node(&house.store, &delivery, Timeouts::default());
    let id = house.enqueue(&message(Channel::Sms, NUMBER), LIFETIME).await;
    while gateway.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    first.kill().await;
    // Started again on what the first left behind.
    let again = house.elsewhere().await;
    let second = house.node(&again, &delivery, Timeouts::default());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(
        (house.row(&id).await.state.as_str(), gateway.seen().len()),
        ("sending", 1)
    );
    house.later(Seconds(61));
    assert_eq!(house.until(&id, "sent").await.attempts, 2);
    second.stop().await;
    let keys: Vec<String> = gateway
        .seen()
        .iter()
        .map(|s| s.header("idempotency-key").to_owned())
        .collect();
    assert_eq!(keys, [id.as_str(), id.as_str()]);
}

#[tokio::test]
async fn a_clock_that_is_moved_does_not_make_a_node_repeat_itself() {
    let slow = Say {
        after: Duration::from_millis(600),
        ..say(201)
    };
    let gateway = Gateway::start([slow]);
    let house = House::new().await;
    let node = house.node(&house.store, &twilio_at(&gateway.url), Timeouts::default());
    let id = house.enqueue(&message(Channel::Sms, NUMBER), LIFETIME).await;
    while gateway.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    house.later(Seconds(90));
    house.until(&id, "sent").await;
    node.stop().await;
    assert_eq!(gateway.seen().len(), 1);
}

#[tokio::test]
async fn a_node_that_is_told_to_stop_ends_what_it_began() {
    let slow = Say {
        after: Duration::from_millis(300),
        ..say(201)
    };
    let gateway = Gateway::start([slow]);
    let house = House::new().await;
    let node = house.node(&house.store, &twilio_at(&gateway.url), Timeouts::default());
    let id = house.enqueue(&message(Channel::Sms, NUMBER), LIFETIME).await;
    while gateway.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    node.stop().await;
    assert_eq!(house.row(&id).await.state, "sent");
}

/// Everything that this thread logs, whoever says it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// All outcomes, at the most talkative level: neither log nor audit nor `last_error` says what was sent, or to whom.
#[tokio::test]
async fn nothing_that_is_written_down_tells_what_was_sent_or_to_whom() {
    let log = Log::default();
    let subscriber = || {
        let all = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        tracing::Dispatch::new(all.with_ansi(false).with_writer(log.clone()).finish())
    };
    // With a single subscriber, tracing asks only the thread that meets a line first whether anybody wants it; that
    // may be another test's, which has none. The second one, never used, makes it ask both.
    let _second = subscriber();
    let guard = tracing::dispatcher::set_default(&subscriber());
    let repeats = |status| Say {
        body: format!("{{\"sid\": \"{NUMBER}\", \"code\": 21211, \"message\": \"{NUMBER} {CODE}\"}}"),
        ..say(status)
    };
    let late = Say {
        after: Duration::from_secs(5),
        ..say(201)
    };
    let gateway = Gateway::start([
        repeats(201),
        repeats(400),
        repeats(500),
        repeats(201),
        late,
        repeats(201),
    ]);
    let house = House::new().await;
    for delivery in [twilio_at(&gateway.url), webhook_at(&gateway.url)] {
        let node = house.node(&house.store, &delivery, impatient());
        for state in ["sent", "failed", "sent"] {
            let channel = if state == "failed" {
                Channel::Voice
            } else {
                Channel::Sms
            };
            let id = house.enqueue(&message(channel, NUMBER), LIFETIME).await;
            for _ in 0..200 {
                let row = house.row(&id).await;
                if ["sent", "failed"].contains(&row.state.as_str()) {
                    break;
                }
                // Until the pause before the next try is over.
                house.later(Seconds(1));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let ended = house.row(&id).await.state;
            assert!(["sent", "failed", "expired"].contains(&ended.as_str()), "{ended}");
        }
        node.stop().await;
    }
    drop(guard);
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("a message was sent") && logged.contains("a message was given up"));
    assert!(logged.contains("another try follows"));
    let written = format!("{logged}\n{}", house.audit().await.join("\n"));
    for secret in [CODE, NUMBER, &NUMBER[1..], TOKEN, SECRET, "Cedar & Sons"] {
        let found = written.lines().find(|line| line.contains(secret));
        assert_eq!(found, None, "{secret}");
    }
    assert!(written.contains("\"to_ending\":\"801\""));
}
