//! `kms_org_guardrails`: what hangs in the organisation, drawn, proven and put
//! in force as one unit.
//!
//! INVARIANT: a plan shows the very documents that apply attaches, and apply
//! attaches nothing that was not proven in the same run.

mod attire;
mod count;
pub(crate) mod draw;
mod import;
mod memory;
mod names;
mod refresh;
pub(crate) mod schema;
pub(crate) mod state;
pub(crate) mod survey;
mod timeouts;
pub(crate) mod trouble;
pub(crate) mod wanted;
mod work;
mod written;

use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::guardrails::attach::{Claim, OwnerId, attach, remove};
use crate::provider::configured::Configured;
use crate::tf::calls::{
    ApplyResponse, CreateRequest, DeleteRequest, PlanRequest, PlanResponse, ReadRequest, ReadResponse,
    UpdateRequest,
};
use crate::tf::capabilities::Import;
use crate::tf::plan::plan_change;
use crate::tf::{Context, Diagnostic, Diagnostics, Field, Path, Resource, Schema, Value};
use survey::Stake;
use wanted::Wanted;
use work::Work;

/// The resource.
#[derive(Debug, Default)]
pub(crate) struct KmsOrgGuardrails {
    /// Held by the run that changes the organisation: AWS takes one change at a
    /// time, and of two new resources with one prefix the second must see the first.
    turn: Mutex<()>,
}

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
            Ok(_) => Diagnostics::new(),
            Err(diagnostics) => diagnostics,
        };
        diagnostics.extend(timeouts::validate(config));
        diagnostics.extend(attire::validate(config));
        diagnostics
    }

    async fn read(&self, context: &Context<Configured>, request: ReadRequest) -> ReadResponse {
        refresh::read(context, request).await
    }

    async fn plan(&self, context: &Context<Configured>, request: PlanRequest) -> PlanResponse {
        if request.is_destroy() {
            return protected(&request.prior)
                .map_or_else(PlanResponse::default, |error| Diagnostics::from(error).into());
        }
        let mut response = plan_change(&self.schema(), &request);
        if let Some(error) = replaced_while_protected(&request.prior, &response.planned) {
            return Diagnostics::from(error).into();
        }
        written::keep_spelling(&mut response.planned, &request.prior);
        // The schema has this attribute, and a planned object is one.
        drop(response.planned.set_attr("tags_all", attire::tags_all(&context.provider, &response.planned)));
        if let Some(error) = attire::check(&response.planned) {
            return Diagnostics::from(error).into();
        }
        let stake = stake(&request);
        let patience = timeouts::patience(context, &response.planned, "read");
        // Not with the configuration: Terraform validates it more than once.
        let mut found = written::findings(&request.config, &request.prior);
        match patience.limit(planned(context, &response.planned, &request.prior, &stake)).await {
            Ok(Ok(Some(planned))) => response.planned = planned,
            Ok(Ok(None)) => open(&mut response.planned),
            Ok(Err(diagnostics)) => found.extend(diagnostics),
            Err(cut) => found.push(trouble::cut_reading(cut)),
        }
        if found.has_errors() {
            return found.into();
        }
        response.diagnostics.extend(found);
        response
    }

    async fn create(&self, context: &Context<Configured>, request: CreateRequest) -> ApplyResponse {
        // No state on a failure: a tainted resource would take every guardrail
        // away first. What was made says itself that it was not made in full.
        match self.applied(context, request.planned, "create", &Stake::new(None)).await {
            Ok(done) => done,
            Err(diagnostics) => diagnostics.into(),
        }
    }

    async fn update(&self, context: &Context<Configured>, request: UpdateRequest) -> ApplyResponse {
        let claim = claim(&request.private);
        match self.applied(context, request.planned, "update", &Stake::standing(claim.clone())).await {
            Ok(done) => done,
            Err(diagnostics) => {
                let state = Some(refresh::half_way(context, request.prior, &claim).await);
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
        let claim = claim(&request.private);
        let patience = timeouts::patience(context, &request.prior, "delete");
        let _turn = match patience.limit(self.turn.lock()).await {
            Ok(turn) => turn,
            Err(cut) => return Diagnostics::from(trouble::cut_waiting(cut)).into(),
        };
        match remove(session.organizations.as_ref(), &owner, &claim, &patience).await {
            Ok(()) => ApplyResponse::default(),
            Err(halted) => {
                let diagnostics = trouble::halted(context, "delete", &halted).await.into();
                let state = Some(refresh::half_way(context, request.prior, &claim).await);
                ApplyResponse { state, private: None, diagnostics }
            }
        }
    }

    fn import(&self) -> Option<&dyn Import<Configured>> {
        Some(self)
    }
}

/// The planned object with its documents; nothing while something that they
/// hang on is unknown.
async fn planned(
    context: &Context<Configured>,
    planned: &Value,
    prior: &Value,
    stake: &Stake,
) -> Result<Option<Value>, Diagnostics> {
    let Some(work) = Work::prepare(context, planned, stake).await? else { return Ok(None) };
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
    let before = prior.attr("quota").cloned().unwrap_or_default();
    let changes = !same_documents(&quiet, prior);
    let quota = count::planned(&work.wanted, &work.survey, work.proven.subject(), &before, changes);
    state::fill(&mut quiet, &work.wanted, &work.survey, &work.proven)?;
    quiet.set_attr("quota", quota)?;
    Ok(Some(quiet))
}

fn same_documents(planned: &Value, prior: &Value) -> bool {
    matches!((planned.attr("documents"), prior.attr("documents")), (Ok(planned), Ok(prior)) if planned == prior)
}

impl KmsOrgGuardrails {
    /// Puts in force what was planned; the private bytes say whose it is.
    async fn applied(
        &self,
        context: &Context<Configured>,
        mut planned: Value,
        operation: &str,
        stake: &Stake,
    ) -> Result<ApplyResponse, Diagnostics> {
        let patience = timeouts::patience(context, &planned, operation);
        let _turn = patience.limit(self.turn.lock()).await.map_err(trouble::cut_waiting)?;
        let prepared = patience.limit(Work::prepare(context, &planned, stake)).await;
        let Some(work) = prepared.map_err(trouble::cut_reading)?? else {
            return Err(trouble::not_connected(context).into());
        };
        let provider = &context.provider;
        let Ok(session) = &provider.session else { return Err(trouble::not_connected(context).into()) };
        let drawn = state::documents(work.proven.subject(), &work.survey.current, &Value::UNKNOWN, &planned);
        if !state::keeps_word(planned.attr("documents")?, &drawn) {
            return Err(trouble::changed_since().into());
        }
        let livery = attire::livery(provider, &planned, &work.wanted, &stake.claim, &work.survey.current)?;
        let attached = attach(&work.proven, session.organizations.as_ref(), &livery, &patience).await;
        let current = match attached {
            Ok(current) => current,
            Err(halted) => return Err(trouble::halted(context, operation, &halted).await.into()),
        };
        let documents = state::documents(work.proven.subject(), &current, &Value::Null, &planned);
        planned.set_attr("documents", documents)?;
        planned.set_attr("tags_all", attire::tags_all(provider, &planned))?;
        let api = session.organizations.as_ref();
        let quota = count::applied(api, &work.wanted, &work.survey, work.proven.subject(), &current).await;
        work.report(&mut planned, quota)?;
        let private = Some(livery.id.to_string().into_bytes());
        Ok(ApplyResponse { state: Some(planned), private, ..ApplyResponse::default() })
    }
}

/// What the private bytes say is the resource's own.
fn claim(private: &[u8]) -> Claim {
    let id = std::str::from_utf8(private).ok().and_then(OwnerId::read);
    id.map_or(Claim::Any, Claim::Of)
}

/// Terraform plans a replacement as something new, with the private bytes of
/// what it replaces.
fn stake(request: &PlanRequest) -> Stake {
    match claim(&request.private) {
        claim if !request.is_create() => Stake::standing(claim),
        Claim::Of(leaving) => Stake::new(Some(leaving)),
        Claim::New | Claim::Any => Stake::new(None),
    }
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

/// Another prefix makes another resource, which would take these guardrails away.
fn replaced_while_protected(prior: &Value, planned: &Value) -> Option<Diagnostic> {
    let before = text(prior, "name_prefix")?;
    let after = text(planned, "name_prefix");
    let stays = after.as_ref() == Some(&before) || !flag(prior, "deletion_protection");
    (!stays).then(|| trouble::replaced_while_protected(&before, after.as_deref()))
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
