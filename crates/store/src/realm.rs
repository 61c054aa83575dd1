//! Realms as the store sees them: named sets of records with a revision.

use std::fmt;

use crate::Event;

/// The largest number of changes in one commit.
pub const MAX_CHANGES: usize = 20_000;
/// The largest sum of all bodies in one commit, its event's included, in bytes.
pub const MAX_COMMIT_BYTES: usize = 32 << 20;
const MAX_NAME_BYTES: usize = 4_096;

/// The name of a realm, such as `account/111122223333`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RealmId(String);

impl RealmId {
    /// The realm of this name. The store gives the text no meaning.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RealmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How many commits a realm has seen. 0: it does not exist yet.
pub type Revision = u64;

/// Which state of a realm to load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The current one.
    Now,
    /// The one that this commit made.
    Revision(Revision),
    /// The one that was current at this time, in milliseconds since 1970.
    Time(i64),
}

/// One state of a realm.
#[derive(Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The commit that made this state.
    pub revision: Revision,
    /// When that commit was made, in milliseconds since 1970. Never less than at an earlier revision.
    pub time_ms: i64,
    /// All records, in no particular order.
    pub records: Vec<Record>,
}

/// One record: within its realm, kind and key name it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    /// What sort of thing it is, such as `user`.
    pub kind: String,
    /// Which one.
    pub key: String,
    /// Its content, which only the domain understands.
    pub body: Vec<u8>,
}

/// Shows the size of the body, never the body: it can hold sealed secrets.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} ({} bytes)", self.kind, self.key, self.body.len())
    }
}

/// One record's change within a commit.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// The record's kind.
    pub kind: &'static str,
    /// The record's key.
    pub key: String,
    /// The record from this revision on. `None`: it ends, and must exist.
    pub body: Option<Vec<u8>>,
}

/// One step of a realm.
#[derive(Clone, PartialEq, Eq)]
pub struct Step {
    /// The realm.
    pub realm: RealmId,
    /// The revision that the changes were computed from. The step makes the one after it.
    pub expected: Revision,
    /// What changes; no record twice.
    pub changes: Vec<Change>,
}

/// One step of one realm, with steps of others that are taken together with it, or not at all.
#[derive(Clone, PartialEq, Eq)]
pub struct Commit {
    /// The realm.
    pub realm: RealmId,
    /// The revision that the changes were computed from. The commit makes the one after it, or is refused.
    pub expected: Revision,
    /// When, in milliseconds since 1970. Where it is less than the realm's last commit's, that one's is recorded.
    pub time_ms: i64,
    /// What changes; no record twice.
    pub changes: Vec<Change>,
    /// The audit event of the change, durable together with it.
    pub event: Option<Event>,
    /// What changes with it in other realms, each of them once.
    pub also: Vec<Step>,
}

impl Commit {
    /// All steps, its own first: realm, expected revision, changes.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (&RealmId, Revision, &[Change])> {
        let own = (&self.realm, self.expected, self.changes.as_slice());
        std::iter::once(own).chain(self.also.iter().map(|step| (&step.realm, step.expected, step.changes.as_slice())))
    }

    /// What is wrong with the commit in itself, whatever the realm's state.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let fits = |name: &str| !name.is_empty() && name.len() <= MAX_NAME_BYTES;
        let changes = || self.steps().flat_map(|(realm, _, changes)| changes.iter().map(move |change| (realm, change)));
        if self.steps().any(|(realm, ..)| !fits(realm.as_str()))
            || changes().any(|(_, c)| !fits(c.kind) || !fits(&c.key))
        {
            return Err(Refusal::Invalid("a realm, kind or key is empty or too long"));
        }
        if changes().count() > MAX_CHANGES {
            return Err(Refusal::Invalid("too many changes"));
        }
        let bodies = changes().filter_map(|(_, c)| c.body.as_ref()).map(Vec::len).sum::<usize>();
        if bodies + self.event.as_ref().map_or(0, |e| e.body.len()) > MAX_COMMIT_BYTES {
            return Err(Refusal::Invalid("too many bytes"));
        }
        let mut realms: Vec<_> = self.steps().map(|(realm, ..)| realm).collect();
        realms.sort_unstable();
        if realms.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err(Refusal::Invalid("a realm is stepped twice"));
        }
        let mut names: Vec<_> = changes().map(|(realm, c)| (realm, c.kind, &c.key)).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err(Refusal::Invalid("a record changes twice"));
        }
        Ok(())
    }
}

/// Why a commit was not made. It left no trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The realm is not at the expected revision, or an earlier commit that this one was built on was refused.
    Conflict,
    /// The commit makes no sense: a limit is passed, a record changes twice, or one ends that does not exist.
    Invalid(&'static str),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("the realm is not at the expected revision"),
            Self::Invalid(reason) => write!(f, "the commit is invalid: {reason}"),
        }
    }
}

impl std::error::Error for Refusal {}
