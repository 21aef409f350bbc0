//! JSON nodes to the policy tree, the same for every kind of policy.

use crate::iam::json::{Member, Node, Value, shortened};
use crate::iam::parse::ParseError;
use crate::iam::policy::{
    Actions, Comparison, Condition, Document, Effect, Operator, PrincipalSet, Principals, Resources,
    Statement, Text, Version,
};
use crate::model::spelling::nearest;

pub(super) fn document(node: &Node<'_>) -> Result<Document, ParseError> {
    if matches!(node.value, Value::String(_)) {
        let message = "found a string, expected a policy as an object; if the string holds one, take it out of its quotes";
        return Err(ParseError::new(node.at, message));
    }
    if let Value::Object(members) = &node.value
        && is_statement(members)
    {
        let message = "found a statement, expected a policy: an object with `Version`, and the statement in its `Statement`";
        return Err(ParseError::new(node.at, message));
    }
    let mut version = None;
    let mut id = None;
    let mut statements = None;
    for member in object(node, "a policy: an object with `Version` and `Statement`")? {
        let value = &member.node;
        match &*member.name {
            "Version" => version = Some(version_of(value)?),
            "Id" => id = Some(text(value, "a string")?),
            "Statement" => statements = Some(statements_of(value)?),
            _ => return Err(unknown_element(member, "`Version`, `Id` or `Statement`")),
        }
    }
    let statements = statements.ok_or_else(|| ParseError::new(node.at, "the policy has no `Statement`"))?;
    Ok(Document { version, id, statements })
}

/// Whether these are the members of a statement and not of a policy.
fn is_statement(members: &[Member<'_>]) -> bool {
    let has = |name: &str| members.iter().any(|member| member.name == name);
    has("Effect") && !has("Statement")
}

fn version_of(node: &Node<'_>) -> Result<Version, ParseError> {
    let found = text(node, VERSIONS)?;
    [Version::V2008, Version::V2012]
        .into_iter()
        .find(|version| version.as_str() == found.as_str())
        .ok_or_else(|| wrong(node, VERSIONS))
}

fn statements_of(node: &Node<'_>) -> Result<Vec<Statement>, ParseError> {
    match &node.value {
        Value::Array(items) if items.is_empty() => {
            Err(ParseError::new(node.at, "`Statement` is an empty list, expected at least one statement"))
        }
        Value::Array(items) => items.iter().map(statement).collect(),
        Value::Object(_) => Ok(vec![statement(node)?]),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err(wrong(node, "a statement or a list of statements"))
        }
    }
}

fn statement(node: &Node<'_>) -> Result<Statement, ParseError> {
    let mut effect = None;
    let mut built = Statement {
        sid: None,
        effect: Effect::Deny,
        principals: None,
        actions: None,
        resources: None,
        conditions: Vec::new(),
        at: node.at,
    };
    for member in object(node, "a statement: an object with `Effect`, `Action` and `Resource`")? {
        let value = &member.node;
        match &*member.name {
            "Sid" => built.sid = Some(text(value, "a string")?),
            "Effect" => effect = Some(effect_of(value)?),
            "Principal" => {
                once(&mut built.principals, member, "NotPrincipal", Principals::Only(set(value)?))?;
            }
            "NotPrincipal" => {
                once(&mut built.principals, member, "Principal", Principals::AllBut(set(value)?))?;
            }
            "Action" => once(&mut built.actions, member, "NotAction", Actions::Only(actions(value)?))?,
            "NotAction" => once(&mut built.actions, member, "Action", Actions::AllBut(actions(value)?))?,
            "Resource" => once(&mut built.resources, member, "NotResource", Resources::Only(texts(value)?))?,
            "NotResource" => {
                once(&mut built.resources, member, "Resource", Resources::AllBut(texts(value)?))?;
            }
            "Condition" => built.conditions = conditions(value)?,
            _ => return Err(unknown_element(member, STATEMENT_ELEMENTS)),
        }
    }
    built.effect = effect.ok_or_else(|| ParseError::new(node.at, "the statement has no `Effect`"))?;
    Ok(built)
}

fn once<T>(slot: &mut Option<T>, member: &Member<'_>, rival: &str, value: T) -> Result<(), ParseError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(ParseError::new(
            member.at,
            format!("found `{}` beside `{rival}`, expected one of them", member.name),
        )),
    }
}

fn effect_of(node: &Node<'_>) -> Result<Effect, ParseError> {
    let found = text(node, EFFECTS)?;
    [Effect::Allow, Effect::Deny]
        .into_iter()
        .find(|effect| effect.as_str() == found.as_str())
        .ok_or_else(|| wrong(node, EFFECTS))
}

fn set(node: &Node<'_>) -> Result<PrincipalSet, ParseError> {
    if let Value::String(name) = &node.value {
        return if name == "*" { Ok(PrincipalSet::Everyone) } else { Err(wrong(node, PRINCIPALS)) };
    }
    let [mut aws, mut service, mut federated, mut canonical_user] = [const { Vec::new() }; 4];
    for member in object(node, PRINCIPALS)? {
        let names = texts(&member.node)?;
        match &*member.name {
            "AWS" => aws = names,
            "Service" => service = names,
            "Federated" => federated = names,
            "CanonicalUser" => canonical_user = names,
            _ => return Err(unknown_element(member, "`AWS`, `Service`, `Federated` or `CanonicalUser`")),
        }
    }
    Ok(PrincipalSet::Listed { aws, service, federated, canonical_user })
}

