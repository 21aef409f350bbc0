//! Taking over a key that exists, by whatever name its user knows it.

use async_trait::async_trait;
use thiserror::Error;

use crate::aws::KeyReference;
use crate::model::arn::Arn;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::KeyManager;
use crate::model::key::KeyMetadata;
use crate::model::key::KeySpec;
use crate::model::key::KeyUsage;
use crate::model::region::Region;
use crate::provider::configured::Configured;
use crate::provider::resources::secure_kms_key::SecureKmsKey;
use crate::provider::resources::secure_kms_key::model::with_prefix;
use crate::provider::resources::secure_kms_key::session;
use crate::provider::resources::secure_kms_key::trouble;
use crate::tf::Context;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Import;
use crate::tf::Type;
use crate::tf::Value;
use crate::tf::calls::ImportResponse;

/// Why a text does not name a key that can be read here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum WrongKey {
    /// It is none of the forms.
    #[error("`{0}` is neither a key id, nor a key ARN, nor an alias, nor an alias ARN")]
    Shape(String),
    /// AWS makes the key when one asks for it.
    #[error("`{0}` is an alias of AWS's own; asking for it would make AWS create the key behind it")]
    Reserved(AliasName),
    /// The provider speaks to another Region.
    #[error("`{text}` is in Region {found}, and the provider works in {region}")]
    Region {
        /// What was given.
        text: String,
        /// Its Region.
        found: Region,
        /// The provider's.
        region: Region,
    },
}

/// Reads a key id, a key ARN, an alias with or without its prefix, or an alias
/// ARN; each may end in `@` and a Region.
pub(crate) fn key_reference(text: &str, region: &Region) -> Result<KeyReference, WrongKey> {
    let shape = || WrongKey::Shape(text.to_owned());
    let elsewhere = |found: Region| WrongKey::Region { text: text.to_owned(), found, region: region.clone() };
    let (name, at) = match text.rsplit_once('@') {
        Some((name, at)) => (name, Some(at.parse::<Region>().map_err(|_| shape())?)),
        None => (text, None),
    };
    if let Some(found) = at.filter(|found| found != region) {
        return Err(elsewhere(found));
    }
    if let Ok(id) = name.parse::<KeyId>() {
        return Ok(KeyReference::Id(id));
    }
    if name.starts_with("arn:") {
        let arn: Arn = name.parse().map_err(|_| shape())?;
        let alias = arn.resource().parse::<AliasName>();
        if arn.service() != "kms" || (arn.key_id().is_none() && alias.is_err()) {
            return Err(shape());
        }
        if let Some(found) = arn.region().filter(|found| *found != region) {
            return Err(elsewhere(found.clone()));
        }
        if let Some(alias) = alias.ok().filter(AliasName::is_reserved) {
            return Err(WrongKey::Reserved(alias));
        }
        return Ok(KeyReference::Arn(arn));
    }
    let alias: AliasName = with_prefix(name).parse().map_err(|_| shape())?;
    if alias.is_reserved() { Err(WrongKey::Reserved(alias)) } else { Ok(KeyReference::Alias(alias)) }
}

#[async_trait]
impl Import<Configured> for SecureKmsKey {
    async fn import(&self, context: &Context<Configured>, id: &str) -> ImportResponse {
        match found(context, id).await {
            Ok(metadata) => ImportResponse {
                state: Some(stub(&metadata.id)),
                private: Vec::new(),
                diagnostics: Diagnostics::new(),
            },
            Err(diagnostics) => diagnostics.into(),
        }
    }
}

/// A state that holds nothing but the id; the read that follows fills it.
pub(super) fn stub(id: &KeyId) -> Value {
    let Type::Object(attributes) = super::schema::schema().ty() else { return Value::Null };
    let attribute = |name: String| {
        let value = if name == "id" { Value::from(id.as_str()) } else { Value::Null };
        (name, value)
    };
    Value::Object(attributes.into_keys().map(attribute).collect())
}

async fn found(context: &Context<Configured>, id: &str) -> Result<KeyMetadata, Diagnostics> {
    let session = session(&context.provider)?;
    let reference = key_reference(id, &session.region).map_err(|error| wrong(&error))?;
    let metadata = session.kms.describe_key(&reference).await;
    let metadata = metadata.map_err(|error| trouble::reading(&error))?;
    let refusal = |found: String, required: &str| {
        Diagnostic::error("The key cannot be imported", format!("Found: {found}.\nRequired: {required}."))
    };
    if metadata.manager == KeyManager::Aws {
        let found = format!("`{}` is managed by AWS", metadata.id);
        return Err(refusal(found, "a key that the account manages").into());
    }
    if metadata.spec != KeySpec::SymmetricDefault || metadata.usage != KeyUsage::EncryptDecrypt {
        let found = format!("`{}` is a key of spec {} for {}", metadata.id, metadata.spec, metadata.usage);
        return Err(refusal(found, "a key of spec SYMMETRIC_DEFAULT for ENCRYPT_DECRYPT").into());
    }
    if metadata.multi_region.as_ref().is_some_and(|relatives| !relatives.primary_here) {
        let found = format!("`{}` is a replica", metadata.id);
        return Err(refusal(found, "a single-Region key or the primary of a multi-Region key").into());
    }
    Ok(metadata)
}

fn wrong(error: &WrongKey) -> Diagnostic {
    let forms =
        "a key id, a key ARN, an alias (`alias/app` or `app`) or an alias ARN, optionally with `@region`";
    let detail = format!("Found: {error}.\nRequired: {forms}.");
    Diagnostic::error("The import id names no key", detail)
}
