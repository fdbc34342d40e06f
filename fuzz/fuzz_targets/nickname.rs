#![no_main]

use countersign::model::nickname::{Nickname, propose};
use libfuzzer_sys::fuzz_target;

include!("../properties/nickname.rs");

fuzz_target!(|data: &[u8]| nickname_property(data));
