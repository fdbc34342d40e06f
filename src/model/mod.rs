//! The nouns of the product and the states they may be in, as data.
//! Knows nothing of HTTP, SQL or how a factor is verified.

pub mod audit;
pub mod authenticator;
pub mod authorization;
pub mod challenge;
pub mod codes;
pub mod deferred;
pub mod enrolment;
pub mod errand;
pub mod file;
pub mod grant;
pub mod nickname;
pub mod phone;
pub mod push;
pub mod push_request;
pub mod pushed;
pub mod registration;
pub mod resource;
pub mod session;
pub mod throttle;
pub mod ticket;
pub mod user;
pub mod workspace;

pub use authenticator::{Authenticator, AuthenticatorStatus};
pub use authorization::{Authorization, Stage};
pub use challenge::Challenge;
pub use codes::MfaCode;
pub use deferred::Deferred;
pub use enrolment::Enrolment;
pub use errand::{Errand, LocalPath};
pub use grant::{Frozen, Grant};
pub use nickname::{Nickname, NicknameError};
pub use push::{PushAddress, PushAddressError};
pub use pushed::PushedRequest;
pub use resource::Resource;
pub use session::Session;
pub use ticket::{Purpose, Ticket};
pub use user::{User, UserStatus};
pub use workspace::Workspace;
