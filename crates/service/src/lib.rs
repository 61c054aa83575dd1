//! The operations of the AWS services and the one path that every call takes.
//!
//! A call is authenticated, checked against the model, authorized, run on a private copy of the caller's account, and
//! committed together with its audit event ([`Doorward::call`]). What is specific to an operation is a row (`op::Op`)
//! and a function; the services' folders hold them. The core reads no clock and draws no randomness: see [`World`].

#![forbid(unsafe_code)]

mod authenticate;
mod authorize;
mod call;
mod caller;
mod commit;
mod cx;
mod delegation;
mod desk;
mod doorward;
mod egress;
mod errand;
mod event;
mod evidence;
mod iam;
mod issuer_keys;
mod lookup;
mod mfa;
mod node;
mod op;
mod organizations;
mod outbound;
mod page;
mod password;
mod percent;
mod question;
mod realm;
mod realms;
mod recorded;
mod role_template;
mod secrets;
mod security_key;
mod session;
mod shelf;
mod sts;
mod subject;
mod target;
mod template;
#[cfg(test)]
mod testing;
mod uses;
mod workers;
mod world;

pub(crate) use authorize::GLOBAL_REGION;
pub use call::{Call, Peer, Reply, Tls};
pub use doorward_federation::webauthn::{NoRelyingParty, RelyingParty};
pub use egress::{EGRESS_BYTES_MAX, Egress, EgressError, Fetching};
pub use node::{Doorward, NewAccount, OpenError, Options, Services};
pub use secrets::{KEY_LENGTH, KeyError};
pub use workers::{Overloaded, Work, Workers};
pub use world::World;
