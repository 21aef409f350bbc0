//! Reads a policy as far as it can be read: what is at fault is told and left
//! out, so that the rest is looked at too.

use crate::iam::json::{self, Member, Node, Value};
use crate::iam::parse::{self, ParseError};
use crate::iam::policy::{Document, ELEMENTS, Position};

/// What was read.
#[derive(Debug)]
pub(crate) struct Recovered {
    /// Without what is at fault; `None` where nothing is left.
    pub(crate) document: Option<Document>,
    pub(crate) start: Position,
    pub(crate) version_at: Position,
    pub(crate) faults: Vec<ParseError>,
    /// Operands of `Null` that are no booleans.
    pub(crate) operands: Vec<ParseError>,
    /// Every statement as written, those that were left out too: where it starts,
    /// and its Sid.
    pub(crate) places: Vec<(Position, Option<String>)>,
}

/// Reads a text. Never fails: a text that is no JSON has one fault and no document.
pub(crate) fn recover(text: &str) -> Recovered {
    let start = Position { line: 1, column: 1 };
    let mut read = match json::read(text) {
        Ok(read) => read,
        Err(fault) => {
            return Recovered {
                document: None,
                start,
                version_at: start,
                faults: vec![fault],
                operands: Vec::new(),
                places: Vec::new(),
            };
        }
    };
    let version_at = member(&read, "Version").map_or(read.at, |version| version.node.at);
    let places = places(&read);
    let operands = mend_null(&mut read);
    let (document, faults) = prune(&mut read);
    Recovered { document, start: read.at, version_at, faults, operands, places }
}

fn places(read: &Node<'_>) -> Vec<(Position, Option<String>)> {
    let statements = match member(read, "Statement").map(|member| &member.node) {
        Some(Node { value: Value::Array(items), .. }) => items.iter().collect(),
        Some(only) => vec![only],
        None => Vec::new(),
    };
    let sid = |statement: &Node<'_>| match &member(statement, "Sid")?.node.value {
        Value::String(sid) if !sid.is_empty() => Some(sid.to_string()),
        Value::String(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Array(_)
        | Value::Object(_) => None,
    };
    statements.into_iter().map(|statement| (statement.at, sid(statement))).collect()
}

fn prune(read: &mut Node<'_>) -> (Option<Document>, Vec<ParseError>) {
    let mut faults: Vec<ParseError> = Vec::new();
    loop {
        match parse::tree(read) {
            Ok(document) => return (Some(document), faults),
            Err(fault) => {
                let removed = faults.len() < MOST_FAULTS && remove(read, fault.at());
                let left = removed && !is_empty(member(read, "Statement"));
                // With nothing left the rest is a consequence of what was told.
                if removed || faults.is_empty() {
                    faults.push(fault);
                }
                if !left {
                    return (None, faults);
                }
            }
        }
    }
}

fn is_empty(member: Option<&Member<'_>>) -> bool {
    member.is_some_and(|member| matches!(&member.node.value, Value::Array(items) if items.is_empty()))
}

