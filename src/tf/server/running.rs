//! The calls in flight: how many there are, and what cancels them.

use std::sync::{PoisonError, RwLock};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Counts calls and hands out their tokens.
#[derive(Debug)]
pub(crate) struct Running {
    /// Parent of every token; once cancelled, later calls start cancelled.
    closing: CancellationToken,
    /// Parent of the tokens of calls that start now.
    current: RwLock<CancellationToken>,
    count: watch::Sender<usize>,
}

/// One call; it counts as long as this lives.
pub(super) struct InFlight<'a>(&'a watch::Sender<usize>);

impl Running {
    pub(super) fn new() -> Self {
        let closing = CancellationToken::new();
        let current = RwLock::new(closing.child_token());
        Self { closing, current, count: watch::Sender::new(0) }
    }

    pub(super) fn begin(&self) -> InFlight<'_> {
        self.count.send_modify(|count| *count = count.saturating_add(1));
        InFlight(&self.count)
    }

    /// The token of a call that starts now.
    pub(super) fn token(&self) -> CancellationToken {
        self.current.read().unwrap_or_else(PoisonError::into_inner).child_token()
    }

    /// Cancels all calls in flight; later ones get a fresh token.
    pub(super) fn stop(&self) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, self.closing.child_token()).cancel();
    }

    /// Cancels all calls in flight and all later ones: the process is to end.
    pub(crate) fn close(&self) {
        self.closing.cancel();
    }

    /// Resolves when no call is in flight.
    pub(crate) async fn idle(&self) {
        // The sender lives as long as `self`, so the wait cannot fail.
        self.count.subscribe().wait_for(|count| *count == 0).await.ok();
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}
