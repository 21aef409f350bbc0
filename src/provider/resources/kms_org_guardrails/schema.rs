//! What `kms_org_guardrails` looks like in a configuration.

use crate::guardrails::plan::NAME_PREFIX;
use crate::provider::resources::kms_org_guardrails::timeouts;
use crate::tf::schema::Nested;
use crate::tf::{Attribute, Block, Schema, Type, Value};

/// The schema of the resource.
pub(super) fn schema() -> Schema {
    let block = Block::new(
        "Guardrails for every key of the organisation: service and resource control policies generated from the \
         provider's controls, packed into AWS's quotas, proven by evaluation, and attached before anything older is \
         detached. Only what was proven is attached.",
    );
    Schema::new(results(handling(arguments(block))).nested("timeouts", timeouts::block()))
}

/// What is wanted; the data source takes the same.
pub(crate) fn arguments(block: Block) -> Block {
    let block = block
        .attribute(
            "environments",
            Attribute::optional(Type::map(Type::String)).describe(
                "The place of each environment by its name: the id of an organizational unit, or its path. Defaults \
                 to the `environments` of the provider's control `environment_boundary`.",
            ),
        )
        .attribute(
            "policies",
            Attribute::optional(Type::map(Type::String)).describe(
                "Policies written by hand, as JSON by name. Those that `ou_map` names are attached beside the \
                 generated ones; whether one is a service or a resource control policy is read from it.",
            ),
        )
        .attribute(
            "policy_types",
            Attribute::optional(Type::set(Type::String)).describe(
                "The kinds of policy to make, `SERVICE_CONTROL_POLICY` and `RESOURCE_CONTROL_POLICY`; both unless \
                 set.",
            ),
        )
        .attribute(
            "exempt_principal_arns",
            Attribute::optional(Type::set(Type::String)).describe(
                "ARNs of roles and users that every guardrail spares. With `*` for the account they count in service \
                 control policies alone, and roles of these names are protected against being made or changed by \
                 others.",
            ),
        )
        .attribute(
            "role_administrator_arns",
            Attribute::optional(Type::set(Type::String)).describe(
                "Who, besides the exempt themselves, may make and change exempt roles. Unless set: the role by which \
                 AWS Organizations opens new accounts, `arn:aws:iam::*:role/OrganizationAccountAccessRole`.",
            ),
        );
    limits(block)
}

fn limits(block: Block) -> Block {
    let number = || Attribute::optional(Type::Number);
    block
        .attribute(
            "name_prefix",
            Attribute::optional_computed(Type::String).default(NAME_PREFIX).requires_replace().describe(
                "What the names of the policies begin with: 1 to 64 letters, digits and `_.:/=+-@`. Guardrails that are in force under it and \
                 not in the state are never taken over. Changing it replaces the resource, which `deletion_protection` \
                 refuses; use `create_before_destroy` then.",
            ),
        )
        .attribute(
            "max_policy_characters",
            number().describe("The most characters of a policy, where an organisation has less than AWS's quota."),
        )
        .attribute(
            "max_policies_per_target",
            number().describe(
                "The most policies of one kind on a target, others' included, where an organisation has less than \
                 AWS's quota.",
            ),
        )
}

fn handling(block: Block) -> Block {
    block
        .attribute(
            "ou_map",
            Attribute::required(Type::map(Type::list(Type::String))).describe(
                "What hangs where. Keys: `root`, the name of an environment, or the id of a root, an organizational \
                 unit or an account. Values: controls such as `key-rotation`, and names from `policies`.",
            ),
        )
        .attribute(
            "description",
            Attribute::optional_computed(Type::String)
                .default("Generated and proven by keyrail; change the configuration, not the policy")
                .describe("The description of every policy, 1 to 512 characters."),
        )
        .attribute(
            "tags",
            Attribute::optional_computed(Type::map(Type::String))
                .default(Value::Map(std::collections::BTreeMap::new()))
                .describe(
                    "Further tags of every policy, at most 48 with those of the provider's `default_tags`: two of AWS's \
                     50 say whose a policy is, and what is left keeps the arguments for an import.",
                ),
        )
        .attribute(
            "tags_all",
            Attribute::computed(Type::map(Type::String))
                .describe("The tags with those of the provider's `default_tags`. Our own, `keyrail:…`, are not shown."),
        )
        .attribute(
            "enable_policy_types",
            Attribute::optional_computed(Type::Bool)
                .default(true)
                .describe("Whether kinds of policy that are needed and off are switched on. They are never switched off."),
        )
        .attribute(
            "deletion_protection",
            Attribute::optional_computed(Type::Bool)
                .default(true)
                .describe("Whether Terraform refuses to take the guardrails away. Switch it off and apply before a destroy."),
        )
}

fn results(block: Block) -> Block {
    let kept = |what: &str| Attribute::computed(Type::String).keep_prior().describe(what);
    let block = block
        .attribute("id", kept("The prefix by which the policies are known; the id for import."))
        .attribute("organization_id", kept("The id of the organisation."))
        .attribute("root_id", kept("The id of the root."));
    drawn(block).attribute(
        "quota",
        Attribute::computed(Nested::map([
            (
                "used",
                Attribute::computed(Type::Number).describe("Policies attached, those of others included."),
            ),
            ("others", Attribute::computed(Type::Number).describe("Policies attached that are not ours.")),
            ("limit", Attribute::computed(Type::Number).describe("The most there may be.")),
        ]))
        .describe("Attachments by target and kind of policy, such as `r-ab12 SERVICE_CONTROL_POLICY`."),
    )
}

/// What was generated and proven; the data source shows the same.
pub(crate) fn drawn(block: Block) -> Block {
    let text = |what: &str| Attribute::computed(Type::String).describe(what);
    block
        .attribute(
            "documents",
            Attribute::computed(Nested::map([
                ("id", text("The id of the policy.")),
                ("arn", text("The ARN of the policy.")),
                ("type", text("`SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`.")),
                ("content", text("The policy as minified JSON, as it is sent.")),
                ("characters", Attribute::computed(Type::Number).describe("The characters that AWS counts.")),
                ("targets", Attribute::computed(Type::set(Type::String)).describe("Where it hangs.")),
            ]))
            .describe("The policies by name."),
        )
        .attribute(
            "ou_paths",
            Attribute::computed(Type::map(Type::String)).describe("The path of each environment's place, by name."),
        )
        .attribute(
            "proof",
            Attribute::computed(Type::map(Type::Number)).describe(
                "How many requests were judged, by control; `availability` for ordinary use that stays possible, \
                 `undo` for what takes the guardrails away again.",
            ),
        )
        .attribute(
            "not_expressible",
            Attribute::computed(Type::map(Type::list(Type::String)))
                .describe("What no policy can express, by control, and why."),
        )
        .attribute(
            "notices",
            Attribute::computed(Type::list(Type::String))
                .describe("Exemptions that one kind of policy does not take, and why."),
        )
}
