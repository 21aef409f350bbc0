//! What `secure_kms_key` looks like in a configuration.

use crate::provider::verdicts;
use crate::tf::Attribute;
use crate::tf::Block;
use crate::tf::Schema;
use crate::tf::Type;
use crate::tf::Value;
use crate::tf::schema::NestedBlock;

/// The schema of the resource.
pub(super) fn schema() -> Schema {
    let block = Block::new(
        "A KMS key with its alias, policy, rotation and tags as one unit. The plan is refused when a \
         control of the provider is violated.\n\n\
         Once AWS has made the key, no later step fails the apply: a failed rotation, alias or policy change of a new \
         key is a warning, because an error would have Terraform replace the key. `terraform apply` then says \
         `Apply complete!` and ends with exit code 0; the next plan shows what is missing, and its apply does it. \
         Whoever must be certain plans once more: `terraform plan -detailed-exitcode` ends with 2 while something is \
         missing.\n\n\
         Terraform plans before it destroys, and a violated control refuses that plan too. To destroy a key whose \
         waiver has expired, plan without the refresh (`terraform destroy -refresh=false`), or set `enforcement = \
         \"warn\"` in the provider block.",
    );
    Schema::new(computed(settings(lifecycle(policy(names(block))))).nested("timeouts", timeouts()))
}

fn names(block: Block) -> Block {
    let part = |what: &str| {
        Attribute::optional_computed(Type::String).describe(format!(
            "{what} Lower-case letters, digits and hyphens. Read back from the alias when it is not given."
        ))
    };
    block
        .attribute(
            "environment_name",
            Attribute::optional_computed(Type::String).describe(
                "The environment the key belongs to. Defaults to the provider's `environment`, then to the \
                 tag `Environment`. A change is refused unless `allow_replacement` is set: a key of one \
                 environment never becomes one of another.",
            ),
        )
        .attribute("key_function", part("What the key serves, such as `db`."))
        .attribute("key_team", part("The team that answers for the key."))
        .attribute("key_purpose", part("What the key is for, such as `encryption`."))
        .attribute(
            "alias_name",
            Attribute::optional_computed(Type::String).describe(
                "The alias, with or without `alias/`. Made from the provider's `alias_format` and the four \
                 names above when it is not given. A change makes the new alias before it removes the old one.",
            ),
        )
        .attribute(
            "key_description",
            Attribute::optional_computed(Type::String)
                .describe("What the key is for, in words: at most 8192 characters. Defaults to `Managed by Terraform`."),
        )
        .attribute(
            "description",
            Attribute::optional_computed(Type::String).describe("The same as `key_description`."),
        )
        .attribute(
            "region",
            Attribute::optional_computed(Type::String).requires_replace().describe(
                "The AWS Region of the key. Defaults to the provider's `region`. A change needs another key.",
            ),
        )
        .attribute(
            "tags",
            Attribute::optional_computed(Type::map(Type::String))
                .default(Value::Map(std::collections::BTreeMap::new()))
                .describe(
                    "The key's own tags. The provider's `default_tags` lie under them. At most 49 together: AWS takes \
                     50, and one is `keyrail:creation-id`, by which a key whose creation was never answered is found \
                     again; it stays on the key and is not planned.",
                ),
        )
}

fn policy(block: Block) -> Block {
    let principals = |what: &str| {
        Attribute::optional_computed(Type::set(Type::String)).default(Value::Set(Vec::new())).describe(
            format!(
                "{what} ARNs of roles or users. An ARN with `*` is matched by `aws:PrincipalArn` and needs an \
                 identity policy beside it."
            ),
        )
    };
    block
        .attribute(
            "key_policy",
            Attribute::optional_computed(Type::String).describe(
                "The whole key policy as JSON. Without it and without `custom_policy` the policy is generated. A plan \
                 lints it: it is refused if AWS would refuse it, if everybody were let in, or if nobody could ever \
                 change it again; what is doubtful otherwise is a warning while the policy is new or changes.",
            ),
        )
        .attribute(
            "custom_policy",
            Attribute::optional(Type::String).describe(
                "A file with the whole key policy. A name without a folder is looked up in the provider's \
                 `policies_directory`.",
            ),
        )
        .attribute("key_owners", principals("May read and change the key policy, and nothing else."))
        .attribute("key_administrators", principals("May manage the key, its policy included. They may not use it, and could change the policy so that they may."))
        .attribute("key_users", principals("May use the key, and may not manage it."))
        .attribute(
            "key_service_users",
            principals("May use the key, also through AWS services that act for them."),
        )
        .attribute(
            "allow_iam_policies",
            Attribute::optional_computed(Type::Bool).describe(
                "Whether identity policies of the account can give access to the key. Defaults to `false` once \
                 an owner or administrator is named, and to `true` before: somebody must be able to manage the key.",
            ),
        )
        .attribute(
            "bypass_policy_lockout_safety_check",
            Attribute::optional_computed(Type::Bool)
                .default(false)
                .describe("Whether a policy is accepted that takes the caller's own control away."),
        )
}

