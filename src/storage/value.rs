//! What goes into a statement and comes out of a row. Knows no driver.

use serde::Serialize;

use super::{Error, Result};
use crate::base::{
    AuthenticatorId, AuthorizationId, CeremonyId, ClientId, EventId, GrantId, KeyId, MessageId, ReferenceId, Seconds,
    SessionId, Timestamp, UserId,
};

/// One of the four kinds that both databases share. A NULL keeps its kind: PostgreSQL asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
    Bytes(Option<Vec<u8>>),
}

/// What `args!` takes.
pub trait ToValue {
    fn to_value(&self) -> Value;
    /// The NULL of this kind.
    fn null() -> Value;
}

/// Text columns that are more than text: `row.id::<UserId>("user_id")`.
pub trait FromText: Sized {
    fn from_text(text: String) -> Self;
}

/// The arguments of a statement in the order of `$1`, `$2`, …
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::storage::ToValue::to_value(&$value)),*]
    };
}

/// Lets a text newtype (`new(String)`, `AsRef<str>`) into statements and out of rows.
#[macro_export]
macro_rules! text_column {
    ($($name:ty),* $(,)?) => {$(
        impl $crate::storage::ToValue for $name {
            fn to_value(&self) -> $crate::storage::Value {
                $crate::storage::ToValue::to_value(AsRef::<str>::as_ref(self))
            }
            fn null() -> $crate::storage::Value {
                $crate::storage::Value::Text(None)
            }
        }
        impl $crate::storage::FromText for $name {
            fn from_text(text: String) -> Self {
                Self::new(text)
            }
        }
    )*};
}

text_column!(
    UserId,
    ClientId,
    AuthenticatorId,
    SessionId,
    CeremonyId,
    EventId,
    AuthorizationId,
    GrantId,
    KeyId,
    MessageId,
    ReferenceId
);

/// A JSON document for a TEXT column.
pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::corrupt("a document to be written", e))
}

macro_rules! to_value {
    ($($rust:ty => $kind:ident, |$it:ident| $value:expr;)*) => {$(
        impl ToValue for $rust {
            fn to_value(&self) -> Value {
                let $it = self;
                Value::$kind(Some($value))
            }
            fn null() -> Value {
                Value::$kind(None)
            }
        }
    )*};
}

to_value! {
    str => Text, |it| it.to_owned();
    String => Text, |it| it.clone();
    i64 => Int, |it| *it;
    u32 => Int, |it| i64::from(*it);
    Timestamp => Int, |it| it.micros();
    Seconds => Int, |it| it.0;
    bool => Bool, |it| *it;
    [u8] => Bytes, |it| it.to_vec();
    Vec<u8> => Bytes, |it| it.clone();
}

impl ToValue for crate::model::throttle::ThrottleKey {
    fn to_value(&self) -> Value {
        self.as_str().to_value()
    }
    fn null() -> Value {
        Value::Text(None)
    }
}

impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value {
        Value::Bytes(Some(self.to_vec()))
    }
    fn null() -> Value {
        Value::Bytes(None)
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
    fn null() -> Value {
        T::null()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or_else(T::null, T::to_value)
    }
    fn null() -> Value {
        T::null()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_keeps_the_kind_of_what_is_missing() {
        let (none, some): (Option<&UserId>, Option<&str>) = (None, Some("a"));
        assert_eq!(
            args![none, some, None::<Timestamp>, None::<bool>, None::<Vec<u8>>, 7_i64],
            vec![
                Value::Text(None),
                Value::Text(Some("a".into())),
                Value::Int(None),
                Value::Bool(None),
                Value::Bytes(None),
                Value::Int(Some(7)),
            ]
        );
    }
}
