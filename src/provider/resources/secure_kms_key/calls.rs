//! What each of Terraform's calls does, from the request to the response.
//!
//! Here values become models and errors become diagnostics; the work itself is
//! in the other files.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use crate::aws::AwsError;
use crate::aws::CallerIdentity;
use crate::aws::Session;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::region::Region;
use crate::provider::configured::Configured;
use crate::provider::key_policy::Home;
use crate::provider::live_key::LiveKey;
use crate::provider::resources::secure_kms_key::Place;
use crate::provider::resources::secure_kms_key::SecureKmsKey;
use crate::provider::resources::secure_kms_key::create;
use crate::provider::resources::secure_kms_key::destroy;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::orphans::Ground;
use crate::provider::resources::secure_kms_key::plan;
use crate::provider::resources::secure_kms_key::plan::Planning;
use crate::provider::resources::secure_kms_key::reading;
use crate::provider::resources::secure_kms_key::state;
use crate::provider::resources::secure_kms_key::trouble;
use crate::provider::resources::secure_kms_key::waiting::Waiting;
use crate::provider::resources::secure_kms_key::wanted;
use crate::provider::resources::secure_kms_key::wanted::Wanted;
use crate::tf;
use crate::tf::Context;
use crate::tf::Diagnostics;
use crate::tf::calls::ApplyResponse;
use crate::tf::calls::CreateRequest;
use crate::tf::calls::DeleteRequest;
use crate::tf::calls::PlanRequest;
use crate::tf::calls::PlanResponse;
use crate::tf::calls::ReadRequest;
use crate::tf::calls::ReadResponse;

impl SecureKmsKey {
    pub(super) async fn refresh(
        &self,
        context: &Context<Configured>,
        request: &ReadRequest,
    ) -> Result<ReadResponse, Diagnostics> {
        let before = Model::read(&request.state)?;
        let session = session(&context.provider, region(&before).as_ref())?;
        let id = trouble::key_id(&before)?;
        self.own.remember(&id, &before);
        let waiting = Waiting::new(self.pace, self.pace.vanishing, &context.cancelled);
        let live = loop {
            let live = LiveKey::read(session.kms.as_ref(), &id).await;
            match live.map_err(|error| reading(&context.provider, &error))? {
                Some(live) => break live,
                None if waiting.pause(self.pace.first).await => {}
                None => return Ok(ReadResponse::default()),
            }
        };
        let diagnostics = trouble::seen(&live, &before);
        let state = state::refreshed(&live, before, &context.provider);
        self.own.remember(&id, &state);
        Ok(ReadResponse { state: Some(state.write()), private: None, diagnostics })
    }

    pub(super) async fn planned(
        &self,
        context: &Context<Configured>,
        request: &PlanRequest,
    ) -> Result<PlanResponse, tf::Error> {
        let prior = (!request.prior.is_null()).then(|| Model::read(&request.prior)).transpose()?;
        let configured = context.provider.as_ref();
        if request.is_destroy() {
            let diagnostics =
                prior.map(|prior| plan::destroy(&prior, (configured.clock)())).unwrap_or_default();
            return Ok(diagnostics.into());
        }
        let config = Model::read(&request.config)?;
        let home = home(configured).await;
        let caller = caller(configured).await;
        let planning = Planning {
            config: &config,
            prior: prior.as_ref(),
            configured,
            home: home.as_ref().map_err(Option::as_ref),
            caller: caller.as_ref().map(|(caller, region)| (caller, region)),
        };
        let mut diagnostics = Diagnostics::new();
        let planned = plan::plan(&planning, &mut diagnostics);
        plan::check(&planning, &planned, &mut diagnostics);
        let replaced = Replaced::read(&request.private).filter(|_| prior.is_none());
        let before = replaced.as_ref().and_then(|replaced| self.own.state(&replaced.key));
        if let Some(before) = before.filter(|_| replaced.as_ref().is_some_and(|replaced| !replaced.told)) {
            diagnostics.extend(plan::replacement(&before, &planned, (configured.clock)()));
        }
        let holder = replaced.map(|replaced| replaced.key);
        diagnostics.extend(self.occupied(configured, prior.as_ref(), &planned, holder.as_ref()).await);
        diagnostics.extend(plan::judged(&planning, &planned));
        let requires_replace =
            prior.as_ref().map(|prior| plan::replaced(prior, &planned)).unwrap_or_default();
        let key = prior.as_ref().and_then(|prior| trouble::key_id(prior).ok());
        let private = key.map(|key| Replaced { key, told: !requires_replace.is_empty() }.write());
        let private = Some(private.unwrap_or_default());
        Ok(PlanResponse { planned: planned.write(), requires_replace, private, diagnostics })
    }

    /// Whether the alias can be had, and the Region at all.
    async fn occupied(
        &self,
        configured: &Configured,
        prior: Option<&Model>,
        planned: &Model,
        replaced: Option<&KeyId>,
    ) -> Diagnostics {
        let key = prior.and_then(|prior| Some((trouble::key_id(prior).ok()?, prior)));
        if let Some((key, prior)) = &key {
            self.own.remember(key, prior);
            self.own.plans(key, planned);
        }
        match session(configured, region(planned).as_ref()) {
            Ok(session) => {
                let refusal = self.own.refusal(session.kms.as_ref(), prior, planned, replaced).await;
                refusal.into_iter().collect()
            }
            Err(elsewhere) if configured.session.is_ok() => elsewhere,
            Err(_) => Diagnostics::new(),
        }
    }

