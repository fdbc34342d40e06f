//! What every floor may use: identifiers, time, chance, secrets, encodings, letters that deceive.
//! Knows nothing of OAuth, people or databases.

pub mod clock;
pub mod encoding;
pub mod entropy;
pub mod ids;
pub mod secret;
pub mod text;

pub use clock::{Clock, Seconds, SystemClock, Timestamp};
pub use entropy::{Entropy, SystemEntropy};
pub use ids::*;
pub use secret::Secret;
