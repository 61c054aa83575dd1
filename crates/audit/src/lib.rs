//! Audit events in CloudTrail's record form (CloudTrail User Guide, "CloudTrail record contents").

#![forbid(unsafe_code)]

mod parameters;
mod record;

pub use parameters::parameters;
pub use record::{
    Attributes, Identity, InvokedByDelegate, Record, SessionContext, SessionIssuer, TlsDetails, WebIdFederationData,
};
