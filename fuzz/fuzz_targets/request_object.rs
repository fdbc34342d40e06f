#![no_main]

use countersign::base::Timestamp;
use countersign::protocol::client::ClientMetadata;
use countersign::protocol::params::Params;
use countersign::protocol::request_object;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

include!("../properties/request_object.rs");

fuzz_target!(|data: &[u8]| request_object_property(data));
