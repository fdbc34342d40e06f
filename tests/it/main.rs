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
mod smtp;
mod key_maker;
mod security_key;
mod webauthn_desk;
// The stories.
mod storage_door;
mod sign_in;
mod prompts;
mod people;
mod code_generators;
mod webauthn_enrolment;
mod webauthn_assertion;
mod webauthn_metadata;
mod imported_people;
mod nodes;
mod epcs;
mod epcs_unmet;
mod tokens;
mod refresh;
mod client_keys;
mod key_ring;
mod phone;
mod mail;
mod throttle;
mod bad_authorize;
mod bad_token;
mod bad_http;
mod config;
mod commands;
mod lists;
mod races;
mod pages;
mod security;
mod security_attacks;
mod undo;
mod handover;
mod operator;
mod logout;
mod audit;
mod enrolment;
mod enrolment_attacks;
mod enrolment_generator;
mod enrolment_phone;
mod registration;
mod recovery;
mod remembered;