/// Removes the member or the item that starts here. The whole cannot be removed.
fn remove(node: &mut Node<'_>, at: Position) -> bool {
    match &mut node.value {
        Value::Object(members) => {
            // The last first: of two equal names the second is at fault.
            let found = members.iter().rposition(|member| member.at == at || member.node.at == at);
            match found {
                Some(index) => {
                    leave_out(members, index, at);
                    true
                }
                None => members.iter_mut().any(|member| remove(&mut member.node, at)),
            }
        }
        Value::Array(items) => match items.iter().position(|item| item.at == at) {
            Some(index) => {
                items.remove(index);
                true
            }
            None => items.iter_mut().any(|item| remove(item, at)),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A statement with a wrong effect is still a statement, so the effect is
/// replaced; and a name in other letters than AWS's is still that name.
fn leave_out(members: &mut Vec<Member<'_>>, index: usize, at: Position) {
    let Some(member) = members.get(index) else { return };
    let meant = meant(&member.name).filter(|name| members.iter().all(|other| other.name != *name));
    let wrong_effect = member.name == "Effect" && member.node.at == at;
    let Some(member) = members.get_mut(index) else { return };
    match meant.filter(|_| member.at == at) {
        Some(name) => member.name = name.into(),
        None if wrong_effect => member.node.value = Value::String(effect(&member.node).into()),
        None => drop(members.remove(index)),
    }
}

/// The element that is named in other letters than AWS's.
fn meant(name: &str) -> Option<&'static str> {
    ELEMENTS.into_iter().find(|element| *element != name && element.eq_ignore_ascii_case(name))
}

fn effect(node: &Node<'_>) -> &'static str {
    match &node.value {
        Value::String(text) if text.eq_ignore_ascii_case("Allow") => "Allow",
        Value::String(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Array(_)
        | Value::Object(_) => "Deny",
    }
}

/// Puts `true` where an operand of `Null` is no boolean, so that the key it is
/// about is not lost.
fn mend_null(read: &mut Node<'_>) -> Vec<ParseError> {
    let Some(statements) = member_mut(read, "Statement") else { return Vec::new() };
    let statements = match &mut statements.node.value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(_) => vec![&mut statements.node],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    let mut faults = Vec::new();
    for statement in statements {
        let Some(conditions) = member_mut(statement, "Condition") else { continue };
        let Some(null) = member_mut(&mut conditions.node, "Null") else { continue };
        let Value::Object(keys) = &mut null.node.value else { continue };
        for key in keys.iter_mut().filter(|key| !is_boolean(&key.node)) {
            let found = key.node.describe();
            faults.push(ParseError::new(
                key.node.at,
                format!("found {found} for `{}`, expected `true` or `false` for `Null`", key.name),
            ));
            key.node.value = Value::Bool(true);
        }
    }
    faults
}

fn is_boolean(node: &Node<'_>) -> bool {
    match &node.value {
        Value::Bool(_) => true,
        Value::String(text) => ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word)),
        Value::Array(items) => !items.is_empty() && items.iter().all(is_boolean),
        Value::Null | Value::Number(_) | Value::Object(_) => false,
    }
}

fn member<'n, 'a>(node: &'n Node<'a>, name: &str) -> Option<&'n Member<'a>> {
    let Value::Object(members) = &node.value else { return None };
    members.iter().find(|member| member.name == name)
}

fn member_mut<'n, 'a>(node: &'n mut Node<'a>, name: &str) -> Option<&'n mut Member<'a>> {
    let Value::Object(members) = &mut node.value else { return None };
    members.iter_mut().find(|member| member.name == name)
}

/// A text with more faults than this is no policy.
const MOST_FAULTS: usize = 50;

#[cfg(test)]
mod tests {
    use super::recover;

    #[test]
    fn every_fault_is_told_and_the_rest_is_read() {
        let read = recover(
            r#"{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": [
  {"Effect": "Maybe", "Action": "kms:Decrypt", "Resource": "*"},
  {"Effect": "Deny", "Actions": "kms:Decrypt", "Action": ["kms:Encrypt", 7], "Resource": "*",
   "Condition": {"Null": {"aws:TagKeys": []}, "StringIs": {"a:b": "c"}}}]}"#,
        );
        let told: Vec<String> = read.faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 1, column 27: `Version` appears twice in one object",
                "line 2, column 14: found `Maybe`, expected `Allow` or `Deny`",
                "line 3, column 22: found `Actions`, expected `Sid`, `Effect`, `Principal`, `NotPrincipal`, `Action`, \
                 `NotAction`, `Resource`, `NotResource` or `Condition`",
                "line 3, column 74: found the number `7`, expected a string",
                "line 4, column 47: found `StringIs`, which is no condition operator; `StringLike` is",
            ]
        );
        let operands: Vec<String> = read.operands.iter().map(ToString::to_string).collect();
        assert_eq!(
            operands,
            ["line 4, column 42: found a list for `aws:TagKeys`, expected `true` or `false` for `Null`"]
        );
        assert_eq!(read.document.unwrap().statements.len(), 2);
    }

    #[test]
    fn a_text_that_is_no_policy_has_one_fault_and_no_document() {
        for text in ["", "{", "7", "{}", r#"{"Statement": "none"}"#, r#"{"Statement": []}"#] {
            let read = recover(text);
            assert!(read.document.is_none(), "{text}");
            assert_eq!(read.faults.len(), 1, "{text}");
        }
    }
}
