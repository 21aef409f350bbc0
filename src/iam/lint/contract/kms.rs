//! Which KMS actions a statement means, and whose duty they are.

use std::collections::BTreeSet;

pub(crate) use crate::iam::catalogue::{
    ACTIONS, AccessLevel, Action, CONDITION_KEYS, KeyDefinition, KeyType, ResourceType, Values,
    actions_matching as expansion, condition_key,
};

use crate::iam::pattern::Pattern;
use crate::iam::policy::{Actions, Resources, Statement, Text};

/// What an action is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duty {
    /// Cryptography with the key.
    Use,
    /// Changes the key or who may do what with it.
    Administration,
    /// Makes or ends grants.
    Grants,
    /// Reads and lists.
    Reading,
}

/// Whose duty an action is.
pub(crate) fn duty(action: &Action) -> Duty {
    match action.level {
        _ if action.name.ends_with("Grant") => Duty::Grants,
        AccessLevel::Write if action.grantable => Duty::Use,
        AccessLevel::Write if action.name == "GenerateRandom" => Duty::Reading,
        AccessLevel::Write | AccessLevel::PermissionsManagement | AccessLevel::Tagging => {
            Duty::Administration
        }
        AccessLevel::List | AccessLevel::Read => Duty::Reading,
    }
}

/// The texts of `Action` or `NotAction`.
pub(crate) fn patterns(statement: &Statement) -> &[Text] {
    match &statement.actions {
        Some(Actions::Only(texts) | Actions::AllBut(texts)) => texts,
        None => &[],
    }
}

/// The texts of `Resource` or `NotResource`.
pub(crate) fn resources(statement: &Statement) -> &[Text] {
    match &statement.resources {
        Some(Resources::Only(texts) | Resources::AllBut(texts)) => texts,
        None => &[],
    }
}

/// The KMS actions that a statement is about.
pub(crate) fn actions(statement: &Statement) -> Vec<&'static Action> {
    let only = match &statement.actions {
        Some(Actions::Only(_)) => true,
        Some(Actions::AllBut(_)) => false,
        None => return Vec::new(),
    };
    let texts = patterns(statement).iter();
    let named: BTreeSet<&str> =
        texts.flat_map(|text| expansion(text.as_str())).map(|action| action.name).collect();
    ACTIONS.iter().filter(|action| named.contains(action.name) == only).collect()
}

/// Whether the statement is about this KMS action.
pub(crate) fn covers(statement: &Statement, name: &str) -> bool {
    is_about(statement, &format!("kms:{name}").to_ascii_lowercase())
}

/// Whether the statement is about this action, given in lower case, of whatever
/// service.
pub(crate) fn is_about(statement: &Statement, action: &str) -> bool {
    let named = |text: &Text| Pattern::wild(&text.as_str().to_ascii_lowercase()).matches(action);
    match &statement.actions {
        Some(Actions::Only(texts)) => texts.iter().any(named),
        Some(Actions::AllBut(texts)) => !texts.iter().any(named),
        None => false,
    }
}

/// Whether every action that the statement names is one of KMS.
pub(crate) fn is_about_kms_alone(statement: &Statement) -> bool {
    let ours = |text: &Text| text.as_str().get(..4).is_some_and(|head| head.eq_ignore_ascii_case("kms:"));
    matches!(&statement.actions, Some(Actions::Only(texts)) if texts.iter().all(ours))
}

/// Whether the text has a wildcard.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Names in backticks: all of them, or the first three and how many more.
pub(crate) fn list<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<String> = names.iter().take(3).map(|name| format!("`{}`", name.as_ref())).collect();
    match (names.len().saturating_sub(3), shown.as_slice()) {
        (0, [others @ .., last]) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        (0, _) => shown.concat(),
        (more, _) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The actions' names with their service.
pub(crate) fn names(actions: &[&Action]) -> Vec<String> {
    actions.iter().map(|action| format!("kms:{}", action.name)).collect()
}
