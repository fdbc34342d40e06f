//! Countersign: an OpenID Provider whose tokens say exactly how the person proved themself.
//!
//! The modules below are the floors, in order: a module may use only modules listed before it
//! (`tests/architecture.rs` holds this). ARCHITECTURE.md walks one request through them.

// Pure: no async, no I/O.
pub mod base;
pub mod protocol;
pub mod policy;
pub mod model;
pub mod factors;
pub mod keys;
pub mod resource_server;
// Acts.
pub mod storage;
pub mod delivery;
// Decides and acts.
pub mod journey;
// Speaks to the outside.
pub mod web;
pub mod config;
pub mod cli;
pub mod app;
