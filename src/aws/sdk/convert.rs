//! The SDK's shapes of KMS in our nouns.
//!
//! A value that AWS promises and does not send, or that cannot be, is a
//! failure; a value of an open list that we do not know is kept.

use std::collections::BTreeMap;
use std::collections::HashMap;

use aws_sdk_kms::types;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::operation::BuildError;
use time::OffsetDateTime;

use super::error::Call;
use crate::aws::AwsError;
use crate::model::arn::Arn;
use crate::model::key::{
    Alias, Grant, KeyManager, KeyMetadata, KeyOrigin, KeySpec, KeyState, KeyUsage, MultiRegion,
    RotationPeriod, WindowDays,
};
use crate::model::tag::Tags;

/// A key's metadata.
pub(super) fn key_metadata(found: &types::KeyMetadata, call: &Call) -> Result<KeyMetadata, AwsError> {
    let arn: Arn = parsed(found.arn().ok_or_else(|| call.clone().without("key ARN"))?, call)?;
    let spec = found.key_spec().map_or("SYMMETRIC_DEFAULT", types::KeySpec::as_str);
    let usage = found.key_usage().map_or("ENCRYPT_DECRYPT", types::KeyUsageType::as_str);
    let origin = found.origin().map_or("AWS_KMS", types::OriginType::as_str);
    let manager = found.key_manager().map_or("CUSTOMER", types::KeyManagerType::as_str);
    let state = found.key_state().ok_or_else(|| call.clone().without("key state"))?.as_str();
    let window = found.pending_deletion_window_in_days().map(|days| WindowDays::try_from(i64::from(days)));
    Ok(KeyMetadata {
        id: parsed(found.key_id(), call)?,
        arn,
        description: found.description().unwrap_or_default().to_owned(),
        state: KeyState::from(state),
        spec: KeySpec::from(spec),
        usage: KeyUsage::from(usage),
        origin: KeyOrigin::from(origin),
        manager: KeyManager::from(manager),
        created: found.creation_date().and_then(moment),
        deletion_date: found.deletion_date().and_then(moment),
        pending_window: window.transpose().map_err(|error| call.clone().unusable(&error))?,
        multi_region: multi_region(found, call)?,
        custom_key_store: found.custom_key_store_id().map(str::to_owned),
        cloud_hsm_cluster: found.cloud_hsm_cluster_id().map(str::to_owned),
        xks_key: found.xks_key_configuration().and_then(|xks| xks.id()).map(str::to_owned),
        valid_to: found.valid_to().and_then(moment),
        expiration_model: found.expiration_model().map(|model| model.as_str().to_owned()),
        current_material: found.current_key_material_id().map(str::to_owned),
    })
}

fn multi_region(found: &types::KeyMetadata, call: &Call) -> Result<Option<MultiRegion>, AwsError> {
    let Some(configuration) = found.multi_region_configuration() else { return Ok(None) };
    let primary = configuration.primary_key().and_then(types::MultiRegionKey::arn);
    let replicas = configuration.replica_keys().iter().filter_map(types::MultiRegionKey::arn);
    Ok(Some(MultiRegion {
        primary_here: configuration.multi_region_key_type() == Some(&types::MultiRegionKeyType::Primary),
        primary: parsed(primary.ok_or_else(|| call.clone().without("primary key"))?, call)?,
        replicas: replicas.map(|arn| parsed(arn, call)).collect::<Result<_, _>>()?,
    }))
}

/// An alias.
pub(super) fn alias(found: &types::AliasListEntry, call: &Call) -> Result<Alias, AwsError> {
    let name = found.alias_name().ok_or_else(|| call.clone().without("alias name"))?;
    let target = found.target_key_id().map(|id| parsed(id, call));
    Ok(Alias { name: parsed(name, call)?, target: target.transpose()? })
}

/// A grant. A service may stand where a principal usually does.
pub(super) fn grant(found: &types::GrantListEntry, call: &Call) -> Result<Grant, AwsError> {
    let grantee = found.grantee_principal().or(found.grantee_service_principal());
    let retiring = found.retiring_principal().or(found.retiring_service_principal());
    let constraints = found.constraints();
    Ok(Grant {
        id: found.grant_id().ok_or_else(|| call.clone().without("grant id"))?.to_owned(),
        name: found.name().filter(|name| !name.is_empty()).map(str::to_owned),
        grantee: grantee.ok_or_else(|| call.clone().without("grantee"))?.to_owned(),
        retiring: retiring.map(str::to_owned),
        operations: found.operations().iter().map(|operation| operation.as_str().to_owned()).collect(),
        context_equals: ordered(constraints.and_then(types::GrantConstraints::encryption_context_equals)),
        context_subset: ordered(constraints.and_then(types::GrantConstraints::encryption_context_subset)),
    })
}

/// A rotation period. AWS names none while rotation is off.
pub(super) fn rotation_period(days: Option<i32>, call: &Call) -> Result<Option<RotationPeriod>, AwsError> {
    let period = days.map(|days| RotationPeriod::try_from(i64::from(days)));
    period.transpose().map_err(|error| call.clone().unusable(&error))
}

/// A moment; `None` for years that no calendar of ours holds.
pub(super) fn moment(found: &DateTime) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(found.as_nanos()).ok()
}

fn ordered(context: Option<&HashMap<String, String>>) -> BTreeMap<String, String> {
    let pairs = context.into_iter().flatten();
    pairs.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn parsed<T>(text: &str, call: &Call) -> Result<T, AwsError>
where
    T: std::str::FromStr<Err = crate::model::InvalidText>,
{
    text.parse().map_err(|error| call.clone().unusable(&error))
}

/// Tags as the SDK of one service has them.
pub(super) fn sdk_tags<Tag>(
    tags: &Tags,
    call: &Call,
    of_service: impl Fn(&str, &str) -> Result<Tag, BuildError>,
) -> Result<Vec<Tag>, AwsError> {
    let built = tags.iter().map(|(key, value)| of_service(key, value));
    built.collect::<Result<_, _>>().map_err(|error| call.clone().unusable(&error))
}
