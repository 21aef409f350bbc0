//! Changing a key in place.
//!
//! INVARIANT: after a failure the state says what is true now, so that the next
//! plan shows what is left to do, the old alias included.

use std::collections::BTreeSet;

use crate::aws::AwsError;
use crate::model::key::KeyState;
use crate::provider::configured::Configured;
use crate::provider::live_key::LiveKey;
use crate::provider::resources::secure_kms_key::SecureKmsKey;
use crate::provider::resources::secure_kms_key::calls::FIVE_MINUTES;
use crate::provider::resources::secure_kms_key::calls::region;
use crate::provider::resources::secure_kms_key::changes::Changes;
use crate::provider::resources::secure_kms_key::changes::is_doomed;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::plan;
use crate::provider::resources::secure_kms_key::session;
use crate::provider::resources::secure_kms_key::settle::Part;
use crate::provider::resources::secure_kms_key::settle::settle;
use crate::provider::resources::secure_kms_key::state;
use crate::provider::resources::secure_kms_key::trouble;
use crate::provider::resources::secure_kms_key::waiting::Waiting;
use crate::provider::resources::secure_kms_key::wanted::Wanted;
use crate::tf::Context;
use crate::tf::Diagnostics;
use crate::tf::calls::ApplyResponse;
use crate::tf::calls::UpdateRequest;

impl SecureKmsKey {
    pub(super) async fn change(
        &self,
        context: &Context<Configured>,
        request: &UpdateRequest,
    ) -> Result<ApplyResponse, Diagnostics> {
        let prior = Model::read(&request.prior)?;
        let planned = Model::read(&request.planned)?;
        let wanted = Wanted::of(&planned)?;
        let configured = &context.provider;
        let session = &session(configured, region(&prior).as_ref())?;
        let id = trouble::key_id(&prior)?;
        self.own.remember(&id, &prior);
        let kms = session.kms.as_ref();
        let waiting = self.patience(context, &planned, "update", FIVE_MINUTES);
        let live = match waiting.repeat(AwsError::is_transient, || LiveKey::read(kms, &id)).await {
            Ok(Some(live)) => live,
            Ok(None) => return Err(trouble::vanished(&id).into()),
            Err(error) => {
                return Err(trouble::not_changed(configured, session, &error, &wanted.policy).await.into());
            }
        };
        if plan::is_silent(&prior, &planned) {
            return Ok(answer(state::applied(&live, &planned, configured), Diagnostics::new()));
        }
        if is_doomed(&live.metadata.state) && !wanted.restore {
            let date = state::date(live.metadata.deletion_date);
            return Err(trouble::doomed(id.as_str(), date).into());
        }
        let foreign = |key: &str| configured.ignored_tags.ignores(key);
        let changes = Changes { kms, key: &id, waiting: &waiting };
        if let Some(holder) = changes.holder_of(&live, &wanted.alias).await {
            return Err(trouble::alias_elsewhere(&wanted.alias, &holder, &id).into());
        }
        let old_alias = prior.alias();
        let made = tokio::select! {
            biased;
            made = changes.make(&live, &wanted, old_alias.as_ref(), foreign) => made,
            () = waiting.over() => return Err(trouble::interrupted("change").into()),
        };
        if let Err(error) = made {
            let diagnostics = trouble::not_changed(configured, session, &error, &wanted.policy).await.into();
            let now = LiveKey::read(kms, &id).await.ok().flatten();
            let state = now.map(|now| stopped(&now, &prior, &planned, configured).write());
            return Ok(ApplyResponse { state, private: None, diagnostics });
        }
        Ok(settled(&changes, live, &wanted, &planned, &waiting, configured).await)
    }
}

async fn settled(
    changes: &Changes<'_>,
    live: LiveKey,
    wanted: &Wanted,
    planned: &Model,
    waiting: &Waiting,
    configured: &Configured,
) -> ApplyResponse {
    let stays_off = !wanted.enabled && live.metadata.state != KeyState::Enabled;
    let untouched = if stays_off { BTreeSet::from([Part::Rotation]) } else { BTreeSet::new() };
    let settled = settle(changes.kms, changes.key, wanted, &untouched, waiting).await;
    let state = state::applied(&settled.live.unwrap_or(live), planned, configured);
    answer(state, trouble::lagging(&settled.lagging))
}

fn answer(state: Model, diagnostics: Diagnostics) -> ApplyResponse {
    ApplyResponse { state: Some(state.write()), private: None, diagnostics }
}

/// What is true after a change that stopped half-way. The resource keeps its old
/// alias as long as the key has it, so that the next apply removes it.
fn stopped(now: &LiveKey, prior: &Model, planned: &Model, configured: &Configured) -> Model {
    let gone = |alias| now.aliases.as_ref().is_ok_and(|aliases| !aliases.contains(&alias));
    let renamed = prior.alias().is_none_or(gone);
    let before = Model {
        alias_name: if renamed { planned.alias_name.clone() } else { prior.alias_name.clone() },
        key_arn: prior.key_arn.clone(),
        alias_arn: prior.alias_arn.clone(),
        aliases: prior.aliases.clone(),
        key_state: prior.key_state.clone(),
        next_rotation_date: prior.next_rotation_date.clone(),
        compliance: prior.compliance.clone(),
        ..planned.clone()
    };
    state::refreshed(now, before, configured)
}
