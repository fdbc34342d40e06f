//! The person's own pages.

mod home;
mod method;
mod security;
mod undo;

pub use home::Account;
pub use method::{AccountLost, AccountRemove, AccountRename, HelpPhone, LostChoice};
pub use security::{AccountSecurity, AddedBy, Done, Fact, MethodEntry, PartnerLink, Standing};
pub use undo::{AccountUndo, UndoState};
