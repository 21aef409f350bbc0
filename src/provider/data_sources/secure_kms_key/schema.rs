//! What the data source `secure_kms_key` looks like in a configuration.

use crate::provider::verdicts;
use crate::tf::Attribute;
use crate::tf::Block;
use crate::tf::Schema;
use crate::tf::Type;

/// The schema of the data source.
pub(super) fn schema() -> Schema {
    let block = Block::new(
        "One existing KMS key: everything that the resource of the same name reads, and its verdict under each of \
         the provider's controls.",
    );
    let lookup = |what: &str| Attribute::optional_computed(Type::String).describe(what);
    let block = block
        .attribute("key_id", lookup("The key: its id, its ARN, an alias or an alias ARN. AWS's own aliases, `alias/aws/…`, are refused."))
        .attribute("alias_name", lookup("The key by its alias, with or without `alias/`. AWS's own, `alias/aws/…`, are refused."))
        .attribute("region", lookup("The key's Region. Defaults to that of the ARN, then to the provider's."))
        .attribute("environment_name", lookup("The key by its names: the environment."))
        .attribute("key_team", lookup("The key by its names: the team."))
        .attribute("key_function", lookup("The key by its names: the function."))
        .attribute("key_purpose", lookup("The key by its names: the purpose."));
    let block = TEXTS.iter().fold(block, |block, (name, what)| {
        block.attribute(*name, Attribute::computed(Type::String).describe(*what))
    });
    let block = NUMBERS.iter().fold(block, |block, (name, what)| {
        block.attribute(*name, Attribute::computed(Type::Number).describe(*what))
    });
    let block = FLAGS.iter().fold(block, |block, (name, what)| {
        block.attribute(*name, Attribute::computed(Type::Bool).describe(*what))
    });
    let list = |what: &str| Attribute::computed(Type::list(Type::String)).describe(what);
    Schema::new(
        block
            .attribute("aliases", list("Every alias of the key, in order."))
            .attribute("replica_key_arns", list("The replicas of a multi-Region key, in order."))
            .attribute("tags", Attribute::computed(Type::map(Type::String)).describe("Every tag of the key."))
            .attribute("compliance", verdicts::attribute_in_full()),
    )
}

const TEXTS: &[(&str, &str)] = &[
    ("id", "The key's id."),
    ("arn", "The key's ARN."),
    ("key_arn", "The same as `arn`."),
    ("alias_arn", "The ARN of `alias_name`."),
    ("description", "The key's description."),
    ("key_state", "Where the key is in its life, such as `Enabled`."),
    ("key_spec", "The kind of key material."),
    ("key_usage", "What the key can be used for."),
    ("origin", "Where the key material comes from."),
    ("key_manager", "`CUSTOMER` or `AWS`."),
    ("primary_key_arn", "The primary of a multi-Region key."),
    ("policy", "The key policy, as AWS prints it."),
    ("effective_policy", "The same as `policy`."),
    ("key_policy_sha256", "SHA-256 of `policy`, in hexadecimal."),
    ("next_rotation_date", "When the next automatic rotation is due, RFC 3339."),
    ("creation_date", "When the key was made, RFC 3339."),
    ("deletion_date", "When the key will be deleted, while that is scheduled, RFC 3339."),
    ("custom_key_store_id", "The custom key store that the key lives in."),
    ("cloud_hsm_cluster_id", "The CloudHSM cluster behind that store."),
    ("xks_key_id", "The id of the key in the external key store."),
    ("valid_to", "When imported material expires, RFC 3339."),
    ("expiration_model", "Whether imported material expires."),
];

const NUMBERS: &[(&str, &str)] = &[
    ("rotation_period_in_days", "Days between automatic rotations."),
    ("pending_deletion_window_in_days", "The deletion window of a primary that waits for its replicas."),
];

const FLAGS: &[(&str, &str)] = &[
    ("enabled", "Whether the key can be used now."),
    ("key_rotation_enabled", "Whether AWS rotates the key."),
    ("multi_region", "Whether the key is a multi-Region key."),
];
