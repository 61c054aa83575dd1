//! The rules that documents must keep, stage by stage, with AWS's messages.

pub(crate) mod access;
mod actions;
pub(crate) mod dates;
pub(crate) mod identity;
pub(crate) mod organization;
mod resources;
mod shared_issuers;
mod sids;
mod trust;
