#![no_main]

use countersign::protocol::uri::{check_redirect, same_redirect};
use countersign::protocol::words::ApplicationType;
use libfuzzer_sys::fuzz_target;

include!("../properties/redirect_uri.rs");

fuzz_target!(|data: &[u8]| redirect_uri_property(data));
