//! The layers of the evaluation.

use crate::document::{PolicyType, Statement};
use crate::evaluate::StatementRef;
use crate::set::{Attached, PolicySet, Source};

/// All policies that have a say, by kind. None where a kind does not take part at all: an empty list takes part and
/// allows nothing.
#[derive(Clone, Copy, Debug)]
pub struct Layers<'a> {
    /// Identity-based policies: the user's or role's own and those of the user's groups.
    pub identity: &'a PolicySet,
    /// The permissions boundary.
    pub boundary: Option<&'a PolicySet>,
    /// Session policies, or the task policy of AssumeRoot.
    pub session: Option<&'a PolicySet>,
    /// The resource's own policy; the trust policy when a role is assumed.
    pub resource: Option<&'a PolicySet>,
    /// Service control policies of the principal's account, one set per level from the root down to the account. None
    /// for accounts outside an organization and for the management account.
    pub service_control: Option<&'a [PolicySet]>,
    /// Resource control policies of the resource's account, likewise.
    pub resource_control: Option<&'a [PolicySet]>,
    /// The policy of the VPC endpoint that the call came through.
    pub endpoint: Option<&'a PolicySet>,
}

static NO_POLICIES: PolicySet = PolicySet::EMPTY;

impl Default for Layers<'_> {
    fn default() -> Self {
        Layers {
            identity: &NO_POLICIES,
            boundary: None,
            session: None,
            resource: None,
            service_control: None,
            resource_control: None,
            endpoint: None,
        }
    }
}

impl<'a> Layers<'a> {
    /// The policies of one layer; `level` counts only where a layer has levels.
    pub fn policies(&self, layer: Layer, level: usize) -> &'a [Attached] {
        let level_of = |levels: Option<&'a [PolicySet]>| levels.and_then(|levels| levels.get(level));
        let set = match layer {
            Layer::ResourceControl => level_of(self.resource_control),
            Layer::ServiceControl => level_of(self.service_control),
            Layer::Endpoint => self.endpoint,
            Layer::Resource | Layer::Trust => self.resource,
            Layer::Identity => Some(self.identity),
            Layer::Boundary => self.boundary,
            Layer::Session => self.session,
        };
        set.map_or(&[], PolicySet::policies)
    }

    /// The policy and statement that a decision refers to.
    pub fn find(&self, at: StatementRef) -> Option<(&'a Attached, &'a Statement)> {
        let attached = self.policies(at.layer, at.level).get(at.policy)?;
        Some((attached, attached.policy.as_ref()?.document().statements.get(at.statement)?))
    }

    /// The text of the policy that a statement is of; empty where there is none.
    pub fn text(&self, at: StatementRef) -> &'a str {
        let policy = self.policies(at.layer, at.level).get(at.policy).and_then(|attached| attached.policy.as_ref());
        policy.map_or("", |policy| &policy.document().text)
    }

    /// What the resource's own policy is called: a role's is its trust policy.
    pub(crate) fn resource_layer(&self) -> Layer {
        match self.resource.map(PolicySet::policies) {
            Some([Attached { source: Source::Trust { .. }, .. }, ..]) => Layer::Trust,
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
