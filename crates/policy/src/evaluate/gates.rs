//! What each layer of policies says to a request.

use crate::condition::{self, Scope};
use crate::document::{Effect, Statement, Version};
use crate::evaluate::StatementRef;
use crate::matching::principal::{Named, Strength, named};
use crate::matching::{self, Finding};
use crate::pattern::{Meter, STEP_BUDGET};
use crate::request::{Attached, Layer, Layers, Request, resource_control_supports};

/// Listens to an evaluation.
pub(crate) trait Recorder {
    /// Whether to look at everything, even at what can no longer change the decision. That takes steps from a budget of
    /// its own, so that being listened to never changes a decision.
    const THOROUGH: bool;

    /// One condition of the statement that is being looked at.
    fn condition(&mut self, holds: bool);

    /// A statement has been looked at.
    fn statement(&mut self, at: StatementRef, attached: &Attached<'_>, statement: &Statement, findings: &Findings);

    /// All statements of a gate have been looked at.
    fn gate(&mut self, layer: Layer, level: usize, gate: &Gate);

    /// A layer takes no part.
    fn absent(&mut self, layer: Layer);
}

/// Records nothing.
pub(crate) struct Silent;

impl Recorder for Silent {
    const THOROUGH: bool = false;
    fn condition(&mut self, _: bool) {}
    fn statement(&mut self, _: StatementRef, _: &Attached<'_>, _: &Statement, _: &Findings) {}
    fn gate(&mut self, _: Layer, _: usize, _: &Gate) {}
    fn absent(&mut self, _: Layer) {}
}

/// What became of the elements of a statement. Those behind the first that does not cover the request are only looked at
/// by a thorough recorder.
pub(crate) struct Findings {
    pub(crate) action: Finding,
    pub(crate) principal: Named,
    pub(crate) resource: Finding,
    pub(crate) conditions: bool,
}

impl Findings {
    pub(crate) fn apply(&self) -> bool {
        self.action.satisfied && self.principal.strength.is_some() && self.resource.satisfied && self.conditions
    }
}

/// The policies of one layer, or of one level of it: what they say together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gate {
    /// The first Deny statement that applies.
    pub(crate) deny: Option<StatementRef>,
    /// The first of the Allow statements that apply and name the principal most directly.
    pub(crate) allow: Option<(Strength, StatementRef)>,
    /// The first policy that could not be read.
    pub(crate) unreadable: Option<usize>,
}

/// What a layer that has levels says. All levels have to allow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Levels {
    pub(crate) deny: Option<StatementRef>,
    pub(crate) allows: bool,
    /// The level and position of the first policy that could not be read.
    pub(crate) unreadable: Option<(usize, usize)>,
}

/// What all layers say; none where one takes no part.
pub(crate) struct Gates {
    pub(crate) resource_control: Option<Levels>,
    pub(crate) service_control: Option<Levels>,
    pub(crate) endpoint: Option<Gate>,
    pub(crate) resource: Option<Gate>,
    pub(crate) identity: Gate,
    pub(crate) boundary: Option<Gate>,
    pub(crate) session: Option<Gate>,
    pub(crate) over_budget: bool,
}

/// One evaluation.
pub(crate) struct Run<'a, R> {
    request: &'a Request<'a>,
    layers: &'a Layers<'a>,
    recorder: &'a mut R,
    /// Steps for what the decision depends on.
    meter: Meter,
    /// Steps for what only an explanation wants to know.
    spare: Meter,
    /// A Deny applies: the decision no longer depends on anything.
    settled: bool,
}

impl<'a, R: Recorder> Run<'a, R> {
    pub(crate) fn new(request: &'a Request<'a>, layers: &'a Layers<'a>, recorder: &'a mut R, budget: u64) -> Self {
        let spare = Meter::new(STEP_BUDGET);
        Run { request, layers, recorder, meter: Meter::new(budget), spare, settled: false }
    }

    /// Asks all layers, in the order in which denials are named.
    pub(crate) fn all(mut self) -> Gates {
        let principal = self.request.principal;
        let layers = self.layers;
        let under_resource_control = !principal.is_service_linked() && resource_control_supports(self.request.action);
        // The fields are computed in this order, the meter read last.
        Gates {
            resource_control: self
                .levels(Layer::ResourceControl, layers.resource_control.filter(|_| under_resource_control)),
            service_control: self
                .levels(Layer::ServiceControl, layers.service_control.filter(|_| principal.is_under_service_control())),
            endpoint: self.gate(Layer::Endpoint, layers.endpoint.as_ref().map(std::slice::from_ref)),
            resource: self.gate(layers.resource_layer(), layers.resource.as_ref().map(std::slice::from_ref)),
            identity: self.gate(Layer::Identity, Some(layers.identity)).unwrap_or_default(),
            boundary: self.gate(Layer::Boundary, layers.boundary),
            session: self.gate(Layer::Session, layers.session),
            over_budget: self.meter.is_exhausted(),
        }
    }

