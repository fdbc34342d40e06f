//! (floor: keys)
