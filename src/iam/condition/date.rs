//! `DateEquals` and its kin: ISO 8601 dates and timestamps, or seconds since
//! 1970 (recorded answers of AWS). A time without an offset is UTC.

use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset};

use crate::iam::condition::Truth;
use crate::iam::condition::order::Relation;
use crate::iam::policy::{Comparison, Text};

#[derive(Debug, Clone)]
pub(super) struct Dates {
    relation: Relation,
    operands: Box<[Option<Instant>]>,
}

impl Dates {
    pub(super) fn new(comparison: Comparison, values: &[Text]) -> Self {
        let operands = values.iter().map(|value| instant(value.as_str())).collect();
        Self { relation: Relation::of(comparison), operands }
    }

    pub(super) fn holds_of_any_value(&self) -> Truth {
        self.relation.holds_of_any_value(self.operands.iter().map(Option::is_some))
    }

    pub(super) fn holds(&self, value: &str) -> bool {
        let value = instant(value);
        self.relation.holds(self.operands.iter().map(|operand| Some(value?.cmp(&(*operand)?))))
    }
}

/// Whole seconds since 1970 of an ISO 8601 date or timestamp; `None` for what
/// is no date and for what is in seconds already.
pub(crate) fn epoch(text: &str) -> Option<i128> {
    instant(text).filter(|_| text.contains('-') && !text.starts_with('-'))?.checked_div_euclid(1_000_000_000)
}

/// Nanoseconds since 1970.
type Instant = i128;

fn instant(text: &str) -> Option<Instant> {
    let epoch = text.strip_prefix('-').unwrap_or(text);
    if epoch.len() <= MAX_EPOCH_DIGITS && !epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit())
    {
        return text.parse::<i128>().ok()?.checked_mul(1_000_000_000);
    }
    let (date, clock) = match text.split_once(['T', 't']) {
        Some((date, clock)) => (date, Some(clock)),
        None => (text, None),
    };
    let date = day(date)?;
    let Some(clock) = clock else { return Some(date.midnight().assume_utc().unix_timestamp_nanos()) };
    let (clock, offset) = split_offset(clock)?;
    let (time, next_day) = time_of_day(clock)?;
    let date = if next_day { date.checked_add(Duration::DAY)? } else { date };
    Some(OffsetDateTime::new_in_offset(date, time, offset).unix_timestamp_nanos())
}

/// `2026-11-22` or `2026-11`.
fn day(text: &str) -> Option<Date> {
    let mut fields = text.split('-');
    let year = digits(fields.next()?, 4)?;
    let month = Month::try_from(u8::try_from(digits(fields.next()?, 2)?).ok()?).ok()?;
    let day = fields.next().map_or(Some(1), |day| digits(day, 2))?;
    if fields.next().is_some() {
        return None;
    }
    Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()
}

/// `12:30`, `12:30:15` or `12:30:15.123`; `24:00` is midnight of the next day.
fn time_of_day(text: &str) -> Option<(Time, bool)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut fields = whole.split(':');
    let mut next = || fields.next().map(|field| digits(field, 2).and_then(|value| u8::try_from(value).ok()));
    let (hour, minute, second) = (next()??, next()??, next().unwrap_or(Some(0))?);
    if next().is_some() || fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let scale = 10_u32.checked_pow(u32::try_from(9_usize.checked_sub(fraction.len())?).ok()?)?;
    let nanos = digits(fraction, fraction.len())?.checked_mul(scale)?;
    if (hour, minute, second, nanos) == (24, 0, 0, 0) {
        return Some((Time::MIDNIGHT, true));
    }
    Some((Time::from_hms_nano(hour, minute, second, nanos).ok()?, false))
}

fn split_offset(text: &str) -> Option<(&str, UtcOffset)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, UtcOffset::UTC));
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, UtcOffset::UTC)) };
    let (clock, offset) = text.split_at_checked(at)?;
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let offset = offset.get(1..)?.replace(':', "");
    let (hours, minutes) = offset.split_at_checked(2)?;
    let part = |text: &str| -> Option<i8> { i8::try_from(digits(text, 2)?).ok()?.checked_mul(sign) };
    Some((clock, UtcOffset::from_hms(part(hours)?, part(minutes)?, 0).ok()?))
}

fn digits(text: &str, length: usize) -> Option<u32> {
    let plain = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Seconds beyond any date; longer ones are no dates.
const MAX_EPOCH_DIGITS: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_instant_are_equal() {
        let expected = Some(1_795_305_600 * 1_000_000_000);
        for text in [
            "2026-11-22",
            "2026-11-22T00:00Z",
            "2026-11-22T00:00:00Z",
            "2026-11-22T00:00:00.000Z",
            "2026-11-22T01:00:00+01:00",
            "2026-11-21T19:00:00-0500",
            "2026-11-21T24:00:00Z",
            "2026-11-22T00:00:00",
            "1795305600",
        ] {
            assert_eq!(instant(text), expected, "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_dates() {
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-02-30",
            "2026-11-22T25:00Z",
            "22-11-2026",
            "-",
            "2026-11-22T",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
