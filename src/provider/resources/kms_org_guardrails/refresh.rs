//! The state as AWS has it.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::aws::{AwsError, Organizations};
use crate::guardrails::attach::{Claim, OwnerId, Patience, owned, owner_of};
use crate::guardrails::change::InForce;
use crate::provider::configured::Configured;
use crate::provider::resources::kms_org_guardrails::{attire, claim, count, state, text, timeouts, trouble};
use crate::tf::calls::{ReadRequest, ReadResponse};
use crate::tf::{Context, Diagnostics, Value};

/// Refreshes the state; gone if no policy is left.
pub(super) async fn read(context: &Context<Configured>, request: ReadRequest) -> ReadResponse {
    let Ok(session) = &context.provider.session else {
        return ReadResponse { state: Some(request.state), ..ReadResponse::default() };
    };
    let patience = timeouts::patience(context, &request.state, "read");
    let (api, claim) = (session.organizations.as_ref(), claim(&request.private));
    match patience.limit(refreshed(&context.provider, api, request.state, &claim)).await {
        Ok(Ok((state, id))) => {
            // A state that knew of no id learns it.
            let private = id.filter(|_| claim == Claim::Any).map(|id| id.to_string().into_bytes());
            ReadResponse { state, private, ..ReadResponse::default() }
        }
        Ok(Err(error)) => {
            Diagnostics::from(trouble::aws(context, "read the guardrails", &error).await).into()
        }
        Err(cut) => Diagnostics::from(trouble::cut_reading(cut)).into(),
    }
}

/// The state after a run that did not come to its end: what is in force now,
/// as far as that can be found out.
pub(super) async fn half_way(context: &Context<Configured>, prior: Value, claim: &Claim) -> Value {
    const SHORT: Duration = Duration::from_secs(30);
    let Ok(session) = &context.provider.session else { return prior };
    let patience = Patience::new(SHORT, &CancellationToken::new());
    let api = session.organizations.as_ref();
    let found = patience.limit(refreshed(&context.provider, api, prior.clone(), claim)).await;
    found.ok().and_then(Result::ok).and_then(|(state, _)| state).unwrap_or(prior)
}

/// The one resource that all these policies belong to.
pub(super) fn only_owner(current: &[InForce]) -> Option<OwnerId> {
    let ids: BTreeSet<OwnerId> = current.iter().filter_map(|policy| owner_of(&policy.tags)).collect();
    let mut ids = ids.into_iter();
    ids.next().filter(|_| ids.next().is_none())
}

async fn refreshed(
    provider: &Configured,
    api: &dyn Organizations,
    mut state: Value,
    claim: &Claim,
) -> Result<(Option<Value>, Option<OwnerId>), AwsError> {
    let Some(owner) = text(&state, "name_prefix") else { return Ok((Some(state), None)) };
    let current = claim.divide(owned(api, &owner, &BTreeSet::new()).await?).ours;
    if current.is_empty() {
        return Ok((None, None));
    }
    let documents = state::in_force(&current, &state);
    let quota = match state.attr("quota") {
        Ok(before) => count::refreshed(api, before, &current).await?,
        Err(_) => Value::Null,
    };
    let replaced = state.set_attr("documents", documents);
    let replaced = replaced.and_then(|()| state.set_attr("quota", quota));
    let replaced = replaced.and_then(|()| attire::found(provider, &current, &mut state));
    Ok((replaced.is_ok().then_some(state), only_owner(&current)))
}
