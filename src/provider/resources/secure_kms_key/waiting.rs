//! Patience with AWS: calls that are repeated until AWS has caught up with
//! itself, within the user's time-outs and until the user interrupts.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::aws::AwsError;
use crate::aws::Fault;

/// How fast the waiting goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// The first pause before a repeated call; each further one is twice as long.
    pub(crate) first: Duration,
    /// The longest pause between repeated calls.
    pub(crate) longest: Duration,
    /// The pause between two looks at a key that settles.
    pub(crate) look: Duration,
    /// How long a new thing may stay invisible before AWS's answer is believed.
    pub(crate) visibility: Duration,
    /// How long a key is looked for whose creation was not answered. What does
    /// not turn up now is looked for again by the next apply.
    pub(crate) unanswered: Duration,
    /// How old a key must be before it is taken for one that was lost: a younger
    /// one may be in the making by somebody else, who names it at once.
    pub(crate) in_the_making: Duration,
    /// How long a key that is gone is looked for again before it is believed to be gone.
    pub(crate) vanishing: Duration,
}

impl Pace {
    /// The pace for AWS, which is eventually consistent: usually within seconds
    /// (KMS developer guide, "AWS KMS eventual consistency", read 2026-11).
    pub(crate) const AWS: Self = Self {
        first: Duration::from_millis(500),
        longest: Duration::from_secs(8),
        look: Duration::from_millis(500),
        visibility: Duration::from_mins(1),
        unanswered: Duration::from_secs(20),
        in_the_making: Duration::from_secs(10),
        vanishing: Duration::from_secs(2),
    };
}

/// One operation's patience.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) pace: Pace,
    deadline: Instant,
    cancelled: CancellationToken,
}

impl Waiting {
    /// Patience for `timeout`, or until `cancelled`.
    pub(super) fn new(pace: Pace, timeout: Duration, cancelled: &CancellationToken) -> Self {
        let deadline = Instant::now().checked_add(timeout).unwrap_or_else(Instant::now);
        Self { pace, deadline, cancelled: cancelled.clone() }
    }

    /// The same, for at most `limit` from now.
    pub(super) fn at_most(&self, limit: Duration) -> Self {
        let end = Instant::now().checked_add(limit).unwrap_or(self.deadline);
        Self { deadline: end.min(self.deadline), ..self.clone() }
    }

    /// Whether the user interrupted.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.is_cancelled()
    }

    /// Repeats a call that does no harm when it is made twice, as long as
    /// `again` says that its failure may pass. A connection that was not made has
    /// been tried for long enough below, so it never is.
    pub(super) async fn repeat<T, F>(
        &self,
        again: impl Fn(&AwsError) -> bool + Send,
        call: impl Fn() -> F + Send,
    ) -> Result<T, AwsError>
    where
        T: Send,
        F: Future<Output = Result<T, AwsError>> + Send,
    {
        let mut pause = self.pace.first;
        loop {
            let done = call().await;
            let reached = |error: &&AwsError| error.fault() != Fault::Unreachable;
            let may_pass = done.as_ref().err().filter(reached).is_some_and(&again);
            if !may_pass || !self.pause(jittered(pause)).await {
                return done;
            }
            pause = pause.saturating_mul(2).min(self.pace.longest);
        }
    }

    /// Returns when the time is up or the user interrupted, for a call in flight
    /// that nobody answers.
    pub(super) async fn over(&self) {
        tokio::select! {
            () = self.cancelled.cancelled() => {}
            () = tokio::time::sleep_until(self.deadline) => {}
        }
    }

    /// Sleeps; `false` when there is no time left for it or the user interrupted.
    pub(super) async fn pause(&self, pause: Duration) -> bool {
        let end = Instant::now().checked_add(pause);
        if self.is_cancelled() || end.is_none_or(|end| end > self.deadline) {
            return false;
        }
        tokio::select! {
            () = self.cancelled.cancelled() => false,
            () = tokio::time::sleep(pause) => true,
        }
    }
}

/// Between half of `pause` and all of it, so that keys made side by side do not
/// come back at the same moment.
fn jittered(pause: Duration) -> Duration {
    let chance = getrandom::u32().unwrap_or(u32::MAX);
    let half = pause.mul_f64(0.5);
    half.saturating_add(half.mul_f64(f64::from(chance) / f64::from(u32::MAX)))
}
