//! From the neutral tree to typed values and back.
//!
//! The tree is a JSON value: structures and maps are objects with the model's member names, timestamps RFC 3339 text in
//! UTC, blobs base64 text, numbers JSON numbers (or the texts `NaN`, `Infinity` and `-Infinity`).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde_json::{Map, Number, Value};

use crate::{Error, Sensitive, common};

/// Typed value out of the neutral tree.
pub trait FromTree: Sized {
    /// Strict: a wrong type, a missing required member or an unknown member is an error.
    fn from_tree(tree: Value) -> Result<Self, Error>;

    /// What an absent member means; an error unless the type is optional.
    fn absent(name: &'static str) -> Result<Self, Error> {
        Err(common::malformed_input(format!("The member {name} is missing.")))
    }
}

/// Typed value into the neutral tree.
pub trait ToTree {
    /// `null` stands for "absent": such members are left out.
    fn to_tree(self) -> Value;
}

/// Members of an object on their way into a struct.
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn of(tree: Value) -> Result<Self, Error> {
        match tree {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(wrong_type("structure")),
        }
    }

    pub(crate) fn take<T: FromTree>(&mut self, name: &'static str) -> Result<T, Error> {
        // `swap_remove` keeps this independent of the object's size; the order no longer matters here.
        match self.0.swap_remove(name) {
            None | Some(Value::Null) => T::absent(name),
            Some(tree) => T::from_tree(tree),
        }
    }

    pub(crate) fn finish(self) -> Result<(), Error> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(common::malformed_input(format!("Unknown member: {name}"))),
        }
    }
}

/// Adds a member to a tree unless it is absent.
pub(crate) fn put(tree: &mut Map<String, Value>, name: &'static str, value: impl ToTree) {
    match value.to_tree() {
        Value::Null => {}
        value => {
            tree.insert(name.to_owned(), value);
        }
    }
}

/// Declares a struct of a model with its way from and to the tree: one line per member.
macro_rules! structure {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty = $member:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Default)]
        pub struct $name { $(#[allow(missing_docs, reason = "AWS documents its members and values")] pub $field: $type,)* }

        impl $crate::FromTree for $name {
            fn from_tree(tree: serde_json::Value) -> Result<Self, $crate::Error> {
                #[allow(unused_mut, reason = "a structure may have no members")]
                let mut members = $crate::tree::Members::of(tree)?;
                let value = Self { $($field: members.take($member)?,)* };
                members.finish()?;
                Ok(value)
            }
        }

        impl $crate::ToTree for $name {
            fn to_tree(self) -> serde_json::Value {
                #[allow(unused_mut, reason = "a structure may have no members")]
                let mut tree = serde_json::Map::new();
                $($crate::tree::put(&mut tree, $member, self.$field);)*
                serde_json::Value::Object(tree)
            }
        }
    };
}

/// Declares an enumeration of a model.
macro_rules! enumeration {
    ($(#[$doc:meta])* $name:ident { $first:ident = $first_text:literal, $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq)]
        #[allow(missing_docs, reason = "AWS documents its members and values")]
        pub enum $name { #[default] $first, $($variant,)* }

        impl $name {
            /// The value as AWS writes it.
            pub fn as_str(self) -> &'static str {
                match self { Self::$first => $first_text, $(Self::$variant => $text,)* }
            }

            /// The value that AWS writes so; letter case counts.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $first_text => Some(Self::$first), $($text => Some(Self::$variant),)* _ => None }
            }
        }

        impl $crate::FromTree for $name {
            fn from_tree(tree: serde_json::Value) -> Result<Self, $crate::Error> {
                tree.as_str().and_then(Self::parse).ok_or_else(|| $crate::tree::wrong_type(stringify!($name)))
            }
        }

        impl $crate::ToTree for $name {
            fn to_tree(self) -> serde_json::Value { self.as_str().into() }
        }
    };
}

pub(crate) use {enumeration, structure};

#[cold]
pub(crate) fn wrong_type(expected: &str) -> Error {
    common::malformed_input(format!("A value has the wrong type: expected {expected}."))
}

/// No structure at all: operations without input or output.
impl FromTree for () {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        Members::of(tree)?.finish()
    }
}

