#![no_main]

use countersign::base::{Secret, Timestamp};
use countersign::model::registration::RegistrationRules;
use countersign::protocol::registration::{Asked, Information};
use countersign::protocol::{Consent, ErrorCode};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

include!("../properties/registration.rs");

fuzz_target!(|data: &[u8]| registration_property(data));
