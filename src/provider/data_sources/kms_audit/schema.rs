//! The arguments and results of `kms_audit`.

use crate::tf::Attribute;
use crate::tf::Block;
use crate::tf::Schema;
use crate::tf::Type;
use crate::tf::schema::Nested;

pub(super) fn schema() -> Schema {
    let block = arguments(Block::new(DESCRIPTION));
    Schema::new(results(block))
}

fn arguments(block: Block) -> Block {
    block
        .attribute(
            "key_id",
            Attribute::optional(Type::String).describe("The one key to audit, by id, ARN, alias or alias ARN."),
        )
        .attribute(
            "key_ids",
            Attribute::optional(Type::set(Type::String))
                .describe("The keys to audit, each by id, ARN, alias or alias ARN."),
        )
        .attribute(
            "all_keys",
            Attribute::optional(Type::Bool).describe(
                "Audits every customer managed key of the provider's account and region. This is also what happens \
                 when neither `key_id` nor `key_ids` is set.",
            ),
        )
        .attribute("filter", Attribute::optional(filter()).describe("Keeps only some of the keys."))
        .attribute(
            "checks",
            Attribute::optional(Type::set(Type::String))
                .describe("The ids of the controls to report, such as `key-rotation`. All when absent."),
        )
}

fn filter() -> Nested {
    let tag = Nested::single([
        ("key", Attribute::required(Type::String).describe("The tag's key, compared with regard to case.")),
        ("value", Attribute::optional(Type::String).describe("The tag's value; any value when absent.")),
    ]);
    Nested::single([
        (
            "alias_prefix",
            Attribute::optional(Type::String)
                .describe("Keeps keys with an alias that starts so, such as `alias/payments/`."),
        ),
        (
            "tag",
            Attribute::optional(tag)
                .describe("Keeps keys that carry this tag, and keys whose tags are not readable."),
        ),
    ])
}

fn results(block: Block) -> Block {
    block
        .attribute("account_id", text("The account that was audited; null when the provider does not ask for it."))
        .attribute("region", text("The region that was audited."))
        .attribute(
            "compliant",
            Attribute::computed(Type::Bool).describe(
                "`false` when a finding fails, null when none fails and one is unknown, `true` otherwise. Waived \
                 findings do not count. Terraform takes no null for a condition: write `compliant == true` where \
                 unknown must not pass, `coalesce(compliant, true)` where it may.",
            ),
        )
        .attribute(
            "findings",
            Attribute::computed(findings()).describe("One finding per key and control, ordered by key id and control id."),
        )
        .attribute(
            "keys",
            Attribute::computed(keys()).describe("The keys that were audited, ordered by key id. What could not be read is null."),
        )
        .attribute("summary", Attribute::computed(summary()).describe("The findings, counted."))
        .attribute(
            "report_json",
            text("The whole report as JSON, without the time, so that it changes only when a key or a control does."),
        )
        .attribute(
            "opa_input_json",
            text("The keys as JSON input for Open Policy Agent: `{\"input\": [record, ...]}`, with the key policy as an object."),
        )
}

fn findings() -> Nested {
    Nested::list([
        ("key_id", text("The key.")),
        ("control_id", text("The control, such as `key-rotation`.")),
        (
            "severity",
            text("How much harm a violation does: `informational`, `low`, `medium`, `high` or `critical`."),
        ),
        ("status", text("`pass`, `fail`, `unknown`, `waived` or `not_applicable`.")),
        ("title", text("The control's title.")),
        ("detail", text("What was found and what is required.")),
        ("remediation", text("How to mend a key that fails.")),
    ])
}

fn keys() -> Nested {
    let texts = || Type::list(Type::String);
    Nested::list([
        ("key_id", text("The key's id.")),
        ("key_arn", text("The key's ARN.")),
        ("key_state", text("Where the key is in its life, such as `Enabled`.")),
        ("key_usage", text("What the key may be used for, such as `ENCRYPT_DECRYPT`.")),
        ("key_spec", text("The kind of its material, such as `SYMMETRIC_DEFAULT`.")),
        ("origin", text("Where its material comes from, such as `AWS_KMS`.")),
        ("key_manager", text("`CUSTOMER` or `AWS`.")),
        ("deletion_date", text("When the key will be deleted, while its deletion is scheduled.")),
        ("key_policy", text("The key policy as JSON.")),
        (
            "key_rotation_enabled",
            Attribute::computed(Type::Bool)
                .describe("Whether automatic rotation is on; `false` for kinds of key that have none."),
        ),
        ("aliases", Attribute::computed(texts()).describe("The names of its aliases, ordered.")),
        ("grants", Attribute::computed(grants()).describe("Its grants, ordered by their ids.")),
        (
            "tags",
            Attribute::computed(Type::list(Type::object([
                ("TagKey".to_owned(), Type::String),
                ("TagValue".to_owned(), Type::String),
            ])))
            .describe("Its tags, ordered by their keys, as the KMS API shows them."),
        ),
        ("multi_region", Attribute::computed(Type::Bool).describe("Whether it is a multi-Region key.")),
        ("replica_keys", Attribute::computed(texts()).describe("The ARNs of its replicas, ordered.")),
        ("description", text("Its description.")),
        (
            "rotation_period_in_days",
            Attribute::computed(Type::Number).describe("Days between automatic rotations."),
        ),
        ("next_rotation_date", text("When the next automatic rotation is due.")),
        (
            "unreadable",
            Attribute::computed(texts())
                .describe("The attributes that could not be read and are null for that reason."),
        ),
    ])
}

fn grants() -> Nested {
    Nested::list([
        ("grant_id", text("The grant's id.")),
        ("grantee_principal", text("Who may use the key.")),
        ("operations", Attribute::computed(Type::list(Type::String)).describe("What the grantee may do.")),
        (
            "constraints",
            Attribute::computed(Type::map(Type::map(Type::String))).describe(
                "The encryption context that must be present, under `EncryptionContextEquals` and \
                 `EncryptionContextSubset`.",
            ),
        ),
    ])
}

fn summary() -> Nested {
    let counts = || Type::map(Type::Number);
    Nested::single([
        ("keys", Attribute::computed(Type::Number).describe("The keys that were audited.")),
        ("by_status", Attribute::computed(counts()).describe("Findings by status.")),
        ("failed_by_severity", Attribute::computed(counts()).describe("Failed findings by severity.")),
        (
            "aws_managed_keys",
            Attribute::computed(Type::Number).describe("Keys that AWS manages and that were left alone."),
        ),
        (
            "unreadable",
            Attribute::computed(Type::list(Type::String))
                .describe("Reads that failed, each with its key and the reason, and reads that were not made, with the number of keys."),
        ),
    ])
}

fn text(description: &str) -> Attribute {
    Attribute::computed(Type::String).describe(description)
}

const DESCRIPTION: &str = "Judges the customer managed keys of the provider's account and region by the controls, with \
    the settings and waivers of the provider block. Keys that AWS manages are left alone.\n\n\
    What could not be read of a key is `unknown`, never `pass`, and does not fail the data source. It fails where there \
    is nothing to report: when `kms:ListKeys` is refused (and `kms:ListAliases`, with an `alias_prefix`), and when a \
    key that `key_id` or `key_ids` names is not there, which it waits for up to 10 seconds, because AWS shows a new \
    key late.";
