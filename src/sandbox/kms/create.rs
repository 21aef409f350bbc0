//! `CreateKey`, and the keys that AWS's services make for themselves.

use serde_json::json;

use crate::iam::evaluate::Context;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::KeyManager;
use crate::model::key::KeyOrigin;
use crate::model::key::KeySpec;
use crate::model::key::KeyState;
use crate::model::key::KeyUsage;
use crate::model::quota;
use crate::model::tag::Tags;
use crate::sandbox::enforce::Ask;
use crate::sandbox::kms::document::KeyPolicy;
use crate::sandbox::kms::key::Key;
use crate::sandbox::kms::metadata::metadata;
use crate::sandbox::kms::policies::check_lockout;
use crate::sandbox::kms::specs;
use crate::sandbox::kms::store::Alias;
use crate::sandbox::kms::tags;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;

/// Making a key with tags also asks the policies of the caller and of the
/// organisation for `kms:TagResource`, with a policy also for
/// `kms:PutKeyPolicy` (service authorization reference, read 2026-11). The
/// new policy itself is only asked whether it locks the caller out.
pub(super) fn create_key(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let wanted = Wanted::read(input)?;
    let policy = input.text("Policy")?;
    let bypass = input.flag("BypassPolicyLockoutSafetyCheck")?;
    let context = wanted.context(bypass.then_some(true));
    world.authorize(call, &Ask::on_nothing("CreateKey").with(context.clone()))?;
    if wanted.origin == KeyOrigin::AwsCloudHsm || wanted.origin == KeyOrigin::ExternalKeyStore {
        let store = input.text("CustomKeyStoreId")?.unwrap_or_default();
        return Err(ServiceError::new("CustomKeyStoreNotFoundException", format!("{store} does not exist")));
    }
    let policy = match policy {
        Some(text) => KeyPolicy::parse(text, &world.principals)?,
        None => KeyPolicy::usual(call.account(), &world.principals)?,
    };
    let key = new_key(world, call, wanted, policy);
    // A policy that locks the caller out also forbids to put it; AWS tells the former.
    if !bypass {
        check_lockout(world, call, &key)?;
    }
    if input.text("Policy")?.is_some() {
        world.authorize_new(call, "PutKeyPolicy", &key, context.clone())?;
    }
    if !key.tags.is_empty() {
        world.authorize_new(call, "TagResource", &key, context)?;
    }
    let answer = json!({"KeyMetadata": metadata(&key)});
    world.kms.vault_mut(call.account(), &call.region).keys.insert(key.id.clone(), key);
    Ok(answer)
}

