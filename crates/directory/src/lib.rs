//! The IAM domain as values: accounts with their users, groups, roles and policies.
