//! One case: its request, its policies, its decision.

use std::collections::BTreeMap;

use crate::cli::simulate::call::{Call, Part, Verdicts};
use crate::cli::simulate::grant;
use crate::cli::simulate::read::{Fields, list, string, wrong};
use crate::iam::ParseError;
use crate::iam::evaluate::{
    Caller, Compiled, Context, Explanation, Grant, Level, Organisation, Outcome, Policies, Request,
    RequestBuilder, RequestError,
};
use crate::iam::json::{Node, Value};
use crate::iam::parse::{from_node, object};
use crate::iam::policy::PolicyKind;

/// A case, read.
pub(super) struct Case {
    pub(super) builder: RequestBuilder,
    pub(super) context: Context,
    pub(super) policies: Policies,
    /// `kms:ReplicaRegion`, where stated.
    pub(super) replica_region: Option<String>,
    account: String,
    region: String,
}

impl Case {
    /// A key that the call makes; its id is not known to anybody yet.
    pub(super) fn new_key_arn(&self, region: Option<&str>) -> String {
        format!("arn:aws:kms:{}:{}:key/new", region.unwrap_or(&self.region), self.account)
    }
}

/// How much is said of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// The decision and what decided.
    Decision,
    /// Every statement too.
    Everything,
}

/// What a case is answered with.
pub(super) struct Judged {
    pub(super) outcome: Outcome,
    /// For an operation, each authorization it needs.
    pub(super) parts: Vec<Part>,
    /// Every statement and why it matches or not, by what was asked.
    pub(super) explained: Vec<(String, Vec<Explanation>)>,
}

/// Reads and judges a case.
pub(super) fn judge(node: &Node<'_>, detail: Detail) -> Result<Judged, ParseError> {
    let mut fields = Fields::new(node, "a case: an object with `action`, `resource` and `principal`")?;
    if let Some(name) = fields.take("name") {
        string(name, "a string as `name`")?;
    }
    let operation = fields.take("operation");
    let action = if operation.is_none() { Some(required(&mut fields, node, "action")?) } else { None };
    let (case, tags) = read(&mut fields, node)?;
    let call = operation.map(|operation| Call::read(operation, &mut fields, &case, tags)).transpose()?;
    fields.finish()?;
    let judged = match (call, action) {
        (Some(call), _) => call.decide(&case, detail),
        (None, action) => {
            let action = action.map_or(Ok(""), |action| string(action, "`service:Action`"))?;
            decide(&case, action, detail)
        }
    };
    judged.map_err(|error| at(node, &error))
}

/// Everything but what is asked; also whether the request brings tags.
fn read(fields: &mut Fields<'_, '_>, node: &Node<'_>) -> Result<(Case, bool), ParseError> {
    let resource = string(required(fields, node, "resource")?, "an ARN or `*`")?;
    let caller = caller(
        fields.take("principal").ok_or_else(|| ParseError::new(node.at, "the case has no `principal`"))?,
    )?;
    let account = caller.account().unwrap_or_default().to_owned();
    let mut builder = Request::builder("", resource, caller);
    if let Some(account) = fields.take("resource_account") {
        builder = builder.resource_account(string(account, "an account number as a string")?);
    }
    let stated = fields.take("context");
    let context = context(stated, fields.take("unknown"))?;
    builder = builder.context(context.clone());
    if let Some(node) = fields.take("caller_organization") {
        builder = builder.caller_organisation(organisation(node)?);
    }
    if let Some(node) = fields.take("resource_organization") {
        builder = builder.resource_organisation(organisation(node)?);
    }
    if fields.take("aws_managed_key").map(|node| boolean(node, "`aws_managed_key`")).transpose()?
        == Some(true)
    {
        builder = builder.aws_managed_key();
    }
    let policies = policies(fields, resource)?;
    let names = stated_names(stated);
    let tags = names.iter().any(|(name, _)| name.starts_with("aws:requesttag/") || name == "aws:tagkeys");
    let value = |wanted: &str| {
        names.iter().find(|(name, _)| name == wanted).and_then(|(_, value)| value.map(str::to_owned))
    };
    let region = value("aws:requestedregion");
    let in_arn = resource.split(':').nth(3).map(str::to_owned);
    let region = region.or(in_arn).unwrap_or_default();
    let replica_region = value("kms:replicaregion");
    Ok((Case { builder, context, policies, replica_region, account, region }, tags))
}

/// The condition keys stated, in lower case, with the value of those that are
/// one string.
fn stated_names<'n>(stated: Option<&'n Node<'_>>) -> Vec<(String, Option<&'n str>)> {
    let members = stated.and_then(|node| object(node, "an object").ok()).unwrap_or_default();
    let value = |node: &'n Node<'_>| match &node.value {
        Value::String(text) => Some(&**text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    };
    members.iter().map(|member| (member.name.to_lowercase(), value(&member.node))).collect()
}

fn organisation(node: &Node<'_>) -> Result<Organisation, ParseError> {
    let mut fields = Fields::new(node, "an object with `id` and `path`")?;
    let id = string(required_of(&mut fields, node, "id")?, "the id of an organisation")?.to_owned();
    let path =
        string(required_of(&mut fields, node, "path")?, "the path of the account's parent")?.to_owned();
    let management = fields.take("management_account");
    let management_account =
        management.map(|node| boolean(node, "`management_account`")).transpose()?.unwrap_or(false);
    fields.finish()?;
    Ok(Organisation { id, path, management_account })
}

fn required_of<'n, 'a>(
    fields: &mut Fields<'n, 'a>,
    node: &Node<'_>,
    name: &str,
) -> Result<&'n Node<'a>, ParseError> {
    fields.take(name).ok_or_else(|| ParseError::new(node.at, format!("the organisation has no `{name}`")))
}

fn boolean(node: &Node<'_>, what: &str) -> Result<bool, ParseError> {
    match node.value {
        Value::Bool(value) => Ok(value),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            Err(wrong(node, &format!("true or false as {what}")))
        }
    }
}

