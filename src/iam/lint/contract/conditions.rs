//! What conditions say, as far as rules ask.

use crate::iam::arn::Arn;
use crate::iam::lint::contract::kms::{self, condition_key};
use crate::iam::policy::{Comparison, Condition, Effect, Quantifier, Statement};

/// The conditions of a statement on one of these keys, in lower case; a name
/// that ends in `/` or `:` stands for its family.
pub(crate) fn on<'s>(
    statement: &'s Statement,
    keys: &'s [&'s str],
) -> impl Iterator<Item = &'s Condition> + 's {
    statement.conditions.iter().filter(move |condition| is_on(condition, keys))
}

/// Whether the condition is on one of these keys.
pub(crate) fn is_on(condition: &Condition, keys: &[&str]) -> bool {
    let key = condition.key.as_str().to_ascii_lowercase();
    keys.iter().any(|name| if name.ends_with(['/', ':']) { key.starts_with(name) } else { key == *name })
}

/// Whether the statement has any condition on one of these keys.
pub(crate) fn mentions(statement: &Statement, keys: &[&str]) -> bool {
    statement.conditions.iter().any(|condition| is_on(condition, keys))
}

/// Whether a request without the key satisfies the condition (recorded answers
/// of AWS, read 2026-11).
pub(crate) fn holds_without(condition: &Condition) -> bool {
    let operator = condition.operator;
    match operator.quantifier {
        _ if operator.comparison == Comparison::Null => says(condition, "true"),
        _ if operator.if_exists => true,
        Some(Quantifier::ForAllValues) => true,
        Some(Quantifier::ForAnyValue) => false,
        None => operator.comparison.is_negated(),
    }
}

/// Whether the condition limits the statement to the values it names: it is
/// positive, and does not hold where the key is missing.
pub(crate) fn confines(condition: &Condition) -> bool {
    let comparison = condition.operator.comparison;
    comparison != Comparison::Null && !comparison.is_negated() && !holds_without(condition)
}

/// Whether the condition limits the statement to the values it names, by itself
/// or because a `Null` beside it asks for the key.
pub(crate) fn limits(statement: &Statement, condition: &Condition) -> bool {
    let comparison = condition.operator.comparison;
    let positive = comparison != Comparison::Null && !comparison.is_negated();
    let key = condition.key.as_str().to_ascii_lowercase();
    positive && (!holds_without(condition) || requires_presence(statement, &key))
}

/// A condition on one of these keys that no request without it satisfies.
pub(crate) fn needed<'s>(statement: &'s Statement, keys: &'s [&'s str]) -> Option<&'s Condition> {
    on(statement, keys).find(|condition| {
        confines(condition) || requires_presence(statement, &condition.key.as_str().to_ascii_lowercase())
    })
}

/// Whether every request that the statement is about carries the condition's key.
pub(crate) fn is_always_there(statement: &Statement, condition: &Condition) -> bool {
    let key = condition.key.as_str();
    let actions = kms::actions(statement);
    condition_key(key).is_some_and(|definition| definition.present.starts_with("Always"))
        && kms::is_about_kms_alone(statement)
        && !actions.is_empty()
        && actions.iter().all(|action| action.carries(key))
}

/// Whether no value stands for every account.
pub(crate) fn is_narrow(condition: &Condition) -> bool {
    condition.values.iter().all(|value| match Arn::parse(value.as_str()) {
        // Names of buckets are everybody's, and their ARNs have no account.
        Some(arn) if arn.account.is_empty() => !arn.resource.starts_with('*'),
        Some(arn) => !kms::is_pattern(arn.account),
        None => !value.as_str().starts_with('*'),
    })
}

/// The operator that compares a key that holds a list as its plain form seems to,
/// for a statement with this condition, in backticks.
///
/// In a Deny a negated operator means whoever has none of the values, and so also
/// who has none at all; lists that the caller chooses are meant value by value.
pub(crate) fn as_list(statement: &Statement, condition: &Condition) -> String {
    let operator = condition.operator;
    let chosen = is_on(condition, &["aws:tagkeys", "kms:encryptioncontextkeys", "kms:grantoperations"]);
    let negated = operator.comparison.is_negated();
    let all = match statement.effect {
        Effect::Deny => negated && !chosen,
        Effect::Allow => negated || is_always_there(statement, condition),
    };
    if !all {
        return format!("`ForAnyValue:{operator}`");
    }
    let presence = statement.effect == Effect::Allow
        && !is_always_there(statement, condition)
        && !requires_presence(statement, &condition.key.as_str().to_ascii_lowercase());
    let key = condition.key.as_str();
    let beside = if presence { format!(" with `\"Null\": {{\"{key}\": \"false\"}}`") } else { String::new() };
    format!("`ForAllValues:{operator}`{beside}")
}

/// Whether the statement is limited to values of one of these keys.
pub(crate) fn confined_by(statement: &Statement, keys: &[&str]) -> bool {
    on(statement, keys).any(|condition| limits(statement, condition))
}

/// Whether the condition spares principals that are named, and limits the
/// statement in no other way. How far out of reach they are is for another rule
/// to say. Services are no principals that anybody becomes.
pub(crate) fn is_exemption(condition: &Condition) -> bool {
    let comparison = condition.operator.comparison;
    let named = is_on(condition, &["aws:principalarn", "aws:principalaccount"]);
    let services = is_on(condition, &["aws:principalisawsservice"]);
    named && comparison.is_negated()
        || services && comparison == Comparison::Bool && says(condition, "false") && !says(condition, "true")
}

/// Whether one of the values is this word, in any letter case.
pub(crate) fn says(condition: &Condition, word: &str) -> bool {
    condition.values.iter().any(|value| value.as_str().eq_ignore_ascii_case(word))
}

/// Whether the statement is limited to requests that carry this key, by `Null`.
pub(crate) fn requires_presence(statement: &Statement, key: &str) -> bool {
    on(statement, &[key])
        .any(|condition| condition.operator.comparison == Comparison::Null && says(condition, "false"))
}

/// What becomes of a statement by a condition whose values are no request's.
pub(crate) fn consequence_of_foreign(statement: &Statement, condition: &Condition) -> &'static str {
    let list = condition_key(condition.key.as_str()).is_some_and(|definition| definition.list);
    // A plain operator never matches a list.
    let compared = !list || condition.operator.quantifier.is_some();
    let present = compared && condition.operator.comparison.is_negated();
    match (present, holds_without(condition)) {
        (true, false) => {
            "the condition holds wherever the key is present, for those who are meant too, and nowhere else"
        }
        (false, true) => "the condition holds only where the key is missing",
        (present, _) => consequence(statement, present),
    }
}

/// What becomes of a statement one of whose conditions always or never holds.
pub(crate) fn consequence(statement: &Statement, holds: bool) -> &'static str {
    let alone = statement.conditions.len() == 1;
    match (statement.effect, holds) {
        (Effect::Deny, true) if alone => "the condition always holds and the statement denies everybody",
        (Effect::Deny, true) => {
            "the condition always holds and the statement denies everybody whom its other conditions do not spare"
        }
        (Effect::Allow, true) => "the condition always holds and limits nothing",
        (Effect::Deny, false) => "the condition never holds and the statement denies nobody",
        (Effect::Allow, false) => "the condition never holds and the statement allows nothing",
    }
}
