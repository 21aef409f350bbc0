//! Condition operators on condition keys.
//!
//! Each family of operators has a file: it compiles its operands once and
//! says whether one request value satisfies them. What holds for all of them,
//! missing keys and lists, is here (IAM user guide, "Condition operators" and
//! "Multivalued context keys", and recorded answers of AWS; read 2026-11).
//!
//! INVARIANT: a plain operator never matches a list key, in either polarity.

mod arn;
mod binary;
mod boolean;
mod date;
mod facts;
mod ip;
mod number;
mod order;
mod string;
mod truth;

use crate::iam::policy::{self, Comparison, Operator, Quantifier, Text};

pub(crate) use date::epoch;
pub(crate) use facts::{Fact, Key, Keys, Members};
pub(crate) use truth::Truth;

/// A compiled condition.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    key: Key,
    operator: Operator,
    test: Test,
}

/// The operands by family.
#[derive(Debug, Clone)]
enum Test {
    Arn(arn::Arns),
    Binary(binary::Binaries),
    Bool(boolean::Bools),
    Date(date::Dates),
    Ip(ip::Networks),
    Null { absent: bool, present: bool },
    Numeric(number::Numbers),
    String(string::Strings),
}

impl Condition {
    /// `variables`: the policy's version expands them.
    pub(crate) fn new(condition: &policy::Condition, variables: bool) -> Self {
        let policy::Condition { operator, key, values } = condition;
        let test = Test::new(operator.comparison, values, variables);
        Self { key: Key::new(key.as_str()), operator: *operator, test }
    }

    pub(crate) fn holds(&self, keys: &Keys) -> Truth {
        match keys.get(&self.key) {
            None => self.holds_without_key(),
            Some(Fact::One(value)) => self.test.holds(value, keys),
            Some(Fact::List(values)) => {
                self.holds_of_list(values.iter().map(|value| self.test.holds(value, keys)))
            }
            Some(Fact::There) => self.holds_of_any_value(keys),
            Some(Fact::Partly(members)) => self.holds_of_members(members, keys),
            Some(Fact::Unknown) => self.holds_of_any_value(keys).whichever(self.holds_without_key()),
        }
    }

    fn holds_of_list(&self, each: impl Iterator<Item = Truth>) -> Truth {
        match (&self.test, self.operator.quantifier) {
            (Test::Null { absent: _, present }, _) => (*present).into(),
            (_, None) => Truth::False,
            (_, Some(Quantifier::ForAnyValue)) => Truth::any(each),
            (_, Some(Quantifier::ForAllValues)) => Truth::all(each),
        }
    }

    /// What holds where the key is there, whatever it holds.
    fn holds_of_any_value(&self, keys: &Keys) -> Truth {
        let plain = self.operator.quantifier.is_none() && !matches!(self.test, Test::Null { .. });
        if plain && self.key.is_list() { Truth::False } else { self.test.holds_of_any_value(keys) }
    }

    /// What holds whichever members are in the list.
    fn holds_of_members(&self, Members { sure, perhaps }: &Members, keys: &Keys) -> Truth {
        let of = |members: &[Box<str>]| {
            members.iter().map(|value| self.test.holds(value, keys)).collect::<Vec<_>>()
        };
        let fewest =
            if sure.is_empty() { self.holds_without_key() } else { self.holds_of_list(of(sure).into_iter()) };
        let with_one = perhaps.iter().map(|member| {
            let mut some = of(sure);
            some.extend(of(std::slice::from_ref(member)));
            self.holds_of_list(some.into_iter())
        });
        with_one.fold(fewest, Truth::whichever)
    }

    fn holds_without_key(&self) -> Truth {
        let Operator { quantifier, comparison, if_exists } = self.operator;
        let holds = match (&self.test, quantifier) {
            (Test::Null { absent, present: _ }, _) => *absent,
            _ if if_exists => true,
            (_, None) => comparison.is_negated(),
            (_, Some(Quantifier::ForAnyValue)) => false,
            (_, Some(Quantifier::ForAllValues)) => true,
        };
        holds.into()
    }

