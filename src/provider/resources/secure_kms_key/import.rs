//! Taking over a key that exists, by whatever name its user knows it.

use async_trait::async_trait;
use thiserror::Error;

use crate::aws::KeyReference;
use crate::aws::Session;
use crate::model::account::AccountId;
use crate::model::arn::Arn;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::KeyManager;
use crate::model::key::KeyMetadata;
use crate::model::key::KeySpec;
use crate::model::key::KeyUsage;
use crate::model::region::Region;
use crate::provider::alias_format::with_prefix;
use crate::provider::configured::Configured;
use crate::provider::resources::secure_kms_key::SecureKmsKey;
use crate::provider::resources::secure_kms_key::session;
use crate::provider::resources::secure_kms_key::trouble;
use crate::tf::Context;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Type;
use crate::tf::Value;
use crate::tf::calls::ImportResponse;
use crate::tf::capabilities::Import;

/// Why a text does not name a key that can be read here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum WrongKey {
    /// It is none of the forms.
    #[error("`{0}` is neither a key id, nor a key ARN, nor an alias, nor an alias ARN")]
    Shape(String),
    /// AWS makes the key when one asks for it.
    #[error("`{0}` is an alias of AWS's own; asking for it would make AWS create the key behind it")]
    Reserved(AliasName),
    /// It is somebody else's key.
    #[error("`{arn}` is in account {}, and the provider works in {account}", arn.account().map_or("?", AccountId::as_str))]
    Account {
        /// What was given.
        arn: Arn,
        /// The provider's account.
        account: AccountId,
    },
    /// It names two Regions.
    #[error("`{text}` is in Region {found}, and Region {asked} is asked for")]
    Region {
        /// What was given.
        text: String,
        /// The Region in its ARN.
        found: Region,
        /// The Region beside it.
        asked: Region,
    },
}

impl WrongKey {
    /// The summary of the refusal and what is required: of a text that is of no
    /// form these, and of a well-formed one what it gets wrong.
    pub(crate) fn told(&self, shapeless: &'static str, forms: &str) -> (&'static str, String) {
        match self {
            Self::Shape(_) | Self::Reserved(_) => (shapeless, forms.to_owned()),
            Self::Account { arn, account } => (
                "The key is in another account",
                format!(
                    "a key of account {account}, or a provider block with credentials for account {}",
                    arn.account().map_or("?", AccountId::as_str)
                ),
            ),
            Self::Region { .. } => ("The key is in another Region", "one Region, the key's own".to_owned()),
        }
    }
}

/// A key, and its Region where the text names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) key: KeyReference,
    pub(crate) region: Option<Region>,
}

