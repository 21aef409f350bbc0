//! Calls to KMS, paced: one budget per operation, one bound on what is in
//! flight, and failures turned into facts.
//!
//! INVARIANT: every call of an audit goes through [`Lanes::call`].

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use tokio::sync::Semaphore;

use super::budget::{Bucket, Operation};
use crate::aws::AwsError;
use crate::aws::Fault;
use crate::model::fact::Fact;

/// How hard an audit may lean on AWS, and how long it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most calls in flight.
    pub calls_in_flight: usize,
    /// The share of AWS's default request quotas to use, in percent; at least 1.
    pub quota_percent: u32,
    /// Grants are read only where there are at most so many keys: `ListGrants`
    /// has the smallest quota and would take longer than all the rest.
    pub grants_up_to_keys: usize,
    /// How long a key that was asked for by name may stay invisible: KMS shows
    /// a new key everywhere only after some seconds (KMS developer guide,
    /// "Eventual consistency", read 2026-11).
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls_in_flight: 32,
            quota_percent: 50,
            grants_up_to_keys: 5_000,
            patience: Duration::from_secs(10),
        }
    }
}

/// The paced way to KMS.
#[derive(Debug)]
pub(crate) struct Lanes {
    started: Instant,
    permits: Semaphore,
    buckets: BTreeMap<Operation, Mutex<Bucket>>,
}

impl Lanes {
    pub(crate) fn new(limits: Limits) -> Self {
        let bucket = |operation: Operation| (operation, Mutex::new(operation.bucket(limits.quota_percent)));
        Self {
            started: Instant::now(),
            permits: Semaphore::new(limits.calls_in_flight.max(1)),
            buckets: Operation::ALL.into_iter().map(bucket).collect(),
        }
    }

    /// Makes one call when it is its turn. Only credentials that AWS does not
    /// accept are an error: every later call would fail the same way.
    pub(crate) async fn fact<T>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T, AwsError>>,
    ) -> Result<Fact<T>, AwsError> {
        match self.call(operation, call).await {
            Ok(value) => Ok(Fact::Known(value)),
            Err(error) if error.fault() == Fault::Credentials => Err(error),
            Err(error) => Ok(Fact::Unreadable(reason(&error))),
        }
    }

    /// Makes one call when it is its turn.
    pub(crate) async fn call<T>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T, AwsError>>,
    ) -> Result<T, AwsError> {
        let wait = self.wait(operation);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        // The semaphore is never closed, so there is always a permit to wait for.
        let _permit = self.permits.acquire().await.ok();
        call.await
    }

    fn wait(&self, operation: Operation) -> Duration {
        let Some(bucket) = self.buckets.get(&operation) else { return Duration::ZERO };
        bucket.lock().unwrap_or_else(PoisonError::into_inner).take(self.started.elapsed())
    }
}

/// Why something could not be read. Without the request id and the caller's
/// session, which change with every call or login and would make two equal
/// audits differ.
pub(crate) fn reason(error: &AwsError) -> String {
    let code = error.code().map_or_else(String::new, |code| format!("{code}: "));
    format!("{} failed: {code}{}", error.operation(), without_session(error.message()))
}

/// `arn:aws:sts::111111111111:assumed-role/Auditor/session` loses its last part
/// (IAM user guide, "IAM identifiers": role name and session name hold no `/`).
fn without_session(message: &str) -> String {
    let words = message.split(' ').map(|word| match word.split_once(":assumed-role/") {
        Some((account, role)) => {
            let role = role.split_once('/').map_or(role, |(role, _)| role);
            format!("{account}:assumed-role/{role}")
        }
        None => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::reason;
    use crate::aws::Fault;
    use crate::aws::fake::error;

    #[test]
    fn a_refusal_reads_the_same_in_every_session() {
        let refused = |session: &str| {
            let mut error = error("GetKeyPolicy", Fault::AccessDenied);
            error.message = format!(
                "User: arn:aws:sts::222222222222:assumed-role/Auditor/{session} is not authorized to perform: \
                 kms:GetKeyPolicy on resource: arn:aws:kms:eu-west-1:222222222222:key/1 because no \
                 resource-based policy allows the kms:GetKeyPolicy action"
            );
            reason(&error)
        };
        let expected = "GetKeyPolicy failed: AccessDeniedException: User: \
                        arn:aws:sts::222222222222:assumed-role/Auditor is not authorized to perform: \
                        kms:GetKeyPolicy on resource: arn:aws:kms:eu-west-1:222222222222:key/1 because no \
                        resource-based policy allows the kms:GetKeyPolicy action";
        assert_eq!(refused("terraform-1763781000"), expected);
        assert_eq!(refused("alice@example.com"), expected);
    }
}
