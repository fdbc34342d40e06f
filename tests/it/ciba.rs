//! CIBA: a partner asks for a person, and the person answers on their phone.

use countersign::base::{Entropy, SystemEntropy};
use serde_json::{Value, json};

use crate::enrolment::KIM;
use crate::harness::{Database, Op};
use crate::partner_site::Site;
use crate::push::paired;
use crate::races::DATABASES;
use crate::relying_party::{AAL2, Auth, BASIC, ONE, Reply, Rp, Tokens, basic, rp_of};
use crate::software_phone::{DENY, NOT_ME, Phone, Say, approve};
use crate::workspace::{LEE, partner_key};

pub const CIBA: &str = "urn:openid:params:grant-type:ciba";
pub static TILL: Rp = basic("till", "");
pub static TAPPING: Rp = basic("tapping-till", "");
pub static SIGNING: Rp = basic("signing-till", "");
pub static OTHER: Rp = basic("other-till", "");
pub static PINGED: Rp = basic("pinged", "");
pub static SIGNED: Rp = rp_of("signed-till", "", Auth::Key);
pub static FAPI: Rp = rp_of("fapi-till", "", Auth::Bound);

/// Partners of these stories, and people. `ping`: where one of them is told.
pub fn partners(ping: &str) -> String {
    let key = partner_key();
    let keys = format!(
        r#"jwks = {{ keys = [{{ kty = "EC", crv = "P-256", x = "{}", y = "{}", kid = "partner-1" }}] }}"#,
        key.x, key.y
    );
    let secret = r#"client_secret = "secret-of-the-basic-client-0123456789""#;
    let grants = r#"grant_types = ["urn:openid:params:grant-type:ciba", "refresh_token"]"#;
    let scope = r#"scope = "openid profile offline_access evidence""#;
    format!(
        r#"{base}
[[policies]]
name = "tap"
allow_one_tap = true

[[clients]]
client_id = "till"
client_name = "Till 4"
client_uri = "https://till.example/"
{secret}
{grants}
{scope}

[[clients]]
client_id = "tapping-till"
{secret}
{grants}
{scope}
policies = ["tap"]

[[clients]]
client_id = "signing-till"
{secret}
{grants}
policies = ["epcs"]

[[clients]]
client_id = "other-till"
{secret}
{grants}

[[clients]]
client_id = "pinged"
{secret}
{grants}
backchannel_token_delivery_mode = "ping"
backchannel_client_notification_endpoint = "{ping}"

[[clients]]
client_id = "signed-till"
token_endpoint_auth_method = "private_key_jwt"
{keys}
{grants}
backchannel_authentication_request_signing_alg = "ES256"

[[clients]]
client_id = "fapi-till"
profile = "fapi2"
token_endpoint_auth_method = "private_key_jwt"
{keys}
{grants}
"#,
        base = crate::enrolment::PARTNERS
    )
}

pub async fn provider(database: Database) -> (Op, Phone) {
    let op = Op::with(database, &partners("https://unreached.example/ping")).await;
    let phone = paired(&op, &KIM).await;
    (op, phone)
}

/// What a partner holds that waits for an answer.
pub struct Asked {
    pub rp: &'static Rp,
    pub json: Value,
}

impl Asked {
    pub fn id(&self) -> &str {
        self.json["auth_req_id"].as_str().unwrap()
    }

    pub fn number(&self) -> &str {
        self.json["stepup_match_code"]
            .as_str()
            .unwrap_or_else(|| panic!("no number to be shown: {}", self.json))
    }

    pub async fn poll(&self, op: &Op) -> Reply {
        poll(op, self.rp, self.id()).await
    }
}

pub async fn poll(op: &Op, rp: &Rp, id: &str) -> Reply {
    rp.token(op, &[("grant_type", CIBA), ("auth_req_id", id)]).await
}

impl Rp {
    pub async fn asks_raw(&self, op: &Op, fields: &[(&str, &str)]) -> Reply {
        let base = [("scope", "openid"), ("login_hint", "kim")];
        let kept = base.into_iter().filter(|(n, _)| !fields.iter().any(|(m, _)| n == m));
        let all: Vec<(&str, &str)> = kept.chain(fields.iter().copied()).collect();
        self.call(op, "/bc-authorize", &all).await
    }

    /// For Kim, unless the fields say another.
    pub async fn asks(&'static self, op: &Op, fields: &[(&str, &str)]) -> Asked {
        let reply = self.asks_raw(op, fields).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        assert_eq!(reply.headers["cache-control"], "no-store");
        let asked = Asked {
            rp: self,
            json: reply.json,
        };
        op.secret("an auth_req_id", asked.id());
        asked
    }
}

