//! What people get wrong in policies of an organisation, in plain words: the
//! likely reasons why a statement that was written by hand does what nobody meant.
//!
//! Not a linter: it speaks of the conditions that decide whom a guardrail hits.

use crate::iam::catalogue::condition_key;
use crate::iam::policy::{Comparison, Condition, Effect, Statement, Text};
use crate::model::org::{OrganizationId, OrganizationalUnitId, RootId};

/// What is certainly not meant, one sentence each without a period.
fn mistakes(statement: &Statement) -> Vec<String> {
    statement.conditions.iter().flat_map(|condition| in_condition(condition, statement.effect)).collect()
}

/// Why a statement may deny what must work: its mistakes, or else what it asks
/// of those who cannot fulfil it.
pub(crate) fn reasons(statement: &Statement) -> Vec<String> {
    let mistakes = mistakes(statement);
    if !mistakes.is_empty() {
        return mistakes;
    }
    if statement.conditions.is_empty() {
        return vec!["it has no condition, so it denies everybody".to_owned()];
    }
    let asks = |key: &str| {
        statement.conditions.iter().any(|condition| condition.key.as_str().eq_ignore_ascii_case(key))
    };
    let table = REASONS.iter().filter(|(key, _)| asks(key));
    table.map(|(key, reason)| format!("`{key}`: {reason}")).collect()
}

fn in_condition(condition: &Condition, effect: Effect) -> Vec<String> {
    let Condition { operator, key, values } = condition;
    let key = key.as_str();
    let negated = operator.comparison.is_negated();
    if let Some(meant) =
        condition_key(&format!("{key}s")).filter(|meant| meant.list && condition_key(key).is_none())
    {
        let so = if negated {
            format!("`{operator}` holds for everybody")
        } else {
            format!("`{operator}` holds for nobody")
        };
        return vec![format!(
            "`{key}` is no condition key, so it is never there and {so}; `{}` is meant",
            meant.name
        )];
    }
    let mut found = Vec::new();
    let list = condition_key(key).is_some_and(|known| known.list);
    if list && operator.quantifier.is_none() && operator.comparison != Comparison::Null {
        let missing = if negated { ", and holds where it is missing" } else { "" };
        found.push(format!(
            "`{operator}` never holds for `{key}`, which has a list of values{missing}; write `ForAllValues:{operator}` \
             or `ForAnyValue:{operator}`"
        ));
    }
    let any = operator.quantifier == Comparison::StringNotLike.for_any_value().quantifier;
    if list && any && negated && effect == Effect::Deny {
        found.push(format!(
            "`{operator}` does not hold where `{key}` is missing, so principals of no organisation pass; write \
             `ForAllValues:{}`",
            operator.comparison.as_str()
        ));
    }
    if key.to_ascii_lowercase().ends_with("orgpaths") && operator.comparison != Comparison::Null {
        found.extend(values.iter().filter_map(|value| in_path(value.as_str())));
    }
    if key.to_ascii_lowercase().ends_with("orgid") {
        let odd = values.iter().map(Text::as_str).filter(|value| !is_open::<OrganizationId>(value));
        found.extend(odd.map(|value| {
            format!("`{value}` is no id of an organisation, which `{key}` holds: `o-` and letters or digits")
        }));
    }
    found
}

/// What is wrong with a pattern of an organisation's path.
fn in_path(value: &str) -> Option<String> {
    const EXAMPLE: &str = "`o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`";
    if value.contains("${") || value == "*" {
        return None;
    }
    let mut parts: Vec<&str> = value.split('/').collect();
    let last = parts.pop().unwrap_or_default();
    let is_id = |at: usize, part: &str| match at {
        0 => is_open::<OrganizationId>(part),
        1 => is_open::<RootId>(part),
        _ => is_open::<OrganizationalUnitId>(part),
    };
    if let Some((_, part)) = parts.iter().enumerate().find(|(at, part)| !is_id(*at, part)) {
        let begins = parts.first().is_some_and(|first| is_open::<OrganizationId>(first));
        let whole = if begins {
            format!("`{part}` in `{value}` is a name")
        } else {
            format!("`{value}` is a path of names")
        };
        return Some(format!("{whole}; AWS compares ids, from the organisation downwards: {EXAMPLE}"));
    }
    if parts.len() < 2 {
        return Some(format!(
            "`{value}` does not begin with the ids of the organisation and its root: {EXAMPLE}"
        ));
    }
    let open = last.is_empty() || last == "*" || last == "ou-*";
    (!open).then(|| {
        format!("`{value}` does not end in a slash, or a slash and `*`, as every path does: {EXAMPLE}")
    })
}

