//! Audit events in CloudTrail's record form.
