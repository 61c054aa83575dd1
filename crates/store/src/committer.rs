//! Group commit: one writer thread makes one durable transaction of all commits that are waiting.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use futures_channel::oneshot;

use crate::sqlite::lock;
use crate::{Commit, Refusal, Revision, Store};

#[cfg(test)]
mod tests;

/// The most commits in one transaction.
const GROUP: usize = 512;
/// The most commits that wait; one more is refused at once.
const QUEUE: usize = 4_096;
/// The longest time for which a transaction is put off, so that more commits can join it.
const MAX_PATIENCE: Duration = Duration::from_millis(2);

/// Why a commit was not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitError {
    /// It left no trace.
    Refused(Refusal),
    /// Too many commits are waiting. It left no trace.
    Overloaded,
    /// The committer has been closed. It left no trace.
    Closed,
    /// The store failed. Whether the commit is durable is unknown: only loading the realm tells.
    Unknown(String),
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Overloaded => f.write_str("too many commits are waiting"),
            Self::Closed => f.write_str("the store is closed"),
            Self::Unknown(error) => write!(f, "whether the commit was made is unknown: {error}"),
        }
    }
}

impl std::error::Error for CommitError {}

type Answer = Result<Revision, CommitError>;

/// Hands commits to the writer thread.
///
/// Commits are made in the order they were submitted in. A realm's next commit may be submitted before the last one
/// was answered, expecting the revision that one will make; such a chain belongs on one [`Line`].
pub struct Committer {
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Committer {
    /// Starts the writer thread.
    pub fn start(store: Arc<dyn Store>) -> Self {
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        let writer = thread::spawn(move || own.run(&*store));
        Self { shared, writer: Mutex::new(Some(writer)) }
    }

    /// Submits one commit that is built on durable state. The receiver is answered when the commit is durable, or
    /// will not be.
    pub fn submit(&self, commit: Commit) -> oneshot::Receiver<Answer> {
        self.line().submit(commit)
    }

    /// A new line: take one whenever a realm has been loaded from the store.
    pub fn line(&self) -> Line {
        Line { shared: Arc::clone(&self.shared), sound: Arc::new(AtomicU64::new(Revision::MAX)) }
    }

    /// Makes what was submitted, then stops. Later commits are answered [`CommitError::Closed`].
    pub fn close(&self) {
        self.shared.close();
        if let Some(writer) = lock(&self.writer).take()
            && writer.join().is_err()
        {
            tracing::error!("the writer thread has panicked");
        }
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.close();
    }
}

/// Steps of one realm that are built on each other, from one load of the realm on.
///
/// Once a commit of the line is not made, none with a higher expected revision is, even where its expected revision happens to be the realm's
/// by then: it was computed from a state that never came to be.
pub struct Line {
    shared: Arc<Shared>,
    /// The first expected revision of which the commit was not made.
    sound: Arc<AtomicU64>,
}

impl Line {
    /// Like [`Committer::submit`], for a commit that is built on the one submitted before on this line.
    pub fn submit(&self, commit: Commit) -> oneshot::Receiver<Answer> {
        self.submit_with(&[], commit)
    }

