//! The second key of an operation, with facts and policies of its own.
//!
//! Nothing that is told of the first key is believed of this one: what is not
//! told of it is unknown, absent where AWS would not send it, or named.

use crate::cli::simulate::case::{Case, at, boolean, levels, organisation, policies_of_key};
use crate::cli::simulate::context;
use crate::cli::simulate::read::{Fields, string};
use crate::iam::ParseError;
use crate::iam::evaluate::{Context, Level, Organisation, Policies, RequestBuilder};
use crate::iam::json::Node;
use crate::iam::policy::PolicyKind;

/// The second key, read.
pub(super) struct OtherKey {
    pub(super) arn: String,
    pub(super) builder: RequestBuilder,
    pub(super) context: Context,
    pub(super) policies: Policies,
    /// What of it had to be guessed.
    pub(super) not_modelled: Option<String>,
}

/// Reads `other_key`.
pub(super) fn read(node: &Node<'_>, case: &Case) -> Result<OtherKey, ParseError> {
    let mut fields = Fields::new(node, "an object with `resource` and `resource_policy`")?;
    let arn =
        fields.take("resource").ok_or_else(|| ParseError::new(node.at, "the other key has no `resource`"))?;
    let at_arn = arn.at;
    let arn = string(arn, "the ARN of a key")?;
    if arn.split(':').nth(3) != case.resource.split(':').nth(3) {
        let problem =
            format!("found `{arn}`, expected a key in the Region of `resource`: one call has one Region");
        return Err(ParseError::new(at_arn, problem));
    }
    let mut builder = case.builder.clone().another_key(arn);
    let mut account = arn.split(':').nth(4).unwrap_or_default().to_owned();
    if let Some(stated) = fields.take("resource_account") {
        string(stated, "an account number as a string")?.clone_into(&mut account);
        builder = builder.resource_account(&account);
    }
    let kept = case.context.clone().without_key();
    let context = match context::take(&mut fields)? {
        Some(own) => kept.overlaid(own),
        None => kept.with_unknown_key(),
    };
    if fields.take("aws_managed_key").map(|node| boolean(node, "`aws_managed_key`")).transpose()?
        == Some(true)
    {
        builder = builder.aws_managed_key();
    }
    let stated = fields.take("resource_organization").map(organisation).transpose()?;
    let organisation = stated.or_else(|| case.organisation_of(&account).cloned());
    if let Some(organisation) = &organisation {
        builder = builder.resource_organisation(organisation.clone());
    }
    let mut policies = case.policies.clone();
    (policies.resource, policies.grants) = policies_of_key(&mut fields, arn)?;
    let own = fields.take("rcp").map(|node| levels(node, PolicyKind::ResourceControl)).transpose()?;
    let mut not_modelled = None;
    if own.is_some() {
        policies.rcp = own;
    } else if account != case.owner
        && let Some(of_first) = policies.rcp.take()
    {
        (policies.rcp, not_modelled) = shared(of_first, organisation.as_ref(), case.knows_organisations());
    }
    fields.finish()?;
    let arn = arn.to_owned();
    builder.check_partition().map_err(|error| at(node, &error))?;
    let checked = builder.clone().action("kms:DescribeKey").context(context.clone()).build();
    checked.map_err(|error| at(node, &error))?;
    Ok(OtherKey { arn, builder, context, policies, not_modelled })
}

/// The RCPs over the first key's account that hang over another account too,
/// and what is not known of the others.
fn shared(
    levels: Vec<Level>,
    place: Option<&Organisation>,
    told: bool,
) -> (Option<Vec<Level>>, Option<String>) {
    let above = |level: &Level| {
        place.is_some_and(|place| place.path.split('/').any(|segment| *segment == *level.target))
    };
    let shared: Vec<Level> = levels.into_iter().filter(above).collect();
    let outside = place.is_none() && told;
    let applied = if shared.is_empty() {
        "none was applied to it"
    } else {
        "of the others those of the root and the organizational units above it were applied"
    };
    let doubt = || format!("the RCPs of the account of `other_key` are not given as its `rcp`; {applied}");
    ((!shared.is_empty()).then_some(shared), (!outside).then(doubt))
}
