//! What is repeated, by whom, and what never is.
//!
//! The SDK repeats throttled calls and calls that may be made twice. Calls that
//! would make a second thing carry [`Once`]. Organizations asks callers to come
//! back later in ways the SDK does not know; [`patiently`] does.

use std::future::Future;
use std::marker::PhantomData;
use std::time::Duration;
use std::time::Instant;

use aws_sdk_kms::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::codes::classify;
use super::error::Call;
use super::pause::jittered;
use crate::aws::config::Retries;
use crate::aws::{AwsError, Fault};

/// For calls without an idempotency token, of whose error type `E` is: only a
/// refusal for being too fast, after which certainly nothing was made, is
/// repeated.
#[derive(Debug)]
pub(super) struct Once<E>(PhantomData<E>);

impl<E> Once<E> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E> ClassifyRetry for Once<E>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + std::fmt::Debug + 'static,
{
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(failure)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let status = context.response().map_or(0, |response| response.status().as_u16());
        let refusal = failure.as_operation_error().and_then(|error| error.downcast_ref::<E>());
        let code = refusal.and_then(ProvideErrorMetadata::code).unwrap_or_default();
        if status < 500 && classify(code, "", status) == Fault::Throttled {
            RetryAction::throttling_error()
        } else {
            RetryAction::RetryForbidden
        }
    }

    fn name(&self) -> &'static str {
        "once"
    }
}

/// The repeats that all calls together may spend. Without a bound asked for
/// there is none: a plan of a thousand keys is throttled more often than the
/// SDK's own bound allows.
pub(super) fn partition(retries: &Retries) -> RetryPartition {
    let bucket = match retries.budget {
        Some(budget) => TokenBucket::new(budget),
        None => TokenBucket::unlimited(),
    };
    RetryPartition::custom("keyrail").token_bucket(bucket).build()
}

/// Makes the call again while Organizations says that another change is under
/// way or that it is called too often, for `patience` in all.
pub(super) async fn patiently<T, F>(patience: Duration, call: impl Fn() -> F) -> Result<T, AwsError>
where
    F: Future<Output = Result<T, AwsError>>,
{
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let failure = match call().await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        if !matches!(failure.fault(), Fault::Conflict | Fault::Throttled) {
            return Err(failure);
        }
        let waited = begun.elapsed();
        if waited.saturating_add(pause) > patience {
            return Err(Call::outlasted(failure, waited));
        }
        tokio::time::sleep(jittered(pause)).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// What Organizations' own documentation asks for is "wait a few minutes".
pub(super) const PATIENCE: Duration = Duration::from_mins(5);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::{Call, patiently};
    use crate::aws::{AwsError, Fault};

    fn failure(fault: Fault) -> AwsError {
        AwsError {
            fault,
            message: "busy".to_owned(),
            ..Call::new("Organizations", "AttachPolicy").without("x")
        }
    }

    #[tokio::test]
    async fn a_change_under_way_is_waited_for() {
        let calls = AtomicU32::new(0);
        let answer = patiently(Duration::from_secs(9), || async {
            match calls.fetch_add(1, Ordering::Relaxed) {
                0 => Err(failure(Fault::Conflict)),
                _ => Ok("done"),
            }
        });
        assert_eq!(answer.await, Ok("done"));
        assert_eq!(calls.into_inner(), 2);
    }

    #[tokio::test]
    async fn patience_ends_with_the_last_answer() {
        let answer: Result<(), _> =
            patiently(Duration::ZERO, || async { Err(failure(Fault::Conflict)) }).await;
        assert_eq!(answer.unwrap_err().message(), "busy (still so after 0 seconds)");
    }

    #[tokio::test]
    async fn a_refusal_is_final() {
        let calls = AtomicU32::new(0);
        let answer: Result<(), _> = patiently(Duration::from_secs(9), || async {
            calls.fetch_add(1, Ordering::Relaxed);
            Err(failure(Fault::AccessDenied))
        })
        .await;
        assert_eq!(answer.unwrap_err(), failure(Fault::AccessDenied));
        assert_eq!(calls.into_inner(), 1);
    }
}
