//! The sandbox's clock: real time until somebody turns it, and never backwards.

use time::Duration;
use time::OffsetDateTime;

/// Real time plus what it was advanced by.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    ahead: Duration,
}

impl Clock {
    /// The sandbox's time.
    pub(crate) fn now(self) -> OffsetDateTime {
        let real = Self::real();
        real.checked_add(self.ahead).unwrap_or(real)
    }

    /// The time outside, which signatures are made with.
    pub(crate) fn real() -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    /// Turns the clock on by `seconds`; false if that leaves the calendar.
    pub(crate) fn advance(&mut self, seconds: u64) -> bool {
        let ahead = i64::try_from(seconds)
            .ok()
            .and_then(|seconds| self.ahead.checked_add(Duration::seconds(seconds)));
        let reachable = ahead.filter(|ahead| Self::real().checked_add(*ahead).is_some());
        self.ahead = reachable.unwrap_or(self.ahead);
        reachable.is_some()
    }
}

/// `at` plus whole days, or `at` itself at the end of the calendar.
pub(crate) fn days_after(at: OffsetDateTime, days: i64) -> OffsetDateTime {
    at.checked_add(Duration::days(days)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn the_clock_turns_forward_and_stays_in_the_calendar() {
        let mut clock = Clock::default();
        assert!(clock.advance(86_400 * 30));
        assert!((clock.now() - Clock::real()).whole_days() >= 29);
        assert!(!clock.advance(u64::MAX));
        assert!((clock.now() - Clock::real()).whole_days() <= 30);
    }
}
