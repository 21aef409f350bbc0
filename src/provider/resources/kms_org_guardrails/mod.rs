//! `kms_org_guardrails`: what hangs in the organisation, drawn, proven and put
//! in force as one unit.
//!
//! INVARIANT: a plan shows the very documents that apply attaches, and apply
//! attaches nothing that was not proven in the same run.

pub(crate) mod draw;
mod memory;
pub(crate) mod schema;
pub(crate) mod state;
pub(crate) mod survey;
mod timeouts;
pub(crate) mod trouble;
pub(crate) mod wanted;
mod work;
mod written;

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::aws::Organizations;
use crate::guardrails::attach::{Patience, attach, owned, remove};
use crate::provider::configured::Configured;
use crate::tf::calls::{
    ApplyResponse, CreateRequest, DeleteRequest, ImportResponse, PlanRequest, PlanResponse, ReadRequest,
    ReadResponse, UpdateRequest,
};
use crate::tf::capabilities::Import;
use crate::tf::plan::plan_change;
use crate::tf::{Context, Diagnostic, Diagnostics, Field, Path, Resource, Schema, Type, Value};
use wanted::Wanted;
use work::{Work, livery};

/// The resource.
#[derive(Debug)]
pub(crate) struct KmsOrgGuardrails;

#[async_trait]
impl Resource<Configured> for KmsOrgGuardrails {
    fn type_name(&self) -> &'static str {
        "kms_org_guardrails"
    }

    fn schema(&self) -> Schema {
        schema::schema()
    }

    async fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = match Wanted::read(config, None) {
            Ok(Some(wanted)) if wanted.hangs_nothing() => trouble::nothing_to_guard().into(),
            Ok(_) => written::warnings(config),
            Err(diagnostics) => diagnostics,
        };
        diagnostics.extend(timeouts::validate(config));
        diagnostics
    }

    async fn read(&self, context: &Context<Configured>, request: ReadRequest) -> ReadResponse {
        let Ok(session) = &context.provider.session else {
            return ReadResponse { state: Some(request.state), ..ReadResponse::default() };
        };
        let patience = timeouts::patience(context, &request.state, "read");
        match patience.limit(refreshed(session.organizations.as_ref(), request.state)).await {
            Ok(Ok(state)) => ReadResponse { state, ..ReadResponse::default() },
            Ok(Err(error)) => {
                Diagnostics::from(trouble::aws(context, "read the guardrails", &error).await).into()
            }
            Err(cut) => Diagnostics::from(trouble::cut_reading(cut)).into(),
        }
    }

    async fn plan(&self, context: &Context<Configured>, request: PlanRequest) -> PlanResponse {
        if request.is_destroy() {
            return protected(&request.prior)
                .map_or_else(PlanResponse::default, |error| Diagnostics::from(error).into());
        }
        let mut response = plan_change(&self.schema(), &request);
        written::keep_spelling(&mut response.planned, &request.prior);
        let patience = timeouts::patience(context, &response.planned, "read");
        match patience.limit(planned(context, &response.planned, &request.prior)).await {
            Ok(Ok(Some(planned))) => response.planned = planned,
            Ok(Ok(None)) => open(&mut response.planned),
            Ok(Err(diagnostics)) => return diagnostics.into(),
            Err(cut) => return Diagnostics::from(trouble::cut_reading(cut)).into(),
        }
        response
    }

    async fn create(&self, context: &Context<Configured>, request: CreateRequest) -> ApplyResponse {
        // No state on a failure: what was made is found by its tag, and a
        // tainted resource would take every guardrail away first.
        match applied(context, request.planned, "create").await {
            Ok(state) => ApplyResponse { state: Some(state), ..ApplyResponse::default() },
            Err(diagnostics) => diagnostics.into(),
        }
    }

    async fn update(&self, context: &Context<Configured>, request: UpdateRequest) -> ApplyResponse {
        match applied(context, request.planned, "update").await {
            Ok(state) => ApplyResponse { state: Some(state), ..ApplyResponse::default() },
            Err(diagnostics) => {
                let state = Some(half_way(context, request.prior).await);
                ApplyResponse { state, private: None, diagnostics }
            }
        }
    }

    async fn delete(&self, context: &Context<Configured>, request: DeleteRequest) -> ApplyResponse {
        if let Some(error) = protected(&request.prior) {
            return Diagnostics::from(error).into();
        }
        let (Ok(session), Some(owner)) = (&context.provider.session, text(&request.prior, "name_prefix"))
        else {
            return Diagnostics::from(trouble::not_connected(context)).into();
        };
        let patience = timeouts::patience(context, &request.prior, "delete");
        match remove(session.organizations.as_ref(), &owner, &patience).await {
            Ok(()) => ApplyResponse::default(),
            Err(halted) => {
                let diagnostics = trouble::halted(context, "delete", &halted).await.into();
                let state = Some(half_way(context, request.prior).await);
                ApplyResponse { state, private: None, diagnostics }
            }
        }
    }

    fn import(&self) -> Option<&dyn Import<Configured>> {
        Some(self)
    }
}

