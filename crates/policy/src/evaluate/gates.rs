//! What each layer of policies says to a request.

use crate::asked::Asked;
use crate::condition::Scope;
use crate::document::{Effect, Statement};
use crate::evaluate::StatementRef;
use crate::matching::Finding;
use crate::matching::principal::{Named, Strength, named};
use crate::pattern::{Meter, READING, STEP_BUDGET};
use crate::policy::Rule;
use crate::request::{Attached, Layer, Layers, PolicySet, Request, resource_control_supports};

/// Listens to an evaluation.
pub(crate) trait Recorder {
    /// Whether to look at everything again, also at what can no longer change the decision. That takes steps from a budget
    /// of its own, so that being listened to never changes a decision.
    const THOROUGH: bool;

    /// One condition of the statement that is being looked at.
    fn condition(&mut self, holds: bool);

    /// A statement has been looked at.
    fn statement(&mut self, at: StatementRef, attached: &Attached, statement: &Statement, findings: &Findings);

    /// All statements of a gate have been looked at.
    fn gate(&mut self, layer: Layer, level: usize, gate: &Gate);

    /// A layer takes no part.
    fn absent(&mut self, layer: Layer);

    /// There were not steps enough to look at everything.
    fn incomplete(&mut self);
}

/// Records nothing.
pub(crate) struct Silent;

impl Recorder for Silent {
    const THOROUGH: bool = false;
    fn condition(&mut self, _: bool) {}
    fn statement(&mut self, _: StatementRef, _: &Attached, _: &Statement, _: &Findings) {}
    fn gate(&mut self, _: Layer, _: usize, _: &Gate) {}
    fn absent(&mut self, _: Layer) {}
    fn incomplete(&mut self) {}
}

/// What became of the elements of a statement. Those behind the first that does not cover the request are only looked at
/// for a thorough recorder.
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
#[derive(Default)]
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

/// What is compared: the same for all statements.
#[derive(Clone, Copy)]
struct Scene<'a> {
    request: &'a Request<'a>,
    asked: &'a Asked<'a>,
    /// Whether the principal has a permissions boundary.
    bounded: bool,
}

/// One evaluation.
pub(crate) struct Run<'a, R> {
    scene: Scene<'a>,
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
    pub(crate) fn new(
        request: &'a Request<'a>,
        asked: &'a Asked<'a>,
        layers: &'a Layers<'a>,
        recorder: &'a mut R,
        budget: u64,
    ) -> Self {
        let scene = Scene { request, asked, bounded: layers.boundary.is_some() };
        Run { scene, layers, recorder, meter: Meter::new(budget), spare: Meter::new(SURVEY_BUDGET), settled: false }
    }

    /// Asks all layers, in the order in which denials are named.
    pub(crate) fn ask_all(&mut self, gates: &mut Gates) {
        let (layers, principal) = (self.layers, self.scene.request.principal);
        let reached = !principal.is_service_linked();
        let resource_control =
            layers.resource_control.filter(|_| reached && resource_control_supports(self.scene.request.action));
        let service_control = layers.service_control.filter(|_| principal.is_under_service_control());
        self.ask_levels(Layer::ResourceControl, resource_control, &mut gates.resource_control);
        self.ask_levels(Layer::ServiceControl, service_control, &mut gates.service_control);
        self.ask(Layer::Endpoint, layers.endpoint, &mut gates.endpoint);
        self.ask(layers.resource_layer(), layers.resource, &mut gates.resource);
        self.ask_policies(Layer::Identity, 0, layers.identity, &mut gates.identity);
        self.ask(Layer::Boundary, layers.boundary, &mut gates.boundary);
        self.ask(Layer::Session, layers.session, &mut gates.session);
        gates.over_budget = self.meter.is_exhausted();
        if self.spare.is_exhausted() {
            self.recorder.incomplete();
        }
    }

    fn ask_levels(&mut self, layer: Layer, levels: Option<&[PolicySet]>, out: &mut Option<Levels>) {
        let Some(levels) = levels else {
            self.recorder.absent(layer);
            return;
        };
        // Without levels there is nothing that allows: as with one level of no policies.
        let levels = if levels.is_empty() { std::slice::from_ref(&NO_POLICIES) } else { levels };
        let all = out.insert(Levels::none_yet());
        for (level, policies) in levels.iter().enumerate() {
            let mut gate = Gate::default();
            self.ask_policies(layer, level, policies, &mut gate);
            all.add(level, &gate);
        }
    }

    fn ask(&mut self, layer: Layer, policies: Option<&PolicySet>, out: &mut Option<Gate>) {
        match policies {
            Some(policies) => self.ask_policies(layer, 0, policies, out.insert(Gate::default())),
            None => self.recorder.absent(layer),
        }
    }

    fn ask_policies(&mut self, layer: Layer, level: usize, policies: &PolicySet, gate: &mut Gate) {
        gate.unreadable = policies.unreadable();
        if !self.settled {
            let (scene, meter) = (self.scene, &mut self.meter);
            policies.candidates(scene.asked, |place, rule, statement| {
                let at = StatementRef::new(layer, level, place);
                if gate.could_change_with(rule.effect, at) {
                    let findings = scene.look_at(layer, rule, statement, meter, &mut Silent);
                    gate.add(rule.effect, &findings, at);
                }
            });
            self.settled = gate.deny.is_some();
        }
        if R::THOROUGH {
            self.survey(layer, level, policies);
        }
    }

    /// Looks at all statements once more, in order and to the end, for the recorder alone.
    fn survey(&mut self, layer: Layer, level: usize, policies: &PolicySet) {
        let mut gate = Gate { unreadable: policies.unreadable(), ..Gate::default() };
        for place in policies.places() {
            let Some((attached, rule, statement)) = policies.find(place) else { continue };
            let at = StatementRef::new(layer, level, place);
            let findings = self.scene.look_at(layer, rule, statement, &mut self.spare, self.recorder);
            self.recorder.statement(at, attached, statement, &findings);
            gate.add(rule.effect, &findings, at);
        }
        self.recorder.gate(layer, level, &gate);
    }
}

