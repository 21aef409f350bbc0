//! The reference pages of KMS actions and condition keys.

use std::collections::BTreeMap;

use super::pages::front_matter;
use crate::iam::catalogue::ACTIONS;
use crate::iam::catalogue::Action;
use crate::iam::catalogue::CONDITION_KEYS;
use crate::iam::catalogue::KeyDefinition;
use crate::iam::catalogue::READ;
use crate::iam::catalogue::ResourceType;
use crate::iam::catalogue::Source;
use crate::iam::catalogue::Values;
use crate::model::quoted;

/// The pages, by their paths below `docs`.
pub(super) fn pages() -> BTreeMap<String, String> {
    BTreeMap::from([
        ("reference/kms-actions.md".to_owned(), actions()),
        ("reference/condition-keys.md".to_owned(), condition_keys()),
    ])
}

fn actions() -> String {
    let summary = "The 56 actions of AWS KMS as keyrail judges and checks policies by them.";
    let mut page = front_matter("KMS actions - kms", summary);
    page.push_str(&format!(
        "# KMS actions\n\n{summary} Compared with AWS's service authorization reference and the permissions \
         reference of the KMS developer guide in {READ}.\n\n\
         An action on a key carries besides its own condition keys those of the key it acts on and those of the \
         caller's way; see [condition keys](condition-keys.md).\n\n\
         | Action | Level | Resource | Other accounts | In grants | Own condition keys |\n|---|---|---|---|---|---|\n"
    ));
    page.extend(ACTIONS.iter().map(action_row));
    page
}

fn action_row(action: &Action) -> String {
    let resource = match action.resource {
        ResourceType::None => "none: `*`",
        ResourceType::Key => "key",
        ResourceType::KeyAndAlias => "alias and key",
    };
    let [shared, granted] =
        [action.cross_account, action.grantable].map(|yes| if yes { "yes" } else { "no" });
    let keys = quoted(action.keys.iter().map(|key| shown(key)));
    let (name, level) = (action.name, action.level.as_str());
    format!("| `kms:{name}` | {level} | {resource} | {shared} | {granted} | {keys} |\n")
}

fn condition_keys() -> String {
    let summary = "The condition keys of AWS KMS and of all services, and when a request has them.";
    let mut page = front_matter("Condition keys - kms", summary);
    page.push_str(&format!(
        "# Condition keys\n\n{summary} Compared with AWS's service authorization reference, the KMS developer \
         guide and the IAM user guide in {READ}.\n\n\
         A list matches under `ForAnyValue:` or `ForAllValues:` alone; a plain operator on it never matches. A key \
         that the request lacks fails a positive operator and satisfies a negated one.\n"
    ));
    for (heading, source) in [
        ("Keys of the key that is acted on", Source::Key),
        ("Keys of the request's parameters", Source::Request),
        ("Keys of the caller's way to KMS", Source::Caller),
        ("Global keys", Source::Global),
    ] {
        page.push_str(&format!("\n## {heading}\n\n{}\n\n", where_they_exist(source)));
        page.push_str("| Key | Type | Values | Present |\n|---|---|---|---|\n");
        page.extend(CONDITION_KEYS.iter().filter(|key| key.source == source).map(key_row));
    }
    page
}

fn where_they_exist(source: Source) -> &'static str {
    match source {
        Source::Key => "On every action that acts on a key; `CreateKey` has those it lists itself.",
        Source::Request => {
            "On the actions that list them and on no other: see [KMS actions](kms-actions.md). \"Always\" means \
             on all of those."
        }
        Source::Caller => {
            "On nearly every action, as the text of each says; `kms:ViaService` not for key stores."
        }
        Source::Global => "In every service, under the same circumstances.",
    }
}

fn key_row(key: &KeyDefinition) -> String {
    let kind = if key.list { format!("List of {}", key.kind.as_str()) } else { key.kind.as_str().to_owned() };
    format!("| `{}` | {kind} | {} | {} |\n", shown(key.name), held(key.values), key.present)
}

fn held(values: Values) -> String {
    match values {
        Values::Any => String::new(),
        Values::Account => "An account's 12 digits".to_owned(),
        Values::Arn => "ARNs".to_owned(),
        Values::Principal => "ARNs of roles, users and root users; no session's".to_owned(),
        Values::Region => "A Region's name".to_owned(),
        Values::Words(words) => quoted(words),
    }
}

/// A family as AWS writes it, with a placeholder for the rest of the name.
fn shown(name: &str) -> String {
    match name.as_bytes().last() {
        Some(b'/') => format!("{name}${{TagKey}}"),
        Some(b':') => format!("{name}*"),
        Some(_) | None => name.to_owned(),
    }
}
