//! The person's own pages.

mod activity;
mod close;
mod home;
mod password;
mod privacy;
mod profile;
mod sessions;

pub use activity::{Activity, ActivityView};
pub use close::{AccountClosed, CloseAccount};
pub use home::Account;
pub use password::ChangePassword;
pub use privacy::{AccessView, Privacy};
pub use profile::{ConfirmEmail, LanguageChoice, PhoneView, Profile};
pub use sessions::{SessionView, Sessions};
