//! A key policy's text, as AWS will read it.

use serde_json::Value as Json;
use serde_json::error::Category;

use crate::iam;
use crate::iam::PolicyKind;
use crate::iam::policy::Principals;
use crate::iam::policy::Statement;
use crate::model::quota::KEY_POLICY_BYTES;
use crate::provider::resources::secure_kms_key::validate::wrong;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Path;

/// Checks a key policy's text: that it is one, its size, and that no statement
/// is without effect.
pub(in super::super) fn policy_text(text: &str, path: &Path) -> Diagnostics {
    let mut found = Diagnostics::new();
    if text.len() > KEY_POLICY_BYTES.value {
        let required = format!("at most {} bytes", KEY_POLICY_BYTES.value);
        found.push(wrong("The key policy is too long", format!("{} bytes", text.len()), &required, path));
    }
    // An error of JSON itself reads better from the JSON reader.
    if let Err(error) = serde_json::from_str::<Json>(text) {
        let place = format!("line {}, column {}", error.line(), error.column());
        let what = match (text.trim().is_empty(), error.classify()) {
            (true, _) => "an empty text".to_owned(),
            (false, Category::Eof) => format!("a text that ends at {place}, before the policy does"),
            (false, _) => format!("a text that is no JSON at {place}"),
        };
        let mut refusal = wrong("The key policy is not valid JSON", what, "a policy document as JSON", path);
        refusal.detail.push_str(
            "\nFix: correct it there; or write the policy with `jsonencode`, or read it from its file with `file`.",
        );
        found.push(refusal);
        return found;
    }
    match iam::parse(text, PolicyKind::Resource) {
        Err(error) => {
            found.push(wrong(
                "The key policy is not one that AWS accepts",
                error.to_string(),
                "a key policy",
                path,
            ));
        }
        Ok(document) => {
            for (index, statement) in document.statements.iter().enumerate() {
                found.extend(ineffective(index, statement).map(|diagnostic| diagnostic.at(path.clone())));
                found.extend(group(index, statement).map(|diagnostic| diagnostic.at(path.clone())));
            }
        }
    }
    found
}

/// KMS accepts a statement without `Action` or `Resource` and ignores it (KMS
/// developer guide, "Key policies", read 2026-11).
fn ineffective(index: usize, statement: &Statement) -> Option<Diagnostic> {
    let missing = match (&statement.actions, &statement.resources) {
        (None, _) => "`Action`",
        (_, None) => "`Resource`",
        _ => return None,
    };
    Some(Diagnostic::error(
        "A statement of the key policy has no effect",
        format!(
            "Found: {} at {} has no {missing}.\nRequired: `Action` and `Resource` in each statement; AWS accepts one \
             without and ignores it.\nFix: add {missing}; for a key the resource is `*`.",
            label(index, statement),
            statement.at
        ),
    ))
}

fn group(index: usize, statement: &Statement) -> Option<Diagnostic> {
    let Some(Principals::Only(iam::policy::PrincipalSet::Listed { aws, .. })) = &statement.principals else {
        return None;
    };
    let group = aws.iter().find(|name| name.as_str().contains(":group/"))?;
    Some(Diagnostic::error(
        "A group cannot be a principal",
        format!(
            "Found: {} names `{group}` at {}.\nRequired: roles, users or accounts; AWS refuses groups.\nFix: name the \
             role that the group's members assume.",
            label(index, statement),
            group.at()
        ),
    ))
}

fn label(index: usize, statement: &Statement) -> String {
    let number = index.saturating_add(1);
    statement.sid.as_ref().map_or_else(|| format!("statement {number}"), |sid| format!("statement `{sid}`"))
}
