//! Argon2's working memory, kept between verifications: giving 19 MiB back and asking for them again
//! costs page faults at each sign-in.

use std::sync::{Mutex, PoisonError};

use argon2::Block;

static IDLE: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// Runs `work` on `blocks` blocks of memory. What they held before is overwritten by Argon2 itself.
pub fn with_blocks<T>(blocks: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
    let taken = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut memory = taken
        .filter(|m| m.len() >= blocks)
        .unwrap_or_else(|| vec![Block::default(); blocks]);
    let result = work(&mut memory[..blocks]);
    IDLE.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    result
}

/// Gives the idle memory back to the system; called when nobody has signed in for a while.
pub fn release() {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner).clear();
}