impl ToTree for () {
    fn to_tree(self) -> Value {
        Value::Object(Map::new())
    }
}

impl<T: FromTree> FromTree for Option<T> {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        T::from_tree(tree).map(Some)
    }

    fn absent(_: &'static str) -> Result<Self, Error> {
        Ok(None)
    }
}

impl<T: ToTree> ToTree for Option<T> {
    fn to_tree(self) -> Value {
        self.map_or(Value::Null, T::to_tree)
    }
}

impl<T: FromTree> FromTree for Vec<T> {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        match tree {
            Value::Array(elements) => elements.into_iter().map(T::from_tree).collect(),
            _ => Err(wrong_type("list")),
        }
    }
}

impl<T: ToTree> ToTree for Vec<T> {
    fn to_tree(self) -> Value {
        Value::Array(self.into_iter().map(T::to_tree).collect())
    }
}

impl<T: FromTree> FromTree for BTreeMap<String, T> {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        match tree {
            Value::Object(entries) => entries.into_iter().map(|(key, tree)| Ok((key, T::from_tree(tree)?))).collect(),
            _ => Err(wrong_type("map")),
        }
    }
}

impl<T: ToTree> ToTree for BTreeMap<String, T> {
    fn to_tree(self) -> Value {
        Value::Object(self.into_iter().map(|(key, value)| (key, value.to_tree())).collect())
    }
}

impl FromTree for String {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        match tree {
            Value::String(text) => Ok(text),
            _ => Err(wrong_type("string")),
        }
    }
}

impl ToTree for String {
    fn to_tree(self) -> Value {
        Value::String(self)
    }
}

impl FromTree for Sensitive {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        String::from_tree(tree).map(Self::from)
    }
}

impl ToTree for Sensitive {
    fn to_tree(self) -> Value {
        Value::String(self.into_exposed())
    }
}

impl FromTree for bool {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        tree.as_bool().ok_or_else(|| wrong_type("boolean"))
    }
}

impl ToTree for bool {
    fn to_tree(self) -> Value {
        Value::Bool(self)
    }
}

impl FromTree for i64 {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        tree.as_i64().ok_or_else(|| wrong_type("long"))
    }
}

impl ToTree for i64 {
    fn to_tree(self) -> Value {
        Value::from(self)
    }
}

impl FromTree for i32 {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        tree.as_i64().and_then(|number| number.try_into().ok()).ok_or_else(|| wrong_type("integer"))
    }
}

impl ToTree for i32 {
    fn to_tree(self) -> Value {
        Value::from(self)
    }
}

impl FromTree for f64 {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        match tree.as_str() {
            Some("NaN") => Ok(f64::NAN),
            Some("Infinity") => Ok(f64::INFINITY),
            Some("-Infinity") => Ok(f64::NEG_INFINITY),
            _ => tree.as_f64().ok_or_else(|| wrong_type("double")),
        }
    }
}

impl ToTree for f64 {
    fn to_tree(self) -> Value {
        match Number::from_f64(self) {
            Some(number) => Value::Number(number),
            None if self.is_nan() => "NaN".into(),
            None if self > 0.0 => "Infinity".into(),
            None => "-Infinity".into(),
        }
    }
}

impl FromTree for Vec<u8> {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        tree.as_str().and_then(|text| BASE64.decode(text).ok()).ok_or_else(|| wrong_type("blob"))
    }
}

impl ToTree for Vec<u8> {
    fn to_tree(self) -> Value {
        Value::String(BASE64.encode(self))
    }
}

impl FromTree for Timestamp {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        tree.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| wrong_type("timestamp"))
    }
}

impl ToTree for Timestamp {
    /// RFC 3339 in UTC; a fraction only where there is one.
    fn to_tree(self) -> Value {
        Value::String(self.to_string())
    }
}

impl FromTree for Value {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        Ok(tree)
    }
}

impl ToTree for Value {
    fn to_tree(self) -> Value {
        self
    }
}

impl<T: FromTree> FromTree for Box<T> {
    fn from_tree(tree: Value) -> Result<Self, Error> {
        T::from_tree(tree).map(Box::new)
    }
}

impl<T: ToTree> ToTree for Box<T> {
    fn to_tree(self) -> Value {
        T::to_tree(*self)
    }
}
