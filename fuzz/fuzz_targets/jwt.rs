#![no_main]

use countersign::base::Timestamp;
use countersign::keys::{Alg, Expected, Expiry, JwkSet, TypRule, jose};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

include!("../properties/jwt.rs");

fuzz_target!(|data: &[u8]| jwt_property(data));
