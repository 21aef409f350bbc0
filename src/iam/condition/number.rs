//! `NumericEquals` and its kin: exact decimals of any length.
//!
//! Sign, leading zeros, decimals and an exponent are read; `NaN`, infinities
//! and everything else is no number (recorded answers of AWS). Comparing digit
//! by digit keeps large numbers exact and never builds one in memory.

use std::cmp::Ordering;

use crate::iam::condition::Truth;
use crate::iam::condition::order::Relation;
use crate::iam::policy::{Comparison, Text};

#[derive(Debug, Clone)]
pub(super) struct Numbers {
    relation: Relation,
    operands: Box<[Option<Number>]>,
}

impl Numbers {
    pub(super) fn new(comparison: Comparison, values: &[Text]) -> Self {
        let operands = values.iter().map(|value| Number::parse(value.as_str())).collect();
        Self { relation: Relation::of(comparison), operands }
    }

    pub(super) fn holds_of_any_value(&self) -> Truth {
        self.relation.holds_of_any_value(self.operands.iter().map(Option::is_some))
    }

    pub(super) fn holds(&self, value: &str) -> bool {
        let value = Number::parse(value);
        let order = |operand: &Option<Number>| Some(value.as_ref()?.compare(operand.as_ref()?));
        self.relation.holds(self.operands.iter().map(order))
    }
}

/// `0.DIGITS` times ten to the `exponent`, without zeros at either end; no
/// digits at all is zero.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Number {
    negative: bool,
    digits: Box<[u8]>,
    exponent: i64,
}

impl Number {
    fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = || whole.bytes().chain(fraction.bytes());
        if all().next().is_none() || !all().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let leading = all().take_while(|byte| *byte == b'0').count();
        let mut digits: Vec<u8> = all().skip(leading).collect();
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.is_empty() {
            return Some(Self { negative: false, digits: Box::default(), exponent: 0 });
        }
        let places = i64::try_from(whole.len()).ok()?.checked_sub(i64::try_from(leading).ok()?)?;
        Some(Self { negative, digits: digits.into(), exponent: exponent.checked_add(places)? })
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self.sign(), other.sign()) {
            (mine, theirs) if mine != theirs => mine.cmp(&theirs),
            (-1, _) => other.magnitude().cmp(&self.magnitude()),
            (0, _) => Ordering::Equal,
            _ => self.magnitude().cmp(&other.magnitude()),
        }
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    fn magnitude(&self) -> (i64, &[u8]) {
        (self.exponent, &self.digits)
    }
}

fn exponent_of(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty()
        || digits.len() > MAX_EXPONENT_DIGITS
        || !digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    text.parse().ok()
}

/// More than a double's exponent needs; longer ones are no numbers.
const MAX_EXPONENT_DIGITS: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;

    fn order(a: &str, b: &str) -> Option<Ordering> {
        Some(Number::parse(a)?.compare(&Number::parse(b)?))
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        for (a, b) in [("1", "001"), ("1", "+1"), ("1", "1.0"), ("10", "1e1"), ("1", "1e0"), ("0", "-0.0")] {
            assert_eq!(order(a, b), Some(Ordering::Equal), "{a} and {b}");
        }
        assert_eq!(order(".5", "5e-1"), Some(Ordering::Equal));
    }

    #[test]
    fn order_is_exact() {
        assert_eq!(order("9007199254740993", "9007199254740992"), Some(Ordering::Greater));
        for (less, more) in
            [("-2", "-1"), ("-1", "0"), ("0", "0.1"), ("0.09", "0.1"), ("9", "10"), ("99", "1e2")]
        {
            assert_eq!(order(less, more), Some(Ordering::Less), "{less} and {more}");
            assert_eq!(order(more, less), Some(Ordering::Greater), "{more} and {less}");
        }
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in
            ["", "NaN", "Infinity", "-inf", "1e", "e1", ".", "1,0", " 1", "0x10", "1e9999999999", "--1", "٣"]
        {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }
}
