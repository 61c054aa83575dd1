//! The two databases: how each file is recognised, and its tables.

/// What one database file is.
pub(crate) struct Schema {
    /// The file's name in the store's directory.
    pub(crate) file: &'static str,
    /// Says in the file's header that it is ours: `PRAGMA application_id`.
    pub(crate) application_id: i64,
    /// `PRAGMA user_version` of a file with these tables.
    pub(crate) version: i64,
    /// Makes the tables.
    pub(crate) tables: &'static str,
}

/// Realms, settings, and the events that came with commits until they are moved on.
///
/// `record.revision_to` is the largest integer while the record lives, so the state as of a revision is one range of
/// `record_by_end`: what ended later, or not yet. `sum` is the record's checksum, and in `realm` and `revision` that
/// of the whole state.
pub(crate) const DIRECTORY: Schema = Schema {
    file: "directory.db",
    application_id: 0x4457_4452, // "DWDR"
    version: 1,
    tables: "
        CREATE TABLE realm (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            revision INTEGER NOT NULL,
            time_ms INTEGER NOT NULL,
            sum BLOB NOT NULL
        ) STRICT;
        CREATE TABLE revision (
            realm INTEGER NOT NULL REFERENCES realm,
            revision INTEGER NOT NULL,
            time_ms INTEGER NOT NULL,
            sum BLOB NOT NULL,
            PRIMARY KEY (realm, revision)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX revision_by_time ON revision (realm, time_ms, revision);
        CREATE TABLE record (
            id INTEGER PRIMARY KEY,
            realm INTEGER NOT NULL REFERENCES realm,
            revision_from INTEGER NOT NULL,
            revision_to INTEGER NOT NULL,
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            sum BLOB NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX record_by_end ON record (realm, revision_to, kind, key);
        CREATE TABLE setting (
            key TEXT PRIMARY KEY,
            sum INTEGER NOT NULL,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE outbox (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            time_ms INTEGER NOT NULL,
            account TEXT NOT NULL,
            name TEXT NOT NULL,
            source TEXT NOT NULL,
            access_key_id TEXT,
            user_name TEXT,
            decision TEXT,
            read_only INTEGER NOT NULL,
            sum INTEGER NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
    ",
};

/// All events. `seq` is the order of arrival and never used twice, not even after everything was deleted.
pub(crate) const EVENTS: Schema = Schema {
    file: "events.db",
    application_id: 0x4457_4556, // "DWEV"
    version: 1,
    tables: "
        CREATE TABLE event (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL,
            time_ms INTEGER NOT NULL,
            account TEXT NOT NULL,
            name TEXT NOT NULL,
            source TEXT NOT NULL,
            access_key_id TEXT,
            user_name TEXT,
            decision TEXT,
            read_only INTEGER NOT NULL,
            sum INTEGER NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX event_by_id ON event (id);
        CREATE INDEX event_by_account ON event (account, time_ms);
        CREATE INDEX event_by_name ON event (account, name, time_ms);
        CREATE INDEX event_by_user ON event (account, user_name, time_ms) WHERE user_name IS NOT NULL;
        CREATE INDEX event_by_access_key ON event (access_key_id, time_ms) WHERE access_key_id IS NOT NULL;
        CREATE INDEX event_by_decision ON event (decision, time_ms) WHERE decision IS NOT NULL;
    ",
};
