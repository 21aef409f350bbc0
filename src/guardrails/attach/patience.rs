//! How long a run may take, and how far it has come.

use std::fmt;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::aws::{AwsError, Fault};

/// How long a run may wait for AWS, and who may end it earlier.
#[derive(Debug, Clone)]
pub struct Patience {
    limit: Duration,
    end: Instant,
    pause: Duration,
    cancelled: CancellationToken,
}

impl Patience {
    /// Patience for `limit` from now, or until `cancelled`.
    pub fn new(limit: Duration, cancelled: &CancellationToken) -> Self {
        let now = Instant::now();
        Self {
            limit,
            end: now.checked_add(limit).unwrap_or(now),
            pause: Duration::from_secs(1),
            cancelled: cancelled.clone(),
        }
    }

    /// The same with another pause between two looks.
    #[cfg(test)]
    pub(super) fn pausing(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// Does the work, unless it takes too long or is interrupted.
    pub async fn limit<T>(&self, work: impl Future<Output = T>) -> Result<T, Cut> {
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.cancelled.cancelled() => Err(Cut::Interrupted),
            () = tokio::time::sleep_until(self.end) => Err(Cut::TimeUp(self.limit)),
        }
    }

    /// Makes a call again and again while AWS says that another change is under
    /// way. What ends it is [`Patience::limit`] around all of it.
    pub(super) async fn call<T, F>(&self, progress: &Progress, call: impl Fn() -> F) -> Result<T, AwsError>
    where
        F: Future<Output = Result<T, AwsError>>,
    {
        loop {
            match call().await {
                Err(error) if matches!(error.fault(), Fault::Conflict | Fault::Throttled) => {
                    self.wait(progress, &error.to_string()).await;
                }
                done => return done,
            }
        }
    }

    /// One pause, because of something that is not so yet.
    pub(super) async fn wait(&self, progress: &Progress, because: &str) {
        progress.waits(because);
        tokio::time::sleep(self.pause).await;
    }
}

/// Why a run ended before its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The time was up; it was this long.
    TimeUp(Duration),
    /// The user interrupted.
    Interrupted,
}

impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimeUp(limit) => write!(formatter, "the time, {} seconds, was up", limit.as_secs()),
            Self::Interrupted => formatter.write_str("the run was interrupted"),
        }
    }
}

/// What a run has done, what it is doing, and how much is left.
#[derive(Debug, Default)]
pub(super) struct Progress(Mutex<Report>);

/// How far a run came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What was done, in order and in words.
    pub done: Vec<String>,
    /// What was being done, which may be done as well; nothing before the first step.
    pub doing: Option<String>,
    /// What AWS said last when it was asked again.
    pub waited_for: Option<String>,
    /// How many steps had not begun.
    pub left: usize,
}

impl Progress {
    /// So many steps are ahead.
    pub(super) fn ahead(&self, steps: usize) {
        self.report().left = steps;
    }

    /// A step begins.
    pub(super) fn begins(&self, step: &impl fmt::Display) {
        let mut report = self.report();
        report.left = report.left.saturating_sub(1);
        report.waited_for = None;
        report.doing = Some(step.to_string());
    }

    /// The step that began is done.
    pub(super) fn done(&self) {
        let mut report = self.report();
        if let Some(step) = report.doing.take() {
            report.done.push(step);
        }
    }

    fn waits(&self, because: &str) {
        self.report().waited_for = Some(because.to_owned());
    }

    /// How far it came.
    pub(super) fn so_far(&self) -> Report {
        self.report().clone()
    }

    fn report(&self) -> MutexGuard<'_, Report> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
