//! (floor: factors)
