//! Conditions, as slow and obvious as the reference evaluator that asks for
//! them. The numbers in the comments are those of the rules that it follows.
//!
//! INVARIANT: the answer depends on the condition and the context alone.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use crate::support::reference::{text, texts};
use crate::support::tables::LIST_KEYS;

/// What is known of a request, by the key's name in lower case (40).
pub(crate) type Context = BTreeMap<String, Vec<String>>;

/// A key's values; an empty list is as good as none (33).
pub(crate) fn values_of<'c>(context: &'c Context, key: &str) -> Option<&'c Vec<String>> {
    context.get(key).filter(|values| !values.is_empty())
}

/// 30.
pub(crate) fn conditions_hold(context: &Context, condition: &Value, variables: bool) -> bool {
    condition.as_object().into_iter().flatten().all(|(operator, keys)| {
        let mut keys = keys.as_object().into_iter().flatten();
        keys.all(|(key, wanted)| condition_holds(context, operator, &key.to_lowercase(), wanted, variables))
    })
}

/// 31 to 33, and the table of operators on keys with many values.
fn condition_holds(context: &Context, operator: &str, key: &str, wanted: &Value, variables: bool) -> bool {
    let (quantifier, operator) = operator.split_once(':').unwrap_or(("", operator));
    let if_exists = operator.ends_with("IfExists");
    let operator = operator.trim_end_matches("IfExists");
    let values = values_of(context, key);
    if operator == "Null" {
        return (text(wanted) == "true") == values.is_none();
    }
    let Some(values) = values else {
        return match quantifier {
            "ForAnyValue" => false,
            "ForAllValues" => true,
            _ => if_exists || operator.contains("Not"),
        };
    };
    let satisfies = |value: &String| satisfies(context, operator, value, &texts(wanted), variables);
    match quantifier {
        "ForAnyValue" => values.iter().any(satisfies),
        "ForAllValues" => values.iter().all(satisfies),
        _ => !LIST_KEYS.contains(&key) && values.iter().all(satisfies),
    }
}

/// One value against all that are wanted: OR, and NOR for a negated operator (30).
fn satisfies(context: &Context, operator: &str, value: &str, wanted: &[String], variables: bool) -> bool {
    let positive = operator.replace("Not", "");
    let hit = wanted.iter().any(|wanted| {
        // 41: variables in strings and ARNs only.
        let expands = variables && (positive.starts_with("String") || positive.starts_with("Arn"));
        expand(context, wanted, expands).is_some_and(|wanted| compare(&positive, value, &wanted))
    });
    comparable(&positive, value) && hit != operator.contains("Not")
}

/// 34, 41: `None` when a variable has no value.
pub(crate) fn expand(context: &Context, pattern: &str, variables: bool) -> Option<Vec<Unit>> {
    let Some((before, rest)) = pattern.split_once("${").filter(|_| variables) else {
        return Some(wild(pattern));
    };
    let (variable, after) = rest.split_once('}').unwrap_or((rest, ""));
    let (name, fallback) = match variable.split_once(',') {
        Some((name, fallback)) => (name, Some(fallback.trim().trim_matches('\'').to_owned())),
        None => (variable, None),
    };
    let key = name.trim().to_lowercase();
    let value = match context.get(&key) {
        _ if ["*", "?", "$"].contains(&name) => Some(name.to_owned()),
        Some(values) if !LIST_KEYS.contains(&key.as_str()) => Some(values.concat()),
        _ => fallback,
    }?;
    let value = units(&value).into_iter().map(Unit::Is).collect();
    Some([wild(before), value, expand(context, after, variables)?].concat())
}

/// Whether the value can be judged at all; if not, not even a negated operator matches.
fn comparable(operator: &str, value: &str) -> bool {
    match operator {
        "IpAddress" => value.parse::<IpAddr>().is_ok(), // 38
        "ArnEquals" | "ArnLike" => value.matches(':').count() >= 5, // 39
        _ => true,
    }
}

