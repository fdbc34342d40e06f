//! (floor: model)
