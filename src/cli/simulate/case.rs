//! One case: its request, its policies, its decision.

use crate::cli::simulate::call::{Call, Part};
use crate::cli::simulate::read::{Fields, list, string, wrong};
use crate::cli::simulate::verdicts::{Asked, Verdicts};
use crate::cli::simulate::{context, grant};
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
    pub(super) resource: String,
    /// The account of the resource; the caller's where the ARN has none.
    pub(super) owner: String,
    /// The Region of the request.
    pub(super) region: String,
    caller: Caller,
    caller_organisation: Option<Organisation>,
    resource_organisation: Option<Organisation>,
}

impl Case {
    /// A key that the call makes in a Region: a replica has the id of its
    /// primary, and any other id is not known to anybody yet.
    pub(super) fn new_key_arn(&self, region: &str, replica_of: Option<&str>) -> String {
        let id = replica_of.and_then(|arn| arn.rsplit('/').next()).unwrap_or("new");
        let partition = self.caller.principal_arn().and_then(|arn| arn.split(':').nth(1).map(str::to_owned));
        let partition = partition.unwrap_or_else(|| "aws".to_owned());
        let account = self.caller.account().unwrap_or_default();
        format!("arn:{partition}:kms:{region}:{account}:key/{id}")
    }

    /// The same call on something of the caller's own account.
    pub(super) fn on_own(&self, resource: &str) -> RequestBuilder {
        let builder = self.builder.clone().another_key(resource);
        match self.caller.account().and_then(|account| self.organisation_of(account)) {
            Some(organisation) => builder.resource_organisation(organisation.clone()),
            None => builder,
        }
    }

    /// Where an account is, as far as the case tells.
    pub(super) fn organisation_of(&self, account: &str) -> Option<&Organisation> {
        let of_caller = self.caller_organisation.as_ref().filter(|_| self.caller.account() == Some(account));
        of_caller.or_else(|| self.resource_organisation.as_ref().filter(|_| self.owner == account))
    }

    /// Whether the case tells of any organisation.
    pub(super) fn knows_organisations(&self) -> bool {
        self.caller_organisation.is_some() || self.resource_organisation.is_some()
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
    /// Every statement and why it matches or not, for each thing asked.
    pub(super) explained: Vec<Explanation>,
}

/// Reads and judges a case.
pub(super) fn judge(node: &Node<'_>, detail: Detail) -> Result<Judged, ParseError> {
    let mut fields = Fields::new(node, "a case: an object with `action`, `resource` and `principal`")?;
    if let Some(name) = fields.take("name") {
        string(name, "a string as `name`")?;
    }
    let operation = fields.take("operation");
    match operation {
        Some(_) => fields.refuse("action", "`action` stands beside `operation`; give one of the two")?,
        None => ["alias", "other_key", "policy"].into_iter().try_for_each(|name| {
            fields.refuse(name, &format!("`{name}` belongs to an `operation`, and the case has none"))
        })?,
    }
    let action = if operation.is_none() { Some(required(&mut fields, node, "action")?) } else { None };
    let case = read(&mut fields, node)?;
    let call = operation.map(|operation| Call::read(operation, &mut fields, &case)).transpose()?;
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

/// Everything but what is asked.
fn read(fields: &mut Fields<'_, '_>, node: &Node<'_>) -> Result<Case, ParseError> {
    let resource = string(required(fields, node, "resource")?, "an ARN or `*`")?;
    let caller = caller(
        fields.take("principal").ok_or_else(|| ParseError::new(node.at, "the case has no `principal`"))?,
    )?;
    let mut builder = Request::builder("", resource, caller.clone());
    let in_arn = resource.split(':').nth(4).filter(|account| !account.is_empty());
    let mut owner = in_arn.or_else(|| caller.account()).unwrap_or_default().to_owned();
    if let Some(account) = fields.take("resource_account") {
        string(account, "an account number as a string")?.clone_into(&mut owner);
        builder = builder.resource_account(&owner);
    }
    let context = context::take(fields)?.unwrap_or_default();
    builder = builder.context(context.clone());
    let caller_organisation = fields.take("caller_organization").map(organisation).transpose()?;
    if let Some(organisation) = &caller_organisation {
        builder = builder.caller_organisation(organisation.clone());
    }
    let resource_organisation = fields.take("resource_organization").map(organisation).transpose()?;
    if let Some(organisation) = &resource_organisation {
        builder = builder.resource_organisation(organisation.clone());
    }
    if fields.take("aws_managed_key").map(|node| boolean(node, "`aws_managed_key`")).transpose()?
        == Some(true)
    {
        builder = builder.aws_managed_key();
    }
    builder.check_partition().map_err(|error| at(node, &error))?;
    let policies = policies(fields, resource)?;
    if !policies.endpoint.is_empty() {
        builder = builder.through_endpoint();
    }
    let in_arn = resource.split(':').nth(3);
    let region = context.value("aws:RequestedRegion").or(in_arn).unwrap_or_default().to_owned();
    let resource = resource.to_owned();
    Ok(Case {
        builder,
        context,
        policies,
        resource,
        owner,
        region,
        caller,
        caller_organisation,
        resource_organisation,
    })
}

pub(super) fn organisation(node: &Node<'_>) -> Result<Organisation, ParseError> {
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

pub(super) fn boolean(node: &Node<'_>, what: &str) -> Result<bool, ParseError> {
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
        let request = case.builder.clone().action(action).build()?;
        judged.add(&Asked { request: &request, policies: &case.policies, hangs_on: &[], note: None });
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

pub(super) fn levels(node: &Node<'_>, kind: PolicyKind) -> Result<Vec<Level>, ParseError> {
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
