//! Tokens that are almost one.

use proptest::prelude::*;
use serde_json::Value;

use crate::base::Timestamp;
use crate::keys::{Alg, Expected, Expiry, JwkSet, TypRule, jose};

// What the fuzzer checks as well.
include!("../../../fuzz/properties/jwt.rs");

/// RFC 7515 appendix A.3.1.
const PRINTED: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_passes_but_what_was_signed(at in 0..PRINTED.len(), put in "[A-Za-z0-9_.=-]{0,3}", take in 0..4_usize) {
        let end = (at + take).min(PRINTED.len());
        jwt_property(PRINTED.as_bytes());
        jwt_property(format!("{}{put}{}", &PRINTED[..at], &PRINTED[end..]).as_bytes());
    }
}
