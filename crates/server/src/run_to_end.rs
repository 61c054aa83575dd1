//! Calls that end whether or not anybody still waits for their answer, and panics that stay in their request.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// A future of any type, and the same type for all of them.
pub(crate) type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A call that, dropped before its end, goes on in a task of its own.
///
/// hyper drops a request's future when the client goes away. A change, once begun, must still reach its end: its event
/// and its answer belong together whoever listens. Nearly all calls end while they are awaited, so the task is made
/// only when it is needed.
pub(crate) struct RunToEnd<T: Send + 'static>(Option<Boxed<T>>);

impl<T: Send + 'static> RunToEnd<T> {
    pub(crate) fn new(call: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Some(Box::pin(call)))
    }
}

impl<T: Send + 'static> Future for RunToEnd<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = self.get_mut();
        // Taken out while it is polled: a call that panics is gone, and one that has ended is not polled again.
        let Some(mut call) = this.0.take() else { return Poll::Pending };
        let polled = call.as_mut().poll(cx);
        if polled.is_pending() {
            this.0 = Some(call);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for RunToEnd<T> {
    fn drop(&mut self) {
        if let Some(call) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(call);
        }
    }
}

/// Turns a panic of `future` into an error.
pub(crate) async fn catch_panic<F: Future>(future: F) -> Result<F::Output, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    // After a panic the future is only dropped.
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::sync::oneshot;
    use tokio::time::timeout;

    #[tokio::test]
    async fn a_call_ends_though_nobody_waits() {
        let (go, gone) = oneshot::channel::<()>();
        let (done, ended) = oneshot::channel();
        let call = RunToEnd::new(async move {
            let _ = gone.await;
            let _ = done.send("ended");
        });
        assert!(timeout(Duration::from_millis(5), call).await.is_err());
        go.send(()).unwrap();
        assert_eq!(timeout(Duration::from_secs(5), ended).await.unwrap(), Ok("ended"));
    }

    #[tokio::test]
    async fn a_panic_is_an_error() {
        let call = RunToEnd::new(async { panic!("on purpose") });
        let caught = catch_panic(call).await.map(|never: ()| never);
        assert_eq!(*caught.unwrap_err().downcast_ref::<&str>().unwrap(), "on purpose");
        assert_eq!(catch_panic(RunToEnd::new(async { 7 })).await.ok(), Some(7));
    }
}
