//! Key policies as KMS keeps them: checked, re-serialised in KMS's own layout,
//! and bound to the principals that existed when the policy was set.
//!
//! KMS prints policies with its own spacing, writes lists of one as scalars,
//! accounts as their root's ARN, and orders principals as it likes; somebody
//! who was deleted is shown by the unique id that is left of them.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::iam::PolicyKind;
use crate::iam::evaluate::Compiled;
use crate::model::account::AccountId;
use crate::model::quota;
use crate::sandbox::faults::INVALID_PRINCIPALS;
use crate::sandbox::kms::document::layout::print;
use crate::sandbox::principals::Principals;
use crate::sandbox::wire::ServiceError;

mod layout;

/// A key policy in force.
#[derive(Debug, Clone)]
pub(crate) struct KeyPolicy {
    /// With principals as they were named.
    named: Value,
    /// The unique id that each named user or role had.
    bound: BTreeMap<String, String>,
    text: String,
    compiled: Compiled,
}

impl KeyPolicy {
    /// Reads a policy as `PutKeyPolicy` does. Statements without `Action` or
    /// `Resource` are accepted and without effect.
    pub(crate) fn parse(text: &str, principals: &Principals) -> Result<Self, ServiceError> {
        check_text(text)?;
        crate::iam::parse(text, PolicyKind::Resource).map_err(|error| malformed(error.to_string()))?;
        let mut named: Value = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        let mut bound = BTreeMap::new();
        for statement in statements(&mut named) {
            check_statement(statement)?;
            scalars(statement);
            for principal in principals_of(statement) {
                bind(principal, principals, &mut bound)?;
            }
        }
        Self::of(named, bound, principals)
    }

    /// The policy of a key that is made without one: the account and its IAM
    /// policies decide (KMS developer guide, "Default key policy", read 2026-11).
    pub(crate) fn usual(account: &AccountId, principals: &Principals) -> Result<Self, ServiceError> {
        let policy = json!({
            "Version": "2012-10-17",
            "Id": "key-default-1",
            "Statement": [{
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
                "Action": "kms:*",
                "Resource": "*",
            }],
        });
        Self::parse(&policy.to_string(), principals)
    }

    /// The text as `GetKeyPolicy` shows it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The policy, ready to be judged.
    pub(crate) fn compiled(&self) -> Compiled {
        self.compiled.clone()
    }

    /// Follows principals that came or went.
    pub(crate) fn follow(&mut self, principals: &Principals) {
        if let Ok(now) = Self::of(self.named.clone(), self.bound.clone(), principals) {
            *self = now;
        }
    }

    fn of(
        named: Value,
        bound: BTreeMap<String, String>,
        principals: &Principals,
    ) -> Result<Self, ServiceError> {
        let mut shown = named.clone();
        for principal in statements(&mut shown).into_iter().flat_map(principals_of) {
            show_deleted(principal, &bound, principals);
        }
        let text = print(&shown);
        let document =
            crate::iam::parse(&text, PolicyKind::Resource).map_err(|error| malformed(error.to_string()))?;
        Ok(Self { named, bound, text, compiled: Compiled::new(&document) })
    }
}

fn check_text(text: &str) -> Result<(), ServiceError> {
    let printable = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if text.is_empty() || !text.chars().all(printable) {
        return Err(ServiceError::validation(
            "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+",
        ));
    }
    if text.len() > quota::KEY_POLICY_BYTES.value {
        let most = quota::KEY_POLICY_BYTES.value;
        return Err(ServiceError::new(
            "LimitExceededException",
            format!("The key policy exceeds the maximum size of {most} bytes."),
        ));
    }
    Ok(())
}

fn check_statement(statement: &Map<String, Value>) -> Result<(), ServiceError> {
    if !statement.contains_key("Principal") && !statement.contains_key("NotPrincipal") {
        return Err(malformed("Policy contains a statement with no principal."));
    }
    let conditions = statement.get("Condition").and_then(Value::as_object);
    for (operator, keys) in conditions.into_iter().flatten() {
        let names = keys.as_object().into_iter().flat_map(Map::keys).map(|name| name.to_lowercase());
        let mut open = names
            .filter(|name| name.starts_with("kms:encryptioncontext:") || name.starts_with("aws:requesttag/"));
        // KMS developer guide, "kms:EncryptionContext:context-key", read 2026-11.
        if operator.to_lowercase().starts_with("forallvalues:") && open.next().is_some() {
            return Err(malformed("Policy contains an overly permissive condition."));
        }
    }
    Ok(())
}

