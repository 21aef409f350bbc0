//! One key as AWS shows it now: everything that resource and data source read.
//!
//! INVARIANT: what could not be read is an error in its place, never a guess.
//! A key that AWS does not show is `None`.

use crate::aws::AwsError;
use crate::aws::Fault;
use crate::aws::KeyReference;
use crate::aws::Kms;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::KeyMetadata;
use crate::model::key::Rotation;
use crate::model::tag::Tags;

/// One key with all that hangs on it.
#[derive(Debug, Clone)]
pub(crate) struct LiveKey {
    /// What `DescribeKey` says.
    pub(crate) metadata: KeyMetadata,
    /// The key policy as AWS prints it.
    pub(crate) policy: Reading<String>,
    /// Automatic rotation; off for keys that cannot rotate.
    pub(crate) rotation: Reading<Rotation>,
    /// Every tag.
    pub(crate) tags: Reading<Tags>,
    /// Every alias, in order.
    pub(crate) aliases: Reading<Vec<AliasName>>,
}

/// A part of a key, or why it could not be read.
pub(crate) type Reading<T> = Result<T, AwsError>;

impl LiveKey {
    /// Reads the key `id`, all parts at once.
    pub(crate) async fn read(kms: &dyn Kms, id: &KeyId) -> Result<Option<Self>, AwsError> {
        let reference = KeyReference::Id(id.clone());
        let (metadata, policy, rotation, tags, aliases) = tokio::join!(
            kms.describe_key(&reference),
            kms.key_policy(id),
            kms.rotation(id),
            kms.tags(id),
            kms.aliases_of(id),
        );
        let metadata = match metadata {
            Ok(metadata) => metadata,
            Err(error) if error.fault() == Fault::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let rotation = match rotation {
            Err(error) if error.fault() == Fault::Unsupported => Ok(OFF),
            rotation if metadata.can_rotate() => rotation,
            _ => Ok(OFF),
        };
        let aliases = aliases.map(|aliases| {
            let mut names: Vec<AliasName> = aliases.into_iter().map(|alias| alias.name).collect();
            names.sort();
            names
        });
        Ok(Some(Self { metadata, policy, rotation, tags, aliases }))
    }

    /// Finds the key that an id, an ARN or an alias means, and reads it.
    pub(crate) async fn find(kms: &dyn Kms, key: &KeyReference) -> Result<Option<Self>, AwsError> {
        match kms.describe_key(key).await {
            Ok(metadata) => Self::read(kms, &metadata.id).await,
            Err(error) if error.fault() == Fault::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The parts that could not be read: the attribute they fill, and why.
    pub(crate) fn gaps(&self) -> Vec<(&'static str, &AwsError)> {
        [
            ("key policy", self.policy.as_ref().err()),
            ("rotation", self.rotation.as_ref().err()),
            ("tags", self.tags.as_ref().err()),
            ("aliases", self.aliases.as_ref().err()),
        ]
        .into_iter()
        .filter_map(|(part, error)| Some((part, error?)))
        .collect()
    }
}

const OFF: Rotation = Rotation { enabled: false, period: None, next: None };
