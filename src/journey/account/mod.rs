//! What people do about their own account outside of a sign-in: make one, get back into one.
//! One use case, one function, one transaction. Knows nothing of pages; who may do it is decided here or by the gate
//! that its caller has passed.

pub mod mailed;
pub mod passwords;
pub mod recovery;
pub mod registration;
