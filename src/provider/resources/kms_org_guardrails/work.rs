//! From a configuration to a proven plan that can be put in force.

use std::sync::Arc;

use crate::guardrails::attach::Claim;
use crate::guardrails::change::steps;
use crate::guardrails::plan::Plan;
use crate::guardrails::prove::Proven;
use crate::provider::configured::Configured;
use crate::provider::resources::kms_org_guardrails::draw::{
    draw, environments_undecided, known_environments,
};
use crate::provider::resources::kms_org_guardrails::survey::{Stake, Survey};
use crate::provider::resources::kms_org_guardrails::wanted::Wanted;
use crate::provider::resources::kms_org_guardrails::{REMARKS, state, trouble};
use crate::tf::{Context, Diagnostics, Error, Value};

/// What planning and applying have in common.
pub(super) struct Work {
    /// What the configuration says.
    pub(super) wanted: Wanted,
    /// What the organisation is.
    pub(super) survey: Survey,
    /// What comes of both.
    pub(super) proven: Proven<Plan>,
}

impl Work {
    /// Reads, asks, draws and proves; nothing while something that matters is unknown.
    pub(super) async fn prepare(
        context: &Context<Configured>,
        config: &Value,
        stake: &Stake,
    ) -> Result<Option<Self>, Diagnostics> {
        let provider = &context.provider;
        // What a control that is not decided yet says by default is nothing that somebody wrote.
        let undecided = &provider.undecided_controls;
        let known = known_environments(&provider.catalogue);
        let names = (!environments_undecided(undecided)).then(|| known.keys().cloned().collect());
        let Some(wanted) = Wanted::read(config, names.as_ref())? else {
            return Ok(None);
        };
        if wanted.hangs_nothing() {
            return Err(trouble::nothing_to_guard().into());
        }
        if names.is_none() || wanted.hangs_any_of(undecided) {
            return Ok(None);
        }
        let Ok(session) = &provider.session else { return Ok(None) };
        let api = Arc::clone(&session.organizations);
        let survey = match Survey::take(api.as_ref(), &wanted, &known, stake).await {
            Ok(survey) => survey,
            Err(error) => return Err(trouble::survey(context, &error).await.into()),
        };
        if stake.claim == Claim::New && !survey.others.is_empty() {
            let names = survey.others.iter().map(|policy| policy.name.as_str());
            return Err(trouble::taken(&wanted.name_prefix, names).into());
        }
        let caller = provider.caller(session).await.ok().map(|caller| caller.arn.to_string());
        let proven = draw(&provider.catalogue, &wanted, &survey, caller.as_deref())?;
        if proven.subject().documents.is_empty() {
            return Err(trouble::nothing_to_guard().into());
        }
        steps(&survey.current, proven.subject(), &wanted.name_prefix)
            .map_err(|error| trouble::no_room(&error))?;
        Ok(Some(Self { wanted, survey, proven }))
    }

    /// Says what was found out, as far as the plan has not said it: what it said stays.
    pub(super) fn report(&self, planned: &mut Value, quota: Value) -> Result<(), Error> {
        let mut found = planned.clone();
        state::fill(&mut found, &self.wanted, &self.survey, &self.proven)?;
        found.set_attr("quota", quota)?;
        for name in REMARKS {
            if planned.attr(name)?.is_unknown() {
                planned.set_attr(name, found.attr(name)?.clone())?;
            }
        }
        Ok(())
    }
}
