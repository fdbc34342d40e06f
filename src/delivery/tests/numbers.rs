//! What the outbox learns about numbers (S58).

use super::*;
use crate::base::encoding::base64url;
use crate::base::{AuthenticatorId, UserId};
use crate::model::authenticator::{FOUND_BY, Facts, UNDELIVERED};
use crate::model::user::Standing;
use crate::model::{Authenticator, AuthenticatorStatus, User, UserStatus};
use crate::policy::Method;

const LIFETIME: Seconds = Seconds::minutes(5);
const ANOTHER: &str = "+14155550802";

fn user(id: &str, now: Timestamp) -> User {
    User {
        id: UserId::new(id),
        pool: "default".into(),
        username: id.into(),
        email: None,
        email_verified: false,
        status: UserStatus::Active,
        groups: vec![],
        claims: serde_json::Map::new(),
        standing: Standing::default(),
        created_at: now,
        updated_at: now,
    }
}

fn lookup(house: &House, number: &str) -> String {
    base64url(&house.sealer.keyed_hash(FOUND_BY, number.as_bytes()).unwrap())
}

fn phone(house: &House, user: &User, method: Method, number: &str) -> Authenticator {
    Authenticator {
        id: AuthenticatorId::new(format!("{}-{}", user.id, method.as_str())),
        user: user.id.clone(),
        method,
        nickname: None,
        primary: false,
        status: AuthenticatorStatus::Active,
        secret: vec![],
        last_step: None,
        lookup: Some(lookup(house, number)),
        facts: Facts::default(),
        created_at: user.created_at,
        last_used_at: None,
    }
}

/// Rivera takes texts and calls at one number, Lee texts at another.
async fn two_owners(house: &House) {
    let now = house.clock.now();
    let (rivera, lee) = (user("rivera", now), user("lee", now));
    let mut tx = house.store.begin().await.unwrap();
    for owner in [&rivera, &lee] {
        assert!(tx.save_user(owner).await.unwrap());
    }
    for owned in [
        phone(house, &rivera, Method::Sms, NUMBER),
        phone(house, &rivera, Method::Voice, NUMBER),
        phone(house, &lee, Method::Sms, ANOTHER),
    ] {
        tx.save_authenticator(&owned).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// The counts of all that have this number.
async fn undelivered(house: &House, number: &str) -> Vec<u32> {
    let mut view = house.store.view().await.unwrap();
    let found = view.authenticators_found_by(&lookup(house, number)).await.unwrap();
    found.iter().map(|a| a.facts.undelivered).collect()
}

/// One message, until the worker is done with it; the clock moves over its pauses.
async fn send(house: &House, channel: Channel, state: &'static str) {
    let id = house.enqueue(&message(channel, NUMBER), LIFETIME).await;
    while !["sent", "failed"].contains(&house.row(&id).await.state.as_str()) {
        house.later(Seconds(1));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(house.row(&id).await.state, state);
}

#[tokio::test]
async fn s58_messages_that_a_carrier_refuses_for_a_number_are_counted_in_a_row() {
    let statuses = [400, 404, 401, 500, 401, 422];
    let gateway = Gateway::start(statuses.map(say));
    let house = House::new().await;
    two_owners(&house).await;
    let node = house.node(&house.store, &twilio_at(&gateway.url), Timeouts::default());
    send(&house, Channel::Sms, "failed").await;
    send(&house, Channel::Voice, "failed").await;
    assert_eq!(undelivered(&house, NUMBER).await, [2, 2], "by whichever channel");
    // That we are not let in, or that the carrier is out of order, says nothing about the number.
    send(&house, Channel::Sms, "failed").await;
    send(&house, Channel::Sms, "failed").await;
    assert_eq!(
        (undelivered(&house, NUMBER).await, gateway.seen().len()),
        (vec![2, 2], 5)
    );
    send(&house, Channel::Sms, "failed").await;
    assert_eq!(undelivered(&house, NUMBER).await, [UNDELIVERED, UNDELIVERED]);
    assert_eq!(undelivered(&house, ANOTHER).await, [0], "nobody else's");
    // One that is taken ends the row.
    send(&house, Channel::Sms, "sent").await;
    assert_eq!(undelivered(&house, NUMBER).await, [0, 0]);
    node.stop().await;
}