/// Makes the AWS managed key behind one of AWS's own aliases, which happens
/// when the alias is used for the first time.
pub(super) fn make_aws_managed(
    world: &mut World,
    call: &Call,
    name: &AliasName,
) -> Result<KeyId, ServiceError> {
    let account = call.account();
    let service = name.as_str().trim_start_matches("alias/aws/");
    let root = format!("arn:aws:iam::{account}:root");
    let policy = json!({
        "Version": "2012-10-17",
        "Id": format!("auto-{service}-2"),
        "Statement": [
            {
                "Sid": format!("Allow access through {service} for all principals in the account that are authorized to use {service}"),
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
                "Resource": "*",
                "Condition": {"StringEquals": {
                    "kms:CallerAccount": account.as_str(),
                    "kms:ViaService": format!("{service}.{}.amazonaws.com", call.region),
                }},
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": root},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    });
    let policy = KeyPolicy::parse(&policy.to_string(), &world.principals)?;
    let wanted = Wanted {
        description: format!("Default key that protects my data when no other key is defined ({service})"),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: KeyOrigin::AwsKms,
        multi_region: false,
        tags: Tags::new(),
    };
    let mut key = new_key(world, call, wanted, policy);
    key.manager = KeyManager::Aws;
    key.rotation = Some(crate::sandbox::kms::key::Rotation { period: 365, since: call.now });
    let id = key.id.clone();
    let alias = Alias { target: id.clone(), created: call.now, updated: call.now };
    let vault = world.kms.vault_mut(account, &call.region);
    vault.keys.insert(id.clone(), key);
    vault.point(name.clone(), alias);
    Ok(id)
}

/// What `CreateKey` asks for.
struct Wanted {
    description: String,
    spec: KeySpec,
    usage: KeyUsage,
    origin: KeyOrigin,
    multi_region: bool,
    tags: Tags,
}

impl Wanted {
    fn read(input: Input<'_>) -> Result<Self, ServiceError> {
        let description = input.text("Description")?.unwrap_or_default();
        if description.chars().count() > quota::KEY_DESCRIPTION_CHARACTERS.value {
            return Err(ServiceError::validation(
                "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must \
                 have length less than or equal to 8192",
            ));
        }
        let spec = spec(input)?;
        let usage = usage(input, &spec)?;
        let origin =
            input.one_of("Origin", KeyOrigin::DOCUMENTED)?.map_or(KeyOrigin::AwsKms, KeyOrigin::from);
        Ok(Self {
            description: description.to_owned(),
            spec,
            usage,
            origin,
            multi_region: input.flag("MultiRegion")?,
            tags: tags::read(input)?,
        })
    }

    /// The condition keys of the parameters; those left out count with their
    /// defaults, but for the bypass.
    fn context(&self, bypass: Option<bool>) -> Context {
        let mut context = Context::new()
            .with("kms:KeySpec", self.spec.as_str())
            .with("kms:KeyUsage", self.usage.as_str())
            .with("kms:KeyOrigin", self.origin.as_str())
            .with("kms:CustomerMasterKeySpec", self.spec.as_str())
            .with("kms:CustomerMasterKeyUsage", self.usage.as_str())
            .with("kms:MultiRegion", self.multi_region.to_string());
        if self.multi_region {
            context = context.with("kms:MultiRegionKeyType", "PRIMARY");
        }
        if let Some(bypass) = bypass {
            context = context.with("kms:BypassPolicyLockoutSafetyCheck", bypass.to_string());
        }
        tags::request_tags(context, &self.tags)
    }
}

fn new_key(world: &mut World, call: &Call, wanted: Wanted, policy: KeyPolicy) -> Key {
    let id = loop {
        let text =
            if wanted.multi_region { format!("mrk-{}", world.ids.hexadecimal(32)) } else { world.ids.uuid() };
        // INVARIANT: the ids made above have the shape of key ids, so this ends.
        if let Ok(id) = text.parse::<KeyId>() {
            break id;
        }
    };
    let material_is_ours = wanted.origin == KeyOrigin::AwsKms;
    Key {
        arn: format!("arn:{}:kms:{}:{}:key/{id}", call.region.partition(), call.region, call.account()),
        id,
        account: call.account().clone(),
        region: call.region.clone(),
        description: wanted.description,
        state: if material_is_ours { KeyState::Enabled } else { KeyState::PendingImport },
        spec: wanted.spec,
        usage: wanted.usage,
        origin: wanted.origin,
        manager: KeyManager::Customer,
        multi_region: wanted.multi_region,
        created: call.now,
        deletion_date: None,
        policy,
        tags: wanted.tags,
        grants: Vec::new(),
        rotation: None,
        rotations: Vec::new(),
    }
}

fn spec(input: Input<'_>) -> Result<KeySpec, ServiceError> {
    let new = input.one_of("KeySpec", KeySpec::DOCUMENTED)?;
    let old = input.one_of("CustomerMasterKeySpec", KeySpec::DOCUMENTED)?;
    if new.is_some() && old.is_some() {
        return Err(ServiceError::validation(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is \
             deprecated.",
        ));
    }
    Ok(new.or(old).map_or(KeySpec::SymmetricDefault, KeySpec::from))
}

fn usage(input: Input<'_>, spec: &KeySpec) -> Result<KeyUsage, ServiceError> {
    let usages = specs::usages(spec);
    if usages.is_empty() {
        return Err(ServiceError::new(
            "UnsupportedOperationException",
            format!("Key spec {spec} is not supported in this Region."),
        ));
    }
    let Some(named) = input.one_of("KeyUsage", KeyUsage::DOCUMENTED)? else {
        if *spec == KeySpec::SymmetricDefault {
            return Ok(KeyUsage::EncryptDecrypt);
        }
        return Err(ServiceError::validation(
            "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
        ));
    };
    let usage = KeyUsage::from(named);
    if usages.contains(&usage) {
        return Ok(usage);
    }
    Err(ServiceError::validation(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")))
}