pub fn by_pin(number: &str) -> Say<'_> {
    Say {
        unlock: "pin",
        ..approve(number)
    }
}

#[tokio::test]
async fn a_partner_asks_without_a_browser_and_the_person_approves_on_the_phone() {
    for database in DATABASES {
        let (op, phone) = provider(database).await;
        let asked = TILL
            .asks(
                &op,
                &[
                    ("scope", "openid profile offline_access"),
                    ("binding_message", "Till 4, W4SCT"),
                ],
            )
            .await;
        assert!(asked.id().len() >= 27, "160 bits");
        assert_eq!(
            (&asked.json["interval"], &asked.json["expires_in"]),
            (&5.into(), &300.into())
        );
        asked.poll(&op).await.refused(400, "authorization_pending");
        let request = phone.waiting().await.remove(0);
        let (heard, context) = phone.look(&request).await;
        assert_eq!(heard.body["number_digits"], 6);
        assert_eq!(context["partner"]["name"], "Till 4");
        assert_eq!(
            (&context["message"], &context["account"]),
            (&json!("Till 4, W4SCT"), &json!("kim"))
        );
        assert!(context["ip"].is_null() && context["browser"].is_null());
        assert!(
            !context.to_string().contains(asked.number()),
            "it is carried by a person"
        );
        assert_eq!(
            phone.answer(&request, by_pin(asked.number())).await.body["status"],
            "approved"
        );
        let tokens = Tokens::of(&op, &TILL, asked.poll(&op).await).await;
        assert_eq!(tokens.json["scope"], "offline_access openid profile");
        assert!(tokens.id.get("sid").is_none() && tokens.access.get("sid").is_none());
        assert!(
            tokens.amr().contains(&"pin") && tokens.amr().contains(&"mca"),
            "{:?}",
            tokens.amr()
        );
        asked.poll(&op).await.refused(400, "invalid_grant");
        let renewed = Tokens::of(&op, &TILL, TILL.refresh(&op, tokens.refresh_token()).await).await;
        assert_eq!(
            (renewed.acr(), &renewed.id["auth_time"]),
            (tokens.acr(), &tokens.id["auth_time"])
        );
        again_by_the_id_token(&op, &phone, &tokens).await;
        assert_eq!(op.audit("ciba.started").await.len(), 2);
        assert_eq!(op.audit("consent.granted").await.len(), 2);
    }
}

/// By the ID token as well, and a phone that says how it was unlocked is two factors.
async fn again_by_the_id_token(op: &Op, phone: &Phone, tokens: &Tokens) {
    let hint = tokens.id_token().to_owned();
    let fields = [
        ("login_hint", ""),
        ("id_token_hint", hint.as_str()),
        ("acr_values", AAL2),
    ];
    let asked = TILL.asks(op, &fields).await;
    assert_eq!(phone.answer_the_one(by_pin(asked.number())).await.status, 200);
    let again = Tokens::of(op, &TILL, asked.poll(op).await).await;
    assert_eq!((again.acr(), &again.id["sub"]), (AAL2, &tokens.id["sub"]));
}

#[tokio::test]
async fn a_name_may_be_an_address_and_a_tap_enough_where_the_client_says_so() {
    let (op, phone) = provider(Database::Sqlite).await;
    let fields = [
        ("login_hint", "Kim@Mail.example"),
        ("acr_values", ONE),
        ("requested_expiry", "30"),
    ];
    let asked = TAPPING.asks(&op, &fields).await;
    assert!(asked.json.get("stepup_match_code").is_none(), "{}", asked.json);
    assert_eq!(asked.json["expires_in"], 30);
    let tap = Say {
        number: None,
        ..approve("")
    };
    assert_eq!(phone.answer_the_one(tap).await.status, 200);
    let tokens = Tokens::of(&op, &TAPPING, asked.poll(&op).await).await;
    assert_eq!(tokens.acr(), ONE);
    // A number was never refused to whoever wants more.
    let teach = TILL.asks(&op, &[]).await;
    phone.answer_the_one(by_pin(teach.number())).await;
    let asked = TAPPING.asks(&op, &[("acr_values", AAL2)]).await;
    asked.number();
}

#[tokio::test]
async fn a_no_on_the_phone_is_a_no_to_the_partner() {
    for (say, event) in [(DENY, 1), (NOT_ME, 1)] {
        let (op, phone) = provider(Database::Sqlite).await;
        let asked = TILL.asks(&op, &[]).await;
        phone.answer_the_one(say).await;
        asked.poll(&op).await.refused(400, "access_denied");
        assert_eq!(op.audit("auth.push.denied").await.len(), event);
        asked.poll(&op).await.refused(400, "access_denied");
    }
}

