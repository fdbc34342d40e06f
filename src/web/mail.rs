//! STUB
use std::path::Path;

use super::page::Error;
use crate::factors::Site;
use crate::journey::notices::{Letter, Words, Written};

pub struct Mail;

impl Mail {
    pub fn new(_: Option<&Path>) -> Result<Self, Error> {
        Ok(Self)
    }
}

impl Words for Mail {
    fn write(&self, _: Option<&str>, _: &Site, letter: &Letter) -> Written {
        Written {
            subject: letter.key.to_owned(),
            text: letter.key.to_owned(),
            html: String::new(),
            short: letter.key.to_owned(),
        }
    }
}
