//! The one integration-test binary: the actors first, then one file per story.
#![cfg(test)]

// The actors.
mod postgres;
mod storage_crowd;
mod files;
mod harness;
mod workspace;
mod page;
mod browser;
mod relying_party;
// The stories.
mod storage_door;
mod sign_in;
mod prompts;
mod people;
mod code_generators;
mod imported_people;
mod nodes;
mod epcs;
mod epcs_unmet;
mod tokens;
mod refresh;
mod client_keys;
mod key_ring;
mod phone;
mod throttle;
mod bad_authorize;
mod bad_token;
mod bad_http;
mod config;
mod commands;
mod races;
mod pages;
mod logout;
mod audit;
mod own_profile;
mod own_access;
mod own_attacks;
