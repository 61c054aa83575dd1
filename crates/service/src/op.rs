//! The rows: what is specific to an operation is one row and one function.

use doorward_shapes::{Error, FromTree, ToTree};
use serde_json::Value;

use crate::authorize::Authorized;
use crate::cx::Cx;
use crate::desk::{Desk, Touches, Worked};
use crate::evidence::Verify;
use crate::target::{Scope, Target};

/// What a call does beside answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing: it reads.
    Read,
    /// Nothing: it decides for a resource service. Its event is a data event.
    Decide,
    /// It issues credentials, which go out only after their event is durable.
    Issue,
    /// It changes the caller's account, or its organization.
    Write,
}

/// One operation.
pub(crate) struct Op {
    /// The operation's name in the model.
    pub name: &'static str,
    /// What it does.
    pub effect: Effect,
    /// Which realms it is about.
    pub touches: Touches,
    /// Whether policies decide on it. STS GetCallerIdentity and GetSessionToken cannot be denied.
    pub authorized: bool,
    /// What must hold beside what policies say, checked after they have allowed.
    pub guard: Option<Guard>,
    /// How callers without credentials are authenticated, where AWS leaves the operation unsigned.
    pub evidence: Option<Verify>,
    prepare: Box<Prepare>,
}

/// A check that a call must pass before its operation runs.
pub(crate) type Guard = fn(&Desk) -> Result<(), Error>;

type Prepare = dyn Fn(Value) -> Result<Box<dyn Prepared>, Error> + Send + Sync;

/// An operation with its typed input, ready to be authorized and run.
pub(crate) trait Prepared: Send + Sync {
    /// What the call touches.
    fn targets(&self, scope: &Scope<'_>) -> Result<Vec<Target>, Error>;

    /// Runs on private copies, on which it was authorized. May run again on newer ones.
    fn run(&self, cx: &Cx<'_>, desk: &mut Desk, authorized: &Authorized) -> Result<Value, Error>;
}

type TargetsOf<I> = fn(&Scope<'_>, &I) -> Result<Vec<Target>, Error>;
type Reader<S, I, O> = fn(&Cx<'_>, &S, I) -> Result<O, Error>;
type Writer<S, I, O> = fn(&Cx<'_>, &mut S, I) -> Result<O, Error>;

enum Run<S, I, O> {
    Read(Reader<S, I, O>),
    Write(Writer<S, I, O>),
}

impl<S, I, O> Clone for Run<S, I, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, I, O> Copy for Run<S, I, O> {}

struct Typed<S, I, O> {
    targets: TargetsOf<I>,
    run: Run<S, I, O>,
    input: I,
}

impl<S: Worked, I: Clone + Send + Sync, O: ToTree> Prepared for Typed<S, I, O> {
    fn targets(&self, scope: &Scope<'_>) -> Result<Vec<Target>, Error> {
        (self.targets)(scope, &self.input)
    }

    fn run(&self, cx: &Cx<'_>, desk: &mut Desk, _: &Authorized) -> Result<Value, Error> {
        let output = match self.run {
            Run::Read(run) => run(cx, S::on(desk)?, self.input.clone())?,
            Run::Write(run) => run(cx, S::on_mut(desk)?, self.input.clone())?,
        };
        Ok(output.to_tree())
    }
}

impl Op {
    /// A row of an operation that reads.
    pub fn read<S, I, O>(name: &'static str, targets: TargetsOf<I>, run: Reader<S, I, O>) -> Op
    where
        S: Worked + 'static,
        I: FromTree + Clone + Send + Sync + 'static,
        O: ToTree + 'static,
    {
        Op::new(name, Effect::Read, targets, Run::Read(run))
    }

    /// A row of an operation that decides for a resource service.
    pub fn decide<S, I, O>(name: &'static str, targets: TargetsOf<I>, run: Reader<S, I, O>) -> Op
    where
        S: Worked + 'static,
        I: FromTree + Clone + Send + Sync + 'static,
        O: ToTree + 'static,
    {
        Op::new(name, Effect::Decide, targets, Run::Read(run))
    }

    /// A row of an operation that issues credentials.
    pub fn issue<S, I, O>(name: &'static str, targets: TargetsOf<I>, run: Reader<S, I, O>) -> Op
    where
        S: Worked + 'static,
        I: FromTree + Clone + Send + Sync + 'static,
        O: ToTree + 'static,
    {
        Op::new(name, Effect::Issue, targets, Run::Read(run))
    }

    /// A row of an operation that changes what its function takes: the caller's account, its organization, or both.
    pub fn write<S, I, O>(name: &'static str, targets: TargetsOf<I>, run: Writer<S, I, O>) -> Op
    where
        S: Worked + 'static,
        I: FromTree + Clone + Send + Sync + 'static,
        O: ToTree + 'static,
    {
        Op::new(name, Effect::Write, targets, Run::Write(run))
    }

    /// The same row, for an operation that no policy can deny.
    pub fn always_allowed(self) -> Op {
        Op { authorized: false, ..self }
    }

    /// The same row, for an operation whose callers are authenticated by evidence in its input, and by nothing else.
    pub fn by_evidence(self, verify: Verify) -> Op {
        Op { evidence: Some(verify), ..self }
    }

    /// The same row, for an operation that not everybody may use whom policies allow it.
    pub fn guarded(self, guard: Guard) -> Op {
        Op { guard: Some(guard), ..self }
    }

    fn new<S, I, O>(name: &'static str, effect: Effect, targets: TargetsOf<I>, run: Run<S, I, O>) -> Op
    where
        S: Worked + 'static,
        I: FromTree + Clone + Send + Sync + 'static,
        O: ToTree + 'static,
    {
        let prepare = move |tree: Value| -> Result<Box<dyn Prepared>, Error> {
            Ok(Box::new(Typed { targets, run, input: I::from_tree(tree)? }))
        };
        Op {
            name,
            effect,
            touches: S::TOUCHES,
            authorized: true,
            guard: None,
            evidence: None,
            prepare: Box::new(prepare),
        }
    }

    /// The operation with its input.
    pub fn prepare(&self, tree: Value) -> Result<Box<dyn Prepared>, Error> {
        (self.prepare)(tree)
    }
}
