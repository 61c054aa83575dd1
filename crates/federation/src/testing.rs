//! A provider for tests.
