//! The two databases: how each file is recognised, and its tables.

/// What one database file is.
pub(crate) struct Schema {
    /// The file's name in the store's directory.
    pub(crate) file: &'static str,
    /// Says in the file's header that it is ours: `PRAGMA application_id`.
    pub(crate) application_id: i64,
    /// `PRAGMA user_version` of a file with these tables.
    pub(crate) version: i64,
    /// The size of a page, in bytes. Larger ones take fewer calls of the system for the same bytes, and more bytes for
    /// the same rows.
    pub(crate) page: i64,
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
    page: 4_096,
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
            frame BLOB NOT NULL
        ) STRICT;
    ",
};

/// All events, in blocks of frames that arrived together and are at most [`SPAN_MS`](super::events::SPAN_MS) apart.
///
/// `block.seq` is the order of arrival and never used twice, not even after everything was deleted. `place` says which
/// block holds an event. `term` says which blocks hold events with some attribute, without a row for each event: the
/// block is read and its events compared.
pub(crate) const EVENTS: Schema = Schema {
    file: "events.db",
    application_id: 0x4457_4556, // "DWEV"
    version: 1,
    page: 8_192,
    tables: "
        CREATE TABLE block (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            frames BLOB NOT NULL
        ) STRICT;
        CREATE TABLE place (
            id ANY PRIMARY KEY,
            block INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE term (
            term INTEGER NOT NULL,
            until_ms INTEGER NOT NULL,
            block INTEGER NOT NULL,
            from_ms INTEGER NOT NULL,
            PRIMARY KEY (term, until_ms, block)
        ) STRICT, WITHOUT ROWID;
    ",
};
