//! The guardrails of a prefix, made known to Terraform.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use crate::aws::{AwsError, Organizations};
use crate::guardrails::attach::{Claim, OwnerId, owned};
use crate::provider::configured::Configured;
use crate::provider::resources::kms_org_guardrails::survey::Stake;
use crate::provider::resources::kms_org_guardrails::work::Work;
use crate::provider::resources::kms_org_guardrails::{
    KmsOrgGuardrails, attire, memory, refresh, schema, state, trouble, written,
};
use crate::tf::calls::ImportResponse;
use crate::tf::capabilities::Import;
use crate::tf::{Context, Diagnostics, Type, Value};

#[async_trait]
impl Import<Configured> for KmsOrgGuardrails {
    async fn import(&self, context: &Context<Configured>, id: &str) -> ImportResponse {
        let Ok(session) = &context.provider.session else {
            return Diagnostics::from(trouble::not_connected(context)).into();
        };
        match found(session.organizations.as_ref(), id, &context.provider).await {
            Ok(Some((mut state, owner))) => {
                // What stands in the way here shows in the plan that follows.
                let own = Stake::standing(owner.clone().map_or(Claim::Any, Claim::Of));
                if let Ok(Some(work)) = Work::prepare(context, &state, &own).await {
                    drop(state::fill(&mut state, &work.wanted, &work.survey, &work.proven));
                }
                let private = owner.map(|owner| owner.to_string().into_bytes()).unwrap_or_default();
                ImportResponse { state: Some(state), private, ..ImportResponse::default() }
            }
            Ok(None) => Diagnostics::from(trouble::nothing_to_import(id)).into(),
            Err(error) => {
                Diagnostics::from(trouble::aws(context, "import the guardrails", &error).await).into()
            }
        }
    }
}

/// The object that an import starts from.
async fn found(
    api: &dyn Organizations,
    prefix: &str,
    provider: &Configured,
) -> Result<Option<(Value, Option<OwnerId>)>, AwsError> {
    let current = owned(api, prefix, &BTreeSet::new()).await?;
    let Some(first) = current.first() else { return Ok(None) };
    let (arguments, _) = memory::recall(&first.tags);
    let policies = written::recall(arguments.get("ou_map"), prefix, &current);
    let Type::Object(attributes) = schema::schema().ty() else { return Ok(None) };
    let mut fields: BTreeMap<String, Value> =
        attributes.into_keys().map(|name| (name, Value::Null)).collect();
    let values = [
        ("id", Value::string(prefix)),
        ("name_prefix", Value::string(prefix)),
        ("enable_policy_types", Value::Bool(true)),
        ("deletion_protection", Value::Bool(true)),
        ("documents", state::in_force(&current, &Value::Null)),
    ];
    let values = values.into_iter().chain(policies.map(|policies| ("policies", policies)));
    fields.extend(values.chain(arguments).map(|(name, value)| (name.to_owned(), value)));
    let mut state = Value::Object(fields);
    let attired = attire::found(provider, &current, &mut state);
    Ok(attired.is_ok().then(|| (state, refresh::only_owner(&current))))
}
