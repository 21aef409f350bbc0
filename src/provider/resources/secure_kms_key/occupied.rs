//! Aliases that other keys have already, found while planning.
//!
//! A plan is refused for a key that Terraform does not manage here, and for one
//! that certainly keeps the alias. The configuration's own keys may give their
//! alias up in the same apply (a rename, a replacement), so the apply decides about
//! them. KMS that cannot be reached is told now; other looks that fail say nothing.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use crate::aws::AwsError;
use crate::aws::Fault;
use crate::aws::KeyReference;
use crate::aws::Kms;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::KeyMetadata;
use crate::provider::diagnostic::aws_failure;
use crate::provider::resources::secure_kms_key::changes::is_doomed;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::trouble;
use crate::tf::Diagnostic;
use crate::tf::Field;
use crate::tf::Value;

/// The keys that Terraform has asked this provider process about.
#[derive(Debug, Default)]
pub(super) struct Own(Mutex<BTreeMap<KeyId, Known>>);

/// A key of the configuration.
#[derive(Debug)]
struct Known {
    /// As the state has it, without what is long.
    state: Model,
    /// The alias that it is planned to have; nothing while no plan for it was asked.
    planned: Option<AliasName>,
}

impl Own {
    /// Remembers a key of the configuration.
    pub(super) fn remember(&self, key: &KeyId, state: &Model) {
        let state = Model {
            effective_policy: Field::Null,
            key_policy: Field::Null,
            compliance: Value::Null,
            ..state.clone()
        };
        let mut own = self.keys();
        let planned = own.remove(key).and_then(|known| known.planned);
        own.insert(key.clone(), Known { state, planned });
    }

    /// Remembers the alias that such a key is planned to have.
    pub(super) fn plans(&self, key: &KeyId, planned: &Model) {
        if let Some(known) = self.keys().get_mut(key) {
            known.planned = planned.alias();
        }
    }

    /// The state of such a key.
    pub(super) fn state(&self, key: &KeyId) -> Option<Model> {
        self.keys().get(key).map(|known| known.state.clone())
    }

    /// Why the alias of this plan cannot be had, as far as that can be told.
    /// `replaced` is the key that the planned one takes the place of.
    pub(super) async fn refusal(
        &self,
        kms: &dyn Kms,
        prior: Option<&Model>,
        planned: &Model,
        replaced: Option<&KeyId>,
    ) -> Option<Diagnostic> {
        let alias = planned.alias().filter(|alias| !alias.is_reserved())?;
        let before = prior.and_then(Model::alias);
        if before.as_ref() == Some(&alias) {
            return None;
        }
        let holder = match holder(kms, &alias).await {
            Ok(holder) => holder?,
            Err(unreachable) => return Some(unreachable),
        };
        let own = prior.and_then(|prior| trouble::key_id(prior).ok());
        if own.as_ref() == Some(&holder.id) || replaced == Some(&holder.id) {
            return None;
        }
        let known = self.keys().get(&holder.id).map(|known| (known.state.clone(), known.planned.clone()));
        let named_otherwise = |state: &Model| state.alias().as_ref() != Some(&alias);
        match (own, known) {
            (Some(own), None) => Some(trouble::alias_elsewhere(&alias, &holder.id, &own)),
            (Some(own), Some((state, _))) if named_otherwise(&state) => {
                Some(trouble::alias_elsewhere(&alias, &holder.id, &own))
            }
            (Some(own), Some(_)) => {
                let before = before.filter(|before| self.waits_for(&alias, before))?;
                Some(trouble::alias_exchanged(&before, &alias, &own, &holder.id))
            }
            (None, None) if is_doomed(&holder.state) => Some(trouble::alias_on_doomed_key(&alias, &holder)),
            (None, None) => Some(trouble::alias_in_use(&alias, &holder.id)),
            (None, Some((state, planned))) if named_otherwise(&state) || planned.as_ref() == Some(&alias) => {
                Some(trouble::alias_in_use(&alias, &holder.id))
            }
            (None, Some((state, None))) if state.deletion_protection == Field::Known(true) => {
                Some(trouble::alias_of_protected(&alias, &holder.id))
            }
            (None, Some(_)) => None,
        }
    }

    /// Whether the key that has `wanted` is to get `given`, or another alias whose
    /// key in turn waits for it: none of them can be the first.
    fn waits_for(&self, wanted: &AliasName, given: &AliasName) -> bool {
        let own = self.keys();
        let mut alias = wanted.clone();
        for _ in 0..own.len() {
            let mut holders = own.values().filter(|known| known.state.alias().as_ref() == Some(&alias));
            match holders.next().and_then(|known| known.planned.clone()) {
                Some(next) if next == *given => return true,
                Some(next) if next != alias => alias = next,
                Some(_) | None => return false,
            }
        }
        false
    }

    fn keys(&self) -> MutexGuard<'_, BTreeMap<KeyId, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who has the alias; or that KMS cannot be reached, so that nothing can be applied.
async fn holder(kms: &dyn Kms, alias: &AliasName) -> Result<Option<KeyMetadata>, Diagnostic> {
    let reference = KeyReference::Alias(alias.clone());
    match tokio::time::timeout(PATIENCE, kms.describe_key(&reference)).await {
        Ok(Ok(holder)) => Ok(Some(holder)),
        Ok(Err(error)) if error.fault() == Fault::Unreachable => Err(unreachable(&error)),
        Ok(Err(_)) => Ok(None),
        Err(_) => Err(trouble::slow(PATIENCE)),
    }
}

fn unreachable(error: &AwsError) -> Diagnostic {
    aws_failure("plan the key", error, None)
}

/// How long a plan waits for an answer. A connection that cannot be made is given
/// up before.
const PATIENCE: Duration = Duration::from_secs(40);

#[cfg(test)]
mod tests;
