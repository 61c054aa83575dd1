//! Stores for realms and events: one trait, embedded SQLite, one conformance suite.
