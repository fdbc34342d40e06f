//! The person's own pages.

mod home;

pub use home::Account;