#[tokio::test]
async fn a_client_in_ping_mode_is_told_and_comes_for_its_tokens() {
    let site = Site::start().await;
    let op = site.provider(&partners(&site.url("/ping"))).await;
    let phone = paired(&op, &KIM).await;
    let token = "8d67dc78-7faa-4d41-aabd-67707b374255";
    op.secret("a client_notification_token", token);
    PINGED.asks_raw(&op, &[]).await.refused(400, "invalid_request");
    for say in ["approve", "deny"] {
        let asked = PINGED.asks(&op, &[("client_notification_token", token)]).await;
        let told = site.asked().iter().filter(|path| *path == "/ping").count();
        let say = if say == "approve" { by_pin(asked.number()) } else { DENY };
        phone.answer_the_one(say).await;
        let heard = site.heard("/ping", told + 1).await;
        let last = heard.last().unwrap();
        assert!(last.starts_with("POST "), "{last}");
        assert!(
            last.to_lowercase().contains(&format!("authorization: bearer {token}")),
            "{last}"
        );
        let (_, body) = last.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body, json!({ "auth_req_id": asked.id() }));
        let reply = asked.poll(&op).await;
        if say.decision == "approve" {
            Tokens::of(&op, &PINGED, reply).await;
        } else {
            reply.refused(400, "access_denied");
        }
    }
}

/// A signed request with these claims in place of the right ones; `null` leaves one out.
pub async fn signed(op: &Op, client: &str, other: Value) -> String {
    let now = op.now().await.secs();
    let mut claims = json!({
        "iss": client, "aud": op.issuer, "scope": "openid", "login_hint": "kim", "binding_message": "Till 4",
        "requested_expiry": 120, "exp": now + 300, "nbf": now, "iat": now, "jti": SystemEntropy.token()
    });
    for (name, value) in other.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, v| !v.is_null());
    crate::relying_party::sign_assertion(&claims)
}

#[tokio::test]
async fn signed_requests_are_taken_and_under_fapi_nothing_else() {
    let (op, phone) = provider(Database::Sqlite).await;
    for rp in [&SIGNED, &FAPI] {
        let jws = signed(&op, rp.id, json!({})).await;
        let reply = rp.call(&op, "/bc-authorize", &[("request", &jws)]).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        assert_eq!(reply.json["expires_in"], 120);
        let asked = Asked { rp, json: reply.json };
        assert_eq!(phone.answer_the_one(by_pin(asked.number())).await.status, 200);
        let reply = asked.poll(&op).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        let bound = rp.id == "fapi-till";
        assert_eq!(reply.json["token_type"], if bound { "DPoP" } else { "Bearer" });
        rp.asks_raw(&op, &[]).await.refused(400, "invalid_request");
    }
    // Somebody who never heard of it.
    BASIC.asks_raw(&op, &[]).await.refused(400, "unauthorized_client");
}

#[tokio::test]
async fn somebody_without_a_phone_is_not_told_apart_from_nobody() {
    let (op, _) = provider(Database::Sqlite).await;
    let nobody = TILL.asks_raw(&op, &[("login_hint", "nobody-of-that-name")]).await;
    let without = TILL.asks_raw(&op, &[("login_hint", LEE.username)]).await;
    nobody.refused(400, "unknown_user_id");
    assert_eq!((without.status, &without.json), (nobody.status, &nobody.json));
}

/// Which pool somebody is of is known only once they are: the default one need not take phones.
#[tokio::test]
async fn another_pool_may_be_the_one_that_begins_with_phones() {
    let (op, phone) = provider(Database::Sqlite).await;
    op.files.write(
        "pools.toml",
        "[[pools]]\nname = \"default\"\nfirst_factor = [\"password\"]\nsecond_factor = [\"totp\"]\n\
         [[pools]]\nname = \"doctors\"\nfirst_factor = [\"password\", \"push\"]\nsecond_factor = [\"totp\", \"push\"]\n\
         [[users]]\nusername = \"kim\"\npool = \"doctors\"\n",
    );
    op.files.run_ok(&["apply", "pools.toml"]);
    let asked = TILL.asks(&op, &[]).await;
    assert_eq!(phone.answer_the_one(approve(asked.number())).await.status, 200);
    Tokens::of(&op, &TILL, asked.poll(&op).await).await;
    // And where none does, nobody is looked up.
    op.files.write(
        "none.toml",
        "[[pools]]\nname = \"doctors\"\nfirst_factor = [\"password\"]\nsecond_factor = [\"totp\"]\n",
    );
    op.files.run_ok(&["apply", "none.toml"]);
    TILL.asks_raw(&op, &[]).await.refused(403, "access_denied");
}