fn required<'n, 'a>(
    fields: &mut Fields<'n, 'a>,
    node: &Node<'_>,
    name: &str,
) -> Result<&'n Node<'a>, ParseError> {
    fields.take(name).ok_or_else(|| ParseError::new(node.at, format!("the case has no `{name}`")))
}

/// `kms:ReEncrypt` is no action and yet often asked for: both of its halves.
fn decide(case: &Case, action: &str, detail: Detail) -> Result<Judged, RequestError> {
    let halves: &[&str] = if action.eq_ignore_ascii_case("kms:ReEncrypt") {
        &["kms:ReEncryptFrom", "kms:ReEncryptTo"]
    } else {
        &[action]
    };
    let mut judged = Verdicts::new(detail);
    for action in halves {
        judged.add(action, &case.builder.clone().action(action).build()?, &case.policies);
    }
    judged.finish(Vec::new()).ok_or_else(|| RequestError::Action(action.to_owned()))
}

fn caller(node: &Node<'_>) -> Result<Caller, ParseError> {
    let expected = "an ARN, `{\"role\": ARN, \"session\": name}`, `{\"service\": name}` or `{\"anonymous\": true}` as `principal`";
    if let Value::String(arn) = &node.value {
        return Caller::parse(arn).map_err(|error| at(node, &error));
    }
    match object(node, expected)? {
        [member] if member.name == "service" => Caller::service(string(&member.node, "a service principal")?)
            .map_err(|error| at(&member.node, &error)),
        [role, session] if role.name == "role" && session.name == "session" => {
            let (role, name) = (string(&role.node, "the ARN of a role")?, string(&session.node, expected)?);
            Caller::session(role, name).map_err(|error| at(node, &error))
        }
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
    let mut keys = BTreeMap::new();
    for node in unknown.map_or(Ok(&[][..]), |node| list(node, "a list of condition keys as `unknown`"))? {
        let key = string(node, "the name of a condition key")?;
        if context.states(key) {
            return Err(ParseError::new(
                node.at,
                format!("`{key}` is stated in `context` and called unknown"),
            ));
        }
        // Named twice, or in another letter case, it is the same key.
        keys.entry(key.to_lowercase()).or_insert(key);
    }
    Ok(keys.into_values().fold(context, Context::with_unknown))
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
    let many = |node: Option<&Node<'_>>, kind| match node {
        None => Ok(Vec::new()),
        Some(node) => list(node, "a list of policies")?.iter().map(|node| one(node, kind)).collect(),
    };
    let (resource, grants) = policies_of_key(fields, resource)?;
    Ok(Policies {
        identity: many(fields.take("identity_policies"), PolicyKind::Identity)?,
        resource,
        scp: fields.take("scp").map(|node| levels(node, PolicyKind::ServiceControl)).transpose()?,
        rcp: fields.take("rcp").map(|node| levels(node, PolicyKind::ResourceControl)).transpose()?,
        permission_boundaries: many(fields.take("permission_boundaries"), PolicyKind::PermissionBoundary)?,
        session: fields.take("session_policy").map(|node| one(node, PolicyKind::Session)).transpose()?,
        endpoint: many(fields.take("endpoint_policies"), PolicyKind::Endpoint)?,
        grants,
    })
}

/// The policy and the grants of a key.
pub(super) fn policies_of_key(
    fields: &mut Fields<'_, '_>,
    resource: &str,
) -> Result<(Option<Compiled>, Vec<Grant>), ParseError> {
    let policy = fields.take("resource_policy").map(|node| one(node, PolicyKind::Resource)).transpose()?;
    let mut grants = Vec::new();
    if let Some(node) = fields.take("grants") {
        for (index, node) in list(node, "a list of grants")?.iter().enumerate() {
            grants.extend(grant::read(node, index, resource)?);
        }
    }
    Ok((policy, grants))
}

fn one(node: &Node<'_>, kind: PolicyKind) -> Result<Compiled, ParseError> {
    Ok(Compiled::new(&from_node(node, kind)?))
}

fn levels(node: &Node<'_>, kind: PolicyKind) -> Result<Vec<Level>, ParseError> {
    let level = |node: &Node<'_>| {
        let mut fields = Fields::new(node, "a level: an object with `target` and `policies`")?;
        let (target, policies) = (fields.take("target"), fields.take("policies"));
        fields.finish()?;
        let missing = |name: &str| ParseError::new(node.at, format!("the level has no `{name}`"));
        let target = target.ok_or_else(|| missing("target"))?;
        let policies = policies.ok_or_else(|| missing("policies"))?;
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
