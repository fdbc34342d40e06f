//! The phone authenticator.

pub mod app;
