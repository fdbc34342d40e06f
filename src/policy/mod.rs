//! Evidence, assurance, decision: pure functions over what was proved and what is demanded.
//! Knows nothing of HTTP, storage or how a factor is verified.

pub mod evidence;
pub mod requirement;

pub use evidence::{Activation, CodeTransfer, Enrolled, Evidence, FactorEvent, Method, Proof};
pub use requirement::{Policy, Requirement, Rule, Ruled};