static NO_POLICIES: PolicySet = PolicySet::EMPTY;

/// What an explanation may take beyond the decision: many times as much, as it looks at everything.
const SURVEY_BUDGET: u64 = 16 * STEP_BUDGET;

impl Scene<'_> {
    /// Looks at a statement, element by element, up to the first that does not cover the request.
    fn look_at<R: Recorder>(
        self,
        layer: Layer,
        rule: &Rule,
        statement: &Statement,
        meter: &mut Meter,
        recorder: &mut R,
    ) -> Findings {
        let Scene { request, asked, bounded } = self;
        let unseen = Finding { satisfied: false, entry: None };
        let mut findings = Findings { action: unseen, principal: Named::NOT, resource: unseen, conditions: false };
        meter.spend(READING);
        findings.action = rule.actions.cover(asked, meter);
        if !findings.action.satisfied && !R::THOROUGH {
            return findings;
        }
        findings.principal = match &statement.principal {
            _ if !layer.has_principals() => Named::SELF,
            Some(clause) => named(clause, request.principal, rule.effect, bounded, meter),
            // Without a principal a statement of such a policy is for nobody.
            None => Named::NOT,
        };
        if findings.principal.strength.is_none() && !R::THOROUGH {
            return findings;
        }
        findings.resource = match &rule.resources {
            Some(resources) => resources.cover(asked, request.context, layer, rule.effect, meter),
            // Trust policies have none: they are about their role.
            None => Finding { satisfied: layer == Layer::Trust, entry: None },
        };
        if !findings.resource.satisfied && !R::THOROUGH {
            return findings;
        }
        findings.conditions = true;
        let scope = Scope { effect: rule.effect, context: request.context };
        for test in &rule.conditions {
            let holds = test.holds(scope, meter);
            recorder.condition(holds);
            findings.conditions &= holds;
            if !holds && !R::THOROUGH {
                break;
            }
        }
        findings
    }
}

impl Levels {
    /// Without levels, which all have been open so far.
    pub(crate) fn none_yet() -> Levels {
        Levels { deny: None, allows: true, unreadable: None }
    }

    pub(crate) fn add(&mut self, level: usize, gate: &Gate) {
        self.deny = self.deny.or(gate.deny);
        self.allows &= gate.allow.is_some();
        self.unreadable = self.unreadable.or(gate.unreadable.map(|policy| (level, policy)));
    }

    /// The same with an Allow on every level.
    pub(crate) fn opened(self) -> Levels {
        Levels { allows: true, ..self }
    }
}

impl Gate {
    /// Whether the gate would say something else if a statement at this place applied.
    fn could_change_with(&self, effect: Effect, at: StatementRef) -> bool {
        match (effect, self.deny, self.allow) {
            (Effect::Deny, held, _) => held.is_none_or(|held| at.place() < held.place()),
            (Effect::Allow, Some(_), _) => false,
            (Effect::Allow, None, held) => {
                held.is_none_or(|(strength, held)| strength < Strength::Exact || at.place() < held.place())
            }
        }
    }

    fn add(&mut self, effect: Effect, findings: &Findings, at: StatementRef) {
        if let Some(strength) = findings.principal.strength.filter(|_| findings.apply()) {
            self.add_applied(effect, strength, at);
        }
    }

    /// Adds a statement that applies.
    pub(crate) fn add_applied(&mut self, effect: Effect, strength: Strength, at: StatementRef) {
        match effect {
            Effect::Deny if self.deny.is_none_or(|held| at.place() < held.place()) => self.deny = Some(at),
            Effect::Allow
                if self.allow.is_none_or(|(held, before)| {
                    held < strength || (held == strength && at.place() < before.place())
                }) =>
            {
                self.allow = Some((strength, at));
            }
            Effect::Deny | Effect::Allow => {}
        }
    }
}