impl Located {
    /// Refuses a key of another account: what can be read of it is not all that
    /// is to be known.
    pub(crate) fn in_account(&self, session: &Session) -> Result<(), WrongKey> {
        match (&self.key, &session.account) {
            (KeyReference::Arn(arn), Some(account)) if arn.account() != Some(account) => {
                Err(WrongKey::Account { arn: arn.clone(), account: account.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// Reads a key id, a key ARN, an alias with or without its prefix, or an alias
/// ARN; each may end in `@` and a Region. `asked` is a Region named beside it.
pub(crate) fn key_reference(text: &str, asked: Option<&Region>) -> Result<Located, WrongKey> {
    let shape = || WrongKey::Shape(text.to_owned());
    let (name, at) = match text.rsplit_once('@') {
        Some((name, at)) => (name, Some(at.parse::<Region>().map_err(|_| shape())?)),
        None => (text, None),
    };
    let asked = at.as_ref().or(asked);
    if let Ok(id) = name.parse::<KeyId>() {
        return Ok(Located { key: KeyReference::Id(id), region: asked.cloned() });
    }
    if name.starts_with("arn:") {
        let arn: Arn = name.parse().map_err(|_| shape())?;
        let alias = arn.resource().parse::<AliasName>();
        if arn.service() != "kms" || (arn.key_id().is_none() && alias.is_err()) {
            return Err(shape());
        }
        if let Some(alias) = alias.ok().filter(AliasName::is_reserved) {
            return Err(WrongKey::Reserved(alias));
        }
        let found = arn.region().cloned();
        if let (Some(found), Some(asked)) = (&found, asked.filter(|asked| Some(*asked) != found.as_ref())) {
            let (text, found, asked) = (text.to_owned(), found.clone(), asked.clone());
            return Err(WrongKey::Region { text, found, asked });
        }
        return Ok(Located { key: KeyReference::Arn(arn), region: found });
    }
    let alias: AliasName = with_prefix(name).parse().map_err(|_| shape())?;
    if alias.is_reserved() {
        return Err(WrongKey::Reserved(alias));
    }
    Ok(Located { key: KeyReference::Alias(alias), region: asked.cloned() })
}

#[async_trait]
impl Import<Configured> for SecureKmsKey {
    async fn import(&self, context: &Context<Configured>, id: &str) -> ImportResponse {
        match found(context, id).await {
            Ok(metadata) => ImportResponse {
                state: Some(located(&metadata)),
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

/// The stub with the Region that the key was found in.
fn located(metadata: &KeyMetadata) -> Value {
    let Value::Object(mut state) = stub(&metadata.id) else { return Value::Null };
    let region = metadata.arn.region().map(Region::as_str);
    state.insert("region".to_owned(), Value::from(region));
    Value::Object(state)
}

async fn found(context: &Context<Configured>, id: &str) -> Result<KeyMetadata, Diagnostics> {
    let located = key_reference(id, None).map_err(|error| wrong(&error))?;
    let session = session(&context.provider, located.region.as_ref())?;
    located.in_account(&session).map_err(|error| wrong(&error))?;
    let metadata = session.kms.describe_key(&located.key).await;
    let metadata = metadata.map_err(|error| trouble::reading(&context.provider, &error))?;
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
    let (summary, required) = error.told("The import id names no key", forms);
    Diagnostic::error(summary, format!("Found: {error}.\nRequired: {required}."))
}

#[cfg(test)]
mod tests {
    use super::{Located, key_reference};

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    fn read(text: &str, asked: Option<&str>) -> Result<(String, Option<String>), String> {
        let asked = asked.map(|region| region.parse().unwrap());
        let Located { key, region } =
            key_reference(text, asked.as_ref()).map_err(|error| error.to_string())?;
        Ok((key.to_string(), region.map(|region| region.to_string())))
    }

    #[test]
    fn a_key_is_named_with_or_without_its_region() {
        let arn = format!("arn:aws:kms:eu-west-1:222222222222:key/{ID}");
        let in_region = |key: &str, region: Option<&str>| Ok((key.to_owned(), region.map(str::to_owned)));
        assert_eq!(read(ID, None), in_region(ID, None));
        assert_eq!(read(&format!("{ID}@us-east-1"), None), in_region(ID, Some("us-east-1")));
        assert_eq!(read("app", Some("us-east-1")), in_region("alias/app", Some("us-east-1")));
        assert_eq!(read("alias/app@eu-west-1", None), in_region("alias/app", Some("eu-west-1")));
        assert_eq!(read(&arn, None), in_region(&arn, Some("eu-west-1")));
        assert_eq!(read(&format!("{arn}@eu-west-1"), None), in_region(&arn, Some("eu-west-1")));
        assert_eq!(
            read(&format!("{arn}@us-east-1"), None).unwrap_err(),
            format!("`{arn}@us-east-1` is in Region eu-west-1, and Region us-east-1 is asked for")
        );
        assert_eq!(
            read("app@nowhere", None).unwrap_err(),
            "`app@nowhere` is neither a key id, nor a key ARN, nor an alias, nor an alias ARN"
        );
    }
}
