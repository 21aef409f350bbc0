//! Operators, values and the types of keys fit together.

use ipnet::IpNet;
use std::net::IpAddr;

use crate::iam::arn::Arn;
use crate::iam::condition::{self, Fact, Keys, Truth};
use crate::iam::lint::contract::conditions::consequence_of_foreign;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{KeyDefinition, KeyType, Values, condition_key, is_pattern};
use crate::iam::lint::contract::{ranges, values};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Comparison, Condition, Statement, Text};

/// The rule.
#[derive(Debug)]
pub(super) struct OperatorsFitTypes;

impl Rule for OperatorsFitTypes {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for fault in subject.operands {
            findings.add(
                fault.at(),
                format!("{}, so AWS refuses the policy", fault.message()),
                "write `\"true\"` for a missing key, `\"false\"` for a present one",
            );
        }
        for (statement, condition) in subject.conditions() {
            operator(condition, findings);
            literals(condition, findings);
            foreign(statement, condition, findings);
            if let Some((severity, message)) = ranges::surprise(statement, condition) {
                let at = condition.values.first().map_or(condition.key.at(), Text::at);
                findings.add_as(severity, at, message, "correct the number, unless that is meant");
            }
        }
    }
}

/// How an operator goes with the type of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Well,
    /// It compares texts, and that works as long as spelling agrees.
    AsText,
    Never,
}

fn operator(condition: &Condition, findings: &mut Findings) {
    let key = condition.key.as_str();
    let Some(definition) = condition_key(key) else { return };
    let comparison = condition.operator.comparison;
    // Tags and contexts hold whatever their owners put into them.
    if definition.is_family() {
        return;
    }
    let wanted = operators_for(definition.kind, key);
    let message = || {
        format!(
            "`{key}` is {} and `{}` compares {}",
            typed(definition.kind),
            comparison.as_str(),
            compared(comparison)
        )
    };
    match fit(definition, comparison) {
        Fit::Well => {}
        // What is said of the values says it too.
        Fit::AsText if is_exact_text(comparison) && condition.values.iter().any(has_wildcard) => {}
        Fit::AsText => {
            findings.add_as(Severity::Warning, condition.key.at(), message(), format!("use {wanted}"));
        }
        Fit::Never => findings.add(
            condition.key.at(),
            format!("{}, so no value ever fits", message()),
            format!("use {wanted}"),
        ),
    }
}

fn fit(key: &KeyDefinition, comparison: Comparison) -> Fit {
    let epoch = ["aws:EpochTime", "kms:ValidTo"].contains(&key.name);
    // Of a provider that is none of AWS's own it is the ARN.
    let arn = key.values == Values::Arn || key.name == "aws:FederatedProvider";
    match (family(comparison), key.kind) {
        (Family::Numeric, KeyType::Date) if epoch => Fit::Well,
        (Family::Arn, KeyType::String) if arn => Fit::Well,
        (Family::Null, _)
        | (Family::String, KeyType::String)
        | (Family::Arn, KeyType::Arn)
        | (Family::Bool, KeyType::Bool)
        | (Family::Numeric, KeyType::Numeric)
        | (Family::Date, KeyType::Date)
        | (Family::Ip, KeyType::IpAddress) => Fit::Well,
        (Family::String, KeyType::Arn | KeyType::Bool | KeyType::Numeric) => Fit::AsText,
        (
            Family::String
            | Family::Arn
            | Family::Bool
            | Family::Numeric
            | Family::Date
            | Family::Ip
            | Family::Binary,
            _,
        ) => Fit::Never,
    }
}

fn literals(condition: &Condition, findings: &mut Findings) {
    let comparison = condition.operator.comparison;
    for value in &condition.values {
        let text = value.as_str();
        if is_exact_text(comparison) && has_wildcard(value) {
            let like = like(condition);
            findings.add(
                value.at(),
                format!("`{}` takes `{text}` literally, wildcards and all", comparison.as_str()),
                format!("use `{like}`"),
            );
        } else if !is_literal(condition, value) {
            findings.add(
                value.at(),
                format!(
                    "`{text}` is none of what `{}` compares: {}",
                    comparison.as_str(),
                    compared(comparison)
                ),
                format!("write {}", example(family(comparison))),
            );
        }
    }
}

/// Values that no request has under the key.
fn foreign(statement: &Statement, condition: &Condition, findings: &mut Findings) {
    let Some(key) = condition_key(condition.key.as_str()) else { return };
    let comparison = condition.operator.comparison;
    let fault = |value: &Text| Some((value.at(), values::fault(key, comparison, value.as_str())?));
    let faults: Vec<_> = condition.values.iter().filter_map(fault).collect();
    let every = faults.len() == condition.values.len();
    for (at, fault) in faults {
        let effect = consequence_of_foreign(statement, condition);
        let message = match fault.severity {
            _ if !every => fault.message,
            Severity::Warning => format!("{}; unless it is new, {effect}", fault.message),
            Severity::Error | Severity::Info => format!("{}: {effect}", fault.message),
        };
        findings.add_as(fault.severity, at, message, fault.fix);
    }
}

fn has_wildcard(value: &Text) -> bool {
    is_pattern(value.as_str()) && !value.as_str().contains("${")
}

/// The operator that takes wildcards and goes with the key.
fn like(condition: &Condition) -> &'static str {
    let negated = condition.operator.comparison.is_negated();
    let arn = condition_key(condition.key.as_str()).is_some_and(|key| key.kind == KeyType::Arn);
    match (arn, negated) {
        (true, true) => "ArnNotLike",
        (true, false) => "ArnLike",
        (false, true) => "StringNotLike",
        (false, false) => "StringLike",
    }
}

