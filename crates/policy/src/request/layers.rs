//! Policies as they are attached, and the layers of the evaluation that they make up.

use crate::document::{Document, PolicyType, Statement};
use crate::evaluate::StatementRef;

/// A policy as it is attached to something.
#[derive(Clone, Copy, Debug)]
pub struct Attached<'a> {
    /// Which policy it is.
    pub source: Source<'a>,
    /// Its content. None is a policy that could not be read: every request that it would have a say in is denied.
    pub document: Option<&'a Document>,
}

/// Where a policy comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// A managed policy or an organization's policy.
    Managed {
        /// The policy's ARN.
        arn: &'a str,
        /// What it is attached to: the ARN of a user, group or role, or the id of a root, OU or account.
        attached_to: &'a str,
    },
    /// An inline policy of a user, group or role.
    Inline {
        /// Its name.
        name: &'a str,
        /// The ARN of the entity that it is embedded in.
        owner: &'a str,
    },
    /// The session policy passed as text.
    Session,
    /// A role's trust policy.
    Trust {
        /// The role's ARN.
        role: &'a str,
    },
    /// A resource's own policy.
    Resource {
        /// The resource's ARN.
        arn: &'a str,
    },
    /// A VPC endpoint's policy.
    Endpoint {
        /// The endpoint's id.
        id: &'a str,
    },
}

impl<'a> Source<'a> {
    /// The policy's ARN, name or id; none of a policy that is part of something else.
    pub fn name(&self) -> Option<&'a str> {
        match self {
            Source::Managed { arn: name, .. } | Source::Inline { name, .. } | Source::Endpoint { id: name } => {
                Some(name)
            }
            Source::Session | Source::Trust { .. } | Source::Resource { .. } => None,
        }
    }

    /// What the policy is attached to or part of.
    pub fn attached_to(&self) -> Option<&'a str> {
        match self {
            Source::Managed { attached_to: it, .. }
            | Source::Inline { owner: it, .. }
            | Source::Trust { role: it }
            | Source::Resource { arn: it } => Some(it),
            Source::Session | Source::Endpoint { .. } => None,
        }
    }

    /// The ARN of a policy that has one of its own.
    pub fn policy_arn(&self) -> Option<&'a str> {
        match self {
            Source::Managed { arn, .. } => Some(arn),
            _ => None,
        }
    }
}

/// All policies that have a say, by kind. None where a kind does not take part at all: an empty list takes part and
/// allows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layers<'a> {
    /// Identity-based policies: the user's or role's own and those of the user's groups.
    pub identity: &'a [Attached<'a>],
    /// The permissions boundary.
    pub boundary: Option<&'a [Attached<'a>]>,
    /// Session policies, or the task policy of AssumeRoot.
    pub session: Option<&'a [Attached<'a>]>,
    /// The resource's own policy; the trust policy when a role is assumed.
    pub resource: Option<Attached<'a>>,
    /// Service control policies of the principal's account, one list per level from the root down to the account. None
    /// for accounts outside an organization and for the management account.
    pub service_control: Option<&'a [Vec<Attached<'a>>]>,
    /// Resource control policies of the resource's account, likewise.
    pub resource_control: Option<&'a [Vec<Attached<'a>>]>,
    /// The policy of the VPC endpoint that the call came through.
    pub endpoint: Option<Attached<'a>>,
}

impl<'a> Layers<'a> {
    /// The policies of one layer; `level` counts only where a layer has levels.
    pub fn policies(&self, layer: Layer, level: usize) -> &[Attached<'a>] {
        let level_of = |levels: Option<&'a [Vec<Attached<'a>>]>| levels.and_then(|levels| levels.get(level));
        match layer {
            Layer::ResourceControl => level_of(self.resource_control).map_or(&[], Vec::as_slice),
            Layer::ServiceControl => level_of(self.service_control).map_or(&[], Vec::as_slice),
            Layer::Endpoint => self.endpoint.as_slice(),
            Layer::Resource | Layer::Trust => self.resource.as_slice(),
            Layer::Identity => self.identity,
            Layer::Boundary => self.boundary.unwrap_or_default(),
            Layer::Session => self.session.unwrap_or_default(),
        }
    }

    /// The policy and statement that a decision refers to.
    pub fn find(&self, at: StatementRef) -> Option<(Attached<'a>, &'a Statement)> {
        let attached = *self.policies(at.layer, at.level).get(at.policy)?;
        Some((attached, attached.document?.statements.get(at.statement)?))
    }

    /// What the resource's own policy is called: a role's is its trust policy.
    pub(crate) fn resource_layer(&self) -> Layer {
        match self.resource {
            Some(Attached { source: Source::Trust { .. }, .. }) => Layer::Trust,
            _ => Layer::Resource,
        }
    }
}

/// A kind of policy in the evaluation (User Guide, "Policy evaluation logic"), in the order in which denials are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Resource control policies.
    ResourceControl,
    /// Service control policies.
    ServiceControl,
    /// The VPC endpoint policy.
    Endpoint,
    /// The resource-based policy.
    Resource,
    /// The role trust policy, in the place of the resource-based policy.
    Trust,
    /// Identity-based policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// Session policies.
    Session,
}

impl Layer {
    /// Whether statements of this layer name principals.
    pub(crate) fn has_principals(self) -> bool {
        matches!(self, Layer::ResourceControl | Layer::Endpoint | Layer::Resource | Layer::Trust)
    }

    /// The grammar of its documents, as far as matching depends on it.
    pub(crate) fn policy_type(self) -> PolicyType {
        match self {
            Layer::ResourceControl => PolicyType::ResourceControl,
            Layer::ServiceControl => PolicyType::ServiceControl,
            Layer::Endpoint => PolicyType::VpcEndpoint,
            Layer::Resource => PolicyType::Resource,
            Layer::Trust => PolicyType::Trust,
            Layer::Identity => PolicyType::Inline,
            Layer::Boundary => PolicyType::Managed,
            Layer::Session => PolicyType::Session,
        }
    }
}