    fn levels(&mut self, layer: Layer, levels: Option<&[Vec<Attached<'_>>]>) -> Option<Levels> {
        let Some(levels) = levels else {
            self.recorder.absent(layer);
            return None;
        };
        let mut all = Levels { deny: None, allows: !levels.is_empty(), unreadable: None };
        for (level, policies) in levels.iter().enumerate() {
            let gate = self.policies(layer, level, policies);
            all.deny = all.deny.or(gate.deny);
            all.allows &= gate.allow.is_some();
            all.unreadable = all.unreadable.or(gate.unreadable.map(|policy| (level, policy)));
        }
        Some(all)
    }

    fn gate(&mut self, layer: Layer, policies: Option<&[Attached<'_>]>) -> Option<Gate> {
        match policies {
            Some(policies) => Some(self.policies(layer, 0, policies)),
            None => {
                self.recorder.absent(layer);
                None
            }
        }
    }

    fn policies(&mut self, layer: Layer, level: usize, policies: &[Attached<'_>]) -> Gate {
        let mut gate = Gate::default();
        for (policy, attached) in policies.iter().enumerate() {
            let Some(document) = attached.document else {
                gate.unreadable = gate.unreadable.or(Some(policy));
                continue;
            };
            for (index, statement) in document.statements.iter().enumerate() {
                let at = StatementRef { layer, level, policy, statement: index };
                let matters = !self.settled && gate.could_change_with(statement);
                if !matters && !R::THOROUGH {
                    continue;
                }
                let findings = self.look_at(layer, statement, document.version, matters);
                self.recorder.statement(at, attached, statement, &findings);
                if findings.apply() {
                    gate.add(statement.effect, findings.principal.strength, at);
                    self.settled |= gate.deny.is_some();
                }
            }
        }
        self.recorder.gate(layer, level, &gate);
        gate
    }

    /// Looks at a statement, element by element, up to the first that does not cover the request.
    fn look_at(&mut self, layer: Layer, statement: &Statement, version: Version, matters: bool) -> Findings {
        let request = self.request;
        let bounded = self.layers.boundary.is_some();
        let unseen = Finding { satisfied: false, entry: None };
        let mut findings = Findings { action: unseen, principal: Named::NOT, resource: unseen, conditions: false };
        // Whether everything so far covers the request.
        let mut covered = matters;
        findings.action = matching::action(&statement.action, request.action, self.meter(covered));
        covered &= findings.action.satisfied;
        if !covered && !R::THOROUGH {
            return findings;
        }
        findings.principal = match &statement.principal {
            _ if !layer.has_principals() => Named::SELF,
            Some(clause) => named(clause, request.principal, statement.effect, bounded, self.meter(covered)),
            // Without a principal a statement of such a policy is for nobody.
            None => Named::NOT,
        };
        covered &= findings.principal.strength.is_some();
        if !covered && !R::THOROUGH {
            return findings;
        }
        findings.resource = match &statement.resource {
            Some(clause) => matching::resource(clause, request, version, layer, statement.effect, self.meter(covered)),
            // Trust policies have none: they are about their role.
            None => Finding { satisfied: layer == Layer::Trust, entry: None },
        };
        covered &= findings.resource.satisfied;
        if !covered && !R::THOROUGH {
            return findings;
        }
        findings.conditions = self.conditions(statement, version, covered);
        findings
    }

    fn conditions(&mut self, statement: &Statement, version: Version, mut covered: bool) -> bool {
        let scope = Scope { effect: statement.effect, version, context: self.request.context };
        let mut all = true;
        for condition in &statement.conditions {
            if !all && !R::THOROUGH {
                break;
            }
            let holds = condition::holds(condition, scope, self.meter(covered));
            self.recorder.condition(holds);
            all &= holds;
            covered &= holds;
        }
        all
    }

    fn meter(&mut self, matters: bool) -> &mut Meter {
        if matters { &mut self.meter } else { &mut self.spare }
    }
}

impl Gate {
    /// Whether the gate would say something else if the statement applied.
    fn could_change_with(&self, statement: &Statement) -> bool {
        match statement.effect {
            Effect::Deny => self.deny.is_none(),
            Effect::Allow => self.allow.is_none_or(|(strength, _)| strength < Strength::Exact),
        }
    }

    fn add(&mut self, effect: Effect, strength: Option<Strength>, at: StatementRef) {
        match (effect, strength) {
            (Effect::Deny, _) => self.deny = self.deny.or(Some(at)),
            (Effect::Allow, Some(strength)) if self.allow.is_none_or(|(held, _)| held < strength) => {
                self.allow = Some((strength, at));
            }
            (Effect::Allow, _) => {}
        }
    }
}
