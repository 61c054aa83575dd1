//! Records: the stored form of what an account holds, one for each entity.

use serde::Serialize;

use crate::{Account, AccountSettings};

/// A stored record.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The kind: [`Entity::KIND`](crate::Entity::KIND), or `account` for its settings.
    pub kind: &'a str,
    /// The key: the unique id, or the account id for the settings.
    pub key: &'a str,
    /// JSON.
    pub body: &'a [u8],
}

/// What a commit has to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The kind.
    pub kind: &'static str,
    /// The key.
    pub key: String,
    /// The new body; none where the record ends.
    pub body: Option<Vec<u8>>,
}

/// Why an account cannot be made from its records.
#[derive(Debug)]
pub enum LoadError {
    /// A record's body is not what its kind demands.
    Unreadable {
        /// The record's kind.
        kind: String,
        /// The record's key.
        key: String,
        /// What the reader said.
        reason: String,
    },
    /// There is no settings record.
    NoSettings,
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LoadError::Unreadable { kind, key, reason } => write!(out, "record {kind} {key} is unreadable: {reason}"),
            LoadError::NoSettings => write!(out, "the account has no settings record"),
        }
    }
}

impl std::error::Error for LoadError {}

/// The kind of the settings record.
pub(crate) const SETTINGS: &str = "account";

impl Account {
    /// Makes an account from its records.
    ///
    /// # Errors
    /// A record that cannot be read: a missing entity might hold a Deny, so the account does not load without it.
    pub fn load<'a>(records: impl IntoIterator<Item = Record<'a>>) -> Result<Account, LoadError> {
        let mut settings = None;
        let mut entities = Vec::new();
        for record in records {
            if record.kind == SETTINGS {
                settings = Some(read::<AccountSettings>(&record)?);
            } else {
                entities.push(record);
            }
        }
        let mut account = Account::new(settings.ok_or(LoadError::NoSettings)?);
        for record in entities {
            account.put_record(&record)?;
        }
        account.forget_changes();
        Ok(account)
    }
}

pub(crate) fn read<T: serde::de::DeserializeOwned>(record: &Record<'_>) -> Result<T, LoadError> {
    serde_json::from_slice(record.body).map_err(|error| unreadable(record, &error.to_string()))
}

pub(crate) fn unreadable(record: &Record<'_>, reason: &str) -> LoadError {
    LoadError::Unreadable { kind: record.kind.to_owned(), key: record.key.to_owned(), reason: reason.to_owned() }
}

/// The change that makes `value` the current body of a record.
pub(crate) fn change<T: Serialize>(kind: &'static str, key: &str, value: Option<&T>) -> Change {
    // Writing plain data as JSON to memory cannot fail; were it to, an empty body is refused when read.
    let body = value.map(|value| serde_json::to_vec(value).unwrap_or_default());
    Change { kind, key: key.to_owned(), body }
}
