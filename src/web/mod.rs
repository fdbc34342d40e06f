//! (floor: web)