#[async_trait]
impl Import<Configured> for KmsOrgGuardrails {
    async fn import(&self, context: &Context<Configured>, id: &str) -> ImportResponse {
        let Ok(session) = &context.provider.session else {
            return Diagnostics::from(trouble::not_connected(context)).into();
        };
        match found(session.organizations.as_ref(), id, &context.provider).await {
            Ok(Some(mut state)) => {
                // What stands in the way here shows in the plan that follows.
                if let Ok(Some(work)) = Work::prepare(context, &state).await {
                    drop(state::fill(&mut state, &work.wanted, &work.survey, &work.proven));
                }
                ImportResponse { state: Some(state), ..ImportResponse::default() }
            }
            Ok(None) => Diagnostics::from(trouble::nothing_to_import(id)).into(),
            Err(error) => {
                Diagnostics::from(trouble::aws(context, "import the guardrails", &error).await).into()
            }
        }
    }
}

/// The state as AWS has it; nothing if no policy is left.
async fn refreshed(api: &dyn Organizations, mut state: Value) -> Result<Option<Value>, crate::aws::AwsError> {
    let Some(owner) = text(&state, "name_prefix") else { return Ok(Some(state)) };
    let current = owned(api, &owner, &BTreeSet::new()).await?;
    if current.is_empty() {
        return Ok(None);
    }
    let documents = state::in_force(&current, &state);
    let replaced = state.set_attr("documents", documents);
    Ok(replaced.is_ok().then_some(state))
}

/// The state after a run that did not come to its end: what is in force now,
/// as far as that can be found out.
async fn half_way(context: &Context<Configured>, prior: Value) -> Value {
    const SHORT: Duration = Duration::from_secs(30);
    let Ok(session) = &context.provider.session else { return prior };
    let patience = Patience::new(SHORT, &CancellationToken::new());
    let found = patience.limit(refreshed(session.organizations.as_ref(), prior.clone())).await;
    found.ok().and_then(Result::ok).flatten().unwrap_or(prior)
}

/// The object that an import starts from.
async fn found(
    api: &dyn Organizations,
    owner: &str,
    provider: &Configured,
) -> Result<Option<Value>, crate::aws::AwsError> {
    let current = owned(api, owner, &BTreeSet::new()).await?;
    let Some(first) = current.first() else { return Ok(None) };
    let tags = api.policy_tags(&first.id).await?;
    let (arguments, own) = memory::recall(&tags);
    let own = provider.without_default_tags(own);
    let policies = written::recall(arguments.get("ou_map"), owner, &current);
    let Type::Object(attributes) = schema::schema().ty() else { return Ok(None) };
    let mut fields: std::collections::BTreeMap<String, Value> =
        attributes.into_keys().map(|name| (name, Value::Null)).collect();
    let values = [
        ("id", Value::string(owner)),
        ("name_prefix", Value::string(owner)),
        ("description", Value::string(&first.description)),
        ("tags", Value::map(own.into_iter().map(|(key, value)| (key, Value::string(value))))),
        ("enable_policy_types", Value::Bool(true)),
        ("deletion_protection", Value::Bool(true)),
        ("documents", state::in_force(&current, &Value::Null)),
    ];
    let values = values.into_iter().chain(policies.map(|policies| ("policies", policies)));
    fields.extend(values.chain(arguments).map(|(name, value)| (name.to_owned(), value)));
    Ok(Some(Value::Object(fields)))
}

