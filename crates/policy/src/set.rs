//! Policies that have a say together: those of one layer of the evaluation, or of one level of it.

mod index;

use std::sync::Arc;

use crate::asked::Asked;
use crate::document::Statement;
use crate::policy::{Policy, Rule};
use index::Index;

/// A policy as it is attached to something.
#[derive(Clone, Debug)]
pub struct Attached {
    /// Which policy it is.
    pub source: Source,
    /// Its content. None is a policy that could not be read: every request that it would have a say in is denied.
    pub policy: Option<Arc<Policy>>,
}

impl Attached {
    /// A policy that could be read.
    pub fn new(source: Source, policy: impl Into<Arc<Policy>>) -> Attached {
        Attached { source, policy: Some(policy.into()) }
    }
}

/// Where a policy comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A managed policy or an organization's policy.
    Managed {
        /// The policy's ARN.
        arn: Arc<str>,
        /// What it is attached to: the ARN of a user, group or role, or the id of a root, OU or account.
        attached_to: Arc<str>,
    },
    /// An inline policy of a user, group or role.
    Inline {
        /// Its name.
        name: Arc<str>,
        /// The ARN of the entity that it is embedded in.
        owner: Arc<str>,
    },
    /// The session policy passed as text.
    Session,
    /// A role's trust policy.
    Trust {
        /// The role's ARN.
        role: Arc<str>,
    },
    /// A resource's own policy.
    Resource {
        /// The resource's ARN.
        arn: Arc<str>,
    },
    /// A VPC endpoint's policy.
    Endpoint {
        /// The endpoint's id.
        id: Arc<str>,
    },
}

impl Source {
    /// The policy's ARN, name or id; none of a policy that is part of something else.
    pub fn name(&self) -> Option<&str> {
        match self {
            Source::Managed { arn: name, .. } | Source::Inline { name, .. } | Source::Endpoint { id: name } => {
                Some(name)
            }
            Source::Session | Source::Trust { .. } | Source::Resource { .. } => None,
        }
    }

    /// What the policy is attached to or part of.
    pub fn attached_to(&self) -> Option<&str> {
        match self {
            Source::Managed { attached_to: it, .. }
            | Source::Inline { owner: it, .. }
            | Source::Trust { role: it }
            | Source::Resource { arn: it } => Some(it),
            Source::Session | Source::Endpoint { .. } => None,
        }
    }

    /// The ARN of a policy that has one of its own.
    pub fn policy_arn(&self) -> Option<&str> {
        match self {
            Source::Managed { arn, .. } => Some(arn),
            _ => None,
        }
    }
}

/// Policies that have a say together. Made once, for instance per principal and revision, and asked many times: a set of
/// many statements has an index of them by action and resource.
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    attached: Vec<Attached>,
    /// The first policy that could not be read.
    unreadable: Option<usize>,
    index: Option<Index>,
}

/// Of so few statements an index would only cost.
const FEW: usize = 8;

impl PolicySet {
    /// A set without policies: it takes part and allows nothing.
    pub const EMPTY: PolicySet = PolicySet { attached: Vec::new(), unreadable: None, index: None };

    /// The set of these policies, in this order.
    pub fn new(attached: Vec<Attached>) -> PolicySet {
        let statements: usize = attached.iter().filter_map(|one| Some(one.policy.as_ref()?.rules().count())).sum();
        let index = if statements > FEW { Index::new(&attached) } else { None };
        let unreadable = attached.iter().position(|one| one.policy.is_none());
        PolicySet { attached, unreadable, index }
    }

    /// A set of one policy.
    pub fn one(source: Source, policy: Option<Arc<Policy>>) -> PolicySet {
        PolicySet::new(vec![Attached { source, policy }])
    }

    /// The policies.
    pub fn policies(&self) -> &[Attached] {
        &self.attached
    }

    /// The position of the first policy that could not be read.
    pub(crate) fn unreadable(&self) -> Option<usize> {
        self.unreadable
    }

    /// What the set takes in memory beyond the policies, which are shared, in bytes.
    pub fn size(&self) -> usize {
        size_of::<Self>() + size_of_val(self.attached.as_slice()) + self.index.as_ref().map_or(0, Index::size)
    }

    /// Calls `each` with every statement that may apply to the request, and its place. Those left out do not apply. The
    /// order is not that of the policies, and a place may come again.
    pub(crate) fn candidates(&self, asked: &Asked<'_>, mut each: impl FnMut(Place, &Rule, &Statement)) {
        if let Some(index) = &self.index {
            return index.candidates(asked, |place| {
                if let Some((_, rule, statement)) = self.find(place) {
                    each(place, rule, statement);
                }
            });
        }
        for (policy, attached) in self.attached.iter().enumerate() {
            let Some(content) = &attached.policy else { continue };
            for (number, (rule, statement)) in content.rules().enumerate() {
                each(Place::new(policy, number), rule, statement);
            }
        }
    }

    /// The statement at a place, with its policy.
    pub(crate) fn find(&self, place: Place) -> Option<(&Attached, &Rule, &Statement)> {
        let attached = self.attached.get(place.policy())?;
        let (rule, statement) = attached.policy.as_ref()?.rule(place.statement())?;
        Some((attached, rule, statement))
    }

    /// The positions of all statements, in order.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        self.attached.iter().enumerate().flat_map(|(policy, attached)| {
            let statements = attached.policy.as_ref().map_or(0, |policy| policy.rules().count());
            (0..statements).map(move |statement| Place::new(policy, statement))
        })
    }
}

/// Where a statement stands in a set; ordered as the statements are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    policy: u32,
    statement: u32,
}

impl Place {
    /// No text is so long that it holds more statements than can be numbered.
    pub(crate) fn new(policy: usize, statement: usize) -> Place {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Place { policy: number(policy), statement: number(statement) }
    }

    pub(crate) fn policy(self) -> usize {
        usize::try_from(self.policy).unwrap_or(usize::MAX)
    }

    pub(crate) fn statement(self) -> usize {
        usize::try_from(self.statement).unwrap_or(usize::MAX)
    }
}

impl FromIterator<Attached> for PolicySet {
    fn from_iter<I: IntoIterator<Item = Attached>>(attached: I) -> Self {
        PolicySet::new(attached.into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
