//! (floor: journey)