fn lifecycle(block: Block) -> Block {
    block
        .attribute(
            "deletion_window_in_days",
            Attribute::optional_computed(Type::Number)
                .default(30)
                .describe("Days between destroying the key and AWS deleting it: 7 to 30. Used on destroy only."),
        )
        .attribute(
            "deletion_protection",
            Attribute::optional_computed(Type::Bool)
                .default(true)
                .describe("Whether a plan that destroys the key is refused."),
        )
        .attribute(
            "on_destroy",
            Attribute::optional_computed(Type::String).default("schedule_deletion").describe(
                "What destroying does: `schedule_deletion`, `disable` (the key and its alias stay), or `retain` \
                 (the key stays as it is; only the tag `keyrail:creation-id` is taken off, so that it is never taken \
                 for a key that an apply lost).",
            ),
        )
        .attribute(
            "restore_if_pending_deletion",
            Attribute::optional_computed(Type::Bool)
                .default(true)
                .describe("Whether a deletion that somebody else scheduled is planned to be taken back."),
        )
        .attribute(
            "allow_replacement",
            Attribute::optional_computed(Type::Bool).default(false).describe(
                "Whether a change that needs another key may replace it. What the old key encrypted is then \
                 readable only until the old key is deleted.",
            ),
        )
}

fn settings(block: Block) -> Block {
    block
        .attribute(
            "enable_key_rotation",
            Attribute::optional_computed(Type::Bool).default(true).describe("Whether AWS rotates the key."),
        )
        .attribute(
            "rotation_period_in_days",
            Attribute::optional_computed(Type::Number)
                .describe("Days between rotations: 90 to 2560. Defaults to 365 for a key that rotates."),
        )
        .attribute(
            "is_enabled",
            Attribute::optional_computed(Type::Bool).default(true).describe("Whether the key can be used."),
        )
        .attribute(
            "multi_region",
            Attribute::optional_computed(Type::Bool)
                .default(false)
                .requires_replace()
                .describe("Whether the key can be replicated to other Regions. A change needs another key."),
        )
        .attribute(
            "key_spec",
            Attribute::optional_computed(Type::String)
                .default("SYMMETRIC_DEFAULT")
                .requires_replace()
                .describe("The kind of key material. `SYMMETRIC_DEFAULT` is supported."),
        )
        .attribute(
            "key_usage",
            Attribute::optional_computed(Type::String)
                .default("ENCRYPT_DECRYPT")
                .requires_replace()
                .describe("What the key can be used for. `ENCRYPT_DECRYPT` is supported."),
        )
}

fn computed(block: Block) -> Block {
    let text = |what: &str| Attribute::computed(Type::String).describe(what);
    block
        .attribute("arn", text("The key's ARN. Give this to whatever uses the key."))
        .attribute("key_arn", text("The same as `arn`."))
        .attribute("id", text("The key's id."))
        .attribute("key_id", text("The key's id."))
        .attribute(
            "alias_arn",
            text(
                "The alias's ARN. Services that store it see another key when the alias moves; prefer `arn`.",
            ),
        )
        .attribute(
            "aliases",
            Attribute::computed(Type::list(Type::String)).describe("Every alias of the key, in order."),
        )
        .attribute(
            "tags_all",
            Attribute::computed(Type::map(Type::String))
                .describe("The tags with the provider's `default_tags`."),
        )
        .attribute("effective_policy", text("The key policy in force, as JSON."))
        .attribute("key_policy_sha256", text("SHA-256 of `effective_policy`, in hexadecimal."))
        .attribute("key_state", text("Where the key is in its life, such as `Enabled`."))
        .attribute("origin", text("Where the key material comes from."))
        .attribute("key_manager", text("Who manages the key: `CUSTOMER`."))
        .attribute("creation_date", text("When the key was made, RFC 3339."))
        .attribute("deletion_date", text("When the key will be deleted, while that is scheduled, RFC 3339."))
        .attribute("next_rotation_date", text("When the next automatic rotation is due, RFC 3339."))
        .attribute("compliance", verdicts::attribute())
}

fn timeouts() -> NestedBlock {
    let duration = |what: &str, default: &str| {
        Attribute::optional(Type::String)
            .describe(format!("How long {what} may take, such as `90s` or `5m`. Default: {default}."))
    };
    NestedBlock::single(
        Block::new("How long operations may wait for AWS.")
            .attribute("create", duration("creating", "5m"))
            .attribute("update", duration("an update", "5m"))
            .attribute("delete", duration("destroying", "2m")),
    )
}