/// Whether the value is one that the operator can compare.
fn is_literal(condition: &Condition, value: &Text) -> bool {
    let text = value.as_str();
    match family(condition.operator.comparison) {
        Family::String | Family::Null => true,
        Family::Arn => {
            text.contains("${") || text == "*" || Arn::parse(text).is_some() || text.starts_with("arn:*")
        }
        Family::Bool => ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word)),
        Family::Ip => is_network(text),
        Family::Numeric => equals_itself(Comparison::NumericEquals, value),
        Family::Date => equals_itself(Comparison::DateEquals, value),
        Family::Binary => equals_itself(Comparison::BinaryEquals, value),
    }
}

fn equals_itself(comparison: Comparison, value: &Text) -> bool {
    let condition = Condition { operator: comparison.into(), key: "x:y".into(), values: vec![value.clone()] };
    let mut keys = Keys::default();
    keys.insert("x:y", "x:y", Fact::One(value.as_str().into()));
    condition::Condition::new(&condition, false).holds(&keys) == Truth::True
}

/// A network in IPv6 with host bits matches nothing (recorded answers of AWS).
fn is_network(text: &str) -> bool {
    match text.parse::<IpNet>() {
        Ok(IpNet::V6(network)) => network.trunc() == network,
        Ok(IpNet::V4(_)) => true,
        Err(_) => text.parse::<IpAddr>().is_ok(),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Arn,
    Binary,
    Bool,
    Date,
    Ip,
    Null,
    Numeric,
    String,
}

fn family(comparison: Comparison) -> Family {
    match comparison.as_str() {
        "Bool" => Family::Bool,
        "BinaryEquals" => Family::Binary,
        "Null" => Family::Null,
        name if name.contains("IpAddress") => Family::Ip,
        name if name.starts_with("Arn") => Family::Arn,
        name if name.starts_with("Date") => Family::Date,
        name if name.starts_with("Numeric") => Family::Numeric,
        _ => Family::String,
    }
}

fn is_exact_text(comparison: Comparison) -> bool {
    family(comparison) == Family::String && !comparison.as_str().ends_with("Like")
}

fn typed(kind: KeyType) -> &'static str {
    match kind {
        KeyType::Arn => "an ARN",
        KeyType::Bool => "a boolean",
        KeyType::Date => "a date",
        KeyType::IpAddress => "an IP address",
        KeyType::Numeric => "a number",
        KeyType::String => "a text",
    }
}

fn compared(comparison: Comparison) -> &'static str {
    match family(comparison) {
        Family::Arn => "ARNs",
        Family::Binary => "base64",
        Family::Bool => "`true` and `false`",
        Family::Date => "dates",
        Family::Ip => "addresses and networks",
        Family::Null => "presence",
        Family::Numeric => "numbers",
        Family::String => "texts",
    }
}

fn operators_for(kind: KeyType, key: &str) -> &'static str {
    match kind {
        KeyType::Arn => "`ArnLike` or `ArnNotLike`",
        KeyType::Bool => "`Bool`",
        KeyType::Date if key.ends_with("EpochTime") => "`NumericLessThan` and its like, or `DateLessThan`",
        KeyType::Date => "`DateLessThan` and its like",
        KeyType::IpAddress => "`IpAddress` or `NotIpAddress`",
        KeyType::Numeric => "`NumericEquals`, `NumericLessThan` and their like",
        KeyType::String => "`StringEquals`, `StringLike` and their like",
    }
}

fn example(family: Family) -> &'static str {
    match family {
        Family::Arn => "an ARN of six parts such as `arn:aws:iam::111122223333:role/app`",
        Family::Binary => "base64",
        Family::Bool => "`true` or `false`",
        Family::Date => "a date such as `2026-11-01T00:00:00Z`",
        Family::Ip => "a network such as `10.0.0.0/8` or `2001:db8::/32`, without bits for hosts",
        Family::Numeric => "a number such as `30`",
        Family::Null | Family::String => "a text",
    }
}

static DOC: Doc = Doc {
    id: "operators-fit-types",
    number: "L09",
    title: "Operators fit the types of keys and values",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "Numbers are compared with `Numeric…`, ARNs with `Arn…`, addresses with `IpAddress`; values can be read as \
               what they are compared as, and are such as requests have: accounts of twelve digits, names of Regions, \
               principals and no sessions in `aws:PrincipalArn`, words and numbers that KMS takes; `Null` has `true` or \
               `false`; wildcards stand under `…Like` only.",
    why: "A value that cannot be read as a number or a network never fits, and `StringEquals` takes `*` for a star. AWS \
          stores all of that. `StringLike` on an ARN works, but its `*` also runs over the account. A deletion window \
          below 60 days denies every deletion, for 30 is the most that KMS takes. A Deny with `ArnNotLike` spares nobody by \
          the ARN of a session: for a session `aws:PrincipalArn` holds its role.",
    remedy: "Use the operator of the key's type, and values from the reference page of condition keys. A word that AWS \
             has added since is a warning here, and may stay.",
    references: &[
        "IAM user guide, Condition operators",
        "Access Analyzer `TYPE_MISMATCH`",
        "parliament `MISMATCHED_TYPE`, `MISMATCHED_TYPE_BUT_USABLE`",
    ],
};
