//! The schema of the provider block: hashicorp/aws's names for reaching AWS,
//! and what is ours.
//!
//! The `controls` argument is made from what the controls declare.

use crate::controls::CONTROLS;
use crate::controls::Control;
use crate::controls::contract::settings::{SettingKind, SettingSpec};
use crate::provider::configured::DEFAULT_ALIAS_FORMAT;
use crate::tf::schema::{BlockNesting, Nested, NestedBlock};
use crate::tf::{Attribute, Block, Schema, Type};

/// The schema of the provider block.
pub(in crate::provider) fn schema() -> Schema {
    Schema::new(ours(endpoints(tags(roles(way_out(network(credentials(Block::new(DESCRIPTION)))))))))
}

fn credentials(block: Block) -> Block {
    block
        .attribute(
            "region",
            text(
                "The region of the keys. Without it `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile \
                 and the instance are asked.",
            ),
        )
        .attribute(
            "access_key",
            text("An access key id, together with `secret_key`. Better: environment or profile.").sensitive(),
        )
        .attribute("secret_key", text("The secret access key of `access_key`.").sensitive())
        .attribute("token", text("The session token of temporary keys.").sensitive())
        .attribute(
            "profile",
            text("The profile of the shared files. Named here it wins over keys in the environment."),
        )
        .attribute("shared_config_files", texts("Shared configuration files in place of `~/.aws/config`."))
        .attribute(
            "shared_credentials_files",
            texts("Shared credentials files in place of `~/.aws/credentials`."),
        )
        .attribute(
            "allowed_account_ids",
            set("Accounts the credentials may belong to. Conflicts with `forbidden_account_ids`."),
        )
        .attribute("forbidden_account_ids", set("Accounts the credentials must not belong to."))
        .attribute(
            "skip_credentials_validation",
            flag(
                "Whether wrong credentials may go unnoticed until they are used, together with \
                 `skip_requesting_account_id`. For services that look like AWS and know no STS.",
            ),
        )
        .attribute(
            "skip_requesting_account_id",
            flag(
                "Whether the account stays unknown until it is needed, together with \
                 `skip_credentials_validation`.",
            ),
        )
        .attribute(
            "skip_region_validation",
            flag("Whether a region may be named that this version does not know."),
        )
        .attribute(
            "skip_metadata_api_check",
            text("`\"true\"` keeps the provider from asking the instance for credentials and region."),
        )
        .attribute("ec2_metadata_service_endpoint", text("The address of the instance metadata service."))
        .attribute("ec2_metadata_service_endpoint_mode", text("`IPv4` or `IPv6`."))
        .attribute("sts_region", text("The region of the STS calls, if it is not `region`."))
}

fn network(block: Block) -> Block {
    block
        .attribute(
            "max_retries",
            number(
                "How many times a call is attempted, from 1. Without it `AWS_MAX_ATTEMPTS`, \
                 otherwise 25. An address at which nothing answers is given up sooner.",
            ),
        )
        .attribute("retry_mode", text("`standard` or `adaptive`. Without it `AWS_RETRY_MODE`."))
        .attribute(
            "token_bucket_rate_limiter_capacity",
            number("How much all repeats together may spend; without it there is no bound."),
        )
        .attribute(
            "use_fips_endpoint",
            flag("Whether FIPS endpoints are used. Without it `AWS_USE_FIPS_ENDPOINT`."),
        )
        .attribute(
            "use_dualstack_endpoint",
            flag(
                "Whether endpoints that also speak IPv6 are used. Without it \
                 `AWS_USE_DUALSTACK_ENDPOINT`.",
            ),
        )
}

fn way_out(block: Block) -> Block {
    block
        .attribute(
            "http_proxy",
            text("The proxy for `http` addresses; `\"\"` is none. Without it `HTTP_PROXY`."),
        )
        .attribute(
            "https_proxy",
            text("The proxy for `https` addresses; `\"\"` is none. Without it `HTTPS_PROXY`."),
        )
        .attribute(
            "no_proxy",
            text(
                "Hosts reached directly, separated by commas. Without it `NO_PROXY`. This machine \
                 always is.",
            ),
        )
        .attribute(
            "custom_ca_bundle",
            text(
                "A PEM file with the authorities to trust in place of the system's. Without it \
                 `AWS_CA_BUNDLE`.",
            ),
        )
        .attribute(
            "insecure",
            flag(
                "Whether certificates go unchecked. Only `false` is accepted; trust a certificate \
                 with `custom_ca_bundle`.",
            ),
        )
        .attribute(
            "user_agent",
            texts(
                "Products named to AWS in front of the SDK, `name/version (comment)`. \
                 `TF_APPEND_USER_AGENT` is added.",
            ),
        )
        .attribute(
            "tag_policy_compliance",
            text("Only `disabled` is accepted; tags are required by the control `required_tags`."),
        )
}

fn roles(block: Block) -> Block {
    let session = |block: Block| {
        block
            .attribute("role_arn", text("The role."))
            .attribute("session_name", text("What the session is called."))
            .attribute("duration", text("How long the session lasts, `15m` to `12h`."))
            .attribute("policy", text("A policy that narrows the session, as JSON."))
            .attribute("policy_arns", set("Managed policies that narrow the session."))
    };
    let role = session(Block::new("A role to assume. Several blocks are assumed one after the other."))
        .attribute("external_id", text("The id the role's trust policy may ask for."))
        .attribute("source_identity", text("The identity kept through further sessions."))
        .attribute("tags", Attribute::optional(Type::map(Type::String)).describe("Tags of the session."))
        .attribute("transitive_tag_keys", set("The session tags that further sessions inherit."));
    let identity = session(Block::new("A role to assume with a token of an identity provider."))
        .attribute("web_identity_token", text("The token.").sensitive())
        .attribute("web_identity_token_file", text("The file that holds the token."));
    block
        .nested("assume_role", NestedBlock::list(role))
        .nested("assume_role_with_web_identity", once(identity))
}

