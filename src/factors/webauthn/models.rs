//! Models of security keys: what the operator's metadata say of an AAGUID.

/// What is known of models. The default knows none: no key counts as attested then.
#[derive(Clone, Debug, Default)]
pub struct Models;
