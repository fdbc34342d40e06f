//! (floor: protocol)