fn tags(block: Block) -> Block {
    let default_tags = Block::new("Tags of every resource that can have some. A resource's own tags win.")
        .attribute(
            "tags",
            Attribute::optional(Type::map(Type::String))
                .describe("The tags. `TF_AWS_DEFAULT_TAGS_<key>` adds those that are not written here."),
        );
    let ignore_tags = Block::new("Tags that somebody else manages: neither planned nor shown nor removed.")
        .attribute("keys", set("Exact tag keys. `TF_AWS_IGNORE_TAGS_KEYS` adds to them."))
        .attribute(
            "key_prefixes",
            set("Beginnings of tag keys. `TF_AWS_IGNORE_TAGS_KEY_PREFIXES` adds to them."),
        );
    block.nested("default_tags", once(default_tags)).nested("ignore_tags", once(ignore_tags))
}

fn endpoints(block: Block) -> Block {
    let endpoints = Block::new("Addresses in place of AWS's own.")
        .attribute(
            "kms",
            text("The address of KMS. Without it `AWS_ENDPOINT_URL_KMS`, then `AWS_ENDPOINT_URL`."),
        )
        .attribute(
            "organizations",
            text(
                "The address of Organizations. Without it `AWS_ENDPOINT_URL_ORGANIZATIONS`, then \
                 `AWS_ENDPOINT_URL`.",
            ),
        )
        .attribute(
            "sts",
            text("The address of STS. Without it `AWS_ENDPOINT_URL_STS`, then `AWS_ENDPOINT_URL`."),
        );
    block.nested("endpoints", NestedBlock::list(endpoints))
}

fn ours(block: Block) -> Block {
    block
        .attribute("controls", controls())
        .attribute("waivers", waivers())
        .attribute(
            "enforcement",
            text("What a violated control does to a plan: `enforce` refuses it (the default), `warn` warns."),
        )
        .attribute("environment", text("The environment of resources that name none."))
        .attribute(
            "allowed_environments",
            set("The environments that resources may name. Without it `dev`, `staging` and `prod`."),
        )
        .attribute("policies_directory", text("The folder in which policy files named without a folder are."))
        .attribute(
            "alias_format",
            text(&format!(
                "How an alias is made of `{{environment}}`, `{{team}}`, `{{function}}` and `{{purpose}}`; without it \
                 `{DEFAULT_ALIAS_FORMAT}`."
            )),
        )
}

/// Of any type for Terraform, so that what a control does not have is refused
/// and not dropped; documented as one optional object per control, with one
/// optional attribute per setting.
fn controls() -> Attribute {
    let controls = CONTROLS.iter().map(|control| (control.argument(), control_settings(*control)));
    Attribute::optional(Type::Dynamic).shape(Nested::single(controls)).describe(
        "Settings of the controls. A control that is not written here has its defaults, which are strict.",
    )
}

fn control_settings(control: &dyn Control) -> Attribute {
    let settings = control.settings().iter().map(|spec| (spec.name, setting(spec)));
    let doc = control.doc();
    Attribute::optional(Nested::single(settings)).describe(format!("{}: {}", doc.title, doc.requires))
}

fn setting(spec: &SettingSpec) -> Attribute {
    let ty = match spec.kind {
        SettingKind::Bool => Type::Bool,
        SettingKind::Text => Type::String,
        SettingKind::Integer { .. } => Type::Number,
        SettingKind::Texts => Type::set(Type::String),
        SettingKind::TextByName => Type::map(Type::String),
        SettingKind::TextsByName => Type::map(Type::set(Type::String)),
    };
    let required = spec.kind.expected();
    Attribute::optional(ty)
        .describe(format!("{} Required is {required}; the default is {}.", spec.doc, spec.default))
}

fn waivers() -> Attribute {
    let waiver = [
        ("control", required("The id of the control, such as `key-rotation`.")),
        ("key", required("The key: an alias name, a key id or a key ARN.")),
        ("reason", required("Why it is accepted.")),
        ("approved_by", required("Who accepted it.")),
        ("expires", required("The last day on which it holds, as `2027-01-31`.")),
    ];
    Attribute::optional(Nested::list(waiver)).describe(
        "Violations, and verdicts that cannot be had (`unknown`), that somebody answers for until a date. They are \
         reported as waived, and after that date again as what they are.",
    )
}

fn once(block: Block) -> NestedBlock {
    NestedBlock::new(BlockNesting::List { min: 0, max: 1 }, block)
}

fn required(description: &str) -> Attribute {
    Attribute::required(Type::String).describe(description)
}

fn text(description: &str) -> Attribute {
    Attribute::optional(Type::String).describe(description)
}

fn flag(description: &str) -> Attribute {
    Attribute::optional(Type::Bool).describe(description)
}

fn number(description: &str) -> Attribute {
    Attribute::optional(Type::Number).describe(description)
}

fn texts(description: &str) -> Attribute {
    Attribute::optional(Type::list(Type::String)).describe(description)
}

fn set(description: &str) -> Attribute {
    Attribute::optional(Type::set(Type::String)).describe(description)
}

const DESCRIPTION: &str = "KMS keys that are compliant by construction, fenced by proven organisation policies, \
                           and audited as data.";