/// Rules 34 to 39, for an operator that is not negated.
fn compare(operator: &str, value: &str, wanted: &[Unit]) -> bool {
    let literal: Vec<u16> = wanted.iter().map(|unit| unit.plain()).collect();
    let text = String::from_utf16_lossy(&literal);
    match operator {
        "StringEquals" | "BinaryEquals" => value == text,
        "StringEqualsIgnoreCase" => value.to_lowercase() == text.to_lowercase(), // 34
        "StringLike" => glob(wanted, &units(value)),
        "ArnEquals" | "ArnLike" => arn_like(wanted, &units(value)), // 39
        "Bool" => value.eq_ignore_ascii_case("true") == text.eq_ignore_ascii_case("true"), // 37
        "IpAddress" => {
            value.parse().is_ok_and(|ip: IpAddr| network(&text).is_some_and(|net| net.contains(&ip)))
        }
        _ => match operator.strip_prefix("Date") {
            Some(relation) => relates(instant(value), relation, instant(&text)),
            None => relates(number(value), operator.trim_start_matches("Numeric"), number(&text)),
        },
    }
}

#[expect(clippy::panic, reason = "a case with an operator that IAM does not know is a mistake of the test")]
fn relates(value: Option<f64>, relation: &str, wanted: Option<f64>) -> bool {
    let (Some(value), Some(wanted)) = (value, wanted) else { return false };
    let Some(order) = value.partial_cmp(&wanted) else { return false };
    match relation {
        "Equals" => order.is_eq(),
        "LessThan" => order.is_lt(),
        "LessThanEquals" => order.is_le(),
        "GreaterThan" => order.is_gt(),
        "GreaterThanEquals" => order.is_ge(),
        other => panic!("no such comparison: {other}"),
    }
}

/// A unit of a pattern, in UTF-16 (26).
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Unit {
    Is(u16),
    One,
    Many,
}

impl Unit {
    fn plain(self) -> u16 {
        match self {
            Self::Is(unit) => unit,
            Self::One => u16::from(b'?'),
            Self::Many => u16::from(b'*'),
        }
    }
}

pub(crate) fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

pub(crate) fn wild(pattern: &str) -> Vec<Unit> {
    let unit = |unit| match char::from_u32(u32::from(unit)) {
        Some('*') => Unit::Many,
        Some('?') => Unit::One,
        _ => Unit::Is(unit),
    };
    units(pattern).into_iter().map(unit).collect()
}

pub(crate) fn like(pattern: &str, value: &str) -> bool {
    glob(&wild(pattern), &units(value))
}

fn glob(pattern: &[Unit], value: &[u16]) -> bool {
    match (pattern.split_first(), value.split_first()) {
        (None, first) => first.is_none(),
        (Some((Unit::Many, rest)), first) => {
            glob(rest, value) || first.is_some_and(|(_, after)| glob(pattern, after))
        }
        (Some(_), None) => false,
        (Some((unit, rest)), Some((first, after))) => {
            (*unit == Unit::One || *unit == Unit::Is(*first)) && glob(rest, after)
        }
    }
}

/// 26, 39: field by field, the last taking whatever colons are left.
pub(crate) fn arn_like(pattern: &[Unit], value: &[u16]) -> bool {
    let colon = u16::from(b':');
    let patterns: Vec<_> = pattern.splitn(6, |unit| *unit == Unit::Is(colon)).collect();
    let values: Vec<_> = value.splitn(6, |unit| *unit == colon).collect();
    patterns.len() == 6
        && values.len() == 6
        && patterns.iter().zip(values).all(|(pattern, value)| glob(pattern, value))
}

/// 35.
fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// 36: seconds since 1970.
fn instant(text: &str) -> Option<f64> {
    let day = || {
        Date::parse(text, format_description!("[year]-[month]-[day]"))
            .ok()
            .map(|day| day.midnight().assume_utc())
    };
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok().or_else(day);
    moment.map_or_else(
        || number(text),
        |moment| number(&format!("{}.{:03}", moment.unix_timestamp(), moment.millisecond())),
    )
}

/// 38: an IPv6 range whose host bits are set is none.
fn network(text: &str) -> Option<IpNet> {
    let net: IpNet = text.parse().ok().or_else(|| text.parse().ok().map(|ip: IpAddr| IpNet::from(ip)))?;
    (matches!(net, IpNet::V4(_)) || net.trunc() == net).then_some(net)
}
