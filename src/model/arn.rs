//! Amazon Resource Names, split at their first five colons.

use std::fmt;
use std::str::FromStr;

use crate::model::InvalidText;
use crate::model::account::AccountId;
use crate::model::key::KeyId;
use crate::model::region::Partition;
use crate::model::region::Region;

/// A whole ARN without wildcards: `arn:partition:service:region:account:resource`.
///
/// Region and account are empty for global and for account-less resources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    partition: Partition,
    service: String,
    region: Option<Region>,
    account: Option<AccountId>,
    resource: String,
}

impl Arn {
    /// The ARN of the key `id`.
    pub fn of_key(partition: Partition, region: Region, account: AccountId, id: &KeyId) -> Self {
        let resource = format!("key/{id}");
        Self { partition, service: "kms".to_owned(), region: Some(region), account: Some(account), resource }
    }

    /// The group of regions it lives in.
    pub fn partition(&self) -> &Partition {
        &self.partition
    }

    /// The service prefix, such as `kms`.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The region, unless the resource is global.
    pub fn region(&self) -> Option<&Region> {
        self.region.as_ref()
    }

    /// The account that owns the resource, if the ARN says.
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// What follows the fifth colon, such as `key/1234abcd-…`.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The key id, if this is the ARN of a KMS key.
    pub fn key_id(&self) -> Option<KeyId> {
        let id = self.resource.strip_prefix("key/")?;
        (self.service == "kms").then(|| id.parse().ok()).flatten()
    }
}

impl FromStr for Arn {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidText::new("an ARN", text, "`arn:partition:service:region:account:resource`");
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        let [prefix, partition, service, region, account, resource] = fields.as_slice() else {
            return Err(invalid());
        };
        let filled = !partition.is_empty() && !service.is_empty() && !resource.is_empty();
        if *prefix != "arn" || !filled || text.chars().any(char::is_control) {
            return Err(invalid());
        }
        Ok(Self {
            partition: Partition::from(*partition),
            service: (*service).to_owned(),
            region: non_empty(region).map(str::parse).transpose().map_err(|_| invalid())?,
            account: non_empty(account).map(str::parse).transpose().map_err(|_| invalid())?,
            resource: (*resource).to_owned(),
        })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = self.region.as_ref().map_or("", Region::as_str);
        let account = self.account.as_ref().map_or("", AccountId::as_str);
        write!(formatter, "arn:{}:{}:{region}:{account}:{}", self.partition, self.service, self.resource)
    }
}

fn non_empty<'a>(text: &&'a str) -> Option<&'a str> {
    Some(*text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::Arn;

    const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    #[test]
    fn printing_an_arn_gives_the_text_it_was_read_from() {
        for text in [KEY, "arn:aws:iam::123456789012:role/a/b", "arn:aws-cn:s3:::bucket:with:colons"] {
            assert_eq!(text.parse::<Arn>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_key_arn_names_its_key() {
        let key = KEY.parse::<Arn>().unwrap().key_id().unwrap();
        assert_eq!(key.as_str(), "1234abcd-12ab-34cd-56ef-1234567890ab");
        assert!("arn:aws:iam::123456789012:role/x".parse::<Arn>().unwrap().key_id().is_none());
    }

    #[test]
    fn fields_that_are_missing_or_malformed_are_refused() {
        for wrong in ["", "arn", "arn:aws:kms", "arn::kms:::x", "arn:aws:kms:eu-west-1:12:key/x"] {
            assert_eq!(
                wrong.parse::<Arn>().unwrap_err().to_string(),
                format!("`{wrong}` is not an ARN; expected `arn:partition:service:region:account:resource`")
            );
        }
    }
}
