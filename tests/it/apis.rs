//! APIs that tokens are for: a shop that calls them, what each of them knows, and how they ask and exchange.

use serde_json::Value;

use crate::browser::Browser;
use crate::harness::{Database, Op};
use crate::relying_party::{AAL2, Ask, Reply, Rp, basic, verify};
use crate::workspace::{BASIC_SECRET, Persona};

pub const ORDERS: &str = "https://orders.example";
pub const STOCK: &str = "https://stock.example/v1";
/// Its tokens say nothing themselves, and are for who proved more than a password.
pub const VAULT: &str = "https://vault.example";

pub static SHOP: Rp = basic("shop", "https://shop.example/cb");
/// The same, and its tokens say nothing themselves wherever they are for.
pub static QUIET: Rp = basic("quiet", "https://quiet.example/cb");
/// Asks people, and remembers what they said.
pub static ASKED: Rp = basic("asked", "https://asked.example/cb");
/// The APIs themselves.
pub static ORDERS_API: Rp = basic("orders-api", "");
pub static STOCK_API: Rp = basic("stock-api", "");
/// Permitted for every API, and is none of them.
pub static STRANGER: Rp = basic("stranger", "");

pub const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

pub fn more() -> String {
    TEXT.replace("SECRET", BASIC_SECRET).replace("AAL2", AAL2)
}

const TEXT: &str = r#"
[[policies]]
name = "strong"
required_acr = "AAL2"

[[policies]]
name = "no-texts"
deny_methods = ["sms"]

[[resources]]
uri = "https://orders.example"
name = "Your orders at the shop"
scopes = ["orders.read", "orders.write"]

[[resources]]
uri = "https://stock.example/v1"
scopes = ["stock.read", "orders.read"]
access_token_lifetime = 120
policies = ["no-texts"]

[[resources]]
uri = "https://vault.example"
scopes = ["vault.read", "orders.read"]
format = "opaque"
policies = ["strong"]

[[clients]]
client_id = "shop"
client_secret = "SECRET"
redirect_uris = ["https://shop.example/cb"]
grant_types = ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"]
scope = "openid profile offline_access orders.read orders.write stock.read vault.read"
resources = ["https://orders.example", "https://stock.example/v1", "https://vault.example"]
consent = "implicit"

[[clients]]
client_id = "quiet"
client_secret = "SECRET"
redirect_uris = ["https://quiet.example/cb"]
grant_types = ["authorization_code", "refresh_token", "client_credentials"]
scope = "openid profile offline_access orders.read"
resources = ["https://orders.example"]
access_token_format = "opaque"
consent = "implicit"

[[clients]]
client_id = "asked"
client_secret = "SECRET"
redirect_uris = ["https://asked.example/cb"]
scope = "openid orders.read"
resources = ["https://orders.example", "https://stock.example/v1"]

[[clients]]
client_id = "orders-api"
client_secret = "SECRET"
grant_types = ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"]
scope = "orders.read stock.read vault.read"
serves = ["https://orders.example"]
resources = ["https://stock.example/v1", "https://vault.example"]

[[clients]]
client_id = "stock-api"
client_secret = "SECRET"
grant_types = ["urn:ietf:params:oauth:grant-type:token-exchange"]
scope = "orders.read stock.read"
serves = ["https://stock.example/v1"]
resources = ["https://orders.example", "https://stock.example/v1"]

[[clients]]
client_id = "stranger"
client_secret = "SECRET"
grant_types = ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"]
scope = "orders.read orders.write stock.read"
resources = ["https://orders.example", "https://stock.example/v1"]
"#;

pub async fn op() -> Op {
    Op::with(Database::Sqlite, &more()).await
}

impl Ask {
    /// Names one more API (RFC 8707 §2: the parameter may repeat).
    pub fn resource(mut self, uri: &str) -> Self {
        self.params.push(("resource".into(), uri.to_owned()));
        self
    }

    /// Somebody signs in, and the code is brought for a part of what was asked.
    pub async fn for_a_part(&self, op: &Op, who: &Persona, resources: &[&str]) -> Reply {
        let answer = Browser::new(op).sign_in(self, who).await;
        let mut fields = self.fields(answer.code());
        fields.extend(resources.iter().map(|uri| ("resource", *uri)));
        self.rp.token(op, &fields).await
    }
}

impl Rp {
    pub async fn introspect(&self, op: &Op, token: &str) -> Value {
        let reply = self.call(op, "/introspect", &[("token", token)]).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        reply.json
    }

    /// RFC 8693 §2.1, with more fields.
    pub async fn exchange(&self, op: &Op, subject: &str, more: &[(&str, &str)]) -> Reply {
        self.token(op, &exchange_fields(subject, more)).await
    }
}

pub fn exchange_fields<'a>(subject: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("grant_type", EXCHANGE),
        ("subject_token", subject),
        ("subject_token_type", ACCESS_TOKEN),
    ];
    fields.extend(more);
    fields
}

/// The access token of an answer.
#[track_caller]
pub fn token_of(reply: &Reply) -> &str {
    assert_eq!(reply.status, 200, "{}", reply.json);
    assert_eq!(reply.headers["cache-control"], "no-store");
    reply.json["access_token"].as_str().unwrap()
}

#[track_caller]
pub fn refresh_of(reply: &Reply) -> &str {
    reply.json["refresh_token"]
        .as_str()
        .unwrap_or_else(|| panic!("no refresh token: {}", reply.json))
}

/// What a signed one says to the API that it is for.
pub async fn read(op: &Op, reply: &Reply, audience: &str) -> Value {
    verify(op, token_of(reply), audience, "at+jwt").await
}
