//! The end of a key: its alias first, so that the name is free again, then the
//! deletion with the window that was asked for.

use crate::aws::AwsError;
use crate::aws::Fault;
use crate::aws::KeyReference;
use crate::aws::Kms;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::WindowDays;
use crate::provider::resources::secure_kms_key::changes::has_alias;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::waiting::Waiting;
use crate::provider::resources::secure_kms_key::wanted::CREATION_TAG;

/// Does what `on_destroy` says. A key that is gone already is a success. Gives
/// the error that kept a retained key's creation tag on it, if one did.
pub(super) async fn destroy(
    kms: &dyn Kms,
    key: &KeyId,
    prior: &Model,
    waiting: &Waiting,
) -> Result<Option<AwsError>, AwsError> {
    match prior.on_destroy.clone().known().as_deref() {
        Some("retain") => Ok(unmark(kms, key, waiting).await.err()),
        Some("disable") => match waiting.repeat(AwsError::is_transient, || kms.disable_key(key)).await {
            Err(error) if error.fault() == Fault::NotFound => Ok(None),
            done => done.map(|()| None),
        },
        _ => {
            let window =
                prior.deletion_window_in_days.known().and_then(|days| WindowDays::try_from(days).ok());
            schedule(kms, key, prior.alias(), window.unwrap_or(WindowDays::MAX), waiting).await.map(|()| None)
        }
    }
}

/// Takes off the tag by which a lost key is found: a key that is kept on purpose
/// is never taken for one, also without its alias. One on its way to deletion is
/// not either.
async fn unmark(kms: &dyn Kms, key: &KeyId, waiting: &Waiting) -> Result<(), AwsError> {
    let tag = [CREATION_TAG.to_owned()];
    match waiting.repeat(AwsError::is_transient, || kms.untag(key, &tag)).await {
        Err(error) if matches!(error.fault(), Fault::NotFound | Fault::InvalidState) => Ok(()),
        done => done,
    }
}

async fn schedule(
    kms: &dyn Kms,
    key: &KeyId,
    alias: Option<AliasName>,
    window: WindowDays,
    waiting: &Waiting,
) -> Result<(), AwsError> {
    let alias = match alias {
        Some(alias) if has_alias(kms, key, &alias, waiting).await? => Some(alias),
        _ => None,
    };
    if let Some(alias) = &alias {
        match waiting.repeat(AwsError::is_transient, || kms.delete_alias(alias)).await {
            Err(error) if error.fault() != Fault::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    let scheduled = waiting.repeat(AwsError::is_transient, || kms.schedule_deletion(key, window)).await;
    match scheduled {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.fault(), Fault::NotFound) => Ok(()),
        // Somebody scheduled it before; AWS keeps that date.
        Err(error) if error.fault() == Fault::InvalidState && is_scheduled(kms, key).await => Ok(()),
        Err(error) => {
            if let Some(alias) = &alias {
                // The key lives on, so it gets its name back; the error that is
                // reported is the one that kept it alive.
                drop(kms.create_alias(alias, key).await);
            }
            Err(error)
        }
    }
}

async fn is_scheduled(kms: &dyn Kms, key: &KeyId) -> bool {
    let metadata = kms.describe_key(&KeyReference::Id(key.clone())).await;
    metadata.is_ok_and(|metadata| super::changes::is_doomed(&metadata.state))
}
