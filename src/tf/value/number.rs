//! Exact numbers. The form in which a number came is kept, so that what goes
//! back to Terraform is what it sent; comparison is by value over decimal digits.
//!
//! INVARIANT: a `Number` is finite. Terraform panics on NaN and cannot store infinity.

use std::cmp::Ordering;
use std::fmt;

use crate::tf::error::Error;

/// An exact decimal number.
#[derive(Clone)]
pub struct Number(Form);

#[derive(Clone)]
pub(crate) enum Form {
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Text(Box<str>),
}

impl Number {
    /// Reads decimal text such as `-12.50` or `1e30`.
    ///
    /// # Errors
    /// When the text is no decimal number, or is longer than 4,096 characters
    /// or has an exponent beyond ±1,000,000, which no configuration needs.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if let Ok(int) = text.parse::<i64>()
            && !text.starts_with('+')
        {
            return Ok(Self(Form::Int(int)));
        }
        Digits::parse(text)
            .map(|_| Self(Form::Text(text.into())))
            .ok_or_else(|| Error::number(text.chars().take(SHOWN).collect::<String>()))
    }

    /// Takes a float as the shortest decimal text that means it, as Terraform does.
    ///
    /// # Errors
    /// When the float is NaN or infinite.
    pub fn from_f64(float: f64) -> Result<Self, Error> {
        if float.is_finite() { Ok(Self(Form::Float(float))) } else { Err(Error::number(float.to_string())) }
    }

    /// The number as an integer, if it is one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Form::Int(int) => Some(*int),
            Form::Unsigned(int) => i64::try_from(*int).ok(),
            Form::Float(_) | Form::Text(_) => self.digits().to_i64(),
        }
    }

    /// The nearest float; precision may be lost.
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or_default()
    }

    pub(crate) fn form(&self) -> &Form {
        &self.0
    }

    fn digits(&self) -> Digits {
        // Every form prints as text that parses; zero is unreachable, not a meaning.
        Digits::parse(&self.to_string()).unwrap_or_default()
    }
}

/// The decimal text: shortest for floats, as received for text.
impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Int(int) => write!(out, "{int}"),
            Form::Unsigned(int) => write!(out, "{int}"),
            Form::Float(float) => write!(out, "{float}"),
            Form::Text(text) => out.write_str(text),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Number({self})")
    }
}

impl From<i64> for Number {
    fn from(int: i64) -> Self {
        Self(Form::Int(int))
    }
}

impl From<u64> for Number {
    fn from(int: u64) -> Self {
        i64::try_from(int).map_or(Self(Form::Unsigned(int)), Self::from)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Form::Int(a), Form::Int(b)) => a.cmp(b),
            _ => self.digits().cmp(&other.digits()),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

/// ±0.d₁d₂…dₙ × 10^exponent with d₁ and dₙ not zero; no digits at all is zero.
#[derive(Default, PartialEq, Eq)]
struct Digits {
    negative: bool,
    exponent: i64,
    significant: String,
}

impl Digits {
    fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if whole.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) || exponent.abs() > MAX_EXPONENT
        {
            return None;
        }
        let significant = all.trim_start_matches('0');
        let zeros = all.len().saturating_sub(significant.len());
        let point = i64::try_from(whole.len()).ok()?.checked_sub(i64::try_from(zeros).ok()?)?;
        let significant = significant.trim_end_matches('0');
        if significant.is_empty() {
            return Some(Self::default());
        }
        Some(Self { negative, exponent: point.checked_add(exponent)?, significant: significant.to_owned() })
    }

    fn to_i64(&self) -> Option<i64> {
        let width = usize::try_from(self.exponent).ok()?;
        if self.significant.is_empty() {
            return Some(0);
        }
        if width < self.significant.len() || width > I64_DIGITS {
            return None;
        }
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{:0<width$}", self.significant).parse().ok()
    }

    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        (self.exponent, &self.significant).cmp(&(other.exponent, &other.significant))
    }
}

impl Ord for Digits {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |of: &Self| match (of.significant.is_empty(), of.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            0 => Ordering::Equal,
            1 => self.cmp_magnitude(other),
            _ => other.cmp_magnitude(self),
        })
    }
}

impl PartialOrd for Digits {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

const MAX_TEXT: usize = 4096;
const MAX_EXPONENT: i64 = 1_000_000;
const I64_DIGITS: usize = 19;
const SHOWN: usize = 40;
