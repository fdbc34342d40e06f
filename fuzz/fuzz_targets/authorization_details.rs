#![no_main]

use countersign::protocol::rar::AuthorizationDetails;
use libfuzzer_sys::fuzz_target;

include!("../properties/authorization_details.rs");

fuzz_target!(|data: &[u8]| authorization_details_property(data));