fn actions(node: &Node<'_>) -> Result<Vec<Text>, ParseError> {
    let patterns = texts(node)?;
    for pattern in &patterns {
        let bare = pattern.as_str() == "*";
        let pair = pattern
            .as_str()
            .split_once(':')
            .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        if !bare && !pair {
            let message = format!(
                "found the action `{}`, expected `*` or `service:Action`",
                shortened(pattern.as_str())
            );
            return Err(ParseError::new(pattern.at(), message));
        }
    }
    Ok(patterns)
}

fn conditions(node: &Node<'_>) -> Result<Vec<Condition>, ParseError> {
    let mut flat = Vec::new();
    for member in object(node, "a condition block: an object of operators")? {
        let operator = Operator::parse(&member.name).ok_or_else(|| {
            let meant = meant(&member.name);
            let message =
                format!("found `{}`, which is no condition operator{meant}", shortened(&member.name));
            ParseError::new(member.at, message)
        })?;
        for key in object(&member.node, "an object of condition keys")? {
            if key.name.is_empty() {
                return Err(ParseError::new(key.at, "found an empty condition key"));
            }
            let repeated = flat.iter().any(|other: &Condition| {
                other.operator == operator && other.key.as_str().eq_ignore_ascii_case(&key.name)
            });
            if repeated {
                let message =
                    format!("`{}` appears twice under `{operator}`; letter case does not count", key.name);
                return Err(ParseError::new(key.at, message));
            }
            let values = operands(operator, key)?;
            flat.push(Condition { operator, key: Text::read(key.name.clone(), key.at), values });
        }
    }
    Ok(flat)
}

/// What may be meant by a name that is no operator.
fn meant(name: &str) -> String {
    let base =
        name.strip_prefix("ForAnyValue:").or_else(|| name.strip_prefix("ForAllValues:")).unwrap_or(name);
    let base = base.strip_suffix("IfExists").unwrap_or(base);
    if base == Comparison::Null.as_str() {
        return "; `Null` takes neither prefix nor suffix".to_owned();
    }
    let nearest = nearest(base, Comparison::ALL.iter().map(|comparison| comparison.as_str()));
    nearest.map_or_else(String::new, |nearest| format!("; `{}` is", name.replacen(base, nearest, 1)))
}

fn operands(operator: Operator, key: &Member<'_>) -> Result<Vec<Text>, ParseError> {
    let values = list(&key.node, operand)?;
    if operator.comparison == Comparison::Null {
        let boolean =
            |value: &Text| ["true", "false"].iter().any(|word| value.as_str().eq_ignore_ascii_case(word));
        if values.is_empty() || !values.iter().all(boolean) {
            return Err(wrong(&key.node, "`true` or `false` for `Null`"));
        }
    }
    Ok(values)
}

/// Booleans and numbers are taken as strings, as AWS does.
fn operand(node: &Node<'_>) -> Result<Text, ParseError> {
    match &node.value {
        Value::String(value) => Ok(Text::read(value.clone(), node.at)),
        Value::Number(value) => Ok(Text::read(*value, node.at)),
        Value::Bool(value) => Ok(Text::read(value.to_string(), node.at)),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(wrong(node, "a string, a number or a boolean"))
        }
    }
}

fn texts(node: &Node<'_>) -> Result<Vec<Text>, ParseError> {
    list(node, |item| text(item, "a string"))
}

fn list(
    node: &Node<'_>,
    one: impl Fn(&Node<'_>) -> Result<Text, ParseError>,
) -> Result<Vec<Text>, ParseError> {
    match &node.value {
        Value::Array(items) => items.iter().map(one).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Ok(vec![one(node)?])
        }
    }
}

fn text(node: &Node<'_>, expected: &str) -> Result<Text, ParseError> {
    match &node.value {
        Value::String(value) => Ok(Text::read(value.clone(), node.at)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(wrong(node, expected))
        }
    }
}

/// The members of an object whose names are all different.
pub(crate) fn object<'n, 'a>(node: &'n Node<'a>, expected: &str) -> Result<&'n [Member<'a>], ParseError> {
    let Value::Object(members) = &node.value else {
        return Err(wrong(node, expected));
    };
    let mut names: Vec<(&str, &Member<'_>)> = members.iter().map(|member| (&*member.name, member)).collect();
    names.sort_by_key(|(name, _)| *name);
    for pair in names.windows(2) {
        if let [(first, _), (second, repeated)] = pair
            && first == second
        {
            let message = format!("`{}` appears twice in one object", shortened(second));
            return Err(ParseError::new(repeated.at, message));
        }
    }
    Ok(members)
}

fn wrong(node: &Node<'_>, expected: &str) -> ParseError {
    ParseError::new(node.at, format!("found {}, expected {expected}", node.describe()))
}

fn unknown_element(member: &Member<'_>, expected: &str) -> ParseError {
    ParseError::new(member.at, format!("found `{}`, expected {expected}", shortened(&member.name)))
}

const VERSIONS: &str = "`2012-10-17` or `2008-10-17`";
const EFFECTS: &str = "`Allow` or `Deny`";
const PRINCIPALS: &str = "`*` or an object of principals by type";
const STATEMENT_ELEMENTS: &str = "`Sid`, `Effect`, `Principal`, `NotPrincipal`, `Action`, `NotAction`, `Resource`, \
     `NotResource` or `Condition`";
