//! The use cases: one function, one transaction, one visible commit each.
//! Owns the order of things; knows nothing of HTTP, HTML or SQL.

pub mod account;
mod answer;
pub mod apply;
pub mod authorize;
mod bearers;
pub mod browser_state;
pub mod ceremony;
pub mod checkpoint;
mod client_keys;
pub mod clients;
pub mod demand;
pub mod enrolment;
pub mod errands;
mod evidence;
pub mod hasher;
pub mod interaction;
pub mod introspect;
pub mod issue;
pub mod key_ring;
pub mod logout;
mod minting;
mod named;
pub mod next;
pub mod notices;
pub mod outbox;
pub mod par;
pub mod possession;
pub mod provider;
pub mod push;
mod records;
pub mod reply;
mod request;
mod request_object;
pub mod revoke;
pub mod scene;
pub mod session_end;
pub mod signals;
pub mod tokens;
pub mod userinfo;
pub mod visitor;

pub use provider::{Current, Fittings, Issuer, LoadError, Provider};
pub use scene::{Scene, Trouble};
pub use visitor::Visitor;
