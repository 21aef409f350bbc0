//! What is in force on a target today, walked to the root.

use crate::aws::{AwsError, Fault, Organizations};
use crate::guardrails::layout::Layout;
use crate::model::org::{OrgPath, PolicyType, TargetId};
use crate::provider::configured::Configured;
use crate::provider::data_sources::kms_org_guardrails::organizations;
use crate::provider::resources::kms_org_guardrails::survey::path_of;
use crate::provider::resources::kms_org_guardrails::trouble;
use crate::tf::{Context, Diagnostic, Diagnostics, Field, Path, Value};

/// The target asked about, if one is.
pub(super) fn target(config: &Value) -> Result<Option<TargetId>, Diagnostics> {
    let Field::Known(text) = config.attr("target_id")?.as_str()? else { return Ok(None) };
    let wrong = |error: crate::model::InvalidText| {
        Diagnostic::error("Invalid target", format!("{error}.")).at(Path::attribute("target_id"))
    };
    Ok(Some(text.parse().map_err(wrong)?))
}

/// Fills in what hangs on the target and above it.
pub(super) async fn read(
    context: &Context<Configured>,
    target: &TargetId,
    state: &mut Value,
) -> Result<(), Diagnostics> {
    let api = organizations(context)?;
    let found = match in_force(api.as_ref(), target).await {
        Ok(found) => found,
        Err(error) if error.fault() == Fault::NotFound && is_about(&error, target) => None,
        Err(error) => return Err(trouble::aws(context, "read what is in force", &error).await.into()),
    };
    let Some(InForce { path, direct, inherited }) = found else {
        let detail = format!(
            "`target_id` is `{target}`, which is not in the caller's organisation; required is the id of its root, or \
             of a unit or an account in it. `aws organizations list-organizational-units-for-parent` lists the units, \
             `aws organizations list-accounts` the accounts."
        );
        return Err(Diagnostic::error("Unknown target", detail).at(Path::attribute("target_id")).into());
    };
    state.set_attr("ou_path", path.to_string())?;
    state.set_attr("direct_policies", Value::List(direct))?;
    state.set_attr("inherited_policies", Value::List(inherited))?;
    state.set_attr("organization_id", path.organization().as_str())?;
    state.set_attr("root_id", path.root().as_str())?;
    Ok(())
}

/// Whether AWS misses the target, and not the organisation.
fn is_about(error: &AwsError, target: &TargetId) -> bool {
    error.code() != Some("AWSOrganizationsNotInUseException")
        && error.to_string().contains(&target.to_string())
}

struct InForce {
    path: OrgPath,
    direct: Vec<Value>,
    inherited: Vec<Value>,
}

async fn in_force(api: &dyn Organizations, target: &TargetId) -> Result<Option<InForce>, AwsError> {
    let organization = api.organization().await?;
    let root = api.root().await?;
    let layout = Layout::new(organization.id, root.id, Some(organization.management_account));
    let Some(path) = path_of(api, &layout, target).await? else { return Ok(None) };
    let mut above = Layout::levels(&path);
    above.retain(|level| level != target);
    let direct = attached(api, target).await?;
    let mut inherited = Vec::new();
    for level in above {
        inherited.extend(attached(api, &level).await?);
    }
    Ok(Some(InForce { path, direct, inherited }))
}

async fn attached(api: &dyn Organizations, target: &TargetId) -> Result<Vec<Value>, AwsError> {
    let mut policies = Vec::new();
    for policy_type in [PolicyType::ServiceControl, PolicyType::ResourceControl] {
        let mut summaries = api.attached_to(target, policy_type).await?;
        summaries.sort_by(|one, other| one.name.cmp(&other.name));
        for summary in summaries {
            let (_, content) = api.policy(&summary.id).await?;
            policies.push(Value::object([
                ("id", Value::string(summary.id.as_str())),
                ("name", Value::string(&summary.name)),
                ("type", Value::string(policy_type.as_str())),
                ("content", Value::string(content)),
                ("target_id", Value::string(target.to_string())),
                ("aws_managed", Value::Bool(summary.aws_managed)),
            ]));
        }
    }
    Ok(policies)
}
