//! `Resource` and `NotResource` (User Guide, "IAM JSON policy elements: Resource").

use super::Finding;
use crate::asked::Asked;
use crate::context::Context;
use crate::document::{Clause, Effect, PolicyType, Version};
use crate::pattern::{Case, Glob, Meter, Token, matches};
use crate::request::Layer;
use crate::variables::{Part, Pattern, Syntax, Template};

/// Where the resource itself stands among the components of an ARN.
const RESOURCE: usize = 5;

/// The element, read.
#[derive(Clone, Debug)]
pub(crate) struct Resources {
    pub(crate) negated: bool,
    pub(crate) entries: Box<[ResourcePattern]>,
}

/// How many components have to be written out: the prefix, the partition and the service.
const FIXED: usize = 3;

/// One entry.
#[derive(Clone, Debug)]
pub(crate) enum ResourcePattern {
    /// `*`.
    Everything,
    /// A variable, also one for a single character, in the prefix, partition or service, where they have no place.
    Nothing,
    Fixed {
        /// At most six.
        components: Box<[Glob]>,
        ends_with_wildcard: bool,
    },
    Template {
        template: Template,
        ends_with_wildcard: bool,
    },
}

/// Whether an entry of `Resource` covers the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Covers {
    Yes,
    No,
    /// A variable in it has no value: the entry stands for no resource.
    Unresolved,
}

impl Resources {
    pub(crate) fn new(clause: &Clause, version: Version) -> Resources {
        let entries = clause.entries.iter().map(|entry| ResourcePattern::new(&entry.value, version));
        Resources { negated: clause.negated, entries: entries.collect() }
    }

    pub(crate) fn cover(
        &self,
        asked: &Asked<'_>,
        context: &Context<'_>,
        layer: Layer,
        effect: Effect,
        meter: &mut Meter,
    ) -> Finding {
        let mut unresolved = false;
        for (index, entry) in self.entries.iter().enumerate() {
            // What nothing can be resolved to need not be resolved: only `NotResource` asks whether it could be.
            if !self.negated && !entry.may_cover(asked) && meter.spend(1) {
                continue;
            }
            match entry.covers(asked, context, layer.policy_type(), meter) {
                Covers::Yes => return Finding { satisfied: !self.negated, entry: Some(index) },
                Covers::No => {}
                Covers::Unresolved => unresolved = true,
            }
        }
        let satisfied = self.negated && (!unresolved || unresolved_not_resource(effect));
        Finding { satisfied, entry: None }
    }
}

/// Whether a statement applies when nothing in its `NotResource` covers the resource but an entry is unresolved. AWS
/// does not say; so it neither grants everything else nor lets anything slip past a refusal.
fn unresolved_not_resource(effect: Effect) -> bool {
    effect == Effect::Deny
}

impl ResourcePattern {
    fn new(pattern: &str, version: Version) -> ResourcePattern {
        let ends_with_wildcard = pattern.ends_with('*');
        match Pattern::read(pattern, Syntax::ResourceArn, version) {
            _ if pattern == "*" => ResourcePattern::Everything,
            Pattern::Fixed(parts) => {
                let components = parts.split(|part| *part == Part::Colon);
                if components.clone().take(FIXED).flatten().any(|part| matches!(part, Part::Value(_))) {
                    return ResourcePattern::Nothing;
                }
                ResourcePattern::Fixed { components: components.map(Glob::new).collect(), ends_with_wildcard }
            }
            Pattern::Template(template) => ResourcePattern::Template { template, ends_with_wildcard },
        }
    }

    /// The text that all resources that it covers begin with, behind the ARN's fifth colon.
    pub(crate) fn literal_start(&self) -> &str {
        match self {
            ResourcePattern::Everything | ResourcePattern::Nothing => "",
            ResourcePattern::Fixed { components, .. } => components.get(RESOURCE).map_or("", Glob::literal_start),
            ResourcePattern::Template { template, .. } => template.literal_start(RESOURCE),
        }
    }

    fn may_cover(&self, asked: &Asked<'_>) -> bool {
        let start = self.literal_start();
        start.is_empty() || asked.resource_name().is_some_and(|name| name.starts_with(start))
    }

    /// Compares component by component: a `*` never swallows one of the first five colons, and covers colons after them.
    /// Wildcards are allowed in a resource type and variables in region and account, as AWS's own managed policies have
    /// them, although the guide allows neither.
    fn covers(&self, asked: &Asked<'_>, context: &Context<'_>, policy_type: PolicyType, meter: &mut Meter) -> Covers {
        match self {
            ResourcePattern::Everything => Covers::of(meter.spend(1)),
            ResourcePattern::Nothing => Covers::No,
            ResourcePattern::Fixed { components, ends_with_wildcard } => {
                let mut components = components.iter();
                component_wise(asked, *ends_with_wildcard, policy_type, |_, component, case| {
                    Some(components.next()?.covers(component, case, meter))
                })
            }
            ResourcePattern::Template { template, ends_with_wildcard } => {
                let Ok(tokens) = template.resolve(context, meter) else { return Covers::Unresolved };
                let mut components = tokens.split(|token| *token == Token::Colon);
                component_wise(asked, *ends_with_wildcard, policy_type, |index, component, case| {
                    let wanted = components.next()?;
                    let possible = index >= FIXED || !wanted.iter().any(|token| matches!(token, Token::Value(_)));
                    Some(possible && matches(wanted, component, case, meter))
                })
            }
        }
    }
}

/// Compares component by component; `covers` gives none where the pattern has no more.
fn component_wise(
    asked: &Asked<'_>,
    ends_with_wildcard: bool,
    policy_type: PolicyType,
    mut covers: impl FnMut(usize, &[u8], Case) -> Option<bool>,
) -> Covers {
    // Only "*" itself covers an action that has no resource.
    let Some(components) = &asked.resource else { return Covers::No };
    for (index, component) in components.iter().enumerate() {
        let case = if index < RESOURCE { Case::Insensitive } else { Case::Sensitive };
        match covers(index, component.as_bytes(), case) {
            Some(true) => {}
            Some(false) => return Covers::No,
            None => return Covers::of(covers_missing_components(ends_with_wildcard, policy_type)),
        }
    }
    Covers::Yes
}

/// Whether a pattern of fewer than six components stands for every continuation, as in `arn:aws:s3`. Where such a
/// pattern cannot be saved at all (organizations' policies) the answer is the one that lets a Deny apply.
fn covers_missing_components(ends_with_wildcard: bool, policy_type: PolicyType) -> bool {
    match policy_type {
        PolicyType::Resource | PolicyType::Trust | PolicyType::VpcEndpoint => ends_with_wildcard,
        _ => true,
    }
}

impl Covers {
    fn of(covers: bool) -> Covers {
        if covers { Covers::Yes } else { Covers::No }
    }
}