    /// The key, in lower case.
    pub(crate) fn key(&self) -> &str {
        self.key.name()
    }

    /// The operator as written.
    pub(crate) fn operator(&self) -> Operator {
        self.operator
    }

    /// The keys it looks at: its own and those of its variables.
    pub(crate) fn keys(&self) -> Vec<&str> {
        let mut keys = vec![self.key.name()];
        match &self.test {
            Test::Arn(arns) => keys.extend(arns.keys()),
            Test::String(strings) => keys.extend(strings.keys()),
            Test::Binary(_)
            | Test::Bool(_)
            | Test::Date(_)
            | Test::Ip(_)
            | Test::Null { .. }
            | Test::Numeric(_) => {}
        }
        keys
    }
}

impl Test {
    fn new(comparison: Comparison, values: &[Text], variables: bool) -> Self {
        match comparison {
            Comparison::ArnEquals
            | Comparison::ArnLike
            | Comparison::ArnNotEquals
            | Comparison::ArnNotLike => Self::Arn(arn::Arns::new(comparison, values, variables)),
            Comparison::BinaryEquals => Self::Binary(binary::Binaries::new(values)),
            Comparison::Bool => Self::Bool(boolean::Bools::new(values)),
            Comparison::DateEquals
            | Comparison::DateGreaterThan
            | Comparison::DateGreaterThanEquals
            | Comparison::DateLessThan
            | Comparison::DateLessThanEquals
            | Comparison::DateNotEquals => Self::Date(date::Dates::new(comparison, values)),
            Comparison::IpAddress | Comparison::NotIpAddress => {
                Self::Ip(ip::Networks::new(comparison, values))
            }
            Comparison::Null => {
                let has = |word: &str| values.iter().any(|value| value.as_str().eq_ignore_ascii_case(word));
                Self::Null { absent: has("true"), present: has("false") }
            }
            Comparison::NumericEquals
            | Comparison::NumericGreaterThan
            | Comparison::NumericGreaterThanEquals
            | Comparison::NumericLessThan
            | Comparison::NumericLessThanEquals
            | Comparison::NumericNotEquals => Self::Numeric(number::Numbers::new(comparison, values)),
            Comparison::StringEquals
            | Comparison::StringEqualsIgnoreCase
            | Comparison::StringLike
            | Comparison::StringNotEquals
            | Comparison::StringNotEqualsIgnoreCase
            | Comparison::StringNotLike => Self::String(string::Strings::new(comparison, values, variables)),
        }
    }

    /// What comes out alike for all values, and unknown where they differ.
    fn holds_of_any_value(&self, keys: &Keys) -> Truth {
        match self {
            Self::Arn(arns) => arns.holds_of_any_value(keys),
            Self::Binary(binaries) => binaries.holds_of_any_value(),
            Self::Bool(bools) => bools.holds_of_any_value(),
            Self::Date(dates) => dates.holds_of_any_value(),
            Self::Ip(networks) => networks.holds_of_any_value(),
            Self::Null { absent: _, present } => (*present).into(),
            Self::Numeric(numbers) => numbers.holds_of_any_value(),
            Self::String(strings) => strings.holds_of_any_value(keys),
        }
    }

    /// Whether one value satisfies, polarity included.
    fn holds(&self, value: &str, keys: &Keys) -> Truth {
        match self {
            Self::Arn(arns) => arns.holds(value, keys),
            Self::Binary(binaries) => binaries.holds(value).into(),
            Self::Bool(bools) => bools.holds(value).into(),
            Self::Date(dates) => dates.holds(value).into(),
            Self::Ip(networks) => networks.holds(value).into(),
            Self::Null { absent: _, present } => (*present).into(),
            Self::Numeric(numbers) => numbers.holds(value).into(),
            Self::String(strings) => strings.holds(value, keys),
        }
    }
}

#[cfg(test)]
mod tests;
