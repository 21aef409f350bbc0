//! `kms_org_guardrails` as a data source: what would hang, and what does.
//!
//! Documents are made without asking AWS as soon as the ids are given; only
//! `target_id` needs access to Organizations.

mod schema;
mod today;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;

use crate::aws::Organizations;
use crate::controls::contract::place::Place;
use crate::guardrails::attach::Claim;
use crate::guardrails::layout::Layout;
use crate::guardrails::plan::NAME_PREFIX;
use crate::model::org::{OrgPath, TargetId};
use crate::provider::configured::Configured;
use crate::provider::resources::kms_org_guardrails::draw::{
    draw, environments_undecided, known_environments,
};
use crate::provider::resources::kms_org_guardrails::state;
use crate::provider::resources::kms_org_guardrails::survey::{Stake, Survey};
use crate::provider::resources::kms_org_guardrails::trouble;
use crate::provider::resources::kms_org_guardrails::wanted::{Spot, Wanted};
use crate::tf::calls::{ReadDataRequest, ReadDataResponse};
use crate::tf::{Context, DataSource, Diagnostic, Diagnostics, Field, Path, Schema, Value};

/// The data source.
#[derive(Debug)]
pub(crate) struct KmsOrgGuardrailsData;

#[async_trait]
impl DataSource<Configured> for KmsOrgGuardrailsData {
    fn type_name(&self) -> &'static str {
        "kms_org_guardrails"
    }

    fn schema(&self) -> Schema {
        schema::schema()
    }

    async fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Wanted::read(config, None).err().unwrap_or_default();
        diagnostics.extend(today::target(config).err().into_iter().flatten());
        diagnostics
    }

    async fn read(&self, context: &Context<Configured>, request: ReadDataRequest) -> ReadDataResponse {
        match answer(context, request.config).await {
            Ok(state) => ReadDataResponse { state, diagnostics: Diagnostics::new() },
            Err(diagnostics) => diagnostics.into(),
        }
    }
}

async fn answer(context: &Context<Configured>, mut state: Value) -> Result<Value, Diagnostics> {
    if state.attr("name_prefix")?.is_null() {
        state.set_attr("name_prefix", NAME_PREFIX)?;
    }
    drawn(context, &mut state).await?;
    match today::target(&state)? {
        None => {
            for name in ["ou_path", "direct_policies", "inherited_policies"] {
                state.set_attr(name, Value::Null)?;
            }
        }
        Some(target) => today::read(context, &target, &mut state).await?,
    }
    Ok(state)
}

/// The documents that `ou_map` would make.
async fn drawn(context: &Context<Configured>, state: &mut Value) -> Result<(), Diagnostics> {
    let provider = &context.provider;
    let undecided = &provider.undecided_controls;
    let known = known_environments(&provider.catalogue);
    let names = (!environments_undecided(undecided)).then(|| known.keys().cloned().collect());
    let wanted = Wanted::read(state, names.as_ref())?;
    let Some(wanted) = wanted.filter(|wanted| !wanted.hung.is_empty()) else {
        for name in ["documents", "ou_paths", "proof", "not_expressible", "notices"] {
            state.set_attr(name, Value::Null)?;
        }
        return Ok(());
    };
    if names.is_none() || wanted.hangs_any_of(undecided) {
        return Err(trouble::undecided().into());
    }
    let survey = match given(state, &wanted, &known)? {
        Some(survey) => survey,
        None => asked(context, &wanted, &known).await?,
    };
    let proven = draw(&provider.catalogue, &wanted, &survey, None)?;
    state.set_attr("documents", state::documents(proven.subject(), &[], &Value::Null, &Value::Null))?;
    state.set_attr("organization_id", survey.layout.organization().as_str())?;
    state.set_attr("root_id", survey.layout.root().to_string())?;
    state::reasons(state, &survey, &proven)?;
    Ok(())
}

/// The organisation as the arguments describe it: units without a path are
/// taken to be directly below the root.
fn given(
    state: &Value,
    wanted: &Wanted,
    known: &BTreeMap<String, Place>,
) -> Result<Option<Survey>, Diagnostics> {
    let (Field::Known(organization), Field::Known(root)) =
        (state.attr("organization_id")?.as_str()?, state.attr("root_id")?.as_str()?)
    else {
        return Ok(None);
    };
    let wrong = |name: &str, error: &crate::model::InvalidText| {
        Diagnostic::error("Invalid id", format!("{error}.")).at(Path::attribute(name))
    };
    let organization = organization.parse().map_err(|error| wrong("organization_id", &error))?;
    let root = root.parse().map_err(|error| wrong("root_id", &error))?;
    let mut layout = Layout::new(organization, root, None);
    let places: BTreeMap<&String, &Place> = known.iter().chain(&wanted.environments).collect();
    let environments: BTreeMap<String, TargetId> =
        places.iter().map(|(name, place)| ((*name).clone(), place.target())).collect();
    let paths: BTreeMap<TargetId, OrgPath> =
        places.values().filter_map(|place| Some((place.target(), place.path()?))).collect();
    let spots = wanted.hung.keys().filter_map(|spot| match spot {
        Spot::Target(target) => Some(target.clone()),
        Spot::Root | Spot::Environment(_) => None,
    });
    for target in environments.values().cloned().chain(spots) {
        let path = paths.get(&target).cloned().unwrap_or_else(|| below_root(&layout, &target));
        layout = layout.with(target, path);
    }
    let (current, others) = (Vec::new(), Vec::new());
    let (taken, off) = (BTreeMap::new(), BTreeSet::new());
    Ok(Some(Survey { layout, environments, current, others, taken, off }))
}

fn below_root(layout: &Layout, target: &TargetId) -> OrgPath {
    let units = match target {
        TargetId::OrganizationalUnit(unit) => vec![unit.clone()],
        TargetId::Root(_) | TargetId::Account(_) => Vec::new(),
    };
    layout.below_root(units)
}

async fn asked(
    context: &Context<Configured>,
    wanted: &Wanted,
    known: &BTreeMap<String, Place>,
) -> Result<Survey, Diagnostics> {
    let api = organizations(context)?;
    match Survey::take(api.as_ref(), wanted, known, &Stake::standing(Claim::Any)).await {
        Ok(survey) => Ok(survey),
        Err(error) => Err(trouble::survey(context, &error).await.into()),
    }
}

fn organizations(context: &Context<Configured>) -> Result<Arc<dyn Organizations>, Diagnostics> {
    match &context.provider.session {
        Ok(session) => Ok(Arc::clone(&session.organizations)),
        Err(_) => Err(trouble::not_connected(context).into()),
    }
}
