//! Facts of the AWS APIs (operations, shapes, constraints, errors) and the types generated from them.
