//! The arguments and results of the data source `kms_org_guardrails`.

use crate::provider::resources::kms_org_guardrails::schema::{arguments, drawn};
use crate::tf::schema::Nested;
use crate::tf::{Attribute, Block, Schema, Type};

pub(super) fn schema() -> Schema {
    let block = Block::new(
        "Guardrails without putting them in force: the documents that `kms_org_guardrails` would attach, generated \
         and proven without asking AWS, and what is in force on a target today.",
    );
    Schema::new(today(drawn(arguments(block))).attribute(
        "ou_map",
        Attribute::optional(Type::map(Type::list(Type::String))).describe(
            "What would hang where, as in the resource. Keys are `root`, names of `environments`, and ids of units.",
        ),
    ))
}

fn today(block: Block) -> Block {
    block
        .attribute(
            "organization_id",
            Attribute::optional_computed(Type::String).describe(
                "The id of the organisation; with `root_id` the documents are made without asking AWS.",
            ),
        )
        .attribute("root_id", Attribute::optional_computed(Type::String).describe("The id of the root."))
        .attribute(
            "target_id",
            Attribute::optional(Type::String).describe(
                "A root, an organizational unit or an account: what is in force there today is read.",
            ),
        )
        .attribute(
            "ou_path",
            Attribute::computed(Type::String)
                .describe("The path of `target_id`; of an account that of its parent."),
        )
        .attribute("direct_policies", policies("The policies attached to `target_id`."))
        .attribute("inherited_policies", policies("The policies attached above it, from the root downwards."))
}

fn policies(what: &str) -> Attribute {
    let text = |what: &str| Attribute::computed(Type::String).describe(what);
    Attribute::computed(Nested::list([
        ("id", text("The id of the policy.")),
        ("name", text("Its name.")),
        ("type", text("`SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`.")),
        ("content", text("The policy as JSON.")),
        ("target_id", text("Where it hangs.")),
        ("aws_managed", Attribute::computed(Type::Bool).describe("Whether it is AWS's own.")),
    ]))
    .describe(what)
}
