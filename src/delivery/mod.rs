//! (floor: delivery)
