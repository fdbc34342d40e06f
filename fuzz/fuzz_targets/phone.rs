#![no_main]

use countersign::factors::phone::Number;
use libfuzzer_sys::fuzz_target;

include!("../properties/phone.rs");

fuzz_target!(|data: &[u8]| phone_property(data));
