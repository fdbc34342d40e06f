//! The person's own pages.

mod activity;
mod close;
mod home;
mod method;
mod security;
mod undo;
mod password;
mod privacy;
mod profile;
mod sessions;

pub use activity::{Activity, ActivityView};
pub use close::{AccountClosed, CloseAccount};
pub use home::Account;
pub use method::{AccountLost, AccountRemove, AccountRename, HelpPhone, LostChoice};
pub use password::ChangePassword;
pub use privacy::{AccessView, Privacy};
pub use profile::{ConfirmEmail, LanguageChoice, PhoneView, Profile};
pub use security::{AccountSecurity, AddedBy, Done, Fact, MethodEntry, PartnerLink, Standing};
pub use sessions::{SessionView, Sessions};
pub use undo::{AccountUndo, UndoState};
