//! The operations of the AWS services and the one path that every call takes.
