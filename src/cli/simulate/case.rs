//! One case: its request, its policies, its decision.

use crate::cli::simulate::grant;
use crate::cli::simulate::read::{Fields, list, string, wrong};
use crate::iam::ParseError;
use crate::iam::evaluate::{
    Caller, Compiled, Context, Decision, Level, Outcome, Policies, Request, RequestBuilder, RequestError,
    evaluate,
};
use crate::iam::json::{Node, Value};
use crate::iam::parse::{from_node, object};
use crate::iam::policy::PolicyKind;

/// Reads and judges a case.
pub(super) fn judge(node: &Node<'_>) -> Result<Outcome, ParseError> {
    let mut fields = Fields::new(node, "a case: an object with `action`, `resource` and `principal`")?;
    if let Some(name) = fields.take("name") {
        string(name, "a string as `name`")?;
    }
    let action = required(&mut fields, node, "action")?;
    let resource = required(&mut fields, node, "resource")?;
    let principal =
        fields.take("principal").ok_or_else(|| ParseError::new(node.at, "the case has no `principal`"))?;
    let mut builder = Request::builder("", string(resource, "an ARN or `*`")?, caller(principal)?);
    if let Some(account) = fields.take("resource_account") {
        builder = builder.resource_account(string(account, "an account number as a string")?);
    }
    builder = builder.context(context(fields.take("context"), fields.take("unknown"))?);
    let policies = policies(&mut fields, string(resource, "an ARN or `*`")?)?;
    fields.finish()?;
    decide(&builder, string(action, "`service:Action`")?, &policies).map_err(|error| at(node, &error))
}

fn required<'n, 'a>(
    fields: &mut Fields<'n, 'a>,
    node: &Node<'_>,
    name: &str,
) -> Result<&'n Node<'a>, ParseError> {
    fields.take(name).ok_or_else(|| ParseError::new(node.at, format!("the case has no `{name}`")))
}

/// `ReEncrypt` is an API operation and two authorizations; what hinders most
/// decides.
fn decide(builder: &RequestBuilder, action: &str, policies: &Policies) -> Result<Outcome, RequestError> {
    let judge = |action: &str| Ok(evaluate(&builder.clone().action(action).build()?, policies));
    if !action.eq_ignore_ascii_case("kms:ReEncrypt") {
        return judge(action);
    }
    let (from, to) = (judge("kms:ReEncryptFrom")?, judge("kms:ReEncryptTo")?);
    let weight = |outcome: &Outcome| match outcome.decision {
        Decision::Allowed => 0,
        Decision::Undecided => 1,
        Decision::ImplicitlyDenied => 2,
        Decision::ExplicitlyDenied => 3,
    };
    Ok(if weight(&to) > weight(&from) { to } else { from })
}

fn caller(node: &Node<'_>) -> Result<Caller, ParseError> {
    let expected = "an ARN, `{\"service\": name}` or `{\"anonymous\": true}` as `principal`";
    if let Value::String(arn) = &node.value {
        return Caller::parse(arn).map_err(|error| at(node, &error));
    }
    match object(node, expected)? {
        [member] if member.name == "service" => Caller::service(string(&member.node, "a service principal")?)
            .map_err(|error| at(&member.node, &error)),
        [member] if member.name == "anonymous" && matches!(member.node.value, Value::Bool(true)) => {
            Ok(Caller::anonymous())
        }
        _ => Err(wrong(node, expected)),
    }
}

fn context(stated: Option<&Node<'_>>, unknown: Option<&Node<'_>>) -> Result<Context, ParseError> {
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
    for node in unknown.map_or(Ok(&[][..]), |node| list(node, "a list of condition keys as `unknown`"))? {
        let key = string(node, "the name of a condition key")?;
        if context.states(key) {
            return Err(ParseError::new(
                node.at,
                format!("`{key}` is stated in `context` and called unknown"),
            ));
        }
        context = context.with_unknown(key);
    }
    Ok(context)
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

fn policies(fields: &mut Fields<'_, '_>, resource: &str) -> Result<Policies, ParseError> {
    let one = |node: &Node<'_>, kind| Ok(Compiled::new(&from_node(node, kind)?));
    let many = |node: Option<&Node<'_>>, kind| match node {
        None => Ok(Vec::new()),
        Some(node) => list(node, "a list of policies")?.iter().map(|node| one(node, kind)).collect(),
    };
    let mut policies = Policies {
        identity: many(fields.take("identity_policies"), PolicyKind::Identity)?,
        resource: fields.take("resource_policy").map(|node| one(node, PolicyKind::Resource)).transpose()?,
        scp: fields.take("scp").map(|node| levels(node, PolicyKind::ServiceControl)).transpose()?,
        rcp: fields.take("rcp").map(|node| levels(node, PolicyKind::ResourceControl)).transpose()?,
        permission_boundaries: many(fields.take("permission_boundaries"), PolicyKind::PermissionBoundary)?,
        session: fields.take("session_policy").map(|node| one(node, PolicyKind::Session)).transpose()?,
        endpoint: many(fields.take("endpoint_policies"), PolicyKind::Endpoint)?,
        grants: Vec::new(),
    };
    if let Some(node) = fields.take("grants") {
        for (index, node) in list(node, "a list of grants")?.iter().enumerate() {
            policies.grants.extend(grant::read(node, index, resource)?);
        }
    }
    Ok(policies)
}

fn levels(node: &Node<'_>, kind: PolicyKind) -> Result<Vec<Level>, ParseError> {
    let level = |node: &Node<'_>| {
        let mut fields = Fields::new(node, "a level: an object with `target` and `policies`")?;
        let target = required(&mut fields, node, "target")?;
        let policies = required(&mut fields, node, "policies")?;
        fields.finish()?;
        let policies: Result<Vec<Compiled>, ParseError> = list(policies, "a list of policies")?
            .iter()
            .map(|node| Ok((&from_node(node, kind)?).into()))
            .collect();
        Ok(Level::new(string(target, "the id of a root, OU or account")?, policies?))
    };
    list(node, "a list of levels, root first")?.iter().map(level).collect()
}

pub(super) fn at(node: &Node<'_>, error: &RequestError) -> ParseError {
    ParseError::new(node.at, error.to_string())
}
