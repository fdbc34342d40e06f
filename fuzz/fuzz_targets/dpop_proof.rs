#![no_main]

use countersign::base::Timestamp;
use countersign::protocol::dpop;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

include!("../properties/dpop_proof.rs");

fuzz_target!(|data: &[u8]| dpop_proof_property(data));