/// The error of a policy that KMS does not take.
pub(super) fn malformed(message: impl Into<String>) -> ServiceError {
    ServiceError::new("MalformedPolicyDocumentException", message)
}

fn statements(policy: &mut Value) -> Vec<&mut Map<String, Value>> {
    match policy.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.iter_mut().filter_map(Value::as_object_mut).collect(),
        Some(statement) => statement.as_object_mut().into_iter().collect(),
        None => Vec::new(),
    }
}

fn principals_of(statement: &mut Map<String, Value>) -> impl Iterator<Item = &mut Value> {
    let elements =
        statement.iter_mut().filter(|(member, _)| ["Principal", "NotPrincipal"].contains(&member.as_str()));
    elements.map(|(_, principal)| principal)
}

/// Checks that everybody named exists, remembers their unique ids, and brings
/// the list into KMS's order.
fn bind(
    principal: &mut Value,
    principals: &Principals,
    bound: &mut BTreeMap<String, String>,
) -> Result<(), ServiceError> {
    let Some(kinds) = principal.as_object_mut() else { return Ok(()) };
    for (kind, named) in kinds {
        let mut names = texts(named);
        for name in &mut names {
            match kind.as_str() {
                "AWS" => *name = known(name, principals, bound)?,
                "Service" if !name.ends_with(".amazonaws.com") => return Err(malformed(INVALID_PRINCIPALS)),
                _ => {}
            }
        }
        names.sort_by_key(|name| bound.get(name).unwrap_or(name).clone());
        names.dedup();
        *named = scalar(names.into_iter().map(Value::from).collect());
    }
    Ok(())
}

/// The principal in KMS's spelling, if there is such a one. Accounts outside
/// the organisation are taken to exist, with whoever is named in them.
fn known(
    name: &str,
    principals: &Principals,
    bound: &mut BTreeMap<String, String>,
) -> Result<String, ServiceError> {
    let invalid = || malformed(INVALID_PRINCIPALS);
    if name == "*" {
        return Ok(name.to_owned());
    }
    if name.parse::<AccountId>().is_ok() {
        return Ok(format!("arn:aws:iam::{name}:root"));
    }
    let arn: crate::model::arn::Arn = name.parse().map_err(|_| invalid())?;
    let account = arn.account().ok_or_else(invalid)?;
    let (kind, rest) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
    let listed = match (arn.service(), kind) {
        ("iam", "root") | ("sts", "federated-user") => return Ok(name.to_owned()),
        ("iam", "user" | "role") if !name.contains(['*', '?']) => name.to_owned(),
        ("sts", "assumed-role") => {
            let role = rest.split_once('/').map(|(role, _)| role).ok_or_else(invalid)?;
            format!("arn:aws:iam::{account}:role/{role}")
        }
        _ => return Err(invalid()),
    };
    if !principals.has_account(account) {
        return Ok(name.to_owned());
    }
    let id = principals.unique_id_of(&listed).ok_or_else(invalid)?;
    bound.insert(name.to_owned(), id.to_owned());
    Ok(name.to_owned())
}

fn show_deleted(principal: &mut Value, bound: &BTreeMap<String, String>, principals: &Principals) {
    let Some(element) = principal.get_mut("AWS") else { return };
    let names = texts(element).into_iter().map(|name| match bound.get(&name) {
        Some(id) if principals.unique_id_of(&name) != Some(id) && name.contains(":iam:") => id.clone(),
        Some(_) | None => name,
    });
    *element = scalar(names.map(Value::from).collect());
}

/// Writes every list of one as a scalar, and what is not text as text.
fn scalars(statement: &mut Map<String, Value>) {
    for member in ["Action", "NotAction", "Resource", "NotResource"] {
        if let Some(value) = statement.get_mut(member) {
            *value = scalar(texts(value).into_iter().map(Value::from).collect());
        }
    }
    let conditions = statement.get_mut("Condition").and_then(Value::as_object_mut);
    for keys in
        conditions.into_iter().flat_map(|operators| operators.values_mut()).filter_map(Value::as_object_mut)
    {
        for value in keys.values_mut() {
            *value = scalar(texts(value).into_iter().map(Value::from).collect());
        }
    }
}

fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    value.as_array().map_or_else(|| vec![text(value)], |items| items.iter().map(text).collect())
}

fn scalar(mut items: Vec<Value>) -> Value {
    match (items.len(), items.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            items.extend(last);
            Value::Array(items)
        }
    }
}
