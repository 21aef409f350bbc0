//! How often each KMS operation may be called, so that an audit leaves
//! production its share of the quotas.
//!
//! Pure: time is an argument, measured from any fixed moment.

use std::time::Duration;

/// The operations an audit calls, each with a quota of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    /// One page of key ids; the pages of one sweep follow one another.
    ListKeys,
    /// One page of aliases.
    ListAliases,
    /// One key's metadata.
    DescribeKey,
    /// One key's policy.
    GetKeyPolicy,
    /// One key's rotation.
    GetKeyRotationStatus,
    /// One key's tags.
    ListResourceTags,
    /// One key's grants.
    ListGrants,
}

impl Operation {
    /// Every operation, each with its own budget.
    pub(crate) const ALL: [Self; 7] = [
        Self::ListKeys,
        Self::ListAliases,
        Self::DescribeKey,
        Self::GetKeyPolicy,
        Self::GetKeyRotationStatus,
        Self::ListResourceTags,
        Self::ListGrants,
    ];

    /// AWS's default quota in requests per second, for one account and region
    /// (KMS developer guide, "Request quotas", read 2026-07).
    fn quota_per_second(self) -> u32 {
        match self {
            Self::ListKeys | Self::ListAliases => 500,
            Self::DescribeKey | Self::ListResourceTags => 2000,
            Self::GetKeyPolicy | Self::GetKeyRotationStatus => 1000,
            Self::ListGrants => 100,
        }
    }

    /// The bucket of this operation when an audit takes `percent` of the quota.
    pub(crate) fn bucket(self, percent: u32) -> Bucket {
        let hundredths = u64::from(self.quota_per_second()).saturating_mul(u64::from(percent)).max(1);
        let interval = NANOSECONDS_TIMES_HUNDRED.checked_div(hundredths).unwrap_or(NANOSECONDS_TIMES_HUNDRED);
        Bucket::new(Duration::from_nanos(interval))
    }
}

/// A token bucket that answers with the time to wait.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    interval: Duration,
    next: Duration,
}

impl Bucket {
    fn new(interval: Duration) -> Self {
        Self { interval, next: Duration::ZERO }
    }

    /// Takes one token at `now`; the call may be made after the returned time.
    ///
    /// Time that was not used is kept for a burst of at most [`BURST`] calls.
    pub(crate) fn take(&mut self, now: Duration) -> Duration {
        let earliest = now.saturating_sub(self.interval.saturating_mul(BURST));
        let turn = self.next.max(earliest);
        self.next = turn.saturating_add(self.interval);
        turn.saturating_sub(now)
    }
}

const BURST: u32 = 10;
const NANOSECONDS_TIMES_HUNDRED: u64 = 100_000_000_000;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BURST, Operation};

    fn waits(operation: Operation, now: Duration, calls: u32) -> Vec<Duration> {
        let mut bucket = operation.bucket(50);
        (0..calls).map(|_| bucket.take(now)).collect()
    }

    #[test]
    fn half_of_the_grants_quota_is_one_call_every_twenty_milliseconds() {
        assert_eq!(
            waits(Operation::ListGrants, Duration::ZERO, 3),
            [Duration::ZERO, Duration::from_millis(20), Duration::from_millis(40)]
        );
    }

    #[test]
    fn a_pause_pays_for_a_short_burst_and_no_more() {
        let calls = waits(Operation::ListGrants, Duration::from_hours(1), BURST + 2);
        assert!(calls.iter().take(11).all(Duration::is_zero));
        assert_eq!(calls[11], Duration::from_millis(20));
    }

    #[test]
    fn ten_thousand_descriptions_take_ten_seconds() {
        let last = waits(Operation::DescribeKey, Duration::ZERO, 10_001).pop().unwrap();
        assert_eq!(last, Duration::from_secs(10));
    }

    #[test]
    fn tokens_come_back_as_time_passes() {
        let mut bucket = Operation::ListGrants.bucket(50);
        assert_eq!(bucket.take(Duration::ZERO), Duration::ZERO);
        assert_eq!(bucket.take(Duration::from_millis(5)), Duration::from_millis(15));
        assert_eq!(bucket.take(Duration::from_millis(60)), Duration::ZERO);
    }
}
