//! (floor: cli)
