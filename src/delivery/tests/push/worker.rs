//! The outbox, emptied to phones.

use super::webpush::{Browser, Place};
use super::*;
use crate::base::{AuthenticatorId, UserId};
use crate::model::authenticator::Facts;
use crate::model::user::Standing;
use crate::model::{Authenticator, AuthenticatorStatus, User, UserStatus};
use crate::policy::Method;

const LIFETIME: Seconds = Seconds::minutes(5);

/// Somebody with a phone that is reached there.
async fn phone(house: &House, name: &str, address: &PushAddress) -> AuthenticatorId {
    let (user, id, now) = (UserId::new(name), AuthenticatorId::new(name), house.clock.now());
    let mut tx = house.store.begin().await.unwrap();
    tx.save_user(&User {
        id: user.clone(),
        pool: "staff".to_owned(),
        username: name.to_owned(),
        email: None,
        email_verified: false,
        status: UserStatus::Active,
        groups: Vec::new(),
        claims: serde_json::Map::new(),
        standing: Standing::default(),
        created_at: now,
        updated_at: now,
    })
    .await
    .unwrap();
    tx.save_authenticator(&Authenticator {
        id: id.clone(),
        user,
        method: Method::Push,
        nickname: None,
        primary: false,
        status: AuthenticatorStatus::Active,
        secret: Vec::new(),
        last_step: None,
        lookup: None,
        facts: Facts::default(),
        created_at: now,
        last_used_at: None,
    })
    .await
    .unwrap();
    tx.save_push_address(&id, &address.hash(), b"sealed", now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    id
}

async fn has_address(house: &House, id: &AuthenticatorId) -> bool {
    house
        .store
        .view()
        .await
        .unwrap()
        .push_address(id)
        .await
        .unwrap()
        .is_some()
}

/// Event, carrier and reason of each record.
async fn told(house: &House) -> Vec<[String; 3]> {
    let read = |body: &String| {
        let record: Value = serde_json::from_str(body).unwrap();
        [&record["event"], &record["detail"]["carrier"], &record["reason"]]
            .map(|value| value.as_str().unwrap_or_default().to_owned())
    };
    house.audit().await.iter().map(read).collect()
}

fn open(place: &Place) -> Carriers {
    Post::open(&place.settings(), &place.outbound(), Timeouts::default()).carriers
}

#[tokio::test]
async fn a_dead_address_is_removed_and_a_busy_service_is_tried_again() {
    let place = Place::start(|call, n| match call.path.as_str() {
        "/gone" => say(410),
        _ if n == 0 => Say {
            header: Some(("Retry-After", "20")),
            ..say(429)
        },
        _ => say(201),
    })
    .await;
    let house = House::new().await;
    let url = place.service.url();
    let [busy, gone] = ["/busy", "/gone"].map(|path| Browser::at(&format!("{url}{path}")).address());
    let [ana, ben] = [phone(&house, "ana", &busy).await, phone(&house, "ben", &gone).await];
    let node = house.node_of(&house.store, open(&place));

    let later = house.enqueue(&push_to(Some(busy)), LIFETIME).await;
    while place.service.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let never = house.enqueue(&push_to(Some(gone)), LIFETIME).await;
    house.until(&never, "failed").await;
    assert!(!has_address(&house, &ben).await);
    house.until(&later, "waiting").await;
    assert!(has_address(&house, &ana).await);
    house.later(Seconds(21));
    assert_eq!(house.until(&later, "sent").await.attempts, 2);
    assert!(has_address(&house, &ana).await);
    node.stop().await;
    assert_eq!(
        told(&house).await,
        [
            ["auth.push.undelivered", "webpush", "the push service answered 410"],
            ["auth.push.sent", "webpush", ""],
        ]
    );
    let audit = house.audit().await.join("\n");
    assert!(!audit.contains(REQUEST) && !audit.contains("localhost") && !audit.contains("K3device"));
}

#[tokio::test]
async fn a_message_that_nobody_can_take_says_why() {
    let place = Place::start(|_, _| say(201)).await;
    let house = House::new().await;
    let node = house.node_of(&house.store, open(&place));
    let apns = |token: &str| {
        Some(PushAddress::Apns {
            token: token.to_owned(),
        })
    };
    let fcm = Some(PushAddress::Fcm { token: "t".to_owned() });
    let malformed = phone(&house, "ana", &apns("../x").unwrap()).await;
    for address in [None, apns(&"a1".repeat(32)), fcm, apns("../x")] {
        let id = house.enqueue(&push_to(address), LIFETIME).await;
        house.until(&id, "failed").await;
    }
    node.stop().await;
    assert!(!has_address(&house, &malformed).await);
    let wrong = "the address for messages is malformed: a token of APNs is 64 to 200 hexadecimal digits";
    assert_eq!(
        told(&house).await,
        [
            ["auth.push.undelivered", "push", "the device asks by itself"],
            ["auth.push.undelivered", "apns", "apns is not set up"],
            ["auth.push.undelivered", "fcm", "fcm is not set up"],
            ["auth.push.undelivered", "apns", wrong],
        ]
    );
    assert!(place.service.calls().is_empty());
}

/// Without `[delivery.push]` the sandbox shows what would have been sent.
#[tokio::test]
async fn in_the_sandbox_messages_are_looked_at_in_the_outbox() {
    let house = House::new().await;
    let node = house.node(&house.store, &Delivery::default(), Timeouts::default());
    let id = house.enqueue(&push_to(None), LIFETIME).await;
    house.until(&id, "sent").await;
    node.stop().await;
    let shown = crate::delivery::sandbox::messages(&house.store, &house.sealer, Some("K3device"));
    let shown = shown.await.unwrap();
    assert_eq!((shown[0].channel.as_str(), shown[0].body.as_str()), ("push", REQUEST));
    assert_eq!(told(&house).await, [["auth.push.sent", "outbox", ""]]);
}