    /// The same for a commit with steps of other realms: `others` are the lines of the first of those. Steps without a
    /// line are of realms that nobody has loaded, as they are new.
    pub fn submit_with(&self, others: &[&Line], commit: Commit) -> oneshot::Receiver<Answer> {
        let (sender, receiver) = oneshot::channel();
        let lines = std::iter::once(self).chain(others.iter().copied());
        let link = |(line, (_, expected, _)): (&Line, _)| Link { expected, sound: Arc::clone(&line.sound) };
        let links = lines.zip(commit.steps()).map(link).collect();
        self.shared.push(Waiting { commit, answer: Answering { links, sender } });
        receiver
    }
}

struct Waiting {
    commit: Commit,
    answer: Answering,
}

impl Waiting {
    fn is_broken(&self) -> bool {
        self.answer.links.iter().any(|link| link.sound.load(Ordering::Relaxed) < link.expected)
    }
}

/// A step's place on its line.
struct Link {
    expected: Revision,
    sound: Arc<AtomicU64>,
}

/// Where a commit's answer goes.
struct Answering {
    links: Vec<Link>,
    sender: oneshot::Sender<Answer>,
}

impl Answering {
    /// Always called by the writer thread or under the queue's lock, hence before the line's next commit is looked at.
    fn give(self, answer: Answer) {
        if answer.is_err() {
            for link in &self.links {
                link.sound.fetch_min(link.expected, Ordering::Relaxed);
            }
        }
        // Who no longer waits for the answer does not need it.
        let _ = self.sender.send(answer);
    }
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// How many the writer thread sleeps for.
    awaited: usize,
    closed: bool,
}

impl Shared {
    fn push(&self, waiting: Waiting) {
        let mut queue = lock(&self.queue);
        if queue.closed {
            waiting.answer.give(Err(CommitError::Closed));
        } else if queue.waiting.len() >= QUEUE {
            waiting.answer.give(Err(CommitError::Overloaded));
        } else {
            queue.waiting.push_back(waiting);
            if queue.waiting.len() >= queue.awaited {
                self.arrived.notify_one();
            }
        }
    }

    fn close(&self) {
        lock(&self.queue).closed = true;
        self.arrived.notify_one();
    }

    fn run(&self, store: &dyn Store) {
        let _closing = CloseOnExit(self);
        let (mut last, mut patience) = (0, Duration::ZERO);
        while let Some(group) = self.next_group(last, patience) {
            last = group.len();
            let start = Instant::now();
            make(store, group);
            patience = start.elapsed() / 8;
        }
    }

    /// Waits for commits; `None` once closed and empty.
    ///
    /// Those whose last commit was just answered tend to come back one after the other. Were the first of them taken
    /// alone, all others would wait for its transaction, so as many as there were `last` are awaited for a moment.
    fn next_group(&self, last: usize, patience: Duration) -> Option<Vec<Waiting>> {
        let queue = lock(&self.queue);
        let idle = |queue: &mut Queue| queue.waiting.is_empty() && !queue.closed;
        let mut queue = self.arrived.wait_while(queue, idle).unwrap_or_else(PoisonError::into_inner);
        queue.awaited = last;
        let few = |queue: &mut Queue| queue.waiting.len() < last && !queue.closed;
        let waited = self.arrived.wait_timeout_while(queue, patience.min(MAX_PATIENCE), few);
        let mut queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        queue.awaited = 0;
        let size = queue.waiting.len().min(GROUP);
        (size > 0).then(|| queue.waiting.drain(..size).collect())
    }
}

/// However the writer thread ends, nobody waits for it in vain.
struct CloseOnExit<'a>(&'a Shared);

impl Drop for CloseOnExit<'_> {
    fn drop(&mut self) {
        self.0.close();
        lock(&self.0.queue).waiting.drain(..).for_each(|waiting| waiting.answer.give(Err(CommitError::Closed)));
    }
}

/// Makes one transaction of the group and answers each of its commits.
fn make(store: &dyn Store, mut group: Vec<Waiting>) {
    for waiting in group.extract_if(.., |waiting| waiting.is_broken()) {
        waiting.answer.give(Err(CommitError::Refused(Refusal::Conflict)));
    }
    if group.is_empty() {
        return;
    }
    let (batch, waiting): (Vec<_>, Vec<_>) = group.into_iter().map(|waiting| (waiting.commit, waiting.answer)).unzip();
    match store.commit(&batch) {
        Ok(answers) => {
            for (waiting, answer) in waiting.into_iter().zip(answers) {
                waiting.give(answer.map_err(CommitError::Refused));
            }
        }
        Err(error) => {
            let error = CommitError::Unknown(error.to_string());
            waiting.into_iter().for_each(|waiting| waiting.give(Err(error.clone())));
        }
    }
}
