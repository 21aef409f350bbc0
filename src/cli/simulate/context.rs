//! The condition keys of a case: those it states and those it calls unknown.

use std::collections::BTreeMap;

use crate::cli::simulate::read::{Fields, list, string, wrong};
use crate::iam::ParseError;
use crate::iam::catalogue::condition_key;
use crate::iam::evaluate::Context;
use crate::iam::json::{Node, Value};
use crate::iam::parse::object;

/// Takes `context` and `unknown`; `None` where neither is given.
pub(super) fn take(fields: &mut Fields<'_, '_>) -> Result<Option<Context>, ParseError> {
    let (stated, unknown) = (fields.take("context"), fields.take("unknown"));
    if stated.is_none() && unknown.is_none() {
        return Ok(None);
    }
    let mut context = Context::new();
    for member in
        stated.map_or(Ok(&[][..]), |node| object(node, "an object of condition keys as `context`"))?
    {
        context = match &member.node.value {
            Value::Null => context.without(&member.name),
            Value::Array(items) => {
                let values: Result<Vec<String>, ParseError> = items.iter().map(scalar).collect();
                context.with_list(&member.name, values?)
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                context.with(&member.name, scalar(&member.node)?)
            }
        };
    }
    let mut keys = BTreeMap::new();
    for node in unknown.map_or(Ok(&[][..]), |node| list(node, "a list of condition keys as `unknown`"))? {
        let key = string(node, "the name of a condition key")?;
        if context.states(key) {
            return Err(ParseError::new(
                node.at,
                format!("`{key}` is stated in `context` and called unknown"),
            ));
        }
        if !is_name(key) {
            return Err(ParseError::new(
                node.at,
                format!(
                    "found `{key}` in `unknown`, expected the whole name of a condition key such as `aws:RequestTag/team`"
                ),
            ));
        }
        // Named twice, or in another letter case, it is the same key.
        keys.entry(key.to_lowercase()).or_insert(key);
    }
    Ok(Some(keys.into_values().fold(context, Context::with_unknown)))
}

/// Whether a key of this name can be in a request; those of other services
/// are believed. One that no request has would be called unknown in vain.
fn is_name(key: &str) -> bool {
    let lower = key.to_lowercase();
    let of_aws = lower.starts_with("aws:") || lower.starts_with("kms:");
    let whole = !key.contains(['*', '?']) && key.contains(':') && !key.ends_with([':', '/']);
    whole && (!of_aws || condition_key(key).is_some())
}

/// Booleans and numbers are taken as strings, as IAM does.
fn scalar(node: &Node<'_>) -> Result<String, ParseError> {
    match &node.value {
        Value::String(text) => Ok(text.to_string()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(text) => Ok((*text).to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(wrong(node, "a string or a list of strings")),
    }
}