    pub(super) async fn make(
        &self,
        context: &Context<Configured>,
        request: &CreateRequest,
    ) -> Result<ApplyResponse, Diagnostics> {
        let planned = Model::read(&request.planned)?;
        let wanted = Wanted::of(&planned)?;
        let configured = &context.provider;
        let session = &session(configured, region(&planned).as_ref())?;
        let _taken = self.take(&session.region, &wanted.alias)?;
        let waiting = self.patience(context, &planned, "create", FIVE_MINUTES);
        let foreign = |key: &str| configured.ignored_tags.ignores(key);
        let ground = Ground {
            kms: session.kms.as_ref(),
            region: &session.region,
            orphans: &self.orphans,
            now: (configured.clock)(),
            waiting: &waiting,
        };
        let made = match create::create(&ground, &wanted, foreign).await {
            Ok(made) => made,
            Err(error) => {
                return Err(trouble::not_made(configured, session, &error, &wanted.policy).await.into());
            }
        };
        let diagnostics = trouble::unfinished(configured, session, &made, &waiting).await;
        let state = state::applied(&made.live, &planned, configured);
        Ok(ApplyResponse { state: Some(state.write()), private: None, diagnostics })
    }

    pub(super) async fn destroy(
        &self,
        context: &Context<Configured>,
        request: DeleteRequest,
    ) -> Result<ApplyResponse, Diagnostics> {
        let prior = Model::read(&request.prior)?;
        let configured = &context.provider;
        let session = &session(configured, region(&prior).as_ref())?;
        let id = trouble::key_id(&prior)?;
        self.own.remember(&id, &prior);
        if prior.deletion_protection == tf::Field::Known(true) {
            return Err(plan::protected(&prior).into());
        }
        let waiting = self.patience(context, &prior, "delete", TWO_MINUTES);
        let destroyed = tokio::select! {
            biased;
            destroyed = destroy::destroy(session.kms.as_ref(), &id, &prior, &waiting) => destroyed,
            () = waiting.over() => return Err(trouble::interrupted("destroy").into()),
        };
        match destroyed {
            Ok(marked) => {
                let diagnostics = marked.map(|error| trouble::still_marked(&id, &error).into());
                Ok(ApplyResponse { diagnostics: diagnostics.unwrap_or_default(), ..ApplyResponse::default() })
            }
            Err(error) => Ok(ApplyResponse {
                state: Some(request.prior),
                private: None,
                diagnostics: trouble::not_destroyed(configured, session, &error).await.into(),
            }),
        }
    }

    pub(super) fn patience(
        &self,
        context: &Context<Configured>,
        model: &Model,
        operation: &str,
        default: Duration,
    ) -> Waiting {
        let timeout = wanted::timeout(&model.timeouts, operation, default);
        Waiting::new(self.pace, timeout, &context.cancelled)
    }

    fn take(&self, region: &Region, alias: &AliasName) -> Result<Taken<'_>, Diagnostics> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (region.clone(), alias.clone());
        if !taken.insert(place.clone()) {
            return Err(trouble::taken(alias).into());
        }
        Ok(Taken { by: &self.taken, place })
    }
}

/// An alias that a create in flight has taken, until this is dropped.
struct Taken<'a> {
    by: &'a Mutex<BTreeSet<Place>>,
    place: Place,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.by.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.place);
    }
}

/// The key that a plan is about, in the private bytes of the plan. Terraform asks
/// for a replacement (also for one that only `-replace` makes) as for a new key,
/// with the bytes of the plan before; so the new plan learns what it replaces.
struct Replaced {
    key: KeyId,
    /// Whether that plan has told what the replacement means.
    told: bool,
}

impl Replaced {
    fn read(private: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(private).ok()?;
        let (key, told) = text.split_once(' ').map_or((text, false), |(key, _)| (key, true));
        Some(Self { key: key.parse().ok()?, told })
    }

    fn write(&self) -> Vec<u8> {
        let told = if self.told { " told" } else { "" };
        format!("{}{told}", self.key).into_bytes()
    }
}

/// AWS in `region`, or else in the provider's; or the diagnostic that says why
/// it cannot be asked.
pub(crate) fn session(configured: &Configured, region: Option<&Region>) -> Result<Session, Diagnostics> {
    let session = configured.session.as_ref().map_err(trouble::not_connected)?;
    let region = region.unwrap_or(&session.region);
    if region.partition() != session.region.partition() {
        return Err(trouble::other_partition(region, &session.region).into());
    }
    Ok(session.within(region))
}

/// The Region of a key; well-formed, because it was validated.
pub(super) fn region(model: &Model) -> Option<Region> {
    model.region.clone().known()?.parse().ok()
}

/// The account, or why it could not be found out where AWS could be asked.
async fn home(configured: &Configured) -> Result<Home, Option<AwsError>> {
    let session = configured.session.as_ref().map_err(|_| None)?;
    let partition = session.region.partition();
    let account = match &session.account {
        Some(account) => account.clone(),
        None => configured.caller(session).await.map_err(Some)?.account,
    };
    Ok(Home { partition, account })
}

/// Who applies, as far as it can be found out.
async fn caller(configured: &Configured) -> Option<(CallerIdentity, Region)> {
    let session = configured.session.as_ref().ok()?;
    Some((configured.caller(session).await.ok()?, session.region.clone()))
}

const TWO_MINUTES: Duration = Duration::from_mins(2);
pub(super) const FIVE_MINUTES: Duration = Duration::from_mins(5);
