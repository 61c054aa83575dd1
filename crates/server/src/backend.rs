//! What the server needs of the service behind it.

use doorward_service::{Call, Doorward, Reply};
use std::pin::Pin;

/// The future of an answer.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

/// The service behind the server: [`Doorward`], or in tests one that can be made to fail.
pub trait Backend: Send + Sync + 'static {
    /// Answers one call.
    fn call<'a>(&'a self, call: Call<'a>) -> Answering<'a>;

    /// The JSON that is published at a path, to anybody.
    fn published(&self, path: &str) -> Option<String>;

    /// Whether the store can be used. May block.
    fn is_ready(&self) -> bool;

    /// How many changes have become durable since the start.
    fn commits(&self) -> u64;

    /// How many decisions denied because a policy could not be read.
    fn unreadable(&self) -> u64;

    /// What is to be done every few minutes. May block.
    fn upkeep(&self);

    /// Makes durable everything that was begun; nothing is called afterwards. May block.
    fn close(&self);
}

impl Backend for Doorward {
    fn call<'a>(&'a self, call: Call<'a>) -> Answering<'a> {
        Box::pin(Doorward::call(self, call))
    }

    fn published(&self, path: &str) -> Option<String> {
        Doorward::published(self, path)
    }

    fn is_ready(&self) -> bool {
        Doorward::is_ready(self)
    }

    fn commits(&self) -> u64 {
        Doorward::commits(self)
    }

    fn unreadable(&self) -> u64 {
        Doorward::unreadable(self)
    }

    fn upkeep(&self) {
        self.keep_uses();
    }

    fn close(&self) {
        Doorward::close(self);
    }
}
