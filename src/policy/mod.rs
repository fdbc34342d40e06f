//! Evidence, assurance, decision: pure functions over what was proved and what is demanded.
//! Knows nothing of HTTP, storage or how a factor is verified.
//!
//! [`Demands::resolve`] makes one [`Requirement`] of what client, scopes, groups, pool and request say;
//! [`decide`] says what stands between [`Evidence`] and it; [`explain()`] says why.

pub mod acr;
pub mod amr;
pub mod claim;
pub mod built_in;
pub mod decide;
pub mod evidence;
pub mod explain;
#[cfg(test)]
mod generators;
mod judge;
#[cfg(test)]
mod properties;
pub mod requirement;
pub mod resolve;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod stories_of_demands;

pub use acr::{AcrTable, AcrTableError, OwnAcr};
pub use claim::evidence_claim;
pub use decide::{Assurance, Decision, Missing, Reason, binding_requirement, decide};
pub use evidence::{Activation, CodeTransfer, Enrolled, Evidence, FactorEvent, Method, Proof};
pub use explain::{Explanation, explain};
pub use requirement::{Policy, Requirement, Rule, Ruled};
pub use resolve::{Demands, PoolMethods, RequestDemand};