/// The planned object with its documents; nothing while something that they
/// hang on is unknown.
async fn planned(
    context: &Context<Configured>,
    planned: &Value,
    prior: &Value,
) -> Result<Option<Value>, Diagnostics> {
    let Some(work) = Work::prepare(context, planned).await? else { return Ok(None) };
    let documents = state::documents(work.proven.subject(), &work.survey.current, &Value::UNKNOWN, prior);
    // What was only counted or remarked is no reason for a change.
    let mut quiet = planned.clone();
    for name in REMARKS {
        let before = prior.attr(name).ok().filter(|before| !before.is_null()).cloned();
        quiet.set_attr(name, before.unwrap_or(Value::UNKNOWN))?;
    }
    quiet.set_attr("documents", documents)?;
    if quiet == *prior {
        return Ok(Some(quiet));
    }
    state::fill(&mut quiet, &work.wanted, &work.survey, &work.proven)?;
    Ok(Some(quiet))
}

async fn applied(
    context: &Context<Configured>,
    mut planned: Value,
    operation: &str,
) -> Result<Value, Diagnostics> {
    let patience = timeouts::patience(context, &planned, operation);
    let prepared = match patience.limit(Work::prepare(context, &planned)).await {
        Ok(prepared) => prepared?,
        Err(cut) => return Err(trouble::cut_reading(cut).into()),
    };
    let Some(work) = prepared else {
        return Err(trouble::not_connected(context).into());
    };
    let Ok(session) = &context.provider.session else { return Err(trouble::not_connected(context).into()) };
    let livery = livery(&context.provider, &planned, &work.wanted);
    let attached = attach(&work.proven, session.organizations.as_ref(), &livery, &patience).await;
    let current = match attached {
        Ok(current) => current,
        Err(halted) => return Err(trouble::halted(context, operation, &halted).await.into()),
    };
    let documents = state::documents(work.proven.subject(), &current, &Value::Null, &planned);
    planned.set_attr("documents", documents)?;
    let unknown = REMARKS.iter().any(|name| planned.attr(name).is_ok_and(Value::is_unknown));
    if unknown {
        state::fill(&mut planned, &work.wanted, &work.survey, &work.proven)?;
    }
    Ok(planned)
}

/// Leaves to apply what cannot be known yet.
fn open(planned: &mut Value) {
    for name in REMARKS.iter().chain(&["documents"]) {
        // The schema has these attributes, and a planned object is one.
        drop(planned.set_attr(name, Value::UNKNOWN));
    }
}

fn protected(prior: &Value) -> Option<Diagnostic> {
    flag(prior, "deletion_protection").then(|| {
        Diagnostic::error(
            "Guardrails are protected against deletion",
            "`deletion_protection` is true, so the guardrails are not taken away. Set it to false, apply, and then \
             destroy; until something else takes their place, nothing guards the organisation's keys.",
        )
        .at(Path::attribute("deletion_protection"))
    })
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.attr(name).ok()?.as_str().ok()?.known().map(str::to_owned)
}

fn flag(value: &Value, name: &str) -> bool {
    matches!(value.attr(name).and_then(Value::as_bool), Ok(Field::Known(true)))
}

const REMARKS: &[&str] =
    &["id", "organization_id", "root_id", "quota", "ou_paths", "proof", "not_expressible", "notices"];

#[cfg(test)]
mod tests;
