//! (floor: storage)
