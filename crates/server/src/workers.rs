//! Threads for work that takes long, such as hashing passwords: few, with a short queue, so that whoever asks for much of
//! it keeps neither other calls nor the machine's memory.

use std::fmt;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use doorward_service::{Overloaded, Work, Workers};

/// Pieces of work that may wait.
const WAITING_MAX: usize = 32;

/// The threads: half as many as the machine has processors. They end with it.
pub struct WorkerThreads(SyncSender<Work>);

impl WorkerThreads {
    /// Starts the threads.
    ///
    /// # Errors
    /// There can be no more threads.
    pub fn start() -> std::io::Result<WorkerThreads> {
        let (sender, receiver) = sync_channel(WAITING_MAX);
        let receiver = Arc::new(Mutex::new(receiver));
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        for _ in 0..(processors / 2).max(1) {
            let receiver = Arc::clone(&receiver);
            thread::Builder::new().name("worker".to_owned()).spawn(move || work(&receiver))?;
        }
        Ok(WorkerThreads(sender))
    }
}

impl Workers for WorkerThreads {
    fn take(&self, work: Work) -> Result<(), Overloaded> {
        self.0.try_send(work).map_err(|_| Overloaded)
    }
}

impl fmt::Debug for WorkerThreads {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("WorkerThreads")
    }
}

fn work(receiver: &Mutex<Receiver<Work>>) {
    loop {
        let received = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = received else { return };
        // Whoever waits for it sees that nothing comes; the thread is for the others.
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            tracing::error!("a piece of work panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn what_is_taken_is_done_and_what_is_too_much_is_not_taken() {
        let workers = WorkerThreads::start().unwrap();
        let (go, gate) = channel::<()>();
        let gate = Arc::new(Mutex::new(gate));
        let (done, ended) = channel();
        let take = || {
            let (gate, done) = (Arc::clone(&gate), done.clone());
            workers.take(Box::new(move || {
                gate.lock().unwrap().recv().unwrap();
                done.send(()).unwrap();
            }))
        };
        let taken = std::iter::repeat_with(take).take(1_000).filter(|taken| taken.is_ok()).count();
        let threads = (thread::available_parallelism().unwrap().get() / 2).max(1);
        assert!((WAITING_MAX..=WAITING_MAX + threads).contains(&taken), "{taken}");
        (0..taken).for_each(|_| go.send(()).unwrap());
        (0..taken).for_each(|_| ended.recv().unwrap());
    }

    #[test]
    fn a_panic_ends_no_thread() {
        let workers = WorkerThreads::start().unwrap();
        for _ in 0..4 {
            workers.take(Box::new(|| panic!("on purpose"))).unwrap();
        }
        let (done, ended) = channel();
        workers.take(Box::new(move || done.send(7).unwrap())).unwrap();
        assert_eq!(ended.recv().unwrap(), 7);
    }
}
