//! Findings as a value of Terraform's.

use std::collections::BTreeMap;

use crate::iam::lint::Finding;
use crate::iam::lint::Kind;
use crate::iam::lint::Surroundings;
use crate::iam::lint::lint;
use crate::tf::Type;
use crate::tf::Value;
use crate::tf::function::FunctionError;

use super::text::text;

/// What the functions that lint return.
pub(super) fn ty() -> Type {
    Type::list(Type::object([
        ("rule", Type::String),
        ("severity", Type::String),
        ("line", Type::Number),
        ("column", Type::Number),
        ("statement", Type::String),
        ("message", Type::String),
        ("fix", Type::String),
    ]))
}

/// The findings in the policy of the first argument.
pub(super) fn of(arguments: &[Value], kind: Kind) -> Result<Value, FunctionError> {
    let found = lint(text(arguments, 0)?, kind, &Surroundings::default());
    Ok(Value::List(found.into_iter().map(value).collect()))
}

fn value(finding: Finding) -> Value {
    let Finding { rule, severity, at, statement, message, fix } = finding;
    Value::Object(BTreeMap::from([
        ("rule".to_owned(), rule.id.into()),
        ("severity".to_owned(), severity.as_str().into()),
        ("line".to_owned(), i64::from(at.line).into()),
        ("column".to_owned(), i64::from(at.column).into()),
        ("statement".to_owned(), statement.map_or(Value::Null, Value::from)),
        ("message".to_owned(), message.into()),
        ("fix".to_owned(), fix.into()),
    ]))
}

/// What every function that lints says of its result.
pub(super) const RESULT: &str = "The result is a list in the order of the text: for each finding the `rule` (its page is \
    under `docs/lint`), the `severity` (`error`, `warning` or `info`), `line` and `column`, the `statement`'s Sid or \
    number, the `message` and the `fix`. It is empty if there is nothing to say. A text that is no policy is a finding too.";