/// Whether the text is an id of that kind, or stands for some.
fn is_open<T: std::str::FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok() || text.contains(['*', '?', '$']) && !text.is_empty()
}

// Whom these conditions hit without being meant for them (IAM user guide, "AWS
// global condition context keys", read 2026-11).
const REASONS: &[(&str, &str)] = &[
    ("aws:MultiFactorAuthPresent", "roles of applications and services never come with MFA"),
    ("aws:SourceIp", "calls through a VPC endpoint carry no public address"),
    ("aws:SourceVpc", "calls from outside a VPC, and those that AWS services forward, carry none"),
    ("aws:SourceVpce", "calls outside an endpoint, and those that AWS services forward, carry none"),
    ("aws:PrincipalOrgID", "AWS services that call in their own name are in no organisation"),
    ("aws:PrincipalOrgPaths", "AWS services that call in their own name are in no organisation"),
    ("aws:PrincipalArn", "its list does not name whom it has to spare"),
];

#[cfg(test)]
mod tests {
    use super::{mistakes, reasons};
    use crate::iam::policy::{Comparison, Operator, Statement};

    fn about(operator: impl Into<Operator>, key: &str, value: &str) -> Vec<String> {
        mistakes(&Statement::deny("x").actions(["kms:*"]).when(operator, key, [value]))
    }

    #[test]
    fn a_key_without_its_s_is_no_key() {
        assert_eq!(
            about(Comparison::StringNotLike, "aws:PrincipalOrgPath", "o-a1b2c3d4e5/r-ab12/*"),
            [
                "`aws:PrincipalOrgPath` is no condition key, so it is never there and `StringNotLike` holds for everybody; \
              `aws:PrincipalOrgPaths` is meant"
            ]
        );
    }

    #[test]
    fn a_list_needs_an_operator_for_lists() {
        let path = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*";
        assert_eq!(
            about(Comparison::StringNotLike, "aws:PrincipalOrgPaths", path),
            [
                "`StringNotLike` never holds for `aws:PrincipalOrgPaths`, which has a list of values, and holds where it is \
              missing; write `ForAllValues:StringNotLike` or `ForAnyValue:StringNotLike`"
            ]
        );
        assert_eq!(
            about(Comparison::StringNotLike.for_any_value(), "aws:PrincipalOrgPaths", path),
            [
                "`ForAnyValue:StringNotLike` does not hold where `aws:PrincipalOrgPaths` is missing, so principals of no \
              organisation pass; write `ForAllValues:StringNotLike`"
            ]
        );
        assert_eq!(about(Comparison::StringNotLike.for_all_values(), "aws:PrincipalOrgPaths", path), [""; 0]);
    }

    #[test]
    fn a_path_is_made_of_ids() {
        let in_path = |path| about(Comparison::StringNotLike.for_all_values(), "aws:PrincipalOrgPaths", path);
        let ids =
            "AWS compares ids, from the organisation downwards: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`";
        assert_eq!(in_path("/root/dev/*"), [format!("`/root/dev/*` is a path of names; {ids}")]);
        let named = "o-a1b2c3d4e5/r-ab12/dev/*";
        assert_eq!(in_path(named), [format!("`dev` in `{named}` is a name; {ids}")]);
        assert!(in_path("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111")[0].contains("does not end in a slash"));
        assert!(in_path("o-a1b2c3d4e5/*")[0].contains("does not begin with the ids"));
        assert_eq!(in_path("o-a1b2c3d4e5/r-ab12/ou-*"), [""; 0]);
        assert_eq!(about(Comparison::StringNotEquals, "aws:PrincipalOrgID", "r-ab12").len(), 1);
    }

    #[test]
    fn what_is_no_mistake_may_still_be_the_reason() {
        let deny = || Statement::deny("x").actions(["kms:*"]);
        assert_eq!(reasons(&deny()), ["it has no condition, so it denies everybody"]);
        let mfa = deny().when(Comparison::Bool.if_exists(), "aws:MultiFactorAuthPresent", ["false"]);
        assert_eq!(
            reasons(&mfa),
            ["`aws:MultiFactorAuthPresent`: roles of applications and services never come with MFA"]
        );
    }
}
